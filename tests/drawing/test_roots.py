"""Several roots in one picture: draw([a, b])."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nn
from autograd import Value, draw
from tests.drawing.picture import Picture


def shared() -> tuple[Value, Value, Value]:
    """x, and a = x², b = 3x, of which both backward passes ran."""
    x = Value(2.0, name="x")
    a, b = x.square(), x * 3
    a.name, b.name = "a", "b"
    a.backward()
    b.backward()
    return x, a, b


def test_what_roots_share_is_drawn_once(read: type[Picture], engine: str) -> None:
    _, a, b = shared()
    picture = read(draw([a, b], engine=engine).svg)
    assert [(node.kind, node.label) for node in picture.nodes] == [
        *(("leaf", "x"), ("operation", "x²"), ("operation", "×3"), ("output", "a"), ("output", "b")),
    ]
    assert sorted(picture.numbers) == [("2", "3"), ("2", "4"), ("4", "1"), ("6", "1")]


def test_a_leaf_holds_the_sum_over_the_passes(read: type[Picture]) -> None:
    _, a, b = shared()
    (leaf,) = (node for node in read(draw((a, b)).svg).nodes if node.kind == "leaf")
    assert leaf.hover == "x\nvalue 2.0\ngradient 7.0"


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_roots_stand_in_the_order_given(rankdir: str, read: type[Picture], engine: str) -> None:
    _, a, b = shared()
    for roots in ([a, b], [b, a]):
        outputs = [node for node in read(draw(roots, rankdir=rankdir, engine=engine).svg).nodes if node.kind == "output"]
        along = [node.box.top if rankdir == "LR" else node.box.left for node in outputs]
        assert [node.label for node in outputs] == [root.name for root in roots]
        assert along == sorted(along)


def test_the_same_root_twice_is_one_output() -> None:
    _, a, _ = shared()
    assert draw([a, a]).svg == draw(a).svg == draw([a]).svg


def test_a_root_that_another_depends_on_has_an_output_without_a_signal_of_its_own(read: type[Picture]) -> None:
    a = Value(2.0, name="x").square()
    b = a * 3
    a.name, b.name = "a", "b"
    b.backward()
    picture = read(draw([a, b]).svg)
    assert picture.labels("output") == ["a", "b"]
    assert picture.numbers == [("2", "12"), ("4", "3"), ("4", ""), ("12", "1")]
    assert picture.edges[2].hover == "value 4.0\nits gradient comes from other outputs"


def test_before_a_pass_and_after_that_of_the_inner_root_alone(read: type[Picture]) -> None:
    a = Value(2.0, name="x").square()
    b = a * 3
    assert [gradient for _, gradient in read(draw([a, b]).svg).numbers] == ["–"] * 4
    a.backward()
    assert read(draw([a, b]).svg).numbers == [("2", "4"), ("4", "–"), ("4", "1"), ("12", "–")]


def test_a_leaf_may_be_a_root_and_so_may_all_of_the_graph(read: type[Picture]) -> None:
    x = Value(2.0, name="x")
    y = x * 3
    picture = read(draw([x, y]).svg)
    assert picture.labels("output") == ["x", "output 1"]
    assert picture.labels("leaf") == ["x"]


def test_roots_without_names_are_numbered(read: type[Picture]) -> None:
    scores: Any = nn.MLP(2, [3], "tanh", seed=0)([1.0, -1.0])
    drawing = draw(scores)
    assert read(drawing.svg).labels("output") == ["output 0", "output 1", "output 2"]
    assert read(drawing.svg).root[0].text == (
        "Computation graph of " + ", ".join(f"output {i} = {score.data:.5g}" for i, score in enumerate(scores))
    )


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_graphs_that_share_nothing_lie_side_by_side(rankdir: str, read: type[Picture], engine: str) -> None:
    a = Value(2.0, name="x").square().exp() + 1
    roots = [a, Value(3.0, name="y") * 2, Value(4.0, name="z")]
    picture = read(draw(roots, rankdir=rankdir, engine=engine).svg)
    boxes = [node.box for node in picture.nodes]
    assert not any(p.overlaps(q) for i, p in enumerate(boxes) for q in boxes[i + 1 :])
    tops = [node.box.top if rankdir == "LR" else node.box.left for node in picture.nodes if node.kind == "leaf"]
    assert tops == sorted(tops)


def test_wrt_highlights_the_paths_to_every_root(read: type[Picture]) -> None:
    x, w = Value(2.0, name="x"), Value(3.0, name="w")
    picture = read(draw([x * w, x * 2, w.exp()], wrt=x).svg)
    assert [node.label for node in picture.nodes if node.dimmed] == ["w", "exp", "output 2"]
    with pytest.raises(ValueError, match="doesn't depend on"):
        draw([x * w, w.exp()], wrt=Value(1.0))


def test_folding_keeps_every_output(read: type[Picture]) -> None:
    model = nn.MLP(2, [8, 8, 3], "tanh", seed=0)
    picture = read(draw(model([1.0, 2.0]), max_nodes=12).svg)
    assert picture.labels("output") == ["output 0", "output 1", "output 2"]
    x = Value(1.0, name="x")
    chain = [x]
    for _ in range(200):
        chain.append(chain[-1] * chain[-1])
    assert read(draw([chain[3], chain[-1]], max_nodes=5).svg).labels("output") == ["output 0", "output 1"]


def two_of_one() -> list[Value]:
    """a and b, both of z = exp(y)."""
    z = Value(2.0, name="y").exp()
    z.name = "z"
    a, b = z.square(), z * 3
    a.name, b.name = "a", "b"
    return [a, b]


def test_words_name_the_outputs_that_a_gradient_is_of(read: type[Picture]) -> None:
    _, a, b = shared()
    words = [gradient for _, gradient in read(draw([a, b], labels="words").svg).numbers]
    assert words == ["∂a/∂x += 4", "∂b/∂x += 3", "∂a/∂a = 1", "∂b/∂b = 1"]
    assert read(draw(two_of_one(), labels="words").svg).numbers[0][1] == "∂(a + b)/∂y = –"


def test_every_format_but_the_page_takes_several(tmp_path: Path) -> None:
    _, a, b = shared()
    drawing = draw([a, b], magnitude=True, theme="dark")
    for ending in ("svg", "png", "pdf", "dot"):
        assert drawing.save(tmp_path / f"g.{ending}").stat().st_size > 500
    with pytest.raises(ValueError, match=r"one output, this drawing has 2; draw them one by one, draw\(a\).save"):
        drawing.save(tmp_path / "g.html")
    assert repr(drawing) == "<Drawing of a = 4, b = 6: 3 nodes, 4 edges>"
    assert drawing._repr_svg_()


@pytest.mark.parametrize(
    ("roots", "error", "message"),
    [
        ([], ValueError, "a list of at least one, got none"),
        ((), ValueError, "a list of at least one, got none"),
        ([Value(1.0), 2.0], TypeError, "a Value or a list of them, got a float at place 1"),
        ([[Value(1.0)]], TypeError, "got a list at place 0"),
        ("ab", TypeError, r"must be a Value, got a str; of several write a list, draw\(\[a, b\]\)"),
        ({"a": Value(1.0)}, TypeError, "must be a Value, got a dict"),
        (None, TypeError, "must be a Value, got a NoneType"),
        (3.0, TypeError, "must be a Value, got a float"),
    ],
)
def test_roots_without_sense_are_refused(roots: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"draw: root .*{message}"):
        draw(roots)
