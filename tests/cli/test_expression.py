"""The command line on expressions: what it prints, and one line with exit code 2 for whatever it can't read."""

import contextlib
import inspect
import io
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd.cli.expression import FUNCTIONS, ExpressionError, ParsedExpression
from autograd.cli.parser import main
from autograd.rules.table import RULES
from autograd.value import Value


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, output and error output of a command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(list(arguments))
        except SystemExit as leaving:
            code = int(leaving.code or 0)
    return code, out.getvalue(), err.getvalue()


# -- explain -----------------------------------------------------------------------------------------------


def test_explain_prints_the_chain_rule_by_one_name() -> None:
    code, out, err = run("explain", "(x + y)**2", "x=1", "y=2", "--wrt", "x")
    assert (code, err) == (0, "")
    assert out.startswith("df/dx = df/dt1 · dt1/dx = 6 · 1 = 6\n  df/dt1 = 2·t1 = 6\n  dt1/dx = 1\nwhere\n")


def test_explain_goes_through_all_names_where_none_is_given() -> None:
    code, out, _ = run("explain", "x*sin(y)", "x=1", "y=2")
    assert code == 0
    assert [line for line in out.splitlines() if line.startswith("df/d")] == [
        "df/dx = sin(y) = 0.9093",
        "df/dy = df/dt1 · dt1/dy = 1 · (−0.4161) = −0.4161",
    ]


def test_explain_prints_latex_and_every_step() -> None:
    assert run("explain", "x**2", "x=3", "--latex")[1] == (
        "\\begin{aligned}\n\\frac{df}{dx} &= 2 \\cdot x \\\\\n&= 6\n\\end{aligned}\n"
    )
    assert "∂f/∂x₍2₎ = x = 3" in run("explain", "x*x", "x=3", "--steps")[1]


def test_options_may_stand_anywhere() -> None:
    assert run("explain", "--wrt", "x", "x*y", "x=1", "y=2") == run("explain", "x*y", "x=1", "--wrt", "x", "y=2")


@pytest.mark.parametrize("expression", ["-x**2", "-(x)", "--x*x"])
def test_an_expression_may_begin_with_a_minus(expression: str) -> None:
    code, out, err = run("explain", expression, "x=3")
    assert (code, err) == (0, "")
    assert out.startswith("df/dx")


def test_numbers_may_be_expressions_without_names() -> None:
    assert run("explain", "sin(x)", "x=-pi/2")[1].startswith("df/dx = cos(x) = 6.123e−17")


# -- draw and check ----------------------------------------------------------------------------------------


def test_draw_writes_the_picture_and_prints_its_path(tmp_path: Path) -> None:
    file = tmp_path / "g.svg"
    assert run("draw", "(x + y)**2", "x=1", "y=2", "-o", str(file)) == (0, f"{file}\n", "")
    assert file.read_text(encoding="utf-8").startswith("<svg")


def test_draw_writes_graph_svg_where_nothing_else_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("draw", "x*y", "x=1", "y=2", "--wrt", "x") == (0, "graph.svg\n", "")
    assert "dimmed" in (tmp_path / "graph.svg").read_text(encoding="utf-8")


def test_check_prints_the_report() -> None:
    code, out, err = run("check", "x**3 * y", "x=2", "y=3")
    assert (code, err) == (0, "")
    assert out.startswith("x**3 * y: 2 of 2 derivatives right")
    assert "\n  x: right; reverse mode 36.0" in out


def test_check_goes_to_higher_orders() -> None:
    assert "x and y: right; reverse mode 12.0" in run("check", "x**3*y", "x=2", "y=3", "--order", "2")[1]


def test_a_kink_is_no_failure() -> None:
    code, out, _ = run("check", "abs(x - 1)", "x=1")
    assert (code, "x: kink" in out) == (0, True)


def test_a_wrong_derivative_ends_in_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RULES["tan"], "partials", lambda m, y, x: (1.0 + y,))
    code, out, err = run("check", "tan(x)", "x=1")
    assert (code, err) == (1, "")
    assert "the derivative of tan(x) by x is wrong" in out


# -- bad input ---------------------------------------------------------------------------------------------

X = ("x=1",)


@pytest.mark.parametrize(
    ("expression", "values", "message"),
    [
        ("", X, "the expression is empty; write one, such as 'x**2'"),
        ("x +", X, "can't read 'x +': invalid syntax"),
        ("(x", X, "can't read '(x': '(' was never closed at character 1"),
        ("2x", X, "can't read '2x': invalid decimal literal at character 1"),
        ("x^2", X, "'x^2' isn't part of an expression; write ** for a power"),
        ("x and 1", X, "'x and 1' isn't part of an expression; nest one 'a if c else b' in another"),
        ("__import__('os').system('ls')", X, "isn't part of an expression"),
        ("__import__(x)", X, "there is no function '__import__'"),
        ("eval(x)", X, "there is no function 'eval'"),
        ("x.real", X, "'x.real' isn't part of an expression; write sin(x) instead of x.sin()"),
        ("().__class__", X, "'().__class__' isn't part of an expression"),
        ("[x][0].data", X, "isn't part of an expression"),
        ("lambda: x", X, "'lambda: x' isn't part of an expression"),
        ("[x for x in (1, 2)]", X, "isn't part of an expression"),
        ("(x := 3)", X, "'x := 3' isn't part of an expression"),
        ("x; x", X, "can't read 'x; x': invalid syntax"),
        ("import os", X, "can't read 'import os': invalid syntax"),
        ("True + x", X, "'True' isn't part of an expression"),
        ("1j*x", X, "'1j' isn't part of an expression"),
        ("'x'", X, "isn't part of an expression"),
        ("f'{x}'", X, "isn't part of an expression"),
        ("x if x > 0", X, "can't read"),
        ("1 < x < 2", X, "'1 < x < 2' isn't part of an expression"),
        ("x is x", X, "'x is x' isn't part of an expression"),
        ("log(x, base=2)", X, "isn't part of an expression"),
        ("sin(*[x])", X, "isn't part of an expression"),
        ("(sin)(x)(x)", X, "isn't part of an expression"),
        ("sine(x)", X, "there is no function 'sine'; did you mean sin, sinh, sinc?"),
        ("sin", X, "sin is a function; write sin(…)"),
        ("x + exp", X, "exp is a function; write exp(…)"),
        ("x + speed", ("x=1", "sped=2"), "'speed' has no value; add speed=1, or another number; did you mean sped?"),
        ("x + y", X, "'y' has no value; add y=1, or another number"),
        ("x", ("x=1", "z=2"), "'z' isn't in the expression"),
        ("sin(x, 2)", X, "sin: too many positional arguments"),
        ("atan2(x)", X, "atan2: missing a required argument: 'b'"),
        ("dot([x], [1, 2])", X, "dot: both sides need the same length, got 1 and 2"),
        ("[x] + 1", X, "add: argument 1 must be a real number, got list"),
        ("sin([x])", X, "sin: argument 1 must be a real number, got list"),
        ("x > 0", X, "x > 0 is a comparison; expected a number"),
        ("softmax([x, 2])", X, "softmax([x, 2]) gives 2 numbers; pick one, such as softmax([x, 2])[0]"),
        ("softmax([x, 2])[2]", X, "there is no [2]: what stands before it has 2 numbers"),
        ("x[0]", X, "there is no [0]: what stands before it is a number"),
        ("3 + 4", (), "3 + 4 is 7.0 whatever its names stand for; there is nothing to differentiate"),
        ("x", ("x",), "'x' gives no name a number; write x=1"),
        ("x", ("=1",), "'=1' gives no name a number; write x=1"),
        ("x", ("x=",), "the value of x: the expression is empty"),
        ("x", ("x=a",), "the value of x: 'a' has no value"),
        ("x", ("x=1", "x=2"), "'x' is given twice"),
        ("sin(exp)", ("exp=2",), "'exp' is a function, not a name for a number"),
        ("+".join(["x"] * 50_000), X, "the expression has 99999 characters; at most 5000 are read"),
        ("(" * 900 + "x" + ")" * 900, X, "too many nested parentheses"),
        ("9" * 4900, X, "can't read '9999"),
    ],
    ids=lambda text: str(text)[:30],
)
def test_what_is_no_expression_is_one_line_and_exit_code_2(expression: str, values: tuple[str, ...], message: str) -> None:
    code, out, err = run("explain", expression, *values)
    assert (code, out) == (2, "")
    assert err.startswith("autograd explain: ")
    assert err.count("\n") == 1
    assert len(err) < 300
    assert message in err


@pytest.mark.parametrize(
    "text", ["-" * 4000 + "x", "+".join(["x"] * 2000), "sin(" * 150 + "x" + ")" * 150, "x" + "**x" * 1500]
)
def test_however_deep_an_expression_it_is_explained_or_refused_in_one_line(text: str) -> None:
    code, out, err = run("explain", text, "x=1")
    assert (code == 0 and out.startswith("df/dx")) or (code, err) == (
        2,
        "autograd explain: the expression is nested too deeply\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explain", "x*y", "x=1", "y=2", "--wrt", "z"), "--wrt: the expression has x, y, not 'z'"),
        (("draw", "x", "x=1", "-o", "/nowhere/g.svg"), "can't write to /nowhere/g.svg: there is no folder /nowhere"),
        (("draw", "x", "x=1", "-o", "g.txt"), "path must end in one of .svg"),
        (("check", "x", "x=1", "--order", "0"), "expected 1, 2, 3 or 4, got '0'"),
        (("check", "3"), "f needs at least one number to differentiate by"),
        (("explain",), "the following arguments are required: EXPR"),
        (("explain", "x", "x=1", "--stps"), "unrecognized arguments: --stps"),
    ],
)
def test_arguments_without_sense_are_one_line_and_exit_code_2(arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err


@given(st.text(max_size=40))
@example("\x00")
@example("\ud800")
@example("x\\\n")
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        ParsedExpression(text)({"x": 1.0})


PIECES = st.sampled_from(
    [*"xy+-*/%<>=()[],.0129 ", "**", "//", "sin", "where", "pi", " if ", " else ", "==", "1e9", "max", "dot"]
)


@given(st.lists(PIECES, max_size=25).map("".join), st.floats(), st.floats())
@example("x**x**x**9999999**99999999", 1e300, 0.0)
@example("9**9**9**9*x", 1.0, 0.0)
@example("x//y%y/0", 0.0, 0.0)
def test_nothing_that_looks_like_arithmetic_breaks_the_command(expression: str, x: float, y: float) -> None:
    for values in ((f"x={x}", f"y={y}"), (f"x={x}",)):
        code, out, err = run("explain", expression, *values)
        assert code in (0, 2)
        assert (bool(out), bool(err)) == (code == 0, code == 2)
        assert err.count("\n") == (code == 2)


# -- what an expression is made of -------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_public_operation_can_be_called(name: str) -> None:
    arguments = {"dot": "[x], [y]", "where": "x > y, x, y", "softmax": "[x, y]", "log_softmax": "[x, y]", "clip": "x, 0, 1"}
    needed = [p for p in inspect.signature(FUNCTIONS[name]).parameters.values() if p.default is p.empty]
    text = arguments.get(name) or ("x, y" if len(needed) == 2 else "x")
    item = "[0]" if "softmax" in name else ""
    assert isinstance(ParsedExpression(f"{name}({text}){item}")({"x": 0.5, "y": 0.25}), float)


def test_the_functions_are_those_of_the_rule_table() -> None:
    assert {"sin", "pow", "where", "dot", "clip", "norm_cdf"} <= set(FUNCTIONS) <= set(RULES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2 + 3*4", 14.0),
        ("2**3**2", 512.0),
        ("-2**2", -4.0),
        ("7 // 2 + 7 % 4", 6.0),
        ("1 if 2 > 1 else 3", 1.0),
        ("e - e", 0.0),
    ],
)
def test_arithmetic_has_pythons_precedence(text: str, value: float) -> None:
    assert ParsedExpression(text)({}) == value


def test_numbers_follow_ieee_754_as_everywhere() -> None:
    assert ParsedExpression("1/0")({}) == float("inf")
    assert ParsedExpression("9**9**9")({}) == float("inf")
    assert str(ParsedExpression("(-8)**(1/3)")({})) == "nan"


def test_a_constant_power_is_the_operation_of_the_operator() -> None:
    assert ParsedExpression("x**2")({"x": Value(3.0)})._rule is RULES["power"]  # type: ignore[union-attr]


def test_a_given_name_comes_before_a_constant() -> None:
    assert ParsedExpression("e*x")({"e": 2.0, "x": 3.0}) == 6.0


def test_names_are_those_python_reads() -> None:
    assert run("explain", "ŷ*ﬁ", "ŷ=2", "ﬁ=3", "--wrt", "ŷ")[1].startswith("df/dŷ = fi = 3")
