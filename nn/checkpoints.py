"""Checkpoints: a model and what its training needs to go on, in one file that holds numbers and no code.

>>> import nn, tempfile
>>> model = nn.MLP(2, [3, 1], seed=0)
>>> path = save(f"{tempfile.mkdtemp()}/xor.safetensors", model, optimiser=nn.Adam(model.parameters(), lr=0.01))
>>> checkpoint = load(path)
>>> checkpoint.model, checkpoint.optimiser
(MLP(2 → 3 relu → 1 linear; 13 parameters), Adam(13 parameters, lr=0.01))
>>> checkpoint([1.0, 2.0]).data == model([1.0, 2.0]).data
True

The file has the format of safetensors, see ``nn.tensor_file``: parameters and other long rows of numbers lie in it as raw
float64, the rest in its JSON header. A digest covers every byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from autograd import Value
from autograd.interop.coerce import describe
from autograd.interop.files import write_atomically
from nn.checkpoint_parts import PARTS, AbsentError, Scalers, Tensors, Tree, among, model_of, model_tree
from nn.freezing import freeze
from nn.history import History
from nn.module import Module
from nn.optimiser import Optimiser
from nn.tensor_file import CheckpointError, packed, unpacked

# What may go wrong where a header is none that ``save`` has written.
MALFORMED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class Checkpoint(Module):
    """What a file holds: ``model``, ``optimiser``, ``schedule``, ``history``, ``scaler``, each None where there was none.

    It is a module itself and stands for its model: called, trained, or asked for ``parameters()`` or ``layers``, it is
    the model that answers. Asked for an optimiser or a schedule that the file can't build, it raises CheckpointError.
    """

    def __init__(
        self,
        model: Module,
        optimiser: Any = None,
        schedule: Any = None,
        history: Any = None,
        scaler: Any = None,
    ):
        self.model, self.optimiser, self.schedule = model, optimiser, schedule
        self.history, self.scaler = history, scaler
        self._absent: dict[str, str] = {}  # what is in the file and can't be built, and what to do

    def __call__(self, x: Any) -> Any:
        """The model's output for x."""
        return self.model(x)

    def parameters(self) -> list[Value]:
        """The model's parameters."""
        return self.model.parameters()

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The model's parameters with their names there."""
        return self.model.named_parameters()

    def __getattr__(self, name: str) -> Any:
        absent = vars(self).get("_absent", {})
        if name in absent:
            raise CheckpointError(absent[name])
        if name.startswith("__") or "model" not in vars(self):
            raise AttributeError(f"a checkpoint has no {name!r}")
        return getattr(self.model, name)

    def forget(self, absent: Mapping[str, str]) -> None:
        """Raise CheckpointError with these messages where these attributes are asked for."""
        self._absent = dict(absent)
        for name in absent:
            delattr(self, name)

    def __repr__(self) -> str:
        parts = [f"{name}={part!r}" for name, part in vars(self).items() if name[0] != "_" and part is not None]
        return f"Checkpoint({', '.join(parts)})"


def save(
    path: str | PathLike[str],
    model: Module,
    optimiser: Optimiser | None = None,
    schedule: Any = None,
    history: History | None = None,
    scaler: Scalers = None,
) -> Path:
    """Write a model to a file, and what its training needs to go on; gives the path. ``nn.load(path)`` reads it.

    >>> import nn, tempfile
    >>> model, scaler = nn.MLP(1, [4, 1], "tanh", seed=0), nn.Scaler().fit([[1.0], [3.0]])
    >>> path = save(f"{tempfile.mkdtemp()}/line.safetensors", model, scaler=scaler)
    >>> load(path).scaler.apply([[5.0]])
    [[3.0]]

    path:      where to; what stood there before is replaced, whole or not at all.
    model:     any ``nn.Module``; its parameters are kept by their names. A class of nn's own is built again by
               ``nn.load(path)``, of your own you give an instance: ``nn.load(path, model=Net())``.
    optimiser: of the model's parameters: its settings, groups, memories and how many steps and epochs it has done.
    schedule:  what gives the learning rate, with its state where it has ``state_dict()``.
    history:   what ``nn.fit`` has returned.
    scaler:    a fitted ``nn.Scaler``, or a pair of them: of the inputs and of the targets.

    After every epoch of ``nn.fit``: ``callbacks=[lambda epoch, history: nn.save(path, model, optimiser, history=history)]``.
    The file is one of safetensors' format, so other programs read the numbers too. Raises TypeError and ValueError where
    an argument isn't what it should be or a parameter isn't finite, OSError where nothing can be written.
    """
    if isinstance(path, Module) and isinstance(model, str | PathLike):
        path, model = model, path
    if not isinstance(path, str | PathLike):
        raise TypeError(f"save: path must be a path, got {describe(path)}: write nn.save(path, model)")
    if not isinstance(model, Module):
        raise TypeError(f"save: model must be an nn.Module such as nn.MLP(2, [8, 1]), got {describe(model)}")
    parts = {"optimiser": optimiser, "schedule": schedule, "history": history, "scaler": scaler}
    if isinstance(model, Checkpoint):
        parts = {name: vars(model).get(name) if part is None else part for name, part in parts.items()}
        model = model.model
    tensors: Tensors = {}
    trees = {"model": model_tree(model, tensors)}
    trees |= {name: PARTS[name].write(part, model, tensors) for name, part in parts.items() if part is not None}
    metadata = {name: json.dumps(tree, separators=(",", ":"), allow_nan=False) for name, tree in trees.items()}
    return write_atomically(path, packed(metadata, tensors))


def load(
    path: str | PathLike[str], model: Module | None = None, optimiser: Optimiser | None = None, schedule: Any = None
) -> Checkpoint:
    """What ``nn.save`` has written: a checkpoint with ``.model``, ``.optimiser`` and so on, that is called like its model.

    >>> import nn, tempfile
    >>> class Line(nn.Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(0.0), Value(0.0)
    >>> line = Line()
    >>> line.slope.data = 2.0
    >>> path = save(f"{tempfile.mkdtemp()}/line.safetensors", line)
    >>> load(path, model=Line()).model.slope
    Value(2.0)

    model, optimiser, schedule: what to load into, where it is of a class of your own; all of it or, if anything is wrong,
    none. Those of nn's are built anew.

    Raises CheckpointError where the file is anything else, was damaged, or doesn't fit the model: then it says which
    parameter differs; OSError where it can't be read. Nothing in a file is executed.
    """
    if not isinstance(path, str | PathLike):
        raise TypeError(f"load: path must be a path, got {describe(path)}: write nn.load(path, model=model)")
    if not isinstance(model, Module | None):
        raise TypeError(f"load: model must be an nn.Module to load into, got {describe(model)}")
    if not isinstance(optimiser, Optimiser | None):
        raise TypeError(f"load: optimiser must be one to load into, such as nn.Adam(…), got {describe(optimiser)}")
    given = {"optimiser": optimiser, "schedule": schedule}
    try:
        with open(path, "rb") as file:
            metadata, tensors = unpacked(file)
        trees = {name: json.loads(text) for name, text in metadata.items()}
        return _checkpoint(trees, tensors, model, given)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
    except MALFORMED as error:
        raise CheckpointError(f"{path}: this is no checkpoint that nn.save has written: {error!r:.300}") from error


def _checkpoint(trees: Mapping[str, Tree], tensors: Tensors, model: Module | None, given: Mapping[str, Any]) -> Checkpoint:
    """What the trees describe; what was given to load into is as it was where anything fails."""
    model, state = model_of(trees["model"], tensors, model)
    before = [(part, part.state_dict()) for part in given.values() if hasattr(part, "state_dict")]
    numbers = [(parameter, parameter.data) for parameter in model.parameters()]
    parts, absent = dict[str, Any](), dict[str, str]()
    try:
        model.load_state_dict(state)
        for name, part in PARTS.items():
            try:
                parts[name] = part.read(trees.get(name), tensors, model, given.get(name))
            except AbsentError as error:
                absent[name] = str(error)
    except BaseException:
        for parameter, number in numbers:
            parameter.data = number
        for part, old in before:
            part.load_state_dict(old)
        raise
    freeze(among(model.parameters(), trees["model"]["frozen"]))
    checkpoint = Checkpoint(model, **parts)
    checkpoint.forget(absent)
    return checkpoint
