"""Write docs/accuracy.md: every operation of the rule table against mpmath, over its whole domain.

    python -m docs.make_accuracy                 # our own figures; the peers' from docs/accuracy_peers.json
    python -m docs.make_accuracy --peers         # measure PyTorch and JAX too, where installed, and keep the figures
    python -m docs.make_accuracy --only gelu pow --points 10000     # print these operations' rows, write nothing

For every operation: the worst error of the value, of the first and of the second derivatives in units in the last place
(ulp), and where it is. The points are drawn as the suite draws its own (tests/references.py), only more of them: from the
interior, from the whole domain, and close to whatever is special.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial, reduce
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from mpmath import mp

from autograd.interop.files import write_atomically
from autograd.rules.table import FLOATS, RULES
from docs.lane_functions import on_page
from tests.references import BEYOND, REFERENCES, TERMS, beyond, derivative, terms, ulps
from tests.rules.test_table import PAST, once, second_derivatives, variables

HERE = Path(__file__).parent
Point = tuple[float, ...]
Peer = Callable[[float], float]


class Worst(NamedTuple):
    """The largest error in ulp, and where it is."""

    error: float = 0.0
    at: Point = ()


# -- our side ------------------------------------------------------------------------------------------


def points(name: str, count: int) -> Iterator[Point]:
    """Of the suite's past, then of its samplers in turn."""
    random, reference = Random(name), REFERENCES[name]
    samplers = [sampler for sampler in (reference.whole, reference.sampler, reference.hard) if sampler]
    yield from PAST.get(name, [])
    for i in range(count):
        yield samplers[i % len(samplers)](random)


def exact(name: str, x: Point, orders: tuple[int, ...]) -> Any:
    """The number itself; None where mpmath's quotients don't settle."""
    try:
        with mp.workdps(60):
            return derivative(REFERENCES[name].function, x, orders)
    except (ArithmeticError, ValueError, TypeError):
        return None


def computed(name: str, x: Point) -> Iterator[tuple[tuple[int, ...], float]]:
    """The value, the first and the second derivatives, each with the orders by which it is derived."""
    at, y = variables(name, x), RULES[name].value(*x)
    partials = RULES[name].partials(FLOATS, y, *x)
    yield once(len(x)), y
    yield from ((once(len(x), i), partials[i]) for i in at)
    if not beyond(name, x):
        yield from zip((once(len(x), i, j) for i, j in product(at, at)), second_derivatives(name, x), strict=True)


def measured(name: str, count: int) -> list[Worst]:
    """The worst of the values, of the first and of the second derivatives."""
    worst = [Worst(), Worst(), Worst()]
    for x in points(name, count):
        for orders, actual in computed(name, x):
            if (number := exact(name, x, orders)) is not None:
                error = Worst(round(ulps(actual, number, terms(name, x, orders)), 2), x)
                worst[sum(orders)] = max(worst[sum(orders)], error, key=lambda w: w.error)
    return worst


# -- the peers -----------------------------------------------------------------------------------------


TORCH = {"norm_cdf": "special.ndtr", "log_sigmoid": "nn.functional.logsigmoid"}
TORCH |= {"hard_tanh": "nn.functional.hardtanh", "hard_sigmoid": "nn.functional.hardsigmoid"}
TORCH |= {name: f"nn.functional.{name}" for name in ("gelu", "mish", "silu", "softplus", "softsign")}
JAX = {f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
JAX |= {"neg": "negative", "lgamma": "gammaln", "softsign": "soft_sign", "norm_cdf": "ndtr"}
ALONE = sorted(name for name in RULES if len(next(points(name, 1))) == 1 and name not in ("identity", "where", "step"))


def torch_peer(name: str) -> Peer | None:
    """PyTorch's first derivative, None where it has no such operation."""
    import torch

    function = reduce(lambda place, part: getattr(place, part, None), TORCH.get(name, name).split("."), torch)

    def at(number: float) -> float:
        x = torch.tensor(number, dtype=torch.float64, requires_grad=True)
        return float(torch.autograd.grad(function(x), x)[0])

    return at if function else None


def jax_peer(name: str) -> Peer | None:
    """JAX's first derivative, None where it has no such operation."""
    import jax

    jax.config.update("jax_enable_x64", True)
    rooms = (jax.numpy, jax.nn, jax.scipy.special, jax.scipy.stats.norm, jax.lax)
    function = next((getattr(room, JAX.get(name, name)) for room in rooms if hasattr(room, JAX.get(name, name))), None)
    if name == "gelu":
        function = partial(jax.nn.gelu, approximate=False)
    if function is None:
        return None
    derivative = jax.jit(jax.grad(function))
    return lambda number: float(derivative(number))


def worst_of_peer(name: str, at: Peer, count: int) -> float:
    """The largest error of a peer's first derivative on our points, in ulp."""
    errors = [0.0]
    for x in points(name, count):
        if (number := exact(name, x, (1,))) is not None:
            errors.append(ulps(at(*x), number, terms(name, x, (1,))))
    return round(max(errors), 2)


def measured_peers(count: int) -> dict[str, Any]:
    """The peers' worst first derivatives by operation, and their versions."""
    import jax
    import torch

    peers: dict[str, Any] = {"versions": {"torch": torch.__version__.split("+")[0], "jax": jax.__version__}}
    for peer, make in (("torch", torch_peer), ("jax", jax_peer)):
        made = {name: make(name) for name in ALONE}
        peers[peer] = {name: worst_of_peer(name, at, count) for name, at in made.items() if at}
    return peers


# -- the page ------------------------------------------------------------------------------------------

INTRODUCTION = """# Accuracy

Made by `python -m docs.make_accuracy`, with {count} points for each operation against mpmath: its interior, its whole
domain evenly in the logarithm, from the smallest float to the largest, and close to whatever is special. Errors are in
units in the last place (ulp) of the exact result; where larger terms cancel to a result near zero, in ulp of the terms
(operations marked °). "0" means always the nearest float. Below each worst error is where it was found.

The suite holds every row to 4 ulp for values (8 where they cancel), 8 ulp for first derivatives and 64 ulp for second ones,
by every two operands. Second derivatives of operations marked ‡ end earlier than the domain; the reasons are below.

The last columns are the first derivative's worst error in PyTorch {torch} and JAX {jax} on the same points, float64.
"∞" means no digit right: 0, inf or nan where the exact derivative is an ordinary number, or an error beyond 10¹⁵ ulp.

| operation | value | first derivatives | second derivatives | PyTorch, first | JAX, first |
|---|---|---|---|---|---|
"""

LIMITS = """
## Functions of SciPy's values

`autograd/functions/scipy_special.py` takes values from scipy.special; derivatives are formulas of these. Worst errors in ulp
against mpmath at 150 points each (SciPy 1.17.1), of Bessel functions of the first and second kind in ulp of their waves, of
dawsn′ close to its zero in ulp of its terms:

| function | where | value | first derivative |
|---|---|---|---|
| `j0`, `j1` | ±100 | 12 | 14 |
| `y0`, `y1` | 0.001 to 100 | 4 | 4.9 |
| `i0`, `i1` | ±700 | 4.7 | 7.5 |
| `exp1` | 1e-100 to 700 | 1 | 0.7 |
| `dawsn` (ours; SciPy's is 49) | ±25 | 6 | 11 |
| `gammainc(2.5, x)` | 1e-50 to 300 | 154, at 2e-47 | 1.7 |
| `betainc(2.5, 0.5, x)` | 0.001 to 0.999 | 6.2 | 5.2 |
| `lbeta(a, b)` (ours) | a and b 1e-300 to 1e15 | 0.5 | 2.5 |
| `beta(a, b)` (ours; SciPy's is 31) | a and b 1e-300 to 1e15 | 0.5 | 3 |
| `zeta(2.5, q)` | 0.001 to 1000 | 3.2 | 4.5 |

The densities that are the derivatives of `gammainc` for a ≥ 20 and of `betainc` are exponentials of a sum: they err by an
ulp for each unit of its largest term, a·log x say. Far from the range above SciPy's values may be worse.

## Where accuracy ends

Second derivatives go through the local derivatives of the rule's own formula, and each of these has to be a float. They are
not asked for

{reasons}

Further:

- `sum`, `mean` and `dot` add from left to right and `prod` multiplies so, as Python does: half an ulp of the partial result
  an operand. Only where that leaves the range of floats do they scale.
- The derivatives of a product of more than 32 factors come from running products, which may over- or underflow on the way.
- `celu` is held to scales above 0. With one below, where the exponential grows, second derivatives may be nan where they
  overflow.
- `lgamma`, `digamma` and `polygamma` left of 0, and all derivatives of `sinc`, pass through 0 at numbers no float comes
  close to; there they keep the digits of their terms, not of the result. The zeros of gelu′, silu′, mish′ and of `digamma`
  right of 0 are known to twice the digits, so there the result itself keeps its digits.
- `gamma` is multiplied out from its values at 2 ± ½, or by Stirling's formula; its derivative keeps the digits
  of its terms close to its zeros left of 0.
- `gelu_tanh`′, for `gelu(x, approximate="tanh")`, is held to the size of its terms close to its zero at −0.75.
- At a kink the derivative is a convention, written down in [semantics.md](semantics.md).
"""


def row(name: str, own: list[Worst], peers: dict[str, Any]) -> str:
    """One operation's line of the table."""
    marks = "°" * (name in TERMS) + "‡" * (name in BEYOND)
    cells = [f"{shown(worst.error)}<br>{', '.join(map(repr, worst.at))}" if worst.error else "0" for worst in own]
    beside = [shown(peers[peer][name]) if name in peers.get(peer, {}) else "–" for peer in ("torch", "jax")]
    return f"| `{name}`{marks} | {' | '.join(cells + beside)} |\n"


def shown(error: float) -> str:
    """An error in ulp, two digits of it.

    >>> [shown(error) for error in (0.5, 12.345, 5242833563124412.0)]
    ['0.5', '12', '∞']
    """
    return "∞" if error > 1e15 or math.isnan(error) else f"{error:.2g}" if error < 99.5 else f"{error:.0e}"


def reasons() -> str:
    """A line for every limit, with the operations that it is of."""
    texts = dict.fromkeys(limit.reason for limit in BEYOND.values())
    lines = {text: [f"`{name}`" for name, limit in BEYOND.items() if limit.reason == text] for text in texts}
    return "\n".join(f"- of {' and '.join(names)} where {text}." for text, names in lines.items())


def main() -> None:
    """The command."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--points", type=int, default=600, help="points for each operation (default: 600)")
    options.add_argument("--peers", action="store_true", help="measure PyTorch and JAX too")
    options.add_argument("--only", nargs="*", help="print these operations and write nothing")
    chosen = options.parse_args()
    names = chosen.only or sorted(RULES)
    with multiprocessing.get_context("fork").Pool() as pool:
        own = dict(zip(names, pool.map(partial(measured, count=chosen.points), names, chunksize=1), strict=True))
    kept = HERE / "accuracy_peers.json"
    peers = measured_peers(chosen.points) if chosen.peers else json.loads(kept.read_text()) if kept.exists() else {}
    rows = [row(name, own[name], peers) for name in names]
    if chosen.only:
        print("".join(rows))
        return
    if chosen.peers:
        write_atomically(kept, json.dumps(peers, indent=1, sort_keys=True) + "\n")
    versions = peers.get("versions", {"torch": "–", "jax": "–"})
    head, lanes = INTRODUCTION.format(count=chosen.points, **versions), on_page().rstrip("\n")
    page = [head, *rows, "\n", lanes, "\n", LIMITS.format(reasons=reasons())]
    write_atomically(HERE / "accuracy.md", "".join(page))


if __name__ == "__main__":
    main()
