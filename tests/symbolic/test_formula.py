"""The expression behind a node: as a reader writes it, short, and meaning what the graph computes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import StaleGraphError, Value, dot, exp, gradient, log, sigmoid, sin, sqrt, tanh
from autograd.symbolic.formula import formula
from tests.support import number, python

X, Y = Value(1.5, name="x"), Value(2.0, name="y")


# -- how it is written -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "text", "latex"),
    [
        ((X + Y) ** 2, "(x + y)²", "(x + y)^{2}"),
        (X + Y * 2.0, "x + y·2", r"x + y \cdot 2"),
        ((X + Y) * 2.0, "(x + y)·2", r"(x + y) \cdot 2"),
        (X - (Y - 1.0), "x − (y − 1)", "x - (y - 1)"),
        (X - Y - 1.0, "x − y − 1", "x - y - 1"),
        (X + (Y + 1.0), "x + y + 1", "x + y + 1"),
        (X / (Y * X), "x/(y·x)", r"\frac{x}{y \cdot x}"),
        (X / Y * X, "(x/y)·x", r"\frac{x}{y} \cdot x"),
        (X * (X / Y), "x·(x/y)", r"x \cdot \frac{x}{y}"),
        (X / Y / X, "(x/y)/x", r"\frac{\frac{x}{y}}{x}"),
        (-(X**2), "−x²", "-x^{2}"),
        ((-X) ** 2, "(−x)²", "(-x)^{2}"),
        (-X * Y, "−x·y", r"-x \cdot y"),
        (X * -Y, "−x·y", r"-x \cdot y"),
        (-(X + Y), "−(x + y)", "-(x + y)"),
        (X - -Y, "x + y", "x + y"),
        (X + -2.0, "x − 2", "x - 2"),
        (X * -2.0, "x·(−2)", r"x \cdot (-2)"),
        (-2.0 * X + Y, "−2·x + y", r"-2 \cdot x + y"),
        (X**-1, "x⁻¹", "x^{-1}"),
        (X**0.5, "x^0.5", "x^{0.5}"),
        (X**Y, "x^y", "x^{y}"),
        (X ** (Y + 1.0), "x^(y + 1)", "x^{y + 1}"),
        ((X**2) ** 3, "(x²)³", "(x^{2})^{3}"),
        (2.0**X, "2^x", "2^{x}"),
        (exp(-X) + log(X), "exp(−x) + log(x)", r"e^{-x} + \log(x)"),
        (sqrt(X + Y) * sqrt(X), "√(x + y)·√x", r"\sqrt{x + y} \cdot \sqrt{x}"),
        (abs(X) ** 2, "|x|²", r"\lvert x \rvert^{2}"),
        (sin(X / Y), "sin(x/y)", r"\sin\left(\frac{x}{y}\right)"),
        (X * 1e-7, "x·1e−07", r"x \cdot (1 \times 10^{-7})"),
        (X * 3.141592653589793, "x·π", r"x \cdot \pi"),
        (X / 3.0 + 1 / 3, "x/3 + 1/3", r"\frac{x}{3} + \frac{1}{3}"),
    ],
)
def test_parentheses_stand_where_they_are_needed_and_nowhere_else(node: Value, text: str, latex: str) -> None:
    assert (str(formula(node)), formula(node).latex) == (text, latex)


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (X * 1.0, "x"),
        (X + 0.0, "x"),
        (X / 1.0, "x"),
        (X**1, "x"),
        (Value.__neg__(-X), "x"),
        (0.0 + X * 1.0, "x"),
        (X * 0.0, "x·0"),
    ],
)
def test_only_what_changes_no_value_is_left_out(node: Value, text: str) -> None:
    assert str(formula(node)) == text


def test_a_leaf_is_its_name_or_its_number() -> None:
    assert (str(formula(X)), str(formula(Value(3.0))), str(formula(Value(3.0) * X))) == ("x", "3", "3·x")


def test_nodes_with_a_name_have_lines_of_their_own_below_the_root() -> None:
    w, b = Value(0.4, name="w"), Value(0.1, name="b")
    z = w * X + b
    z.name = "z"
    y = sigmoid(z)
    y.name = "y"
    loss = 0.5 * (y - 0.8) ** 2
    loss.name = "L"
    assert str(formula(loss)) == "L = 0.5·(y − 0.8)²\ny = σ(z)\nz = w·x + b"
    assert formula(loss).latex == (
        r"\begin{aligned} L &= 0.5 \cdot (y - 0.8)^{2} \\ y &= \sigma(z) \\ z &= w \cdot x + b \end{aligned}"
    )


def test_a_shared_part_is_written_once() -> None:
    z = tanh(X * Y + 1.0)
    assert str(formula(z * z + z)) == "t1·t1 + t1\nt1 = tanh(x·y + 1)"


def test_a_short_shared_part_needs_no_line() -> None:
    z = X**2
    assert str(formula(z + sin(z))) == "x² + sin(x²)"


def test_a_gradient_has_a_formula_and_may_be_simplified() -> None:
    partial = gradient(0.5 * (X**3 * Y) * 4.0, X, create_graph=True)
    assert str(formula(partial)).endswith("·3·x²")
    assert str(formula(partial, simplify=True)) == "6·y·x²"


# -- how long it gets --------------------------------------------------------------------------------------


def test_sixty_squarings_are_sixty_short_lines_at_most() -> None:
    y = X
    for _ in range(60):
        y = y * y
    lines = str(formula(y)).splitlines()
    assert (lines[0], len(lines), lines[-1]) == ("t58·t58", 25, "… 35 more lines")
    assert len(str(formula(y, max_lines=99)).splitlines()) == 59


def test_a_long_sum_is_written_by_its_ends() -> None:
    xs = [Value(1.0, name=f"x{i}") for i in range(100)]
    total = sum(xs[1:], xs[0])
    assert str(formula(total)) == "x0 + x1 + x2 + … 95 more … + x98 + x99"
    assert str(formula(dot(xs, xs))) == "x0·x0 + x1·x1 + x2·x2 + … 95 more … + x98·x98 + x99·x99"
    assert formula(total).latex == r"x_{0} + x_{1} + x_{2} + \underset{95\text{ more}}{\cdots} + x_{98} + x_{99}"


def test_a_million_nodes_are_written_in_a_few_lines_without_recursion() -> None:
    code = """
from autograd import Value
from autograd.symbolic.formula import formula
x = y = Value(1.0, name="x")
for i in range(300_000):
    y = (y + 1.0).sin()
text = str(formula(y))
print(len(text) < 4000, len(text.splitlines()), text.splitlines()[-1].startswith("… "))
"""
    assert python(code) == "True 25 True"


def test_what_lies_too_far_back_is_counted() -> None:
    y = X
    for _ in range(6000):
        y = y + 1.0
    assert str(formula(y)) == "t1 + 1 + 1 + … 4 996 more … + 1 + 1\nt1 = … (1 001 earlier nodes)"


@given(st.recursive(st.just(X), lambda node: st.one_of(st.tuples(node, node), st.tuples(node)), max_leaves=200))
def test_no_line_gets_long_whatever_the_graph(tree: Any) -> None:
    def built(tree: Any) -> Value:
        if isinstance(tree, Value):
            return tree
        return sin(built(tree[0])) if len(tree) == 1 else built(tree[0]) * built(tree[1]) + 1.0

    assert max(map(len, str(formula(built(tree))).splitlines())) < 500


# -- it means what the graph computes ----------------------------------------------------------------------

NUMBERS = st.sampled_from([0.5, 2.0, 3.0, -1.0, -2.0, 4.0])
OPERATIONS: dict[str, Callable[[Value, Value], Value]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "neg": lambda a, _: -a,
    "square": lambda a, _: a**2,
    "reciprocal": lambda a, _: a**-1,
    "sin": lambda a, _: a.sin() if isinstance(a, Value) else Value(a).sin(),
}
TREES = st.recursive(
    st.one_of(st.sampled_from([X, Y]), NUMBERS),
    lambda inner: st.tuples(st.sampled_from(sorted(OPERATIONS)), inner, inner),
    max_leaves=20,
)
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def built(tree: Any) -> Value:
    if not isinstance(tree, tuple):
        return tree if isinstance(tree, Value) else Value(tree)
    name, a, b = tree
    return OPERATIONS[name](built(a), built(b))


def as_python(line: str) -> str:
    """A line of text as Python reads it: the same precedence, other signs."""
    line = re.sub("([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda found: f"**({found[1].translate(SUPERSCRIPTS)})", line)
    return line.replace("·", "*").replace("−", "-").replace("^", "**")


@given(TREES, st.booleans())
def test_read_as_mathematics_the_text_gives_the_value(tree: Any, simplify: bool) -> None:
    node = built(tree)
    names = {"x": X, "y": Y, "sin": sin}
    first, *lines = str(formula(node, simplify=simplify, max_lines=1000)).splitlines()
    for line in reversed(lines):
        name, _, definition = line.partition(" = ")
        names[name] = eval(as_python(definition), {}, names)
    if "more …" not in first + "".join(lines):
        assert number(eval(as_python(first), {}, names)) == pytest.approx(node.data, rel=1e-4, abs=1e-4, nan_ok=True)


# -- arguments and Jupyter -----------------------------------------------------------------------------------


def test_jupyter_gets_latex_and_text() -> None:
    bundle = formula(X**2)._repr_mimebundle_()
    assert bundle == {"text/latex": r"$\displaystyle x^{2}$", "text/plain": "x²"}


def test_what_is_no_value_is_refused() -> None:
    with pytest.raises(TypeError, match=r"formula: root must be a Value, got float 3\.0; a gradient is one if made with"):
        formula(gradient(X * 3.0, X))  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [0, True, 2.5])
def test_max_lines_is_a_whole_number(most: Any) -> None:
    with pytest.raises(ValueError, match="formula: max_lines must be an int of at least 1"):
        formula(X, max_lines=most)


def test_a_graph_whose_leaf_was_set_is_refused() -> None:
    x = Value(2.0, name="x")
    y = x * x
    x.data = 3.0
    with pytest.raises(StaleGraphError, match="'x' was set"):
        formula(y)
