"""``nn.Embedding``: rows looked up by number, by hand, in training and compiled."""

import random
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Value, compile


def test_rows_begin_standard_normal_and_by_seed() -> None:
    numbers = [p.data for p in nn.Embedding(200, 50, seed=0).parameters()]
    mean = sum(numbers) / len(numbers)
    assert abs(mean) < 0.05
    assert sum((x - mean) ** 2 for x in numbers) / len(numbers) == pytest.approx(1.0, abs=0.05)
    assert numbers == [p.data for p in nn.Embedding(200, 50, seed=0).parameters()]


@pytest.mark.parametrize("index", [2, 2.0, np.int64(2), Value(2.0), np.array(2)])
def test_a_number_gives_its_row(index: Any) -> None:
    embedding = nn.Embedding(4, 3, seed=0)
    assert [id(x) for x in embedding(index)] == [id(x) for x in embedding.rows[2]]


@pytest.mark.parametrize("indices", [[2, 0], (2.0, 0.0), range(2, -1, -2), np.array([2, 0]), [Value(2.0), 0]])
def test_numbers_give_their_rows(indices: Any) -> None:
    embedding = nn.Embedding(4, 3, seed=0)
    assert [[id(x) for x in row] for row in embedding(indices)] == [[id(x) for x in embedding.rows[k]] for k in (2, 0)]


@pytest.mark.parametrize("index", [4, -1, 1.5, [0, 9]])
def test_outside_it_is_an_index_error_that_names_the_module(index: Any) -> None:
    with pytest.raises(IndexError, match=r"^Embedding\(4 × 3\): index must be a whole number from 0 to 3; got"):
        nn.Embedding(4, 3)(index)


def test_what_is_no_number_is_a_type_error_that_names_the_module() -> None:
    embedding: Any = nn.Embedding(4, 3)
    for bad in ("a", None, True):
        with pytest.raises(TypeError, match=r"^Embedding\(4 × 3\): index must be a real number"):
            embedding(bad)


def test_only_rows_that_were_looked_up_have_a_gradient() -> None:
    embedding = nn.Embedding(3, 2, seed=0)
    sum(nn.flatten(embedding([0, 0, 2]))).backward()
    assert [[x.grad_or_none for x in row] for row in embedding.rows] == [[2.0, 2.0], [None, None], [1.0, 1.0]]


def test_compiled_every_lane_has_its_row() -> None:
    embedding = nn.Embedding(5, 2, seed=0)
    table = np.array([p.data for p in embedding.parameters()])

    def norm(numbers: Any, index: Any) -> Any:
        return sum(x * x for x in embedding.at(numbers)(index))

    value, gradient = compile(norm, (None, 0), "sum").value_and_grad(table, np.array([1.0, 1.0, 4.0]))
    expected = np.zeros((5, 2))
    expected[1], expected[4] = 4.0 * table.reshape(5, 2)[1], 2.0 * table.reshape(5, 2)[4]
    assert gradient.reshape(5, 2) == pytest.approx(expected, rel=1e-15)
    assert value == pytest.approx(float((expected * table.reshape(5, 2)).sum() / 2.0), rel=1e-14)


def test_a_model_of_several_indices_trains_compiled_as_node_by_node() -> None:
    rng = random.Random(0)
    X = [[rng.randrange(5), rng.randrange(5)] for _ in range(60)]  # noqa: N806
    y = [(a + b) % 3 for a, b in X]
    losses = []
    for compiled in (True, False):
        body = nn.MLP(6, [8, 3], "tanh", seed=1)
        model = nn.Sequential(nn.Embedding(5, 3, seed=0), nn.flatten, body)
        history = nn.fit(model, X, y, "cross_entropy", "sgd", 60, 20, compiled, lr=0.1, seed=0, progress=False)
        assert history.why == ""
        losses.append(history.loss)
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
    assert losses[0][-1] < 0.8 * losses[0][0]


def test_repr_tells_the_size() -> None:
    assert repr(nn.Embedding(27, 8)) == "Embedding(27 × 8)"
