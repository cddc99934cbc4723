"""Mathematics in writing: a graph's formulas and the chain rule along its paths, as text, LaTeX and Python.

``explain`` and ``formula`` are the public functions. Below them:

- An expression is a tree of ``terms``. ``notation`` makes the term of an operation, ``textbook`` those of its local
  derivatives, ``rewrite`` simplifies them.
- ``printers`` write a term as text or LaTeX, with the names of ``names`` and ``identifiers``; ``python_source`` writes a
  graph as Python.
- A ``derivation`` is the chain rule of one derivative: its ``paths`` and the formulas of their factors (``factor_terms``).
  ``render_text`` and ``render_latex`` put it into lines, ``cross_check`` compares its number with others.
"""
