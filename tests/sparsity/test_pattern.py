"""Patterns against a search for every path, on random programs; how much they cost."""

from __future__ import annotations

from collections import Counter
from itertools import combinations_with_replacement

from hypothesis import given, settings
from hypothesis import strategies as st

from autograd.sparsity.pattern import Applied, IndexSets, hessian_pattern, jacobian_pattern


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[Applied], int, list[int]]:
    """Operations on earlier numbers, or on none (−1), some of them curved; how many inputs; the outputs."""
    inputs = draw(st.integers(1, 6))
    steps: list[Applied] = []
    for here in range(inputs, inputs + draw(st.integers(0, 12))):
        operands = draw(st.lists(st.integers(-1, here - 1), max_size=3))
        pairs = list(combinations_with_replacement(range(len(operands)), 2))
        curves = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=3)) if pairs else []
        steps.append(Applied(here, operands, tuple(curves)))
    outputs = draw(st.lists(st.integers(-1, inputs + len(steps) - 1), max_size=4))
    return steps, inputs, outputs


def inputs_behind(steps: list[Applied], inputs: int, place: object) -> set[int]:
    """Every input from which a path leads there."""
    operands = {step.result: step.operands for step in steps}
    seen, left = set(), [place]
    while left:
        seen.add(here := left.pop())
        left += [x for x in operands.get(here, ()) if x not in seen]
    return {k for k in range(inputs) if k in seen}


@settings(max_examples=80, deadline=None)
@given(programs())
def test_a_row_has_the_inputs_from_which_a_path_leads_to_its_output(program: tuple[list[Applied], int, list[int]]) -> None:
    steps, inputs, outputs = program
    assert jacobian_pattern(steps, range(inputs), outputs) == [inputs_behind(steps, inputs, y) for y in outputs]


@settings(max_examples=80, deadline=None)
@given(programs())
def test_inputs_interact_where_their_paths_meet_in_a_curved_operation(program: tuple[list[Applied], int, list[int]]) -> None:
    steps, inputs, _ = program
    expected: list[set[int]] = [set() for _ in range(inputs)]
    for step in steps:
        for j, k in step.curved:
            one, other = [inputs_behind(steps, inputs, step.operands[i]) for i in (j, k)]
            for a in one:
                expected[a] |= other
            for b in other:
                expected[b] |= one
    assert hessian_pattern(steps, range(inputs)) == expected


def test_a_running_sum_hands_its_set_on() -> None:
    n = 2000
    steps = [Applied(n + k, (n + k - 1 if k else 0, k + 1), ()) for k in range(n - 1)]
    sets = IndexSets(range(n), Counter(x for step in steps for x in step.operands))
    first = sets.of(0)
    for step in steps:
        sets.enter(step)
    assert len(first) == n  # the same set all along
    assert sets.sets == {}
