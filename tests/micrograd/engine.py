"""A second engine in the manner of micrograd's lecture, written for these tests: closures, and gradients added in place.

It shares nothing with ours, so a program that gives the same numbers on both has the right ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


class Value:
    """A number, what it was computed from, and a closure that sends its gradient there."""

    def __init__(self, data: float, _children: tuple[Value, ...] = (), _op: str = "", label: str = ""):
        self.data, self.grad, self.label = data, 0.0, label
        self._prev, self._op = set(_children), _op
        self._backward: Callable[[], None] = lambda: None

    def _node(self, data: float, op: str, *edges: tuple[Value, float]) -> Value:
        out = Value(data, tuple(parent for parent, _ in edges), op)

        def _backward() -> None:
            for parent, local in edges:
                parent.grad += local * out.grad

        out._backward = _backward
        return out

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __pow__(self, n: float) -> Value:
        return self._node(self.data**n, f"**{n}", (self, n * self.data ** (n - 1)))

    def exp(self) -> Value:
        return self._node(math.exp(self.data), "exp", (self, math.exp(self.data)))

    def log(self) -> Value:
        return self._node(math.log(self.data), "log", (self, 1.0 / self.data))

    def tanh(self) -> Value:
        return self._node(math.tanh(self.data), "tanh", (self, 1.0 - math.tanh(self.data) ** 2))

    def relu(self) -> Value:
        return self._node(max(self.data, 0.0), "ReLU", (self, float(self.data > 0)))

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Any) -> Value:
        return self.__add__(-other)

    def __rsub__(self, other: Any) -> Value:
        return self.__neg__().__add__(other)

    def __truediv__(self, other: Any) -> Value:
        return self.__mul__(other**-1)

    def __rtruediv__(self, other: Any) -> Value:
        return self.__pow__(-1).__mul__(other)

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        order, seen, stack = list[Value](), set[Value](), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack += [(node, True), *((parent, False) for parent in node._prev)]
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
