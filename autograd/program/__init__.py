"""The straight-line program: a function and its derivatives as a list of operations, without machine code.

``tape`` writes a program, ``lowering`` rewrites it in a machine's operations, ``interpreter`` runs it, ``export`` prints
it in other languages.
"""
