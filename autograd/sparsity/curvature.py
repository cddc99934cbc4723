"""Curvature: the pairs of an operation's operands by which its second derivative isn't 0 throughout.

They follow from the rule table: a pair is curved where the local derivative by one operand varies with the other. So a
rule's partials are evaluated on symbols that only know what they vary with.

>>> from autograd.rules.table import RULES
>>> [curved(RULES[name], (True, True)) for name in ("add", "mul", "div", "maximum")]
[(), ((0, 1),), ((0, 1), (1, 1)), ()]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, TypeAlias

from autograd.rules.operations import Operations
from autograd.rules.table import RULES, Digits, Rule

Pairs: TypeAlias = tuple[tuple[int, int], ...]


class Varying:
    """A number of a formula: the operands with which it varies, but for jumps."""

    __slots__ = ("operands",)

    def __init__(self, *operands: int):
        self.operands = frozenset(operands)

    def _with(self, other: object) -> Varying:
        return union(self, other)

    def _alone(self) -> Varying:
        return self

    def _compared(self, other: object) -> Varying:  # noqa: ARG002
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _with
    __truediv__ = __rtruediv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = _with
    __neg__ = _alone
    __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _compared  # type: ignore[assignment]
    __hash__ = object.__hash__


def union(*numbers: object) -> Varying:
    """What is computed from these."""
    return Varying(*[k for x in numbers if isinstance(x, Varying) for k in x.operands])


def _chosen(condition: object, a: object, b: object) -> object:
    """Of two: a choice jumps, and doesn't vary with what it is made by. A constant or nan is that constant."""
    if isinstance(condition, bool):
        return a if condition else b
    if isinstance(a, float) and isinstance(b, float) and (a != a or b != b):
        return b if a != a else a
    return union(a, b)


class Formulas(Operations[Any]):
    """The rule table's ``m`` on such numbers; ``moves(rule, k)`` says whether an operation varies with its k-th operand."""

    def __init__(self, moves: Callable[[Rule, int, int], bool]):
        super().__init__(where=_chosen)
        self.moves = moves
        self.directions = self.softmaxes = lambda *xs: [union(*xs)] * len(xs)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in RULES:
            raise AttributeError(name)
        function = partial(self._applied, RULES[name])
        setattr(self, name, function)
        return function

    def _applied(self, rule: Rule, *xs: object) -> Varying:
        return union(*[x for k, x in enumerate(xs) if isinstance(x, Varying) and self.moves(rule, k, len(xs))])

    def partials(self, rule: Rule, variable: Sequence[bool]) -> Sequence[object]:
        """The local derivatives, of operands that are variable or constants."""
        operands = [Varying(k) if each else Varying() for k, each in enumerate(variable)]
        return rule.partials(self, union(*operands), *operands)


@lru_cache(1024)
def _moves(rule: Rule, k: int, count: int) -> bool:
    """Whether an operation isn't flat in its k-th operand, as a step is: 0 wherever it has a derivative."""
    derivative = _EVERY.partials(rule, (True,) * count)[k]
    return not (isinstance(derivative, float) and derivative == 0.0)


_EVERY = Formulas(lambda *_: True)
_FORMULAS = Formulas(_moves)


@lru_cache(1024)
def curved(rule: Rule, variable: tuple[bool, ...]) -> Pairs:
    """The pairs, the smaller index first, of the operands that are variable; all of them for a user's primitive."""
    if rule.source is not None and not isinstance(rule.source, Digits):
        varying = [k for k, each in enumerate(variable) if each]
        return tuple([(j, k) for k in varying for j in varying if j <= k])
    partials = enumerate(_FORMULAS.partials(rule, variable))
    found = {(min(j, k), max(j, k)) for k, p in partials if variable[k] and isinstance(p, Varying) for j in p.operands}
    return tuple(sorted(found))
