"""The settings of an optimiser, and groups of parameters that have some of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, overload

from autograd import Value
from autograd.interop.coerce import describe

T = TypeVar("T")


@dataclass
class Group:
    """Parameters and their settings; those named in ``own`` were given for this group alone."""

    parameters: list[Value]
    settings: dict[str, Any]
    own: frozenset[str]


class HasGroups(Protocol):
    """An optimiser."""

    groups: list[Group]


class Setting(Generic[T]):
    """A setting as an attribute of the optimiser: its first group's; set, that of every group that has none of its own.

    ``check(name, x)`` gives x as it is kept, or raises.
    """

    def __init__(self, check: Callable[[str, Any], T]):
        self.check = check

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, optimiser: None, owner: type) -> Setting[T]: ...
    @overload
    def __get__(self, optimiser: HasGroups, owner: type) -> T: ...
    def __get__(self, optimiser: HasGroups | None, owner: type) -> Setting[T] | T:
        if optimiser is None:
            return self
        found: T = optimiser.groups[0].settings[self.name]
        return found

    def __set__(self, optimiser: HasGroups, x: T) -> None:
        checked = self.check(self.name, x)
        for group in optimiser.groups:
            if self.name not in group.own:
                group.settings[self.name] = checked


Checks = dict[str, Callable[[str, Any], Any]]


def settings_of(kind: type) -> Checks:
    """The checks of all settings that a kind of optimiser has, by name."""
    found = {name: x.check for each in reversed(kind.__mro__) for name, x in vars(each).items() if isinstance(x, Setting)}
    return found


def groups_of(parameters: Iterable[Any], settings: Mapping[str, Any], checks: Checks) -> list[Group]:
    """The groups, from a list of Values or of dicts; ``settings`` are those of groups without their own."""
    if not isinstance(parameters, Iterable):
        raise TypeError(f"parameters must be a list of Values, got {describe(parameters)}: write model.parameters()")
    given = list(parameters)
    each = given if given and all(isinstance(x, Mapping) for x in given) else [{"params": given}]
    common = {name: checks[name](name, x) for name, x in settings.items()}
    groups = [_group(dict(one), common, checks) for one in each]
    seen: set[int] = set()
    for group in groups:
        if seen & set(map(id, group.parameters)):
            raise ValueError("a parameter is in several groups: each parameter has one learning rate")
        seen |= set(map(id, group.parameters))
    return groups


def _group(given: dict[str, Any], common: Mapping[str, Any], checks: Checks) -> Group:
    name = "params" if "params" in given else "parameters"
    if name not in given:
        raise ValueError(f"a group of parameters has 'params', got {', '.join(map(str, given)) or 'nothing'}")
    leaves = leaves_of(given.pop(name))
    unknown = given.keys() - common.keys()
    if unknown:
        raise TypeError(f"unknown setting {min(unknown)!r} of a group; known are {', '.join(common)}")
    return Group(leaves, {**common, **{key: checks[key](key, x) for key, x in given.items()}}, frozenset(given))


def leaves_of(parameters: Iterable[Value]) -> list[Value]:
    """The parameters, each once."""
    if not isinstance(parameters, Iterable):
        raise TypeError(f"parameters must be a list of Values, got {describe(parameters)}: write model.parameters()")
    leaves = list({id(p): p for p in parameters}.values())
    for parameter in leaves:
        if not isinstance(parameter, Value):
            raise TypeError(f"parameters must be Values, got {parameter!r:.60}: write model.parameters()")
        if parameter.op is not None:
            raise ValueError(f"only leaves can be trained, and {parameter!r} is the result of {parameter.op!r}")
    if not leaves:
        raise ValueError("there are no parameters to optimise")
    return leaves
