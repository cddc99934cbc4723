"""Mathematics in writing: a graph's formulas and the chain rule along its paths, as text, LaTeX and Python.

An expression is a tree of ``terms``; ``notation`` makes one of each operation, ``textbook`` of each local derivative,
``rewrite`` simplifies it, ``printers`` write it with the names of ``identifiers`` and ``names``, ``python_source`` as
Python.
``paths`` finds the paths of a derivative, ``factor_terms`` and ``derivation`` their formulas; ``render_text`` and
``render_latex`` put them into lines, with a ``cross_check`` of the number. ``explain`` and ``formula`` are the public face.
"""
