"""Text, LaTeX and Markdown of an explanation: they say the same, and a name in them is never markup."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograd import Value, sigmoid, sin
from autograd.symbolic.explain import explain
from autograd.symbolic.formula import formula
from autograd.symbolic.identifiers import GREEK, label, name_latex, name_text

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
COMMANDS = re.compile(r"\\(?:[A-Za-z]+|.)")
ALLOWED = {
    *(rf"\{c}" for c in "{}$%#&_,"),
    *(
        r"\text",
        r"\mathrm",
        r"\backslash",
        r"\wedge",
        r"\sim",
        r"\vert",
        r"\ast",
        r"\hat",
        r"\tilde",
        r"\bar",
        r"\dot",
        r"\ddot",
    ),
}
LETTERS = {rf"\{word}" for word in GREEK.values()}


def bare(code: str) -> str:
    """LaTeX without its escaped characters."""
    return re.sub(r"\\[{}$%#&_]", "", code)


def assert_safe(code: str) -> None:
    """Nothing of a name is left that LaTeX would act on: braces pair, no comment, no end of mathematics."""
    depth = 0
    for character in bare(code):
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    assert not re.search(r"[$%#\n`]", bare(code))


@given(NAMES)
@example("\\input{x}")
@example("}$ & \\\\ %")
@example("x_1^2~")
def test_a_name_in_latex_is_text_and_never_a_command(name: str) -> None:
    code = name_latex(label(name))
    assert_safe(code)
    assert "&" not in bare(code)
    assert set(COMMANDS.findall(code)) <= ALLOWED | LETTERS


@given(NAMES)
@example("a|b")
@example("*bold* [link](x) <b>")
def test_names_with_any_characters_are_written_in_all_three(name: str) -> None:
    x = Value(1.5, name=name)
    y = sin(x) * x
    y.name = "y"
    explanation = explain(y, x)
    assert len(str(explanation).splitlines()) == len(str(explain(*plain())).splitlines())
    assert_safe(explanation.latex.replace("\n", " "))
    assert_safe(formula(y).latex)
    outside = re.sub(r"(?<!\\)\$\$?(?:\\.|[^$\\])*\$\$?", "", explanation.markdown)
    prose = [line for line in outside.splitlines() if line.strip(" -")]
    assert not [line for line in prose if re.search(r"(?<!\\)[`*_\[\]<>$|]", line)]


def plain() -> tuple[Value, Value]:
    x = Value(1.5, name="x")
    y = sin(x) * x
    y.name = "y"
    return y, x


@pytest.mark.parametrize(
    ("name", "text", "latex"),
    [
        ("w11", "w11", "w_{11}"),
        ("ŷ", "ŷ", r"\hat{y}"),
        ("w̄2", "w̄2", r"\bar{w}_{2}"),
        ("σ", "σ", r"\sigma"),
        ("theta0", "theta0", r"\theta_{0}"),
        ("λ", "λ", r"\lambda"),
        ("h₁", "h₁", "h_{1}"),
        ("y_true", "y_true", r"y_{\mathrm{true}}"),
        ("x'", "x'", "x'"),
        ("loss", "loss", r"\mathrm{loss}"),
        ("layer0.w1", "layer0.w1", r"\mathrm{layer0.w1}"),
        ("a b", "‹a b›", r"\text{a b}"),
        ("x + y", "‹x + y›", r"\text{x + y}"),
        ("2", "‹2›", r"\text{2}"),
        ("a\nb", "‹a␊b›", r"\text{a␊b}"),
        ("50 %", "‹50 %›", r"\text{50 \%}"),
        ("{", "‹{›", r"\text{\{}"),
    ],
)
def test_a_name_is_written_like_this(name: str, text: str, latex: str) -> None:
    x = Value(1.0, name=name)
    assert (str(formula(x)), formula(x).latex) == (text, latex)


def test_a_name_without_end_is_cut() -> None:
    x = Value(1.0, name="x" * 1000)
    assert len(str(explain(x * x, x))) < 600


def test_a_name_of_several_words_stands_in_brackets_of_its_own() -> None:
    assert name_text("a name") == "‹a name›"


def neuron() -> tuple[Value, Value]:
    w, x = Value(0.4, name="w"), Value(0.5, name="x")
    z = w * x + 0.1
    z.name = "z"
    y = sigmoid(z)
    y.name = "y"
    return y, w


def test_latex_has_a_line_for_names_for_formulas_for_numbers_and_for_the_value() -> None:
    assert explain(*neuron()).latex.splitlines() == [
        r"\begin{aligned}",
        r"\frac{dy}{dw} &= \frac{dy}{dz} \cdot \frac{dz}{dw} \\",
        r"&= y \cdot (1 - y) \cdot x \\",
        r"&= 0.2445 \cdot 0.5 \\",
        r"&= 0.1222",
        r"\end{aligned}",
    ]


def test_latex_of_several_paths_is_their_sum() -> None:
    x = Value(3.0, name="x")
    u = x * x
    u.name = "u"
    f = u * -x
    f.name = "f"
    assert explain(f, x).latex.splitlines()[1:-1] == [
        r"\frac{df}{dx} &= \frac{\partial f}{\partial u} \cdot \frac{du}{dx} + \frac{\partial f}{\partial x} \\",
        r"&= -x \cdot 2 \cdot x - u \\",
        r"&= (-3) \cdot 6 + (-9) \\",
        r"&= -27",
    ]


def test_latex_of_many_paths_has_a_line_for_each_and_for_the_others() -> None:
    x = y = Value(1.0, name="x")
    for _ in range(3):
        y = y * y
    lines = explain(y, x, steps=True, max_paths=2).latex.splitlines()
    assert lines[1] == r"\frac{df}{dx} &= 8 \\"
    assert lines[2].startswith(r"&\quad = \frac{\partial f}{\partial {t_{2}}_{(1)}} \cdot")
    assert lines[4] == r"&\quad + \text{6 more paths: } 6"


def test_markdown_lists_the_factors_and_what_they_are_made_of() -> None:
    y, w = neuron()
    y.backward()
    blocks = explain(y, w).markdown.split("\n\n")
    assert blocks[0].startswith("$$\n\\begin{aligned}")
    assert blocks[1] == "- $\\frac{dy}{dz} = y \\cdot (1 - y) = 0.2445$\n- $\\frac{dz}{dw} = x = 0.5$"
    assert blocks[2:4] == ["where", "- $y = \\sigma(z) = 0.5744$\n- $z = w \\cdot x + 0.1 = 0.3$"]
    assert blocks[4] == "w\\.grad \\= 0\\.1222 is the same number"


def test_jupyter_gets_markdown_latex_and_text() -> None:
    explanation = explain(*neuron())
    bundle = explanation._repr_mimebundle_()
    assert bundle["text/markdown"] == explanation.markdown
    assert bundle["text/latex"] == f"$\\displaystyle {explanation.latex}$"
    assert bundle["text/plain"] == str(explanation) == repr(explanation)


def test_the_same_graph_is_written_in_the_same_words() -> None:
    assert str(explain(*neuron())) == str(explain(*neuron()))
    assert explain(*neuron()).markdown == explain(*neuron()).markdown
