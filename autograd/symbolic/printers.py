"""From terms to lines, as text and in LaTeX. Parentheses stand where the order of operations needs them.

>>> from autograd.symbolic.terms import call, named
>>> x, y = named("x"), named("y")
>>> text((x + y) ** 2.0), latex((x + y) ** 2.0)
('(x + y)²', '(x + y)^{2}')
>>> text(-x * (y - 0.8) / call("√", x)), latex(call("√", x) / (x * y))
('−x·(y − 0.8)/√x', '\\\\frac{\\\\sqrt{x}}{x \\\\cdot y}')
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from autograd.interop.text import grouped_digits, printable
from autograd.program.languages import LATEX, LATEX_FUNCTIONS, comparison, infix
from autograd.program.printer import ATOM, CHOICE, POWER, PRODUCT, QUOTIENT, SUM, Form, Printed, parenthesised, write
from autograd.symbolic.identifiers import decimal, decimal_latex, name_latex, name_text
from autograd.symbolic.terms import Term, multiply, negative

CONSTANT_DIGITS = 6  # of the numbers in a formula
ROOTS = ("√", "∛")

_SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "01234567890123456789n")
_FUNCTIONS = LATEX_FUNCTIONS | {
    "σ": r"\sigma",
    "Φ": r"\Phi",
    "φ": r"\varphi",
    "ψ": r"\psi",
    "log σ": r"\log \sigma",
    "log Γ": r"\log \Gamma",
}
_ARGUMENTS, _BRACKET = Form("{all}"), Form("[{0}]")


def text(term: Term) -> str:
    """The term as a line of text."""
    return Text().write(term).text


def latex(term: Term) -> str:
    """The term in LaTeX's math mode."""
    return Latex().write(term).text


def negated(term: Term) -> Term | None:
    """−term, where the term is written with a minus sign in front; else None."""
    if term.kind == "negative":
        return negative(term)
    if term.kind == "number":
        return negative(term) if decimal(term.parts[0]).startswith("−") else None
    first = negated(term.parts[0]) if term.kind == "product" else None
    return multiply(first, *term.parts[1:]) if first else None


class Style:
    """How terms are written: by the form of their kind, by that of the function they call, else by a method."""

    kinds: ClassVar[dict[str, Form]]
    functions: ClassVar[dict[str, Form]]

    def write(self, term: Term) -> Printed:
        if term.kind in self.kinds:
            return self.form(self.kinds[term.kind], *map(self.write, term.parts))
        writer: Callable[..., Printed] = getattr(self, term.kind)
        return writer(*term.parts)

    def form(self, form: Form, *operands: Printed) -> Printed:
        return write(form, operands, group=self.group)

    def group(self, line: str) -> str:
        return parenthesised(line)

    def sum(self, *parts: Term) -> Printed:
        line = self.write(parts[0])
        for part in parts[1:]:
            opposite = negated(part)
            line = self.form(self.kinds["subtraction" if opposite else "addition"], line, self.write(opposite or part))
        return line

    def product(self, *parts: Term) -> Printed:
        head, *others = map(self.write, parts)
        if negated(parts[0]) is None:
            return self.form(self.kinds["multiplication"], head, *others)
        return Printed(self.form(self.kinds["multiplication"], Printed(head.text), *others).text, SUM)  # −a·b for (−a)·b

    def condition(self, a: Term, relation: str, b: Term) -> Printed:
        return self.form(comparison(relation), self.write(a), self.write(b))

    def call(self, function: str, *arguments: Term) -> Printed:
        operands = list(map(self.write, arguments))
        if function in self.functions:
            return self.form(self.functions[function], *operands)
        return Printed(self.function(function, self.form(_ARGUMENTS, *operands).text))

    def function(self, name: str, arguments: str) -> str:
        """A call to a function that has no form of its own."""
        raise NotImplementedError


class Text(Style):
    """Terms as text."""

    kinds: ClassVar = {
        "addition": infix("+", SUM),
        "subtraction": infix("−", SUM),
        "multiplication": Form("{all}", PRODUCT, (POWER,), "·"),
        "negative": Form("−{0}", SUM, (QUOTIENT,)),
        "quotient": Form("{0}/{1}", QUOTIENT, (PRODUCT, POWER)),
        "cases": Form("{1} if {0} else {2}", CHOICE, (CHOICE, SUM, CHOICE)),
        "bracket": _BRACKET,
    }
    functions: ClassVar = {
        **{root: Form(root + "{0}", POWER, (ATOM,)) for root in ROOTS},
        "abs": Form("|{all}|"),
        "floor": Form("⌊{all}⌋"),
        "ceil": Form("⌈{all}⌉"),
        "norm": Form("‖{all}‖"),
    }

    def name(self, name: str) -> Printed:
        return Printed(name_text(name))

    def number(self, x: float) -> Printed:
        line = decimal(x, CONSTANT_DIGITS)
        return Printed(line, SUM if line.startswith("−") else ATOM)

    def more(self, n: int) -> Printed:
        return Printed(f"… {grouped_digits(n)} more …")

    def power(self, a: Term, n: Term) -> Printed:
        base, exponent = self.write(a), self.write(n)
        if n.kind == "number" and len(exponent.text) < 4 and exponent.text.lstrip("−").isdigit():
            return self.form(Form("{0}" + exponent.text.translate(_SUPERSCRIPTS), POWER, (ATOM,)), base)
        return self.form(Form("{0}^{1}", POWER, (ATOM,)), base, exponent)

    def function(self, name: str, arguments: str) -> str:
        return f"{printable(name)}({arguments})"


class Latex(Style):
    """Terms in LaTeX's math mode."""

    kinds: ClassVar = {
        "addition": LATEX.forms["add"],
        "subtraction": LATEX.forms["sub"],
        "multiplication": LATEX.forms["mul"],
        "negative": LATEX.forms["neg"],
        "quotient": LATEX.forms["div"],
        "power": Form("{0}^{{{1}}}", POWER, (ATOM, CHOICE)),
        "cases": Form(r"\begin{{cases}} {1} & \text{{if }} {0} \\ {2} & \text{{else}} \end{{cases}}", POWER),
        "bracket": _BRACKET,
    }
    functions: ClassVar = {
        "√": LATEX.forms["sqrt"],
        "∛": Form(r"\sqrt[3]{{{0}}}", POWER),
        "exp": Form("e^{{{all}}}", POWER),
        "abs": Form(r"\lvert {all} \rvert"),
        "floor": LATEX.forms["floor"],
        "ceil": LATEX.forms["ceil"],
        "norm": Form(r"\lVert {all} \rVert"),
    }

    def group(self, line: str) -> str:
        return rf"\left({line}\right)" if r"\frac" in line or r"\begin" in line else parenthesised(line)

    def name(self, name: str) -> Printed:
        return Printed(name_latex(name))

    def number(self, x: float) -> Printed:
        line = decimal_latex(x, CONSTANT_DIGITS)
        return Printed(line, SUM if line.startswith("-") else PRODUCT if "times" in line else ATOM)

    def more(self, n: int) -> Printed:
        return Printed(rf"\underset{{{grouped_digits(n).replace(' ', chr(92) + ',')}\text{{ more}}}}{{\cdots}}")

    def condition(self, a: Term, relation: str, b: Term) -> Printed:
        return super().condition(a, {"≥": r"\ge", "≤": r"\le"}.get(relation, relation), b)

    def function(self, name: str, arguments: str) -> str:
        return function_latex(name) + self.group(arguments)


def function_latex(name: str) -> str:
    r"""A function's name in LaTeX; what stands behind it raised or lowered, too.

    >>> function_latex("tanh"), function_latex("ψ″"), function_latex("sinc⁽³⁾"), function_latex("softplus")
    ('\\tanh', "\\psi''", '\\operatorname{sinc}^{(3)}', '\\operatorname{softplus}')
    """
    found = re.fullmatch(r"(.*?)(′|″|⁽[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]+⁾|[₀₁₂₃₄₅₆₇₈₉]+)?", name, re.DOTALL)
    assert found
    stem, behind = found[1], found[2] or ""
    if behind[:1] == "⁽":
        behind = f"^{{({behind[1:-1].translate(_DIGITS)})}}"
    elif "₀" <= behind[:1] <= "₉":
        behind = f"_{{{behind.translate(_DIGITS)}}}"
    known = _FUNCTIONS.get(stem)
    if not known and re.fullmatch("[A-Za-z]{2}[A-Za-z0-9_]*", stem):
        known = rf"\operatorname{{{stem.replace('_', chr(92) + '_')}}}"
    return (known or name_latex(stem)) + behind.replace("″", "''").replace("′", "'")
