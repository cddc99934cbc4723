"""A model, or what holds one, with other Values as its parameters: for tracing, and for models at other numbers.

>>> import nn
>>> model = nn.Neuron(1, "linear", seed=0)
>>> penalty = lambda: sum(p * p for p in model.parameters())
>>> twin = with_parameters(penalty, model.parameters(), [Value(3.0), Value(4.0)])
>>> twin().data
25.0
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from types import CellType, FunctionType, ModuleType
from typing import Any, TypeVar

from autograd import Value
from autograd.interop.coerce import holds_objects
from nn.freezing import frozen_among, unfreeze

Thing = TypeVar("Thing")


def with_parameters(thing: Thing, parameters: Sequence[Value], others: Sequence[Value]) -> Thing:
    """A copy of a model, or of what holds one, with other Values as its parameters.

    Of a function a twin is made whose closure and globals have the copies: a penalty on the weights of ``model`` is one on
    those of the copy.
    """
    memo: dict[int, Any] = {id(parameter): x for parameter, x in zip(parameters, others, strict=True)}
    frozen = set(map(id, frozen_among(others)))
    twin: Thing = _copied(thing, memo, set(memo))
    unfreeze(x for x in others if id(x) not in frozen)  # the others are somebody's own: they stay as they are
    return twin


def _copied(thing: Any, memo: dict[int, Any], ours: set[int]) -> Any:
    if id(thing) in memo:
        return memo[id(thing)]
    if isinstance(thing, FunctionType):
        return _function(thing, memo, ours)
    if type(thing) in (tuple, list):
        return type(thing)([_copied(each, memo, ours) for each in thing])
    if isinstance(thing, tuple) and hasattr(thing, "_fields"):
        return type(thing)(*[_copied(each, memo, ours) for each in thing])
    return deepcopy(thing, memo)


def _function(function: FunctionType, memo: dict[int, Any], ours: set[int]) -> FunctionType:
    """A function as it is, or a twin if something that it reads holds parameters."""
    memo[id(function)] = function  # one that reads itself
    names = set(function.__code__.co_names) & function.__globals__.keys()
    outside = {name: function.__globals__[name] for name in names}
    cells = [_content(cell) for cell in function.__closure__ or ()]
    read = [*outside.values(), *cells, *(function.__defaults__ or ())]
    if not any(_holds(each, ours, set()) for each in read):
        return function
    scope = {**function.__globals__, **{name: _changed(x, memo, ours) for name, x in outside.items()}}
    closure = tuple([CellType(_changed(content, memo, ours)) for content in cells])
    defaults = tuple([_changed(x, memo, ours) for x in function.__defaults__ or ()])
    twin = FunctionType(function.__code__, scope, function.__name__, defaults or None, closure or None)
    twin.__kwdefaults__ = function.__kwdefaults__
    memo[id(function)] = twin
    return twin


def _changed(thing: Any, memo: dict[int, Any], ours: set[int]) -> Any:
    """A copy of what holds parameters; anything else itself."""
    return _copied(thing, memo, ours) if _holds(thing, ours, set()) else thing


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not given yet
        return None


def _holds(thing: Any, ours: set[int], seen: set[int]) -> bool:
    """Whether one of the parameters is found in a thing: in models, containers, functions and methods."""
    if id(thing) in ours:
        return True
    if id(thing) in seen or isinstance(thing, ModuleType | type | str | int | float | None):
        return False
    seen.add(id(thing))
    if hasattr(thing, "named_parameters"):  # an nn.Module
        return any(_holds(each, ours, seen) for each in vars(thing).values())
    if isinstance(thing, list | tuple | set | frozenset):
        return any(_holds(each, ours, seen) for each in thing)
    if holds_objects(thing):
        return any(_holds(each, ours, seen) for each in thing.ravel().tolist())
    if isinstance(thing, dict):
        return any(_holds(each, ours, seen) for each in thing.values())
    if isinstance(thing, FunctionType):
        names = set(thing.__code__.co_names) & thing.__globals__.keys()
        inside = [*(thing.__globals__[name] for name in names), *map(_content, thing.__closure__ or ())]
        return any(_holds(each, ours, seen) for each in [*inside, *(thing.__defaults__ or ())])
    owner = getattr(thing, "__self__", None)
    return owner is not None and _holds(owner, ours, seen)
