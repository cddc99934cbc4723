"""What Python's ``statistics`` asks of its data, for Values: mean, variance and deviation then are Values too.

It adds up fractions, ``x.as_integer_ratio()``, which have no graph. But a number that has none, as inf, may say
``(x, None)``, and then it adds up the x themselves: a ``Sample`` collects them, and is divided by their count at the end.
Any other use of it is a TypeError, so that nothing is computed from a part of the data.

>>> import statistics
>>> from autograd import Value
>>> x = Value(1.0); y = statistics.variance([x, Value(2.0), Value(6.0)]); y.backward()
>>> y.data, x.grad
(7.0, -2.0)
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, NoReturn


class ExactRatio:
    """The methods by which ``statistics`` takes a number apart."""

    __slots__ = ()

    def as_integer_ratio(self) -> tuple[Sample, None]:
        """For ``statistics`` alone: a Value has no exact ratio, as it has a graph."""
        return Sample([self]), None

    @property
    def numerator(self) -> SquareRoot:
        """For ``statistics.stdev`` alone, which takes the root of a fraction of integers."""
        return SquareRoot(self)

    @property
    def denominator(self) -> int:
        """See ``numerator``."""
        return 1


class Sample:
    """The Values that ``statistics`` adds up, or of which it adds up the squares."""

    def __init__(self, values: list[Any]):
        self.values, self.squared = values, False

    def __radd__(self, start: object) -> Sample:
        return self if start == 0 else _mixed()

    def __add__(self, other: object) -> Sample:
        if not isinstance(other, Sample):  # inf or nan, which has no ratio either
            _mixed()
        self.values += other.values
        return self

    def __mul__(self, other: object) -> Sample:
        """``statistics`` squares in order to find a variance: that is computed from the deviations here."""
        self.squared = True
        return Sample([])

    def is_finite(self) -> bool:
        """False, for only what isn't may have no ratio."""
        types = sys._getframe(2).f_locals.get("types", ())  # those that statistics found in the data
        return _mixed() if len(types) > 1 else False

    def __truediv__(self, divisor: int) -> Any:
        return self._all(sys._getframe(1)) / divisor

    def __rtruediv__(self, count: int) -> Any:
        return count / self._all(sys._getframe(1))

    def __le__(self, other: float) -> bool:
        return bool(self._total() <= other)

    def _all(self, caller: FrameType) -> Any:
        if caller.f_locals.get("n") != len(self.values):  # what isn't a Value has been added up elsewhere
            _mixed()
        return self._total()

    def _total(self) -> Any:
        m = self.values[0]._operations
        if not self.squared:
            return m.sum(*self.values)
        mean = m.mean(*self.values)
        return m.sum(*[m.square(x - mean) for x in self.values])


class SquareRoot:
    """A Value through the steps by which ``statistics`` finds the root of a fraction: √v at their end."""

    def __init__(self, value: Any):
        self.value = value

    def bit_length(self) -> int:
        """0: it is shifted by a number of bits that depends on this, and then back."""
        return 0

    def __lshift__(self, _: object) -> Any:
        return self

    __ror__ = __ne__ = __lshift__

    def __floordiv__(self, _: object) -> int:
        return 0

    def __truediv__(self, _: object) -> Any:
        return self.value.sqrt()

    def __bool__(self) -> NoReturn:
        raise TypeError("statistics: this Python takes the root of a variance another way; write variance(xs) ** 0.5")


def _mixed() -> NoReturn:
    raise TypeError(
        "statistics: the data are Values and plain numbers together, which it can't add up; "
        "make Values of all, [Value(x) …], or write sum(xs) / len(xs)"
    )
