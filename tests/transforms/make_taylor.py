"""Taylor coefficients by mpmath with 60 digits, written to taylor.json: ``python -m tests.transforms.make_taylor``."""

import json
import math
from pathlib import Path
from typing import Any

import mpmath

mp: Any = mpmath.mp.clone()
mp.dps = 60
ORDER, DIGITS = 30, 25
FILE = Path(__file__).with_name("taylor.json")


def lse(*xs: Any) -> Any:
    return mp.log(sum(map(mp.exp, xs)))


def gelu_by_tanh(x: Any) -> Any:
    return x / 2 * (1 + mp.tanh(mp.sqrt(2 / mp.pi) * (x + mp.mpf(0.044715) * x**3)))


def net(x: Any) -> Any:
    hidden = [1 / (1 + mp.exp(-(mp.mpf(a) * x + mp.mpf(b)))) for a, b in [(0.7, -0.2), (-1.1, 0.4), (0.3, 0.9)]]
    return mp.tanh(sum(mp.mpf(v) * h for v, h in zip([0.5, -0.6, 1.2], hidden, strict=True)) + mp.mpf(0.1))


FUNCTIONS: dict[str, tuple[Any, float]] = {
    "reciprocal": (lambda x: 1 / x, 1.4),
    "division": (lambda x: (x + 1) / (x * x + 3), 0.4),
    "square": (lambda x: x * x, 0.4),
    "whole power": (lambda x: x**7, 1.4),
    "whole power at 0": (lambda x: x**5, 0.0),
    "negative power": (lambda x: x**-3, 1.4),
    "fractional power": (lambda x: x ** mp.mpf(0.3), 1.4),
    "exponential": (lambda x: mp.mpf(2) ** x, 1.4),
    "x to the x": (lambda x: x**x, 1.4),
    "sqrt": (mp.sqrt, 2.1),
    "rsqrt": (lambda x: 1 / mp.sqrt(x), 1.4),
    "cbrt": (mp.cbrt, 1.4),
    "exp": (mp.exp, 0.4),
    "exp2": (lambda x: mp.mpf(2) ** x, 0.4),
    "expm1": (mp.expm1, 0.4),
    "log": (mp.log, 1.3),
    "log2": (lambda x: mp.log(x) / mp.log(2), 1.4),
    "log10": (mp.log10, 1.4),
    "log1p": (mp.log1p, 0.4),
    "logaddexp": (lambda x: lse(x, mp.mpf(0.3)), 0.4),
    "xlogy": (lambda x: x * mp.log(x), 0.4),
    "sin": (mp.sin, 0.4),
    "cos": (mp.cos, 0.4),
    "tan": (mp.tan, 0.4),
    "asin": (mp.asin, 0.3),
    "acos": (mp.acos, 0.3),
    "atan": (mp.atan, 0.4),
    "atan2": (lambda x: mp.atan2(x, 2), 0.4),
    "sinc": (lambda x: mp.sin(mp.mpf(math.pi) * x) / (mp.mpf(math.pi) * x), 0.4),
    "sinh": (mp.sinh, 0.4),
    "cosh": (mp.cosh, 0.4),
    "tanh": (mp.tanh, 0.3),
    "asinh": (mp.asinh, 0.4),
    "acosh": (mp.acosh, 1.9),
    "atanh": (mp.atanh, 0.4),
    "hypot": (lambda x: mp.sqrt(x * x + 4), 0.4),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), 0.7),
    "log_sigmoid": (lambda x: -mp.log1p(mp.exp(-x)), 0.4),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), 0.4),
    "softsign": (lambda x: x / (1 + abs(x)), 0.4),
    "silu": (lambda x: x / (1 + mp.exp(-x)), 0.4),
    "gelu": (lambda x: x * mp.ncdf(x), 0.4),
    "mish": (lambda x: x * mp.tanh(mp.log1p(mp.exp(x))), 0.4),
    "elu": (mp.expm1, -0.4),
    "celu": (mp.expm1, -0.4),
    "erf": (mp.erf, 0.4),
    "erfc": (mp.erfc, 0.4),
    "norm_cdf": (mp.ncdf, 0.4),
    "norm_pdf": (mp.npdf, 0.4),
    "lgamma": (mp.loggamma, 2.4),
    "digamma": (mp.digamma, 2.4),
    "xlog1py": (lambda x: x * mp.log1p(x), 0.4),
    "log1mexp": (lambda x: mp.log(-mp.expm1(-x)), 0.7),
    "logaddexp2": (lambda x: mp.log(2**x + 2 ** mp.mpf(0.3)) / mp.log(2), 0.4),
    "entr": (lambda x: -x * mp.log(x), 0.4),
    "logit": (lambda x: mp.log(x / (1 - x)), 0.3),
    "exp10": (lambda x: mp.mpf(10) ** x, 0.4),
    "sinpi": (lambda x: mp.sin(mp.pi * x), 0.4),
    "cospi": (lambda x: mp.cos(mp.pi * x), 0.4),
    "sec": (mp.sec, 0.4),
    "csc": (mp.csc, 0.6),
    "cot": (mp.cot, 0.6),
    "sech": (mp.sech, 0.4),
    "softplus of beta 2": (lambda x: mp.log1p(mp.exp(2 * x)) / 2, 0.4),
    "hard_swish": (lambda x: x * (x + 3) / 6, 0.4),
    "gelu by tanh": (gelu_by_tanh, 0.4),
    "erfcx": (lambda x: mp.exp(x * x) * mp.erfc(x), 0.4),
    "erfinv": (mp.erfinv, 0.4),
    "erfcinv": (lambda x: mp.erfinv(1 - x), 0.6),
    "ndtri": (lambda x: mp.sqrt(2) * mp.erfinv(2 * x - 1), 0.4),
    "log_ndtr": (lambda x: mp.log(mp.ncdf(x)), 0.4),
    "gamma": (mp.gamma, 2.4),
    "polygamma": (lambda x: mp.psi(2, x), 2.4),
    "sum": (lambda x: x + x * x + 2 + mp.sin(x), 0.4),
    "mean": (lambda x: (x + x * x + 2) / 3, 0.4),
    "prod": (lambda x: x * x * mp.sin(x), 0.4),
    "dot": (lambda x: x * x + 2 * mp.exp(x), 0.4),
    "norm": (lambda x: mp.sqrt(x * x + 4 * x**4 + 1), 0.4),
    "logsumexp": (lambda x: lse(x, 2 * x, mp.mpf(0.3)), 0.4),
    "softmax": (lambda x: mp.exp(2 * x - lse(x, 2 * x, mp.mpf(0.3))), 0.4),
    "log_softmax": (lambda x: x - lse(x, 2 * x), 0.4),
    "exp of sin": (lambda x: mp.exp(mp.sin(x)), 0.5),
    "net 2-3-1": (net, 0.8),
}


def coefficients(name: str) -> list[str]:
    f, x = FUNCTIONS[name]
    return [mp.nstr(c, DIGITS) for c in mp.taylor(f, mp.mpf(x), ORDER)]


if __name__ == "__main__":
    FILE.write_text(json.dumps({name: coefficients(name) for name in FUNCTIONS}, indent=1) + "\n", encoding="utf-8")
