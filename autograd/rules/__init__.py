"""The rules: what each operation's value is, and its local derivatives.

``table`` has a line for every operation; the values and partials that are longer than a line are functions in
``composites``, ``partials`` and ``special``. ``kinks`` has what they say at kinks and at the ends of domains, ``ieee``
arithmetic that never raises, ``operations`` the types of it all.

>>> from autograd.rules import FLOATS, RULES
>>> RULES["mul"].partials(FLOATS, 6.0, 2.0, 3.0)
(3.0, 2.0)
"""

from autograd.rules.table import *  # every operation by its name, as ADD
