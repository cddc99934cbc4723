"""``Optimiser``: how parameters move along their gradients. The rule for one parameter is a formula, written once.

It is called with numbers, a parameter after the other, by ``step``; and compiled, with parameters as lanes, by training
that keeps its state in arrays (``nn.updates``). Both give the same bits.

>>> from autograd import Value
>>> class SignDescent(Optimiser):
...     def update(self, data, gradient, memory, lr):
...         return data - math.copysign(lr, gradient), ()
>>> x = Value(3.0)
>>> optimiser = SignDescent([x], lr=0.5)
>>> (x * x).backward()
>>> optimiser.step()
>>> x.data
2.5
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypedDict

from autograd import Value
from autograd.interop.coerce import describe
from nn.arguments import integer, real
from nn.freezing import frozen_among
from nn.memories import Lists, Memories, Memory
from nn.settings import Group, Setting, groups_of, settings_of


class OptimiserState(TypedDict, total=False):
    """What ``state_dict`` gives. Of a group there are the settings and how many parameters it has."""

    kind: str
    lr: float
    steps: int
    epochs: int
    clip_value: float | None
    clip_norm: float | None
    groups: list[dict[str, Any]]
    counts: list[int]
    memories: list[list[float]]


class Optimiser:
    """Moves parameters by their gradients; a subclass gives the rule for one of them in ``update``.

    parameters:   leaf Values, ``model.parameters()`` say; or, for settings that differ, groups as dicts with ``params`` and
                  the settings of their own, as PyTorch has them: ``[{"params": layer.parameters(), "lr": 0.1}, …]``.
    lr:           the learning rate of groups that have none of their own; it may be set between steps.
    weight_decay: this multiple of a parameter is added to its gradient.
    clip_value:   gradients are cut to −clip_value … clip_value; None for no limit.
    clip_norm:    where the norm of all gradients together is more, they are scaled to it.

    ``steps`` and ``epochs`` count what is completed: training that goes on does so where it was. Raises ValueError for a
    negative learning rate, no parameters or one that isn't a leaf; TypeError for anything but Values.
    """

    MEMORIES: ClassVar[tuple[str, ...] | None] = None  # what ``memory`` holds, 0 at first; None: only update itself knows

    lr = Setting(real)
    weight_decay = Setting(real)

    def __init__(
        self,
        parameters: Iterable[Value] | Iterable[Mapping[str, Any]],
        lr: float,
        weight_decay: float = 0.0,
        *,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        **settings: Any,
    ):
        known = settings_of(type(self))
        self.groups: list[Group] = groups_of(parameters, {"lr": lr, "weight_decay": weight_decay, **settings}, known)
        for group in self.groups:
            self.check(group)
        self.parameters = [parameter for group in self.groups for parameter in group.parameters]
        self.clip_value = None if clip_value is None else real("clip_value", clip_value, least=math.ulp(0.0))
        self.clip_norm = None if clip_norm is None else real("clip_norm", clip_norm, least=math.ulp(0.0))
        self.steps = self.epochs = 0
        self.remembered = Memories(len(self.parameters), self.memories())

    # -- the rule ------------------------------------------------------------------------------------

    def check(self, group: Group) -> None:
        """Raise ValueError where a group's settings don't go together; a subclass knows."""

    def memories(self) -> tuple[str, ...] | None:
        """What is remembered of each parameter: ``MEMORIES``, and what settings of the groups ask for besides."""
        return self.MEMORIES

    def settings(self, group: Group, count: int) -> tuple[float | bool, ...]:  # noqa: ARG002
        """What ``update`` needs besides: numbers, and bools that choose the formula; ``count`` is the step's, from 1."""
        return (group.settings["lr"],)

    def update(self, data: Any, gradient: Any, memory: Any, *settings: Any) -> tuple[Any, Any]:
        """A parameter's next number and memory; ``memory`` is () at the first step of a rule without ``MEMORIES``.

        With ``MEMORIES`` it is compiled: then it is a formula in autograd's functions, without ``if`` on numbers.
        """
        raise NotImplementedError(f"{type(self).__name__} has no update: take nn.SGD or nn.Adam, or give it one")

    def move(self, data: Any, gradient: Any, memory: Any, weight_decay: Any, scale: Any, *settings: Any) -> tuple[Any, Any]:
        """``update`` by the gradient as it is after clipping and weight decay."""
        if self.clip_value is not None:
            gradient = clipped(gradient, self.clip_value)
        if self.clip_norm is not None:
            gradient = scale * gradient
        return self.update(data, gradient + weight_decay * data, memory, *settings)

    def scale(self, gradients: Iterable[float]) -> float:
        """What the gradients are multiplied by so that their norm is at most ``clip_norm``, as PyTorch has it."""
        if self.clip_norm is None:
            return 1.0
        if self.clip_value is not None:
            gradients = [clipped(gradient, self.clip_value) for gradient in gradients]
        return share_of_norm(math.hypot(*gradients), self.clip_norm)

    # -- steps ---------------------------------------------------------------------------------------

    def step(self) -> None:
        """Move every parameter that has a gradient and isn't frozen; all of them or, if anything fails, none.

        Raises FloatingPointError where a gradient or a new number isn't finite, before anything is written:
        parameters never become nan.
        """
        moves = self._moves()
        interrupt: KeyboardInterrupt | None = None
        written = False
        while not written:  # a Ctrl-C, or several, may come between two parameters: write all of them first
            try:
                self._write(moves)
                written = True
            except KeyboardInterrupt as error:
                interrupt = error
        self.steps += 1
        if interrupt:
            raise interrupt

    def _moves(self) -> list[tuple[float, int, Memory]]:
        """For every parameter its next number, how many steps it has made then, and its memory."""
        lists = self.remembered.lists
        frozen = set(map(id, frozen_among(self.parameters)))
        gradients = [None if id(p) in frozen else p.grad_or_none for p in self.parameters]
        scale = self.scale([g for g in gradients if g is not None])
        known: dict[tuple[int, int], tuple[float | bool, ...]] = {}
        moves, at = list[tuple[float, int, Memory]](), 0
        for k, group in enumerate(self.groups):
            decay = group.settings["weight_decay"]
            for parameter in group.parameters:
                gradient, count, memory = gradients[at], lists.counts[at], lists.memories[at]
                at += 1
                if gradient is None:
                    moves.append((parameter.data, count, memory))
                    continue
                if (k, count) not in known:
                    known[k, count] = self.settings(group, count + 1)
                memory = memory or (0.0,) * len(self.remembered.names or ())
                moved, memory = self.move(parameter.data, gradient, memory, decay, scale, *known[k, count])
                if not all(map(math.isfinite, (gradient, moved, *memory))):
                    raise not_finite(parameter, gradient, moved)
                moves.append((moved, count + 1, memory))
        return moves

    def _write(self, moves: list[tuple[float, int, Memory]]) -> None:
        for parameter, (data, _, _) in zip(self.parameters, moves, strict=True):
            parameter.data = data
        self.remembered.set(Lists([count for _, count, _ in moves], [memory for _, _, memory in moves]))

    def zero_grad(self) -> None:
        """Forget the gradients: ``grad`` is 0.0 again, and a step leaves alone what no later pass reaches."""
        for parameter in self.parameters:
            parameter.grad = None

    # -- state ---------------------------------------------------------------------------------------

    def state_dict(self) -> OptimiserState:
        """All settings and what is remembered: with the parameters' numbers, all that is needed to resume training.

        >>> import nn
        >>> state = nn.SGD([Value(1.0)], lr=0.1, momentum=0.9).state_dict()
        >>> state["lr"], state["steps"], state["memories"], state["groups"]
        (0.1, 0, [[]], [{'lr': 0.1, 'weight_decay': 0.0, 'momentum': 0.9, 'nesterov': False, 'dampening': 0.0, 'size': 1}])
        """
        lists = self.remembered.lists
        groups = [{**group.settings, "size": len(group.parameters)} for group in self.groups]
        return {
            "kind": type(self).__name__,
            "lr": self.lr,
            "steps": self.steps,
            "epochs": self.epochs,
            "clip_value": self.clip_value,
            "clip_norm": self.clip_norm,
            "groups": [{name: list(x) if isinstance(x, tuple) else x for name, x in group.items()} for group in groups],
            "counts": list(lists.counts),
            "memories": [list(memory) for memory in lists.memories],
        }

    def load_state_dict(self, state: OptimiserState | Mapping[str, object]) -> None:
        """Go on from a ``state_dict`` of an optimiser of the same kind, over as many parameters.

        Raises ValueError where it doesn't fit, TypeError where it is something else, and changes nothing then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict: state must be a dict such as state_dict() gives, got {describe(state)}")
        if not {"lr", "memories"} <= state.keys():
            raise ValueError(f"the state of an optimiser has lr and memories, got {_few(map(str, state)) or 'nothing'}")
        if state.get("kind", type(self).__name__) != type(self).__name__:
            raise ValueError(f"the state is of a {state['kind']}, this is a {type(self).__name__}")
        lists = self.remembered.checked(state["memories"], state.get("counts"), type(self).__name__)
        settings = self._settings_in(state)
        counts = [integer(name, state.get(name, 0), 0) for name in ("steps", "epochs")]
        limits = [_limit(name, state.get(name)) for name in ("clip_value", "clip_norm")]
        for group, each in zip(self.groups, settings, strict=True):
            group.settings.update(each)
        (self.steps, self.epochs), (self.clip_value, self.clip_norm) = counts, limits
        self.remembered.set(lists)

    def _settings_in(self, state: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The settings of the groups in a state, checked."""
        known = settings_of(type(self))
        if "groups" not in state:
            return [{"lr": known["lr"]("lr", state["lr"])}] * len(self.groups)
        groups, sizes = state["groups"], [len(group.parameters) for group in self.groups]
        if not isinstance(groups, list) or [each.get("size") for each in groups] != sizes:
            raise ValueError(f"the state has other groups of parameters than the optimiser's, of {sizes}")
        return [{name: known[name](name, x) for name, x in each.items() if name in known} for each in groups]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr:g})"


def clipped(gradient: Any, most: float) -> Any:
    """A gradient in −most … most; nan stays."""
    from autograd import maximum, minimum

    return minimum(maximum(gradient, -most), most)


def share_of_norm(norm: float, most: float) -> float:
    """What gradients of that norm are multiplied by, so that it is at most ``most``; PyTorch's formula."""
    return min(1.0, most / (norm + 1e-6)) if norm == norm else 1.0


def not_finite(parameter: Value, gradient: float, moved: float) -> FloatingPointError:
    """The error of a parameter that can't be updated."""
    name = parameter.name or "a parameter"
    reason = f"its new value would be {moved!r}" if math.isfinite(gradient) else f"its gradient is {gradient!r}"
    return FloatingPointError(
        f"{name} can't be updated: {reason}; no parameter was changed. A smaller learning rate often helps, "
        "and autograd.detect_anomaly() finds the operation where it began"
    )


def _limit(name: str, x: object) -> float | None:
    return None if x is None else real(name, x, least=math.ulp(0.0))


def _few(names: Iterable[str]) -> str:
    some = list(names)
    return ", ".join(some[:5] + ["…"] * (len(some) > 5))
