"""Every operation of the rule table has a notation and a textbook derivative, and both say what the rule computes."""

import math
import operator
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from autograd import Value, primitive
from autograd.player.wording import wording
from autograd.rules.table import FLOATS, RULES, Rule
from autograd.symbolic.formula import formula
from autograd.symbolic.notation import TERMS, ChoiceError, term_of
from autograd.symbolic.printers import ROOTS, latex, text
from autograd.symbolic.rewrite import simplified
from autograd.symbolic.terms import Term, as_term, call, named, number
from autograd.symbolic.textbook import TEXTBOOK, partial_terms, partials
from autograd.testing.domains import DOMAINS, Choice
from autograd.value import apply

POINTS = 25
CONSTANTS = {"π": math.pi, "e": math.e}
CALLS = {
    **dict(
        zip(
            ("√", "∛", "log₂", "log₁₀", "σ", "log σ"),
            ("sqrt", "cbrt", "log2", "log10", "sigmoid", "log_sigmoid"),
            strict=True,
        )
    ),
    **dict(zip(("Φ", "φ", "log Γ", "ψ"), ("norm_cdf", "norm_pdf", "lgamma", "digamma"), strict=True)),
    **dict(zip(("softmax₁", "log_softmax₁"), ("softmax", "log_softmax"), strict=True)),
}
RELATIONS = {">": operator.gt, "<": operator.lt, "≥": operator.ge, "≤": operator.le}
ORDERS = {"′": 1.0, "″": 2.0, "⁽³⁾": 3.0, "⁽⁴⁾": 4.0}

every_rule = pytest.mark.parametrize("name", sorted(RULES))


def evaluate(term: Term | Any, names: dict[str, float]) -> Any:
    """A term's value: what a reader of it would compute."""
    parts = [evaluate(part, names) if hasattr(part, "kind") else part for part in term.parts]
    match term.kind:
        case "number":
            return parts[0]
        case "name":
            return {**CONSTANTS, **names}[parts[0]]
        case "sum":
            return math.fsum(parts)
        case "product":
            return math.prod(parts)
        case "quotient":
            return FLOATS.div(*parts)
        case "negative":
            return -parts[0]
        case "power":
            return FLOATS.pow(*parts)
        case "condition":
            return {">": parts[0] > parts[2], "<": parts[0] < parts[2], "≥": parts[0] >= parts[2]}.get(
                parts[1], parts[0] <= parts[2]
            )
        case "bracket":
            return float(parts[0])
        case "cases":
            return parts[1] if parts[0] else parts[2]
        case "call":
            return called(*parts)
    raise AssertionError(term.kind)


def called(function: str, *arguments: float) -> float:
    for primes, order in ORDERS.items():
        if function.endswith(primes):
            rule = {"ψ": "polygamma", "sinc": "sinc_derivative"}[function.removesuffix(primes)]
            return RULES[rule].value(order, *arguments)
    return RULES[CALLS.get(function, function)].value(*arguments)


def cases(name: str, seed: int = 0) -> Iterator[Any]:
    """Points inside the domain: their numbers by name, and the operands as terms; orders and exponents are numbers."""
    draw = Random(f"{name} {seed}")
    for _ in range(POINTS):
        numbers = [operand.draw(draw) for operand in DOMAINS[name].interior]
        names = {f"x{i}": x for i, x in enumerate(numbers)}
        constant = [isinstance(operand, Choice) for operand in DOMAINS[name].interior]
        terms = [number(x) if c else named(f"x{i}") for i, (x, c) in enumerate(zip(numbers, constant, strict=True))]
        yield numbers, names, terms


def close(a: float, b: float) -> bool:
    return (a != a and b != b) or abs(a - b) <= 1e-9 * max(1.0, abs(b))


@every_rule
def test_the_notation_says_what_the_operation_computes(name: str) -> None:
    for numbers, names, terms in cases(name):
        term = term_of(RULES[name], *terms)
        assert close(evaluate(term, names), RULES[name].value(*numbers))
        assert close(evaluate(simplified(term), names), RULES[name].value(*numbers))


@every_rule
def test_the_textbook_derivative_is_the_rules_own(name: str) -> None:
    for numbers, names, terms in cases(name):
        y = RULES[name].value(*numbers)
        exact = RULES[name].partials(FLOATS, y, *numbers)
        book = partials(RULES[name], FLOATS, y, *numbers)
        shown = [as_term(partial) for partial in partials(RULES[name], TERMS, named("y"), *terms)]
        assert len(book) == len(shown) == len(exact)
        for place in DOMAINS[name].places:
            assert close(book[place], exact[place])
            assert close(evaluate(shown[place], {**names, "y": y}), exact[place])
            assert close(evaluate(simplified(shown[place]), {**names, "y": y}), exact[place])


@pytest.mark.parametrize("name", sorted(TEXTBOOK))
def test_the_textbook_has_a_line_only_where_it_differs_from_the_rule(name: str) -> None:
    n = len(DOMAINS[name].interior)
    y, *xs = (named(x) for x in ["y", *(f"x{i}" for i in range(n))])
    book = partials(RULES[name], TERMS, y, *xs)
    try:
        own = RULES[name].partials(TERMS, y, *xs)
    except ChoiceError:
        return  # it looks at the numbers, which a formula can't
    assert list(map(as_term, book)) != list(map(as_term, own))


def test_an_operation_without_a_line_is_printed_from_its_rule() -> None:
    x = named("x")
    simple = Rule("simple", float, lambda m, y, a: (2.0 * m.sin(a) + y,), "s")
    guarded = Rule("guarded", float, lambda m, _, a: (m.where(a > 0.0, a, 0.0),), "g")
    compared = Rule("compared", float, lambda m, _, a: (m.where(a == 0.0, a, 0.0),), "c")
    assert text(term_of(simple, x)) == "simple(x)"
    assert [text(as_term(term)) for term in partial_terms(simple, named("y"), x)] == ["2·sin(x) + y"]
    assert list(partial_terms(guarded, named("y"), x)) == list(partial_terms(compared, named("y"), x)) == []
    assert wording(simple, (0,)) == ("take {f} of {0}", "simple({0})", ("2 · sin({0}) + {y}",))
    assert wording(compared, (0,)) == ("take {f} of {0}", "compared({0})", ("",))


@every_rule
def test_every_operation_but_its_callers_own_has_a_notation(name: str) -> None:
    assert hasattr(TERMS, name)


@every_rule
def test_no_derivative_shows_the_helpers_of_the_rule_table(name: str) -> None:
    """They are there for accuracy; a reader knows none of them."""
    _, _, terms = next(cases(name))
    lines = [text(simplified(as_term(partial))) for partial in partials(RULES[name], TERMS, named("y"), *terms)]
    assert not re.search("one_minus_square|gaussian|direction|expm1_rest|quotient|step|nan if", " ".join(lines))


@every_rule
def test_every_operation_is_one_line_of_text_and_balanced_latex(name: str) -> None:
    _, _, terms = next(cases(name))
    for term in [term_of(RULES[name], *terms), *partials(RULES[name], TERMS, named("y"), *terms)]:
        assert "\n" not in text(as_term(term))
        assert_sound_latex(latex(as_term(term)))


def assert_sound_latex(code: str) -> None:
    """Braces and \\left \\right in pairs, ASCII but for text, no two indices on one symbol."""
    bare = re.sub(r"\\[{}]", "", code)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0, code
    assert depth == 0, code
    assert len(re.findall(r"\\left\b", code)) == len(re.findall(r"\\right\b", code))
    assert not re.search(r"_\{[^{}]*\}_|\^\{[^{}]*\}\^", code), code


def test_an_operation_of_ones_own_is_written_with_its_name() -> None:
    area = primitive(lambda _y, a, b: (b, a), name="area")(lambda a, b: a * b)
    y = area(Value(2.0, name="a"), Value(3.0, name="b"))
    assert (str(formula(y)), formula(y).latex) == ("area(a, b)", r"\operatorname{area}(a, b)")


def test_an_operation_of_ones_own_may_be_called_anything() -> None:
    strange = primitive(lambda _y, _a: 1.0, name="add}{$")(lambda a: a)
    y = strange(Value(2.0, name="a"))
    assert str(formula(y)) == "add}{$(a)"
    assert formula(y).latex == r"\text{add\}\{\$}(a)"


def test_an_operation_of_ones_own_with_a_name_of_the_table_is_not_taken_for_that() -> None:
    tanh = primitive(lambda _y, _a: 1.0, name="sub")(lambda a: a + 5.0)
    assert str(formula(tanh(Value(2.0, name="a")))) == "sub(a)"


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_what_stands_under_a_root_is_in_parentheses_unless_it_is_one_thing(root: str) -> None:
    x, y = named("x"), named("y")
    assert text(call(root, x)) == f"{root}x"
    assert text(call(root, x + y)) == f"{root}(x + y)"
    assert text(call(root, x) ** 2.0) == f"({root}x)²"


def test_an_order_that_is_no_number_is_an_argument() -> None:
    n, x = Value(1.0, name="n"), Value(2.0, name="x")
    assert str(formula(apply(RULES["polygamma"], n, x))) == "ψ⁽ⁿ⁾(n, x)"
