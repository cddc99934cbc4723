"""What the Tab key offers after ``autograd.``, ``nn.`` and a Value: public names, and no internals."""

from importlib import import_module
from rlcompleter import Completer
from types import ModuleType

import pytest

import autograd
import nn
from autograd import Value

LOADED = {"strategies"}  # modules that are offered
NAMES = {
    "autograd": {
        "Value",
        "abs",
        "compile",
        "draw",
        "explain",
        "exp",
        "grad",
        "max",
        "no_grad",
        "sum",
        "where",
        "__version__",
    },
    "autograd.compiler": {"Compiled", "Program", "TraceError", "compile", "load"},
    "autograd.drawing": {"LayoutError"},
    "autograd.testing": {"Report", "assert_derivative", "check_gradients", "strategies"},
    "autograd.testing.strategies": {"expressions", "floats_in", "floats_of", "points_of"},
    "nn": {"Adam", "DisagreementError", "History", "MLP", "SGD", "accuracy", "fit", "hinge", "predict"},
    "nn.plots": {"decision_boundary", "loss_curve"},
    "nn.testing": {"Problem", "mlps"},
}


def offered(text: str) -> set[str]:
    """What Python's own prompt offers after ``text``, which ends with a dot."""
    completer = Completer({"autograd": autograd, "nn": nn, "x": Value(2.0)})
    completions: list[str] = []
    while completion := completer.complete(text, len(completions)):
        completions.append(completion)
    return {completion.removeprefix(text).rstrip("()") for completion in completions}


@pytest.mark.parametrize("module", NAMES)
def test_a_module_offers_public_names_alone(module: str) -> None:
    names = offered(f"{module}.")
    assert names >= {name for name in NAMES[module] if not name.startswith("_")}
    assert not [name for name in names if name.startswith("_")]
    thing = import_module(module)
    assert {name for name in names if isinstance(getattr(thing, name), ModuleType)} <= LOADED
    assert set(dir(thing)) == {*names, *(name for name in dir(thing) if name == "__version__")}
    for name in set(dir(thing)) - {"__version__"}:  # ours: not what a module has imported for itself
        origin = getattr(getattr(thing, name), "__module__", module)
        assert origin.partition(".")[0] in ("autograd", "nn"), name


@pytest.mark.parametrize("module", NAMES)
def test_all_that_is_public_is_offered(module: str) -> None:
    thing = import_module(module)
    assert set(thing.__all__) <= set(dir(thing))
    assert all(hasattr(thing, name) for name in dir(thing))


def test_a_value_offers_what_has_documentation() -> None:
    names = offered("x.")
    assert {"backward", "data", "grad", "name", "op", "parents", "tanh", "relu"} <= names
    assert not [name for name in names if name.startswith("_")]
    slots = {"data", "name", "scope"}  # described in the docstring of the class
    assert [name for name in names - slots if not getattr(Value, name).__doc__] == []


def test_a_model_and_an_optimiser_offer_no_internals() -> None:
    model = nn.MLP(2, [1], seed=0)
    for thing in (model, nn.SGD(model.parameters()), nn.History(), autograd.compile(lambda x: x)):
        methods = {name for name in dir(type(thing)) if not name.startswith("_")}
        assert [
            name for name in methods if callable(getattr(type(thing), name)) and not getattr(type(thing), name).__doc__
        ] == []
