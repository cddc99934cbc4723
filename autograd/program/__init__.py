"""The straight-line program: a function and its derivatives as a list of operations, without machine code.

``instructions`` is that list and ``operations`` what each computes. ``tape`` records it, ``lowering`` rewrites it in a
machine's operations, ``interpreter`` runs it. ``languages`` says how other languages write an operation and ``spelling``
how a name, ``printer`` prints expressions in them, ``export`` makes functions of these, and ``program`` is the public
class, saved as JSON; ``checks`` says what may be loaded. ``rolled`` is a program with its loops found again and ``loops``
what it is made of; ``rolling`` finds them, with ``runs`` of equal blocks, their ``periods``, and ``tables`` of constants.
``storage`` says which of their values are in arrays, and ``listing`` makes statements of them: ``on_paper`` prints these,
``source`` writes them in a language's ``syntax`` and ``equations`` in LaTeX.
"""
