"""How much ``check_gradients`` sees, measured: it catches every broken rule and blames no correct one.

The whole measurement is ``pytest tests/testing/test_power.py -m long``; every run does a share of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from autograd.rules.table import RULES, Rule
from autograd.testing import GradientError, Verdict
from autograd.testing.domains import DOMAINS
from tests.testing.rules import Point, anywhere, check, interior

Derivatives = list[Any]
Mutation = Callable[[Derivatives, int], Derivatives]


def replaced(derivatives: Derivatives, place: int, derivative: Any) -> Derivatives:
    return [*derivatives[:place], derivative, *derivatives[place + 1 :]]


# A derivative of 0 has no relative error: there the mutation is to 1e-4, beside derivatives of about 1.
MUTATIONS: dict[str, Mutation] = {
    "factor 1 + 1e-7": lambda d, i: replaced(d, i, d[i] * (1.0 + 1e-7) if d[i] else 1e-4),
    "sign": lambda d, i: replaced(d, i, -d[i]),
    "dropped": lambda d, i: replaced(d, i, 0.0),
    "swapped": lambda d, i: replaced(d, i, d[i - 1]),
}


def broken(rule: Rule, mutation: Mutation, place: int) -> Callable[..., Any]:
    """The rule's partials with one of them mutated."""
    partials = rule.partials
    return lambda m, y, *operands: mutation(list(partials(m, y, *operands)), place)


def visible(rule: Rule, mutation: Mutation, point: Point, place: int) -> bool:
    """Whether the mutation changes the local derivative at all."""
    from autograd.rules.table import FLOATS

    derivatives = list(rule.partials(FLOATS, rule.value(*point), *point))
    changed = mutation(derivatives, place)[place]
    return bool(changed != derivatives[place] and changed == changed)


def catch(monkeypatch: pytest.MonkeyPatch, name: str, kind: str, count: int) -> Counter[bool]:
    """How often a mutation of each operand's derivative is caught, at interior points."""
    caught: Counter[bool] = Counter()
    rule = RULES[name]
    for point in interior(name, count):
        for place in DOMAINS[name].places:
            if not visible(rule, MUTATIONS[kind], point, place):
                continue
            with monkeypatch.context() as patch:
                patch.setattr(rule, "partials", broken(rule, MUTATIONS[kind], place))
                caught[is_caught(name, point, place)] += 1
    return caught


def is_caught(name: str, point: Point, place: int) -> bool:
    arguments = ", ".join(f"[^,]*{re.escape(repr(x))}" for x in point)
    message = rf"the rule to blame, at {name}\({arguments}\), operand {place + 1}: reverse mode .*, differences .* ± .*"
    try:
        check(name, point)
    except GradientError as error:
        return bool(re.search(message, str(error)))
    return False


def test_every_rule_has_a_domain() -> None:
    assert set(DOMAINS) == set(RULES)


@pytest.mark.parametrize("kind", MUTATIONS)
@pytest.mark.parametrize("name", RULES)
def test_a_broken_rule_is_caught(monkeypatch: pytest.MonkeyPatch, name: str, kind: str) -> None:
    assert catch(monkeypatch, name, kind, 3)[False] == 0


@pytest.mark.long
@pytest.mark.parametrize("name", RULES)
def test_a_relative_error_of_1e_7_is_caught_at_100_points(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    caught = catch(monkeypatch, name, "factor 1 + 1e-7", 100)
    assert caught[False] == 0
    assert caught[True] >= 100


def alarms(name: str, inside: int, outside: int, seed: int) -> Counter[Verdict]:
    """Verdicts on a correct rule; a false alarm raises."""
    points = [*interior(name, inside, seed), *anywhere(name, outside, seed)]
    return Counter(one.verdict for point in points for one in check(name, point).checks)


@pytest.mark.parametrize("name", RULES)
def test_correct_rules_raise_no_alarm(name: str) -> None:
    assert alarms(name, 10, 0, seed=1)[Verdict.RIGHT] == 10 * len(DOMAINS[name].places)
    assert alarms(name, 0, 4, seed=1)


@pytest.mark.long
def test_no_false_alarm_in_100_000_checks() -> None:
    verdicts: Counter[Verdict] = Counter()
    for name in RULES:
        verdicts += alarms(name, 600, 300, seed=2)
    assert verdicts.total() >= 100_000
    assert verdicts[Verdict.WRONG] == 0
