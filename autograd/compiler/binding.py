"""Calls bound to a function's parameters: what each argument is called, which are static, which axis has its lanes.

>>> parameters = Parameters(lambda x, n=3, *, scale=1.0: x * n * scale, static_argnames="n")
>>> args, keywords = parameters.bind((2.0,), {"scale": 0.5, "n": 4})  # n has the second place by its keyword too
>>> args, keywords, parameters.form(len(args), keywords).names
((2.0, 4, 0.5), ('scale',), ['x', 'n', 'scale'])
"""

from __future__ import annotations

import inspect
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from inspect import Parameter
from itertools import takewhile
from typing import Any, TypeAlias

from autograd.compiler.signature import Axes, Static
from autograd.interop.coerce import describe
from autograd.transforms.call import deep_argument, holds_value, name_of
from autograd.transforms.trees import NestingError
from autograd.transforms.types import Argnum, Argnums, Function
from autograd.value import Value

Names: TypeAlias = tuple[str, ...]
PLACED = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


class Parameters:
    """The parameters of a function, and which of them are static."""

    def __init__(
        self,
        f: Function,
        in_axes: Axes = None,
        static_argnums: int | Sequence[int] = (),
        static_argnames: str | Sequence[str] = (),
    ):
        self.f, self.in_axes, self.signature = f, in_axes, _signature(f)
        known = list(self.signature.parameters.values()) if self.signature else []
        self.by_name = {p.name: p for p in known}
        self.placed = [p.name for p in known if p.kind in PLACED]
        parameter_kinds = [p.kind for p in known]
        self.more_places = self.signature is None or Parameter.VAR_POSITIONAL in parameter_kinds
        self.more_names = self.signature is None or Parameter.VAR_KEYWORD in parameter_kinds
        self.static_places = {self._place(k) for k in _several(static_argnums, int)}
        self.static_names = {self._named(name, "static_argnames") for name in _several(static_argnames, str)}
        for name in in_axes if isinstance(in_axes, Mapping) else ():
            self._named(name, "in_axes")
        self._orders: dict[tuple[int | str, ...], tuple[Names, Names]] = {}
        self._forms: dict[tuple[int, Names, str, Argnums], CallSignature] = {}

    @property
    def all_static_places(self) -> set[int]:
        """Of the parameters that are static by their place or by their name."""
        return self.static_places | {k for k, name in enumerate(self.placed) if name in self.static_names}

    def _place(self, k: object) -> int:
        count = len(self.placed)
        if isinstance(k, bool) or not hasattr(k, "__index__"):
            raise TypeError(f"compile: static_argnums must be a place or several, got {describe(k)}")
        place = operator.index(k)
        if not -count <= place < count and (place < 0 or not self.more_places):
            raise ValueError(f"compile: static_argnums has place {place}, but {name_of(self.f)} has {self._all_names()}")
        return place % count if place < 0 else place

    def _named(self, name: object, option: str) -> str:
        if not isinstance(name, str):
            raise TypeError(f"compile: {option} must be a name or several, got {describe(name)}")
        if name not in self.by_name and not self.more_names:
            raise ValueError(f"compile: {option} names {name!r}, but {name_of(self.f)} has {self._all_names()}")
        return name

    def _all_names(self) -> str:
        return f"the parameters {', '.join(self.by_name)}" if self.by_name else "no parameters"

    def bind(
        self, args: tuple[object, ...], kwargs: Mapping[str, object], transform: str = ""
    ) -> tuple[tuple[object, ...], Names]:
        """All arguments in order, and the names of the last, those that have no place: keyword-only ones, or after a gap."""
        if transform in FORMS:  # its directions have places too
            return (*args, *kwargs.values()), tuple(kwargs)
        given: tuple[int | str, ...] = (len(args), *kwargs)
        order = self._orders.get(given)
        if order is None:
            order = self._orders[given] = self._order(args, kwargs)
        placed, keywords = order
        return (*args, *[kwargs[name] for name in placed], *[kwargs[name] for name in keywords]), keywords

    def _order(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> tuple[Names, Names]:
        if self.signature is None:
            return (), tuple(kwargs)
        try:
            self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"compile: {name_of(self.f)}(): {error}") from None
        by_keyword = [name for name in self.placed if self.by_name[name].kind is Parameter.POSITIONAL_OR_KEYWORD]
        placed = tuple(takewhile(kwargs.__contains__, [name for name in self.placed[len(args) :] if name in by_keyword]))
        known_names = [name for name in self.by_name if name in kwargs]
        others = [name for name in kwargs if name not in self.by_name]
        return placed, tuple([name for name in [*known_names, *others] if name not in placed])

    def form(self, count: int, keywords: Names, transform: str = "", argnums: Argnums = 0) -> CallSignature:
        """What is known of calls with so many arguments, the last by these names."""
        key = count, keywords, transform, argnums
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = FORMS.get(transform, CallSignature)(self, count, keywords, argnums)
        return form

    def numbers(self) -> tuple[tuple[object, ...], Names]:
        """Arguments for all that needs one: 1."""
        needed = [p for p in self.by_name.values() if p.default is p.empty]
        keywords = tuple(p.name for p in needed if p.kind is Parameter.KEYWORD_ONLY)
        return (1.0,) * (len(keywords) + sum(p.kind in PLACED for p in needed)), keywords


class CallSignature:
    """What all calls have in common that give as many arguments by place, and the same ones by keyword."""

    def __init__(self, parameters: Parameters, count: int, keywords: Names, _: Argnums):
        self.parameters, self.keywords, self.count = parameters, keywords, count
        self.places = count - len(keywords)
        rest = [f"arg{k}" for k in range(self.places)]
        self.names = [*parameters.placed[: self.places], *rest[len(parameters.placed) :], *keywords]
        by_place = parameters.static_places
        self.static = {
            k
            for k, name in enumerate(self.names)
            if name in parameters.static_names or (k in by_place if k < self.places else self._place_of(name) in by_place)
        }
        self.axes = self._axes(parameters.in_axes)

    def _place_of(self, name: str) -> int | None:
        placed = self.parameters.placed
        return placed.index(name) if name in placed else None

    def marked(self, args: tuple[object, ...]) -> tuple[object, ...]:
        """The arguments, the static ones marked as such."""
        return tuple([Static(x) if k in self.static else x for k, x in enumerate(args)]) if self.static else args

    def holds_value(self, args: tuple[object, ...]) -> bool:
        """Whether one of these arguments holds a Value; NestingError, by name, where it is nested too deep to look."""
        try:
            return holds_value(args)
        except NestingError:
            raise deep_argument(zip(self.names, args, strict=True), "compile") from None

    def function(self) -> Function:
        """f, taking all arguments by place."""
        f, keywords = self.parameters.f, self.keywords
        if not keywords:
            return f

        @wraps(f, updated=())
        def call(*args: object) -> Any:
            places = len(args) - len(keywords)
            return f(*args[:places], **dict(zip(keywords, args[places:], strict=True)))

        call.__name__ = name_of(f)
        return call

    def chosen(self, argnums: Argnums) -> int | tuple[int, ...]:
        """The indices of the arguments that ``argnums`` names; ValueError for those that aren't given."""
        if isinstance(argnums, int | str):
            return self._index(argnums)
        return tuple([self._index(argnum) for argnum in argnums])

    def _index(self, argnum: Argnum) -> int:
        if isinstance(argnum, str):
            if argnum in self.names:
                return self.names.index(argnum)
        elif -self.places <= argnum < self.places:
            return argnum % self.places
        if not self.count:
            raise ValueError(f"compile: {name_of(self.parameters.f)} has no arguments to differentiate by")
        by_place = f" from 0 to {self.places - 1}" if self.places else ""
        raise ValueError(
            f"compile: argnums must name arguments{by_place}, or by name {', '.join(self.names)}, got {argnum!r}"
        )

    def _axes(self, in_axes: Axes) -> list[Axes]:
        """The axes of each argument; ValueError where they aren't as many as the arguments, or a static one has any."""
        axes = self._given_axes(in_axes)
        for k in self.static:
            if axes[k] is not None and not isinstance(in_axes, int):
                raise ValueError(f"compile: {self.names[k]} is static, so its in_axes must be None, got {axes[k]!r}")
        return [None if k in self.static else axis for k, axis in enumerate(axes)]

    def _given_axes(self, in_axes: Axes) -> list[Axes]:
        if in_axes is None or isinstance(in_axes, int):
            return [in_axes] * self.count
        if isinstance(in_axes, Mapping):
            return [in_axes.get(name) for name in self.names]
        known = [p for p in self.parameters.by_name.values() if p.kind in PLACED or p.kind is Parameter.KEYWORD_ONLY]
        order = [p.name for p in known]
        indices = [*range(self.places), *[order.index(name) if name in order else len(in_axes) for name in self.keywords]]
        left_out = [p for p in known[self.places : len(in_axes)] if p.name not in self.keywords]
        surplus = len(in_axes) > max(len(known), self.places) or any(p.default is p.empty for p in left_out)
        if surplus or any(k >= len(in_axes) for k in indices):
            raise ValueError(
                f"compile: in_axes has {len(in_axes)} entries for {self.count} arguments; give one for each, "
                "or a dict by their names"
            )
        return [in_axes[k] for k in indices]


class HvpSignature(CallSignature):
    """The same with v, which is like the arguments that are differentiated by, between those by place and by keyword."""

    def __init__(self, parameters: Parameters, count: int, keywords: Names, argnums: Argnums):
        super().__init__(parameters, count - 1, keywords, argnums)
        chosen, at = self.chosen(argnums), self.places
        of_v = self.axes[chosen] if isinstance(chosen, int) else tuple([self.axes[k] for k in chosen])
        self.names[at:at], self.axes[at:at] = ["v"], [of_v]
        self.static = {k + (k >= at) for k in self.static}


class JvpSignature(CallSignature):
    """The same with the tangents between the primals, those by place, and what is given by keyword."""

    def __init__(self, parameters: Parameters, count: int, keywords: Names, argnums: Argnums):
        places = (count - len(keywords)) // 2
        super().__init__(parameters, places + len(keywords), keywords, argnums)
        self.names[places:places] = [f"d{name}" for name in self.names[:places]]
        self.axes[places:places] = self.axes[:places]
        self.static = {k if k < places else k + places for k in self.static}


class ColouredSignature(CallSignature):
    """The same with seeds behind all arguments, of which each lane has its own."""

    def __init__(self, parameters: Parameters, count: int, keywords: Names, argnums: Argnums):
        super().__init__(parameters, count - 1, keywords, argnums)
        self.names.append("seeds")
        self.axes.append(0)


FORMS: Mapping[str, type[CallSignature]] = {
    **dict.fromkeys(("hvp", "hvp with has_aux"), HvpSignature),
    **dict.fromkeys(("jvp", "jvp with has_aux"), JvpSignature),
    **dict.fromkeys(("jvp in colours", "vjp in colours", "hvp in colours"), ColouredSignature),
}


def check_options(in_axes: object, reduce: object, counts: Mapping[str, object]) -> None:
    """Raise where an option is none."""
    if not (in_axes is None or isinstance(in_axes, int | tuple | list | Mapping)):
        raise TypeError(
            "compile: in_axes must be None, an int or a tuple with an entry for each argument, or a dict by their names, "
            f"got {describe(in_axes)}"
        )
    if reduce not in (None, "sum", "mean"):
        raise ValueError(f"compile: reduce must be None, 'sum' or 'mean', got {reduce!r}")
    for name, number in counts.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError(f"compile: {name} must be an int of at least 1, got {number!r}")


def as_argnums(argnums: object) -> Argnums:
    """Places and names of arguments as one, or as a tuple; ValueError for anything else."""
    several = isinstance(argnums, list | tuple)
    chosen: Iterable[Any] = tuple(argnums) if isinstance(argnums, list | tuple) else (argnums,)
    if any(isinstance(k, bool | Value) or not (isinstance(k, str) or hasattr(k, "__index__")) for k in chosen):
        raise ValueError(f"compile: argnums must be a place, a name or a tuple of them, got {describe(argnums)}")
    found = tuple([k if isinstance(k, str) else operator.index(k) for k in chosen])
    return found if several else found[0]


def options_of_method(
    parameters: Parameters, static_argnums: int | Sequence[int], static_argnames: str | Sequence[str]
) -> tuple[Axes, Any, Any]:
    """Axes, static places and static names of a method, whose function takes the object first."""
    first, axes = parameters.placed[:1], parameters.in_axes
    if isinstance(axes, Mapping):
        axes = {name: axis for name, axis in axes.items() if name not in first}
    elif isinstance(axes, list | tuple):
        axes = axes[1:]
    places: list[Any] = list(_several(static_argnums, int))
    names = [name for name in _several(static_argnames, str) if name not in first]
    return axes, [k - (k > 0) for k in places if k != 0], names  # a negative place counts from the end


def positional_and_named(args: tuple[object, ...], keywords: Names) -> tuple[tuple[object, ...], dict[str, object]]:
    """The arguments as they were given, where those of these names come last."""
    places = len(args) - len(keywords)
    return args[:places], dict(zip(keywords, args[places:], strict=True))


def _several(option: object, kind: type) -> Sequence[object]:
    return (
        [option] if isinstance(option, kind) or not isinstance(option, list | tuple | set | frozenset | range) else [*option]
    )


def _signature(f: Callable[..., object]) -> inspect.Signature | None:
    try:
        return inspect.signature(f)
    except (TypeError, ValueError):  # a builtin that doesn't say
        return None
