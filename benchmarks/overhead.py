"""What a call costs where there is next to nothing to compute: x² + x and its derivative at a number."""

from typing import Any

from autograd import compile
from benchmarks.measure import best
from benchmarks.rivals import jax as jax_rival
from benchmarks.rivals.rival import MissingError, needs
from benchmarks.table import Section, duration, ratio


def parabola(x: Any) -> Any:
    """x² + x."""
    return x * x + x


def by_us() -> dict[str, Any]:
    """The value, and value with derivative."""
    f = compile(parabola)
    return {"x² + x": lambda: f(1.5), "value and derivative": lambda: f.value_and_grad(1.5)}


def by_jax() -> dict[str, Any]:
    """The same by jit, ready when the number is."""
    needs("jax")
    jax = jax_rival.loaded()
    f, both = jax.jit(parabola), jax.jit(jax.value_and_grad(parabola))
    return {
        "x² + x": lambda: f(1.5).block_until_ready(),
        "value and derivative": lambda: both(1.5)[1].block_until_ready(),
    }


def by_casadi() -> dict[str, Any]:
    """A Function, its virtual machine."""
    needs("casadi")
    import casadi as ca

    x = ca.SX.sym("x")
    f = ca.Function("f", [x], [parabola(x)])
    both = ca.Function("both", [x], [parabola(x), ca.gradient(parabola(x), x)])
    return {"x² + x": lambda: f(1.5), "value and derivative": lambda: both(1.5)}


def section(turns: int) -> Section:
    """Ours against those who are installed."""
    programs = {}
    for name, prepare in {"chainrule": by_us, "JAX": by_jax, "CasADi": by_casadi}.items():
        try:
            programs |= {(name, what): program for what, program in prepare().items()}
        except MissingError:
            continue
    times = best(programs, turns)
    table = Section("One call with one number", ["chainrule", "JAX", "CasADi", "× JAX", "target"])
    for what in ("x² + x", "value and derivative"):
        ours, *others = (times.get((name, what)) for name in ("chainrule", "JAX", "CasADi"))
        verdict = f"{'✓' if ours <= 2e-6 else '✗'} ≤ 2 µs"
        table.rows.append([what, duration(ours), *map(duration, others), ratio(others[0], ours), verdict])
    return table
