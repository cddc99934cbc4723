"""Write docs/accuracy.md: the operations against mpmath, over their whole domains.

    python -m docs.make_accuracy                 # our own figures; the peers' from docs/accuracy_peers.json
    python -m docs.make_accuracy --peers         # measure PyTorch and JAX too, where installed, and keep the figures

For every operation: the worst error of the value, the first and the second derivative in units in the last place (ulp),
over points spread evenly in the logarithm, evenly in between, and close to the special points; and where the worst is.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Iterable
from functools import partial, reduce
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from mpmath import mp, mpf

from autograd import Value, gradient
from autograd.graph import reverse_topological_order
from autograd.rules import FLOATS, RULES
from autograd.value import apply
from tests.references import REFERENCES, derivative

HERE = Path(__file__).parent
MAX = sys.float_info.max


Peer = Callable[[float], tuple[float, ...]]


def nothing_cancels(_x: Any, _order: int) -> Any:
    """For results that have no zero between."""
    return 0


class Domain(NamedTuple):
    """Where an operation lives: an interval, the points to look at closely, and what cancels near a zero."""

    low: float = -MAX
    high: float = MAX
    close_to: tuple[float, ...] = ()
    terms: Callable[[Any, int], Any] = nothing_cancels


def _gamma_terms(x: Any, order: int) -> Any:
    """log Γ and ψ are sums of a logarithm and a series; below ½ of a reflection too."""
    reflected = mp.log(abs(mp.sinpi(x))) if order == 0 else mp.pi * mp.cot(mp.pi * x)
    return mp.log(abs(x) + 14) + abs(reflected)


def _wave_terms(x: Any, order: int) -> Any:
    """The derivatives of sinc are differences of waves over x."""
    return mpf(0) if abs(x) < 1 or order == 0 else mp.pi ** (order - 1) / abs(x)


REAL, POSITIVE = Domain(), Domain(low=5e-324)
DOMAINS = {
    **dict.fromkeys(("neg", "abs", "reciprocal", "square", "cbrt", "sin", "cos", "tan", "atan", "asinh", "softsign"), REAL),
    **dict.fromkeys(("relu", "hard_tanh", "hard_sigmoid", "one_minus_square"), REAL),
    **dict.fromkeys(("sqrt", "rsqrt"), POSITIVE),
    **dict.fromkeys(("log", "log2", "log10"), Domain(5e-324, MAX, (1.0,))),
    "log1p": Domain(math.nextafter(-1.0, 0.0), MAX, (-1.0, 0.0)),
    **dict.fromkeys(("exp", "expm1", "selu"), Domain(-745.2, 709.78)),
    "exp2": Domain(-1075.0, 1024.0),
    **dict.fromkeys(("sinh", "cosh"), Domain(-710.4, 710.4)),
    **dict.fromkeys(("tanh", "sech"), Domain(-745.0, 745.0)),
    **dict.fromkeys(("asin", "acos", "atanh"), Domain(math.nextafter(-1.0, 0.0), math.nextafter(1.0, 0.0), (-1.0, 1.0))),
    "acosh": Domain(math.nextafter(1.0, 2.0), MAX, (1.0,)),
    "sinc": Domain(-1e15, 1e15, (), _wave_terms),
    **dict.fromkeys(("sigmoid", "log_sigmoid", "softplus"), Domain(-745.0, 745.0)),
    "silu": Domain(-745.0, 745.0, (), lambda x, order: mpf(order == 1) if x > -3 else 0),
    "mish": Domain(-745.0, 745.0, (), lambda x, order: mpf(order > 0) if x > -3 else 0),
    "gelu": Domain(-38.6, 38.6, (), lambda x, order: mpf(order > 0) if abs(x) < 3 else 0),
    **dict.fromkeys(("erf", "erfc"), Domain(-27.3, 27.3)),
    "norm_cdf": Domain(-38.6, 38.6),
    "norm_pdf": Domain(-38.6, 38.6, (), lambda x, order: mpf(order == 2) if abs(x) < 3 else 0),
    "lgamma": Domain(-30.0, 1e300, (1.0, 2.0), _gamma_terms),
    "digamma": Domain(-30.0, MAX, (1.4616321449683622,), lambda x, order: _gamma_terms(x, 1) if order == 0 else 0),
}


# Operations of several numbers: a domain for each operand. Below the value's error stands the worst partial's.
TILTED = Domain(-700.0, 700.0)
SEVERAL: dict[str, tuple[Domain, ...]] = {
    **dict.fromkeys(("add", "sub", "mul", "div", "hypot", "atan2"), (REAL, REAL)),
    "pow": (POSITIVE, Domain(-30.0, 30.0)),
    "xlogy": (REAL, POSITIVE),
    "logaddexp": (TILTED, TILTED),
    **dict.fromkeys(("elu", "celu"), (TILTED, Domain(0.1, 10.0))),
    **dict.fromkeys(("softmax", "log_softmax", "logsumexp"), (TILTED, TILTED, TILTED)),
    "norm": (REAL, REAL, REAL),
}


def points(domain: Domain, count: int, random: Random) -> Iterable[float]:
    """Points of the domain: half evenly in the logarithm, the rest evenly or close to the special points."""
    while count:
        x = _point(domain, random)
        if domain.low <= x <= domain.high and not (x <= 0 and x == math.floor(x) and domain.low == -30.0):
            count -= 1
            yield x


def _point(domain: Domain, random: Random) -> float:
    kind = random.random()
    if domain.close_to and kind < 0.3:
        return random.choice(domain.close_to) + random.choice((-1.0, 1.0)) * math.exp(random.uniform(-36.0, -1.0))
    if kind < 0.7:
        return random.choice((-1.0, 1.0)) * math.exp(random.uniform(-744.0, math.log(max(-domain.low, domain.high))))
    return random.uniform(max(domain.low, -1e3), min(domain.high, 1e3))


# -- our side ------------------------------------------------------------------------------------------


def ours(name: str) -> Peer:
    """Value, first and second derivative of one of our operations."""

    def at(number: float) -> tuple[float, ...]:
        x = Value(number)
        y = apply(RULES[name], x)
        slope = gradient(y, x, create_graph=True)
        curvature = gradient(slope, x) if x in reverse_topological_order(slope) else 0.0
        return y.data, float(slope), curvature

    return at


# -- the peers -----------------------------------------------------------------------------------------


TORCH = {"norm_cdf": "special.ndtr", "log_sigmoid": "nn.functional.logsigmoid"}
TORCH |= {"hard_tanh": "nn.functional.hardtanh", "hard_sigmoid": "nn.functional.hardsigmoid"}
TORCH |= {name: f"nn.functional.{name}" for name in ("gelu", "mish", "silu", "softplus", "softsign")}
JAX = {f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
JAX |= {"neg": "negative", "lgamma": "gammaln", "softsign": "soft_sign", "norm_cdf": "ndtr"}


def torch_peer(name: str) -> Peer | None:
    """PyTorch's value and first derivative, None where it has no such operation."""
    import torch

    function = reduce(lambda place, part: getattr(place, part, None), TORCH.get(name, name).split("."), torch)

    def at(number: float) -> tuple[float, ...]:
        x = torch.tensor(number, dtype=torch.float64, requires_grad=True)
        y = function(x)
        return float(y.detach()), float(torch.autograd.grad(y, x)[0])

    return at if function else None


def jax_peer(name: str) -> Peer | None:
    """JAX's value and first derivative, None where it has no such operation."""
    import jax

    jax.config.update("jax_enable_x64", True)
    rooms = (jax.numpy, jax.nn, jax.scipy.special, jax.scipy.stats.norm, jax.lax)
    function = next((getattr(room, JAX.get(name, name)) for room in rooms if hasattr(room, JAX.get(name, name))), None)
    if name == "gelu":
        function = partial(jax.nn.gelu, approximate=False)
    if function is None:
        return None
    both = jax.jit(jax.value_and_grad(function))
    return lambda number: tuple(map(float, both(number)))


# -- the measure ---------------------------------------------------------------------------------------


def ulps(actual: float, exact: Any, terms: Any = 0) -> float:
    """The error in ulp of the exact number, or of the larger terms that cancel to it; in hundredths."""
    rounded = float(exact)
    if math.isinf(rounded) or math.isinf(actual):
        return 0.0 if actual == rounded else math.inf
    if actual != actual:
        return math.inf
    size = max(abs(exact), abs(terms))
    return round(float(abs(mpf(actual) - exact) / mpf(math.ulp(float(size)))), 2)


def worst(at: Peer, exact: dict[float, list[Any]], domain: Domain) -> list[tuple[float, float]]:
    """For value and derivatives: the largest error in ulp and the point."""
    result = [(0.0, math.nan)] * 3
    for x, references in exact.items():
        with mp.workdps(40):
            for i, (actual, reference) in enumerate(zip(at(x), references, strict=False)):
                if reference is not None:
                    error = ulps(actual, reference, domain.terms(mpf(x), i))
                    result[i] = max(result[i], (error, x), key=lambda found: found[0])
    return result


def references(name: str, xs: Iterable[float]) -> dict[float, list[Any]]:
    """The exact value and derivatives at each point; None where mpmath's quotients don't settle."""

    def exact(x: float, order: int) -> Any:
        try:
            with mp.workdps(60):
                return derivative(REFERENCES[name].function, (x,), (order,))
        except (ArithmeticError, ValueError, TypeError):
            return None

    return {x: [exact(x, order) for order in range(3)] for x in xs}


def worst_of_several(name: str, count: int) -> list[tuple[float, Any]]:
    """For value and worst partial of an operation of several numbers: the largest error in ulp and the point."""
    rule, random = RULES[name], Random(name)
    value, partial_ = (0.0, math.nan), (0.0, math.nan)
    for _ in range(count):
        x = tuple(next(iter(points(domain, 1, random))) for domain in SEVERAL[name])
        y = rule.value(*x)
        slopes = rule.partials(FLOATS, y, *x)
        with mp.workdps(40):
            value = max(value, (_error(name, y, x, -1), x), key=lambda found: found[0])
            found = max((_error(name, slope, x, i), x) for i, slope in enumerate(slopes))
            partial_ = max(partial_, found, key=lambda found: found[0])
    return [value, partial_]


def _error(name: str, actual: float, x: tuple[float, ...], operand: int) -> float:
    """The error of the value (operand −1) or of a partial; 0 where mpmath's quotients don't settle."""
    orders = tuple(int(i == operand) for i in range(len(x)))
    try:
        exact = derivative(REFERENCES[name].function, x, orders)
    except (ArithmeticError, ValueError, TypeError):
        return 0.0
    cancelling = max(map(abs, x)) if operand < 0 and name in ("logaddexp", "logsumexp") else 0
    return ulps(actual, exact, mpf(cancelling))


# -- the page ------------------------------------------------------------------------------------------

INTRODUCTION = """# Accuracy

Made by `python -m docs.make_accuracy`, with {count} points for each operation, evenly in the logarithm, evenly between
and close to the special points, against mpmath. Errors are in units in the last place (ulp) of the exact result; where
terms cancel to a result near zero, in ulp of the terms (marked °). Below each worst error is where it was found.

The last columns are the first derivative's worst error in PyTorch {torch} and JAX {jax} on the same points, float64.
"∞" means no digit right: 0, inf or nan where the exact derivative is an ordinary number, or an error beyond 10¹⁵ ulp.

| operation | value | first derivative | second derivative | PyTorch, first | JAX, first |
|---|---|---|---|---|---|
"""

SEVERAL_INTRODUCTION = """
## Operations of several numbers

The worst error of the value, and of the local derivative by any of the operands. `sum`, `mean`, `dot` and `prod` are not
among them: they add and multiply from left to right, and round as Python does.

| operation | value | first derivative |
|---|---|---|
"""


def row_of_several(name: str, own: list[tuple[float, Any]]) -> str:
    """One operation's line of the second table."""
    mark = "°" if name in ("logaddexp", "logsumexp") else ""
    cells = [f"{shown(error)}<br>{', '.join(f'{x:.3g}' for x in at)}" if error else "0" for error, at in own]
    return f"| `{name}`{mark} | {' | '.join(cells)} |\n"


def row(name: str, own: list[tuple[float, float]], peers: dict[str, Any], domain: Domain) -> str:
    """One operation's line of the table."""
    mark = "°" if domain.terms is not nothing_cancels else ""
    cells = [f"{shown(error)}<br>{at!r}" if error else "0" for error, at in own]
    beside = [shown(peers[peer][name][0]) if name in peers.get(peer, {}) else "–" for peer in ("torch", "jax")]
    return f"| `{name}`{mark} | {' | '.join(cells + beside)} |\n"


def shown(error: float) -> str:
    """An error in ulp, two digits of it.

    >>> [shown(error) for error in (0.5, 12.345, 5242833563124412.0)]
    ['0.5', '12', '∞']
    """
    return "∞" if error > 1e15 else f"{error:.2g}" if error < 99.5 else f"{error:.0e}"


def measured_peers(exact: dict[str, dict[float, list[Any]]]) -> dict[str, Any]:
    """The peers' worst first derivatives by operation, and their versions."""
    import jax
    import torch

    peers: dict[str, Any] = {"versions": {"torch": torch.__version__.split("+")[0], "jax": jax.__version__}}
    for peer, make in (("torch", torch_peer), ("jax", jax_peer)):
        made = {name: make(name) for name in exact}
        peers[peer] = {name: list(worst(at, exact[name], DOMAINS[name])[1]) for name, at in made.items() if at}
    return peers


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, default=400, help="points for each operation (default: 400)")
    options.add_argument("--peers", action="store_true", help="measure PyTorch and JAX too")
    options.add_argument("--only", nargs="*", default=list(DOMAINS), help="print these operations and write nothing")
    chosen = options.parse_args()
    exact = {name: references(name, points(DOMAINS[name], chosen.points, Random(name))) for name in chosen.only}
    kept = HERE / "accuracy_peers.json"
    peers = measured_peers(exact) if chosen.peers else json.loads(kept.read_text()) if kept.exists() else {}
    rows = [row(name, worst(ours(name), exact[name], DOMAINS[name]), peers, DOMAINS[name]) for name in sorted(exact)]
    if chosen.only != list(DOMAINS):
        print("".join(rows))
        return
    if chosen.peers:
        kept.write_text(json.dumps(peers, indent=1, sort_keys=True) + "\n")
    versions = peers.get("versions", {"torch": "–", "jax": "–"})
    several = [row_of_several(name, worst_of_several(name, chosen.points)) for name in sorted(SEVERAL)]
    page = [INTRODUCTION.format(count=chosen.points, **versions), *rows, SEVERAL_INTRODUCTION, *several]
    (HERE / "accuracy.md").write_text("".join(page))


if __name__ == "__main__":
    main()
