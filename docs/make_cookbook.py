"""Run the cookbook: ``python -m docs.make_cookbook`` writes what its programs print, and draws its pictures.

    python -m docs.make_cookbook kalman_filter  # one page alone

The Python blocks of a page are one program, run from top to bottom. What a block prints is the ``text`` block below it.
Pictures are files that the program saves; they go to docs/images/cookbook. ``tests/docs/test_cookbook.py`` runs the same
and compares.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("cookbook")
IMAGES = Path(__file__).with_name("images") / "cookbook"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
PROGRAM = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.DOTALL | re.MULTILINE)
STYLE = {
    "figure.figsize": (8.0, 3.6),
    "figure.constrained_layout.use": True,
    "savefig.dpi": 110,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": "cycler('color', ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'])",
    "font.size": 10.0,
    "legend.frameon": False,
}


def run(page: Path, folder: Path) -> str:
    """The page with what its program prints today. The program runs in ``folder``, where it leaves its pictures."""
    import matplotlib

    matplotlib.use("Agg")
    import scipy.linalg  # noqa: F401  # its BLAS is among those that are limited
    from matplotlib import pyplot
    from threadpoolctl import threadpool_limits

    text = page.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "__main__"}

    def with_output(block: re.Match[str]) -> str:
        line = text.count("\n", 0, block.start(1))
        code = compile("\n" * line + block[1], str(page), "exec", dont_inherit=True)  # tracebacks name the line of the page
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, names)
        return f"```python\n{block[1]}```\n" + (f"\n```text\n{printed.getvalue()}```\n" if printed.getvalue() else "")

    # BLAS with threads waits for a processor of its own: an L-BFGS beside other tests takes ten times as long.
    with matplotlib.rc_context(STYLE), contextlib.chdir(folder), threadpool_limits(1):  # type: ignore[arg-type]
        try:
            return PROGRAM.sub(with_output, text)
        finally:
            pyplot.close("all")


def main(names: list[str]) -> None:
    """Write the pages of these names, or all of them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for page in PAGES:
        if not names or page.stem in names:
            page.write_text(run(page, IMAGES), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
