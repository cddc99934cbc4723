"""Directions that a function is differentiated along, one number for each of an argument's; its transforms uncompiled.

>>> along(({"w": 1.0, "n": "text"},), ({"n": None, "w": 2.0},), static=())
((0,), ({'w': 1.0, 'n': 'text'}, {'w': 2.0, 'n': None}))
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from autograd.compiler.signature import is_static
from autograd.compiler.transforms import HAS_AUX
from autograd.interop.coerce import as_number, describe
from autograd.transforms import forward, products, reverse
from autograd.transforms.trees import flatten, flatten_like, leaves_of
from autograd.transforms.types import Argnums, Function

Shape = TypeVar("Shape")

WANTED = "compile: the tangents need the primals' shapes, give one number for each; got {tree} in the place of {model}"


def along(
    primals: Sequence[object], tangents: Sequence[object], static: Collection[int]
) -> tuple[tuple[int, ...], tuple[object, ...]]:
    """The primals' places, and primals and tangents as arguments; those at ``static`` places don't move."""
    for sequence, what in ((primals, "primals"), (tangents, "tangents")):
        if not isinstance(sequence, list | tuple):
            raise TypeError(f"compile: {what} must be a tuple with one entry for each argument, got {describe(sequence)}")
    if len(primals) != len(tangents):
        raise ValueError(f"compile: jvp needs a tangent for each primal, got {len(tangents)} for {len(primals)}")
    directions: list[object] = []
    for k, (x, dx) in enumerate(zip(primals, tangents, strict=True)):
        if k in static:
            _check_still(x, dx)
        directions.append(None if k in static else like(x, dx, WANTED))
    return tuple(range(len(primals))), (*primals, *directions)


def like(x: Shape, direction: Any, wanted: str) -> Shape:
    """The direction, its dicts in the order of x's.

    Raises ValueError, as ``wanted`` says, where its shape is another, and TypeError for what is no number or can't move.
    """
    _, rebuild = flatten(x, arrays=False)
    parts = flatten_like(direction, x, wanted, arrays=False)
    for one, other in zip(leaves_of(x), parts, strict=True):
        if is_static(one):
            _check_still(one, other)
        elif is_static(other):
            as_number(other, f"compile: the direction for {describe(one)}")
    shaped: Shape = rebuild(parts)
    return shaped


def _check_still(x: object, direction: object) -> None:
    if direction is not None:
        raise TypeError(f"compile: {describe(x)} is static and doesn't move: give None for it, got {describe(direction)}")


def moved_eagerly(f: Function, args: Sequence[Any], has_aux: bool) -> Any:
    """``jvp`` of f itself, of primals and as many tangents; those without one don't move."""
    primals, tangents = list(args[: len(args) // 2]), args[len(args) // 2 :]
    places = [k for k, tangent in enumerate(tangents) if tangent is not None]

    def moving(*numbers: Any) -> Any:
        given = dict(zip(places, numbers, strict=True))
        return f(*[given.get(k, x) for k, x in enumerate(primals)])

    jvp: Any = forward.jvp
    return jvp(moving, [primals[k] for k in places], [tangents[k] for k in places], has_aux=has_aux)


def uncompiled(f: Function, transform: str, argnums: Argnums, args: tuple[Any, ...], named: Mapping[str, object]) -> Any:
    """A transform of f itself."""
    if transform == "value":
        return f(*args, **named)
    name, has_aux = transform.removesuffix(HAS_AUX), transform.endswith(HAS_AUX)
    if name == "jvp":
        return moved_eagerly(partial(f, **named) if named else f, args, has_aux)
    if name == "hvp":
        return products.hvp(f, argnums, has_aux=has_aux)(*args, **named)
    if transform.startswith("sparse "):
        return getattr(reverse, transform.removeprefix("sparse "))(f, argnums, sparse=True)(*args, **named)
    return getattr(reverse, name)(f, argnums, has_aux=has_aux)(*args, **named)
