"""What rules say at kinks, at the ends of a domain, at infinity and at nan, as choices by ``m.where``."""

from autograd.rules.ieee import INF, NAN
from autograd.rules.operations import N, Operand, Operations


def by_sign(m: Operations[N], x: N, negative: Operand[N], zero: Operand[N], positive: Operand[N]) -> N:
    """One of three by the sign of x, nan where x is nan."""
    return m.where(x > 0.0, positive, m.where(x < 0.0, negative, m.where(x == 0.0, zero, NAN)))


def min_norm_subgradient(m: Operations[N], left: N, right: Operand[N]) -> N:
    """The number of least magnitude between two one-sided derivatives; at a concave kink the supergradient."""
    return m.maximum(m.minimum(left, right), m.minimum(0.0, m.maximum(left, right)))


def in_domain(m: Operations[N], domain: object, partial: N) -> N:
    """The partial within the domain, nan outside; NAN·partial and not NAN, so that its own derivative is nan there too."""
    return m.where(domain, partial, NAN * partial)


def zero_unless_nan(m: Operations[N], x: N) -> N:
    """The derivative of a step: 0, and nan where x is nan."""
    return m.where(x == x, 0.0, NAN)


def clamp_inf(m: Operations[N], x: N) -> N:
    """x, but ±1e300 for anything larger: times a factor that has underflowed to 0 this is 0, where ±inf gives nan."""
    return m.where(x > 1e300, 1e300, m.where(x < -1e300, -1e300, x))


def limit_at_minus_inf(m: Operations[N], x: N, limit: float, y: N) -> N:
    """y, the given limit where x is −inf."""
    return m.where(x == -INF, limit, y)
