"""``nn.Sequential``: modules and functions one after the other; residual and shared parts as plain arithmetic."""

import copy
import pickle
from typing import Any

import pytest

import autograd
import nn
from autograd import Value
from autograd.testing import check_gradients


def squared(a: list[Value]) -> list[Value]:
    return [x * x for x in a]


def small() -> nn.Sequential:
    return nn.Sequential(nn.Layer(2, 3, "tanh", seed=0), squared, nn.Layer(3, 1, "linear", seed=1))


def test_each_part_gets_what_the_one_before_gives() -> None:
    model = small()
    first, _, last = model.parts
    expected = last(squared(first([0.5, -1.0])))
    assert model([0.5, -1.0]).data == expected[0].data


def test_one_output_is_a_value_and_several_are_a_list() -> None:
    assert isinstance(small()([1, 2]), Value)
    assert len(nn.Sequential(nn.Layer(2, 3, seed=0), autograd.softmax)([1.0, 2.0])) == 3


def test_a_value_is_handed_on_as_a_list_of_one() -> None:
    model = nn.Sequential(nn.MLP(2, [3, 1], seed=0), nn.MLP(1, [2, 1], seed=1))
    assert isinstance(model([0.5, 1.0]), Value)


def test_parameters_are_named_by_part() -> None:
    names = [name for name, _ in small().named_parameters()]
    assert (names[0], names[-1], len(names)) == ("part0.neuron0.w0", "part2.neuron0.b", 13)


def test_a_slice_shares_the_parameters() -> None:
    model = small()
    body = model[:-1]
    assert isinstance(body, nn.Sequential)
    assert [id(p) for p in body.parameters()] == [id(p) for p in model.parameters()[:9]]
    assert model[1] is squared
    assert len(model) == 3


def test_it_trains_compiled_as_node_by_node() -> None:
    X = [[i / 10.0, (i % 7) / 7.0] for i in range(20)]  # noqa: N806
    y = [a * b for a, b in X]
    losses = []
    for compiled in (True, False):
        model = small()
        history = nn.fit(model, X, y, "mse", "adam", 800, 10, compiled, lr=0.02, seed=0, progress=False)
        assert history.why == ""
        losses.append(history.loss)
    assert losses[0][-1] < 0.1 * losses[0][0]
    assert losses[0][:50] == pytest.approx(losses[1][:50], rel=1e-9)


def test_it_is_copied_and_pickled() -> None:
    model = small()
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin([0.5, 1.0]).data == model([0.5, 1.0]).data


def test_repr_tells_the_parts() -> None:
    assert repr(small()) == "Sequential(Layer(2 → 3 tanh) → squared → Layer(3 → 1 linear); 13 parameters)"


@pytest.mark.parametrize(
    ("parts", "error", "message"),
    [
        ((), ValueError, "at least one part"),
        (
            ([nn.Neuron(2, seed=0)],),
            TypeError,
            r"part 0 must be a module .*, got list .*; write nn.Sequential\(\*p",
        ),
        (
            (nn.Neuron(2, seed=0), "tanh"),
            TypeError,
            "part 1 must be a module .*, got str 'tanh'; give autograd's",
        ),
        ((nn.MLP,), TypeError, "part 0 must be a module or a function, got"),
    ],
)
def test_bad_parts_are_named(parts: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nn.Sequential(*parts)


def test_flatten_puts_rows_one_after_the_other() -> None:
    x = Value(1.0)
    assert nn.flatten([[x, 2.0], (3.0,), [[4.0]]])[0] is x
    assert nn.flatten([[1.0, 2.0], (3.0,), [[4.0]], 5.0]) == [1.0, 2.0, 3.0, 4.0, 5.0]


# -- plain arithmetic ----------------------------------------------------------------------------------


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, body: nn.Module):
        self.body = body

    def __call__(self, x: Any) -> list[Any]:
        return [a + b for a, b in zip(x, self.body(x), strict=True)]


class Tied(nn.Module):
    """An autoencoder whose decoder is the encoder's transpose: its weights are shared."""

    def __init__(self) -> None:
        self.encoder = nn.Layer(4, 2, "tanh", bias=False, seed=0)

    def __call__(self, x: Any) -> Any:
        code = self.encoder(x)
        columns = zip(*(neuron.w for neuron in self.encoder.neurons), strict=True)
        return [autograd.dot(column, code) for column in columns]


def test_a_residual_part_is_a_sum() -> None:
    block = nn.Layer(2, 2, "tanh", seed=0)
    model = nn.Sequential(Residual(block), Residual(block), nn.Layer(2, 1, "linear", seed=1))  # shared: one block, twice
    assert len(model.parameters()) == 6 + 3
    numbers = [p.data for p in model.parameters()]
    check_gradients(lambda numbers: model.at(numbers)([0.3, -0.7]), numbers)


def test_shared_weights_get_the_gradients_of_all_their_uses() -> None:
    model = Tied()
    assert len(model.parameters()) == 8
    numbers = [p.data for p in model.parameters()]
    x = [0.5, -0.2, 0.1, 0.9]
    check_gradients(lambda numbers: nn.mse(model.at(numbers)(x), x), numbers)
    history = nn.fit(model, [x] * 4, [x] * 4, "mse", "adam", 60, progress=False, seed=0, lr=0.05)
    assert history.loss[-1] < 0.2 * history.loss[0]
