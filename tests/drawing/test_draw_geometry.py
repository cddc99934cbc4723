"""Value above, gradient below, nothing over anything: read off the SVG of many graphs, on both engines."""

import math

import pytest

from autograd import Value
from autograd.drawing import draw

SEEDS = range(40)
SEEN = {}


def pictures(read, random_root, engine, rankdir="LR"):
    if (engine, rankdir) not in SEEN:
        roots = [random_root(seed, 6 + seed % 20) for seed in SEEDS]
        SEEN[engine, rankdir] = [read(draw(root, engine=engine, rankdir=rankdir).svg) for root in roots]
    return SEEN[engine, rankdir]


def height_at(line, x):
    """How low a line runs at ``x``."""
    return min((abs(a - x), b) for a, b in line)[1]


def test_value_stands_above_the_solid_arrow_and_gradient_below_the_dashed_one(read, random_root, engine):
    for picture in pictures(read, random_root, engine):
        for edge in picture.edges:
            forward, backward = height_at(edge.forward, edge.value.x), height_at(edge.backward, edge.gradient.x)
            assert edge.value.box.bottom <= forward < backward <= edge.gradient.box.top


def test_both_labels_stand_at_their_own_edge(read, random_root, engine):
    for picture in pictures(read, random_root, engine):
        for edge in picture.edges:
            assert height_at(edge.forward, edge.value.x) - edge.value.y < 8
            assert edge.gradient.y - height_at(edge.backward, edge.gradient.x) < 16


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_label_overlaps_another_label_or_a_node(read, random_root, engine, rankdir):
    for picture in pictures(read, random_root, engine, rankdir):
        boxes = [text.box for text in picture.texts] + [node.box for node in picture.nodes]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_no_arrow_runs_through_a_label(read, random_root, engine, rankdir):
    for picture in pictures(read, random_root, engine, rankdir):
        boxes = [text.box for text in picture.texts]
        for edge in picture.edges:
            for point in edge.forward + edge.backward:
                assert not any(box.holds(*point) for box in boxes)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_arrowheads_touch_nodes_and_no_line_enters_one(read, random_root, engine, rankdir):
    for picture in pictures(read, random_root, engine, rankdir):
        for edge in picture.edges:
            for tip in edge.head + edge.tail:
                assert min(distance(node, tip) for node in picture.nodes) < 0.3
            for point in edge.forward + edge.backward:
                assert all(distance(node, point) > -0.3 for node in picture.nodes)


def distance(node, point):
    """How far outside a node a point lies, negative within."""
    box, (x, y) = node.box, point
    if node.kind == "operation":
        return math.hypot(x - (box.left + box.right) / 2, y - (box.top + box.bottom) / 2) - (box.right - box.left) / 2
    dx = max(box.left + 6 - x, x - box.right + 6)
    dy = max(box.top + 6 - y, y - box.bottom + 6)
    return (math.hypot(max(dx, 0), max(dy, 0)) if max(dx, dy) > 0 else max(dx, dy)) - 6


def test_everything_lies_inside_the_picture(read, random_root, engine):
    for picture in pictures(read, random_root, engine):
        wide, high = float(picture.root.get("width")), float(picture.root.get("height"))
        for box in [text.box for text in picture.texts] + [node.box for node in picture.nodes]:
            assert box.left >= 0 <= box.top
            assert box.right <= wide
            assert box.bottom <= high


def test_from_top_to_bottom_value_stands_left_and_gradient_right(read, random_root, engine):
    for picture in pictures(read, random_root, engine, "TB"):
        for edge in picture.edges:
            assert edge.value.box.right < edge.gradient.box.left


def test_a_node_used_twice_has_two_edges_apart(read, engine):
    a = Value(3.0, name="a")
    y = a * a
    y.backward()
    picture = read(draw(y, engine=engine).svg)
    assert picture.numbers == [("3", "3"), ("3", "3"), ("9", "1")]
    assert abs(picture.edges[0].value.y - picture.edges[1].value.y) > 20


def test_labels_are_never_wider_than_measured():
    """Against the widths in the font itself."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    from autograd.drawing.labels import width

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
        assert real.x1 <= width(text, 100.0), text
