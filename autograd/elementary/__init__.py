"""Functions of our own: exp, log, sin and their kin as lines of LLVM text, the same bits on every machine that fuses."""
