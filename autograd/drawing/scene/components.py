"""Strongly connected components by Tarjan's algorithm, as a loop: deep graphs would exhaust Python's stack."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Vertex = TypeVar("Vertex", bound=Hashable)


def components(vertices: Iterable[Vertex], operands: Callable[[Vertex], Iterable[Vertex]]) -> list[list[Vertex]]:
    """The strongly connected components in topological order: each after those that its ``operands`` are in.

    >>> uses = {"loss": ["b"], "b": ["a"], "a": ["b", "x"], "x": []}
    >>> components(uses, uses.__getitem__)
    [['x'], ['a', 'b'], ['loss']]
    """
    number: dict[Vertex, int] = {}  # in the order of discovery
    low: dict[Vertex, int] = {}  # Tarjan's lowlink: the smallest number known to be reachable
    walk: list[tuple[Vertex, Iterator[Vertex]]] = []
    stack: list[Vertex] = []  # discovered, their component not complete yet
    done: set[Vertex] = set()
    result: list[list[Vertex]] = []

    def enter(v: Vertex) -> None:
        number[v] = low[v] = len(number)
        stack.append(v)
        walk.append((v, iter(operands(v))))

    def leave(v: Vertex) -> None:
        walk.pop()
        if walk:
            low[walk[-1][0]] = min(low[walk[-1][0]], low[v])
        if low[v] == number[v]:
            component = [stack.pop()]
            while component[-1] != v:
                component.append(stack.pop())
            result.append(component)
            done.update(component)

    for start in vertices:
        if start not in number:
            enter(start)
        while walk:
            v, successors = walk[-1]
            for w in successors:
                if w not in number:
                    enter(w)
                    break
                if w not in done:
                    low[v] = min(low[v], number[w])
            else:
                leave(v)
    return result
