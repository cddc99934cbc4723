"""frozen: a function as a program in which what it has captured is constant."""

import math

import pytest

from autograd import Value, dot, where
from autograd.compiler import BranchError, TraceError, frozen
from autograd.program.interpreter import run

W = Value(2.0, name="w")


def test_captured_values_are_constants_with_the_numbers_they_have_now() -> None:
    w = Value(2.0)
    before = frozen(lambda x: w * x, 0.0)
    w.data = 3.0
    after = frozen(lambda x: w * x, 0.0)
    assert [run(program, [5.0]) for program in (before, after)] == [[10.0], [15.0]]
    assert before.inputs == ["x"]


def test_all_arguments_are_inputs_in_order_and_all_results_outputs() -> None:
    program = frozen(lambda x, rows: {"a": x * W, "b": [rows[1] - rows[0], 4.0]}, 1.0, [2.0, 3.0])
    assert program.inputs == ["x", "rows[0]", "rows[1]"]
    assert run(program, [10.0, 1.0, 5.0]) == [20.0, 4.0, 4.0]


@pytest.mark.parametrize("weight", [1.0, -1.0, 0.0, -0.0, 0.5])
def test_a_weight_of_any_number_leaves_the_operations_as_they_are(weight: float) -> None:
    """Or a neuron with a weight of 1 would fall out of the loop over neurons."""
    weights = [Value(0.3), Value(weight), Value(0.7)]
    program = frozen(lambda x: dot(weights, x) + Value(weight), [1.0] * 3)
    ops = [node.op for _, node in program.operations()]
    assert ops[:5] == ["mul", "mul", "mul", "add", "add"]


def test_a_branch_on_captured_numbers_is_taken_and_one_on_arguments_is_an_error() -> None:
    assert run(frozen(lambda x: x * 2.0 if W > 1.0 else x, 1.0), [3.0]) == [6.0]
    with pytest.raises(BranchError, match=r"frozen: .* branches on its arguments' numbers.* choose with where"):
        frozen(lambda x: x * 2.0 if x > 1.0 else x, 1.0)
    assert run(frozen(lambda x: where(x > 1.0, x * 2.0, x), 1.0), [3.0]) == [6.0]


def test_what_leaves_the_graph_is_the_trace_error_of_compile() -> None:
    with pytest.raises(TraceError, match="leaves the graph"):
        frozen(lambda x: W * math.sin(x), 1.0)


def test_a_frozen_program_can_be_stored() -> None:
    from autograd.compiler import from_json

    program = frozen(lambda x: (W * x).tanh() + W, 1.0)
    assert run(from_json(program.to_json()), [0.5]) == run(program, [0.5])
