"""What depends on each other in a circle, by Tarjan's algorithm as a loop."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Vertex = TypeVar("Vertex", bound=Hashable)


def components(vertices: Iterable[Vertex], operands: Callable[[Vertex], Iterable[Vertex]]) -> list[list[Vertex]]:
    """The strongly connected components, each after all that its members' ``operands`` lead to.

    >>> uses = {"loss": ["b"], "b": ["a"], "a": ["b", "x"], "x": []}
    >>> components(uses, uses.__getitem__)
    [['x'], ['a', 'b'], ['loss']]
    """
    number: dict[Vertex, int] = {}  # in the order they are met
    low: dict[Vertex, int] = {}  # the first met that each leads back to
    walk: list[tuple[Vertex, Iterator[Vertex]]] = []
    waiting: list[Vertex] = []  # for their component to be complete
    placed: set[Vertex] = set()
    found: list[list[Vertex]] = []

    def enter(v: Vertex) -> None:
        number[v] = low[v] = len(number)
        waiting.append(v)
        walk.append((v, iter(operands(v))))

    def leave(v: Vertex) -> None:
        walk.pop()
        if walk:
            low[walk[-1][0]] = min(low[walk[-1][0]], low[v])
        if low[v] == number[v]:
            component = [waiting.pop()]
            while component[-1] != v:
                component.append(waiting.pop())
            found.append(component)
            placed.update(component)

    for start in vertices:
        if start not in number:
            enter(start)
        while walk:
            v, rest = walk[-1]
            for w in rest:
                if w not in number:
                    enter(w)
                    break
                if w not in placed:
                    low[v] = min(low[v], number[w])
            else:
                leave(v)
    return found
