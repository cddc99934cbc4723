"""What a solver is given: a function of unknowns, which are nested in any way, as equations between lists of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, TypeVar

from autograd.graph import number_of
from autograd.interop.coerce import describe
from autograd.modes import context
from autograd.modes.anomaly import suspend_anomaly
from autograd.modes.context import no_grad
from autograd.transforms.call import calling, is_scalar, name_of
from autograd.transforms.scan import difference
from autograd.transforms.trees import flatten, flatten_like
from autograd.transforms.types import Function, Scalar
from autograd.value import Value, as_operand

T = TypeVar("T")


class UserEquations:
    """f(x, *args) = 0, of which each call is for a solver called ``who``; x0 says how x is nested."""

    def __init__(self, who: str, f: Function, x0: object, args: Sequence[object]):
        if not callable(f):
            raise TypeError(f"{who}: f must be a function of x and args, got {describe(f)}; give the function itself")
        self.who, self.f, self.x0, self.args = who, f, x0, args
        leaves, self.rebuild = flatten(x0)
        self.start = [as_data(x, f"{who}: x0") for x in leaves]
        if not leaves:
            raise ValueError(f"{who}: x0 must hold a number, got {describe(x0)}")
        self.name = name_of(f)

    def __call__(self, xs: Sequence[Scalar]) -> list[Scalar]:
        """What f gives at these unknowns."""
        result = self.f(self.rebuild(xs), *self.args)
        if problem := difference(result, self.x0, f"{self.name}(x)"):
            raise TypeError(
                f"{self.who}: {problem}; {self.name} returns what has the structure of x0, a number for each of x"
            )
        return [as_operand(r, f"{self.who}: {self.name}(x)") for r in flatten_like(result, self.x0, "")]

    def linearised(self, xs: Sequence[Scalar]) -> tuple[list[Scalar], list[list[Scalar]]]:
        """The residuals at xs and their Jacobian; floats, but while a function is compiled."""
        with ExitStack() as within:
            if not context.tracer():
                within.enter_context(suspend_anomaly())
                within.enter_context(no_grad())
            call = within.enter_context(calling(self, 0, (list(xs),), {}, self.who))
            _, residuals, _ = self._noted(call.outputs)
            rows = [call.gradients(r) for r in residuals]
        if context.tracer():
            return list(residuals), [list(row) for row in rows]
        return list(map(number_of, residuals)), [list(map(number_of, row)) for row in rows]

    def _noted(self, run: Callable[[], T]) -> T:
        """What this gives; an error says whose step it comes from, where that is a scan's that the user hasn't written."""
        try:
            return run()
        except TypeError as error:
            if context.tracer():
                error.add_note(f"in {self.who}({self.name}, …), whose steps are a scan while a function is compiled")
            raise


def as_data(x: object, where: str) -> Scalar:
    """A number without its derivatives: a Value only while a function is compiled."""
    number = as_operand(x, where)
    return number if context.tracer() else number_of(number)


def data_of(x: object, where: str) -> Scalar:
    """The same, of a single number."""
    if not is_scalar(x):
        raise TypeError(f"{where} must be a number, got {describe(x)}")
    return as_data(x, where)


def shown(x: Any) -> str:
    """A structure of numbers in a message."""
    leaves, rebuild = flatten(x)
    text = repr(rebuild([number_of(leaf) if isinstance(leaf, Value) else leaf for leaf in leaves]))
    return text if len(text) <= 200 else f"{text[:200]} …"
