"""A matplotlib Figure that a notebook shows by itself, with no magic line before it.

>>> figure = Picture(figsize=(3.0, 2.0))
>>> png, size = figure._repr_png_()
>>> png[:4], size
(b'\\x89PNG', {'width': 300, 'height': 200})
"""

from __future__ import annotations

from io import BytesIO
from os import PathLike
from typing import Any

from matplotlib.figure import Figure

from autograd.interop.files import write_figure

INCH = 100  # pixels of a page that an inch takes, as for matplotlib's own pictures in a notebook


class Picture(Figure):
    """A Figure that Jupyter shows where it is the value of a cell.

    Jupyter shows a plain Figure once pyplot has told it how, by ``%matplotlib inline`` or ``plt.show()``. What pyplot
    says then holds for this one too, instead of what is here: it is shown once either way.
    """

    def savefig(self, fname: Any, **options: Any) -> None:
        """As matplotlib's, and a file that a path names is written whole or not at all."""
        if isinstance(fname, str | PathLike):
            write_figure(fname, self, **options)
        else:
            super().savefig(fname, **options)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """The picture with all its pixels, and the size to show it in, which a screen of many pixels makes use of."""
        file = BytesIO()
        self.savefig(file, format="png")
        width, height = self.get_size_inches()
        return file.getvalue(), {"width": round(width * INCH), "height": round(height * INCH)}
