"""The functions that the rows of ``edge_cases.json`` name, written on ``autograd``."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import autograd as ag

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(ag, name)
        for name in (
            *("abs", "sign", "relu", "elu", "sqrt", "cbrt", "exp", "expm1", "log", "log1p", "log2", "reciprocal"),
            *("sin", "cos", "tan", "asin", "acos", "atan", "hypot", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
            *("sigmoid", "softplus", "log_sigmoid", "silu", "logaddexp", "floor", "ceil", "round", "trunc", "fmod"),
            *("xlogy", "erf", "erfc", "lgamma", "digamma", "copysign", "max", "min"),
        )
    },
    "leaky_relu(0.01)": lambda x: ag.leaky_relu(x, 0.01),
    "clip(x,-1,1)": lambda x: ag.clip(x, -1.0, 1.0),
    **{f"x**{p}": lambda x, p=p: x**p for p in (2, 3, 1, 0, 0.5, 1.5, -1, -2)},
    "pow(x,y)": operator.pow,
    "x*y": operator.mul,
    "x-y": operator.sub,
    "x/y": operator.truediv,
    "atan2(y,x)": ag.atan2,
    "sqrt(x*x+y*y)": lambda x, y: ag.sqrt(x * x + y * y),
    "gelu(exact)": ag.gelu,
    "logsumexp3": ag.logsumexp,
    "softmax3[0]": lambda *xs: ag.softmax(xs)[0],
    "log_softmax3[0]": lambda *xs: ag.log_softmax(xs)[0],
    "log(softmax)[0] naive": lambda a, b: ag.log(ag.exp(a) / (ag.exp(a) + ag.exp(b))),
    "x%y (floor mod)": operator.mod,
    "where(x>0,sqrt(x),0)": lambda x: ag.where(x > 0, ag.sqrt(x), 0.0),
    "where(x>0,log(x),0)": lambda x: ag.where(x > 0, ag.log(x), 0.0),
    "where(x==0,1,sin(x)/x)": lambda x: ag.where(x == 0, 1.0, ag.sin(x) / x),
    "double-where sin(x)/x": lambda x: ag.where(x == 0, 1.0, ag.sin(x) / ag.where(x == 0, 1.0, x)),
    "sinc(normalised)": ag.sinc,
    "x*log(x)": lambda x: x * ag.log(x),
    "sqrt(x**2)": lambda x: ag.sqrt(x**2),
    "prod(x,y,z)": ag.prod,
    "norm2(x,y)": ag.norm,
    "std(x,y,z) pop": lambda *xs: ag.std(xs),
    "heaviside-like x>0": lambda x: ag.where(x > 0, 1.0, x * 0.0),
}
