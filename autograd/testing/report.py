"""The verdict on a derivative, and the messages about it.

>>> print(Check("x", Verdict.RIGHT, 2.0, 2.0, Difference(2.0, 1e-12)))
x: right; reverse mode 2.0, differences 2.0 ± 1.0e-12
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from autograd.interop.plain import on_screen
from autograd.testing.complex_step import ComplexStep
from autograd.testing.numerical import Difference

RESOLUTION = 1e-7  # a check that can't see a relative error of this size has nothing to say
SHOWN = 6  # derivatives that a message lists


class Verdict(StrEnum):
    """What a check found; only ``WRONG`` is an error."""

    RIGHT = "right"
    WRONG = "wrong"
    KINK = "kink"
    END = "end of the domain"
    NOISY = "too noisy to say"


_SUMMARIES = {
    Verdict.RIGHT: "right",
    Verdict.WRONG: "wrong",
    Verdict.KINK: "at a kink",
    Verdict.END: "at an end of the domain",
    Verdict.NOISY: "too noisy to say",
}


@dataclass(frozen=True)
class Check:
    """One derivative by several methods, and the ``verdict``, with a ``reason`` where it needs one.

    ``complex_step`` is None where none can be taken; its error includes that of ``reverse``.
    """

    name: str
    verdict: Verdict
    reverse: float
    forward: float
    difference: Difference
    reason: str = ""
    complex_step: ComplexStep | None = None

    def __str__(self) -> str:
        return on_screen(f"{self.name}: {self.verdict}{self.reason and f' ({self.reason})'}; {self.numbers}")

    @property
    def numbers(self) -> str:
        """The derivative, and what the complex step and differences say it is, each with the error it may have."""
        step = "" if self.complex_step is None else f", complex step {_bounded(self.complex_step)}"
        quotient = _bounded(self.difference) if isfinite(self.difference.error) else "none"
        return f"reverse mode {_exact(self.reverse)}{step}, differences {quotient}"

    @property
    def by_step(self) -> Verdict | None:
        """What the complex step says: right, wrong, too noisy; None where it can't be taken."""
        if self.complex_step is None:
            return None
        value, error = self.complex_step
        off = abs(self.reverse - value)
        if off > error:
            return Verdict.WRONG
        return Verdict.RIGHT if error <= RESOLUTION * abs(value) or off == 0.0 else Verdict.NOISY

    @property
    def expected(self) -> float:
        """What the derivative should be, by the method that found it wrong."""
        step = self.complex_step
        return step.value if step is not None and self.by_step is Verdict.WRONG else self.difference.value


def _bounded(estimate: ComplexStep | Difference) -> str:
    return f"{_exact(estimate.value)} ± {estimate.error:.1e}"


def _exact(x: float) -> str:
    return repr(x + 0.0)  # of −0 as well 0.0


@dataclass(frozen=True)
class Report:
    """What ``check_gradients`` found: ``checks``, of each number among the arguments, and ``nodes``, of each operation.

    It is true where every derivative by an argument was seen to be right.
    """

    function: str
    checks: tuple[Check, ...]
    nodes: tuple[Check, ...] = field(repr=False)

    @property
    def verdicts(self) -> dict[str, Verdict]:
        """The verdict on each argument, by its name."""
        return {check.name: check.verdict for check in self.checks}

    @property
    def wrong(self) -> tuple[Check, ...]:
        return tuple(check for check in (*self.checks, *self.nodes) if check.verdict is Verdict.WRONG)

    def __bool__(self) -> bool:
        return all(check.verdict is Verdict.RIGHT for check in self.checks)

    @property
    def _summary(self) -> str:
        """``2 of 3 derivatives right, 1 at a kink``: at a kink none is right or wrong."""
        found = Counter(check.verdict for check in self.checks)
        (first, words), *others = [(found[verdict], words) for verdict, words in _SUMMARIES.items() if found[verdict]]
        return ", ".join([f"{first} of {len(self.checks)} derivatives {words}", *(f"{n} {more}" for n, more in others)])

    def __str__(self) -> str:
        head = f"{self.function}: {self._summary}, {len(self.nodes)} local derivatives checked"
        noted = [f"at {node}" for node in self.nodes if node.verdict is not Verdict.RIGHT]
        return on_screen("\n  ".join([head, *map(str, self.checks), *noted]))


class GradientError(AssertionError):
    """A derivative isn't what the values say; ``report`` holds all that was checked."""

    def __init__(self, report: Report):
        super().__init__(on_screen(_complaint(report)))
        self.report = report


def _complaint(report: Report) -> str:
    """Which derivative is wrong, by how much, and the rule to blame."""
    wrong = [check for check in report.checks if check.verdict is Verdict.WRONG]
    blamed = [node for node in report.nodes if node.verdict is Verdict.WRONG]
    lines = [f"the derivative of {report.function} by {check.name} is wrong: {_off(check)}" for check in wrong]
    if not wrong:
        lines = [f"a rule that {report.function} uses is wrong, though its gradient doesn't show that at this point"]
    rules = [f"the rule to blame, at {node.name}: {_off(node)}" for node in blamed] or [_CUT]
    return "\n".join(_few(lines) + _few(rules))


def _few(lines: list[str]) -> list[str]:
    """Each line once, and of many the first."""
    once = list(dict.fromkeys(lines))
    return [*once[:SHOWN], *[f"… and {len(once) - SHOWN} more"] * (len(once) > SHOWN)]


def _off(check: Check) -> str:
    size = max(abs(check.reverse), abs(check.expected))
    share = abs(check.reverse - check.expected) / size if 0.0 < size < float("inf") else float("nan")
    return f"{check.numbers}{f', off by {share:.1e} of it' * isfinite(share)}{check.reason and f' ({check.reason})'}"


_CUT = (
    "every operation in its graph is right by itself, so the graph isn't the function: is a part of it cut off by "
    "float(v), v.data, int(v) or a math function, or kept from an earlier call?"
)
