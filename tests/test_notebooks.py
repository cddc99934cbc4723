"""The notebooks run from top to bottom without a warning and show what their files hold: texts, and pictures as pictures."""

import ast
import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("nbclient", reason="nbclient isn't installed: pip install '.[notebooks]'")
pytest.importorskip("ipykernel", reason="ipykernel isn't installed: pip install '.[notebooks]'")
pytest.importorskip("sklearn", reason="scikit-learn isn't installed: pip install '.[notebooks]'")

import nbformat
from nbclient.exceptions import CellExecutionError

from docs.run_notebooks import Output, alike, differences, executed, notebooks, same, shown

pytestmark = pytest.mark.filterwarnings("default")  # jupyter's own

DRAWS = {"draw": "image/svg+xml", "decision_boundary": "image/png", "loss_curve": "image/png", "show": "image/png"}
SVG = "{http://www.w3.org/2000/svg}svg"

each_notebook = pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)


def cells(path: Path) -> list[Any]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def picture_of(source: str) -> str:
    """The kind of picture that a cell's last line makes, if it makes one."""
    last = ast.parse(source).body[-1]
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return ""
    function = last.value.func
    return DRAWS.get(function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", ""), "")


def bundles(path: Path) -> Iterator[dict[str, str]]:
    for cell in cells(path):
        yield from (output.data for output in cell.outputs if "data" in output)


# -- a run ---------------------------------------------------------------------------------------------------


def test_there_are_seven() -> None:
    assert len(notebooks()) == 7


@each_notebook
def test_a_notebook_shows_what_its_file_holds(path: Path) -> None:
    """In a fresh kernel, as for one who opens it: the words, the numbers, and a picture wherever the file has one."""
    assert differences(path) == []


def test_a_warning_in_a_cell_is_an_error(tmp_path: Path) -> None:
    source = "import warnings\nwarnings.warn('of ours')"
    path = tmp_path / "warns.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), path)
    with pytest.raises(CellExecutionError, match="UserWarning.*: of ours"):
        executed(path)


# -- pictures in the files -----------------------------------------------------------------------------------


@each_notebook
def test_a_cell_that_draws_has_its_picture(path: Path) -> None:
    drawing = [(picture_of(cell.source), cell) for cell in cells(path)]
    for kind, cell in drawing:
        if kind:
            assert [kind for output in cell.outputs if kind in output.get("data", ())] == [kind], cell.source


@each_notebook
def test_nothing_is_told_where_it_should_be_shown(path: Path) -> None:
    """No '<Figure size 780x660 with 1 Axes>' without the figure."""
    told = [bundle for bundle in bundles(path) if re.match(r"<\w+ (size|of) ", bundle.get("text/plain", ""))]
    assert [bundle["text/plain"] for bundle in told if not {"image/png", "image/svg+xml"} & bundle.keys()] == []


@each_notebook
def test_a_drawing_is_seen_before_its_cell_is_run(path: Path) -> None:
    """Of a file that comes from elsewhere JupyterLab shows no SVG, and told '<Drawing of …>': there is a PNG beside it."""
    drawings = [bundle for bundle in bundles(path) if "image/svg+xml" in bundle]
    assert [bundle["text/plain"] for bundle in drawings if "image/png" not in bundle] == []


@each_notebook
def test_the_pictures_are_pictures(path: Path) -> None:
    for bundle in bundles(path):
        if "image/png" in bundle:
            assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG\r\n\x1a\n")
        if "image/svg+xml" in bundle:
            assert ElementTree.fromstring(bundle["image/svg+xml"]).tag == SVG


def test_every_notebook_has_pictures() -> None:
    kinds = {path.stem[0]: [kind for cell in cells(path) if (kind := picture_of(cell.source))] for path in notebooks()}
    assert all(kinds.values())
    assert kinds["6"].count("image/png") >= 5


# -- what counts as the same -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "agree"),
    [
        ("x = 0.50001", "x = 0.50002", True),
        ("x = 0.5", "x = 0.6", False),
        ("x = 0.5", "y = 0.5", False),
        ("error 6e−14", "error 8e−14", True),
        ("1 2", "1", False),
        ("−0.5", "0.5", False),
    ],
)
def test_words_must_be_the_same_and_numbers_nearly(old: str, new: str, agree: bool) -> None:
    assert alike(old, new) == agree


@pytest.mark.parametrize(
    ("old", "new", "agree"),
    [
        ("13   3.0 ms    41.2 ms", "13  12.5 ms  1100.7 ms", True),
        ("13   3.0 ms", "13   3.0 s", False),
    ],
)
def test_times_may_be_any_but_not_their_words(old: str, new: str, agree: bool) -> None:
    assert alike(old, new, measured=True) == agree


def test_a_picture_must_be_where_the_file_has_one() -> None:
    assert not same(Output("<Figure>", "image/png"), Output("<Figure>"))
    assert same(Output("<Figure>", "image/png"), Output("<Figure>", "image/png"))


def test_a_picture_stands_for_its_text() -> None:
    data = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("display_data", data)])
    cell.metadata["tags"] = ["measured"]
    assert list(shown(nbformat.v4.new_notebook(cells=[cell]))) == [Output("<Figure>", "image/png", measured=True)]


# -- what they tell ------------------------------------------------------------------------------------------------


def told(number: int) -> str:
    """Everything that the cells of a notebook show as text."""
    return "\n".join(output.text for output in shown(nbformat.read(notebooks()[number - 1], as_version=4)))


def sources(number: int) -> str:
    return "\n".join(cell.source for cell in nbformat.read(notebooks()[number - 1], as_version=4).cells)


def test_what_a_gradient_costs_is_measured() -> None:
    """By nudging about a forward pass for each of n parameters, by the chain rule a few, however many there are."""
    lines = re.findall(r"^(by .+): ([\d.]+) forward passes for (\d+) parameters, ([\d.]+) .* for (\d+) p", told(3), re.M)
    costs = {name: [float(number) for number in numbers] for name, *numbers in lines}
    few, n, many, m = costs["by nudging"]
    assert 0.5 < few / n < 2
    assert 0.5 < many / m < 2
    assert m > 1000
    assert max(costs["by the chain rule"][::2]) < 10
    assert "process_time" in sources(3)


def test_the_nudges_run_in_parallel_once() -> None:
    assert "Parallel(n_jobs=2)(delayed(nudge)" in sources(3)
    assert "9 nudges in two processes: the same derivatives, bit for bit" in told(3)


def test_the_rounded_and_the_exact_prediction() -> None:
    assert "a = [0.73, 0.79, 0.69]  ŷ = 1.235, and without rounding 1.2332" in told(3)


def test_batches_from_32_to_1024_and_a_short_last_one() -> None:
    rows = re.findall(r"^ +(\d+) +(\d+) +(\d+)$", told(3), re.M)
    assert [tuple(map(int, row)) for row in rows] == [
        (32, 63, 16),
        (64, 32, 16),
        (128, 16, 80),
        (256, 8, 208),
        (512, 4, 464),
        (1024, 2, 976),
    ]


def test_what_helps_against_vanishing_gradients_helps_with_every_seed() -> None:
    """What arrives at layer 1 of ∂L/∂a at layer 99: next to nothing, or nothing; with the cures nearly all."""
    rows = re.findall(r"^(\w+, \d+ neurons(?:, residual)?) +((?:[\de.+-]+ *)+)$", told(5), re.M)
    arrives = {name: [float(share) for share in shares.split()] for name, shares in rows}
    assert {len(shares) for shares in arrives.values()} == {5}
    assert max(arrives["sigmoid, 8 neurons"]) < 1e-60
    assert arrives["relu, 8 neurons"].count(0.0) == 3
    assert min(arrives["relu, 32 neurons"]) > 1e-3
    assert min(arrives["tanh, 8 neurons, residual"]) > 1 / 3
    assert "∂L/∂W" not in sources(5)


def test_stochastic_gradient_descent_is_what_the_two_moons_are_trained_by() -> None:
    before_adam = sources(6).split("## Adam")[0]
    assert "nn.SGD(" in before_adam
    assert "Adam" not in before_adam


def test_the_loss_of_a_point_that_is_right_is_explained() -> None:
    text = told(6)
    drawn = re.search(r"<Drawing of loss = ([\d.]+)", text)
    explained = re.search(r"hinge loss 0, squared error \(([\d.]+) − 1\)² = ([\d.]+)", text)
    assert drawn
    assert explained
    score, loss = map(float, explained.groups())
    assert float(drawn[1]) == loss
    assert (score - 1) ** 2 == pytest.approx(loss, rel=1e-3)


def test_every_backward_arrow_of_the_picture_by_layers_carries_its_name() -> None:
    """∂L/∂… on each, and the whole of the picture fits a column with room for the words."""
    (picture,) = [bundle["image/svg+xml"] for bundle in bundles(notebooks()[3]) if "image/svg+xml" in bundle]
    backward = [text for text in ElementTree.fromstring(picture).iter() if "gradient" in text.get("class", "").split()]
    words = ["".join(text.itertext()) for text in backward]
    assert len(words) == picture.count('class="backward"') > 10
    assert [word for word in words if not word.startswith("∂L/∂")] == []


@each_notebook
def test_the_pictures_fit_a_column(path: Path) -> None:
    """They scale to it; but one that is much wider would be too small to read."""
    pictures = [bundle["image/svg+xml"] for bundle in bundles(path) if "image/svg+xml" in bundle]
    widths = [float(re.findall(r'viewBox="0 0 ([\d.]+) ', picture)[0]) for picture in pictures]
    assert [width for width in widths if width > 1600] == []
    assert [
        picture[:80] for picture, width in zip(pictures, widths, strict=True) if width > 720 and '"100%"' not in picture
    ] == []
