"""Special functions on floats that ``math`` lacks or rounds too roughly: gamma and its kin, sinc, integrals of erfc.

Polygamma and the derivatives of sinc are families closed under differentiation: the next order is the derivative
of this one, so derivatives of every order keep their digits.

>>> round(digamma(1.0), 15), round(polygamma(1.0, 1.0), 15)
(-0.577215664901533, 1.644934066848226)
"""

import math
from collections.abc import Sequence

from autograd.rules.ieee import INF, NAN, exp, ldexp, never_raising
from autograd.rules.ieee import pow as _power

SQRT_2PI = math.sqrt(2.0 * math.pi)
PI_LOW = 1.2246467991473532e-16  # π − math.pi
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
    """log |Γ(x)|, inf at the poles; where ``math`` cancels, the Taylor series at 2 and log Γ(x + 1) = log Γ(x) + log x.

    Between 1 and 2 these cancel too; there the Taylor series at digamma's zero is integrated.
    """
    if not -20.0 < x < 10.0 or _is_pole(x):
        return _lgamma(x)
    d = x - DIGAMMA_ROOT
    if abs(d) < 0.25:
        return LGAMMA_AT_ROOT + _polynomial([c / k for k, c in enumerate(DIGAMMA_AT_ROOT, 2)], d) * d * d
    z, sign, factors = _from_two(x)
    return _polynomial(LGAMMA_AT_2, z) * z + sign * math.log(abs(math.prod(factors)))


def _from_two(x: float) -> tuple[float, float, list[float]]:
    """z from −½ to ½, and Γ(x)/Γ(2 + z) as its sign in the exponent and its factors, which lie between 2 and x."""
    n = round(x) - 2
    return x - (n + 2), math.copysign(1.0, n), [x - k for k in range(1, n + 1)] or [x + k for k in range(-n)]


def _polynomial(coefficients: Sequence[float], x: float) -> float:
    """c₀ + c₁x + c₂x² + …"""
    total = 0.0
    for coefficient in reversed(coefficients):
        total = total * x + coefficient
    return total


def _is_pole(x: float) -> bool:
    """Whether there is no gamma function: at 0, −1, −2, …, −∞ and nan."""
    return x != x or x == -INF or (x <= 0 and x == math.floor(x))


def expm1_rest(x: float) -> float:
    """expm1(x) − x·eˣ, from its series −Σ (k − 1)/k!·xᵏ where the two cancel."""
    if abs(x) > 1.0:
        return (1.0 - x) * exp(x) - 1.0 if x > -INF else -1.0
    term, total = 0.5, 0.0
    for k in range(2, 22):
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
    if abs(x) < 0.4 + 0.12 * n:
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
    if _is_pole(x):
        return NAN
    if x > 0.0:
        return _positive_digamma(x, 0.0)
    mirrored = 1.0 - x
    return _positive_digamma(mirrored, (1.0 - mirrored) - x) - math.pi * cospi(x) / sinpi(x)


def _positive_digamma(x: float, low: float) -> float:
    """ψ(x + low): the Taylor series near its zero, the asymptotic series far out, else the derivative of lgamma's."""
    d = ((x - DIGAMMA_ROOT) + low) - DIGAMMA_ROOT_LOW
    if abs(d) < 0.25:
        return _polynomial(DIGAMMA_AT_ROOT, d) * d
    if x >= 10.0:
        tail = _polynomial([b / (2 * k) for k, b in enumerate(BERNOULLI, 1)], 1.0 / x / x)
        return math.log(x) - (0.5 / x + tail / x / x)
    z, sign, factors = _from_two(x)
    series = _polynomial([k * c for k, c in enumerate(LGAMMA_AT_2, 1)], z)
    return series + sign * sum(1.0 / factor for factor in factors)


def gamma(x: float) -> float:
    """Γ(x), ±inf at ±0 and nan at the other poles: of 2 + z by lgamma's series there, from 7 on by Stirling's formula.

    Left of −7 it is reflected.
    """
    if _is_pole(x):
        return math.copysign(INF, x) if x == 0 else NAN
    if abs(x) > 190.0:
        return INF if x > 0.0 else 0.0 * sinpi(x)
    if abs(x) >= 7.0:
        rest, power = _stirling(abs(x))
        return rest * power * power if x > 0.0 else -math.pi / (x * sinpi(x)) / rest / power / power
    z, sign, factors = _from_two(x)
    at_two, product = math.exp(_polynomial(LGAMMA_AT_2, z) * z), math.prod(factors)
    return at_two * product if sign > 0.0 else at_two / product


def _stirling(x: float) -> tuple[float, float]:
    """√(2π)·e⁻ˣ·exp(1/12x − …), and the root of the other factor of Γ(x), the power xˣ⁻½, which overflows too early."""
    power = _power(x, 0.5 * x - 0.25)
    series = _polynomial([b / (2 * k * (2 * k - 1)) for k, b in enumerate(BERNOULLI, 1)], 1.0 / x / x) / x
    return SQRT_2PI * math.exp(series) * math.exp(-x), power


def erfc_integral(order: float, x: float) -> float:
    """exp(x²) times the n-th integral of erfc from x to ∞, for x ≥ ½; its derivative is −2(n + 1) times the next.

    The ratio r of one to the one before is 1/(2x + 2(n + 1)·r of the next), down from one so far that it may be called 0.
    """
    if not x >= 0.5:
        return NAN
    n = int(order)
    ratio, product = 0.0, 2.0 / math.sqrt(math.pi)
    for k in reversed(range(60 + int((math.sqrt(n) + 14.2 / x) ** 2))):
        ratio = 1.0 / (2.0 * x + 2.0 * (k + 1) * ratio)
        product *= ratio if k <= n else 1.0
    return product


def polygamma(order: float, x: float) -> float:
    """The derivative of digamma of the given order ≥ 0; nan at its poles 0, −1, −2, …

    It is ±n!·Σ 1/(x + k)ⁿ⁺¹ over all k ≥ 0. Left of 0 it is reflected to the right; near a pole, the pole's own term and
    the sums over those on either side are taken apart.
    """
    n = int(order)
    if n == 0:
        return digamma(x)
    if _is_pole(x):
        return NAN
    sign = 1.0 if n % 2 else -1.0
    if x > 0:
        return sign * _sum_over_poles(n, x)
    d, mirrored = x - round(x), _sum_over_poles(n, 1.0 - x)
    if n % 2 == 0 and abs(d) > 0.5 - 0.15 / n:  # where the poles on both sides balance
        return -mirrored - _cotangent_derivative(n, x)
    return _sum_over_poles(n, 1.0 - d) - mirrored + sign * _sum_over_poles(n, d)


def _sum_over_poles(n: int, x: float) -> float:
    """n!·Σ 1/(x + k)ⁿ⁺¹ over k ≥ 0, the first 16 one by one where x is too small for the asymptotic series.

    (n − 1)! and a power of two are factors of all terms and come in last: either alone may overflow.
    """
    if x == INF:
        return 0.0
    shift, exponent = 16 if x < 16 + n else 0, max(0, math.frexp(x)[1])

    def power(k: int, m: int) -> float:
        """(x + k)⁻ᵐ, scaled, corrected to first order for the rounding error of x + k."""
        t = x + k
        return _power(math.ldexp(t, -exponent), -m) * (1.0 - m * (x - (t - k)) / t)

    top = x + shift
    tail = _polynomial([b * math.comb(2 * k + n - 1, 2 * k) for k, b in enumerate(BERNOULLI, 1)], 1.0 / top / top)
    series = math.ldexp(n * sum(power(k, n + 1) for k in reversed(range(shift))), -exponent)
    series += power(shift, n) * (1.0 + (0.5 * n + tail / top) / top)
    factorial = math.factorial(n - 1)
    bits = factorial.bit_length()
    return ldexp(factorial / 2**bits * series, bits - n * exponent)


def _cotangent_derivative(n: int, x: float) -> float:
    """dⁿ/dxⁿ π·cot(πx) for even n: a polynomial in c = cot(πx), for dc/dx = −π(1 + c²)."""
    polynomial = [0.0, 1.0]  # coefficients of c⁰, c¹, …
    for _ in range(n):
        derivative = [k * a for k, a in enumerate(polynomial)][1:]
        polynomial = [a + b for a, b in zip([*derivative, 0.0, 0.0], [0.0, 0.0, *derivative], strict=True)]
    m = n + 1
    return math.pi**m * (1.0 + m * PI_LOW / math.pi) * _polynomial(polynomial, cospi(x) / sinpi(x))


# The zero of digamma as the sum of two floats, lgamma there, and digamma's Taylor coefficients there, ψ⁽ᵏ⁾/k!.
DIGAMMA_ROOT, DIGAMMA_ROOT_LOW, LGAMMA_AT_ROOT = 1.4616321449683622, 9.549995429965697e-17, -0.1214862905358496
DIGAMMA_AT_ROOT = [polygamma(k, DIGAMMA_ROOT) / math.factorial(k) for k in range(1, 22)]
