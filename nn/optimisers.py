"""Optimisers: how a parameter moves along its gradient.

>>> from autograd import Value
>>> x = Value(3.0)
>>> optimiser = SGD([x], lr=0.1)
>>> (x * x).backward()
>>> optimiser.step()
>>> round(x.data, 6)
2.4
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypedDict

from autograd import Value
from autograd.interop.coerce import describe
from nn.arguments import real

Memory: TypeAlias = tuple[float, ...]  # what an optimiser remembers of one parameter


class OptimiserState(TypedDict):
    """What ``state_dict`` gives."""

    lr: float
    memories: list[list[float]]


class Optimiser:
    """Moves parameters by their gradients; a subclass gives the rule for one of them in ``update``.

    Raises ValueError for a negative learning rate, no parameters or one that isn't a leaf; TypeError for
    anything but Values.
    """

    def __init__(self, parameters: Iterable[Value], lr: float, weight_decay: float = 0.0):
        self.parameters = _leaves(parameters)
        self.lr = lr
        self.weight_decay = real("weight_decay", weight_decay)
        self._memories: list[Memory] = [()] * len(self.parameters)

    @property
    def lr(self) -> float:
        """The learning rate; it may be set between steps."""
        return self._lr

    @lr.setter
    def lr(self, lr: float) -> None:
        self._lr = real("lr", lr)

    def update(self, data: float, gradient: float, memory: Memory) -> tuple[float, Memory]:
        """A parameter's next number and memory; ``memory`` is () at its first step."""
        raise NotImplementedError(f"{type(self).__name__} has no update: take nn.SGD or nn.Adam, or give it one")

    def step(self) -> None:
        """Move every parameter that has a gradient; all of them or, if anything fails, none.

        Raises FloatingPointError where a gradient or a new number isn't finite, before anything is written:
        parameters never become nan.
        """
        moves = [self._move(p, memory) for p, memory in zip(self.parameters, self._memories, strict=True)]
        interrupt: KeyboardInterrupt | None = None
        written = False
        while not written:  # a Ctrl-C, or several, may come between two parameters: write all of them first
            try:
                self._write(moves)
                written = True
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt:
            raise interrupt

    def _move(self, parameter: Value, memory: Memory) -> tuple[float, Memory]:
        data, gradient = parameter.data, parameter.grad_or_none
        if gradient is None:
            return data, memory
        moved, memory = self.update(data, gradient + self.weight_decay * data, memory)
        if not all(map(math.isfinite, (gradient, moved, *memory))):
            raise _not_finite(parameter, gradient, moved)
        return moved, memory

    def _write(self, moves: list[tuple[float, Memory]]) -> None:
        for parameter, (data, _) in zip(self.parameters, moves, strict=True):
            parameter.data = data
        self._memories = [memory for _, memory in moves]

    def zero_grad(self) -> None:
        """Forget the gradients: ``grad`` is 0.0 again, and a step leaves alone what no later pass reaches."""
        for parameter in self.parameters:
            parameter.grad = None

    def state_dict(self) -> OptimiserState:
        """Learning rate and memories: with the parameters' numbers, all that is needed to resume training.

        >>> from autograd import Value
        >>> SGD([Value(1.0)], lr=0.1, momentum=0.9).state_dict()
        {'lr': 0.1, 'memories': [[]]}
        """
        return {"lr": self.lr, "memories": [list(memory) for memory in self._memories]}

    def load_state_dict(self, state: OptimiserState | Mapping[str, object]) -> None:
        """Go on from a ``state_dict`` of an optimiser of the same kind, over as many parameters.

        Raises ValueError where it doesn't fit, TypeError where it is something else, and changes nothing then.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict: state must be a dict such as state_dict() gives, got {describe(state)}")
        if state.keys() != {"lr", "memories"}:
            raise ValueError(f"an optimiser's state has lr and memories, got {_few(map(str, state)) or 'nothing'}")
        self.lr, self._memories = real("lr", state["lr"]), self._fitting(state["memories"])

    def _fitting(self, memories: object) -> list[Memory]:
        """The memories of a state, if there is one for each parameter and they are of this kind of optimiser."""
        if not isinstance(memories, list | tuple) or not all(isinstance(memory, list | tuple) for memory in memories):
            raise TypeError(f"load_state_dict: memories must be a list of lists of numbers, got {describe(memories)}")
        if len(memories) != len(self.parameters):
            raise ValueError(f"the state is of {len(memories)} parameters, the optimiser has {len(self.parameters)}")
        size = len(self.update(0.0, 0.0, ())[1])
        if any(len(memory) not in (0, size) for memory in memories):
            raise ValueError(f"the state isn't one of {type(self).__name__}: each memory needs {size} numbers")
        return [tuple(real("memory", x, least=-math.inf) for x in memory) for memory in memories]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lr={self.lr:g})"


class SGD(Optimiser):
    """Stochastic gradient descent: w ← w − lr·v with v ← momentum·v + gradient (Polyak 1964).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = SGD([x], lr=0.1, momentum=0.9)
    >>> for _ in range(100):
    ...     optimiser.zero_grad()
    ...     (x * x).backward()
    ...     optimiser.step()
    >>> abs(x.data) < 0.05
    True

    ``nesterov`` looks one step ahead: gradient + momentum·v (Sutskever et al. 2013). ``weight_decay`` adds
    its multiple of w to the gradient. Raises ValueError for a negative lr or weight_decay, for a momentum
    outside [0, 1), and for nesterov without momentum.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        super().__init__(parameters, lr, weight_decay)
        self.momentum = real("momentum", momentum, below=1.0)
        self.nesterov = nesterov
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum above 0")

    def update(self, data: float, gradient: float, memory: Memory) -> tuple[float, Memory]:
        """w − lr·v."""
        if not self.momentum:
            return data - self.lr * gradient, ()
        (velocity,) = memory or (0.0,)
        velocity = self.momentum * velocity + gradient
        ahead = gradient + self.momentum * velocity if self.nesterov else velocity
        return data - self.lr * ahead, (velocity,)


class Adam(Optimiser):
    """Steps of about lr, whatever the gradient's size: its mean over the root of its mean square (Kingma & Ba 2015).

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> optimiser = Adam([x], lr=0.1)
    >>> (1000.0 * x * x).backward()
    >>> optimiser.step()
    >>> round(x.data, 6)
    2.9

    ``betas`` say how slowly the two means forget, ``eps`` keeps the division finite; ``weight_decay`` adds
    its multiple of w to the gradient. Raises ValueError for a negative lr or weight_decay, betas outside
    [0, 1), eps of 0 or less.
    """

    def __init__(
        self,
        parameters: Iterable[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        super().__init__(parameters, lr, weight_decay)
        if not isinstance(betas, list | tuple) or len(betas) != 2:
            raise TypeError(f"betas must be two numbers such as (0.9, 0.999), got {describe(betas)}")
        self.betas = real("betas[0]", betas[0], below=1.0), real("betas[1]", betas[1], below=1.0)
        self.eps = real("eps", eps, least=math.ulp(0.0))

    def update(self, data: float, gradient: float, memory: Memory) -> tuple[float, Memory]:
        """w − lr·m/(√s + eps), both means corrected for having begun at 0."""
        beta1, beta2 = self.betas
        m, s, t = memory or (0.0, 0.0, 0.0)
        m = beta1 * m + (1.0 - beta1) * gradient
        s = beta2 * s + (1.0 - beta2) * gradient * gradient
        t += 1.0
        mean, mean_square = m / (1.0 - beta1**t), s / (1.0 - beta2**t)
        return data - self.lr * mean / (math.sqrt(mean_square) + self.eps), (m, s, t)


OPTIMISERS: dict[str, type[SGD] | type[Adam]] = {"adam": Adam, "sgd": SGD}


def _leaves(parameters: Iterable[Value]) -> list[Value]:
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


def _few(names: Iterable[str]) -> str:
    some = list(names)
    return ", ".join(some[:5] + ["…"] * (len(some) > 5))


def _not_finite(parameter: Value, gradient: float, moved: float) -> FloatingPointError:
    name = parameter.name or "a parameter"
    reason = f"its new value would be {moved!r}" if math.isfinite(gradient) else f"its gradient is {gradient!r}"
    return FloatingPointError(
        f"{name} can't be updated: {reason}; no parameter was changed. A smaller learning rate often helps, "
        "and autograd.detect_anomaly() finds the operation where it began"
    )
