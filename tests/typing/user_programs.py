"""Programs of users who check their types: mypy --strict and pyright must find nothing in them, and they must run."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

import autograd as ag
import nn
from autograd import (
    Value,
    clip,
    compile,
    derivative,
    detect_anomaly,
    dot,
    exp,
    grad,
    gradient,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jvp,
    linearize,
    log,
    logsumexp,
    maximum,
    no_grad,
    primitive,
    scan,
    scope,
    softmax,
    tanh,
    value_and_grad,
    vjp,
    where,
)

# -- as with micrograd ---------------------------------------------------------------------------------------


def expression_of_the_readme() -> tuple[float, float]:
    a = Value(-4.0, name="a")
    b = Value(2.0)
    c: Value = a + b
    d: Value = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e: Value = c - d
    f: Value = e**2
    g: Value = f / 2.0
    g += 10.0 / f
    g.backward()
    return g.data, a.grad


def gradient_descent(steps: int = 200, rate: float = 0.1) -> list[float]:
    weights = [Value(0.1 * i, name=f"w{i}") for i in range(3)]
    bias = Value(0.0)
    parameters = [*weights, bias]
    rows = [([1.0, 2.0, 3.0], 1.0), ([2.0, -1.0, 0.5], -1.0)]
    for _ in range(steps):
        errors = [(dot(weights, row) + bias - target) ** 2 for row, target in rows]
        loss = ag.sum(errors) / len(errors)
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        for parameter in parameters:
            parameter.data -= rate * parameter.grad
    return [parameter.data for parameter in parameters]


def names_and_gradients_of_the_lecture() -> tuple[str, float, float]:
    a = Value(2.0, label="a")
    b = Value(-3.0)
    b.label = "b"
    out = Value(a.data * b.data, (a, b), "product")

    def _backward() -> None:
        a.grad += b.data * out.grad
        b.grad += a.data * out.grad

    out._backward = _backward
    out.backward()
    for p in out._prev:
        p.grad = 0
    b.grad = None
    unused: float = b.grad * 2
    a.grad -= 0.5
    return a.label + b.label + out._op, a.grad, unused


class Neuron:
    """A neuron as people write it by hand."""

    def __init__(self, weights: Sequence[float], activation: Callable[[Value], Value] = tanh):
        self.w = [Value(w) for w in weights]
        self.b = Value(0.0)
        self.activation = activation

    def __call__(self, xs: Sequence[Value | float]) -> Value:
        total = sum((w * x for w, x in zip(self.w, xs, strict=True)), self.b)
        return self.activation(total)

    def parameters(self) -> list[Value]:
        return [*self.w, self.b]


def a_neuron() -> float:
    neuron = Neuron([0.5, -0.5])
    with scope("neuron"):
        y = neuron([1.0, Value(2.0)])
    y.backward()
    norm: float = math.sqrt(sum(p.grad**2 for p in neuron.parameters() if p.grad is not None))
    return norm


def questions(x: Value) -> list[bool]:
    largest: Value = max(x, Value(2.0))
    in_order: list[Value] = sorted([x, largest, -x])
    return [x > 1, x == 2.0, 1 < x, x <= largest, in_order[0] < 0.0, math.isclose(x, 3.0), bool(x)]  # noqa: SIM300


def what_a_node_knows(x: Value) -> str:
    y = (x * 3).tanh().exp() + abs(x) - round(x) // 2 + x.elu(0.5) + x.leaky_relu() + x.clip(0.0, 1.0)
    quotient, remainder = divmod(y, 2)
    parents: tuple[Value, ...] = y.parents
    locals_: tuple[float, ...] = y.local_derivatives
    label: str = y.op or y.name or "leaf"
    number: float = quotient.data + remainder.data
    return f"{label} {len(parents)} {sum(locals_):.3f} {number:.3f} {y:.3f}"


# -- functions -----------------------------------------------------------------------------------------------


def functions_of_values_and_numbers(x: Value) -> tuple[Value, float]:
    node: Value = exp(x) + log(x) + maximum(x, 0.0) + maximum(0.0, x) + clip(x, -1.0, 1.0) + where(x > 0, x, 0.0)
    number: float = exp(1.0) + log(2) + maximum(1.0, 2.0) + clip(2.0, -1.0, 1.0) + where(True, 1.0, 0.0)
    nodes: list[Value] = softmax([x, 2 * x])
    numbers: list[float] = softmax([1.0, 2.0])
    node = node + ag.max(nodes) + ag.sum(v * v for v in nodes) + logsumexp(nodes) + ag.min(x, 1.0) + dot(nodes, numbers)
    number = number + ag.max(numbers) + ag.sum(n * n for n in numbers) + ag.min(1.0, 2.0) + dot(numbers, numbers)
    return node, number


def cross_entropy(logits: list[Value], label: int) -> Value:
    return logsumexp(logits) - logits[label]


# -- derivatives of functions ---------------------------------------------------------------------------------


def rosenbrock(x: Value, y: Value) -> Value:
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def length(point: list[Value]) -> Value:
    return ag.sum(x * x for x in point).sqrt()


def noted(x: Value) -> tuple[Value, str]:
    return x**2, "beside the value"


def polar(point: list[Value]) -> list[Value]:
    return [length(point), ag.atan2(point[1], point[0])]


def derivatives() -> float:
    by_x: float = grad(rosenbrock)(1.0, 2.0)
    by_y: float = grad(rosenbrock, argnums=1)(1.0, 2.0)
    both = grad(rosenbrock, argnums=(0, 1))(1.0, 2.0)
    value, dydx = value_and_grad(rosenbrock)(1.0, 2.0)
    direction: list[float] = grad(length)([3.0, 4.0])
    distance, away = value_and_grad(length)([3.0, 4.0])
    rows: list[list[float]] = jacobian(polar)([3.0, 4.0])
    curvature: list[list[float]] = hessian(length)([3.0, 4.0])
    along: list[float] = hvp(length)([3.0, 4.0], [1.0, 0.0])
    third: float = derivative(lambda x: x**4, 2.0, 3)
    second: float = grad(grad(lambda x: x**3))(2.0)
    moved, rate = jvp(rosenbrock, (1.0, 2.0), (1.0, 0.0))
    result, pull = vjp(rosenbrock, 1.0, 2.0)
    forward: list[list[float]] = jacfwd(polar)([3.0, 4.0])
    there, along_both = linearize(rosenbrock, 1.0, 2.0)
    products = hvp(rosenbrock, argnums=(0, 1))(1.0, 2.0, (1.0, 0.0))
    (slope, note), (again, _) = grad(lambda x: (x**2, "note"), has_aux=True)(1.0), hessian(noted, has_aux=True)(1.0)
    moving, pace, _ = jvp(noted, (1.0,), (2.0,), has_aux=True)
    _, pulled, _ = vjp(noted, 1.0, has_aux=True)
    by_name: dict[str, float] = grad(lambda p: p["w"] * 2.0 + p["b"] ** 2)({"w": 1.0, "b": 3.0})
    numbers = [by_x, by_y, value, dydx, distance, third, second, moved, rate, result, *pull(1.0), *by_name.values()]
    numbers += [
        *both,
        *direction,
        *away,
        *rows[0],
        *curvature[0],
        *along,
        *forward[0],
        there,
        along_both(1.0, 0.0),
        *products,
    ]
    numbers += [slope, len(note), again, moving, pace, *pulled(1.0)]
    return sum(numbers)


def derivatives_that_are_values() -> float:
    x, w = Value(2.0), Value(3.0)
    node: Value = grad(lambda x, w: w * x**2)(x, w)
    again: list[float] = gradient(node, [x, w])
    (first,) = gradient(x**3, [x], create_graph=True)
    return gradient(first, x) + sum(again)


def derivatives_in_a_loop() -> list[float]:
    functions: list[Callable[[Value], Value]] = [exp, tanh, lambda x: x**2]
    return [derivative(lambda x, f=f: f(x), 0.5) + grad(lambda x, f=f: f(x))(0.5) for f in functions]


def newton(f: Callable[[Value], Value], x: float, steps: int = 8) -> float:
    for _ in range(steps):
        value, dydx = value_and_grad(f)(x)
        x -= value / dydx
    return x


@primitive(lambda y, a, b: (2 * a * b, a * a))  # noqa: ARG005
def area(a: float, b: float) -> float:
    return a * a * b


def a_primitive() -> tuple[float, float]:
    x = Value(3.0)
    y: Value = area(x, 2.0)
    y.backward()
    return area(3.0, 2.0), x.grad


# -- with NumPy and scikit-learn -------------------------------------------------------------------------------


def linear_regression(X: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:  # noqa: N803
    def loss(weights: NDArray[np.object_]) -> Value:
        errors = X @ weights - y
        mean: Value = np.mean(errors**2)
        return mean

    weights = np.zeros(X.shape[1])
    for _ in range(20):
        weights -= 0.02 * grad(loss)(weights)
    return weights


def arrays_beside_values(x: Value) -> float:
    scaled = np.array([1.0, 2.0]) * x
    shifted = x + np.array([1.0, 2.0])
    node: Value = x * np.float64(2.0) + x * np.float32(2.0) + np.float64(2.0) * x
    total: Value = scaled.sum() + shifted.sum() + node
    return total.data


def recurrent(weight: float, inputs: list[float]) -> float:
    def step(h: Value, x: float) -> tuple[Value, Value]:
        h = (weight * h + x).tanh()
        return h, h

    last, every = scan(step, Value(0.0), inputs)
    total, _ = scan(lambda total, h: (total + h, None), 0.0, xs=every, length=len(inputs))
    return float((last + total).data)


def moons(rows: int = 20) -> float:
    from sklearn.datasets import make_moons

    X, y = make_moons(n_samples=rows, noise=0.1, random_state=0)  # noqa: N806
    neuron = Neuron([0.1, -0.1])
    scores = [neuron([float(a), float(b)]) for a, b in X]
    with no_grad():
        right = [(score.data > 0) == bool(label) for score, label in zip(scores, y, strict=True)]
    with detect_anomaly():
        loss = ag.mean([(1 - (2 * float(label) - 1) * score).relu() for score, label in zip(scores, y, strict=True)])
        loss.backward()
    return sum(right) / len(right)


@compile(in_axes=(None, None, 0, 0), reduce="mean")
def squared_error(slope: Value, offset: Value, x: Value, y: Value) -> Value:
    return (slope * x + offset - y) ** 2


def a_compiled_fit(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    slope, offset = 0.0, 0.0
    for _ in range(100):
        _, (by_slope, by_offset) = squared_error.value_and_grad(slope, offset, x, y, argnums=(0, 1))
        slope -= 0.1 * by_slope
        offset -= 0.1 * by_offset
    return slope, offset


def a_compiled_function() -> list[float]:
    f = compile(rosenbrock)
    value: float = f(1.0, 2.0)
    both, dydx = f.value_and_grad(1.0, 2.0)
    traced: Value = f(Value(1.0), Value(2.0))
    distance: float = compile(length)([3.0, 4.0])
    radius, angle = compile(polar)([3.0, 4.0])
    unknown = compile(lambda x: [x, 2 * x])(1.0)[0] + compile(lambda p: p["w"] * 2)({"w": 2.0})
    return [distance, radius + angle, unknown, value, both, dydx, f.grad(1.0, 2.0), f.hessian(1.0, 2.0), traced.data]


def a_net_as_in_micrograd(steps: int = 5) -> float:
    X, y = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0]], [1.0, -1.0, -1.0]  # noqa: N806
    model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
    loss = Value(math.inf)
    for step in range(steps):
        scores = [model(row) for row in X]
        losses = [(1 - target * score).relu() for target, score in zip(y, scores, strict=True)]
        loss = ag.sum(losses) * (1.0 / len(losses)) + 1e-4 * ag.sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * step / steps) * p.grad
    return loss.data


def a_net_with_an_optimiser() -> float:
    model = nn.MLP(2, [4, 1], activation=tanh, seed=0)
    optimiser = nn.Adam(model.parameters(), lr=0.01)
    data = nn.Data([[2.0, 3.0], [3.0, -1.0]], [1.0, -1.0])
    history = nn.fit(model, data.X, data.y, nn.mse, optimiser, epochs=2, progress=False)
    loss: float = history.loss[-1]
    return loss


def of_class(scores: list[Value], k: int) -> Value:
    return logsumexp(scores) - scores[k]


def a_classifier_of_arrays(X: NDArray[np.float64], y: NDArray[np.int64]) -> tuple[float, float, float]:  # noqa: N803
    model = nn.MLP(X.shape[1], [4, 2], seed=0)
    history = nn.fit(model, X, y, of_class, "adam", epochs=2, progress=None, validation=(X, y))
    loss, _ = nn.evaluate(model, X, y, of_class)
    score: Value = model.layerwise(X[0])[-1].a[0] * np.float64(2.0)
    return history.val_loss[-1] - loss, nn.accuracy(model, X, y == 1), score.data


def everything() -> list[object]:
    X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 5.0]])  # noqa: N806
    x = Value(3.0, name="x")
    return [
        expression_of_the_readme(),
        gradient_descent(),
        names_and_gradients_of_the_lecture(),
        a_neuron(),
        questions(x),
        what_a_node_knows(x),
        functions_of_values_and_numbers(x),
        cross_entropy([x, 2 * x], 0),
        derivatives(),
        derivatives_that_are_values(),
        derivatives_in_a_loop(),
        newton(lambda x: x**2 - 2.0, 1.0),
        a_primitive(),
        linear_regression(X, X.sum(axis=1)),
        arrays_beside_values(x),
        recurrent(0.5, [1.0, -1.0, 2.0]),
        moons(),
        a_compiled_fit(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0])),
        a_compiled_function(),
        a_net_as_in_micrograd(),
        a_net_with_an_optimiser(),
        a_classifier_of_arrays(X, np.array([0, 1, 1])),
    ]
