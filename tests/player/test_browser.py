"""The step player in a browser: its steps, its keys, its address, its live numbers, and what it never does."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd as ag
from autograd import Value, draw
from autograd.drawing.level_of_detail import compose
from tests.player.browser import Browser
from tests.support import close

Opener = Callable[..., Browser]


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Any:
    """Opens a drawing's page; afterwards the console must be empty and nothing have been asked for but the page."""

    def opened(root: Value, fragment: str = "", **options: Any) -> Browser:
        browser.open(draw(root, **options).save(tmp_path / "graph.html"), fragment)
        assert browser.part("player").get_attribute("data-ready") == "true"
        return browser

    yield opened
    assert browser.console() == []
    assert set(browser.requests()) == {browser.url}


def leaves() -> list[Value]:
    return [Value(2.0, name="x"), Value(-3.0, name="w"), Value(6.881373587019543, name="b")]


def neuron(x: Value, w: Value, b: Value) -> Value:
    s = w * x + b
    s.name = "s"
    y = s.tanh() * s
    y.name = "L"
    return y


def shown(page: Browser) -> tuple[str, str]:
    return page.part("count").text, page.part("where").text


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it didn't happen in time"
        time.sleep(0.02)


def titles(page: Browser, kind: str) -> list[str]:
    script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)"
    return list(page.run(script, f".{kind} > title"))


def exact(title: str, what: str) -> float:
    return float(re.search(rf"^{what} (.+)$", title, re.MULTILINE)[1].replace("Infinity", "inf"))  # type: ignore[index]


def type_in(field: Any, text: str) -> None:
    from selenium.webdriver import Keys

    field.send_keys(Keys.CONTROL + "a")
    field.send_keys(text)


def press(page: Browser, key: str) -> None:
    page.driver.switch_to.active_element.send_keys(key)


# -- steps -------------------------------------------------------------------------------------------


def test_buttons_step_forward_and_back(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()))
    assert shown(page) == ("0 / 10", "START")
    assert not page.part("back").is_enabled()
    for _ in range(2):
        page.part("next").click()
    assert shown(page) == ("2 / 10", "FORWARD 2 OF 4")
    assert page.part("formulas").text == "s = v₁ + b = −6 + 6.8814 = 0.88137"
    page.part("back").click()
    assert page.part("words").text == "Multiply w by x."
    assert page.part("formulas").text == "v₁ = w · x = −3 · 2 = −6"


def test_keys_step_too(open_page: Opener) -> None:
    from selenium.webdriver import Keys

    page = open_page(neuron(*leaves()))
    for key, count in [(Keys.ARROW_RIGHT, 1), (Keys.ARROW_RIGHT, 2), (Keys.ARROW_LEFT, 1), (Keys.END, 10), (Keys.HOME, 0)]:
        press(page, key)
        assert shown(page)[0] == f"{count} / 10"
    assert not page.part("back").is_enabled()
    press(page, Keys.END)
    assert not page.part("next").is_enabled()
    assert page.part("where").text == "DONE"


def test_the_address_has_the_step_both_ways(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()), "#step=7")
    assert shown(page) == ("7 / 10", "BACKWARD 2 OF 4")
    page.part("next").click()
    until(lambda: page.run("return location.hash") == "#step=8")
    page.run("location.hash = '#step=3'")
    until(lambda: shown(page)[0] == "3 / 10")
    for nonsense in ("#step=999", "#step=-1", "#step=<b>", "#else"):
        page.run("location.hash = arguments[0]", nonsense)
        until(lambda: shown(page)[0] in ("10 / 10", "0 / 10"))


def test_the_slider_goes_to_any_step(open_page: Opener) -> None:
    from selenium.webdriver import Keys

    page = open_page(neuron(*leaves()))
    page.part("slider").send_keys(Keys.ARROW_RIGHT * 3)
    assert shown(page)[0] == "3 / 10"
    assert page.part("slider").get_attribute("aria-valuetext") == "step 3 of 10: Forward 3 of 4"


def test_play_runs_until_paused(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()), "#step=8")
    press(page, " ")
    assert page.part("play").text == "Pause"
    until(lambda: shown(page)[0] == "10 / 10")
    until(lambda: page.part("play").text == "Play")
    page.part("play").click()
    assert shown(page)[0] == "0 / 10"
    page.part("play").click()
    assert page.part("play").text == "Play"


def test_what_is_not_reached_is_pale_and_the_current_node_stands_out(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()), "#step=2")

    def marked(kind: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].map((e) => e.querySelector('text').textContent)"
        return list(page.run(script, kind))

    assert marked(".node.current") == ["+"]
    assert marked(".node.pale") == ["tanh", "×", "L"]
    assert marked(".edge.current-value") == ["-6", "6.8814", "0.88137", "0.88137"]
    assert len(marked(".edge.no-gradient")) == 8
    page.run("location.hash = '#step=8'")
    until(lambda: marked(".node.current") == ["+"])
    assert marked(".node.pale") == []
    assert marked(".edge.current-gradient") == ["-6", "6.8814"]
    assert marked(".edge.no-gradient") == ["-3", "2"]


def test_the_current_node_scrolls_into_view_within_its_pane(open_page: Opener) -> None:
    y = Value(1.0)
    for _ in range(30):
        y = y.sin()
    page = open_page(y, "#step=25")
    inside = """
    const pane = document.querySelector(".pane").getBoundingClientRect();
    const node = document.querySelector(".node.current").getBoundingClientRect();
    return node.left > pane.left && node.right < pane.right;
    """
    until(lambda: bool(page.run(inside)))
    assert page.run("return document.scrollingElement.scrollWidth <= innerWidth")
    page.part("back").click()
    until(lambda: bool(page.run(inside)))


# -- live --------------------------------------------------------------------------------------------


def check_live(page: Browser, numbers: list[float]) -> None:
    """Every value and gradient in the page is what Python computes for these leaves."""
    changed = [Value(x) for x in numbers]
    root = neuron(*changed)
    root.backward()
    edges = titles(page, "edge")
    assert close(exact(edges[-1], "value"), root.data + 0.0)
    nodes = titles(page, "node")
    for name, leaf in zip("xwb", changed, strict=True):
        (title,) = (title for title in nodes if title.startswith(f"{name}\n"))
        assert close(exact(title, "value"), leaf.data + 0.0)  # −0 is written as 0
        assert close(exact(title, "gradient"), leaf.grad + 0.0)
    assert page.part("result").text == draw(root)._scene.edges[-1].value.replace("-", "−")


def test_a_slider_changes_every_value_and_gradient(open_page: Opener) -> None:
    from selenium.webdriver import ActionChains, Keys

    page = open_page(neuron(*leaves()))
    check_live(page, [2.0, -3.0, 6.881373587019543])
    slider = page.all(".row .slider")[1]
    slider.send_keys(Keys.ARROW_RIGHT * 4)
    w = float(page.all(".row .field")[1].get_attribute("value"))
    assert w == -2.6
    check_live(page, [2.0, w, 6.881373587019543])
    ActionChains(page.driver).drag_and_drop_by_offset(page.all(".row .slider")[0], 40, 0).perform()
    x = float(page.all(".row .field")[0].get_attribute("value"))
    assert x != 2.0
    check_live(page, [x, w, 6.881373587019543])
    assert page.part("drawn").text == "drawn at 0.62323"
    page.part("resetAll").click()
    check_live(page, [2.0, -3.0, 6.881373587019543])
    assert page.part("drawn").text == ""


def test_any_finite_number_may_be_typed(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()), "#step=3")
    field, reset = page.all(".row .field")[2], page.all(".row .reset")[2]
    assert not reset.is_enabled()
    for text in ("-1.25", "1e-300", "123456.75", "-0"):
        type_in(field, text)
        check_live(page, [2.0, -3.0, float(text)])
    assert page.all(".derivative .gradient")[2].text == page.all(".derivative .gradient")[2].text.strip()
    reset.click()
    check_live(page, [2.0, -3.0, 6.881373587019543])
    type_in(field, "-")
    check_live(page, [2.0, -3.0, 6.881373587019543])


def test_sentences_and_labels_follow(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()), "#step=1")
    field = page.all(".row .field")[0]
    type_in(field, "0.5")
    assert page.part("formulas").text == "v₁ = w · x = −3 · 0.5 = −1.5"
    assert "-1.5" in [label.text for label in page.all("svg .edge .value")]


def test_the_products_of_a_default_net_are_live(open_page: Opener) -> None:
    import nn

    model = nn.MLP(2, [2, 1], "tanh", seed=1)

    def loss(x0: float) -> Value:
        root: Value = (model([Value(x0, name="x0"), Value(-0.5, name="x1")]) - 1.0) ** 2
        root.name = "loss"
        return root

    page = open_page(loss(1.5))
    names = [name.text for name in page.all(".row .name")]
    type_in(page.all(".row .field")[names.index("x0")], "0.25")
    root = loss(0.25)
    model.zero_grad()
    root.backward()
    expected = [edge.value for edge in compose(root).edges]
    assert sorted(label.text for label in page.all("svg .edge .value")) == sorted(expected)
    shown = {label.text for label in page.all("svg .edge .gradient")}
    assert shown == {edge.gradient for edge in compose(root).edges}


def test_names_of_gradients_stay_while_their_numbers_follow(open_page: Opener) -> None:
    x, w, b = leaves()
    page = open_page(neuron(x, w, b), labels="words")
    type_in(page.all(".row .field")[0], "3")
    x.data = 3.0
    neuron(x, w, b).backward()
    shown = [label.text.split(" = ") for label in page.all("svg .edge .gradient")]
    numbers = {name: float(number) for name, number in (pair for pair in shown if len(pair) == 2)}
    assert numbers["∂L/∂w"] == pytest.approx(w.grad, rel=1e-4)
    assert numbers["∂L/∂x"] == pytest.approx(x.grad, rel=1e-4)


def test_numbers_that_are_not_finite_are_shown(open_page: Opener) -> None:
    leaves = [Value(x, name=f"n{i}") for i, x in enumerate((math.nan, math.inf, -0.0))]
    page = open_page(ag.max([leaves[0] * 2.0, leaves[1] + leaves[2]]))
    assert page.part("result").text == "nan"
    for field, text in zip(page.all(".row .field"), ("1", "2", "3"), strict=True):
        type_in(field, text)
    assert page.part("result").text == "5"


def test_a_folded_graph_is_live_as_a_whole(open_page: Opener) -> None:
    def chain(x: Value) -> Value:
        y = x
        for _ in range(60):
            y = y.sin() * 1.05
        return y + x

    page = open_page(chain(Value(0.75, name="x")), max_nodes=8)
    field = page.all(".row .field")[0]
    type_in(field, "1.5")
    changed = Value(1.5)
    root = chain(changed)
    root.backward()
    assert close(exact(titles(page, "edge")[-1], "value"), root.data)
    assert page.all(".derivative .gradient")[0].text == f"{changed.grad:.5g}"


def test_what_was_drawn_of_sizes_does_not_outlive_a_change(open_page: Opener) -> None:
    x, y = Value(0.0, name="x"), Value(2.0, name="y")
    terms = [(y * float(i)).exp() for i in range(20)]
    root = ag.sum(terms) + x * x
    root.backward()
    page = open_page(root, "#step=99", magnitude=True, max_nodes=15)

    def stale() -> tuple[int, int, bool, bool]:
        text, hover = "\n".join(label.text for label in page.all("svg text")), "\n".join(titles(page, "edge"))
        return text.count("∅ zero"), hover.count("zero: the"), ", from" in hover, page.all("svg .legend")[0].is_displayed()

    drawn = stale()
    assert drawn == (4, 2, True, True)
    type_in(page.all(".row .field")[0], "1")
    assert stale() == (0, 0, False, False)
    page.part("resetAll").click()
    assert stale() == drawn


def test_a_graph_too_large_is_played_as_it_is_drawn(open_page: Opener) -> None:
    y = x = Value(1.0, name="x")
    for i in range(6000):
        y = y * x if i % 2 else y.sin()
    page = open_page(y, "#step=1", max_nodes=5)
    assert "more than 5000 nodes, and was drawn before a backward pass" in page.all(".note")[0].text
    assert page.all("svg .edge .gradient")[-1].text == "–"
    assert not page.all("svg .edge:not(.no-gradient)")
    y.backward()
    page = open_page(y, max_nodes=5)
    press(page, "\ue010")  # End
    assert page.part("where").text == "DONE"
    assert page.all("svg .edge .gradient")[-1].text == "1"
    assert page.all(".row") == []


def test_a_primitive_is_played_but_not_changed(open_page: Opener) -> None:
    @ag.primitive(lambda _, x: 2.0 * x)
    def area(x: float) -> float:
        return x * x

    page = open_page(area(Value(3.0, name="side")) + 1.0, "#step=1")
    assert page.part("formulas").text == "v₁ = area(side) = area(3) = 9"
    assert page.all(".row") == []
    assert "'area' is a primitive" in page.all(".note")[0].text
    page.part("next").click()
    page.part("next").click()
    page.part("next").click()
    page.part("next").click()
    assert page.part("formulas").text == "∂y/∂side = ∂y/∂v₁ · ∂v₁/∂side = 1 · 6 = 6"


# -- safety, looks, accessibility ----------------------------------------------------------------------


def test_names_with_markup_are_inert(open_page: Opener) -> None:
    name = "</script><img src=x onerror=hacked()>"
    x, y = Value(1.0, name=name), Value(2.0, name="javascript:hacked()")
    z = x * y
    z.name = "<b>'\"&lt;]]>\0\u202e"
    page = open_page(z, "#step=1")
    assert page.all("img") == page.all("b:not(.help b)") == []
    text = "‹<b>'\"&lt;]]>␀⟨U+202E⟩› = ‹</script><img src=x one…› · ‹javascript:hacked()›"
    assert page.part("formulas").text.startswith(text)
    assert page.all(".row .name")[0].text == "</script><img src=x one…"
    assert page.driver.title.startswith("<b>'\"&lt;]]>␀")


def test_the_policy_stops_other_scripts_and_requests(browser: Browser, tmp_path: Path) -> None:
    browser.open(draw(neuron(*leaves())).save(tmp_path / "graph.html"))
    noting = "(event) => stopped.push(event.effectiveDirective)"
    stopped = f"window.stopped = []; document.addEventListener('securitypolicyviolation', {noting});"
    script = "const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
    image = "const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i);"
    browser.run(stopped + script + image)
    until(lambda: browser.run("return stopped") == ["script-src-elem", "img-src"])
    assert browser.run("return window.hacked") is None


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_on_a_phone_nothing_sticks_out(rankdir: str, open_page: Opener, browser: Browser) -> None:
    browser.resize(400, 860)
    page = open_page(neuron(*leaves()), "#step=6", rankdir=rankdir)
    assert page.run("return document.scrollingElement.scrollWidth <= innerWidth")
    assert all(button.rect["height"] >= 30 for button in page.all("button"))
    browser.resize(1280, 900)


def test_it_is_dark_where_that_is_preferred(open_page: Opener, browser: Browser) -> None:
    colour = "return getComputedStyle(document.body).backgroundColor"
    light = open_page(neuron(*leaves())).run(colour)
    browser.emulate(prefers_color_scheme="dark")
    dark = browser.run(colour)
    browser.emulate()
    assert [sum(map(int, re.findall(r"\d+", c))) > 380 for c in (light, dark)] == [True, False]


def test_nothing_moves_where_less_motion_is_preferred(open_page: Opener, browser: Browser) -> None:
    moving = "return getComputedStyle(document.querySelector('.current-gradient .backward')).animationName"
    page = open_page(neuron(*leaves()), "#step=6")
    assert page.run(moving) == "flow"
    browser.emulate(prefers_reduced_motion="reduce")
    assert page.run(moving) == "none"
    browser.emulate()


def test_every_control_has_a_name_and_the_sentence_is_announced(open_page: Opener) -> None:
    page = open_page(neuron(*leaves()))
    names = [control.accessible_name for control in page.all("button:not([hidden]), input")]
    assert all(names), names
    assert len(set(names)) == len(names), names
    assert page.part("step").get_attribute("aria-live") == "polite"
    assert page.all("svg title")[0].get_attribute("textContent").startswith("Computation graph of L")
