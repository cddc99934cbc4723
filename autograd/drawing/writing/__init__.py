"""Mathematics in writing: a graph's formulas and the chain rule along its paths, as text, LaTeX and Python.

An expression is a tree of ``terms``; ``notation`` makes one of each operation, ``textbook`` of each local
derivative, ``algebra`` simplifies it, ``styles`` writes it with the names of ``symbols`` and ``names``, ``source`` as
Python. ``paths`` finds the paths of a derivative, ``writer`` and ``derivation`` their formulas, and ``told`` and
``told_latex`` put them into lines, with a ``second_opinion`` on the number.
"""
