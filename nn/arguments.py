"""How arguments are checked: every message names the argument, what is expected and what came."""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Mapping
from typing import Any, TypeVar

from autograd import Value

Choice = TypeVar("Choice")
Seed = int | random.Random | None


def choose(kind: str, choice: str | Choice, table: Mapping[str, Choice]) -> Choice:
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


def choose_function(kind: str, choice: Any, table: Mapping[str, Choice]) -> Any:
    """``choose`` among functions: raises TypeError where the choice is neither a name nor callable."""
    if not isinstance(choice, str) and not callable(choice):
        raise TypeError(f"{kind} must be a name or a function, got {choice!r}; known names are {', '.join(sorted(table))}")
    return choose(kind, choice, table)


def function_name(choice: Any) -> str:
    """A name to show for what was chosen by name or given as a function."""
    return choice if isinstance(choice, str) else getattr(choice, "__name__", repr(choice))


def whole(name: str, n: Any, least: int) -> int:
    """``n`` as an int; raises TypeError for anything but whole numbers, ValueError below ``least``.

    >>> whole("epochs", 3, 0)
    3
    """
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise TypeError(f"{name} must be a whole number, got {n!r}")
    if n < least:
        raise ValueError(f"{name} must be at least {least}, got {n}")
    return operator.index(n)


def real(name: str, x: Any, least: float = 0.0, below: float = math.inf) -> float:
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


def as_float(name: str, x: Any) -> float:
    """What a ``Value`` takes for a number, as a float; raises TypeError for everything else."""
    if x.__class__ is float:
        return float(x)
    try:
        return Value(x).data
    except TypeError as error:
        raise TypeError(str(error).replace("Value: data", name, 1)) from None


def generator(seed: Seed) -> random.Random:
    """A random generator of our own, so that Python's global one is neither read nor changed.

    >>> generator(1).random() == random.Random(1).random()
    True

    A generator is passed through, and goes on where it stands.
    """
    if isinstance(seed, random.Random):
        return seed
    if seed is not None:
        seed = whole("seed", seed, 0)
    return random.Random(seed)
