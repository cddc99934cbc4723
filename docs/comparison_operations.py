"""The operations of docs/comparison.md: each by the name that a user would try, differentiated at a point.

A cell is an expression of x; its derivative there must be mpmath's. ``~`` before it: composed by hand of others.
"""

from __future__ import annotations

from typing import NamedTuple


class Operation(NamedTuple):
    """Its name, mpmath's formula of x, the point, and what is tried with each package."""

    name: str
    reference: str
    at: float
    hips: str
    jax: str
    torch: str
    casadi: str
    ours: str


def of_special(name: str, reference: str, at: float, torch: str = "", casadi: str = "", ours: str = "") -> Operation:
    """One that has the same name in SciPy's and JAX's modules of special functions."""
    torch = torch or f"torch.special.{name}(x)"
    return Operation(
        name, reference, at, f"sp.{name}(x)", f"jsp.{name}(x)", torch, casadi or f"ca.{name}(x)", ours or f"ag.{name}(x)"
    )


def of_arrays(name: str, reference: str, at: float, call: str = "(x)", torch: str = "", casadi: str = "") -> Operation:
    """One that has the same name in NumPy's and JAX's modules."""
    torch, casadi = torch or f"torch.{name}{call}", casadi or f"ca.{name}{call}"
    return Operation(name, reference, at, f"np.{name}{call}", f"jnp.{name}{call}", torch, casadi, f"ag.{name}{call}")


def of_nets(name: str, reference: str, at: float, casadi: str = "") -> Operation:
    """An activation."""
    torch, casadi = f"torch.nn.functional.{name}(x)", casadi or f"ca.{name}(x)"
    return Operation(name, reference, at, f"np.{name}(x)", f"jax.nn.{name}(x)", torch, casadi, f"ag.{name}(x)")


OPERATIONS = [
    *[of_arrays(name, f"mp.{name}(x)", 0.4) for name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "log")],
    *[of_arrays(name, f"mp.{name}(x)", 0.4) for name in ("expm1", "log1p")],
    of_arrays("exp2", "2**x", 0.4),
    of_arrays("cbrt", "mp.cbrt(x)", 0.4, torch="torch.cbrt(x)"),
    of_arrays("hypot", "mp.hypot(x, 2)", 0.4, "(x, 2.0)", torch="torch.hypot(x, torch.tensor(2.0))"),
    of_arrays("logaddexp", "mp.log(mp.exp(x) + mp.exp(2))", 0.4, "(x, 2.0)", torch="torch.logaddexp(x, torch.tensor(2.0))"),
    of_arrays("logaddexp2", "mp.log(2**x + 4, 2)", 0.4, "(x, 2.0)", torch="torch.logaddexp2(x, torch.tensor(2.0))"),
    of_arrays("sinc", "mp.sincpi(x)", 0.4),
    of_arrays("deg2rad", "mp.radians(x)", 0.4),
    of_arrays("rad2deg", "mp.degrees(x)", 0.4),
    of_arrays("fmax", "x", 0.4, "(x, 0.1)", torch="torch.fmax(x, torch.tensor(0.1))"),
    of_arrays("fmin", "x", 0.4, "(x, 0.9)", torch="torch.fmin(x, torch.tensor(0.9))"),
    of_arrays("nan_to_num", "x", 0.4),
    of_arrays("copysign", "-x", 0.4, "(x, -1.0)", torch="torch.copysign(x, torch.tensor(-1.0))"),
    of_arrays("clip", "x", 0.4, "(x, 0.0, 1.0)"),
    Operation("exp10", "10**x", 0.4, "np.exp10(x)", "jnp.exp10(x)", "torch.exp10(x)", "ca.exp10(x)", "ag.exp10(x)"),
    Operation("sec", "mp.sec(x)", 0.4, "np.sec(x)", "jnp.sec(x)", "torch.sec(x)", "ca.sec(x)", "ag.sec(x)"),
    Operation("csc", "mp.csc(x)", 0.4, "np.csc(x)", "jnp.csc(x)", "torch.csc(x)", "ca.csc(x)", "ag.csc(x)"),
    Operation("cot", "mp.cot(x)", 0.4, "np.cot(x)", "jnp.cot(x)", "torch.cot(x)", "ca.cot(x)", "ag.cot(x)"),
    Operation(
        "lerp", "x + (3 - x)*0.25", 0.4, "np.lerp(x, 3.0, 0.25)", "jnp.lerp(x, 3.0, 0.25)",
        "torch.lerp(x, torch.tensor(3.0), 0.25)", "ca.lerp(x, 3.0, 0.25)", "ag.lerp(x, 3.0, 0.25)",
    ),
    Operation(
        "cumsum", "2*x", 0.4, "np.cumsum(np.array([x, x]))[1]", "jnp.cumsum(jnp.array([x, x]))[1]",
        "torch.cumsum(torch.stack([x, x]), 0)[1]", "ca.cumsum(ca.vertcat(x, x))[1]", "ag.cumsum([x, x])[1]",
    ),
    Operation(
        "cumprod", "x*x", 0.4, "np.cumprod(np.array([x, x]))[1]", "jnp.cumprod(jnp.array([x, x]))[1]",
        "torch.cumprod(torch.stack([x, x]), 0)[1]", "ca.cumprod(ca.vertcat(x, x))[1]", "ag.cumprod([x, x])[1]",
    ),
    Operation(
        "var", "(x - 1)**2/4", 0.4, "np.var(np.array([x, 1.0]))", "jnp.var(jnp.array([x, 1.0]))",
        "torch.var(torch.stack([x, torch.tensor(1.0)]), correction=0)", "ca.var(ca.vertcat(x, 1.0))", "ag.var([x, 1.0])",
    ),
    Operation(
        "std", "(1 - x)/2", 0.4, "np.std(np.array([x, 1.0]))", "jnp.std(jnp.array([x, 1.0]))",
        "torch.std(torch.stack([x, torch.tensor(1.0)]), correction=0)", "ca.std(ca.vertcat(x, 1.0))", "ag.std([x, 1.0])",
    ),
    # -- special functions
    of_special("erf", "mp.erf(x)", 0.4),
    of_special("erfc", "mp.erfc(x)", 0.4),
    of_special("erfinv", "mp.erfinv(x)", 0.4),
    of_special("erfcinv", "mp.erfinv(1 - x)", 0.4),
    of_special("erfcx", "mp.exp(x**2)*mp.erfc(x)", 0.4),
    of_special("dawsn", "mp.sqrt(mp.pi)/2*mp.exp(-x**2)*mp.erfi(x)", 0.4),
    of_special("ndtr", "mp.ncdf(x)", 0.4, ours="ag.norm_cdf(x)"),
    of_special("ndtri", "mp.sqrt(2)*mp.erfinv(2*x - 1)", 0.4),
    of_special("log_ndtr", "mp.log(mp.ncdf(x))", 0.4),
    of_special("gamma", "mp.gamma(x)", 1.4),
    of_special("gammaln", "mp.loggamma(x)", 1.4, ours="ag.lgamma(x)"),
    of_special("digamma", "mp.digamma(x)", 1.4),
    of_special(
        "polygamma", "mp.polygamma(2, x)", 1.4, "torch.special.polygamma(2, x)", "ca.polygamma(2, x)", "ag.polygamma(2, x)"
    )._replace(hips="sp.polygamma(2, x)", jax="jsp.polygamma(2, x)"),
    of_special("beta", "mp.beta(x, 2)", 1.4, "torch.special.beta(x, 2.0)", "ca.beta(x, 2.0)", "ag.beta(x, 2.0)")._replace(
        hips="sp.beta(x, 2.0)", jax="jsp.beta(x, 2.0)"
    ),
    of_special(
        "betaln", "mp.log(mp.beta(x, 2))", 1.4, "torch.special.betaln(x, 2.0)", "ca.betaln(x, 2.0)", "ag.lbeta(x, 2.0)"
    )._replace(hips="sp.betaln(x, 2.0)", jax="jsp.betaln(x, 2.0)"),
    of_special(
        "gammainc", "mp.gammainc(2, 0, x, regularized=True)", 1.4,
        "torch.special.gammainc(torch.tensor(2.0), x)", "ca.gammainc(2.0, x)", "ag.gammainc(2.0, x)",
    )._replace(hips="sp.gammainc(2.0, x)", jax="jsp.gammainc(2.0, x)"),
    of_special(
        "betainc", "mp.betainc(2, 3, 0, x, regularized=True)", 0.4, "torch.special.betainc(2.0, 3.0, x)",
        "ca.betainc(2.0, 3.0, x)", "ag.betainc(2.0, 3.0, x)",
    )._replace(hips="sp.betainc(2.0, 3.0, x)", jax="jsp.betainc(2.0, 3.0, x)"),
    of_special("j0", "mp.besselj(0, x)", 1.4, "torch.special.bessel_j0(x)")._replace(jax="jsp.bessel_jn(x, v=1)[0]"),
    of_special("j1", "mp.besselj(1, x)", 1.4, "torch.special.bessel_j1(x)")._replace(jax="jsp.bessel_jn(x, v=1)[1]"),
    of_special("y0", "mp.bessely(0, x)", 1.4, "torch.special.bessel_y0(x)"),
    of_special("y1", "mp.bessely(1, x)", 1.4, "torch.special.bessel_y1(x)"),
    of_special("i0", "mp.besseli(0, x)", 1.4),
    of_special("i1", "mp.besseli(1, x)", 1.4),
    of_special("exp1", "mp.e1(x)", 1.4, "torch.special.exp1(x)"),
    of_special("zeta", "mp.zeta(x)", 2.4, "torch.special.zeta(x, 1.0)", "ca.zeta(x, 1.0)", "ag.zeta(x, 1.0)")._replace(
        hips="sp.zeta(x, 1.0)", jax="jsp.zeta(x, 1.0)"
    ),
    of_special("logit", "mp.log(x/(1 - x))", 0.4),
    of_special("expit", "1/(1 + mp.exp(-x))", 0.4),
    of_special("entr", "-x*mp.log(x)", 0.4),
    of_special("xlogy", "x*mp.log(2)", 0.4, "torch.special.xlogy(x, 2.0)", "ca.xlogy(x, 2.0)", "ag.xlogy(x, 2.0)")._replace(
        hips="sp.xlogy(x, 2.0)", jax="jsp.xlogy(x, 2.0)"
    ),
    of_special(
        "xlog1py", "x*mp.log(3)", 0.4, "torch.special.xlog1py(x, torch.tensor(2.0))", "ca.xlog1py(x, 2.0)", "ag.xlog1py(x, 2.0)"
    )._replace(hips="sp.xlog1py(x, 2.0)", jax="jsp.xlog1py(x, 2.0)"),
    of_special("sinpi", "mp.sinpi(x)", 0.3),
    of_special("cospi", "mp.cospi(x)", 0.3),
    Operation(
        "log1mexp", "mp.log(1 - mp.exp(-x))", 0.4, "np.log1mexp(x)", "jax.nn.log1mexp(x)", "torch.log1mexp(x)",
        "ca.log1mexp(x)", "ag.log1mexp(x)",
    ),
    # -- activations
    *[of_nets(name, reference, 0.4) for name, reference in {
        "relu": "x", "relu6": "x", "leaky_relu": "x", "elu": "x", "selu": "1.0507009873554805*x", "celu": "x",
        "silu": "x/(1 + mp.exp(-x))", "mish": "x*mp.tanh(mp.log(1 + mp.exp(x)))", "softplus": "mp.log(1 + mp.exp(x))",
    }.items()],
    of_nets("soft_sign", "x/(1 + abs(x))", 0.4)._replace(torch="torch.nn.functional.softsign(x)", ours="ag.softsign(x)"),
    of_nets("hard_swish", "x*(x + 3)/6", 0.4)._replace(torch="torch.nn.functional.hardswish(x)"),
    of_nets("hard_tanh", "x", 0.4)._replace(torch="torch.nn.functional.hardtanh(x)"),
    of_nets("gelu, exact", "x*mp.ncdf(x)", 0.4)._replace(
        hips="np.gelu(x)", jax="jax.nn.gelu(x, approximate=False)", torch="torch.nn.functional.gelu(x)", casadi="ca.gelu(x)",
        ours="ag.gelu(x)",
    ),
    of_nets("gelu, by tanh", "x/2*(1 + mp.tanh(mp.sqrt(2/mp.pi)*(x + 0.044715*x**3)))", 0.4)._replace(
        hips="np.gelu(x, approximate=True)", jax="jax.nn.gelu(x, approximate=True)",
        torch="torch.nn.functional.gelu(x, approximate='tanh')", casadi="ca.gelu(x, True)", ours="ag.gelu(x, approximate=True)",
    ),
    of_nets("softplus of a slope", "mp.log(1 + mp.exp(2*x))/2", 0.4)._replace(
        hips="np.softplus(x, 2.0)", jax="jax.nn.softplus(x, 2.0)", torch="torch.nn.functional.softplus(x, beta=2.0)",
        casadi="ca.softplus(x, 2.0)", ours="ag.softplus(x, 2.0)",
    ),
]  # fmt: skip
