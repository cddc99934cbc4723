"""A reader of drawings: what stands where, taken from the SVG text alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from autograd.drawing.layout.sizes import text_width

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Rectangle:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Rectangle) -> bool:
        return self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom

    def holds(self, x: float, y: float) -> bool:
        return self.left < x < self.right and self.top < y < self.bottom

    def contains(self, other: Rectangle) -> bool:
        return self.holds(other.left, other.top) and self.holds(other.right, other.bottom)


@dataclass(frozen=True)
class Text:
    content: str
    x: float
    y: float
    box: Rectangle


def read_text(element: ElementTree.Element, size: float = 11.0) -> Text:
    content, x, y = "".join(element.itertext()), float(element.get("x", "nan")), float(element.get("y", "nan"))
    wide, style = text_width(content, size), element.get("style", "")
    left = x if "start" in style else x - wide if "end" in style else x - wide / 2
    return Text(content, x, y, Rectangle(left, y - 0.77 * size, left + wide, y + 0.23 * size))


def read_rectangle(rect: ElementTree.Element) -> Rectangle:
    x, y, w, h = (float(rect.get(name, "nan")) for name in ("x", "y", "width", "height"))
    return Rectangle(x, y, x + w, y + h)


def points(path: str) -> list[tuple[float, float]]:
    """Points along a path of lines and cubic curves, 30 to each piece."""
    along: list[tuple[float, float]] = []
    for command, data in re.findall(r"([MLHC])([^MLHCZ]*)", path):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", data)]
        if command == "H":
            numbers.append(along[-1][1])
        corners = list(zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            along += corners
            continue
        corners = [along[-1], *corners]
        for i in range(1, 31):
            rest = corners
            while len(rest) > 1:
                rest = [(a + (c - a) * i / 30, b + (d - b) * i / 30) for (a, b), (c, d) in pairwise(rest)]
            along += rest
    return along


@dataclass(frozen=True)
class DrawnNode:
    kind: str
    label: str
    caption: str
    hover: str
    box: Rectangle
    dimmed: bool
    shape: str  # circle, cut, sharp, round, stadium or pile


@dataclass(frozen=True)
class DrawnGroup:
    title: Text
    box: Rectangle
    dimmed: bool


@dataclass(frozen=True)
class DrawnEdge:
    value: Text
    gradient: Text | Any  # None where there is none, which only tests of its absence ask
    hover: str
    forward: list[tuple[float, float]]
    backward: list[tuple[float, float]]
    head: list[tuple[float, float]]
    tail: list[tuple[float, float]]
    dimmed: bool
    band: int


class Picture:
    """The nodes, edges and groups of a drawing."""

    def __init__(self, svg: str):
        self.root = ElementTree.fromstring(svg)
        groups = self.root.findall(f"{SVG}g")
        self.nodes = [self._node(g) for g in groups if "node" in g.get("class", "").split()]
        self.edges = [self._edge(g) for g in groups if "edge" in g.get("class", "").split()]
        outlines = [g for g in groups if "group" in g.get("class", "").split()]
        headings = [g for g in groups if "heading" in g.get("class", "").split()]
        self.groups = [self._group(*pair) for pair in zip(outlines, headings, strict=True)]

    @property
    def numbers(self) -> list[tuple[str, str]]:
        """Value and gradient of every edge."""
        return [(edge.value.content, edge.gradient.content if edge.gradient else "") for edge in self.edges]

    def labels(self, kind: str) -> list[str]:
        return [node.label for node in self.nodes if node.kind == kind]

    @property
    def texts(self) -> list[Text]:
        return [text for edge in self.edges for text in (edge.value, edge.gradient) if text]

    @staticmethod
    def _node(g: ElementTree.Element) -> DrawnNode:
        classes, texts = g.get("class", "").split(), [text.text or "" for text in g.findall(f"{SVG}text")]
        shape, box = read_shape(g)
        label, caption = (*texts, "")[:2]
        return DrawnNode(classes[1], label, caption, g.findtext(f"{SVG}title", ""), box, "dimmed" in classes, shape)

    @staticmethod
    def _group(outline: ElementTree.Element, heading: ElementTree.Element) -> DrawnGroup:
        rect, text = outline.find(f"{SVG}rect"), heading.find(f"{SVG}text")
        assert rect is not None
        assert text is not None
        return DrawnGroup(read_text(text, 10.0), read_rectangle(rect), "dimmed" in outline.get("class", "").split())

    @staticmethod
    def _edge(g: ElementTree.Element) -> DrawnEdge:
        paths = {path.get("class", ""): points(path.get("d", "")) for path in g.findall(f"{SVG}path")}
        tips = {path.get("class", ""): path.get("d", "") for path in g.findall(f"{SVG}path")}
        texts = {text.get("class", ""): read_text(text) for text in g.findall(f"{SVG}text")}
        tip = {name: [tuple(map(float, d[1:].split("l")[0].split(",")))] for name, d in tips.items() if "l" in d}
        return DrawnEdge(
            texts["value"],
            texts.get("gradient"),
            g.findtext(f"{SVG}title", ""),
            paths["forward"],
            paths.get("backward", []),
            tip["head"],  # type: ignore[arg-type]
            tip.get("tail", []),  # type: ignore[arg-type]
            "dimmed" in g.get("class", "").split(),
            int("".join(re.findall(r"band(\d)", g.get("class", ""))) or 0),
        )


def read_shape(g: ElementTree.Element) -> tuple[str, Rectangle]:
    """What a node looks like, and how large it is."""
    circle, path, rects = g.find(f"{SVG}circle"), g.find(f"{SVG}path"), g.findall(f"{SVG}rect")
    if circle is not None:
        x, y, r = (float(circle.get(name, "nan")) for name in ("cx", "cy", "r"))
        return "circle", Rectangle(x - r, y - r, x + r, y + r)
    if path is not None:
        corners = [pair.split(",") for pair in re.findall(r"[-\d.]+,[-\d.]+", path.get("d", ""))]
        xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        return "cut", Rectangle(min(xs), min(ys), max(xs), max(ys))
    box, corner = read_rectangle(rects[-1]), float(rects[-1].get("rx", 0))
    if len(rects) > 1:
        return "pile", box
    return "sharp" if not corner else "round" if corner == 6.0 else "stadium", box
