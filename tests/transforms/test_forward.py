"""Forward mode, and each mode as the other's second opinion: the same table, walked both ways."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd as ag
from autograd import Value, jvp
from autograd.backward import gradients
from autograd.graph import topological_order
from autograd.rules.table import RULES
from autograd.transforms.forward import push_forward
from autograd.value import apply
from tests.references import REFERENCES
from tests.support import bits, number

# -- numbers, shapes -----------------------------------------------------------------------------------


class Pair(NamedTuple):
    a: Any
    b: Any


@pytest.mark.parametrize(
    ("primal", "tangent"),
    [
        ([2.0, 3.0], [1.0, 10.0]),
        ((2.0, 3.0), (1.0, 10.0)),
        (Pair(2.0, 3.0), Pair(1.0, 10.0)),
        (np.array([2.0, 3.0]), np.array([1.0, 10.0])),
        (np.array([2, 3]), np.array([1, 10])),
    ],
    ids=["list", "tuple", "namedtuple", "array", "ints"],
)
def test_an_argument_may_be_a_structure(primal: Any, tangent: Any) -> None:
    value, dydx = jvp(lambda x: x[0] * x[1], (primal,), (tangent,))
    assert (type(value), type(dydx), value, dydx) == (float, float, 6.0, 23.0)


def test_dicts_nested_arguments_and_arrays_with_several_axes_work() -> None:
    f = lambda p, x: (p["w"] * x).sum() * p["more"][0]  # noqa: E731
    w, x = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    primals = ({"w": w, "more": (2.0,)}, x)
    tangents = ({"w": np.array([[1.0, 0.0]]), "more": (0.5,)}, np.array([[0.0], [1.0]]))
    # Σ wᵢxⱼ = 3·7 = 21; d = 1·7 + 3·1 = 10
    assert jvp(f, primals, tangents) == (42.0, 10.0 * 2.0 + 21.0 * 0.5)


def test_the_tangents_of_a_dict_are_found_by_their_keys() -> None:
    f = lambda p: p["w"] ** 2 * p["b"]  # noqa: E731
    assert jvp(f, ({"w": 1.0, "b": 2.0},), ({"b": 0.0, "w": 1.0},)) == (2.0, 4.0)


def test_both_results_have_the_shape_of_the_functions() -> None:
    f = lambda x: {"a": [x, x * x], "b": (x * 3.0, Pair(x**3, 7.0)), "c": np.array([[x, -x]])}  # noqa: E731
    value, dydx = jvp(f, (2.0,), (1.0,))
    assert (value["a"], value["b"]) == ([2.0, 4.0], (6.0, Pair(8.0, 7.0)))
    assert (dydx["a"], dydx["b"]) == ([1.0, 4.0], (3.0, Pair(12.0, 0.0)))
    assert (type(dydx["b"][1]), dydx["c"].dtype, dydx["c"].tolist()) == (Pair, float, [[1.0, -1.0]])


def test_of_nothing_there_is_nothing() -> None:
    assert jvp(list, (), ()) == ([], [])
    assert jvp(lambda x, y: y * y, ([], 3.0), ([], 1.0)) == (9.0, 6.0)
    assert jvp(lambda x: [], (3.0,), (1.0,)) == ([], [])


def test_an_argument_that_is_not_used_moves_nothing() -> None:
    assert jvp(lambda x, y: x * x, (3.0, 4.0), (1.0, 100.0)) == (9.0, 6.0)
    assert jvp(lambda x, y: [x, 5.0], (3.0, 4.0), (0.0, 1.0)) == ([3.0, 5.0], [0.0, 0.0])


@pytest.mark.parametrize("tangent", [2, 2.0, np.float64(2), np.int64(2), np.array(2.0)], ids=lambda t: type(t).__name__)
def test_the_identity_gives_the_tangent_as_a_float(tangent: Any) -> None:
    assert list(map(type, jvp(lambda x: x, (3,), (tangent,)))) == [float, float]
    assert jvp(lambda x: x, (3,), (tangent,)) == (3.0, 2.0)


def test_values_in_are_values_out_that_can_be_differentiated_again() -> None:
    x, t = Value(3.0), Value(2.0)
    for primal, tangent in ((x, 2.0), (3.0, t), (x, t)):
        value, dydx = jvp(lambda x: x**3, (primal,), (tangent,))
        assert (value.data, dydx.data) == (27.0, 54.0)
        assert ag.gradient(dydx, primal if primal is x else t) == (36.0 if primal is x else 27.0)


def test_values_in_are_values_out_for_constants_too() -> None:
    (value, constant), partials = jvp(lambda x: [2.0 * x, 5.0], (Value(3.0),), (1.0,))
    assert [type(node) for node in (value, constant, *partials)] == [Value] * 4
    assert (constant.data, partials[0].data, partials[1].data) == (5.0, 2.0, 0.0)


def test_nothing_is_written_to_grad() -> None:
    x, captured = Value(3.0), Value(2.0)
    inside: list[Value] = []
    jvp(lambda y: inside.append(y * captured) or inside[0] * y, (x,), (1.0,))  # type: ignore[arg-type, func-returns-value]
    assert {x, captured} <= set(topological_order(inside[0]))
    assert all(node.grad_or_none is None for node in topological_order(inside[0]))


def test_modes_around_it_change_nothing() -> None:
    f = lambda x, y: [ag.exp(x * y), x / y]  # noqa: E731
    plain = jvp(f, (0.5, 2.0), (1.0, -1.0))
    with ag.no_grad():
        assert jvp(f, (0.5, 2.0), (1.0, -1.0)) == plain
    with ag.detect_anomaly():
        assert jvp(f, (0.5, 2.0), (1.0, -1.0)) == plain


def test_tangents_of_nodes_that_exist_are_pushed_to_a_root() -> None:
    x, y = Value(3.0), Value(4.0)
    root = ag.hypot(x, y) * x
    assert push_forward(root, {x: 1.0}) == 5.0 + 3.0 * 0.6
    assert push_forward(root, {y: 1.0}) == 3.0 * 0.8
    assert push_forward(root, {}) == push_forward(root, {Value(3.0): 1.0}) == 0.0


def test_a_leaf_set_after_its_graph_was_built_is_an_error() -> None:
    x = Value(3.0)
    root = x * x
    x.data = 4.0
    with pytest.raises(ag.StaleGraphError):
        push_forward(root, {x: 1.0})


# -- bad input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [
        ((1.0,), ()),
        ((1.0,), (1.0, 1.0)),
        (([1.0, 2.0],), ([1.0],)),
        (([1.0, 2.0],), (1.0, 2.0)),
        (([1.0, 2.0], 3.0), (1.0, [2.0, 3.0])),
        (({"a": 1.0},), ({"b": 1.0},)),
        ((np.ones((2, 2)),), (np.ones(4),)),
        ((np.ones((2, 3)),), (np.ones((3, 2)),)),
    ],
    ids=repr,
)
def test_tangents_of_another_shape_are_an_error(primals: Any, tangents: Any) -> None:
    with pytest.raises(ValueError, match="jvp: .*primals.*give one for each"):
        jvp(lambda *xs: Value(1.0), primals, tangents)


@pytest.mark.parametrize("thing", ["a", None, True, 1j], ids=repr)
def test_tangents_and_primals_are_numbers(thing: Any) -> None:
    with pytest.raises(
        TypeError, match=f"jvp: .* must be a real number, got {type(thing).__name__}".replace("NoneType", "None")
    ):
        jvp(lambda x: x * x, (2.0,), (thing,))
    with pytest.raises(TypeError, match="jvp: argument 0 must be a real number"):
        jvp(lambda x: x * x, (thing,), (1.0,))


def test_a_number_in_place_of_the_tuple_of_arguments_is_an_error() -> None:
    with pytest.raises(TypeError, match="jvp: primals must be a tuple with one entry for each argument"):
        jvp(lambda x: x * x, 2.0, 1.0)  # type: ignore[call-overload]


@pytest.mark.parametrize("f", [math.sin, float, lambda x: [float(x)]])
def test_a_graph_that_was_cut_is_an_error(f: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="jvp: .* leaves the graph at"):
        jvp(f, (1.0,), (1.0,))


def test_an_output_that_is_no_number_is_an_error() -> None:
    with pytest.raises(TypeError, match="must be a real number, got str 'x'"):
        jvp(lambda x: [x, "x"], (1.0,), (1.0,))


# -- each mode as the other's second opinion: the rule table -------------------------------------------


def by_reverse(f: Callable[..., Any], point: Sequence[float]) -> list[float]:
    return list(ag.grad(f, tuple(range(len(point))))(*point))


def by_forward(f: Callable[..., Any], point: Sequence[float]) -> list[float]:
    """One operand moves at a time, the others are numbers: no terms but its own."""
    return [jvp(lambda x, i=i: f(*point[:i], x, *point[i + 1 :]), point[i : i + 1], (1.0,))[1] for i in range(len(point))]


@cache
def points(name: str) -> list[tuple[float, ...]]:
    random = Random(name)
    return [REFERENCES[name].sampler(random) for _ in range(20)]


def operation(name: str, x: Sequence[float]) -> tuple[Callable[..., Any], list[float]]:
    """The operation as a function of the operands it has derivatives by, and those operands."""
    constants = REFERENCES[name].constants
    places = [i for i in range(len(x)) if i not in constants]

    def f(*operands: Any) -> Any:
        by_place = dict(zip(places, operands, strict=True))
        return apply(RULES[name], *[by_place.get(i, number) for i, number in enumerate(x)])

    return f, [x[i] for i in places]


every_rule = pytest.mark.parametrize("name", sorted(RULES))


@every_rule
def test_both_modes_have_the_same_bits_on_every_operation(name: str) -> None:
    for x in points(name):
        f, point = operation(name, x)
        assert list(map(bits, by_reverse(f, point))) == list(map(bits, by_forward(f, point))), x


@every_rule
def test_both_modes_have_the_same_bits_on_an_operation_behind_another(name: str) -> None:
    """Two factors commute; three associate differently, and so round differently."""
    for x in points(name):
        f, point = operation(name, x)
        behind = lambda *xs, f=f: ag.square(f(*xs))  # noqa: E731
        assert list(map(bits, by_reverse(behind, point))) == list(map(bits, by_forward(behind, point))), x


@every_rule
@pytest.mark.parametrize("outer", ["reverse", "forward"])
def test_second_derivatives_agree_whichever_mode_takes_them(name: str, outer: str) -> None:
    """Reverse over reverse, forward over reverse, reverse over forward, forward over forward."""
    take = by_reverse if outer == "reverse" else by_forward
    for x in points(name)[:5]:
        f, point = operation(name, x)
        for i in range(len(point)):
            along = [float(i == j) for j in range(len(point))]
            over_reverse = take(lambda *xs, f=f, i=i: ag.grad(f, i)(*xs), point)
            over_forward = take(lambda *xs, f=f, t=along: jvp(f, xs, t)[1], point)
            for a, b in zip(over_reverse, over_forward, strict=True):
                assert a == b or a != a or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-15 * max(map(abs, over_reverse)))


# -- … and random graphs -------------------------------------------------------------------------------

UNARY = ("tanh", "sin", "cos", "sigmoid", "softplus", "atan", "asinh", "erf", "silu", "gelu", "square", "exp", "mish")
BINARY = ("add", "sub", "mul", "hypot", "logaddexp", "maximum", "minimum", "atan2")
MANY = ("sum", "prod", "logsumexp", "softmax", "norm", "mean")
GRAPHS, LEAVES, STEPS = 300, 4, 24


def random_graph(random: Random) -> tuple[list[Value], Value]:
    """Leaves, and a root on top of nodes that may share, repeat or ignore any node before them."""
    nodes = leaves = [Value(random.uniform(-2.0, 2.0)) for _ in range(random.randint(1, LEAVES))]
    nodes = list(leaves)
    for _ in range(random.randint(1, STEPS)):
        kind = random.choice((UNARY, BINARY, BINARY, MANY))
        count = 1 if kind is UNARY else 2 if kind is BINARY else random.randint(3, 5)
        operands: list[Any] = [random.choice(nodes[-6:]) for _ in range(count)]
        if count > 1 and random.random() < 0.3:
            operands[random.randrange(1, count)] = random.uniform(-2.0, 2.0)  # a constant
        node = apply(RULES[random.choice(kind)], *operands)
        nodes.append(node if abs(node.data) < 4.0 else ag.tanh(node))  # tame: nothing overflows
    return leaves, nodes[-1]


def absolute_terms(root: Value, leaf: Value) -> float:
    """Σ over all paths of |the product of local derivatives along it|: what rounding is measured by."""
    totals = {leaf: 1.0}
    for node in topological_order(root):
        for parent, local in zip(node.operands, node.local_derivatives, strict=True):
            if isinstance(parent, Value) and parent in totals:
                totals[node] = totals.get(node, 0.0) + abs(local) * totals[parent]
    return totals.get(root, 0.0)


def paths(root: Value, leaf: Value) -> int:
    totals = {leaf: 1}
    for node in topological_order(root):
        for parent in node.parents:
            if parent in totals:
                totals[node] = totals.get(node, 0) + totals[parent]
    return totals.get(root, 0)


def test_the_graphs_drawn_share_have_diamonds_repeat_operands_and_leave_leaves_out() -> None:
    drawn = [random_graph(Random(seed)) for seed in range(GRAPHS)]
    counts = [paths(root, leaf) for leaves, root in drawn for leaf in leaves]
    assert sum(count == 0 for count in counts) > 50
    assert sum(count == 1 for count in counts) > 50
    assert sum(count > 10 for count in counts) > 100
    nodes = [node for _, root in drawn for node in topological_order(root)]
    assert any(len(set(node.parents)) < len(node.parents) for node in nodes)
    assert {node._rule.name for node in nodes if node._rule} >= {*UNARY, *BINARY, *MANY}


def test_both_modes_agree_on_random_graphs() -> None:
    for seed in range(GRAPHS):
        leaves, root = random_graph(Random(seed))
        reverse = gradients(root, 1.0)
        for leaf in leaves:
            error = abs(reverse.get(leaf, 0.0) - push_forward(root, {leaf: 1.0}))
            assert error <= 1e-13 * absolute_terms(root, leaf), f"graph {seed}"


# On Values their weights are summed in another order, one that can be differentiated.
SUMMED_DIFFERENTLY = ("log_softmax", "logsumexp", "softmax")


@every_rule
def test_local_derivatives_have_the_same_bits_whether_recorded_or_not(name: str) -> None:
    for x in points(name):
        node = apply(RULES[name], *map(Value, x))
        recorded = list(map(number, node.local_derivative_values))
        if name in SUMMED_DIFFERENTLY:
            assert recorded == pytest.approx(node.local_derivatives, rel=1e-15)
        else:
            assert list(map(bits, recorded)) == list(map(bits, node.local_derivatives)), x


def test_a_pass_that_records_has_the_bits_of_one_that_does_not() -> None:
    compared = 0
    for seed in range(GRAPHS):
        leaves, root = random_graph(Random(seed))
        if any(node.op in SUMMED_DIFFERENTLY for node in topological_order(root)):
            continue
        plain, recorded = gradients(root, 1.0), gradients(root, Value(1.0))
        for leaf in set(leaves) & set(plain):
            compared += 1
            assert bits(plain[leaf]) == bits(recorded[leaf])
            assert bits(push_forward(root, {leaf: 1.0})) == bits(push_forward(root, {leaf: 1.0}, create_graph=True))
    assert compared > 100


def exact(random: Random) -> tuple[list[Value], Value]:
    """A graph of sums, differences and products of small integers: every order of operations gives the same bits."""
    leaves = [Value(float(random.randint(-2, 2))) for _ in range(3)]
    nodes = list(leaves)
    for _ in range(random.randint(1, 10)):
        a, b = random.choice(nodes[-5:]), random.choice(nodes)
        node = random.choice((lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b))(a, b)
        nodes.append(node if abs(node.data) < 1000.0 else node * 0.0)
    return leaves, nodes[-1]


def test_both_modes_are_equal_where_arithmetic_is_exact() -> None:
    for seed in range(GRAPHS):
        leaves, root = exact(Random(seed))
        reverse = gradients(root, 1.0)
        for leaf in leaves:
            assert absolute_terms(root, leaf) < 2.0**53
            assert reverse.get(leaf, 0.0) == push_forward(root, {leaf: 1.0}), f"graph {seed}"


def tree(random: Random, depth: int) -> tuple[list[Value], Value]:
    """A root that every leaf has one path to."""
    if depth == 0:
        leaf = Value(random.uniform(-2.0, 2.0))
        return [leaf], leaf
    count = random.choice((1, 2, 3))
    branches = [tree(random, depth - 1) for _ in range(count)]
    name = random.choice({1: UNARY, 2: BINARY, 3: MANY}[count])
    return [leaf for leaves, _ in branches for leaf in leaves], apply(RULES[name], *[root for _, root in branches])


@pytest.mark.parametrize(("depth", "tolerance"), [(1, 0.0), (2, 0.0), (3, 1e-15), (5, 2e-15)])
def test_both_modes_have_the_same_bits_where_a_leaf_has_one_path_of_two_factors(depth: int, tolerance: float) -> None:
    """Longer ones round once for each further factor."""
    for seed in range(40):
        leaves, root = tree(Random(seed), depth)
        reverse = gradients(root, 1.0)
        for leaf in leaves:
            forward = push_forward(root, {leaf: 1.0})
            assert paths(root, leaf) == 1
            assert bits(reverse[leaf]) == bits(forward) or math.isclose(reverse[leaf], forward, rel_tol=tolerance)


def test_gradients_and_tangents_are_adjoint() -> None:
    """w·(J·v) = (w·J)·v, for functions of several numbers to several."""
    for seed in range(50):
        random = Random(seed)
        program = seed

        def f(*xs: Any, seed: int = program) -> list[Any]:
            r = Random(seed)
            nodes = list(xs)
            for _ in range(12):
                nodes.append(getattr(ag, r.choice(UNARY))(r.choice(nodes)) * 0.5 + r.choice(nodes) * 0.25)
            return nodes[-3:]

        x, v = ([random.uniform(-1.0, 1.0) for _ in range(4)] for _ in range(2))
        w = [random.uniform(-1.0, 1.0) for _ in range(3)]
        value, pushed = jvp(f, x, v)
        again, pull = ag.vjp(f, *x)
        assert list(map(bits, value)) == list(map(bits, again))
        assert ag.dot(w, pushed) == pytest.approx(ag.dot(pull(w), v), rel=1e-12, abs=1e-13)
