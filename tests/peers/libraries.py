"""JAX and PyTorch, each as a table: the name of an operation -> the library's own function, in float64.

Where a library lacks an operation the table says it in the library's own primitives, as the mathematical definition.
Graphs run eagerly, operation by operation: nothing is compiled for a graph as a whole.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Sequence
from functools import cache, partial, reduce
from typing import Any, NamedTuple

from autograd.testing.expressions import Expression, Step
from tests.peers.graphs import Graph

Function = Callable[..., Any]


class Library(NamedTuple):
    """A peer: its operations, a constant as its kind of number, and its gradient of a function of numbers."""

    name: str
    version: str
    operations: dict[str, Function]
    constant: Function
    differentiate: Callable[[Function, Sequence[float]], list[float]]

    def gradient(self, graph: Graph) -> list[float]:
        """What the library says the gradient is, one number for each variable."""
        return self.differentiate(partial(self.run, graph.expression), graph.point)

    def value(self, graph: Graph) -> float:
        """What the library says the value is."""
        return float(self.run(graph.expression, *map(self.constant, graph.point)))

    def run(self, expression: Expression, *numbers: Any) -> Any:
        """The expression's value, as the library's number."""
        known = dict(zip(expression.variables, numbers, strict=True))
        for step in expression.steps:
            known[step.target] = self._run(step, known)
        return known[expression.steps[-1].target]

    def _run(self, step: Step, known: dict[str, Any]) -> Any:
        first, *rest = (known[x] if isinstance(x, str) else self.constant(x) for x in step.operands)
        for _ in range(step.times):
            first = self.operations[step.operation](first, *rest)
        return first


def same(x: Any) -> Any:
    return x


LIBRARIES: dict[str, Callable[[], Library]] = {}


@cache
def library(name: str) -> Library:
    """The peer of that name; ImportError where it isn't installed."""
    return LIBRARIES[name]()


# -- JAX -------------------------------------------------------------------------------------------------


def _jax() -> Library:
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)

    def differentiate(f: Function, point: Sequence[float]) -> list[float]:
        return [float(dydx) for dydx in jax.grad(f, argnums=tuple(range(len(point))))(*point)]

    return Library("jax", jax.__version__, _jax_operations(jax), same, differentiate)


def _jax_operations(jax: Any) -> dict[str, Function]:
    numpy, nets, special = jax.numpy, jax.nn, importlib.import_module("jax.scipy.special")
    normal = importlib.import_module("jax.scipy.stats").norm

    def of_many(function: Function) -> Function:
        return lambda *xs: function(numpy.stack(xs))

    same_name = "abs add atan2 cbrt ceil copysign cos cosh exp exp2 expm1 floor fmod log log10 log1p log2 logaddexp"
    same_name += " maximum minimum mod reciprocal round sign sin sinc sinh sqrt square tan tanh trunc"
    other_name = {"sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power", "power": "power", "neg": "negative"}
    other_name |= {name: f"arc{name[1:]}" for name in ("asin", "acos", "atan", "asinh", "acosh", "atanh")}
    other_name |= {"atan2": "arctan2", "floordiv": "floor_divide"}
    operations = {name: getattr(numpy, name) for name in same_name.split()}
    operations |= {name: getattr(numpy, other) for name, other in other_name.items()}
    activations = "celu elu hard_tanh leaky_relu log_sigmoid mish relu selu sigmoid silu softplus"
    operations |= {name: getattr(nets, name) for name in activations.split()}
    operations |= {name: getattr(special, name) for name in ("digamma", "erf", "erfc", "xlogy")}
    operations |= {name: of_many(getattr(numpy, name)) for name in ("max", "mean", "min", "prod", "sum")}
    return operations | {
        "Value": same,
        "clip": numpy.clip,
        "gelu": partial(nets.gelu, approximate=False),
        "hypot": lambda *xs: reduce(numpy.hypot, xs),
        "hard_sigmoid": lambda x: numpy.clip((x + 3.0) / 6.0, 0.0, 1.0),
        "lgamma": special.gammaln,
        "logsumexp": of_many(special.logsumexp),
        "norm": of_many(numpy.linalg.norm),
        "norm_cdf": normal.cdf,
        "norm_pdf": normal.pdf,
        "rsqrt": jax.lax.rsqrt,
        "sech": lambda x: 1.0 / numpy.cosh(x),
        "softsign": nets.soft_sign,
    }


LIBRARIES["jax"] = _jax

# -- PyTorch ---------------------------------------------------------------------------------------------


def _torch() -> Library:
    torch = importlib.import_module("torch")
    number = partial(torch.tensor, dtype=torch.float64)

    def differentiate(f: Function, point: Sequence[float]) -> list[float]:
        leaves = [number(x, requires_grad=True) for x in point]
        y = f(*leaves)
        return [float(dydx) for dydx in torch.autograd.grad(y, leaves, allow_unused=True, materialize_grads=True)]

    return Library("torch", torch.__version__.split("+")[0], _torch_operations(torch), number, differentiate)


def _torch_operations(torch: Any) -> dict[str, Function]:
    nets = torch.nn.functional

    def of_many(function: Function) -> Function:
        return lambda *xs: function(torch.stack(xs))

    same_name = "abs acos acosh add asin asinh atan atan2 atanh ceil copysign cos cosh digamma div erf erfc exp exp2 expm1"
    same_name += " floor fmod lgamma log log10 log1p log2 logaddexp maximum minimum mul neg pow reciprocal round rsqrt"
    same_name += " sigmoid sign sin sinc sinh sqrt square sub tan tanh trunc xlogy"
    operations = {name: getattr(torch, name) for name in same_name.split()}
    activations = "gelu mish relu selu silu softplus softsign"
    operations |= {name: getattr(nets, name) for name in activations.split()}
    operations |= {name: of_many(getattr(torch, name)) for name in ("mean", "prod", "sum")}
    return operations | {
        "Value": same,
        "cbrt": lambda x: torch.sign(x) * torch.pow(torch.abs(x), 1.0 / 3.0),
        "clip": torch.clamp,
        "celu": lambda x, a: torch.where(x > 0, x, a * torch.expm1(x / a)),
        "elu": lambda x, a: torch.where(x > 0, x, a * torch.expm1(x)),
        "floordiv": partial(torch.div, rounding_mode="floor"),
        "hard_sigmoid": nets.hardsigmoid,
        "hypot": lambda *xs: reduce(torch.hypot, xs),
        "leaky_relu": lambda x, a: torch.where(x > 0, x, a * x),
        "hard_tanh": nets.hardtanh,
        "log_sigmoid": nets.logsigmoid,
        "logsumexp": of_many(partial(torch.logsumexp, dim=0)),
        "max": of_many(torch.amax),
        "min": of_many(torch.amin),
        "mod": torch.remainder,
        "norm": of_many(torch.linalg.vector_norm),
        "norm_cdf": torch.special.ndtr,
        "norm_pdf": lambda x: torch.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi),
        "power": torch.pow,
        "sech": lambda x: 1.0 / torch.cosh(x),
    }


LIBRARIES["torch"] = _torch
