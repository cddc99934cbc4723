"""``Expression``: a function as a few steps, which can be called, printed as Python and made at random.

>>> f = Expression(("x", "y"), (Step("a", "sin", ("x",)), Step("b", "mul", ("a", "a")), Step("c", "add", ("b", "y"))))
>>> print(f)
def f(x, y):
    a = sin(x)
    return (a * a) + y
>>> f(0.5, 1.0) == f.function()(Value(0.5), Value(1.0))
True
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, overload

from autograd import functions
from autograd.transforms.types import Scalar
from autograd.value import Value

if TYPE_CHECKING:
    from hypothesis.vendor.pretty import RepresentationPrinter

Argument: TypeAlias = str | float  # the name of a variable or of a step, or a constant

INFIX: dict[str, tuple[str, Callable[..., Value]]] = {
    "add": ("+", operator.add),
    "sub": ("-", operator.sub),
    "mul": ("*", operator.mul),
    "div": ("/", operator.truediv),
    "mod": ("%", operator.mod),
    "power": ("**", operator.pow),
}
WIDTH = 70  # characters of a step that is written where it is used


class Step(NamedTuple):
    """``target = operation(*operands)``, and that again on its own result, ``times`` in all.

    An operation is a name in INFIX or in ``autograd``; ``Value`` makes a node of a constant.
    """

    target: str
    operation: str
    operands: tuple[Argument, ...]
    times: int = 1

    def run(self, known: dict[str, Value]) -> Value:
        first, *others = (known[x] if isinstance(x, str) else x for x in self.operands)
        function = INFIX[self.operation][1] if self.operation in INFIX else getattr(functions, self.operation)
        result = function(first, *others)
        for _ in range(self.times - 1):
            result = function(result, *others)
        return result

    def source(self, operands: Sequence[str]) -> str:
        """The operation as Python."""
        if self.operation in INFIX:
            return f" {INFIX[self.operation][0]} ".join(_grouped(x) for x in operands)
        return f"{self.operation}({', '.join(operands)})"


def _grouped(text: str) -> str:
    """In parentheses unless it is a name, a call or a number without a sign."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == " " and depth == 0:
            return f"({text})"
    return f"({text})" if text.startswith("-") else text


@dataclass(frozen=True, repr=False)
class Expression:
    """A function of its ``variables`` by ``steps``, the last of which is its value; steps it doesn't need are dropped.

    Called with floats it returns a float, with ``Value``s a Value that records every step.
    """

    variables: tuple[str, ...]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", _needed(self.steps))

    @overload
    def __call__(self, *numbers: Value) -> Value: ...
    @overload
    def __call__(self, *numbers: float) -> float: ...
    @overload
    def __call__(self, *numbers: Scalar) -> Scalar: ...
    def __call__(self, *numbers: Scalar) -> Scalar:
        if len(numbers) != len(self.variables):
            raise TypeError(f"the expression takes {len(self.variables)} numbers, got {len(numbers)}")
        known = {v: x if isinstance(x, Value) else Value(x) for v, x in zip(self.variables, numbers, strict=True)}
        for step in self.steps:
            known[step.target] = step.run(known)
        result = known[self.steps[-1].target]
        return result if any(isinstance(x, Value) for x in numbers) else result.data

    @property
    def source(self) -> str:
        """A Python function of ``Value``s, to be run with the names of ``autograd``."""
        lines: list[str] = []
        written: dict[str, str] = {v: v for v in self.variables}
        uses = Counter(x for step in self.steps for x in (*step.operands, *step.operands[1:] * (step.times > 1)))
        for step in self.steps:
            operands = [written[x] if isinstance(x, str) else repr(x) for x in step.operands]
            if step.times > 1:
                again = step.source([step.target, *operands[1:]])
                lines += [f"{step.target} = {operands[0]}", f"for _ in range({step.times}):", f"    {step.target} = {again}"]
                written[step.target] = step.target
                continue
            text = step.source(operands)
            inline = (uses[step.target] == 1 and len(text) <= WIDTH) or step is self.steps[-1]
            lines += [] if inline else [f"{step.target} = {text}"]
            written[step.target] = text if inline else step.target
        body = [*lines, f"return {written[self.steps[-1].target]}"]
        return "\n    ".join([f"def f({', '.join(self.variables)}):", *body])

    def function(self) -> Callable[..., Value]:
        """The function that the source defines."""
        names = dict(vars(functions))
        exec(self.source, names)
        defined: Callable[..., Value] = names["f"]
        return defined

    def __repr__(self) -> str:
        return self.source

    def _repr_pretty_(self, printer: RepresentationPrinter, _: bool) -> None:
        """What hypothesis prints."""
        printer.text(self.source)


def _needed(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that the last one depends on."""
    names, needed = {steps[-1].target}, []
    for step in reversed(steps):
        if step.target in names:
            needed.append(step)
            names.update(x for x in step.operands if isinstance(x, str))
    return tuple(reversed(needed))
