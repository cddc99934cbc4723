"""Machine code of this process, and the memory it runs in."""
