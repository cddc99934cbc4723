"""Drawings of a graph: the value above each edge, the gradient below it.

A drawing is made in four steps:

- what there is to see: ``scene`` has ``composer`` make boxes and edges of a graph, after ``folding`` where it is
  large; ``grouping``, ``kinds``, ``labels``, ``hover`` and ``magnitude`` say what is on them;
- where it goes: ``layout`` gives each box a column (``ranks``) and each edge its ``stops``, asks Graphviz (``engines``)
  what stands above what in this ``skeleton``, and does ``spacing``, ``routes`` and ``frames`` itself;
- what it looks like: ``svg``, with ``shapes``, ``themes``, ``legend`` and a ``describing`` text; ``dot`` for Graphviz;
- the file: ``drawing`` with ``images``.

``explain`` and ``formula`` write derivatives down, ``player`` steps through them.
"""

from autograd.drawing.drawing import Drawing as Drawing
from autograd.drawing.drawing import draw as draw
from autograd.drawing.engines import LayoutError as LayoutError
