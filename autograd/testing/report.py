"""What a check found, and how it is said.

>>> print(Check("x", Verdict.RIGHT, 2.0, 2.0, Difference(2.0, 1e-12)))
x: right; reverse mode 2.0, differences 2.0 ± 1.0e-12
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from autograd.testing.numerical import Difference

SHOWN = 6  # lines of a message about as many derivatives


class Verdict(StrEnum):
    """What a check found; only ``WRONG`` is an error."""

    RIGHT = "right"
    WRONG = "wrong"
    KINK = "kink"
    END = "end of the domain"
    NOISY = "too noisy to say"


@dataclass(frozen=True)
class Check:
    """One derivative, three opinions on it, and what follows: ``verdict``, with a ``reason`` where one is needed."""

    name: str
    verdict: Verdict
    reverse: float
    forward: float
    difference: Difference
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.verdict}{self.reason and f' ({self.reason})'}; {self.numbers}"

    @property
    def numbers(self) -> str:
        """Both derivatives, and the error estimated of the one by differences."""
        told = f"{self.difference.value!r} ± {self.difference.error:.1e}" if isfinite(self.difference.error) else "none"
        return f"reverse mode {self.reverse!r}, differences {told}"


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

    def __str__(self) -> str:
        right = sum(check.verdict is Verdict.RIGHT for check in self.checks)
        head = (
            f"{self.function}: {right} of {len(self.checks)} derivatives right, {len(self.nodes)} local derivatives checked"
        )
        noted = [f"at {node}" for node in self.nodes if node.verdict is not Verdict.RIGHT]
        return "\n  ".join([head, *map(str, self.checks), *noted])


class GradientError(AssertionError):
    """A derivative isn't what the values say; ``report`` holds all that was checked."""

    def __init__(self, report: Report):
        super().__init__(_complaint(report))
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
    size = max(abs(check.reverse), abs(check.difference.value))
    share = abs(check.reverse - check.difference.value) / size if 0.0 < size < float("inf") else float("nan")
    return f"{check.numbers}{f', off by {share:.1e} of it' * isfinite(share)}{check.reason and f' ({check.reason})'}"


_CUT = (
    "every operation in its graph is right by itself, so the graph isn't the function: is a part of it cut off by "
    "float(v), v.data, int(v) or a math function, or kept from an earlier call?"
)
