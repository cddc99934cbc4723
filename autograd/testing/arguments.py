"""The names of the numbers among a function's arguments, as a message shows them.

>>> list(names(lambda x, p: 0.0, (1.0, {"w": [2.0, 3.0]})))
['x', "p['w'][0]", "p['w'][1]"]
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence

from autograd.transforms.trees import opened
from autograd.transforms.types import Function


def names(f: Function, args: Sequence[object]) -> Iterator[str]:
    """One name for each number of ``autograd.transforms.trees.flatten(args)``, in its order."""
    for name, arg in zip(parameters(f, len(args)), args, strict=True):
        yield from _paths(name, arg)


def parameters(f: Function, count: int) -> list[str]:
    """What f calls its first ``count`` positional arguments; those of ``*args`` are args[0], args[1], …"""
    try:
        signature = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):  # a builtin may have none
        return [f"argument {i}" for i in range(1, count + 1)]
    named = [p.name for p in signature if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    starred = next((p.name for p in signature if p.kind is p.VAR_POSITIONAL), "argument")
    return [named[i] if i < len(named) else f"{starred}[{i - len(named)}]" for i in range(count)]


def _paths(name: str, tree: object) -> Iterator[str]:
    container = opened(tree, arrays=True)
    if container is None:
        yield name
        return
    for key, child in zip(container.keys, container.children, strict=True):
        yield from _paths(f"{name}[{key!r}]", child)
