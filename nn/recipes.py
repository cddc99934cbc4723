"""How what ``nn.save`` writes down is built anew: a class of nn and the arguments of its constructor, never code.

>>> import nn
>>> recipe = recipe_of(nn.MLP(2, [3, 1], "tanh", seed=0))
>>> recipe["class"], recipe["arguments"]
('MLP', {'nin': 2, 'nouts': [3, 1], 'activation': 'tanh', 'bias': True, 'spelled_out': False})
>>> built(recipe, 13)
MLP(2 → 3 tanh → 1 linear; 13 parameters)

``MODULES`` has for each class two functions: one reads the arguments off a module, the other builds it with weights that an
initialiser draws. What a file names is looked up there alone. Modules in modules are recipes among the arguments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any, NamedTuple, TypeAlias

from autograd import Value, log_softmax, softmax
from nn.embedding import Embedding
from nn.layers import MLP, Layer
from nn.module import Module
from nn.neuron import Neuron
from nn.noise import Dropout, Noise
from nn.schedules import SCHEDULES
from nn.sequential import Sequential, flatten

Arguments: TypeAlias = dict[str, Any]
Recipe: TypeAlias = Mapping[str, Any]  # "class" and "arguments"


class Kind(NamedTuple):
    """The arguments that a module was made with, and a module made with them."""

    arguments: Callable[[Any], Arguments]
    build: Callable[..., Module]


def recipe_of(module: Module) -> Recipe | None:
    """Class and arguments that make such a module; None where it isn't one of nn's, or was changed since it was made."""
    met, size = list[Value](), len(module.parameters())
    try:
        recipe = _recipe(module)
        alike = _same(module, _twin(json.dumps(recipe), size), met)
    except (AttributeError, KeyError, TypeError, ValueError):  # an activation of one's own, say
        return None
    return recipe if alike and len(met) == size else None  # more would be shared ones


@lru_cache(maxsize=4)  # a digits net takes 6 ms to build, more than all else of a checkpoint after every epoch
def _twin(recipe: str, size: int) -> Module:
    """A module to compare others with; it is never changed."""
    return built(json.loads(recipe), size)


def _recipe(module: Module) -> Recipe:
    name = type(module).__name__
    if type(module).__module__.partition(".")[0] != "nn":
        raise KeyError(name)
    return {"class": name, "arguments": MODULES[name].arguments(module)}


def built(recipe: Recipe, size: int) -> Module:
    """The module of a recipe. Raises ValueError where it has more than ``size`` weights, before they take memory."""
    weights = iter(range(size))

    def weight(*_: object) -> float:
        if next(weights, None) is None:
            raise ValueError(f"a {recipe['class']} with more than {size} weights")
        return 0.0

    return _built(recipe, weight)


def _built(recipe: Recipe, initialiser: Callable[..., float]) -> Module:
    return MODULES[recipe["class"]].build(**recipe["arguments"], initialiser=initialiser)


def _same(a: Any, b: Any, met: list[Value]) -> bool:
    """Whether two modules are made alike, whatever their numbers; ``met`` gets a's Values as often as they are met."""
    if isinstance(a, Value):
        met.append(a)
        return isinstance(b, Value)
    if type(a) is not type(b):
        return False
    if isinstance(a, Module):
        return _same(vars(a), vars(b), met)
    if isinstance(a, dict):
        return list(a) == list(b) and all(_same(a[key], b[key], met) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same, a, b, repeat(met)))
    return bool(a is b or a == b)


# -- nn's classes ------------------------------------------------------------------------------


def _options(neuron: Neuron) -> Arguments:
    return {"activation": neuron.activation, "bias": neuron.b is not None, "spelled_out": neuron.spelled_out}


def _of_neuron(neuron: Neuron) -> Arguments:
    return {"nin": neuron.nin, **_options(neuron)}


def _of_layer(layer: Layer) -> Arguments:
    return {"nin": layer.nin, "nout": len(layer.neurons), **_options(layer.neurons[0])}


def _of_mlp(model: MLP) -> Arguments:
    widths = [len(layer.neurons) for layer in model.layers]
    activations = [layer.neurons[0].activation for layer in model.layers]
    usual = activations == [*activations[:1] * (len(widths) - 1), "linear"]  # as of one name for all that are hidden
    arguments = {"nin": model.nin, "nouts": widths, **_options(model.layers[0].neurons[0])}
    return arguments if usual else {**arguments, "activation": activations}


def _of_embedding(embedding: Embedding) -> Arguments:
    return {"n": len(embedding.rows), "dim": len(embedding.rows[0])}


def _of_sequential(model: Sequential) -> Arguments:
    """Recipes of the modules, names of the functions that are nn's and autograd's."""
    return {"parts": [_recipe(x) if isinstance(x, Module) else _FUNCTION_NAMES[x] for x in model.parts]}


def _sequential(parts: list[Recipe | str], initialiser: Callable[..., float]) -> Sequential:
    return Sequential(*[FUNCTIONS[x] if isinstance(x, str) else _built(x, initialiser) for x in parts])


def _without_weights(kind: type[Module]) -> Callable[..., Module]:
    """What builds a module without weights."""
    return lambda initialiser, **arguments: kind(**arguments)  # noqa: ARG005


FUNCTIONS: dict[str, Callable[..., Any]] = {"flatten": flatten, "log_softmax": log_softmax, "softmax": softmax}
_FUNCTION_NAMES = {function: name for name, function in FUNCTIONS.items()}
MODULES: dict[str, Kind] = {
    "Dropout": Kind(lambda dropout: {"p": dropout.p}, _without_weights(Dropout)),
    "Embedding": Kind(_of_embedding, Embedding),
    "Layer": Kind(_of_layer, Layer),
    "MLP": Kind(_of_mlp, MLP),
    "Neuron": Kind(_of_neuron, Neuron),
    "Noise": Kind(lambda noise: {"deviation": noise.deviation}, _without_weights(Noise)),
    "Sequential": Kind(_of_sequential, _sequential),
}


# -- schedules ---------------------------------------------------------------------------------


def schedule_recipe(schedule: object) -> Recipe | None:
    """Class and arguments of a schedule, which may hold another; None where one of them isn't nn's.

    >>> from nn.schedules import Exponential, Warmup
    >>> schedule_recipe(Exponential(0.1, gamma=0.5))
    {'class': 'Exponential', 'arguments': {'lr': 0.1, 'gamma': 0.5}}
    >>> schedule_recipe(Warmup(lambda step: 0.1, steps=10)) is None
    True
    """
    if SCHEDULES.get(type(schedule).__name__) is not type(schedule) or not is_dataclass(schedule):
        return None
    arguments = {field.name: getattr(schedule, field.name) for field in fields(schedule) if field.init}
    recipes = {name: schedule_recipe(x) if callable(x) else x for name, x in arguments.items()}
    if None in [recipes[name] for name, x in arguments.items() if callable(x)]:
        return None
    return {"class": type(schedule).__name__, "arguments": recipes}


def built_schedule(recipe: Recipe) -> Any:
    """The schedule of a recipe.

    >>> from nn.schedules import Exponential, Warmup
    >>> built_schedule(schedule_recipe(Warmup(Exponential(0.1, gamma=0.5), steps=10)))
    Warmup(then=Exponential(lr=0.1, gamma=0.5), steps=10, start_factor=0.3333333333333333)
    """
    arguments = {name: built_schedule(x) if isinstance(x, dict) else x for name, x in recipe["arguments"].items()}
    return SCHEDULES[recipe["class"]](**arguments)
