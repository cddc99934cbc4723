"""Value above, gradient below, nothing over anything: read off the SVG of many graphs, on both engines."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from autograd import Value
from autograd.picture import draw
from tests.drawing.picture import DrawnNode, Picture

SEEDS = range(100)  # of graphs without groups, and of as many with
THOROUGH = slice(0, None, 5)  # of them, where every point of every edge is looked at
SEEN: dict[tuple[Callable[[int, int], Value], str, str], list[Picture]] = {}


def pictures(read: type[Picture], make: Callable[[int, int], Value], engine: str, rankdir: str = "LR") -> list[Picture]:
    key = (make, engine, rankdir)
    if key not in SEEN:
        roots = [make(seed, 6 + seed % 20) for seed in SEEDS]
        SEEN[key] = [read(draw(root, engine=engine, rankdir=rankdir).svg) for root in roots]
    return SEEN[key]


@pytest.fixture(params=["random_root", "scoped_root"])
def make(request: pytest.FixtureRequest) -> Any:
    """Graphs without groups, and with."""
    return request.getfixturevalue(request.param)


def height_at(line: list[tuple[float, float]], x: float) -> float:
    """How low a line runs at ``x``."""
    return min((abs(a - x), b) for a, b in line)[1]


def test_value_stands_above_the_solid_arrow_and_gradient_below_the_dashed_one(
    read: type[Picture], make: Callable[[int, int], Value], engine: str
) -> None:
    for picture in pictures(read, make, engine):
        for edge in picture.edges:
            forward, backward = height_at(edge.forward, edge.value.x), height_at(edge.backward, edge.gradient.x)
            assert edge.value.box.bottom <= forward < backward <= edge.gradient.box.top


def test_both_labels_stand_at_their_own_edge(read: type[Picture], make: Callable[[int, int], Value], engine: str) -> None:
    for picture in pictures(read, make, engine):
        for edge in picture.edges:
            assert height_at(edge.forward, edge.value.x) - edge.value.y < 8
            assert edge.gradient.y - height_at(edge.backward, edge.gradient.x) < 16


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_label_overlaps_another_label_a_node_or_a_title(
    read: type[Picture], make: Callable[[int, int], Value], engine: str, rankdir: str
) -> None:
    for picture in pictures(read, make, engine, rankdir):
        boxes = [text.box for text in picture.texts] + [node.box for node in picture.nodes]
        boxes += [group.title.box for group in picture.groups]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_arrow_runs_through_a_label(
    read: type[Picture], make: Callable[[int, int], Value], engine: str, rankdir: str
) -> None:
    for picture in pictures(read, make, engine, rankdir)[THOROUGH]:
        boxes = [text.box for text in picture.texts]
        for edge in picture.edges:
            for point in edge.forward + edge.backward:
                assert not any(box.holds(*point) for box in boxes)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_arrowheads_touch_nodes_and_no_line_enters_one(
    read: type[Picture], make: Callable[[int, int], Value], engine: str, rankdir: str
) -> None:
    for picture in pictures(read, make, engine, rankdir)[THOROUGH]:
        for edge in picture.edges:
            for tip in edge.head + edge.tail:
                assert min(distance(node, tip) for node in picture.nodes) < 0.3
            for point in edge.forward + edge.backward:
                assert all(distance(node, point) > -0.3 for node in picture.nodes)


def distance(node: DrawnNode, point: tuple[float, float]) -> float:
    """How far outside a node a point lies, negative within."""
    box, (x, y) = node.box, point
    if node.shape == "circle":
        return math.hypot(x - (box.left + box.right) / 2, y - (box.top + box.bottom) / 2) - (box.right - box.left) / 2
    if node.shape == "cut":
        dx, dy = max(box.left - x, x - box.right), max(box.top - y, y - box.bottom)
        return max(dx, dy, (dx + dy + 7) / math.sqrt(2))
    corner = {"sharp": 0, "stadium": min(box.right - box.left, box.bottom - box.top) / 2}.get(node.shape, 6)
    dx = max(box.left + corner - x, x - box.right + corner)
    dy = max(box.top + corner - y, y - box.bottom + corner)
    return (math.hypot(max(dx, 0), max(dy, 0)) if max(dx, dy) > 0 else max(dx, dy)) - corner


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_everything_lies_inside_the_picture(
    read: type[Picture], make: Callable[[int, int], Value], engine: str, rankdir: str
) -> None:
    for picture in pictures(read, make, engine, rankdir):
        wide, high = float(picture.root.get("width", "nan")), float(picture.root.get("height", "nan"))
        boxes = [text.box for text in picture.texts] + [node.box for node in picture.nodes]
        for box in boxes + [group.box for group in picture.groups]:
            assert box.left >= 0 <= box.top
            assert box.right <= wide
            assert box.bottom <= high


def test_from_top_to_bottom_value_stands_left_and_gradient_right(
    read: type[Picture], make: Callable[[int, int], Value], engine: str
) -> None:
    for picture in pictures(read, make, engine, "TB"):
        for edge in picture.edges:
            assert edge.value.box.right < edge.gradient.box.left


def test_a_node_used_twice_has_two_edges_apart(read: type[Picture], engine: str) -> None:
    a = Value(3.0, name="a")
    y = a * a
    y.backward()
    picture = read(draw(y, engine=engine).svg)
    assert picture.numbers == [("3", "3"), ("3", "3"), ("9", "1")]
    assert abs(picture.edges[0].value.y - picture.edges[1].value.y) > 20


def test_labels_are_never_wider_than_measured() -> None:
    """Against the widths in the font itself."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    from autograd.drawing.layout.sizes import text_width

    for text in [
        "-1.2346e-300",
        "0.70711",
        "wwwWWW",
        "number of apples",
        "hard_sigmoid",
        "ÄÖÜ",
        "σ∂√∛ΣΠ",
        "− × ÷ ·",
        "@%&#<>",
    ]:
        real = TextPath((0, 0), text, size=100, prop=FontProperties(family="DejaVu Sans")).get_extents()
        assert real.x1 <= text_width(text, 100.0), text
