"""Drawings of a graph: the value above each edge, the gradient below it.

A drawing is made in three steps, a room each; ``autograd.picture`` takes them in turn and writes the file.

- ``scene``: what is shown. ``composer`` makes boxes and edges of a graph, after ``folding`` where it is large
  (``level_of_detail`` decides), ``dots`` spelled out; ``groups``, ``labels``, ``parameters``, ``tooltips``, ``magnitude``
  and ``partial_names`` say what is on them.
- ``layout``: where it goes. ``place`` gives each box a column (``ranks``) and each edge its ``waypoints``, asks Graphviz
  for positions within the columns (``dot_request``) until they are in ``reading_order``, and does ``spacing``,
  ``routing`` and ``clusters`` itself.
- ``render``: what it looks like. ``svg`` with ``shapes``, ``themes`` and ``legend``; ``dot`` for .dot files; ``raster``
  for PNG and PDF.
"""

from autograd.drawing.layout.graphviz import LayoutError

__all__ = ["LayoutError"]


def __dir__() -> list[str]:
    return sorted(__all__)
