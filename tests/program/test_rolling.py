"""Loops found again are the straight line: the same operations on the same operands, and the same bits.

All ten thousand random programs: ``pytest tests/program -m long``; every run does three hundred.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from autograd import Value
from autograd.compiler.codegen.abi import Target
from autograd.compiler.codegen.passes import apply_passes
from autograd.compiler.trace import Trace
from autograd.compiler.tracer import tracing
from autograd.program.instructions import Instruction, Instructions
from autograd.program.interpreter import run
from autograd.program.loops import Item, Loop, Operation, Place, Several, unrolled
from autograd.program.operations import COMPARISONS, LOGIC
from autograd.program.rolled import operations_of, roll
from autograd.program.rolling import rolled
from autograd.program.runs import worth
from benchmarks.rivals import chainrule
from benchmarks.workloads import EIGHT
from benchmarks.workloads.workload import Workload
from tests.edge_functions import FUNCTIONS
from tests.program.written_loops import points, programs
from tests.rules.test_edge_cases import ELSEWHERE, ROWS
from tests.support import bits

Line = list[tuple[str, Sequence[Any]]]  # operations on operands by kind and place


def search(line: Line, constants: list[float]) -> Any:
    """The items, without asking of each what it is, and the constants."""
    places = [(op, tuple([Place(*operand) for operand in operands])) for op, operands in line]
    return rolled([Operation(op, operands, k) for k, (op, operands) in enumerate(places)], constants)


def line_of(program: Instructions) -> tuple[Line, list[float]]:
    """The operations of a program, and its constants."""
    operations, constants, _ = operations_of(program)
    return [(op, operands) for op, operands, _ in operations], constants


def in_full(line: Any, constants: list[float]) -> list[Any]:
    """Operations and operands, of constants their bits."""
    return [
        (op, [(kind, float(constants[k]).hex()) if kind == "constant" else (kind, k) for kind, k, *_ in operands])
        for op, operands in line
    ]


def assert_is_the_line(line: Line, constants: list[float]) -> None:
    items, extended = search(line, constants)
    assert in_full(unrolled(items), extended) == in_full(line, constants)
    assert extended[: len(constants)] == constants


def assert_agrees(program: Instructions, point: list[float]) -> None:
    assert_is_the_line(*line_of(program))
    assert list(map(bits, run(roll(program), point))) == list(map(bits, run(program, point)))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), points)
def test_rolled_programs_are_the_straight_line_to_the_last_bit(program: Instructions, point: list[float]) -> None:
    assert_agrees(program, point)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(programs(), points)
def test_ten_thousand_rolled_programs_are_the_straight_line(program: Instructions, point: list[float]) -> None:
    assert_agrees(program, point)


SCALAR = [workload for workload in EIGHT if workload.name != "ba"]  # which has a Jacobian, and no loop


@pytest.mark.parametrize("workload", SCALAR, ids=lambda workload: workload.name)
def test_the_workloads_are_the_straight_line_in_every_form(workload: Workload) -> None:
    args = [argument for argument in workload.data(16) if argument is not None]
    compiled = chainrule.compiled(workload, 16)
    compiled(*args)
    program = compiled.program
    for code in (program, *apply_passes(program, Target(8)).values()):
        assert_is_the_line(*line_of(code))
    point = [0.5 + 0.01 * k for k in range(len(program.inputs))]
    looped = roll(program)
    assert looped.loops > 0 or program.size < 400
    assert list(map(bits, run(looped, point))) == list(map(bits, run(program, point)))


# -- what a loop may hold ------------------------------------------------------------------------------------


def sums(count: int, kind: Hashable = "value") -> Line:
    """A running sum over so many inputs, of which later operands are of this kind."""
    return [("add", [("input", 0), ("input", 1)]), *[("add", [(kind, k), ("input", k + 2)]) for k in range(count - 1)]]


def test_a_running_sum_is_one_loop_from_its_first_term_on() -> None:
    (loop,), _ = search(sums(99), [])
    assert isinstance(loop, Loop)
    carried = Place("value", -1, (1,), Place("input", 0, (0,)), 0)
    assert (loop.times, loop.body) == (99, (Operation("add", (carried, Place("input", 1, (1,))), 0),))


def test_kinds_are_compared_and_else_unknown() -> None:
    kinds = [Several("value", (0, 1)), ("row", 2)]
    line: Line = [("dot", [(kinds[k // 50], 3 * k), ("input", k)]) for k in range(100)]
    items, _ = search(line, [])
    assert [item.body[0].operands[0] for item in items] == [Place(kinds[0], 0, (3,)), Place(kinds[1], 150, (3,))]


def test_only_values_are_carried_from_an_exception() -> None:
    (first, loop), _ = search(sums(99, "row"), [])
    assert isinstance(first, Operation)
    assert loop.times == 98


@pytest.mark.parametrize("count", [12, 13, 59])
def test_short_lines_are_left_as_they_are(count: int) -> None:
    items, _ = search(sums(count), [])
    assert len(items) == count


def test_loops_that_save_little_are_written_out() -> None:
    junk: Line = [("sin" if k % k.bit_length() else "cos", [("value", k * k % 7)]) for k in range(1, 60)]
    items, _ = search([*sums(12), *junk], [])
    assert not any(isinstance(item, Loop) and item.number < 12 for item in items)
    assert worth(1, 13)
    assert not worth(1, 12)


def test_operations_may_have_no_operands() -> None:
    (loop,), _ = search([("draw", [])] * 100, [])
    assert (loop.times, loop.body) == (100, (Operation("draw", (), 0),))
    assert search([], []) == ((), [])


def test_backward_loops_walk_forward_ones_in_reverse() -> None:
    n = 40
    forward: Line = [("sin", [("value", k - 1) if k else ("input", 0)]) for k in range(n)]
    backward: Line = [("mul", [("value", n + k - 1) if k else ("input", 1), ("value", n - 1 - k)]) for k in range(n)]
    items, _ = search([*forward, *backward], [])
    assert [item.times for item in items] == [n, n]
    assert items[1].body[0].operands[1] == Place("value", n - 1, (-1,))


# -- constants -----------------------------------------------------------------------------------------------


def test_constants_that_differ_between_iterations_are_a_table() -> None:
    numbers = [0.5 * k * k for k in range(70)]
    (loop,), constants = search([("mul", [("input", k), ("constant", 69 - k)]) for k in range(70)], numbers)
    assert loop.body[0].operands[1] == Place("constant", 70, (1,))
    assert constants == [*numbers, *reversed(numbers)]


def test_constants_are_equal_by_their_bits() -> None:
    line: Line = [("mul", [("input", k), ("constant", k % 3)]) for k in range(99)]
    (loop,), constants = search(line, [2.0, 2.0, 2.0])
    assert (loop.body[0].operands[1], len(constants)) == (Place("constant", 0, (0,)), 3)
    _, constants = search(line, [0.0, -0.0, 0.0])
    assert list(map(bits, constants[3:])) == list(map(bits, [0.0, -0.0, 0.0] * 33))


def test_equal_tables_are_one() -> None:
    line: Line = [(op, [("input", k), ("constant", k)]) for op in ("mul", "add") for k in range(50)]
    items, constants = search(line, [float(k) for k in range(50)])
    assert [item.body[0].operands[1] for item in items] == [Place("constant", 50, (1,))] * 2
    assert len(constants) == 100


# -- masks ---------------------------------------------------------------------------------------------------


def with_masks(program: Instructions) -> tuple[Line, list[float]]:
    """The program's operations; operands of a condition are of kind ``mask``."""
    line, constants = line_of(program)
    is_mask = [op in COMPARISONS or op in LOGIC for op, _ in line]
    named: Line = [(op, [("mask" if kind == "value" and is_mask[k] else kind, k) for kind, k, *_ in xs]) for op, xs in line]
    return named, constants


def around(items: Sequence[Item], start: int = 0) -> list[tuple[int, int, int]]:
    """Start, size and times of every loop that runs."""
    found = []
    for loop in (item for item in items if isinstance(item, Loop)):
        found.append((start + loop.number, loop.size, loop.times))
        for i in range(loop.times):
            found += around(loop.body, start + i * loop.size)
    return found


def assert_masks_stay(line: Line, constants: list[float]) -> None:
    items, _ = search(line, constants)
    for start, size, times in around(items):
        for reader, (_, operands) in enumerate(line):
            for mask in [k for kind, k in operands if kind == "mask" and start <= k < start + size * times]:
                assert start <= reader < start + size * times
                assert (reader - start) // size - (mask - start) // size in (0, 1)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_masks_are_read_in_their_iteration_or_the_next(program: Instructions) -> None:
    line, constants = with_masks(program)
    assert_masks_stay(line, constants)
    assert_is_the_line(line, constants)


def test_masks_that_another_loop_reads_keep_theirs_from_being_one() -> None:
    compared: Line = [("lt", [("input", k), ("input", k + 1)]) for k in range(50)]
    chosen: Line = [("where", [("mask", 49 - k), ("input", k), ("input", 2 * k)]) for k in range(50)]
    items, _ = search([*compared, *chosen], [])
    assert not any(isinstance(item, Loop) for item in items)
    pairs = [pair for k in range(50) for pair in (compared[k], ("where", [("mask", 2 * k), ("input", k), ("input", 0)]))]
    assert [item.times for item in search(pairs, [])[0]] == [50]


# -- growth --------------------------------------------------------------------------------------------------


def test_a_loop_around_long_loops_is_found() -> None:
    line: Line = []
    for i in range(10):
        line += [("exp", [("input", i)]), ("sin", [("input", 100 + i)]), ("cos", [("value", len(line))])]
        for j in range(300):
            line += [("mul", [("value", len(line) - 1), ("input", j)]), ("add", [("value", len(line)), ("input", 500 + i)])]
    (outer,), _ = search(line, [])
    assert (outer.times, outer.size) == (10, 603)
    assert [type(item) for item in outer.body] == [Operation, Operation, Operation, Loop]


# -- pinned points -------------------------------------------------------------------------------------------


def repeated(program: Instructions, times: int) -> Instructions:
    """The program so many times on the same inputs."""
    n = len(program.inputs)
    nodes, constants, outputs = list(program.nodes[:n]), dict[int, float](), list[int]()
    for _ in range(times):
        shift = len(nodes) - n
        places = [k if k < n else k + shift for k in range(len(program.nodes))]
        nodes += [Instruction(op, tuple([places[a] for a in args])) for op, args in program.nodes[n:]]
        constants |= {places[k]: x for k, x in program.constants.items()}
        outputs += [places[k] for k in program.outputs]
    return Instructions(program.inputs, nodes, constants, outputs, [f"y{k}" for k in range(len(outputs))])


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["fn"] not in ELSEWHERE], ids=lambda row: f"{row['fn']} at {row['x']}"
)
def test_every_pinned_point_has_its_bits_in_a_loop(row: dict[str, Any]) -> None:
    point = tuple(map(float, row["x"]))
    f = FUNCTIONS[row["fn"]]
    xs = [Value(x) for x in point]
    with tracing() as tracer:
        y = f(*xs)
    trace = Trace(xs, [y], tracer)
    outputs = [trace.symbol(y), *trace.gradients(y, xs)]
    program = repeated(trace.program(outputs, [""] * len(outputs)), 61)
    looped = roll(program)
    assert looped.loops > 0 or program.size == 0
    assert list(map(bits, run(looped, point))) == list(map(bits, run(program, point)))
