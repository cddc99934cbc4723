"""Kinds by shape and colour, light and dark, and the size of gradients."""

import math
import re
import struct
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import autograd as ag
from autograd import Value, scope
from autograd.drawing.render.themes import DARK, LIGHT, Palette, band_width, style
from autograd.drawing.scene.parameters import guess_parameters
from autograd.drawing.scene.scale import Scale
from autograd.picture import draw
from tests.drawing.picture import Picture

DESC = "{http://www.w3.org/2000/svg}desc"
TEXT = "{http://www.w3.org/2000/svg}text"
PAGES = ("page", "group", "inner_group")
FILLS = ("operation", "input", "parameter", "constant", "output", "folded")


def neuron() -> Value:
    x, w, b = Value(2.0, name="x"), Value(-3.0, name="w"), Value(6.9, name="b")
    y = (w * x + b).tanh()
    y.backward()
    return y


def saturated(layers: int = 12) -> Value:
    """A chain of sigmoids whose gradients vanish."""
    a = Value(3.0, name="x")
    for i in range(layers):
        with scope(f"layer {i}"):
            a = (Value(4.0, name=f"w{i}") * a).sigmoid()
    a.backward()
    return a


# -- boxes -----------------------------------------------------------------------------------------


def test_every_kind_has_a_shape_of_its_own(read: type[Picture]) -> None:
    y = sum((Value(0.1 * i, name=f"x{i}") for i in range(20)), neuron().clip(0.0, 1.0))
    y = ag.logsumexp(y, 1.0, 2.0, 3.0)
    picture = read(draw(y, max_nodes=20).svg)
    shapes = {(node.kind, node.shape) for node in picture.nodes}
    assert {("operation", "circle"), ("constant", "sharp"), ("folded", "pile"), ("output", "stadium")} <= shapes
    assert {shape for kind, shape in shapes if kind == "leaf"} == {"cut"}
    assert {node.shape for node in read(draw(neuron()).svg).nodes if node.label == "x"} == {"round"}


def test_a_parameter_is_a_leaf_of_a_group_or_one_with_a_parameters_name() -> None:
    leaves = [
        Value(1.0, name=name) for name in ("x", "w11", "θ₀", "weight", "layer0.neuron1.w2", "b", "bias_2", "y_true", "wide")
    ]
    assert [leaf.name for leaf in leaves if leaf in guess_parameters(leaves)] == [
        *("w11", "θ₀", "weight", "layer0.neuron1.w2", "b", "bias_2")
    ]
    with scope("g"):
        leaf, data = Value(1.0, name="slope"), Value(1.0, name="x1")
    assert guess_parameters([leaf, data]) == {leaf}


def test_without_a_w_a_b_is_an_input_like_a(read: type[Picture]) -> None:
    y = Value(2.0, name="a") * Value(-3.0, name="b")
    assert [node.shape for node in read(draw(y).svg).nodes[:2]] == ["round", "round"]


# -- light and dark --------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(a: str, b: str) -> float:
    """WCAG's ratio of two colours."""
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "behind"),
    [
        ("value", PAGES),
        ("gradient", PAGES),
        ("title", PAGES),
        ("caption", ("page", *FILLS)),
        ("ink", FILLS),
        ("flag", FILLS),
        ("grey_text", (*PAGES, "grey_fill")),
    ],
)
def test_text_stands_out_from_what_is_behind_it(colours: Palette, text: str, behind: tuple[str, ...]) -> None:
    assert min(contrast(getattr(colours, text), getattr(colours, fill)) for fill in behind) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_bands_are_seen_and_ordered_by_lightness_alone(colours: Palette) -> None:
    assert min(contrast(band, getattr(colours, page)) for band in colours.bands for page in PAGES) >= 3.0
    lightness = [luminance(band) for band in colours.bands]
    assert lightness in (sorted(lightness), sorted(lightness, reverse=True))
    assert min(max(a, b) / min(a, b) for a, b in pairwise(lightness)) > 1.15
    assert [band_width(i) for i in range(1, 7)] == sorted({band_width(i) for i in range(1, 7)})


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_uses_its_own_colours_only(theme: str) -> None:
    other = {getattr(DARK if theme == "light" else LIGHT, f.name) for f in fields(Palette) if f.name != "bands"}
    mine = {getattr(DARK if theme == "dark" else LIGHT, f.name) for f in fields(Palette) if f.name != "bands"}
    used = set(re.findall("#[0-9a-f]{6}", style(theme)))
    assert used & mine
    assert not used & (other - mine)


def test_auto_is_light_and_dark_where_the_reader_wants_dark() -> None:
    light, dark = draw(neuron()).svg.split("<style>")[1].split("</style>")[0].split("@media (prefers-color-scheme: dark) {")
    assert LIGHT.page in light
    assert DARK.page not in light
    assert DARK.page in dark


@pytest.mark.parametrize(("theme", "colour"), [("auto", LIGHT.page), ("light", LIGHT.page), ("dark", DARK.page)])
def test_a_png_is_light_unless_dark_is_asked_for(theme: str, colour: str, tmp_path: Path) -> None:
    from matplotlib.image import imread

    draw(neuron(), theme=theme).save(tmp_path / "g.png")
    pixel = [round(255 * c) for c in imread(tmp_path / "g.png")[1, 1][:3]]
    assert "#" + "".join(f"{c:02x}" for c in pixel) == colour
    assert draw(neuron(), theme=theme).save(tmp_path / "g.pdf").stat().st_size > 1000


# -- the size of gradients ---------------------------------------------------------------------------


def test_the_larger_a_gradient_the_higher_its_band(read: type[Picture]) -> None:
    drawing = draw(saturated(), magnitude=True)
    bands = [(abs(edge.contribution or 0.0), edge.band) for edge in drawing._scene.edges]
    assert [band for _, band in sorted(bands)] == sorted(band for _, band in bands)
    assert {edge.band for edge in read(drawing.svg).edges} == {1, 2, 3, 4, 5, 6}


def test_without_magnitude_no_edge_has_a_band(read: type[Picture]) -> None:
    picture = read(draw(saturated()).svg)
    assert {edge.band for edge in picture.edges} == {0}
    assert "legend" not in draw(saturated()).svg.split("</style>")[1]


def legend_of(picture: Picture) -> list[str]:
    return [text.text or "" for g in picture.root if g.get("class") == "legend" for text in g.iter(TEXT)]


def test_the_legend_says_which_band_is_which_size_and_what_marks_mean(read: type[Picture]) -> None:
    picture = read(draw(saturated(), magnitude=True).svg)
    assert legend_of(picture) == [
        *("|gradient|", "≥ 1", "≥ 0.0001", "≥ 1e-08", "≥ 1e-12", "≥ 1e-16", "≥ 1e-20"),
        "▼ vanishing: the gradient is below 1e-08 of the largest one, or below 1e-12",
    ]


def test_the_legend_lies_inside_the_picture_and_below_the_graph(read: type[Picture]) -> None:
    y = Value(1.0, name="x").exp()
    y.backward()
    picture = read(draw(y, magnitude=True).svg)
    texts = [text for g in picture.root if g.get("class") == "legend" for text in g.iter(TEXT)]
    assert all(float(text.get("y", "nan")) < float(picture.root.get("height", "nan")) for text in texts)
    assert min(float(text.get("y", "nan")) for text in texts) > max(node.box.bottom for node in picture.nodes)


@pytest.mark.parametrize(
    ("gradients", "floors"),
    [
        ([1.0], (1.0,)),
        ([0.3, 1.5], (0.25, 0.5, 1.0)),
        ([0.01, 1.0], (0.01, 0.03, 0.1, 0.3, 1.0)),
        ([1e-5, 1.0], (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)),
        ([1e-10, 1.0], (1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)),
        ([5e-324, 1e308], (1e-323, 1e-192, 1e-67, 1e58, 1e183, 1e308)),
        ([0.0, math.nan, math.inf], ()),
    ],
)
def test_bands_start_at_round_numbers(gradients: list[float], floors: tuple[float, ...]) -> None:
    scale = Scale.of(gradients)
    assert len(scale.floors) == len(floors)
    assert all(scale.band(g) in range(1, 7) for g in gradients if g and math.isfinite(g))
    if floors and floors[0] > 1e-300:
        assert scale.floors == floors


def flagged(read: type[Picture], root: Value, **options: Any) -> tuple[Picture, set[str]]:
    picture = read(draw(root, magnitude=True, **options).svg)
    return picture, {edge.gradient.content.partition(" ")[2] for edge in picture.edges if edge.gradient} - {""}


def test_vanishing_gradients_are_marked_at_edges_and_leaves_and_described_in_words(read: type[Picture]) -> None:
    picture, flags = flagged(read, saturated())
    assert flags == {"▼ vanishing"}
    assert {node.label: node.caption for node in picture.nodes if node.kind == "leaf"}["w0"] == "▼ vanishing"
    assert {node.label: node.caption for node in picture.nodes if node.kind == "leaf"}["w11"] == ""
    described = picture.root.findtext(DESC, "")
    assert "and at x, w0, w1, w2, w3, w4 and w5 the gradient is below 1e-08 of the largest one, or below 1e-12." in described
    assert "vanishing: the gradient is below" in next(node.hover for node in picture.nodes if node.label == "w0")


def test_a_gradient_of_exactly_0_is_marked(read: type[Picture]) -> None:
    y = Value(-1.0, name="x").relu() + Value(1.0, name="w")
    y.backward()
    _, flags = flagged(read, y)
    assert flags == {"∅ zero"}


def test_exploding_gradients_are_marked(read: type[Picture]) -> None:
    y = Value(2.0, name="x") * 1e5
    y.backward()
    _, flags = flagged(read, y)
    assert flags == {"▲ exploding"}


def test_nan_and_infinite_gradients_are_marked(read: type[Picture]) -> None:
    y = Value(0.0, name="x").sqrt() + Value(-1.0, name="z").sqrt()
    y.backward()
    picture, flags = flagged(read, y)
    assert flags == {"∞ infinite", "✕ nan"}
    assert "the gradient is not a number" in picture.root.findtext(DESC, "")


def test_marked_labels_overlap_nothing(read: type[Picture], engine: str) -> None:
    for rankdir in ("LR", "TB"):
        picture, _ = flagged(read, saturated(), engine=engine, rankdir=rankdir)
        boxes = [text.box for text in picture.texts] + [node.box for node in picture.nodes]
        for i, box in enumerate(boxes):
            assert not any(box.overlaps(other) for other in boxes[:i])


def test_before_a_backward_pass_there_is_nothing_to_weigh(read: type[Picture]) -> None:
    picture, flags = flagged(read, Value(2.0, name="x") * 3)
    assert flags == set()
    assert legend_of(picture) == ["no gradient to measure"]


def test_an_edge_of_many_has_the_band_of_its_largest_gradient() -> None:
    xs = [Value(float(i), name=f"x{i}") for i in range(2000)]
    y = xs[0] * 1e-3
    for i, x in enumerate(xs[1:], 1):
        y = y + (x * 1e3 if i == 1500 else x * 1e-3)
    y.backward()
    drawing = draw(y, magnitude=True)
    assert [edge.contribution for edge in drawing._scene.edges] == [1e3, 1.0, 1.0]


def test_magnitude_must_be_a_bool() -> None:
    with pytest.raises(TypeError, match="magnitude must be True or False, got 'yes'"):
        draw(Value(1.0), magnitude="yes")  # type: ignore[arg-type]


def test_a_legend_makes_the_png_taller(tmp_path: Path) -> None:
    heights = []
    for magnitude in (False, True):
        png = draw(neuron(), magnitude=magnitude).save(tmp_path / "g.png").read_bytes()
        heights.append(struct.unpack(">II", png[16:24])[1])
    assert heights[1] > heights[0] + 20
