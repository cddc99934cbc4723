"""A unique name for each node: the user's where there is one, else t1, t2 … where one is needed.

>>> from autograd import Value
>>> a, b, c = Value(1.0, name="w"), Value(2.0, name="w"), Value(3.0)
>>> names = Names([a, b, c])
>>> names[a], names[b], names.automatic(c)
('w', 'w_2', 't1')
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from autograd.symbolic.identifiers import label
from autograd.value import Value


class Names(dict[Value, str]):
    """Names by node. ``spell`` turns a user's name into one that can be written; no node gets one of those ``taken``."""

    def __init__(self, nodes: Iterable[Value], spell: Callable[[str], str] = label, taken: Iterable[str] = ()):
        super().__init__()
        self._taken, self._tried = set(taken), dict[str, int]()
        for node in nodes:
            if node.name:
                self.give(node, spell(node.name))

    def give(self, node: Value, wanted: str) -> str:
        """Give a node the name ``wanted``, with a number appended where that is taken."""
        name = wanted
        while name in self._taken:
            self._tried[wanted] = self._tried.get(wanted, 1) + 1
            name = f"{wanted}_{self._tried[wanted]}"
        self._taken.add(name)
        self[node] = name
        return name

    def automatic(self, node: Value) -> str:
        """The node's name; if it has none, the next free one of t1, t2 …"""
        if node in self:
            return self[node]
        while True:
            self._tried["t"] = self._tried.get("t", 0) + 1
            name = f"t{self._tried['t']}"
            if name not in self._taken:
                return self.give(node, name)
