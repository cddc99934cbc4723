"""Special functions on floats that ``math`` lacks or rounds too roughly: lgamma, digamma, polygamma, sinc and its kin.

Polygamma and the derivatives of sinc are families closed under differentiation: the next order is the derivative
of this one, so derivatives of every order keep their digits.

>>> round(digamma(1.0), 15), round(polygamma(1.0, 1.0), 15)
(-0.577215664901533, 1.644934066848226)
"""

import math

from autograd.floats import INF, NAN, exp, expm1, never_raising

erf = math.erf
erfc = math.erfc

# Bernoulli numbers B2, B4, … B24 of the asymptotic series (Abramowitz & Stegun 6.3.18, 6.4.11).
BERNOULLI = (
    *(1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730),
    *(7 / 6, -3617 / 510, 43867 / 798, -174611 / 330, 854513 / 138, -236364091 / 2730),
)


# Taylor coefficients of lgamma(2 + z): 1 − γ and then (−1)ᵏ(ζ(k) − 1)/k (Abramowitz & Stegun 6.1.33).
LGAMMA_AT_2 = (
    0.42278433509846713,
    *(0.3224670334241132, -0.0673523010531981, 0.020580808427784546, -0.007385551028673986),
    *(0.0028905103307415234, -0.001192753911703261, 0.0005096695247430425, -0.00022315475845357939),
    *(9.945751278180853e-05, -4.492623673813314e-05, 2.050721277567069e-05, -9.439488275268397e-06),
    *(4.374866789907488e-06, -2.039215753801366e-06, 9.55141213040742e-07, -4.492469198764566e-07),
    *(2.1207184805554665e-07, -1.0043224823968099e-07, 4.7698101693639804e-08, -2.2711094608943164e-08),
    *(1.0838659214896955e-08, -5.183475041970047e-09, 2.4836745438024785e-09, -1.1921401405860912e-09),
    *(5.731367241678862e-10, -2.7595228851242334e-10, 1.330476437424449e-10, -6.4229645638381e-11),
    3.1044247747322276e-11,
)

_lgamma = never_raising(math.lgamma, domain=lambda _: INF)


def lgamma(x: float) -> float:
    """log |Γ(x)|, inf at the poles; around its zeros 1 and 2 from the Taylor series, where ``math`` cancels."""
    if not 0.5 <= x <= 2.5:
        return _lgamma(x)
    z = x - 2.0 if x > 1.5 else x - 1.0
    series = 0.0
    for coefficient in reversed(LGAMMA_AT_2):
        series = (series + coefficient) * z
    return series if x > 1.5 else series - math.log1p(z)


def expm1_rest(x: float) -> float:
    """expm1(x) − x·eˣ, from its series −Σ (k − 1)/k!·xᵏ where the two cancel."""
    if abs(x) > 0.5:
        return expm1(x) - x * exp(x) if x > -INF else -1.0
    term, total = 0.5, 0.0
    for k in range(2, 18):
        total -= (k - 1) * term * x**k
        term /= k + 1
    return total


def sinpi(x: float) -> float:
    """sin(πx), exact at integers: reduced to [−½, ½] before π comes in."""
    if not math.isfinite(x):
        return NAN
    r = math.fmod(x, 2.0)
    if abs(r) > 1.5:
        r -= math.copysign(2.0, r)
    elif abs(r) > 0.5:
        r = math.copysign(1.0, r) - r
    return math.sin(math.pi * r)


def cospi(x: float) -> float:
    """cos(πx), exact at half-integers."""
    if not math.isfinite(x):
        return NAN
    r = math.fmod(abs(x), 2.0)
    r = 2.0 - r if r > 1.0 else r
    return sinpi(0.5 - r) if 0.25 < r < 0.75 else math.cos(math.pi * r)


def sinc(x: float) -> float:
    """sin(πx) / (πx), 1 at 0."""
    return 1.0 if x == 0 else 0.0 if math.isinf(x) else sinpi(x) / (math.pi * x)


def sinc_derivative(order: float, x: float) -> float:
    """The derivative of sinc of the given order ≥ 1.

    From n·f⁽ⁿ⁻¹⁾ + x·f⁽ⁿ⁾ = πⁿ⁻¹ sin(πx + nπ/2) upwards, or the Taylor series where that cancels.
    """
    n = int(order)
    if abs(x) < 0.4 + 0.1 * n:
        return _sinc_series(n, x)
    if math.isinf(x):
        return 0.0
    f = sinc(x)
    for k in range(1, n + 1):
        wave = (sinpi(x), cospi(x), -sinpi(x), -cospi(x))[k % 4]
        f = (math.pi ** (k - 1) * wave - k * f) / x
    return f


def _sinc_series(n: int, x: float) -> float:
    """Σ over k of (−1)ᵏ π²ᵏ x²ᵏ⁻ⁿ / ((2k+1)·(2k−n)!)."""
    k = (n + 1) // 2
    power = (-1.0) ** k * math.pi ** (2 * k) * (x if n % 2 else 1.0)  # π²ᵏ x²ᵏ⁻ⁿ / (2k−n)!
    total, term = 0.0, power / (2 * k + 1)
    while abs(term) > 1e-17 * abs(total):
        total += term
        k += 1
        power *= -((math.pi * x) ** 2) / ((2 * k - n) * (2 * k - n - 1))
        term = power / (2 * k + 1)
    return total


def digamma(x: float) -> float:
    """ψ(x), the derivative of lgamma; nan at its poles 0, −1, −2, …"""
    if x != x or x == -INF or (x <= 0 and x == math.floor(x)):
        return NAN
    if x < 0:
        return digamma(1.0 - x) - math.pi * cospi(x) / sinpi(x)
    if x == INF:
        return INF
    top = x + 14
    tail = 0.0
    for k in range(len(BERNOULLI), 0, -1):
        tail = (tail + BERNOULLI[k - 1] / (2 * k)) / top / top
    below = sum(1.0 / (x + k) for k in reversed(range(14)))
    return math.log(top) - (below + (0.5 / top + tail))


def polygamma(order: float, x: float) -> float:
    """The derivative of digamma of the given order ≥ 0; nan at its poles 0, −1, −2, …"""
    n = int(order)
    if n == 0:
        return digamma(x)
    if x != x or x == -INF or (x <= 0 and x == math.floor(x)):
        return NAN
    if x < 0:
        return (-1.0) ** n * polygamma(n, 1.0 - x) - _cotangent_derivative(n, x)
    if x == INF:
        return -0.0 if n % 2 == 0 else 0.0
    return -((-1.0) ** n) * _positive_polygamma(n, x)


def _positive_polygamma(n: int, x: float) -> float:
    """Recurrence up to where the asymptotic series holds, summed from the smallest term."""
    shift = max(0, math.ceil(16 + n - x))
    top = x + shift
    series = 0.0
    for k in range(len(BERNOULLI), 0, -1):
        ratio = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        series += BERNOULLI[k - 1] * ratio * _inverse_power(top, 2 * k + n)
    factorial = math.factorial(n)
    series += 0.5 * factorial * _inverse_power(top, n + 1)
    series += factorial / n * _inverse_power(top, n)
    for k in reversed(range(shift)):
        series += factorial * _inverse_power(x + k, n + 1)
    return series


def _inverse_power(x: float, n: int) -> float:
    try:
        return x**-n
    except OverflowError:
        return INF


def _cotangent_derivative(n: int, x: float) -> float:
    """dⁿ/dxⁿ π·cot(πx): a polynomial in c = cot(πx), for dc/dx = −π(1 + c²)."""
    polynomial = [0.0, 1.0]  # coefficients of c⁰, c¹, …
    for _ in range(n):
        slope = [k * a for k, a in enumerate(polynomial)][1:]
        polynomial = [-(low + high) for low, high in zip([*slope, 0.0, 0.0], [0.0, 0.0, *slope], strict=True)]
    c = cospi(x) / sinpi(x)
    value = polynomial.pop()
    while polynomial:
        value = value * c + polynomial.pop()
    return math.pi ** (n + 1) * value
