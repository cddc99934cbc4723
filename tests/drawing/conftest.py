"""A reader of drawings: what stands where, taken from the SVG text alone."""

from __future__ import annotations

import random
import re
import shutil
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from autograd import Value
from autograd.drawing.labels import width

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


@dataclass(frozen=True)
class Text:
    content: str
    x: float
    y: float
    box: Rectangle


def read_text(element: ElementTree.Element) -> Text:
    content, x, y = element.text or "", float(element.get("x", "nan")), float(element.get("y", "nan"))
    wide, style = width(content, 11.0), element.get("style", "")
    left = x if "start" in style else x - wide if "end" in style else x - wide / 2
    return Text(content, x, y, Rectangle(left, y - 8.5, left + wide, y + 2.5))


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
class Node:
    kind: str
    label: str
    caption: str
    hover: str
    box: Rectangle
    dimmed: bool


@dataclass(frozen=True)
class Edge:
    value: Text
    gradient: Text | None
    hover: str
    forward: list[tuple[float, float]]
    backward: list[tuple[float, float]]
    head: list[tuple[float, float]]
    tail: list[tuple[float, float]]
    dimmed: bool


class Picture:
    """The nodes and edges of a drawing."""

    def __init__(self, svg: str):
        self.root = ElementTree.fromstring(svg)
        groups = self.root.findall(f"{SVG}g")
        self.nodes = [self._node(g) for g in groups if "node" in g.get("class", "").split()]
        self.edges = [self._edge(g) for g in groups if "edge" in g.get("class", "").split()]

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
    def _node(g: ElementTree.Element) -> Node:
        circle, rect = g.find(f"{SVG}circle"), g.find(f"{SVG}rect")
        if circle is not None:
            x, y, r = (float(circle.get(name, "nan")) for name in ("cx", "cy", "r"))
            box = Rectangle(x - r, y - r, x + r, y + r)
        else:
            assert rect is not None
            x, y, w, h = (float(rect.get(name, "nan")) for name in ("x", "y", "width", "height"))
            box = Rectangle(x, y, x + w, y + h)
        classes, texts = g.get("class", "").split(), [text.text or "" for text in g.findall(f"{SVG}text")]
        return Node(classes[1], *(*texts, "")[:2], g.findtext(f"{SVG}title", ""), box, "dimmed" in classes)

    @staticmethod
    def _edge(g: ElementTree.Element) -> Edge:
        paths = {path.get("class", ""): points(path.get("d", "")) for path in g.findall(f"{SVG}path")}
        tips = {path.get("class", ""): path.get("d", "") for path in g.findall(f"{SVG}path")}
        texts = {text.get("class", ""): read_text(text) for text in g.findall(f"{SVG}text")}
        tip = {name: [tuple(map(float, d[1:].split("l")[0].split(",")))] for name, d in tips.items() if "l" in d}
        return Edge(
            texts["value"],
            texts.get("gradient"),
            g.findtext(f"{SVG}title", ""),
            paths["forward"],
            paths.get("backward", []),
            tip["head"],  # type: ignore[arg-type]
            tip.get("tail", []),  # type: ignore[arg-type]
            "dimmed" in g.get("class", "").split(),
        )


@pytest.fixture
def read() -> type[Picture]:
    """A drawing's SVG as a Picture."""
    return Picture


@pytest.fixture(params=["wasi", "dot"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each of the two engines, the program ``dot`` only where it is installed."""
    if request.param == "dot" and not shutil.which("dot"):
        pytest.skip("the program dot isn't installed")
    return str(request.param)


def random_graph(seed: int, nodes: int) -> Value:
    """A graph of sums, products and functions over a few leaves, some used often, gradients in place."""
    draw = random.Random(seed)
    leaves = [Value(draw.uniform(-2, 2), name=f"leaf {i}" * draw.randint(1, 3)) for i in range(draw.randint(1, 5))]
    pool = [leaf * 1.5 for leaf in leaves] + leaves
    while len(pool) < nodes:
        a, b = draw.choice(pool[-8:]), draw.choice(pool)
        pool.append(draw.choice([a * b, a + b, a - b, a.tanh(), a.sigmoid(), a * 3, a**2, b.softplus()]))
    root = pool[-1]
    root.backward()
    return root


@pytest.fixture
def random_root():  # type: ignore[no-untyped-def]
    """Makes random graphs."""
    return random_graph
