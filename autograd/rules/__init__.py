"""The rules: what each operation's value is, and its local derivatives.

``table`` has a line for every operation; the values and partials that are longer than a line are functions in
``composites``, ``partials`` and ``special``, and ``ieee`` has arithmetic that never raises.

>>> from autograd.rules import FLOATS, RULES
>>> RULES["mul"].partials(FLOATS, 6.0, 2.0, 3.0)
(3.0, 2.0)
"""

from autograd.rules.table import FLOATS, RULES, Rule, rule_of

__all__ = ["FLOATS", "RULES", "Rule", "rule_of"]
