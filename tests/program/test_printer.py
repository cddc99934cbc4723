"""Printed expressions are read as they were meant; parentheses stand where they change that, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.compiler import ProgramError
from autograd.program.languages import AUTOGRAD, JAVASCRIPT, LATEX, PYTHON, C
from autograd.program.printer import Form, Language, Printed, write

Tree: TypeAlias = "str | float | tuple[str, list[Tree]]"
ARITHMETIC = {"add": 2, "sub": 2, "mul": 2, "div": 2, "mod": 2, "floordiv": 2, "pow": 2, "neg": 1}
CHOICES = {"add": 2, "sub": 2, "mul": 2, "neg": 1, "lt": 2, "le": 2, "eq": 2, "and": 2, "or": 2, "not": 1, "where": 3}


def trees(arities: dict[str, int]) -> st.SearchStrategy[Tree]:
    leaves: st.SearchStrategy[Tree] = st.sampled_from(["a", "b", 2.0, -3.0])
    by_arity = {n: [op for op in arities if arities[op] == n] for n in set(arities.values())}

    def grown(parts: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        return st.one_of(
            *[st.tuples(st.sampled_from(ops), st.lists(parts, min_size=n, max_size=n)) for n, ops in by_arity.items()]
        )

    return st.recursive(leaves, grown, max_leaves=12)


def printed(tree: Tree, language: Language, put: Callable[[Form, list[Printed]], Printed] = write) -> Printed:
    if isinstance(tree, str):
        return Printed(tree)
    if isinstance(tree, float):
        return language.number(tree)
    op, operands = tree
    return put(language.forms[op], [printed(x, language, put) for x in operands])


def in_full(form: Form, operands: list[Printed]) -> Printed:
    """With every operand in parentheses."""
    return write(form, [Printed(f"({x.text})") for x in operands])


def read(text: str) -> str:
    """How Python reads an expression."""
    return ast.dump(ast.parse(text, mode="eval"))


def without_a_pair(text: str) -> list[str]:
    """The text without one pair of parentheses, for each of them."""
    opened, pairs = [], []
    for i, character in enumerate(text):
        if character == "(":
            opened.append(i)
        elif character == ")":
            pairs.append((opened.pop(), i))
    return [f"{text[:i]} {text[i + 1 : j]} {text[j + 1 :]}".strip() for i, j in pairs]


def reads_otherwise(text: str, meant: str) -> bool:
    try:
        return read(text) != meant
    except SyntaxError:
        return True


@given(trees(ARITHMETIC))
def test_formulas_in_python_have_the_parentheses_they_need_and_no_others(tree: Tree) -> None:
    text, meant = printed(tree, AUTOGRAD).text, read(printed(tree, AUTOGRAD, in_full).text)
    assert read(text) == meant
    assert [shorter for shorter in without_a_pair(text) if not reads_otherwise(shorter, meant)] == []


@given(trees(CHOICES))
def test_comparisons_and_choices_in_python_have_the_parentheses_they_need(tree: Tree) -> None:
    assert read(printed(tree, PYTHON).text) == read(printed(tree, PYTHON, in_full).text)


@pytest.mark.parametrize("language", [C, PYTHON, LATEX], ids=lambda language: language.name)
def test_a_negative_operand_stands_in_parentheses_in_a_program(language: Language) -> None:
    assert "(-2.0)" in language.write("sin", [language.number(-2.0)]).text


def test_javascript_has_no_decrement_where_a_sign_is_meant() -> None:
    x = Printed("x")
    assert JAVASCRIPT.write("neg", [JAVASCRIPT.write("neg", [x])]).text == "-(-x)"
    assert JAVASCRIPT.write("neg", [JAVASCRIPT.number(-2.0)]).text == "-(-2)"
    assert not re.search("--", JAVASCRIPT.write("sub", [x, JAVASCRIPT.number(-2.0)]).text)


def test_an_operation_without_a_form_is_an_error_that_names_language_and_operation() -> None:
    with pytest.raises(ProgramError, match="'area' has no form in C"):
        C.write("area#1", [])
