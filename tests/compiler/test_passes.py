"""The passes from a program to what is emitted: products are fused with sums, but for those that split a float."""

from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autograd import compile, dot, norm_cdf
from autograd.compiler.codegen.abi import Target
from autograd.compiler.codegen.passes import PASSES, apply_passes
from autograd.compiler.runtime.kernel import Point
from autograd.program.instructions import Instructions
from autograd.program.tape import Tape
from autograd.rules.composites import SPLIT, Splitter, two_product

factor = st.floats(-1e100, 1e100).filter(lambda x: x == 0.0 or abs(x) > 1e-100)


def operations(program: Instructions) -> list[str]:
    return [op for _, (op, _) in program.operations()]


def ready(program: Instructions, contract: bool = True) -> Instructions:
    return apply_passes(program, Target(4, contract=contract))["prune"]


def program_of_value(f: Callable[..., Any], *args: float) -> Instructions:
    compiled = compile(f)
    compiled(*args)
    program: Instructions = compiled.program.only([0])
    return program


def written(f: Callable[..., Any]) -> Instructions:
    """The program of a formula of the rules, in which the splitter is marked."""
    tape = Tape(["x", "y"])
    return tape.program([f(*tape.inputs)], ["result"])


@cache
def error_at_a_point() -> Point:
    return Point(written(lambda x, y: two_product(x, y)[1]))


def times_splitter(program: Instructions) -> list[str]:
    marked = {i for i, x in program.constants.items() if isinstance(x, Splitter)}
    return [op for _, (op, args) in program.operations() if not marked.isdisjoint(args)]


def test_the_program_after_each_pass_has_the_name_of_the_pass() -> None:
    program = program_of_value(lambda x, y: x**2 + y, 1.0, 2.0)
    after = apply_passes(program, Target(4))
    assert list(after) == [each.__name__ for each in PASSES]
    assert [operations(each) for each in after.values()] == [
        ["mul", "add"],
        ["mul", "add"],
        ["mul", "fma"],
        ["mul", "fma"],
        ["fma"],
    ]


def test_nothing_is_fused_where_the_target_has_no_fused_operation() -> None:
    program = program_of_value(lambda x, y: x * y + 1.0, 1.0, 2.0)
    assert operations(ready(program, contract=False)) == ["mul", "add"]


def test_a_users_number_like_the_splitter_is_fused() -> None:
    program = program_of_value(lambda x, y: 134217729.0 * x + y, 1.0, 2.0)
    assert operations(ready(program)) == ["fma"]


def test_the_splitter_is_never_fused() -> None:
    program = ready(written(lambda x, y: (SPLIT * x - (SPLIT * x - x)) + x * y))
    assert set(times_splitter(program)) == {"mul"}
    assert "fma" in operations(program)


def test_the_rounding_error_of_a_product_is_one_operation() -> None:
    assert operations(ready(written(lambda x, y: two_product(x, y)[1]))) == ["mul", "fms"]
    assert times_splitter(ready(program_of_value(norm_cdf, 0.5))) == []
    assert "fms" not in operations(ready(program_of_value(norm_cdf, 0.5), contract=False))


def test_what_only_looks_like_the_error_of_a_product_is_left_alone() -> None:
    def wrong(x: Any, y: Any) -> Any:
        high, other = SPLIT * x - (SPLIT * x - x), SPLIT * y - (SPLIT * y - y)
        low, product = x - high, x * y
        return ((high * other - product) + high * (y - other) + low * other) + low * low

    assert set(times_splitter(ready(written(wrong)))) == {"mul"}


@given(factor, factor)
def test_the_error_of_a_product_has_the_bits_of_eager_mode(x: float, y: float) -> None:
    assert error_at_a_point()([x, y]) == (two_product(x, y)[1],)


def test_the_splitter_and_an_equal_number_are_two_constants() -> None:
    program = program_of_value(lambda x, y: norm_cdf(x) + (134217729.0 * x + y), 0.5, 2.0)
    assert sorted(type(x).__name__ for x in program.constants.values() if x == SPLIT) == ["Splitter", "float"]
    (own,) = [i for i, x in ready(program).constants.items() if x == SPLIT and not isinstance(x, Splitter)]
    assert [op for _, (op, args) in ready(program).operations() if own in args] == ["fma"]
    assert times_splitter(ready(program)) == []


def test_the_splitter_prints_as_a_number() -> None:
    assert "mul 134217729.0 " in str(program_of_value(norm_cdf, 0.5))


@given(st.lists(factor, min_size=8, max_size=8))
def test_strictly_a_long_dot_with_constant_factors_has_the_bits_of_the_written_sum(xs: list[float]) -> None:
    left, right = (1.0, 0.1, *xs[1:]), (xs[0], 0.3, *xs[:0:-1])
    total = left[0] * right[0]
    for a, b in zip(left[1:], right[1:], strict=True):
        total += a * b
    assert strict_dot()(xs) == total


@cache
def strict_dot() -> Callable[[list[float]], float]:
    return compile(lambda xs: dot([1.0, 0.1, *xs[1:]], [xs[0], 0.3, *xs[:0:-1]]), strict=True)
