"""How arguments are checked: every message names the argument, what is expected and what came."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Mapping
from functools import partial
from typing import SupportsIndex, TypeAlias, TypeVar

from autograd import Value
from autograd.interop.coerce import as_number, describe

Entry = TypeVar("Entry")
Own = TypeVar("Own")  # what a caller gives instead of a name
Seed: TypeAlias = int | random.Random | None


def choose(kind: str, choice: str | Own, table: Mapping[str, Entry]) -> Entry | Own:
    """The entry of ``table`` with that name; anything but a name is the choice itself.

    >>> choose("colour", "red", {"red": 1, "green": 2})
    1
    >>> choose("colour", "blue", {"red": 1, "green": 2})
    Traceback (most recent call last):
    ValueError: unknown colour 'blue'; known are green, red
    """
    if not isinstance(choice, str):
        return choice
    if choice not in table:
        raise ValueError(f"unknown {kind} {choice!r}; known are {', '.join(sorted(table))}")
    return table[choice]


def choose_function(kind: str, choice: str | Own, table: Mapping[str, Entry]) -> Entry | Own:
    """``choose`` among functions: raises TypeError where the choice is neither a name nor callable."""
    if not isinstance(choice, str) and not callable(choice):
        raise TypeError(f"{kind} must be a name or a function, got {choice!r}; known names are {', '.join(sorted(table))}")
    return choose(kind, choice, table)


def function_name(choice: object) -> str:
    """A name to show for what was chosen by name or given as a function.

    >>> from functools import partial
    >>> function_name("sum"), function_name(sum), function_name(partial(sum, start=1))
    ('sum', 'sum', 'sum')
    """
    while isinstance(choice, partial):
        choice = choice.func
    return choice if isinstance(choice, str) else getattr(choice, "__name__", repr(choice))


def integer(name: str, n: object, least: int) -> int:
    """``n`` as an int; raises TypeError for anything but whole numbers, ValueError below ``least``.

    >>> integer("epochs", 3, 0)
    3
    """
    number = n if type(n) is int else _index(name, n)  # a quarter less for a checkpoint, which has one for each parameter
    if number < least:
        raise ValueError(f"{name} must be at least {least}, got {n}")
    return number


def _index(name: str, n: object) -> int:
    if isinstance(n, bool) or not isinstance(n, SupportsIndex):
        raise TypeError(f"{name} must be a whole number, got {n!r}")
    try:
        return operator.index(n)
    except TypeError:  # an array, which may be an index or not
        raise TypeError(f"{name} must be a whole number, got {describe(n)}") from None


def real(name: str, x: object, least: float = 0.0, below: float = math.inf) -> float:
    """``x`` as a finite float in [least, below); raises TypeError for no number, ValueError outside.

    >>> real("lr", -0.1)
    Traceback (most recent call last):
    ValueError: lr must be at least 0, got -0.1
    """
    number = as_float(name, x)
    if not (math.isfinite(number) and least <= number < below):
        lower = f"at least {least:g}" if least > -math.inf else "finite"
        upper = f" and below {below:g}" if below < math.inf else ""
        raise ValueError(f"{name} must be {lower}{upper}, got {number!r}")
    return number


def as_float(name: str, x: object) -> float:
    """What a ``Value`` takes for a number, as a float; raises TypeError for everything else."""
    if isinstance(x, Value):
        raise TypeError(f"{name} is a Value already; use it as it is, or .data for its number alone")
    return as_number(x, name)


def generator(seed: Seed) -> random.Random:
    """A random generator of the caller's own: Python's global one is neither read nor changed.

    >>> generator(1).random() == random.Random(1).random()
    True

    A generator is passed through as it is.
    """
    if isinstance(seed, random.Random):
        return seed
    if seed is not None:
        seed = integer("seed", seed, 0)
    return random.Random(seed)
