"""Conditions: what comparisons of Values give while a function is traced, and the operations that choose by them.

A ``Condition`` stands for the bool. ``where`` takes it as it is and records both sides; ``bool()`` of it, as ``if`` and
``while`` ask for, notes a *guard*: the program holds only where the comparison comes out the same way. ``&``, ``|``, ``^``
and ``~`` of conditions are comparisons again, of 0 and a number that is recorded as 1 where they hold: so masks, guards and
derivatives know comparisons alone.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, Never, TypeAlias, TypeVar

from autograd.graph import number_of
from autograd.interop.coerce import as_bool, as_number, is_number, out_of_array
from autograd.program.operations import COMPARISONS
from autograd.rules.operations import N, Operand, Operations
from autograd.rules.table import Rule
from autograd.transforms.types import Scalar
from autograd.value import Value, record


class TraceError(TypeError):
    """Something that leaves the graph while a function is traced."""


class BranchError(RuntimeError):
    """A function that took more branches than ``max_branches``, or that branches without end. ``line`` is its first."""

    def __init__(self, message: str, line: str = ""):
        super().__init__(message)
        self.line = line


def _chooser(op: str) -> Rule:
    """``a`` where the comparison of left and right holds, else ``b``: what ``where`` records in a trace."""
    holds: Callable[[Any, Any], bool] = COMPARISONS[op]

    def value(left: float, right: float, a: float, b: float) -> float:
        return a if holds(left, right) else b

    def partials(m: Operations[N], _: Operand[N], left: N, right: N, *sides: N) -> Sequence[Operand[N]]:
        del sides
        condition = holds(left, right)
        return 0.0, 0.0, m.where(condition, 1.0, 0.0), m.where(condition, 0.0, 1.0)

    return Rule(f"where_{op}", value, partials, "where", lambda m, left, right, a, b: m.where(holds(left, right), a, b))


CHOOSERS = {op: _chooser(op) for op in COMPARISONS}
COMPARISON_OF = {rule: op for op, rule in CHOOSERS.items()}
# Nodes through which derivatives go by selection or not at all: a product with 0 is nan where the other factor is inf.
# What ``stop_gradient`` records in a trace: the number of each call.
STOP = Rule("stop_gradient", lambda x: x, lambda *_: (0.0,), "stop", lambda _, x: x)
SELECTIONS = frozenset({*COMPARISON_OF, STOP})

T = TypeVar("T")
Combine: TypeAlias = "Callable[[Condition, T], Condition | bool]"
SIGNS = {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}
LOGICAL: dict[str, Callable[..., object]] = {
    **dict.fromkeys(("logical_and", "bitwise_and"), operator.and_),
    **dict.fromkeys(("logical_or", "bitwise_or"), operator.or_),
    **dict.fromkeys(("logical_xor", "bitwise_xor", "not_equal"), operator.xor),
    **dict.fromkeys(("logical_not", "invert"), operator.invert),
}


def _refused(what: str) -> Callable[..., Never]:
    """The method for what a bool can do as a number and a condition can't."""

    def method(self: Condition, *_: object) -> Never:
        raise TraceError(f"{what} of {self!r}: in a traced function a comparison isn't a number; {self.way_out}")

    return method


def _combined(sign: str, both: Combine[Condition], known: Combine[bool]) -> Any:
    """``a & b`` of two conditions, and of a condition and a bool that is known while f is traced."""

    def method(self: Condition, other: object) -> object:
        if isinstance(other, Condition):
            return both(self, other)
        return known(self, as_bool(other, f"{sign} of {self!r}: the other side"))

    return method


def _equality(sign: str, method: Callable[[Condition, object], object]) -> Any:
    """Of conditions and bools; nothing else is equal to a condition, but for numbers, which are refused."""

    def equality(self: Condition, other: object) -> object:
        if is_number(other) or isinstance(other, Value):
            _refused(sign)(self)
        return method(self, other) if isinstance(out_of_array(other), Condition | bool) else NotImplemented

    return equality


class Condition:
    """A comparison of Values in a trace: ``where`` takes it for all lanes; ``bool()`` follows the traced numbers."""

    __slots__ = ("left", "note", "op", "outcome", "right")

    way_out = "where(condition, a, b) chooses between two numbers"

    def __init__(self, note: Callable[[Condition], None], op: str, left: Scalar, right: Scalar):
        self.note, self.op, self.left, self.right = note, op, left, right
        self.outcome = bool(COMPARISONS[op](number_of(left), number_of(right)))

    def __bool__(self) -> bool:
        self.note(self)
        return self.outcome

    def __repr__(self) -> str:
        left, right = [str(x.name or x._number) if isinstance(x, Value) else str(x) for x in (self.left, self.right)]
        return f"Condition({left} {SIGNS[self.op]} {right})"

    def choose(self, a: object, b: object) -> Value:
        """``a`` where it holds, else ``b``: a node that has both."""
        sides = [x if isinstance(x, Value) else as_number(x, "where: a side") for x in (a, b)]
        chosen = sides[not self.outcome]
        return record(CHOOSERS[self.op], number_of(chosen), (self.left, self.right, *sides))

    def indicator(self) -> Value:
        """1 where it holds, 0 elsewhere."""
        return self.choose(1.0, 0.0)

    def _either(self, a: Value | float, b: Value | float) -> Condition:
        """What holds where the chosen one of two indicators is 1."""
        return Condition(self.note, "lt", 0.0, self.choose(a, b))

    def __invert__(self) -> Condition:
        return self._either(0.0, 1.0)

    __and__ = __rand__ = _combined("&", lambda a, b: a._either(b.indicator(), 0.0), lambda a, b: a if b else False)
    __or__ = __ror__ = _combined("|", lambda a, b: a._either(1.0, b.indicator()), lambda a, b: True if b else a)
    __xor__ = __rxor__ = _combined("^", lambda a, b: a._either((~b).indicator(), b.indicator()), lambda a, b: ~a if b else a)
    __eq__ = _equality("==", lambda a, b: ~a ^ b)
    __ne__ = _equality("!=", lambda a, b: a ^ b)
    __hash__ = object.__hash__

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: object, **_: object) -> Any:
        """``np.logical_and(a, b)``, ``np.True_ & a`` and their kin, element by element."""
        import numpy as np

        combine = LOGICAL.get(ufunc.__name__)
        if combine is None or method != "__call__":
            _refused(f"np.{ufunc.__name__}")(self)
        return np.frompyfunc(combine, ufunc.nin, 1)(*[np.asarray(out_of_array(x), dtype=object) for x in inputs])

    def __radd__(self, other: object) -> int:
        """``sum(conditions)`` counts them, each by its bool."""
        return other + bool(self) if isinstance(other, int) else _refused("+")(self)

    __add__, __sub__, __rsub__ = _refused("+"), _refused("-"), _refused("-")
    __mul__, __rmul__, __truediv__, __rtruediv__ = _refused("*"), _refused("*"), _refused("/"), _refused("/")
    __floordiv__, __rfloordiv__, __mod__, __rmod__ = _refused("//"), _refused("//"), _refused("%"), _refused("%")
    __pow__, __rpow__, __divmod__, __rdivmod__ = _refused("**"), _refused("**"), _refused("divmod"), _refused("divmod")
    __lt__, __le__, __gt__, __ge__ = _refused("<"), _refused("<="), _refused(">"), _refused(">=")
    __neg__, __pos__, __abs__, __round__ = _refused("-"), _refused("+"), _refused("abs"), _refused("round")
    __float__, __int__, __complex__, __index__ = (
        _refused("float"),
        _refused("int"),
        _refused("complex"),
        _refused("an index"),
    )
