"""The step player as a file: what is in it, and what never gets into it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd as ag
from autograd import Value, draw
from autograd.drawing.level_of_detail import compose
from autograd.interop.text import shortened
from autograd.player.snapshot import MOST, take
from autograd.player.wording import wording
from autograd.rules.table import RULES
from autograd.testing.domains import DOMAINS, Choice

SCRIPTS = sorted(
    file.name for file in resources.files("autograd.player").joinpath("assets").iterdir() if file.name.endswith(".js")
)
NASTY = [
    *("</script><script>alert(1)</script>", "<!--", "]]>", '"', "'", "&lt;", "a\0b", "\u202eabc", "\u2028", "\ud800"),
    *("javascript:1", "<img src=x onerror=alert(1)>", "{0}", "${x}", "$style", "{y}", "__proto__", "constructor"),
]
MARKUP = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(|fetch\(|</|import\b"


class Page(HTMLParser):
    """The elements of a page with their attributes, and the text in each."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self._open[-1] if self._open else "", data))

    def inside(self, tag: str) -> list[str]:
        return [text for where, text in self.texts if where == tag]

    @property
    def data(self) -> Any:
        """The graph."""
        return json.loads(next(text for text in self.inside("script") if text.startswith("{")))

    @property
    def policy(self) -> str:
        return next(a["content"] or "" for tag, a in self.elements if tag == "meta" and "http-equiv" in a)


def neuron(name: str | None = None) -> Value:
    x, w = Value(2.0, name=name or "x"), Value(-3.0, name="w")
    y = (w * x + 1.0).tanh()
    y.name = name
    return y


def test_saved_it_is_the_drawings_html(tmp_path: Path) -> None:
    drawing = draw(neuron())
    assert drawing.save(tmp_path / "g.html").read_text(encoding="utf-8") == drawing.html


def test_the_page_asks_for_nothing_and_may_not() -> None:
    html = draw(neuron()).html
    assert not re.search(r"://", html.replace("http://www.w3.org/2000/svg", ""))
    assert not re.search(r"\b(src|href)=", html.replace('href="data:,"', ""))
    assert Page(html).policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in Page(html).policy


def test_the_policy_allows_the_pages_own_script_and_styles() -> None:
    page = Page(draw(neuron(), rankdir="TB").html)
    scripts = [text for text in page.inside("script") if not text.startswith("{")]
    for text in [*scripts, *page.inside("style")]:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in page.policy
    assert len(scripts) == 1
    assert len(page.inside("style")) == 2


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_short_and_make_no_markup_of_text(name: str) -> None:
    text = resources.files("autograd.player").joinpath("assets", name).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 400
    assert not re.search(MARKUP, text)


def tags_and_attributes(page: Page) -> list[tuple[str, list[str]]]:
    return [(tag, sorted(attributes)) for tag, attributes in page.elements]


def check_name(name: str) -> None:
    page, plain = Page(draw(neuron(name), engine="wasi").html), Page(draw(neuron("plain"), engine="wasi").html)
    assert tags_and_attributes(page) == tags_and_attributes(plain)
    assert len(page.inside("script")) == 2
    nodes = page.data["nodes"]
    assert nodes[0]["name"] == shortened(name, 24)
    assert nodes[-1]["name"] == f"{shortened(name, 24)} (2)"


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_any_name_stays_text(name: str) -> None:
    check_name(name)


@pytest.mark.parametrize("name", NASTY)
def test_known_traps_stay_text(name: str) -> None:
    check_name(name)


def test_numbers_travel_with_all_their_bits() -> None:
    leaves = [Value(x) for x in (float("nan"), float("inf"), -0.0, 0.1 + 0.2)]
    nodes = Page(draw(ag.sum(leaves)).html).data["nodes"]
    assert [node["value"] for node in nodes[:4]] == ["NaN", "Infinity", "-0", "0.30000000000000004"]


def test_a_page_of_30_nodes_stays_below_100_kilobytes(random_root: Any) -> None:
    for seed in range(5):
        assert len(draw(random_root(seed, 30)).html.encode()) < 100_000


def test_bytes_are_the_same_in_every_process() -> None:
    program = """
from autograd import Value, draw
x, y = Value(2.0, name="x"), Value(3.0)
z = ((x * y + x).tanh() * y).sigmoid()
print(draw(z, engine="wasi").html)
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("0", "1", "random")
    }
    assert len(outputs) == 1


def test_later_changes_of_the_graph_dont_touch_it() -> None:
    x = Value(2.0, name="x")
    y = x * 3.0
    drawing, before = draw(y), draw(y).html
    x.data, x.name, y.name = 5.0, "renamed", "other"
    y.grad = 7.0
    assert drawing.html == before


def test_the_page_is_one_backward_pass_whatever_grad_says() -> None:
    y = neuron()
    before = draw(y).html
    y.backward()
    y.backward()
    drawn = Page(draw(y).html)
    assert drawn.data == Page(before).data
    assert drawn.inside("text") == Page(before).inside("text")


# -- what can't be recomputed ------------------------------------------------------------------------


def note(page: Page) -> str:
    return next(text for text in page.inside("p") if "umbers" in text or "Values" in text)


def test_a_primitive_turns_the_live_part_off_and_says_so() -> None:
    @ag.primitive(lambda _, x: 2.0 * x, name="my <square>")
    def square(x: float) -> float:
        return x * x

    page = Page(draw(square(Value(3.0)) + 1.0).html)
    assert page.data["live"] is False
    assert note(page) == "Numbers can't be changed here: the operation 'my <square>' is a primitive, known to Python alone."


def test_a_number_rounded_to_digits_is_not_recomputed() -> None:
    for x in (2.345, 1.0):  # also where a whole number would be the same
        page = Page(draw(round(Value(x), 2)).html)
        assert page.data["live"] is False
        assert "the operation 'round' is a primitive, known to Python alone" in note(page)


def test_a_graph_too_large_is_played_as_drawn() -> None:
    y = Value(1.0)
    for _ in range(MOST):
        y = y * 1.0001
    forward = Page(draw(y).html)
    assert "more than 5000 nodes" in note(forward)
    assert forward.data["backward"] is False
    y.backward()
    page = Page(draw(y).html)
    assert page.data["backward"] is True
    assert len(page.data["nodes"]) < 350
    assert "operations = (" not in page.inside("script")[-1]


def test_a_snapshot_of_a_large_graph_holds_what_is_drawn() -> None:
    x = Value(2.0)
    y = x * x + x
    snapshot = take(y, compose(y), most=2)
    assert not snapshot.complete
    assert [node.gradient for node in snapshot.nodes] == [None] * 3
    assert take(y, compose(y), most=3).complete


def test_an_edge_knows_its_ends_whatever_their_values() -> None:
    x = Value(0.0)
    y = x * x + x
    edges = take(y, compose(y)).edges
    assert set(edges) == {(0, 1, 0), (0, 1, 1), (1, 2, 0), (0, 2, 1), (2, None, None)}
    assert len(edges) == 5


def test_the_graph_is_whole_also_where_the_drawing_is_folded() -> None:
    y = x = Value(0.5, name="x")
    for _ in range(400):
        y = (y * x).sin()
    page = Page(draw(y, max_nodes=10).html)
    assert page.data["live"] is True
    assert len(page.data["nodes"]) == 801


# -- words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(RULES))
def test_every_operation_has_words_and_a_partial_for_each_operand(name: str) -> None:
    operands = [x.values[0] if isinstance(x, Choice) else i for i, x in enumerate(DOMAINS[name].whole)]
    said = wording(RULES[name], operands)
    places = {place for text in (said.words, said.value, *said.partials) for place in re.findall(r"\{(.*?)\}", text)}
    assert places <= {"f", "y", *map(str, range(len(operands)))}
    assert len(said.partials) == len(operands)
    assert said.words
