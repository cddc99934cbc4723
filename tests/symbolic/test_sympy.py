"""SymPy, both ways: its expressions as functions of Values, and graphs as its expressions."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import sympy
from sympy.codegen import cfunctions

import autograd
from autograd import Value, formula, gradient, primitive, value_and_grad
from autograd.rules.table import RULES
from autograd.symbolic.sympy_forms import _forms
from autograd.testing.domains import DOMAINS
from autograd.value import VALUES

x, y, z = SYMBOLS = sympy.symbols("x y z")
POINT = (0.4, 0.7, 1.3)
THEIRS: dict[str, Any] = {
    **{f.__name__: f(x) for f in (sympy.acos, sympy.acot, sympy.acsch, sympy.asech, sympy.asin, sympy.asinh, sympy.atan)},
    **{f.__name__: f(x) for f in (sympy.atanh, sympy.cos, sympy.cosh, sympy.cot, sympy.coth, sympy.csc, sympy.csch)},
    **{f.__name__: f(x) for f in (sympy.erf, sympy.erfc, sympy.exp, sympy.frac, sympy.log, sympy.loggamma, sympy.sec)},
    **{f.__name__: f(x) for f in (sympy.sech, sympy.sin, sympy.sinc, sympy.sinh, sympy.sqrt, sympy.tan, sympy.tanh)},
    **{f.__name__: f(x) for f in (cfunctions.log1p, cfunctions.expm1, cfunctions.exp2, cfunctions.log2, cfunctions.log10)},
    **{f.__name__: f(x + 2) for f in (sympy.acosh, sympy.acoth, sympy.acsc, sympy.asec)},
    "abs": sympy.Abs(x - 1) * x,
    "atan2": sympy.atan2(x, y),
    "cbrt": sympy.cbrt(x),
    "ceiling": sympy.ceiling(x) * x,
    "floor": sympy.floor(x + y) * x,
    "heaviside": sympy.Heaviside(x - y) + x,
    "sign": sympy.sign(x - y) * x,
    "log of base 2": sympy.log(x, 2),
    "hypot": cfunctions.hypot(x, y),
    "max": sympy.Max(x, y, z) * x,
    "min": sympy.Min(x, y, z) * y,
    "mod": sympy.Mod(z, x) * y,
    "piecewise": sympy.Piecewise((x**2, x > 2), (x * y, (x > 0) & (y > 0)), (y, True)),
    "power": x**y + x ** sympy.Rational(2, 3) + x**-2,
    "constants": sympy.pi * x + sympy.E * y + sympy.EulerGamma * z,
    "sum": sympy.Sum(x ** sympy.Symbol("n"), (sympy.Symbol("n"), 0, 4)),
    "1/sqrt": 1 / sympy.sqrt(x * y),
}


def near(found: float, expected: Any, digits: float = 1e-13) -> bool:
    return abs(found - float(expected)) <= digits * max(abs(float(expected)), 1e-3)


def at(expression: Any, point: Any) -> Any:
    """Its number to 30 digits."""
    return expression.doit().subs({symbol: sympy.Float(number, 40) for symbol, number in point.items()}).evalf(30)


@pytest.mark.parametrize("name", THEIRS)
def test_lambdify_with_this_package_as_its_module_gives_a_function_of_values(name: str) -> None:
    expression = THEIRS[name]
    f = sympy.lambdify(SYMBOLS, expression, modules=autograd)
    value, derivatives = value_and_grad(f, (0, 1, 2))(*POINT)
    point = dict(zip(SYMBOLS, POINT, strict=True))
    assert near(value, at(expression, point))
    for symbol, derivative in zip(SYMBOLS, derivatives, strict=True):
        smooth = sympy.diff(expression.doit(), symbol).replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))
        if not smooth.has(sympy.Derivative, sympy.Subs):
            assert near(derivative, at(smooth, point))


def test_a_function_of_lambdify_compiles_its_piecewise_lane_by_lane() -> None:
    np = pytest.importorskip("numpy")
    f = sympy.lambdify([x], sympy.Piecewise((x**2, x > 1), (sympy.sin(x), True)), modules=autograd)
    values, slopes = autograd.compile(f, in_axes=0).value_and_grad(np.array([0.5, 2.0]))
    assert values.tolist() == pytest.approx([0.479425538604203, 4.0], rel=1e-15)
    assert slopes.tolist() == pytest.approx([0.8775825618903728, 4.0], rel=1e-15)


# -- graphs as expressions -----------------------------------------------------------------------------------

# where is a node of the chosen side; SymPy calls digamma polygamma(0, x).
NOT_BACK = {"where"} | ({"digamma", "polygamma"} if not hasattr(autograd, "polygamma") else set())
OURS = sorted((_forms().keys() & RULES.keys() & DOMAINS.keys()) - NOT_BACK)


def drawn(name: str, seed: int) -> tuple[Value, list[Value]]:
    """An operation on named Values, and settings, inside of its domain."""
    domain, random = DOMAINS[name], Random(seed)
    numbers: list[Any] = [operand.draw(random) for operand in domain.interior]
    leaves = [Value(numbers[i], name=f"x{i}") for i in domain.places]
    for i, leaf in zip(domain.places, leaves, strict=True):
        numbers[i] = leaf
    found = getattr(VALUES, name)(*numbers)
    assert isinstance(found, Value)
    return found, leaves


@pytest.mark.parametrize("name", OURS)
def test_the_expression_of_every_operation_has_its_value_and_derivatives(name: str) -> None:
    for seed in range(2):
        root, leaves = drawn(name, seed)
        expression = formula(root).sympy
        symbols = [sympy.Symbol(str(leaf.name)) for leaf in leaves]
        point = {symbol: leaf.data for symbol, leaf in zip(symbols, leaves, strict=True)}
        assert near(root.data, at(expression, point), 1e-12)
        f = sympy.lambdify(symbols, expression, modules=autograd)
        value, derivatives = value_and_grad(f, tuple(range(len(leaves))))(*point.values())
        assert near(value, root.data, 1e-9)
        for a, b in zip(derivatives, gradient(root, leaves), strict=True):
            assert near(a, b, 1e-9)


def test_numbers_are_exact_and_simple_ones_are_fractions() -> None:
    v = Value(3.0, name="v")
    expression = formula(v * 0.5 + v**2 + 0.1).sympy
    assert str(expression) == "v**2 + v/2 + 0.1"
    assert expression.subs("v", 0) == sympy.Float(0.1)
    assert formula(v + Value(float("inf"))).sympy == sympy.oo + sympy.Symbol("v")


def test_symbols_are_those_of_the_variables_whatever_a_value_is_called() -> None:
    a, b = Value(1.0, name="w[0]"), Value(2.0, name="lambda")
    f = formula(a * b + a)
    assert {str(symbol) for symbol in f.sympy.free_symbols} == f.variables.keys()
    assert f.sympy.subs({name: value.data for name, value in f.variables.items()}) == sympy.Float(3.0)


def test_a_primitive_is_an_undefined_function() -> None:
    @primitive(lambda y, x: 2.0 * y)
    def cube(x: float) -> float:
        return x**3

    assert formula(cube(Value(2.0, name="x"))).sympy == sympy.Function("cube")(x)
    assert formula(autograd.round(Value(2.0, name="x"))).sympy == sympy.Function("round")(x)
    assert formula(round(Value(2.125, name="x"), 2)).sympy == sympy.Function("round")(x, 2)


def test_a_long_chain_is_an_expression_without_recursion() -> None:
    total = leaf = Value(0.5, name="x")
    for _ in range(5000):
        total = total + leaf
    assert formula(total).sympy == 5001 * x


def test_without_sympy_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sympy", None)
    with pytest.raises(ImportError, match=r"formula\(y\).sympy needs the package sympy: pip install '.\[sympy\]'"):
        _ = formula(Value(1.0, name="x") * 2.0).sympy
