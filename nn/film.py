"""A film of the decision boundary while a model learns, as a GIF.

>>> import nn
>>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [-1, 1, 1, -1]
>>> model = nn.MLP(2, [4, 1], "tanh", seed=0)
>>> learning = film(model, X, y, steps=5)
>>> history = nn.fit(model, X, y, "hinge", epochs=3, seed=0, progress=False, callbacks=[learning])
>>> learning
Film(4 frames, epochs 0 to 3)
"""

from __future__ import annotations

import base64
from array import array
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, Protocol

from autograd.interop.files import write_atomically
from nn.arguments import integer
from nn.boundary import SIZE, Plane, Shades, draw_boundary, plane_about, shades
from nn.canvas import new_figure, row_of_axes
from nn.data import Labels, Rows
from nn.epoch_count import EpochCount
from nn.inference import predict
from nn.predictor import outputs

if TYPE_CHECKING:
    from nn.module import Module

DOTS = 100  # an inch: 520 × 440 pixels


class HasLoss(Protocol):
    """A history of a training."""

    loss: list[float]


class Frame(NamedTuple):
    """What the model was like after an epoch."""

    epoch: int
    loss: float | None
    shades: Shades

    @property
    def title(self) -> str:
        """The words above the picture."""
        return f"epoch {self.epoch}" + (f", loss {self.loss:.3g}" if self.loss is not None else "")


def film(model: Module, X: Rows, y: Labels, every: int = 1, steps: int = 60) -> Film:  # noqa: N803
    """A callback of ``nn.fit`` that films how a model of two inputs divides the plane; ``save`` writes the GIF.

    >>> import nn
    >>> learning = film(nn.MLP(2, [1], seed=0), [[0, 0], [1, 1]], [-1, 1], steps=5)
    >>> learning.save("learning.gif")  # doctest: +SKIP

    The first frame is the model as it is now, then one comes after every ``every`` epochs, evaluated at ``steps`` ×
    ``steps`` points; each is drawn as ``decision_boundary`` draws it, and that only when the film is saved or shown. A
    second training goes on where the first ended.
    Raises what ``decision_boundary`` raises.
    """
    return Film(model, plane_about(model, X, y, steps, "a film of the boundary"), integer("every", every, 1))


class Film:
    """What ``film`` gives: called after each epoch, saved as a GIF, shown in Jupyter."""

    only_reads = True  # see nn.callbacks

    def __init__(self, model: Module, plane: Plane, every: int):
        self.model, self.plane, self.every = model, plane, every
        self.frames: list[Frame] = []
        self._count = EpochCount()
        self._record(0, None)

    def __call__(self, epoch: int, history: HasLoss) -> None:
        """Record a frame, where it is this epoch's turn."""
        epoch = self._count(epoch)
        if epoch % self.every == 0:
            self._record(epoch, history.loss[-1] if history.loss else None)

    def save(self, path: str | PathLike[str], fps: int = 10, most: int = 100) -> Path:
        """Write the GIF, ``fps`` frames a second; of more frames than ``most`` as many of them, evenly apart.

        The last one stays for a second. The file is written whole or not at all. Raises ValueError for a path that
        doesn't end in ``.gif``, ImportError without matplotlib.
        """
        if Path(path).suffix.lower() != ".gif":
            raise ValueError(f"a film is a GIF: write a path such as 'learning.gif', got {str(path)!r}")
        return write_atomically(path, self._gif(integer("fps", fps, 1), integer("most", most, 2)))

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:  # noqa: ARG002
        """What Jupyter shows."""
        return {"image/gif": base64.b64encode(self._gif(10, 100)).decode(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        count = len(self.frames)
        return f"Film({count} frame{'s' * (count != 1)}, epochs {self.frames[0].epoch} to {self.frames[-1].epoch})"

    def _record(self, epoch: int, loss: float | None) -> None:
        points = self.plane.points()
        numbers, classes = shades(outputs(self.model, points, least=0) or predict(self.model, points))
        self.frames.append(Frame(epoch, loss, Shades(array("d", numbers), classes)))  # 29 kB, a list takes 115

    def _gif(self, fps: int, most: int) -> bytes:
        figure = new_figure(*SIZE)
        from matplotlib.animation import PillowWriter

        (axes,) = row_of_axes(figure, 1)
        writer, typical = PillowWriter(fps=fps), self.frames[-1].shades.typical()  # one scale for all frames
        chosen = _evenly(self.frames, most)
        with TemporaryDirectory() as folder:  # it takes no stream
            path = Path(folder) / "film.gif"
            with writer.saving(figure, str(path), DOTS):
                for frame in [*chosen, *[chosen[-1]] * fps]:
                    for artist in (*axes.images, *axes.collections):  # and not the ticks: nothing jumps
                        artist.remove()
                    draw_boundary(axes, self.plane, frame.shades, frame.title, typical)
                    writer.grab_frame()
                    figure.set_layout_engine("none")  # as the first frame was laid out
            return path.read_bytes()


def _evenly(frames: list[Frame], most: int) -> list[Frame]:
    """The first, the last and others evenly between them."""
    if len(frames) <= most:
        return frames
    return [frames[round(i * (len(frames) - 1) / (most - 1))] for i in range(most)]
