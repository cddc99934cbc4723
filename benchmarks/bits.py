"""A digest of what random programs compute, to compare two commits on one machine: equal digests, equal bits.

    python -m benchmarks.bits [programs]      # in either checkout

Each program is a random expression of the rule table's operations at random points. Its value, gradient and second
derivatives are computed on the graph, and compiled at a point and over lanes. Only public names are used, so that
the file runs in an older checkout too.
"""

import hashlib
import random
import struct
import sys
from collections.abc import Callable, Iterable
from typing import Any

import autograd as ag
from autograd import Value

UNARY = [
    *("neg", "abs", "square", "sqrt", "rsqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin"),
    *("cos", "tan", "asin", "acos", "atan", "sinc", "sinh", "cosh", "tanh", "sech", "asinh", "acosh", "atanh", "sign"),
    *("floor", "ceil", "round", "trunc"),
    *("relu", "selu", "gelu", "silu", "mish", "softplus", "softsign", "sigmoid", "log_sigmoid"),
    *("hard_tanh", "hard_sigmoid", "erf", "erfc", "lgamma", "digamma", "norm_cdf", "norm_pdf", "leaky_relu", "elu", "celu"),
]
BINARY = ["add", "sub", "mul", "div", "mod", "pow", "hypot", "atan2", "maximum", "minimum", "logaddexp", "xlogy", "copysign"]
MANY = ["sum", "mean", "prod", "norm", "max", "min", "logsumexp"]
VARIABLES = 3


def program(draw: random.Random) -> Callable[..., Any]:
    """A random function of three numbers: steps on what the steps before gave."""
    steps = [_step(draw, VARIABLES + i) for i in range(draw.randrange(2, 14))]

    def f(*xs: Any) -> Any:
        numbers = list(xs)
        for name, operands in steps:
            numbers.append(getattr(ag, name)(*[numbers[x] if isinstance(x, int) else x for x in operands]))
        return ag.sum(numbers[-3:])

    return f


def _step(draw: random.Random, known: int) -> tuple[str, list[Any]]:
    kind = draw.random()
    names, arity = (UNARY, 1) if kind < 0.5 else (BINARY, 2) if kind < 0.85 else (MANY, 3)
    operands: list[Any] = [draw.randrange(known) for _ in range(arity)]
    if arity == 2 and draw.random() < 0.3:
        operands[draw.randrange(2)] = draw.choice([0.5, 2.0, -1.5, 3.0])
    return draw.choice(names), operands


def results(f: Callable[..., Any], points: list[list[float]]) -> Iterable[float]:
    """Everything that can be asked of a function: on the graph, then compiled at points and over lanes."""
    import numpy as np

    places = tuple(range(VARIABLES))
    for point in points:
        leaves = [Value(x) for x in point]
        y = f(*leaves)
        if isinstance(y, Value):
            y.backward()
            yield from (y.data, *(float(leaf.grad or 0.0) for leaf in leaves))
        else:
            yield float(y)
    for row in ag.hessian(lambda v: f(*v))(points[0]):
        yield from row
    compiled, lanes = ag.compile(f), ag.compile(f, in_axes=(0, 0, None), reduce="sum")
    for point in points:
        value, gradient = compiled.value_and_grad(*point, argnums=places)
        yield from (value, *gradient)
    columns = np.array(points).T
    value, gradient = lanes.value_and_grad(columns[0], columns[1], points[0][2], argnums=places)
    yield float(value)
    for part in gradient:
        yield from np.ravel(part).tolist()


def digest(programs: int, seed: int = 2024) -> str:
    """SHA-256 over the bits of all results, nan being nan."""
    draw, found = random.Random(seed), hashlib.sha256()
    for _ in range(programs):
        f, points = program(draw), [[draw.uniform(-3.0, 3.0) for _ in range(VARIABLES)] for _ in range(5)]
        for x in results(f, points):
            found.update(struct.pack("<d", x) if x == x else b"nan")
    return found.hexdigest()


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{count} programs: {digest(count)}")
