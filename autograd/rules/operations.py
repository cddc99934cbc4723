"""The types of the rules: the numbers they compute with, and ``m``, the operations on one kind of number.

A rule is generic in ``N``, the kind of number: ``float``, ``Value | float``, the compiler's symbols or a printer's
terms. Every kind mixes with floats, for rules have constants: an argument that may be one is an ``Operand[N]``.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, Self, TypeAlias, TypeVar, Union


class Real(Protocol):
    """What rules ask of a kind of number: arithmetic and order, with its own kind and with floats."""

    def __neg__(self) -> Self: ...
    def __add__(self, other: Self | float, /) -> Self: ...
    def __radd__(self, other: float, /) -> Self: ...
    def __sub__(self, other: Self | float, /) -> Self: ...
    def __rsub__(self, other: float, /) -> Self: ...
    def __mul__(self, other: Self | float, /) -> Self: ...
    def __rmul__(self, other: float, /) -> Self: ...
    # A comparison gives a bool, or one answer for every lane: only ``m.where`` may look at it.
    def __eq__(self, other: object, /) -> bool: ...
    def __lt__(self, other: Self | float, /) -> object: ...
    def __le__(self, other: Self | float, /) -> object: ...
    def __gt__(self, other: Self | float, /) -> object: ...
    def __ge__(self, other: Self | float, /) -> object: ...


N = TypeVar("N", bound=Real)
Operand: TypeAlias = Union[N, float]  # noqa: UP007 - a generic alias


class Operations(Generic[N]):
    """The namespace ``m``: a function for every operation of the rule table, on one kind of number.

    >>> import math
    >>> m: Operations[float] = Operations(exp=math.exp)
    >>> m.exp(0.0)
    1.0
    """

    where: Callable[[object, Operand[N], Operand[N]], N]
    directions: Callable[..., list[N]]
    softmaxes: Callable[..., list[N]]

    def __init__(self, **functions: Callable[..., object]):
        vars(self).update(functions)

    if TYPE_CHECKING:

        def __getattr__(self, name: str, /) -> Callable[..., N]: ...


class Composite(Protocol):
    """A value as a formula, ``form(m, *operands)``; every operation has its own number of operands."""

    def __call__(self, m: Operations[N], /, *operands: Any, **none: Any) -> N: ...


class Partials(Protocol):
    """``partials(m, y, *operands)``: one local derivative for each operand, ``y`` being the result."""

    def __call__(self, m: Operations[N], y: Operand[N], /, *operands: Any, **none: Any) -> Sequence[Operand[N]]: ...
