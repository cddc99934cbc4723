"""Special functions with SciPy's values and our derivatives; SciPy is loaded when one is called.

Each is a ``primitive``: eager, and compiled, where it is called back for every lane, and differentiable to any order. What
``a``, ``b`` and ``s`` stand for are plain numbers, for the derivatives by them are no such functions.
Source: NIST Digital Library of Mathematical Functions, 6.2, 8.8, 8.17, 10.6, 10.29 and 25.11.

>>> x = Value(1.0); y = j0(x); y.backward(); y.data, x.grad
(0.7651976865579665, -0.44005058574493355)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, SupportsFloat

from autograd import functions as f
from autograd.functions.beta import lbeta
from autograd.functions.primitive import primitive
from autograd.interop.packages import needed
from autograd.rules.ieee import INF, NAN
from autograd.value import Value, where

__all__ = ["betainc", "exp1", "gammainc", "i0", "i1", "j0", "j1", "y0", "y1", "zeta"]


@cache
def scipy(name: str, function: str) -> Callable[..., float]:
    """A function of scipy.special, for the function of ours that asks."""
    with needed(f"autograd.{name}", "scipy", "special"):
        from scipy import special
    found: Callable[..., float] = getattr(special, function)
    return found


# -- Bessel functions ---------------------------------------------------------------------------------------
# SciPy's j0, j1, y0 and y1 lose the phase far out, x·10⁻¹⁶ of it, where jv and yv don't; close to 0 jv is 160 ulp off.


def d_j0(_y: Any, x: Any) -> Any:
    return -j1(x)


@primitive(d_j0)
def j0(x: float) -> float:
    """J₀(x), the Bessel function of the first kind; J₀′ = −J₁.

    >>> j0(0.0)
    1.0
    """
    return scipy("j0", "j0")(x) if abs(x) < 5.0 else scipy("j0", "jv")(0.0, x)


def d_j1(_y: Any, x: Any) -> Any:
    return 0.5 * (j0(x) - jn(2.0, x))


@primitive(d_j1)
def j1(x: float) -> float:
    """J₁(x); J₁′ = ½(J₀ − J₂), which is ½ at 0.

    >>> j1(0.0)
    0.0
    """
    return scipy("j1", "j1")(x) if abs(x) < 5.0 else scipy("j1", "jv")(1.0, x)


def d_jn(_y: Any, n: Any, x: Any) -> Any:
    return NAN, 0.5 * ((jn(n - 1.0, x) if n > 2.0 else j1(x)) - jn(n + 1.0, x))


@primitive(d_jn)
def jn(n: float, x: float) -> float:
    """Jₙ(x) of order 2 and above, for the derivatives of J₁."""
    return scipy("j1", "jv")(n, x)


def d_y0(_y: Any, x: Any) -> Any:
    return -y1(x)


@primitive(d_y0)
def y0(x: float) -> float:
    """Y₀(x), the Bessel function of the second kind, of x ≥ 0; Y₀′ = −Y₁.

    >>> y0(0.0)
    -inf
    """
    return scipy("y0", "yv")(0.0, x)


def d_y1(_y: Any, x: Any) -> Any:
    return 0.5 * (y0(x) - yn(2.0, x))


@primitive(d_y1)
def y1(x: float) -> float:
    """Y₁(x) of x ≥ 0; Y₁′ = ½(Y₀ − Y₂).

    >>> y1(0.0)
    -inf
    """
    return scipy("y1", "yv")(1.0, x)


def d_yn(_y: Any, n: Any, x: Any) -> Any:
    return NAN, 0.5 * ((yn(n - 1.0, x) if n > 2.0 else y1(x)) - yn(n + 1.0, x))


@primitive(d_yn)
def yn(n: float, x: float) -> float:
    """Yₙ(x) of order 2 and above, for the derivatives of Y₁."""
    return scipy("y1", "yv")(n, x)


def d_i0(_y: Any, x: Any) -> Any:
    return i1(x)


@primitive(d_i0)
def i0(x: float) -> float:
    """I₀(x), the modified Bessel function of the first kind; I₀′ = I₁.

    >>> i0(0.0)
    1.0
    """
    return scipy("i0", "i0")(x)


def d_i1(_y: Any, x: Any) -> Any:
    return 0.5 * (i0(x) + iv(2.0, x))


@primitive(d_i1)
def i1(x: float) -> float:
    """I₁(x); I₁′ = ½(I₀ + I₂).

    >>> i1(0.0)
    0.0
    """
    return scipy("i1", "i1")(x)


def d_iv(_y: Any, n: Any, x: Any) -> Any:
    return NAN, 0.5 * ((iv(n - 1.0, x) if n > 2.0 else i1(x)) + iv(n + 1.0, x))


@primitive(d_iv)
def iv(n: float, x: float) -> float:
    """Iₙ(x) of order 2 and above, for the derivatives of I₁."""
    return scipy("i1", "iv")(n, x)


# -- integrals ----------------------------------------------------------------------------------------------


def d_exp1(_y: Any, x: Any) -> Any:
    return -f.div(f.exp(-x), x)


@primitive(d_exp1)
def exp1(x: float) -> float:
    """E₁(x), the integral of e⁻ᵗ/t from x to ∞, of x ≥ 0; E₁′ = −e⁻ˣ/x.

    >>> exp1(0.0)
    inf
    """
    return scipy("exp1", "exp1")(x)


def gammainc(a: float, x: SupportsFloat) -> Any:
    """The integral of the gamma density tᵃ⁻¹·e⁻ᵗ/Γ(a) from 0 to x: the regularised lower incomplete gamma function.

    >>> gammainc(1.0, 0.0)
    0.0

    a:  a number above 0, and no Value: the derivative by it is no elementary function.
    x:  a number or a Value, from 0 on. Its derivative is the density.

    Raises TypeError for a Value as a, and for anything but real numbers and Values as x.
    """
    return _gammainc(_number(a, "gammainc: a"), x)


def d_gammainc(_y: Any, a: Any, x: Any) -> Any:
    return NAN, _gamma_density(a, x)


@primitive(d_gammainc, name="gammainc")
def _gammainc(a: float, x: float) -> float:
    return scipy("gammainc", "gammainc")(a, x)


def _gamma_density(a: float, x: Any) -> Any:
    """By the power itself while Γ(a) is a float of moderate size, else by logarithms."""
    by_logarithms = f.exp(f.xlogy(a - 1.0, x) - x - f.lgamma(a))
    density = x ** (a - 1.0) * f.exp(-x) / f.gamma(a) if a < 20.0 else by_logarithms
    return where(x >= 0.0, density, NAN * x)


def betainc(a: float, b: float, x: SupportsFloat) -> Any:
    """The integral of the beta density tᵃ⁻¹·(1 − t)ᵇ⁻¹/B(a, b) from 0 to x: the regularised incomplete beta function.

    >>> betainc(1.0, 1.0, 0.0)
    0.0

    a, b:  numbers above 0, and no Values: the derivatives by them are no elementary functions.
    x:     a number or a Value from 0 to 1. Its derivative is the density.

    Raises TypeError for a Value as a or b, and for anything but real numbers and Values as x.
    """
    return _betainc(_number(a, "betainc: a"), _number(b, "betainc: b"), x)


def d_betainc(_y: Any, a: Any, b: Any, x: Any) -> Any:
    return NAN, NAN, _beta_density(a, b, x)


@primitive(d_betainc, name="betainc")
def _betainc(a: float, b: float, x: float) -> float:
    return scipy("betainc", "betainc")(a, b, x)


def _beta_density(a: float, b: float, x: Any) -> Any:
    exponent = f.xlogy(a - 1.0, x) + f.xlog1py(b - 1.0, -x) - lbeta(a, b)
    return where(x >= 0.0, where(x <= 1.0, f.exp(exponent), NAN * x), NAN * x)


# -- series -------------------------------------------------------------------------------------------------


def zeta(s: float, q: SupportsFloat = 1.0) -> Any:
    """Hurwitz's zeta function Σ 1/(q + k)ˢ over k ≥ 0; Riemann's for q = 1.

    >>> zeta(float("inf"))
    1.0

    s:  a number above 1, and no Value: the derivative by it is no zeta function.
    q:  a number or a Value above 0. The derivative by it is −s·zeta(s + 1, q).

    Raises TypeError for a Value as s, and for anything but real numbers and Values as q.
    """
    return _zeta(_number(s, "zeta: s"), q)


def d_zeta(_y: Any, s: Any, q: Any) -> Any:
    return NAN, -s * _zeta(s + 1.0, q)


@primitive(d_zeta, name="zeta")
def _zeta(s: float, q: float) -> float:
    return 1.0 if s == INF and q == 1.0 else scipy("zeta", "zeta")(s, q)


def _number(x: float, where_: str) -> float:
    if isinstance(x, Value):
        raise TypeError(
            f"{where_} must be a plain number, for there is no derivative by it; got a Value: pass its .data, or in a "
            "compiled function name the argument in static_argnames"
        )
    return x
