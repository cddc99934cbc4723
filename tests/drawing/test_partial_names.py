"""labels="words": every gradient with its name, ∂L/∂w."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import autograd as ag
from autograd import Value, draw
from tests.drawing.picture import Picture


def loss() -> Value:
    """(tanh(w·x + b) − 1)²."""
    w, x, b = Value(-3.0, name="w"), Value(2.0, name="x"), Value(6.5, name="b")
    root = ((w * x + b).tanh() - 1.0) ** 2
    root.name = "L"
    root.backward()
    return root


def words(root: Value, read: type[Picture]) -> list[str]:
    return [gradient for _, gradient in read(draw(root, labels="words").svg).numbers]


def test_every_arrow_back_is_labelled_with_its_partial_and_number(read: type[Picture]) -> None:
    root = loss()
    numbers = [gradient for _, gradient in read(draw(root).svg).numbers]
    named = ["w", "x", "(w·x)", "b", "(w·x + b)", "tanh(w·x + b)", "(tanh(…) − 1)", "L"]
    assert words(root, read) == [f"∂L/∂{name} = {n}" for name, n in zip(named, numbers, strict=True)]


def test_where_several_edges_carry_parts_of_a_gradient_each_adds_to_it(read: type[Picture]) -> None:
    x = Value(3.0, name="x")
    y = x * x
    y.name = "y"
    y.backward()
    assert words(y, read) == ["∂y/∂x += 3", "∂y/∂x += 3", "∂y/∂y = 1"]


def test_before_a_backward_pass_a_dash_follows_the_name(read: type[Picture]) -> None:
    assert words(Value(3.0, name="x").exp(), read) == ["∂output/∂x = –", "∂output/∂output = –"]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda a, b: a - (b - 1), "(a − (b − 1))"),
        (lambda a, b: a / (b * 2), "(a/(b·2))"),
        (lambda a, b: (a + b) * a, "((a + b)·a)"),
        (lambda a, b: (a + b) ** 2, "(a + b)²"),
        (lambda a, b: a**0.5, "a^0.5"),
        (lambda a, b: a**b, "a^b"),
        (lambda a, b: -a, "(−a)"),
        (lambda a, b: abs(a - b), "|a − b|"),
        (lambda a, b: ag.square(a), "a²"),
        (lambda a, b: ag.atan2(a, b), "atan2(a, b)"),
        (lambda a, b: ag.sum([a, b, a]), "(a + b + a)"),
        (lambda a, b: ag.sum([a, b] * 20), "Σ"),
        (lambda a, b: (a + b + a + b + a) * 2, "(…·2)"),
    ],
)
def test_a_node_without_a_name_is_called_by_a_short_formula(
    make: Callable[[Value, Value], Value], name: str, read: type[Picture]
) -> None:
    root = make(Value(2.0, name="a"), Value(3.0, name="b")).exp()
    root.name = "L"
    assert words(root, read)[-2] == f"∂L/∂{name} = –"


def test_a_parameter_goes_by_the_name_in_its_box(read: type[Picture]) -> None:
    w = Value(2.0, name="layer0.w")
    w.scope = ("layer 0",)
    with ag.scope("layer 0"):
        y = w * 2.0
    assert words(y, read)[0] == "∂output/∂w = –"


def test_a_dot_goes_by_the_formula_that_is_drawn(read: type[Picture]) -> None:
    w, x, b = Value(2.0, name="w"), Value(3.0, name="x"), Value(1.0, name="b")
    y = ag.dot([w, b], [x, 1.0]).tanh()
    names = ["∂output/∂w", "∂output/∂x", "∂output/∂(w·x)", "∂output/∂b", "∂output/∂(w·x + b)", "∂output/∂output"]
    assert words(y, read) == [f"{name} = –" for name in names]


def test_other_pictures_have_numbers_alone(read: type[Picture]) -> None:
    assert "∂" not in draw(loss()).svg
    assert draw(loss(), labels="numbers").svg == draw(loss()).svg


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_labels_have_the_room_they_need(rankdir: str, read: type[Picture]) -> None:
    texts = read(draw(loss(), labels="words", rankdir=rankdir).svg).texts
    for i, text in enumerate(texts):
        assert not any(text.box.overlaps(other.box) for other in texts[i + 1 :])


def test_names_are_in_every_format(tmp_path: Path) -> None:
    drawing = draw(loss(), labels="words")
    assert "∂L/∂w = " in drawing.dot
    assert "∂L/∂w = " in drawing.html
    assert drawing.save(tmp_path / "g.png").read_bytes() != draw(loss()).save(tmp_path / "h.png").read_bytes()
    assert drawing.save(tmp_path / "g.pdf").read_bytes()[:5] == b"%PDF-"


def test_marks_of_magnitudes_follow_the_number(read: type[Picture]) -> None:
    y = Value(0.0, name="x") * Value(2.0, name="w")
    y.backward()
    gradients = [edge.gradient.content for edge in read(draw(y, labels="words", magnitude=True).svg).edges]
    assert gradients == ["∂output/∂x = 2", "∂output/∂w = 0 ∅ zero", "∂output/∂output = 1"]


def test_a_name_stays_text() -> None:
    y = Value(1.0, name="<b>&amp;").exp()
    assert "∂output/∂&lt;b&gt;&amp;amp; = " in draw(y, labels="words").svg
    assert not re.search("<b>", draw(y, labels="words").svg)


def test_an_unknown_kind_of_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="labels must be one of 'numbers', 'words', got 'formulas'"):
        draw(loss(), labels="formulas")
