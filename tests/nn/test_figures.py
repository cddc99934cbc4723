"""A figure of nn.plots shows itself in Jupyter: without a magic line, and once; plain Figures are as matplotlib has them."""

import os
import struct
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nbclient", reason="nbclient isn't installed: pip install '.[notebooks]'")
pytest.importorskip("ipykernel", reason="ipykernel isn't installed: pip install '.[notebooks]'")

import nbformat
from nbclient import NotebookClient

import nn
from nn.plots import decision_boundary, loss_curve
from tests.support import ROOT

pytestmark = pytest.mark.filterwarnings("default")  # jupyter's own

PNG = b"\x89PNG\r\n\x1a\n"
HISTORY = nn.History([0.7, 0.2], [0.5, 1.0])
INLINE = ["", "%matplotlib inline", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"]


def outputs(*cells: str) -> list[list[Any]]:
    """What each cell shows in a fresh kernel."""
    notebook: Any = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    NotebookClient(notebook, kernel_name="python3").execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.parametrize(
    "figure",
    [
        loss_curve(HISTORY),
        HISTORY.plot(),
        decision_boundary(nn.MLP(2, [3, 1], seed=0), [[0.0, 0.0], [1.0, 2.0]], [-1, 1], steps=5),
    ],
)
def test_a_figure_gives_a_notebook_its_png(figure: Any) -> None:
    png, size = figure._repr_png_()
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(PNG)
    assert (width, height) == (1.5 * size["width"], 1.5 * size["height"])


@pytest.mark.parametrize("before", INLINE, ids=["nothing", "magic", "pyplot"])
def test_a_notebook_shows_it_once(before: str) -> None:
    _, value, silent, plain = outputs(
        before,
        "import nn\nfigure = nn.History([0.7, 0.2]).plot()\nfigure",
        "figure;",
        "import matplotlib.figure\nmatplotlib.figure.Figure()",
    )
    assert [(output.output_type, "image/png" in output.data) for output in value] == [("execute_result", True)]
    assert silent == []
    assert [list(output.data) for output in plain] == [["text/plain"]]  # as matplotlib itself has it


def test_a_notebook_shows_inspections_and_films_too() -> None:
    cells = outputs(
        """
import nn
X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]
model = nn.MLP(2, [4, 1], "tanh", seed=0)
monitor, film = nn.Monitor(model, X, y, "hinge"), nn.plots.film(model, X, y, steps=5)
for epoch in (1, 2):
    monitor(epoch, nn.History())
    film(epoch, nn.History())
""",
        "nn.inspect(model, X, y, 'hinge').plot()",
        "monitor.plot()",
        "monitor",
        "model.summary()",
        "film",
    )
    kinds = ["image/png", "image/png", "text/html", "text/html", "image/gif"]
    for kind, shown in zip(kinds, cells[1:], strict=True):
        assert [(output.output_type, kind in output.data) for output in shown] == [("execute_result", True)]


def test_it_is_saved_like_any_figure(tmp_path: Path) -> None:
    HISTORY.plot().savefig(tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(PNG)


def test_a_figure_is_saved_as_matplotlib_saves_it_and_whole(tmp_path: Path) -> None:
    figure = loss_curve(HISTORY)
    for name in ("a.png", "b.PNG", "c", "d."):
        figure.savefig(str(tmp_path / name))
    for name in ("e.txt", "f"):
        figure.savefig(str(tmp_path / name), format="png")
    figure.savefig(tmp_path / "g.pdf")
    assert sorted(os.listdir(tmp_path)) == ["a.png", "b.PNG", "c.png", "d.png", "e.txt", "f", "g.pdf"]
    starts = [(tmp_path / name).read_bytes()[:4] for name in sorted(os.listdir(tmp_path))]
    assert starts == [PNG[:4]] * 6 + [b"%PDF"]


def test_a_format_that_matplotlib_has_not_leaves_the_old_file(tmp_path: Path) -> None:
    file = tmp_path / "curve.txt"
    file.write_text("old")
    with pytest.raises(ValueError, match="txt"):
        loss_curve(HISTORY).savefig(file)
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        loss_curve(HISTORY).savefig(tmp_path / "nowhere" / "curve.png")
    assert (file.read_text(), os.listdir(tmp_path)) == ("old", ["curve.txt"])
