"""Operations are moved up to the value that they alone need; programs compute what they did."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import compile
from autograd.compiler.codegen.abi import Block, varying
from autograd.compiler.codegen.nearness import late, near
from autograd.program.instructions import Instructions
from autograd.program.interpreter import run
from autograd.program.tape import Tape
from autograd.testing import strategies


def moved(program: Instructions) -> list[str]:
    blocks = [Block(1, lanes=False), Block(len(program.inputs) - 1, lanes=True)]
    return [op for _, (op, _) in near(program, varying(program, blocks)).operations()]


def written(formula: Any) -> Instructions:
    tape = Tape(["u", "x", "y"])
    outputs = list(formula(*tape.inputs))
    return tape.program(outputs, ["f"] * len(outputs))


def test_what_alone_needs_a_value_comes_right_after_it() -> None:
    def formula(u: Any, x: Any, y: Any) -> list[Any]:
        products = [x * y, x * u]
        return [product + y for product in products]

    assert moved(written(formula)) == ["mul", "add", "mul", "add"]


def test_a_value_that_several_need_or_that_is_an_output_keeps_its_place() -> None:
    def needed_twice(u: Any, x: Any, y: Any) -> list[Any]:
        products = [x * y, x * u]
        return [*[product + y for product in products], *[product - y for product in products]]

    def an_output(u: Any, x: Any, y: Any) -> list[Any]:
        products = [x * y, x * u]
        return [*products, *[product + y for product in products]]

    assert moved(written(needed_twice)) == ["mul", "mul", "add", "add", "sub", "sub"]
    assert moved(written(an_output)) == ["mul", "mul", "add", "add"]


def test_in_a_loops_step_what_hangs_on_inputs_alone_comes_right_before_its_use() -> None:
    def formula(u: Any, x: Any, y: Any) -> list[Any]:
        anew = [x * u, y * u]
        first = (x + y) * anew[0]
        return [first * anew[1], y * y]

    assert [op for _, (op, _) in written(formula).operations()] == ["mul", "mul", "add", "mul", "mul", "mul"]
    after = late(written(formula))
    assert [(op, after.nodes[i + 1].op) for i, (op, args) in after.operations() if args == (2, 0)] == [("mul", "mul")]
    assert run(after, [2.0, 3.0, 5.0]) == run(written(formula), [2.0, 3.0, 5.0])


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_random_programs_compute_the_same_bits_in_the_new_order(data: st.DataObject) -> None:
    f = data.draw(strategies.expressions(max_times=12))
    point = data.draw(strategies.points_of(f))
    compiled = compile(f)
    compiled.value_and_grad(*point, argnums=tuple(range(len(point))))
    program = compiled.program
    after = near(program, varying(program, [Block(len(program.inputs), lanes=True)]))
    assert repr(run(after, point)) == repr(run(program, point))
    assert sorted(op for op, _ in after.nodes) == sorted(op for op, _ in program.nodes)
