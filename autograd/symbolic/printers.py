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

from autograd.interop.text import printable
from autograd.symbolic.identifiers import decimal, decimal_latex, name_latex, name_text
from autograd.symbolic.terms import Term, multiply, negative

CASES, SUM, QUOTIENT, PRODUCT, POWER, ATOM = range(6)  # how tightly a line holds together
CONSTANT_DIGITS = 6  # of the numbers in a formula
ROOTS = {"√": r"\sqrt", "∛": r"\sqrt[3]"}

Written = tuple[str, int]  # a line, and how tightly it holds together

_SUPERSCRIPTS = str.maketrans("−0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_DIGITS = str.maketrans("₁₂₀⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "1200123456789n")
_FENCES = {
    "abs": (("|", "|"), (r"\lvert ", r" \rvert")),
    "floor": (("⌊", "⌋"), (r"\lfloor ", r" \rfloor")),
    "ceil": (("⌈", "⌉"), (r"\lceil ", r" \rceil")),
    "norm": (("‖", "‖"), (r"\lVert ", r" \rVert")),
}
_FUNCTIONS = {
    **{name: rf"\{name}" for name in ("log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min")},
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "σ": r"\sigma",
    "Φ": r"\Phi",
    "φ": r"\varphi",
    "ψ": r"\psi",
    "log σ": r"\log \sigma",
    "log Γ": r"\log \Gamma",
}


def text(term: Term) -> str:
    """The term as a line of text."""
    return Text().write(term)[0]


def latex(term: Term) -> str:
    """The term in LaTeX's math mode."""
    return Latex().write(term)[0]


def negated(term: Term) -> Term | None:
    """−term, where the term is written with a minus sign in front; else None."""
    if term.kind == "negative":
        return negative(term)
    if term.kind == "number":
        return negative(term) if decimal(term.parts[0]).startswith("−") else None
    first = negated(term.parts[0]) if term.kind == "product" else None
    return multiply(first, *term.parts[1:]) if first else None


class Style:
    """How the kinds of terms are written: what text and LaTeX have in common."""

    minus, times = "−", "·"

    def write(self, term: Term) -> Written:
        writer: Callable[..., Written] = getattr(self, term.kind)
        return writer(*term.parts)

    def at_least(self, level: int, term: Term) -> str:
        """The term, in parentheses unless it holds together so tightly."""
        line, own = self.write(term)
        return line if own >= level else self.grouped(line)

    def grouped(self, line: str) -> str:
        return f"({line})"

    def sum(self, *parts: Term) -> Written:
        line = self.at_least(SUM, parts[0])
        for part in parts[1:]:
            opposite = negated(part)
            line += f" {self.minus if opposite else '+'} {self.at_least(QUOTIENT, opposite or part)}"
        return line, SUM

    def negative(self, a: Term) -> Written:
        return self.minus + self.at_least(QUOTIENT, a), SUM

    def product(self, *parts: Term) -> Written:
        signed = negated(parts[0]) is not None
        head = self.write(parts[0])[0] if signed else self.at_least(POWER, parts[0])
        return self.times.join([head, *(self.at_least(POWER, part) for part in parts[1:])]), SUM if signed else PRODUCT

    def condition(self, a: Term, relation: str, b: Term) -> Written:
        return f"{self.at_least(SUM, a)} {relation} {self.at_least(SUM, b)}", CASES

    def bracket(self, condition: Term) -> Written:
        return f"[{self.write(condition)[0]}]", ATOM

    def listed(self, arguments: tuple[Term, ...]) -> str:
        return ", ".join(self.write(argument)[0] for argument in arguments)


class Text(Style):
    """Terms as text."""

    def name(self, name: str) -> Written:
        return name_text(name), ATOM

    def number(self, x: float) -> Written:
        line = decimal(x, CONSTANT_DIGITS)
        return line, SUM if line.startswith("−") else ATOM

    def more(self, n: int) -> Written:
        return f"… {grouped_digits(n)} more …", ATOM

    def quotient(self, a: Term, b: Term) -> Written:
        return f"{self.at_least(PRODUCT, a)}/{self.at_least(POWER, b)}", QUOTIENT

    def power(self, a: Term, n: Term) -> Written:
        base, exponent = self.at_least(ATOM, a), self.write(n)[0]
        if n.kind == "number" and len(exponent) < 4 and exponent.lstrip("−").isdigit():
            return base + exponent.translate(_SUPERSCRIPTS), POWER
        return f"{base}^{self.at_least(ATOM, n)}", POWER

    def cases(self, condition: Term, a: Term, b: Term) -> Written:
        return f"{self.at_least(SUM, a)} if {self.write(condition)[0]} else {self.write(b)[0]}", CASES

    def call(self, function: str, *arguments: Term) -> Written:
        if function in ROOTS:
            return function + self.at_least(ATOM, arguments[0]), POWER
        left, right = _FENCES[function][0] if function in _FENCES else (f"{printable(function)}(", ")")
        return f"{left}{self.listed(arguments)}{right}", ATOM


class Latex(Style):
    """Terms in LaTeX's math mode."""

    minus, times = "-", r" \cdot "

    def grouped(self, line: str) -> str:
        return rf"\left({line}\right)" if r"\frac" in line or r"\begin" in line else f"({line})"

    def name(self, name: str) -> Written:
        return name_latex(name), ATOM

    def number(self, x: float) -> Written:
        line = decimal_latex(x, CONSTANT_DIGITS)
        return line, SUM if line.startswith("-") else PRODUCT if "times" in line else ATOM

    def more(self, n: int) -> Written:
        return rf"\underset{{{grouped_digits(n).replace(' ', chr(92) + ',')}\text{{ more}}}}{{\cdots}}", ATOM

    def quotient(self, a: Term, b: Term) -> Written:
        return rf"\frac{{{self.write(a)[0]}}}{{{self.write(b)[0]}}}", POWER

    def power(self, a: Term, n: Term) -> Written:
        return f"{self.at_least(ATOM, a)}^{{{self.write(n)[0]}}}", POWER

    def cases(self, condition: Term, a: Term, b: Term) -> Written:
        lines = rf"{self.write(a)[0]} & \text{{if }} {self.write(condition)[0]} \\ {self.write(b)[0]} & \text{{else}}"
        return rf"\begin{{cases}} {lines} \end{{cases}}", POWER

    def condition(self, a: Term, relation: str, b: Term) -> Written:
        line, level = super().condition(a, relation, b)
        return line.replace("≥", r"\ge").replace("≤", r"\le"), level

    def call(self, function: str, *arguments: Term) -> Written:
        if function in ROOTS:
            return f"{ROOTS[function]}{{{self.listed(arguments)}}}", POWER
        if function == "exp":
            return f"e^{{{self.listed(arguments)}}}", POWER
        if function in _FENCES:
            left, right = _FENCES[function][1]
            return f"{left}{self.listed(arguments)}{right}", ATOM
        return function_latex(function) + self.grouped(self.listed(arguments)), ATOM


def function_latex(name: str) -> str:
    r"""A function's name in LaTeX; what stands behind it raised or lowered, too.

    >>> function_latex("tanh"), function_latex("ψ″"), function_latex("sinc⁽³⁾"), function_latex("softplus")
    ('\\tanh', "\\psi''", '\\operatorname{sinc}^{(3)}', '\\operatorname{softplus}')
    """
    found = re.fullmatch(r"(.*?)(′|″|⁽[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]+⁾|[₀₁₂]+)?", name, re.DOTALL)
    assert found
    stem, behind = found[1], found[2] or ""
    if behind[:1] == "⁽":
        behind = f"^{{({behind[1:-1].translate(_DIGITS)})}}"
    elif behind[:1] in ("₀", "₁", "₂"):
        behind = f"_{{{behind.translate(_DIGITS)}}}"
    known = _FUNCTIONS.get(stem)
    if not known and re.fullmatch("[A-Za-z]{2}[A-Za-z0-9_]*", stem):
        known = rf"\operatorname{{{stem.replace('_', chr(92) + '_')}}}"
    return (known or name_latex(stem)) + behind.replace("″", "''").replace("′", "'")


def grouped_digits(n: int) -> str:
    """A whole number with thousands apart.

    >>> grouped_digits(1152921504606846976), grouped_digits(10**400)
    ('1 152 921 504 606 846 976', 'about 10^400')
    """
    return f"{n:,}".replace(",", " ") if n < 10**30 else f"about 10^{int(n.bit_length() * 0.30103)}"
