"""From a program to the text of LLVM: passes over the program, then functions of bounded size."""
