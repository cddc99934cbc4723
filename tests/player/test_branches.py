"""The player where a program chose: ``where`` follows its condition, a branch of Python's is said to be one."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, SupportsFloat

import pytest

from autograd import Value, draw, explain, grad, gradient, maximum, no_grad, where
from autograd.drawing.level_of_detail import compose
from autograd.player.snapshot import Snapshot, take
from tests.player.browser import Browser
from tests.support import close

Program = Callable[..., Value]


def opened(browser: Browser, tmp_path: Path, program: Program, at: dict[str, float]) -> Browser:
    root = program(**{name: Value(x, name=name) for name, x in at.items()})
    root.backward()
    browser.open(draw(root).save(tmp_path / "graph.html"))
    return browser


def drag(page: Browser, numbers: dict[str, float]) -> None:
    """Set leaves' numbers, as their fields do."""
    for name, x in numbers.items():
        page.run(
            "const row = [...document.querySelectorAll('.row')]"
            ".find((row) => row.querySelector('.name').textContent === arguments[0]);"
            "const field = row.querySelector('.field');"
            "field.value = arguments[1]; field.dispatchEvent(new Event('input'));",
            name,
            repr(x),
        )


def result(page: Browser) -> float:
    return float(page.part("result").text.replace("−", "-"))


def gradients(page: Browser) -> dict[str, float]:
    script = (
        "return [...document.querySelectorAll('.row')]"
        ".map((row) => [row.querySelector('.name').textContent, row.querySelector('output').textContent])"
    )
    return {name: float(x.replace("−", "-")) for name, x in page.run(script)}


def warned(page: Browser) -> str:
    return str(page.part("cautions").text)


def is_marked(page: Browser, mark: str) -> bool:
    return mark in page.part("player").get_attribute("class").split()


def two_sides(a: Value, b: Value) -> Value:
    return where(a > b, a * b, a - b) * 2.0


def temporary(a: Value, b: Value) -> Value:
    return where(a * a + b * b <= 1.0, a * b, a / b)


def nested(a: Value, b: Value) -> Value:
    return where(a > 1, where(a > b, a * a, -a), a * 5)


def named_condition(a: Value, b: Value) -> Value:
    larger = 2.0 * a >= b
    shifted = a + b
    return where(larger, shifted * shifted, shifted.exp()) + a


def numbers_for_sides(a: Value, b: Value) -> Value:
    return where(a < b, a, 3.0) * where(b != 2.0, -1.0, b)


def poisoned(a: Value, b: Value) -> Value:
    return where(a > 0, a.log() * b, a * 0.5) * 3.0


def unreached(a: Value, b: Value) -> Value:
    return where(a > 0, a, b) * 1.0


FOLLOWED = [two_sides, temporary, nested, named_condition, numbers_for_sides, poisoned, unreached]
POINTS = [(0.5, 0.25), (1.0, 2.0), (6.0, 3.0), (2.0, 2.0), (-1.5, 0.5), (0.0, 1.0), (3.0, 7.0)]


@pytest.mark.parametrize("program", FOLLOWED)
def test_where_follows_its_condition(program: Program, browser: Browser, tmp_path: Path) -> None:
    for at in POINTS[:5:2]:
        page = opened(browser, tmp_path, program, {"a": at[0], "b": at[1]})
        assert not is_marked(page, "unsure")
        for a, b in POINTS:
            drag(page, {"a": a, "b": b})
            leaves = {"a": Value(a), "b": Value(b)}
            root = program(**leaves)
            root.backward()
            assert close(result(page), root.data + 0.0, 1e-4)  # the page writes −0 as 0
            for name, derivative in gradients(page).items():
                assert close(derivative, leaves[name].grad, 1e-4), (program.__name__, at, (a, b), name)
            assert not is_marked(page, "wrong")
            assert not is_marked(page, "unsure")
    assert browser.console() == []


def test_where_says_which_side_it_takes_now(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, two_sides, {"a": 1.0, "b": 2.0})
    assert warned(page) == ""
    drag(page, {"a": 6.0, "b": 3.0})
    assert result(page) == 36.0
    assert "a > b, compared just before it, holds now. It takes a·b = 18" in warned(page)
    assert len(page.all(".node.turned")) == 1


def python_if(x: Value) -> Value:
    y = x if x > 0.5 else -x
    return y * 3 + 1


def python_max(x: Value) -> Value:
    return max(x, x * x) * abs(x - 3.0)


def python_loop(x: Value) -> Value:
    while x > 1:
        x = x / 2
    return x + 1.0


def python_bool(x: Value) -> Value:
    return x * 2.0 if x else x + 1.0


def python_not(x: Value) -> Value:
    return x * (2.0 if not x >= 2.0 else 3.0)


def numbers_alone(x: Value) -> Value:
    return x * where(x > 0.5, 2.0, -2.0)


@pytest.mark.parametrize(
    ("program", "at", "to"),
    [
        (python_if, 1.0, -2.0),
        (python_max, 0.5, 5.0),
        (python_loop, 6.0, 20.0),
        (python_bool, 1.0, 0.0),
        (python_not, 1.0, 3.0),
        (numbers_alone, 1.0, -1.0),
    ],
)
def test_a_branch_of_python_is_said_to_be_one_where_it_stands(
    program: Program, at: float, to: float, browser: Browser, tmp_path: Path
) -> None:
    page = opened(browser, tmp_path, program, {"x": at})
    assert page.part("caution").text.startswith("Python compared numbers here: ")
    assert "A branch that it took can't be followed." in page.part("caution").text
    assert not is_marked(page, "wrong")
    drag(page, {"x": to})
    assert result(page) != program(Value(to)).data
    assert is_marked(page, "wrong")
    assert "the numbers are those of the branch that was taken then" in warned(page)
    assert page.all(".node.turned")
    assert page.run("return getComputedStyle(document.querySelector('h1 output')).textDecorationLine") == "line-through"
    drag(page, {"x": at})
    assert not is_marked(page, "wrong")
    assert warned(page) == ""


def test_max_of_python_beside_where_is_flagged(browser: Browser, tmp_path: Path) -> None:
    def program(a: Value, b: Value) -> Value:
        return where(a > b, a * b, a - b) + max(a, b) * abs(a - b)

    page = opened(browser, tmp_path, program, {"a": 1.0, "b": 2.0})
    drag(page, {"a": 6.0, "b": 3.0})
    assert is_marked(page, "wrong")
    assert "b > a held. Now it doesn't hold" in warned(page)
    drag(page, {"a": 3.0, "b": 7.0})
    assert not is_marked(page, "wrong")
    assert result(page) == program(Value(3.0), Value(7.0)).data


def circle(x: Value) -> Value:
    """The number compared first is gone."""
    inside = x * x <= 1.0
    return x * 2.0 if inside and x < 100.0 else x * 3.0


def hidden_condition(x: Value) -> Value:
    return where(x.data > 0, x * x, -x)


def swapped(x: Value) -> Value:
    """Two conditions first, then two ``where``: which had which isn't known."""
    first, second = x > 0, x > -1
    return where(first, x * x, -x) + where(second, x * 3, x * 5)


@pytest.mark.parametrize("program", [circle, hidden_condition, swapped])
def test_what_isnt_known_is_said_once_a_number_changes(program: Program, browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, program, {"x": 0.5})
    assert page.part("caution").text
    assert warned(page) == ""
    drag(page, {"x": -2.0})
    assert is_marked(page, "unsure")
    assert "A number has changed" in warned(page)
    assert "see below" in page.part("drawn").text


def test_a_graph_without_choices_has_no_caution(browser: Browser, tmp_path: Path) -> None:
    assert Value(3.0) > Value(2.0)  # of other numbers
    page = opened(browser, tmp_path, lambda x: x.tanh() * x, {"x": 0.5})
    drag(page, {"x": -2.0})
    assert page.part("caution").text == warned(page) == ""


def test_derivatives_and_explanations_leave_no_caution(browser: Browser, tmp_path: Path) -> None:
    """Their rules compare numbers too, after the graph was made."""

    def program(a: Value, b: Value) -> Value:
        y = abs(a) / b + maximum(a, b)
        gradient(y, [a, b], create_graph=True)
        assert "da" in str(explain(y, a))
        return y

    page = opened(browser, tmp_path, program, {"a": 2.0, "b": 3.0})
    drag(page, {"a": -2.0, "b": 0.5})
    assert page.part("caution").text == warned(page) == ""
    assert result(page) == 4.5


def test_comparisons_of_other_times_concern_no_graph() -> None:
    w = Value(1.0, name="w")
    earlier = w * 3.0
    assert earlier > 2.0
    assert w > 0.5
    w.data = 2.0
    y = w * w
    assert y * 2.0 > 1.0
    later = y + 1.0
    assert later > 2.0
    kept = snapshot(y)
    assert (kept.questions, kept.unseen) == ((), 0)
    assert w > 0.25
    assert [question.right for question in snapshot(y).questions] == [0.25]


def test_a_threshold_outside_the_graph_is_a_number_one_can_change() -> None:
    x, t = Value(2.0, name="x"), Value(1.0, name="t")
    y = x * 2.0 if x > t else x * 3.0
    kept = snapshot(y)
    assert [node.name for node in kept.nodes if not node.drawn] == ["t"]
    assert len(kept.questions) == 1


# -- what a snapshot knows -----------------------------------------------------------------------------


def snapshot(root: Value) -> Snapshot:
    return take(root, compose(root))


def test_a_side_that_isnt_a_number_any_more_is_not_followed() -> None:
    x, t = Value(2.0), Value(1.0)
    y = where(x > t, x * x, x)
    t.data = 5.0
    assert [node.condition for node in snapshot(y).nodes if node.rule] == [None, None]


def test_a_large_graph_is_taken_without_its_choices() -> None:
    x = Value(2.0)
    y = where(x > 1, x * x, sum((x * float(i) for i in range(30)), Value(0.0)))
    assert snapshot(y).nodes[-1].condition
    assert take(y, compose(y), most=10).nodes[-1].condition is None


def test_comparisons_keep_no_graph_alive_but_the_latest() -> None:
    def compared() -> weakref.ref[Value]:
        y = Value(2.0) * 3.0
        assert y > 1.0
        return weakref.ref(y)

    gc.disable()
    try:
        earlier, latest = compared(), compared()
        assert earlier() is None
        assert latest() is not None
        assert Value(1.0) < 2.0
        assert latest() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("other", ["x", None, [1.0], True, 1 + 2j])
def test_comparisons_with_other_things_are_as_before(other: Any) -> None:
    assert (Value(1.0) == other) is (other == 1.0)
    assert (Value(1.0) != other) is (other != 1.0)


def test_choices_survive_no_grad_and_derivatives() -> None:
    with no_grad():
        assert where(Value(2.0) > 1, Value(3.0), 1.0).data == 3.0

    def choice(x: SupportsFloat) -> Any:
        return where(x > 0, x * x, -x)  # type: ignore[operator]

    assert grad(grad(choice))(3.0) == 2.0
