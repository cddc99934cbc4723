"""docs/architecture.md is true: its picture, its table of rooms, its tours of three calls."""

import doctest
import html
import re
import sys

import pytest

from docs import make_architecture, tours
from docs.make_architecture import PICTURE, key, reachable, reduced, rooms
from tests.docs.pages import ROOT, read

PAGE = read(ROOT / "docs/architecture.md")


def test_the_table_is_what_the_source_says() -> None:
    assert make_architecture.with_tables(PAGE) == PAGE, "run python -m docs.make_architecture"


def test_the_arrows_of_the_table_are_those_computed() -> None:
    shown = {}
    for place, targets in re.findall(r"^\| `((?:autograd|nn)[\w/.]*)` \| .* \| (.*?) \|$", PAGE, re.MULTILINE):
        name = re.sub(r"(?<=\w)(?:\.py|/)$", "", place).removeprefix("autograd/").replace("/", ".")
        shown[name] = {
            next((k for k, v in make_architecture.NAMES.items() if v == t), t) for t in re.findall(r"`(.+?)`", targets)
        }
    assert shown == rooms()


def test_the_picture_has_the_rooms_and_the_arrows_that_follow_from_no_others() -> None:
    titles = [html.unescape(title) for title in re.findall(r"<title>(.*?)</title>", read(PICTURE))]
    graph = reduced(rooms())
    assert sorted(title for title in titles if "->" in title) == sorted(
        f"{key(a)}->{key(b)}" for a in graph for b in graph[a]
    )
    assert {key(room) for room in graph} <= set(titles)


def test_what_was_left_out_of_the_picture_follows_from_it() -> None:
    graph = rooms()
    assert {room: reachable(graph, room) for room in graph} == {room: reachable(reduced(graph), room) for room in graph}


def test_every_room_has_a_family_and_every_family_rooms() -> None:
    members = [room for _, words in make_architecture.FAMILIES.values() for room in words]
    assert sorted(members) == sorted(rooms())


def test_every_room_has_an_inhabitant() -> None:
    """Whoever adds something finds its room under "I am a …"; single files at the root are in the reading order."""
    living = PAGE.split("## I am a")[1].split("\n## ")[0] + PAGE.split("## Reading order")[1].split("\n## ")[0]
    folders = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "autograd").rglob("__init__.py")} - {"autograd"}
    assert [folder for folder in sorted(folders) if f"`{folder}/" not in living] == []


# -- tours -------------------------------------------------------------------------------------------------


def test_there_are_three_tours() -> None:
    assert list(tours.named()) == ["y.backward()", "compile(g)(3.0)", "draw(y).svg"]


@pytest.mark.parametrize("call", tours.named())
def test_a_tour_names_the_files_that_the_call_visits_in_their_order(call: str) -> None:
    if call.startswith("compile"):
        pytest.importorskip("llvmlite", reason="without llvmlite the interpreter takes the place of machine code")
    assert tours.named()[call] == tours.in_a_fresh_process(call), "run python -m docs.make_architecture"


def test_a_renewed_tour_keeps_its_sentences_and_introduces_new_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tours, "in_a_fresh_process", lambda call: ["autograd/value.py", "autograd/graph.py"])
    monkeypatch.setattr(tours, "named", lambda: ["a()", "b()"])
    page = "### `a()`\n\n1. `autograd/graph.py`: All nodes.\n1. `nn/data.py`: Gone.\n\n### `b()`\n\n1. `nn/data.py`: Gone.\n"
    first, second = tours.with_tours(page).split("### `b()`")
    assert first.endswith("1. `autograd/graph.py`: All nodes.\n\n")
    assert first.startswith("### `a()`\n\n1. `autograd/value.py`: `Value`: ")
    assert second.count("\n1. ") == 2
    assert "nn/data.py" not in first + second
    assert tours.with_tours(tours.with_tours(page)) == tours.with_tours(page)


def test_a_file_counts_once_and_where_it_is_entered_first(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sys.getprofile()
    monkeypatch.setattr(tours, "setup", lambda: "from autograd import Value, exp\nx = Value(1.0)")
    assert tours.visited("exp(exp(x))")[:2] == ["autograd/functions/signatures.py", "autograd/rules/ieee.py"]
    assert sys.getprofile() is before


def test_the_examples_of_the_generator_run() -> None:
    failed, attempted = doctest.testmod(make_architecture)
    assert (failed, attempted > 0) == (0, True)
