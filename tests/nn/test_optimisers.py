"""Optimisers: their rules step by step, all or nothing, and going on where one was."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value, dot
from nn.optimisers import Optimiser
from tests.support import bits

Make = Callable[[list[Value]], Optimiser]

MAKERS: dict[str, Make] = {
    "sgd": lambda p: nn.SGD(p, lr=0.05),
    "momentum": lambda p: nn.SGD(p, lr=0.05, momentum=0.9),
    "nesterov": lambda p: nn.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda p: nn.Adam(p, lr=0.05),
    "adam with decay": lambda p: nn.Adam(p, lr=0.05, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.01),
    "dampened": lambda p: nn.SGD(p, lr=0.05, momentum=0.9, dampening=0.25),
    "rmsprop": lambda p: nn.RMSprop(p, lr=0.05, weight_decay=0.01),
    "rmsprop with all": lambda p: nn.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-6, momentum=0.5, centered=True),
    "adagrad": lambda p: nn.Adagrad(p, lr=0.5),
    "adagrad with all": lambda p: nn.Adagrad(p, lr=0.5, lr_decay=1e-3, initial_accumulator_value=0.5, weight_decay=0.01),
    "amsgrad": lambda p: nn.Adam(p, lr=0.05, betas=(0.5, 0.9), amsgrad=True),
    "adamw": lambda p: nn.AdamW(p, lr=0.05, weight_decay=0.1),
}
every_optimiser = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


# -- the rules -----------------------------------------------------------------------------------

# the number after each of three steps from 1.0, with gradients 0.5, −0.25, 1.0; lr 0.1
STEPS: list[tuple[Make, list[float]]] = [
    (lambda p: nn.SGD(p, 0.1), [0.95, 0.975, 0.875]),
    (lambda p: nn.SGD(p, 0.1, weight_decay=0.5), [0.9, 0.88, 0.736]),
    (lambda p: nn.SGD(p, 0.1, momentum=0.5), [0.95, 0.95, 0.85]),
    (lambda p: nn.SGD(p, 0.1, momentum=0.5, nesterov=True), [0.925, 0.95, 0.8]),
    # by PyTorch 2.13, float64
    (lambda p: nn.Adam(p, 0.1), [0.900000002, 0.8733662987078463, 0.8075551396770898]),
    (lambda p: nn.Adam(p, 0.1, (0.5, 0.75), 0.01, 0.5), [0.900990099009901, 0.8325123617783406, 0.7381749381698662]),
]


@pytest.mark.parametrize(("make", "expected"), STEPS)
def test_three_steps_by_the_rule(make: Make, expected: list[float]) -> None:
    x = Value(1.0)
    optimiser = make([x])
    for gradient, number in zip((0.5, -0.25, 1.0), expected, strict=True):
        x.grad = gradient
        optimiser.step()
        assert x.data == pytest.approx(number, rel=1e-13)


def test_what_no_pass_reaches_stays_and_a_gradient_of_0_moves() -> None:
    """Weight decay tells them apart: an embedding's row that isn't used keeps its numbers."""
    reached, unused = Value(2.0), Value(2.0)
    optimiser = nn.SGD([reached, unused], lr=0.5, weight_decay=0.5)
    unused.grad = 0
    (reached * 0.0).backward()
    optimiser.step()
    assert (reached.data, unused.data) == (1.5, 2.0)
    optimiser.zero_grad()
    optimiser.step()
    assert (reached.data, reached.grad) == (1.5, 0.0)


@given(st.floats(1e-6, 1e6), st.sampled_from([-1.0, 1.0]))
def test_adams_first_step_is_lr_whatever_the_gradient(size: float, sign: float) -> None:
    x = Value(0.0)
    optimiser = nn.Adam([x], lr=0.125)
    x.grad = sign * size
    optimiser.step()
    assert x.data == pytest.approx(-0.125 * sign, rel=2e-2 if size < 1e-5 else 1e-3)


@every_optimiser
def test_the_minimum_of_a_bowl_is_found(make: Make) -> None:
    xs = [Value(3.0), Value(-2.0)]
    optimiser = make(xs)
    for _ in range(600):
        optimiser.zero_grad()
        dot([1.0, 3.0], [x * x for x in xs]).backward()
        optimiser.step()
    assert all(abs(x.data) < 1e-2 for x in xs)


@pytest.mark.parametrize("make", [MAKERS["adam"], lambda p: nn.SGD(p, lr=1e-3, momentum=0.9)])
def test_the_minimum_of_rosenbrocks_valley_is_found(make: Make) -> None:
    x, y = Value(-1.0), Value(1.0)
    optimiser = make([x, y])
    for _ in range(2000):
        optimiser.zero_grad()
        ((1.0 - x) ** 2 + 100.0 * (y - x * x) ** 2).backward()
        optimiser.step()
    assert (x.data, y.data) == pytest.approx((1.0, 1.0), abs=0.05)


# -- all or nothing ------------------------------------------------------------------------------


def snapshot(values: list[Value], optimiser: Optimiser) -> tuple[list[str], str]:
    return [bits(v.data) for v in values], json.dumps(optimiser.state_dict())


def one_step(values: list[Value], optimiser: Optimiser, gradients: list[Any]) -> None:
    for value, gradient in zip(values, gradients, strict=True):
        value.grad = gradient
    optimiser.step()


@every_optimiser
@pytest.mark.parametrize("poison", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_gradient_that_is_not_finite_changes_nothing(make: Make, poison: float, place: int) -> None:
    values = [Value(float(i), name=f"w{i}") for i in range(3)]
    optimiser = make(values)
    one_step(values, optimiser, [0.1, 0.2, 0.3])
    before = snapshot(values, optimiser)
    with pytest.raises(FloatingPointError, match=rf"^w{place} can't be updated: its gradient is {poison!r}; no param"):
        one_step(values, optimiser, [poison if i == place else 0.1 for i in range(3)])
    assert snapshot(values, optimiser) == before


def test_a_step_that_would_overflow_changes_nothing() -> None:
    values = [Value(1.0), Value(-1e308)]
    optimiser = nn.SGD(values, lr=10.0)
    with pytest.raises(FloatingPointError, match="a parameter can't be updated: its new value would be -inf"):
        one_step(values, optimiser, [1.0, 1e308])
    assert [v.data for v in values] == [1.0, -1e308]


def test_a_memory_that_would_overflow_changes_nothing() -> None:
    values = [Value(1.0)]
    optimiser = nn.Adam(values)
    with pytest.raises(FloatingPointError, match="can't be updated"):
        one_step(values, optimiser, [1e200])
    assert (values[0].data, optimiser.state_dict()["memories"]) == (1.0, [[]])


@every_optimiser
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_error_in_the_rule_changes_nothing(make: Make, place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [Value(float(i)) for i in range(3)]
    optimiser = make(values)
    rule, calls = optimiser.update, iter(range(3))

    def failing(*arguments: Any) -> Any:
        if next(calls) == place:
            raise RuntimeError("in the rule")
        return rule(*arguments)

    before = snapshot(values, optimiser)
    monkeypatch.setattr(optimiser, "update", failing)
    with pytest.raises(RuntimeError, match="in the rule"):
        one_step(values, optimiser, [1.0, 1.0, 1.0])
    assert snapshot(values, optimiser) == before


@pytest.mark.parametrize("times", [1, 2, 5])
def test_an_interrupt_while_writing_leaves_a_whole_step(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [Value(1.0), Value(1.0), Value(1.0)]
    optimiser = nn.SGD(values, lr=0.5)
    whole: Any = optimiser._write
    interrupts: Iterator[bool] = iter([True] * times + [False])

    def write(moves: Any) -> None:
        if next(interrupts):
            values[0].data = moves[0][0]
            raise KeyboardInterrupt
        whole(moves)

    monkeypatch.setattr(optimiser, "_write", write)
    with pytest.raises(KeyboardInterrupt):
        one_step(values, optimiser, [1.0, 1.0, 1.0])
    assert [v.data for v in values] == [0.5, 0.5, 0.5]


@every_optimiser
def test_a_parameter_without_gradient_stays(make: Make) -> None:
    values = [Value(1.0), Value(2.0)]
    optimiser = make(values)
    one_step(values, optimiser, [None, 0.5])
    assert values[0].data == 1.0
    assert values[1].data != 2.0
    assert optimiser.state_dict()["memories"][0] == []


# -- going on where one was ----------------------------------------------------------------------


def train(model: nn.MLP, optimiser: Optimiser, steps: int) -> None:
    for _ in range(steps):
        nn.train_step(model, nn.mse, optimiser, nn.Data([[0.5, -1.0], [1.0, 2.0]], [1.0, -1.0]))


@every_optimiser
def test_fifty_and_fifty_steps_are_a_hundred_to_the_last_bit(make: Make) -> None:
    through, first = (nn.MLP(2, [4, 1], "tanh", seed=0) for _ in range(2))
    train(through, make(through.parameters()), 100)
    optimiser = make(first.parameters())
    train(first, optimiser, 50)
    saved = json.loads(json.dumps([first.state_dict(), optimiser.state_dict()]))
    second = nn.MLP(2, [4, 1], "tanh", seed=99)
    resumed = make(second.parameters())
    second.load_state_dict(saved[0])
    resumed.load_state_dict(saved[1])
    train(second, resumed, 50)
    assert second.state_dict() == through.state_dict()


def test_a_state_keeps_the_learning_rate() -> None:
    old, new = nn.SGD([Value(1.0)], lr=0.1), nn.SGD([Value(1.0)], lr=0.2)
    old.lr = 0.05
    new.load_state_dict(old.state_dict())
    assert new.lr == 0.05


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "has lr and memories, got nothing"),
        ({"lr": 0.1, "memories": []}, "the state is of 0 parameters, the optimiser has 1"),
        ({"lr": 0.1, "memories": [[1.0, 2.0]]}, "each memory needs 1 numbers"),
        ({"lr": -0.1, "memories": [[1.0]]}, "lr must be at least 0, got -0.1"),
        ({"lr": 0.1, "memories": [[math.nan]]}, "memory must be finite, got nan"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state: dict[str, Any], message: str) -> None:
    optimiser = nn.SGD([Value(1.0)], lr=0.3, momentum=0.9)
    before = optimiser.state_dict()
    with pytest.raises(ValueError, match=message):
        optimiser.load_state_dict(state)
    assert optimiser.state_dict() == before


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda p: nn.SGD(p, lr=-0.1), ValueError, "lr must be at least 0, got -0.1"),
        (lambda p: nn.Adam(p, lr=math.nan), ValueError, "lr must be at least 0, got nan"),
        (lambda p: nn.Adam(p, lr=math.inf), ValueError, "lr must be at least 0, got inf"),
        (lambda p: nn.Adam(p, lr="0.1"), TypeError, "lr must be a real number, got str '0.1'"),  # type: ignore[arg-type]
        (lambda p: nn.SGD(p, lr=True), TypeError, "lr must be a real number, got bool True"),
        (lambda p: nn.SGD(p, momentum=1.0), ValueError, "momentum must be at least 0 and below 1, got 1.0"),
        (lambda p: nn.SGD(p, nesterov=True), ValueError, "nesterov needs a momentum"),
        (lambda p: nn.SGD(p, momentum=0.9, nesterov=True, dampening=0.5), ValueError, "needs a dampening of 0, got 0.5"),
        (lambda p: nn.SGD(p, dampening=math.nan), ValueError, "dampening must be finite, got nan"),
        (lambda p: nn.RMSprop(p, alpha=1.0), ValueError, "alpha must be at least 0 and below 1, got 1.0"),
        (lambda p: nn.RMSprop(p, centered=1), TypeError, "centered must be True or False, got int 1"),  # type: ignore[arg-type]
        (lambda p: nn.Adagrad(p, lr_decay=-0.1), ValueError, "lr_decay must be at least 0, got -0.1"),
        (
            lambda p: nn.Adagrad(p, initial_accumulator_value=-1.0),
            ValueError,
            "initial_accumulator_value must be at least 0",
        ),
        (lambda p: nn.Adam(p, amsgrad="yes"), TypeError, "amsgrad must be True or False, got str 'yes'"),  # type: ignore[arg-type]
        (lambda p: nn.SGD(p, weight_decay=-1.0), ValueError, "weight_decay must be at least 0"),
        (lambda p: nn.Adam(p, betas=(0.9, 1.0)), ValueError, r"betas\[1\] must be at least 0 and below 1"),
        (lambda p: nn.Adam(p, eps=0.0), ValueError, "eps must be at least"),
        (lambda _: nn.SGD([]), ValueError, "no parameters"),
        (lambda _: nn.SGD([1.0]), TypeError, r"parameters must be Values, got 1.0: write model.parameters\(\)"),  # type: ignore[arg-type]
        (lambda p: nn.Adam(p, betas=0.9), TypeError, r"betas must be two numbers such as \(0.9, 0.999\), got float 0.9"),  # type: ignore[arg-type]
        (lambda p: nn.Adam(p, betas=(0.9,)), TypeError, r"betas must be two numbers .*, got tuple \(0.9,\)"),  # type: ignore[arg-type]
        (lambda p: nn.Adam(p, betas=None), TypeError, "betas must be two numbers .*, got None"),  # type: ignore[arg-type]
        (lambda p: nn.Adam(p, betas="ab"), TypeError, "betas must be two numbers .*, got str 'ab'"),  # type: ignore[arg-type]
        (lambda p: nn.SGD(p, lr=None), TypeError, "lr must be a real number, got None"),  # type: ignore[arg-type]
        (lambda _: nn.SGD(nn.MLP(1, [1]).state_dict()), TypeError, r"must be Values, got 'layer0.*: write model.parameters"),  # type: ignore[arg-type]
        (
            lambda _: nn.SGD(nn.MLP(1, [1]).named_parameters()),  # type: ignore[arg-type]
            TypeError,
            r"must be Values, got \('layer0.*: write model",
        ),
        (lambda _: nn.SGD(nn.MLP(1, [1]).parameters), TypeError, r"got method .*: write model.parameters\(\)"),  # type: ignore[arg-type]
        (lambda _: nn.SGD(nn.MLP(1, [1])), TypeError, r"write model.parameters\(\)"),  # type: ignore[arg-type]
        (lambda p: nn.SGD([p[0] * 2.0]), ValueError, "only leaves can be trained"),
    ],
)
def test_what_makes_no_optimiser_is_refused(build: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        build([Value(1.0)])


@pytest.mark.parametrize("memories", [None, 3.0, [1.0], "a", {"a": 1.0}], ids=repr)
def test_memories_that_are_none_are_refused(memories: Any) -> None:
    optimiser = nn.SGD([Value(1.0)], lr=0.3, momentum=0.9)
    with pytest.raises(TypeError, match="load_state_dict: memories must be a list of lists of numbers, got"):
        optimiser.load_state_dict({"lr": 0.1, "memories": memories})
    assert optimiser.lr == 0.3


def test_the_state_of_a_model_is_none_of_an_optimiser() -> None:
    with pytest.raises(ValueError, match=r"has lr and memories, got layer0.neuron0.w0, .*, …$"):
        nn.SGD([Value(1.0)]).load_state_dict(nn.MLP(2, [3, 1]).state_dict())


def test_an_optimiser_without_a_rule_says_so() -> None:
    x = Value(1.0)
    with pytest.raises(NotImplementedError, match=r"Optimiser has no update: take nn.SGD or nn.Adam"):
        one_step([x], Optimiser([x], lr=0.1), [1.0])


def test_a_learning_rate_set_later_is_checked_too() -> None:
    optimiser = nn.SGD([Value(1.0)], lr=0.1)
    with pytest.raises(ValueError, match="lr must be at least 0"):
        optimiser.lr = -1.0
    assert optimiser.lr == 0.1


def test_a_parameter_given_twice_moves_once() -> None:
    x = Value(1.0)
    one_step([x], nn.SGD([x, x], lr=1.0), [0.25])
    assert x.data == 0.75


def test_amsgrad_set_later_says_when() -> None:
    x = Value(1.0)
    optimiser = nn.Adam([x])
    optimiser.amsgrad = True
    with pytest.raises(ValueError, match=r"amsgrad can't be set later: nn.Adam\(parameters, amsgrad=True\)"):
        one_step([x], optimiser, [1.0])
    assert optimiser.state_dict()["memories"] == [[]]


def test_amsgrad_of_one_group_leaves_the_others_as_they_are() -> None:
    gradients = [3.0, 0.1, 0.1]
    together, one, other = [Value(1.0), Value(1.0)], Value(1.0), Value(1.0)
    parts: list[dict[str, Any]] = [{"params": together[:1], "amsgrad": True}, {"params": together[1:]}]
    groups = nn.Adam(parts, lr=0.1, betas=(0.5, 0.5))
    alone = nn.Adam([one], 0.1, (0.5, 0.5), amsgrad=True), nn.Adam([other], 0.1, (0.5, 0.5))
    for gradient in gradients:
        one_step(together, groups, [gradient, gradient])
        one_step([one], alone[0], [gradient])
        one_step([other], alone[1], [gradient])
    assert [x.data for x in together] == [one.data, other.data]
    assert one.data != other.data


def test_a_constant_gradient_has_no_variance_to_divide_by_and_rmsprop_stays_finite() -> None:
    """Its mean square less its mean's square rounds below 0, whose root is nan."""
    x = Value(0.0)
    optimiser = nn.RMSprop([x], lr=1e-9, alpha=0.5, centered=True)
    for _ in range(200):
        one_step([x], optimiser, [0.7])
    assert -15.0 < x.data < 0.0


def test_a_momentum_of_0_remembers_nothing() -> None:
    x = Value(1.0)
    optimiser = nn.SGD([x], lr=0.5)
    one_step([x], optimiser, [1.0])
    optimiser.momentum = 0.5
    one_step([x], optimiser, [1.0])
    assert (x.data, optimiser.state_dict()["memories"]) == (0.0, [[1.0]])


def test_repr_tells_size_and_rate() -> None:
    assert repr(nn.Adam([Value(1.0)], lr=0.01)) == "Adam(1 parameters, lr=0.01)"
