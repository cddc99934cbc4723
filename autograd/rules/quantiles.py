"""The inverses of erf, erfc and the normal distribution, and what keeps their digits in the tails: erfcx and log Φ.

Written like ``autograd.rules.composites``. An inverse is a first guess and Newton's steps, by erf about 0 and by log erfc
in a tail, where that is nearly a parabola.

>>> from autograd.rules.table import FLOATS
>>> erfinv(FLOATS, 0.5), erfcinv(FLOATS, 1e-300), log_ndtr(FLOATS, -1e10)
(0.4769362762044699, 26.209469960516124, -5e+19)
"""

from autograd.rules.composites import LN2, SQRT_HALF, TWO_OVER_SQRT_PI
from autograd.rules.ieee import INF
from autograd.rules.kinks import in_domain
from autograd.rules.operations import N, Operations

HALF_SQRT_PI, ONE_OVER_SQRT_PI, SQRT2, SQRT_HALF_PI = (
    0.886226925452758,
    0.5641895835477563,
    1.4142135623730951,
    1.2533141373155003,
)
# erf⁻¹(y)/y in powers of y², by Taylor; Φ⁻¹ in a tail by t = √(−2 log p) (Abramowitz & Stegun 26.2.23).
CENTRE = (0.886226925452758, 0.2320136665346545, 0.12755617530559796, 0.08655212924154754)
ABOVE, BELOW = (2.515517, 0.802853, 0.010328), (1.0, 1.432788, 0.189269, 0.001308)


def polynomial(coefficients: tuple[float, ...], x: N) -> N:
    total = x * coefficients[-1] + coefficients[-2]
    for coefficient in reversed(coefficients[:-2]):
        total = total * x + coefficient
    return total


def erfcx(m: Operations[N], x: N) -> N:
    """exp(x²)·erfc x; beyond 25, where erfc soon underflows, by its asymptotic series."""
    r = 0.5 * m.square(m.div(1.0, x))
    series = 1.0 - r * (1.0 - r * (3.0 - r * (15.0 - r * (105.0 - r * (945.0 - r * 10395.0)))))
    return m.where(x > 25.0, m.div(ONE_OVER_SQRT_PI, x) * series, m.gaussian(-1.0, x) * m.erfc(x))


def erfcx_partial(m: Operations[N], y: N, x: N) -> N:
    """2x·erfcx x − 2/√π, from ½ on as −2 times the integral of erfc from x to ∞, scaled: there the two cancel."""
    return m.where(x < 0.5, 2.0 * x * y - TWO_OVER_SQRT_PI, -2.0 * m.erfc_integral(1.0, x))


def centre(m: Operations[N], y: N) -> N:
    """x with erf x = y, of 0 ≤ y < ½."""
    x = y * polynomial(CENTRE, m.square(y))
    for _ in range(2):
        x = x - (m.erf(x) - y) * HALF_SQRT_PI * m.exp(m.square(x))
    return x


def tail(m: Operations[N], q: N) -> N:
    """x with erfc x = q, of 0 < q ≤ ½."""
    t = m.sqrt(-2.0 * (m.log(q) - LN2))
    x = SQRT_HALF * (t - m.div(polynomial(ABOVE, t), polynomial(BELOW, t)))
    for _ in range(3):
        scaled = m.erfcx(x)
        excess = m.where(q < 1e-290, (m.log(scaled) - m.log(q)) - m.square(x), m.log(m.div(m.erfc(x), q)))
        x = x + HALF_SQRT_PI * scaled * excess
    return m.where(q == 0.0, INF, x)


def erfinv(m: Operations[N], x: N) -> N:
    size = m.abs(x)
    return m.copysign(m.where(size < 0.5, centre(m, size), tail(m, 1.0 - size)), x)


def erfcinv(m: Operations[N], x: N) -> N:
    return m.where(x < 0.5, tail(m, x), m.erfinv(1.0 - x))


def ndtri(m: Operations[N], p: N) -> N:
    return -SQRT2 * m.erfcinv(2.0 * p)


def exp_square(m: Operations[N], y: N, q: N) -> N:
    """exp(y²) where erfc |y| = q: by erfcx in the tails, where the rounding error of y would be magnified."""
    far = m.where(q == 0.0, INF, m.div(m.erfcx(m.abs(y)), q))
    return m.where(q > 0.5, m.gaussian(-1.0, y), in_domain(m, q >= 0.0, far))


def erfinv_partial(m: Operations[N], y: N, x: N) -> N:
    return HALF_SQRT_PI * exp_square(m, y, 1.0 - m.abs(x))


def erfcinv_partial(m: Operations[N], y: N, x: N) -> N:
    return -HALF_SQRT_PI * exp_square(m, y, m.where(x < 1.0, x, 2.0 - x))


def ndtri_partial(m: Operations[N], y: N, p: N) -> N:
    return 2.0 * SQRT_HALF_PI * exp_square(m, SQRT_HALF * y, 2.0 * m.where(p < 0.5, p, 1.0 - p))


def log_ndtr(m: Operations[N], x: N) -> N:
    """log Φ(x): left of 0 −x²/2 + log(½ erfcx(−x/√2)), which doesn't underflow."""
    left = m.log(0.5 * m.erfcx(-SQRT_HALF * x)) - 0.5 * m.square(x)
    return m.where(x < 0.0, left, m.log1p(-m.norm_cdf(-x)))


def log_ndtr_partial(m: Operations[N], x: N) -> N:
    """φ(x)/Φ(x), left of 0 by erfcx."""
    left = m.div(1.0, SQRT_HALF_PI * m.erfcx(-SQRT_HALF * x))
    return m.where(x < 0.0, left, m.div(m.norm_pdf(x), m.norm_cdf(x)))
