"""Write the coefficients of the functions that compiled code computes itself, and prove how far they are from the functions.

    python scripts/make_vector_math.py            # writes autograd/elementary/coefficients.py
    python scripts/make_vector_math.py --check    # writes nothing: is that file what this script makes?

Each polynomial is the minimax one: of all with as many coefficients that whose largest weighted error over its interval is
least, found by Remez's exchange in 60 digits. The weight makes of an error of the polynomial one of the function, relative
to its value. Then the coefficients are rounded to floats, and the error of what is left is bounded:

- The weighted error is approximated by a polynomial of degree D so well that the rest doesn't count. How well is read from
  its Chebyshev coefficients, which fall geometrically for a function that is analytic around the interval; D is where they
  have fallen below 2⁻⁸⁰.
- A polynomial of degree D is nowhere larger than its largest value at N > D Chebyshev points over cos(πD/2N) (Ehlich and
  Zeller, Mathematische Zeitschrift 86, 1964).

The bounds stand beside the coefficients, in units of 2⁻⁵³ of the function's value: half an ulp where its mantissa is 2, one
where it is 1. What rounding adds while the formulas are computed is measured: see docs/accuracy.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mpmath import cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, pi, polyval, sin, sqrt

FILE = Path(__file__).parents[1] / "autograd/elementary/coefficients.py"
TINY = mpf(10) ** -18  # so near to 0 a quotient that ends in 0/0 is its limit to 2⁻⁵⁹
mp.dps = 60


class Fit(NamedTuple):
    """A polynomial to be found: for what, from where to where, with how many coefficients, under which weight."""

    formula: str  # what it stands for
    function: Callable[[Any], Any]
    low: Any
    high: Any
    terms: int
    weight: Callable[[Any], Any]


def limit(function: Callable[[Any], Any], at_zero: Any) -> Callable[[Any], Any]:
    """A quotient, by its limit close to 0."""
    return lambda x: at_zero if abs(x) < TINY else function(x)


def rest(name: str, function: Callable[[Any], Any], order: int, first: Any, largest: Any, terms: int) -> Fit:
    """Of an odd or even function what follows its first terms: function(x) = those + xᵒʳᵈᵉʳ·p(x²)."""
    below, at_zero = first[:-1], first[-1]  # the terms before, and p(0)

    def quotient(x: Any) -> Any:
        return (function(x) - sum(c * x ** (order - 2 * k) for k, c in enumerate(reversed(below), 1))) / x**order

    return Fit(
        name,
        limit(lambda z: quotient(sqrt(abs(z))), at_zero),
        mpf(0),
        mpf(largest) ** 2 * mpf("1.0002"),
        terms,
        limit(lambda z: sqrt(abs(z)) ** order / function(sqrt(abs(z))), mpf(0) if below else 1 / first[0]),
    )


def scaled_erfc(t: Any) -> Any:
    """(2a + 1)·exp(a²)·erfc(a) at the a with t = (a − 3)/(a + 3)."""
    a = 3 * (1 + t) / (1 - t)
    return (2 * a + 1) * exp(a * a) * erfc(a)


def _t(a: str) -> Any:
    return (mpf(a) - 3) / (mpf(a) + 3)


def exp_rest(r: Any) -> Any:
    return (exp(r) - 1 - r) / r**2


def exp2_rest(r: Any) -> Any:
    return (2**r - 1 - r * log(2)) / r**2


def atanh2(s: Any) -> Any:
    return log((1 + s) / (1 - s))


HALF, EDGE = mpf("0.5"), log(2) / 2 * mpf("1.0001")
FITS = {
    "EXP": Fit("(eʳ − 1 − r)/r²", limit(exp_rest, HALF), -EDGE, EDGE, 10, limit(lambda r: r**2 / (exp(r) - 1), mpf(0))),
    "EXP2": Fit("(2ʳ − 1 − r·ln 2)/r²", limit(exp2_rest, log(2) ** 2 / 2), -HALF, HALF, 10, lambda r: r**2 / 2**r),
    "SINH": rest("(sinh r − r)/r³, z = r²", mp.sinh, 3, [mpf(1), mpf(1) / 6], EDGE, 5),
    "COSH": rest("(cosh r − 1)/r², z = r²", mp.cosh, 2, [mpf(1), HALF], EDGE, 6),
    "LOG": rest("(log((1 + s)/(1 − s)) − 2s)/s³, z = s²", atanh2, 3, [mpf(2), mpf(2) / 3], "0.2", 8),
    "LOG_FAR": rest("what follows ⅔ there, over s⁵", atanh2, 5, [mpf(2), mpf(2) / 3, mpf(2) / 5], "0.2", 10),
    "CBRT": Fit("∛m, before the digits are tripled", mp.cbrt, mpf("0.7499"), mpf("1.5001"), 7, lambda m: 1 / mp.cbrt(m)),
    "SIN": rest("(sin r − r)/r³, z = r²", sin, 3, [mpf(1), mpf(-1) / 6], pi / 4, 6),
    "COS": rest("(cos r − 1 + r²/2)/r⁴, z = r²", cos, 4, [mpf(1), -HALF, mpf(1) / 24], pi / 4, 6),
    "ATAN": rest("(atan t − t)/t³, z = t²", mp.atan, 3, [mpf(1), mpf(-1) / 3], 1, 20),
    "ASIN": rest("(asin s − s)/s³, z = s²", mp.asin, 3, [mpf(1), mpf(1) / 6], "0.5", 12),
    "ERF": Fit(
        "−log(erfc a)/a − 1",
        limit(lambda a: -log(erfc(a)) / a - 1, 2 / sqrt(pi) - 1),
        mpf(0),
        mpf(6),
        25,
        limit(lambda a: erfc(a) * a / erf(a), sqrt(pi) / 2),
    ),
    "ERF_NEAR": Fit(
        "erf(x)/x − 1, z = x²",
        limit(lambda z: erf(sqrt(abs(z))) / sqrt(abs(z)) - 1, 2 / sqrt(pi) - 1),
        mpf(0),
        mpf("0.6401"),
        12,
        limit(lambda z: sqrt(abs(z)) / erf(sqrt(abs(z))), sqrt(pi) / 2),
    ),
    "ERFC": Fit(
        "(2a + 1)·exp(a²)·erfc a, t = (a − 3)/(a + 3)",
        scaled_erfc,
        _t("0.799"),
        _t("27.3"),
        21,
        lambda t: 1 / scaled_erfc(t),
    ),
}


# -- the polynomials -------------------------------------------------------------------------------------


def chebyshev_points(low: Any, high: Any, count: int) -> list[Any]:
    """Where the Chebyshev polynomial of that degree is 0, mapped to an interval."""
    middle, radius = (low + high) / 2, (high - low) / 2
    return [middle - radius * cos(pi * (2 * k + 1) / (2 * count)) for k in range(count)]


def minimax(fit: Fit) -> list[Any]:
    """The coefficients of the best polynomial, by Remez's exchange on a fine grid of points."""
    points = [(x, fit.function(x), fit.weight(x)) for x in chebyshev_points(fit.low, fit.high, 24 * fit.terms)]
    chosen = [round(k * (len(points) - 1) / fit.terms) for k in range(fit.terms + 1)]
    for _ in range(30):
        *coefficients, level = _levelled([points[j] for j in chosen])
        errors = [(polyval(coefficients[::-1], x) - y) * w for x, y, w in points]
        if max(map(abs, errors)) < abs(level) * mpf("1.001"):
            return coefficients
        chosen = _extremes(errors, fit.terms + 1)
    return coefficients


def _levelled(points: list[tuple[Any, Any, Any]]) -> list[Any]:
    """The polynomial whose weighted errors at the points are equal and alternate in sign, then that error."""
    n = len(points)
    rows = matrix(n, n)
    for i, (x, _, w) in enumerate(points):
        for k in range(n - 1):
            rows[i, k] = x**k
        rows[i, n - 1] = (-1) ** i / (w or mpf(2) ** -200)
    return list(lu_solve(rows, matrix([y for _, y, _ in points])))


def _extremes(errors: list[Any], count: int) -> list[int]:
    """The largest error of each run of one sign; of too many the smallest at either end is left out."""
    chosen: list[int] = []
    for j, error in enumerate(errors):
        if not chosen or (error > 0) != (errors[chosen[-1]] > 0):
            chosen.append(j)
        elif abs(error) > abs(errors[chosen[-1]]):
            chosen[-1] = j
    while len(chosen) > count:
        chosen.pop(0 if abs(errors[chosen[0]]) < abs(errors[chosen[-1]]) else -1)
    return chosen


def bound(fit: Fit, coefficients: list[float]) -> Any:
    """The largest weighted error of the rounded coefficients over the whole interval: see the head of this file."""
    degree = _degree(fit, coefficients)
    points = chebyshev_points(fit.low, fit.high, 8 * degree)
    return max(abs(_error(fit, coefficients, x)) for x in points) / cos(pi / 16)


def _error(fit: Fit, coefficients: list[float], x: Any) -> Any:
    return (polyval([mpf(c) for c in coefficients[::-1]], x) - fit.function(x)) * fit.weight(x)


def _degree(fit: Fit, coefficients: list[float]) -> int:
    """From which degree on the weighted error's Chebyshev coefficients are below 2⁻⁸⁰."""
    n = 96
    points = chebyshev_points(fit.low, fit.high, n)
    errors = [_error(fit, coefficients, x) for x in points]
    for k in reversed(range(n)):
        term = sum(e * cos(pi * k * (2 * j + 1) / (2 * n)) for j, e in enumerate(errors)) * 2 / n
        if abs(term) > mpf(2) ** -80:
            return k + 1
    return 1


# -- the file --------------------------------------------------------------------------------------------


def split(x: Any, *bits: int) -> list[float]:
    """A constant as a sum of floats of at most so many bits each, the last one of 53."""
    parts = []
    for count in (*bits, 53):
        step = mpf(2) ** (mp.floor(log(abs(x), 2)) + 1 - count)
        parts.append(float(mp.nint(x / step) * step))
        x -= mpf(parts[-1])
    return parts


CONSTANTS = {
    "LN2": split(log(2), 53),
    "LN2_SHORT": split(log(2), 42),
    "TWO_THIRDS": split(mpf(2) / 3, 53),
    "CBRT_2": split(mp.cbrt(2)),
    "LOG2_E": split(1 / log(2), 53),
    "LOG10_2": split(log(2) / log(10), 42),
    "LOG10_E": split(1 / log(10), 53),
    "HALF_PI": split(pi / 2, 53, 30),
    "PI": split(pi, 53),
    "TWO_OVER_PI": split(2 / pi),
}


def lines() -> Iterator[str]:
    """The text of the file."""
    yield '"""Constants and the coefficients of polynomials, lowest first: made and proved by scripts/make_vector_math.py.\n'
    yield "A constant is a sum of floats. Beside each polynomial stands what it approximates, over which interval, and the"
    yield 'bound of its part in the function\'s relative error, in units of 2⁻⁵³.\n"""\n'
    for name, parts in CONSTANTS.items():
        yield f"{name} = {parts[0]!r}" if len(parts) == 1 else f"{name} = ({', '.join(map(repr, parts))})"
    for name, fit in FITS.items():
        coefficients = [float(c) for c in minimax(fit)]
        error = float(bound(fit, coefficients) * 2**53)
        yield f"\n# {fit.formula} from {float(fit.low):.4g} to {float(fit.high):.4g}: {error:.2g}"
        print(f"{name}: {error:.3g}", file=sys.stderr)
        yield f"{name} = ("
        yield from (f"    {c!r}," for c in coefficients)
        yield ")"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, tell whether the file is what would be written")
    text = "\n".join(lines()) + "\n" if not (check := parser.parse_args().check) else ""
    if check:
        return int(FILE.read_text(encoding="utf-8") != "\n".join(lines()) + "\n")
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
