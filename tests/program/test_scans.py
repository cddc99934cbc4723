"""Programs with scans: run, unrolled, rolled, checked and stored, they stay the same program to the last bit."""

from __future__ import annotations

from typing import Any

import pytest

from autograd import compile, erfc, scan, sin
from autograd.program.checks import check
from autograd.program.instructions import ProgramError
from autograd.program.interpreter import run
from autograd.program.lowering import lowered
from autograd.program.program import Program, from_json
from autograd.program.rolled import roll
from autograd.program.unrolling import unrolled
from autograd.rules.composites import Splitter
from tests.compiler.test_scan import POINTS, WORKLOADS, arity
from tests.support import bits


def program_of(f: Any, point: list[float]) -> Any:
    compiled = compile(f)
    compiled(*point)
    return compiled.program


@pytest.mark.parametrize("f", WORKLOADS, ids=lambda f: f.__name__)
def test_a_scan_is_its_straight_line_and_its_loop_to_the_last_bit(f: Any) -> None:
    for point in [point[: arity(f)] for point in POINTS]:
        program = program_of(f, point)
        for code in (program, lowered(program)):
            right = list(map(bits, run(code, point)))
            assert list(map(bits, run(unrolled(code), point))) == right
            assert list(map(bits, run(roll(code), point))) == right


def test_what_no_output_needs_is_left_out_of_a_loop() -> None:

    f = lambda a: scan(lambda s, _: ((s[0] * a, sin(s[1]) + s[0]), (sin(s[0]), s[1])), (a, 0.0), length=9)[0][0]  # noqa: E731
    (loop,) = program_of(f, [0.5]).only([0]).scans.values()
    assert (loop.states, loop.body.size, len(loop.body.outputs)) == (1, 1, 1)


@pytest.mark.parametrize("f", WORKLOADS, ids=lambda f: f.__name__)
def test_a_program_with_scans_is_stored_whole(f: Any) -> None:
    point = POINTS[0][: arity(f)]
    program = program_of(f, point)
    text = program.to_json()
    again = from_json(text)
    assert '"version":3' in text
    assert again.to_json() == text
    assert again.digest == program.digest
    assert list(map(bits, run(again, point))) == list(map(bits, run(program, point)))


def test_what_does_not_fit_together_is_no_program() -> None:
    program = program_of(lambda a: scan(lambda s, x: (s * a + x, x), a, [1.0, 2.0, a])[0], [0.5])
    (name, loop), *_ = program.scans.items()
    broken = [
        loop._replace(times=0),
        loop._replace(states=9),
        loop._replace(times=99),
        loop._replace(strides=((0, 1),) * 5),
        loop._replace(body=program),
    ]
    for each in broken:
        other = Program.of(program.replaced(program.nodes, scans=program.scans | {name: each}))
        with pytest.raises(ProgramError, match="this is no program"):
            check(other)
    version = program_of(lambda a: a * a, [0.5]).to_json()
    assert '"version":2' in version


def test_a_number_that_splits_floats_does_so_beside_a_scan_too() -> None:
    """A fused product would be no half; so the number is one of a class of its own, in straight parts and in steps."""
    loop = lambda a: scan(lambda s, _: (s * a, None), a, length=3)[0]  # noqa: E731
    step = lambda a: scan(lambda s, _: (erfc(s * a), None), a, length=3)[0]  # noqa: E731
    for f in (erfc, lambda a: erfc(a) * loop(a), step):
        constants = [x for code in lowered(program_of(f, [1.5])).codes() for x in code.constants.values()]
        assert any(isinstance(x, Splitter) for x in constants)
