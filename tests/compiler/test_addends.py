"""What is the same in all lanes is taken out of sums over lanes: fewer operations, the same sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import compile
from autograd.compiler.codegen.abi import Block, Target, varying
from autograd.compiler.codegen.addends import apart
from autograd.compiler.codegen.passes import apply_passes
from autograd.program.instructions import Instructions
from autograd.program.tape import Tape

BLOCKS = [Block(2, lanes=False), Block(2, lanes=True)]


def cut(terms: Any, summed: list[bool], contract: bool = True) -> tuple[Instructions, list[str], list[str | None]]:
    """What is left of sums of these formulas of u, v, x and y; and the operations that are the same in all lanes."""
    tape = Tape(["u", "v", "x", "y"])
    outputs = list(terms(*tape.inputs))
    target = Target(4, contract=contract)
    program = apply_passes(tape.program(outputs, ["f"] * len(outputs)), target)["prune"]
    after, same = apart(program, summed, varying(program, BLOCKS), target)
    words = [after.inputs[i] if i < 4 else node.op for i, node in enumerate(after.nodes)]
    found = [words[o] for o in after.outputs]
    return after, found[: len(outputs)], [None if number is None else found[number] for number in same]


@pytest.mark.parametrize(
    ("term", "rest", "same"),
    [
        (lambda u, v, x, y: x * y + u, "mul", "u"),
        (lambda u, v, x, y: x + u, "add", None),
        (lambda u, v, x, y: x + u * v, "fma", None),
        (lambda u, v, x, y: x * x + y + u, "add", None),
        (lambda u, v, x, y: x * y + u * v + v, "mul", "add"),
        (lambda u, v, x, y: u * x + v, "mul", "v"),
        (lambda u, v, x, y: u * x + y, "fma", None),
        (lambda u, v, x, y: x * y, "mul", None),
    ],
)
def test_a_sum_is_cut_in_what_varies_and_what_does_not(term: Any, rest: str, same: str | None) -> None:
    _, rests, found = cut(lambda *inputs: [term(*inputs)], [True])
    assert (rests, found) == ([rest], [same])


def test_what_is_needed_elsewhere_too_or_is_no_sum_stays_whole() -> None:
    assert cut(lambda u, v, x, y: [x * y + u] * 2, [True, False])[1:] == (["fma", "fma"], [None, None])
    assert cut(lambda u, v, x, y: [x * x + u, y + u], [True, False])[1:] == (["mul", "add"], ["u", None])


def test_strictly_every_term_is_computed_as_it_is_written() -> None:
    assert cut(lambda u, v, x, y: [x * y + u], [True], contract=False)[2] == [None]


penalised = compile(lambda w, x, y: x * y * w + w * w + 3.0, in_axes=(None, 0, 0), reduce="sum")


@given(st.lists(st.tuples(*[st.floats(-1e3, 1e3)] * 2), min_size=1, max_size=70), st.floats(-1e3, 1e3))
def test_sums_are_those_of_the_terms(points: list[tuple[float, float]], w: float) -> None:
    x, y = np.array(points).T
    value, gradient = penalised.value_and_grad(w, x, y)
    for found, terms in ((value, x * y * w + w * w + 3.0), (gradient, x * y + 2.0 * w)):
        scale = float(np.abs(x * y * w).sum() + np.abs(x * y).sum() + len(x) * (w * w + 2.0 * abs(w) + 3.0))
        assert abs(found - math.fsum(terms)) <= 1e-14 * scale


def test_infinite_and_nan_parts_are_those_of_the_sum() -> None:
    f = compile(lambda w, x: x * x + 1.0 / w, in_axes=(None, 0), reduce="sum")
    x = np.array([1.0, 2.0, 3.0])
    assert f(0.5, x) == 20.0
    assert f(0.0, x) == math.inf
    assert math.isnan(f(math.nan, x))
    assert f(0.5, np.array([1.0, math.inf, 0.0])) == math.inf
