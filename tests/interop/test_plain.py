"""Formulas in ASCII."""

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.interop.plain import on_screen, plain
from autograd.interop.text import number
from autograd.symbolic.identifiers import decimal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("−0.5·x²", "-0.5*x^2"),
        ("x²⁵ + e⁻ˣ", "x^25 + e^-x"),
        ("ψ⁽ⁿ⁾(θ₁₂)", "psi^(n)(theta12)"),
        ("√(a² + b²) + √x", "sqrt(a^2 + b^2) + sqrt x"),
        ("⌊x⌋ ≤ λ → Σ", "floor(x) <= lambda -> Sigma"),
        ("ŷ café ±∞", "y cafe +-inf"),
        ("日", "?"),
    ],
)
def test_signs_have_a_form_in_ascii(text: str, shown: str) -> None:
    assert plain(text, "ascii") == shown
    assert plain(text, "utf-8") == plain(text, None) == text


def test_a_text_is_changed_whole_or_not_at_all() -> None:
    assert plain("x² · 2", "cp1252") == "x² · 2"
    assert plain("−x² · 2", "cp1252") == "-x^2 * 2"


@given(st.text())
def test_whatever_a_name_is_it_can_be_written(text: str) -> None:
    assert plain(text, "ascii").isascii()


def test_standard_output_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="cp1252"))
    assert on_screen("−1") == "-1"
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert on_screen("−1") == "−1"
    monkeypatch.setattr(sys, "stdout", None)
    assert on_screen("−1") == "−1"


@given(st.floats())
def test_no_reader_sees_a_minus_zero(x: float) -> None:
    assert number(-0.0) == decimal(-0.0) == number(0.0)
    assert number(x).startswith("-") == (x < 0)
