"""The suite sees every wrong rule: a few of the mutants here, all of them with ``-m long``."""

from __future__ import annotations

import pytest

from autograd.rules.table import RULES
from tests.mutation import KINDS, Mutant, line, mutants, patched, survivors

SOME = ("tanh", "sub", "logaddexp_partial", "atan2_partials")


def chosen(names: tuple[str, ...]) -> list[Mutant]:
    return [mutant for mutant in mutants() if set(names) & set(mutant.names)]


def test_a_mutant_of_every_kind_is_caught() -> None:
    some = chosen(SOME)
    assert {mutant.kind for mutant in some} == set(KINDS)
    assert list(map(line, survivors(some))) == []


def test_a_mutant_leaves_the_function_as_it_was() -> None:
    mutant = chosen(("tanh",))[0]
    original = mutant.function.__code__
    with patched(mutant):
        assert mutant.function.__code__ is mutant.code is not original
    assert mutant.function.__code__ is original


def test_every_rule_is_mutated() -> None:
    assert {name for mutant in mutants() for name in mutant.names} >= set(RULES)


def test_a_mutant_that_no_test_runs_or_sees_survives() -> None:
    """The measure itself can say no: the function's own code in place of a mutant's."""
    mutant = chosen(("tanh",))[0]
    harmless = mutant._replace(code=mutant.function.__code__)
    assert survivors([harmless]) == [harmless]


@pytest.mark.long
def test_every_mutant_is_caught() -> None:
    assert list(map(line, survivors(list(mutants())))) == []
