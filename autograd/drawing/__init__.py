"""Drawings of a graph: the value above each edge, the gradient below it.

A drawing is made in four steps: what there is to see (``scene``, in words of ``labels``), how large it is
(``measures``), where it goes (``layout``, with ``dot`` run by ``engines``, and ``routes`` for the edges), and
the file (``svg`` with ``geometry``, ``images``).
"""

from autograd.drawing.drawing import Drawing as Drawing
from autograd.drawing.drawing import draw as draw
from autograd.drawing.engines import LayoutError as LayoutError
