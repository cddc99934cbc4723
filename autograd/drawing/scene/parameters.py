"""Guesses from scopes and names which leaves are parameters, and which are inputs.

>>> from autograd import Value
>>> x, w1, b = Value(1.0, name="x"), Value(2.0, name="w1"), Value(3.0, name="b")
>>> [leaf.name for leaf in (x, w1, b) if leaf in guess_parameters([x, w1, b])]
['w1', 'b']
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograd.value import Value

_WEIGHT = re.compile(r"(w|weight|θ|theta)[\W_\d₀-₉]*", re.IGNORECASE)
_BIAS = re.compile(r"(b|bias)[\W_\d₀-₉]*", re.IGNORECASE)
_DATA = re.compile(r"(x|y|input|target)([\W_\d₀-₉].*)?", re.IGNORECASE)


def guess_parameters(leaves: Iterable[Value]) -> set[Value]:
    """Leaves that belong to a group and aren't called x or y, and those called w11, θ₀, or b where there are w's."""
    parameters: set[Value] = set()
    biases = []
    for leaf in leaves:
        name = (leaf.name or "").rpartition(".")[2]
        if _WEIGHT.fullmatch(name) or (leaf.scope is not None and not _DATA.fullmatch(name)):
            parameters.add(leaf)
        elif is_bias(leaf):
            biases.append(leaf)
    return parameters.union(biases) if parameters else parameters


def is_bias(node: Value) -> bool:
    """Whether it is a leaf called b or bias, with a number or without.

    >>> is_bias(Value(0.0, name="layer0.neuron1.b")), is_bias(Value(0.0, name="x"))
    (True, False)
    """
    return node._rule is None and _BIAS.fullmatch((node.name or "").rpartition(".")[2]) is not None
