"""The operations of the rule table as functions of complex numbers: values only, no derivatives.

They are written for the complex step. The operands' real parts are a point, their imaginary parts some 2⁻¹⁰⁰ of
those, and the imaginary part of the result must have all its digits; so 1 − z² serves and (1 − z)(1 + z), where
those parts cancel, doesn't. An operation with a kink is the branch that its point lies on. At the kink ValueError is
raised, as ``cmath`` does at a pole.

Graphs with an operation that isn't here are checked by differences alone: see STEPS and NO_COMPLEX_FORM.

>>> FUNCTIONS["tanh"](complex(20.0, 1e-30)).imag / 1e-30  # doctest: +ELLIPSIS
1.699341702116...e-17
"""

from __future__ import annotations

import cmath
import math
import operator
from collections.abc import Callable
from typing import TypeAlias

from autograd.rules.composites import GELU_TANH, LN2, SELU_ALPHA, SELU_SCALE

ComplexFunction: TypeAlias = Callable[..., complex]

SQRT2, SQRT_PI, SQRT_2PI = math.sqrt(2.0), math.sqrt(math.pi), math.sqrt(2.0 * math.pi)
# Operations with ever more steps: a branch knows nothing of the next step.
STEPS = frozenset({"floor", "ceil", "round", "trunc", "floordiv", "mod", "fmod", "floor_quotient", "trunc_quotient"})
# Operations that no elementary formula continues to complex numbers.
NO_COMPLEX_FORM = frozenset({"lgamma", "digamma", "polygamma", "sinc_derivative", "expm1_rest"}) | {
    *("erfcx", "erfinv", "erfcinv", "ndtri", "log_ndtr", "gamma", "erfc_integral")
}
# Operations whose formula magnifies the rounding of an operand, or cancels at a zero of the derivative.
AMPLIFYING = frozenset(
    {
        "sinpi",
        "cospi",
        "gelu_tanh",
        "scaled_softplus",
        "sinc",
        "silu",
        "mish",
        "gelu",
        "celu",
        "erf",
        "erfc",
        "norm_cdf",
        "norm_pdf",
        "gaussian",
    }
)

# -- kinks ---------------------------------------------------------------------------------------------


def _by_sign(negative: ComplexFunction, positive: ComplexFunction) -> ComplexFunction:
    """The branch that the first operand's sign chooses."""

    def chosen(z: complex, *more: complex) -> complex:
        if z.real == 0.0:
            raise ValueError("a kink has no complex step")
        return (positive if z.real > 0.0 else negative)(z, *more)

    return chosen


_abs = _by_sign(lambda z: -z, lambda z: z)
_sign = _by_sign(lambda _: -1.0, lambda _: 1.0)


def _largest(*zs: complex) -> complex:
    first = max(zs, key=lambda z: z.real)
    if sum(z.real == first.real for z in zs) > 1:
        raise ValueError("a tie has no complex step")
    return first


def _least(*zs: complex) -> complex:
    return -_largest(*(-z for z in zs))


def _clip(z: complex, low: complex, high: complex) -> complex:
    return _least(_largest(z, low), high)


# -- powers and exponentials ------------------------------------------------------------------------------


def _pow(z: complex, p: complex) -> complex:
    """xᵖ·(z/x)ᵖ at the real part x: log(z/x) is tiny, so no digits go into p·log z."""
    x = z.real
    turn = p.imag * math.log(x) if p.imag else 0.0
    return math.pow(x, p.real) * cmath.exp(p * cmath.log(z / x) + complex(0.0, turn))


def _cbrt(z: complex) -> complex:
    return math.cbrt(z.real) * cmath.exp(cmath.log(z / z.real) / 3.0)


def _expm1(z: complex) -> complex:
    return complex(math.expm1(z.real), cmath.exp(z).imag)


def _celu(z: complex, a: complex) -> complex:
    """a·(exp(z/a) − 1), near 0 as a series: its first term is z, and doesn't depend on a."""
    if a.real == 0.0:
        raise ValueError("a pole")
    w = z / a
    if abs(w) > 0.5:
        return a * _expm1(w)
    return z + a * sum(w**k / math.factorial(k) for k in range(2, 18))


def _gaussian(k: complex, z: complex) -> complex:
    return cmath.exp(-k * z * z)


def _exp(z: complex) -> complex:
    """exp(z) as a term of a sum, which a quotient may scale up again: refused where too little of it is left."""
    if abs(z.real) > 230.0:
        raise OverflowError("too large an exponent")
    return cmath.exp(z)


def _ratio_sum(z: complex, *others: complex) -> complex:
    """Σ exp(other − z)."""
    return sum((_exp(other) / _exp(z) for other in others), 0j)


def _scaled_softplus(z: complex, b: complex) -> complex:
    e = cmath.exp(-b * z if (b * z).real > 0.0 else b * z)
    return (z if (b * z).real > 0.0 else 0.0) + 2.0 * cmath.atanh(e / (2.0 + e)) / b


def _logit(z: complex) -> complex:
    return cmath.log(z) - cmath.log(1.0 - z)


def _mish(z: complex) -> complex:
    """z·tanh(log(1 + eᶻ)), the tanh as 1/(1 + 2/n)."""
    e = cmath.exp(z)
    return z / (1.0 + 2.0 / (e * (e + 2.0)))


# -- circular, lengths, erf -------------------------------------------------------------------------------


def _sinc(z: complex) -> complex:
    """The product of cos(πz/2ᵏ) (Euler), which doesn't cancel near 0 as sin(πz)/πz does."""
    if abs(z.real) > 1e3:
        raise ValueError("π times a number so large has lost its phase")
    return math.prod((cmath.cos(math.pi * z / 2.0**k) for k in range(1, 50)), start=1.0 + 0j)


def _atan2(y: complex, x: complex) -> complex:
    if abs(y.real) > abs(x.real):
        return math.copysign(0.5 * math.pi, y.real) - cmath.atan(x / y)
    return cmath.atan(y / x) + (math.copysign(math.pi, y.real) if x.real < 0.0 else 0.0)


def _norm(*zs: complex) -> complex:
    if not any(z.real for z in zs):
        raise ValueError("a cone's tip has no complex step")
    return cmath.sqrt(sum(z * z for z in zs))


def _direction(z: complex, *others: complex) -> complex:
    """z over the length of all, without the cancellation of 1 − (z/length)² in its derivative."""
    if z.real == 0.0:
        return z / _norm(z, *others)
    return math.copysign(1.0, z.real) / cmath.sqrt(1.0 + sum((other / z) ** 2 for other in others))


def _softsign(z: complex) -> complex:
    side = math.copysign(1.0, z.real)
    return side - side / (1.0 + side * z)


def _erfc(z: complex) -> complex:
    """Near 0 from the series of Abramowitz & Stegun 7.1.6, else by the trapezoidal rule (Matta & Reichel 1971)."""
    if abs(z.real) < 0.5:
        term = total = z
        for n in range(1, 20):
            term *= 2.0 * z * z / (2 * n + 1)
            total += term
        return 1.0 - 2.0 / SQRT_PI * cmath.exp(-z * z) * total
    if z.real < 0.0:
        return 2.0 - _erfc(-z)
    terms = sum(math.exp(-0.25 * n * n) / (0.25 * n * n + z * z) for n in range(1, 14))
    integral = z * cmath.exp(-z * z) / math.pi * (0.5 / (z * z) + terms)
    return integral - (2.0 / (cmath.exp(4.0 * math.pi * z) - 1.0) if z.real < 2.0 * math.pi else 0.0)


def _norm_cdf(z: complex) -> complex:
    return 0.5 * _erfc(-z / SQRT2)


def _prod(*zs: complex) -> complex:
    product = 1.0 + 0j
    for z in zs:
        product *= z
        if product and not 1e-150 < abs(product) < 1e150:
            raise OverflowError("a product out of range")
    return product


def _dot(*zs: complex) -> complex:
    half = len(zs) // 2
    return sum(map(operator.mul, zs[:half], zs[half:]), 0j)


# -- the table ---------------------------------------------------------------------------------------------

OF_CMATH = "sqrt exp log log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"
FUNCTIONS: dict[str, ComplexFunction] = {
    **{name: getattr(cmath, name) for name in OF_CMATH.split()},
    **{name: getattr(operator, name) for name in ("add", "sub", "mul", "neg")},
    "div": operator.truediv,
    "pow": _pow,
    "power": _pow,
    "abs": _abs,
    "reciprocal": lambda z: 1.0 / z,
    "square": lambda z: z * z,
    "rsqrt": lambda z: 1.0 / cmath.sqrt(z),
    "cbrt": _cbrt,
    "exp2": lambda z: _pow(2.0, z),
    "expm1": _expm1,
    "log2": lambda z: cmath.log(z) / math.log(2.0),
    "log1p": lambda z: cmath.log(1.0 + z),
    "logaddexp": lambda a, b: cmath.log(_exp(a) + _exp(b)),
    "logaddexp2": lambda a, b: cmath.log(_exp(LN2 * a) + _exp(LN2 * b)) / LN2,
    "log1mexp": lambda z: cmath.log(-_expm1(-z)),
    "logit": _logit,
    "entr": lambda z: -z * cmath.log(z),
    "xlog1py": lambda x, y: x * cmath.log(1.0 + y),
    "xlogy": lambda x, y: x * cmath.log(y),
    "atan2": _atan2,
    "sinpi": lambda z: (-1.0) ** round(z.real) * cmath.sin(math.pi * (z - round(z.real))),
    "cospi": lambda z: (-1.0) ** round(z.real) * cmath.cos(math.pi * (z - round(z.real))),
    "sinc": _sinc,
    "sech": lambda z: 1.0 / cmath.cosh(z),
    "hypot": _norm,
    "maximum": _largest,
    "minimum": _least,
    "clip": _clip,
    "identity": lambda z: z,
    "where": lambda chosen: chosen,
    "sign": _sign,
    "copysign": lambda a, b: _abs(a) * _sign(b),
    "relu": _by_sign(lambda _: 0.0, lambda z: z),
    "leaky_relu": _by_sign(lambda z, a: a * z, lambda z, _: z),
    "elu": _by_sign(lambda z, a: a * _expm1(z), lambda z, _: z),
    "selu": _by_sign(lambda z: SELU_SCALE * SELU_ALPHA * _expm1(z), lambda z: SELU_SCALE * z),
    "celu": _by_sign(_celu, lambda z, _: z),
    "sigmoid": lambda z: 1.0 / (1.0 + cmath.exp(-z)),
    "log_sigmoid": lambda z: -cmath.log(1.0 + cmath.exp(-z)),
    "softplus": lambda z: cmath.log(1.0 + cmath.exp(z)),
    "scaled_softplus": _scaled_softplus,
    "softsign": _softsign,
    "silu": lambda z: z / (1.0 + cmath.exp(-z)),
    "gelu": lambda z: z * _norm_cdf(z),
    "gelu_tanh": lambda z: z / (1.0 + cmath.exp(-GELU_TANH * (z + 0.044715 * z**3))),
    "hard_swish": lambda z: z * _clip((z + 3.0) / 6.0, 0.0, 1.0),
    "mish": _mish,
    "hard_tanh": lambda z: _clip(z, -1.0, 1.0),
    "hard_sigmoid": lambda z: _clip((z + 3.0) / 6.0, 0.0, 1.0),
    "erf": lambda z: 1.0 - _erfc(z),
    "erfc": _erfc,
    "norm_cdf": _norm_cdf,
    "norm_pdf": lambda z: _gaussian(0.5, z) / SQRT_2PI,
    "sum": lambda *zs: sum(zs),
    "mean": lambda *zs: sum(zs) / len(zs),
    "prod": _prod,
    "dot": _dot,
    "norm": _norm,
    "max": _largest,
    "min": _least,
    "logsumexp": lambda *zs: cmath.log(sum(map(_exp, zs))),
    "softmax": lambda z, *others: 1.0 / (1.0 + _ratio_sum(z, *others)),
    "log_softmax": lambda z, *others: -cmath.log(1.0 + _ratio_sum(z, *others)),
    "step": _by_sign(lambda _: 0.0, lambda _: 1.0),
    "one_minus_square": lambda z: 1.0 - z * z,
    "gaussian": _gaussian,
    "direction": _direction,
}
