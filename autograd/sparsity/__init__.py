"""Which derivatives can be other than 0, from the operations alone, and which of them one pass computes together."""
