"""Run the notebooks, each in a fresh kernel: ``python -m docs.run_notebooks`` stores what they show in the files.

With ``--check`` nothing is stored: what they show now must be what the files hold. Words must be the same, and a picture
must be where the file has one; numbers may differ in the last digits, as another processor's do. In a cell with the tag
"measured" they may be anything, as times are. Either way a warning is an error.
"""

from __future__ import annotations

import base64
import math
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbclient import NotebookClient

from autograd.drawing.render.raster import to_png
from autograd.interop.files import write_atomically

FOLDER = Path(__file__).parents[1] / "notebooks"
NUMBER = re.compile(r"[-−]?\d[\d   ]*(?:\.\d+)?(?:e[-−+]?\d+)?")
STRICT = [  # while a cell runs, and not what the kernel does between cells
    "import warnings",
    "get_ipython().events.register('pre_run_cell', lambda info: warnings.simplefilter('error'))",
    "get_ipython().events.register('post_run_cell', lambda result: warnings.simplefilter('ignore'))",
]


class Output(NamedTuple):
    """What a cell shows: a text, and the kind of picture that stands in its place, if one does."""

    text: str
    picture: str = ""
    measured: bool = False


def notebooks() -> list[Path]:
    """Every notebook, in order."""
    return sorted(FOLDER.glob("*.ipynb"))


def executed(path: Path) -> Any:
    """The notebook with the outputs of a run from top to bottom. Raises CellExecutionError where a cell fails or warns."""
    notebook: Any = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(FOLDER)}}
    begin = [f"--IPKernelApp.exec_lines={STRICT!r}"]
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources=where, coalesce_streams=True, extra_arguments=begin
    )
    client.execute(env={**os.environ, "PYTHONPATH": str(FOLDER.parent)})  # this checkout's packages
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran
    return notebook


def with_images(notebook: Any) -> Any:
    """The notebook with a PNG beside every SVG: JupyterLab shows no SVG of a file that wasn't run on its machine."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", ())):
        svg = output.get("data", {}).get("image/svg+xml")
        if svg:
            width, height = map(float, re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0])
            output.data["image/png"] = base64.b64encode(to_png(svg, width, height, scale=1.5)).decode()
            output.metadata["image/png"] = {"width": round(width), "height": round(height)}
    return notebook


def shown(notebook: Any) -> Iterator[Output]:
    """Everything that a notebook's cells show."""
    for cell in notebook.cells:
        measured = "measured" in cell.metadata.get("tags", ())
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {})
            picture = next((kind for kind in ("image/svg+xml", "image/png") if kind in bundle), "")
            yield Output(output.get("text", "") or bundle.get("text/plain", ""), picture, measured)


def alike(old: str, new: str, measured: bool = False) -> bool:
    """Whether two texts have the same words, and numbers that agree to three digits or are both next to nothing."""
    if measured:  # in columns, whose blanks make room for the digits
        return re.sub(r"\s+", " ", NUMBER.sub("# ", old)) == re.sub(r"\s+", " ", NUMBER.sub("# ", new))
    numbers = [[_number(n) for n in NUMBER.findall(text)] for text in (old, new)]
    if NUMBER.sub("#", old) != NUMBER.sub("#", new) or len(numbers[0]) != len(numbers[1]):
        return False
    return all(math.isclose(a, b, rel_tol=1e-3) or max(abs(a), abs(b)) < 1e-6 for a, b in zip(*numbers, strict=True))


def _number(text: str) -> float:
    return float(re.sub(r"\s", "", text.replace("−", "-")))


def differences(path: Path) -> list[str]:
    """What a run shows that the file doesn't."""
    old, new = list(shown(nbformat.read(path, as_version=4))), list(shown(executed(path)))
    if len(old) != len(new):
        return [f"{path.name}: {len(old)} outputs in the file, {len(new)} now"]
    return [f"{path.name}: the file has\n{a}\nand now it is\n{b}" for a, b in zip(old, new, strict=True) if not same(a, b)]


def same(old: Output, new: Output) -> bool:
    """Whether two outputs are alike, and pictures where they should be."""
    return old.picture == new.picture and alike(old.text, new.text, old.measured)


def main(check: bool) -> int:
    """Run them all; 1 where something differs."""
    found = []
    for path in notebooks():
        print(path.name)
        if check:
            found += differences(path)
        else:
            write_atomically(path, nbformat.writes(with_images(executed(path))).rstrip("\n") + "\n")
    print(*found, sep="\n", end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
