"""The parts of a checkpoint: how each is written as a tree of JSON and arrays, and how it is made of that again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from inspect import isfunction
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from autograd import Value
from autograd.interop.coerce import describe
from nn.arguments import function_name
from nn.freezing import frozen_among
from nn.history import History
from nn.module import Module
from nn.optimiser import Optimiser
from nn.optimisers import OPTIMISERS
from nn.parameter_rows import from_tensors, to_tensors
from nn.recipes import built, built_schedule, recipe_of, schedule_recipe
from nn.scaler import Scaler
from nn.state_trees import decoded, encoded
from nn.tensor_file import CheckpointError, Tensor

Scalers: TypeAlias = Scaler | Sequence[Scaler] | None
Tensors: TypeAlias = dict[str, Tensor]
Tree: TypeAlias = Mapping[str, Any]

MODEL = "model."  # what stands before the names of the model's parameters


class AbsentError(CheckpointError):
    """A part is of a class that only the user can build, and none was given."""

    def __init__(self, what: str, kind: str):
        super().__init__(
            f"the file's {what} is a {kind}, which nn can't build by itself: build one as it was before and load into that, "
            f"nn.load(path, {what}=…)"
        )


class Part(NamedTuple):
    """``write(part, model, tensors)`` gives a tree, ``read(tree, tensors, model, given)`` the part of it."""

    write: Callable[[Any, Module, Tensors], Tree]
    read: Callable[[Tree | None, Tensors, Module, Any], Any]


# -- the model ---------------------------------------------------------------------------------


def model_tree(model: Module, tensors: Tensors) -> Tree:
    """What the model is, and which parameters are frozen; its numbers go to ``tensors``.

    Raises ValueError where one isn't finite.
    """
    named = model.named_parameters()
    state, parameters = {name: parameter.data for name, parameter in named}, [parameter for _, parameter in named]
    for name, number in state.items():
        if not math.isfinite(number):
            raise ValueError(f"save: the parameter {name} is {number!r}, and no training goes on from that")
    tensors.update({MODEL + name: tensor for name, tensor in to_tensors(state).items()})
    frozen = set(map(id, frozen_among(parameters)))
    places = [i for i, parameter in enumerate(parameters) if id(parameter) in frozen]
    tree = {"kind": type(model).__name__, "shown": str(model)[:200], "recipe": recipe_of(model)}
    return {**tree, "frozen": runs_of(places)}


def model_of(tree: Tree, tensors: Tensors, given: Module | None) -> tuple[Module, dict[str, float]]:
    """The model, which doesn't have its numbers yet, and these."""
    own = {name.removeprefix(MODEL): tensor for name, tensor in tensors.items() if name.startswith(MODEL)}
    state = from_tensors(own)
    if given is None and tree["recipe"] is None:
        raise AbsentError("model", tree["kind"])
    model = built(tree["recipe"], len(state)) if given is None else given
    _assert_fits(model, state, tree["shown"])
    if given is not None and None not in (recipes := (tree["recipe"], recipe_of(given))) and recipes[0] != recipes[1]:
        raise CheckpointError(
            f"its parameters are called alike, but the file's model is {tree['shown']!s:.200}, this one {given!s:.200}; for "
            "its numbers alone write model.load_state_dict(nn.load(path).state_dict())"
        )
    return model, state


def _assert_fits(model: Module, state: Mapping[str, float], shown: str) -> None:
    """Raise CheckpointError where the model hasn't just these parameters, or a number isn't finite."""
    names = dict(model.named_parameters())
    surplus, missing = [name for name in state if name not in names], [name for name in names if name not in state]
    said = [_which("the file has", surplus, "this model hasn't"), _which("this model has", missing, "the file hasn't")]
    if surplus or missing:
        raise CheckpointError(
            f"{' and '.join(filter(None, said))}: the file's model is {shown!s:.200}, this one {model!s:.200}"
        )
    for name, number in state.items():
        if not math.isfinite(number):
            raise CheckpointError(f"the parameter {name} is {number!r} in it")


def _which(start: str, names: Sequence[str], end: str) -> str:
    more = f" and {len(names) - 1} more" * (len(names) > 1)
    return f"{start} {names[0]}{more}, which {end}" if names else ""


# -- the optimiser -----------------------------------------------------------------------------


def _optimiser_tree(optimiser: Any, model: Module, tensors: Tensors) -> Tree:
    """Kind and state; of its groups, which of the model's parameters they have and which settings of their own."""
    if not isinstance(optimiser, Optimiser):
        raise TypeError(f"save: optimiser must be one such as nn.Adam(model.parameters()), got {describe(optimiser)}")
    runs = _runs(optimiser, model)
    if runs is None:
        raise ValueError("save: the optimiser has parameters that the model hasn't: build it from model.parameters()")
    groups = [{"parameters": each, "own": sorted(group.own)} for each, group in zip(runs, optimiser.groups, strict=True)]
    known = type(optimiser) in OPTIMISERS.values()
    state = encoded(optimiser.state_dict(), "optimiser", tensors)
    return {"kind": type(optimiser).__name__, "known": known, "groups": groups, "state": state}


def _runs(optimiser: Optimiser, model: Module) -> list[list[list[int]]] | None:
    """Which of the model's parameters each group has; None where it has others."""
    place = {id(parameter): i for i, parameter in enumerate(model.parameters())}
    if not all(id(parameter) in place for parameter in optimiser.parameters):
        return None
    return [runs_of([place[id(parameter)] for parameter in group.parameters]) for group in optimiser.groups]


def _optimiser_of(tree: Tree | None, tensors: Tensors, model: Module, given: Any) -> Optimiser | None:
    if tree is None:
        _assert_none("optimiser", given)
        return None
    state = decoded(tree["state"], tensors)
    if given is None and not tree["known"]:
        raise AbsentError("optimiser", tree["kind"])
    optimiser: Optimiser = _built_optimiser(tree, state, model) if given is None else given
    try:
        optimiser.load_state_dict(state)
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"its optimiser, {tree['kind']}, doesn't fit {optimiser}: {error}") from None
    if _runs(optimiser, model) != [group["parameters"] for group in tree["groups"]]:
        raise CheckpointError(
            f"{optimiser} doesn't have the same parameters of the model, in the same order, as the file's: build it from "
            "those of the model that you load into, nn.load(path, model, optimiser)"
        )
    return optimiser


def _built_optimiser(tree: Tree, state: Mapping[str, Any], model: Module) -> Optimiser:
    """An optimiser of that kind, with groups of these parameters."""
    parameters = model.parameters()
    settings, groups = dict[str, Any](), list[dict[str, Any]]()
    among(parameters, [run for group in tree["groups"] for run in group["parameters"]])  # each in one group
    for group, known in zip(tree["groups"], state["groups"], strict=True):
        own = {name: known[name] for name in group["own"]}
        settings = {**{name: x for name, x in known.items() if name not in own and name != "size"}, **settings}
        groups.append({"params": among(parameters, group["parameters"]), **own})
    kinds: dict[str, Any] = {kind.__name__: kind for kind in OPTIMISERS.values()}
    optimiser: Optimiser = kinds[tree["kind"]](groups, **settings)
    return optimiser


def runs_of(places: Sequence[int]) -> list[list[int]]:
    """Whole numbers as runs, of start and length.

    >>> runs_of([0, 1, 2, 7, 8])
    [[0, 3], [7, 2]]
    """
    starts = [i for i, place in enumerate(places) if i == 0 or place != places[i - 1] + 1]
    return [[places[start], stop - start] for start, stop in pairwise([*starts, len(places)])]


def among(parameters: Sequence[Value], runs: Sequence[Sequence[int]]) -> list[Value]:
    """The parameters at the places of these runs. Raises ValueError where they are more than there are."""
    if any(length < 1 for _, length in runs) or sum(length for _, length in runs) > len(parameters):
        raise ValueError(f"{len(parameters)} parameters, and runs of more")
    return [parameter for start, length in runs for parameter in parameters[start : start + length]]


def _assert_none(what: str, given: object) -> None:
    if given is not None:
        raise CheckpointError(f"there is no {what} in it, and {describe(given)} was to be loaded")


# -- schedule, history, scaler -----------------------------------------------------------------


def _schedule_tree(schedule: Any, _: Module, tensors: Tensors) -> Tree:
    if not callable(schedule):
        raise TypeError(f"save: schedule must be a function step -> lr, got {describe(schedule)}")
    state = schedule.state_dict() if hasattr(schedule, "state_dict") else None
    tree = {"kind": function_name(schedule) if isfunction(schedule) else type(schedule).__name__}
    return {**tree, "recipe": schedule_recipe(schedule), "state": encoded(state, "schedule", tensors)}


def _schedule_of(tree: Tree | None, tensors: Tensors, _: Module, given: Any) -> Any:
    if tree is None:
        _assert_none("schedule", given)
        return None
    if given is None and tree["recipe"] is None:
        raise AbsentError("schedule", tree["kind"])
    schedule = built_schedule(tree["recipe"]) if given is None else given
    state = decoded(tree["state"], tensors)
    if state is not None:
        schedule.load_state_dict(state)
    return schedule


def _history_tree(history: Any, _: Module, tensors: Tensors) -> Tree:
    if not isinstance(history, History):
        raise TypeError(f"save: history must be what nn.fit returns, got {describe(history)}")
    tree: Tree = encoded(asdict(history), "history", tensors)
    return tree


def _history_of(tree: Tree | None, tensors: Tensors, *_: object) -> History | None:
    return None if tree is None else History(**decoded(tree, tensors))


def _scaler_tree(scaler: Any, _: Module, tensors: Tensors) -> Tree:
    scalers = [scaler] if isinstance(scaler, Scaler) else scaler
    if not isinstance(scalers, list | tuple) or not all(isinstance(each, Scaler) for each in scalers):
        raise TypeError(f"save: scaler must be an nn.Scaler, or a pair of them, got {describe(scaler)}")
    for each in scalers:
        each.check_columns("save")
    states = [encoded(each.to_dict(), f"scaler.{i}", tensors) for i, each in enumerate(scalers)]
    return {"single": scaler is not scalers, "states": states}


def _scaler_of(tree: Tree | None, tensors: Tensors, *_: object) -> Scaler | tuple[Scaler, ...] | None:
    if tree is None:
        return None
    scalers = tuple([Scaler.from_dict(decoded(state, tensors)) for state in tree["states"]])
    return scalers[0] if tree["single"] else scalers


PARTS: dict[str, Part] = {
    "optimiser": Part(_optimiser_tree, _optimiser_of),
    "schedule": Part(_schedule_tree, _schedule_of),
    "history": Part(_history_tree, _history_of),
    "scaler": Part(_scaler_tree, _scaler_of),
}
