"""Groups: the nested rectangles drawn around the nodes of a ``scope``. A group is its path of names, outermost first.

>>> groups([(), ("layer 0", "neuron 1"), ("layer 0",)])
[('layer 0',), ('layer 0', 'neuron 1')]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

Path = tuple[str, ...]

DEEPEST = 8  # levels of nesting that are drawn; nodes nested deeper stand in the eighth


def path_of(scope: Path | None) -> Path:
    """The group of a node with this ``scope``.

    >>> path_of(None), path_of(("layer 0",))
    ((), ('layer 0',))
    """
    return scope[:DEEPEST] if scope else ()


def groups(paths: Iterable[Path]) -> list[Path]:
    """Every group of ``paths`` and all groups around it, in order of appearance, outer before inner."""
    return list(dict.fromkeys(path[:depth] for path in paths for depth in range(1, len(path) + 1)))


def shared(a: Path, b: Path) -> Path:
    """The innermost group that contains both.

    >>> shared(("layer 0", "neuron 1"), ("layer 0", "neuron 2"))
    ('layer 0',)
    """
    depth = 0
    while depth < min(len(a), len(b)) and a[depth] == b[depth]:
        depth += 1
    return a[:depth]


def home_of_leaf(scope: Path | None, users: Sequence[Path]) -> Path:
    """The group a leaf is drawn in: its own, or that of its ``users`` where they share one whose path ends with it.

    A parameter of ``neuron 0`` that is used in ``pass 1`` alone is drawn there.

    >>> home_of_leaf(("neuron 0",), [("pass 1", "neuron 0")])
    ('pass 1', 'neuron 0')
    >>> home_of_leaf(("neuron 0",), [("pass 1", "neuron 0"), ("pass 2", "neuron 0")])
    ('neuron 0',)
    """
    own = path_of(scope)
    if own and len(set(users)) == 1 and users[0][-len(own) :] == own:
        return users[0]
    return own


def nested(paths: Iterable[Path]) -> dict[Path, list[Path]]:
    """The groups directly inside each group; ``()`` is the picture itself.

    >>> dict(nested([("a",), ("a", "b")]))
    {(): [('a',)], ('a',): [('a', 'b')]}
    """
    children: dict[Path, list[Path]] = defaultdict(list)
    for path in groups(paths):
        children[path[:-1]].append(path)
    return children


def name_within(name: str, path: Path) -> str:
    """``name`` without the prefix that repeats the titles of the groups around it.

    >>> name_within("layer0.neuron1.w2", ("layer 0", "neuron 1")), name_within("w2", ("layer 0",))
    ('w2', 'w2')
    """
    for start in range(len(path)):
        prefix = ".".join(title.replace(" ", "") for title in path[start:]) + "."
        if name.startswith(prefix) and name != prefix:
            return name[len(prefix) :]
    return name
