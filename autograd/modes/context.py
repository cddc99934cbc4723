"""Which modes are on, in this thread or task and in any.

While no mode is on anywhere, recording a node costs one test of ``active``. A mode belongs to the thread or task
that entered it; leaving it takes away itself alone, also after an exception. So modes that generators have entered may be
left in any order, and in another thread or task: by one that goes on with a generator, or by Python's collector.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, Token
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")


class TraceHooks(Protocol):
    """Who is asked while a function is compiled: about comparisons, ``where``, and what can't be traced."""

    def compare(self, op: str, left: object, right: object, /) -> object:
        """What stands for the outcome, a bool."""

    def owns(self, condition: object, /) -> bool:
        """Whether ``compare`` made it."""

    def choose(self, condition: object, a: object, b: object, /) -> Any:
        """The node for ``where(condition, a, b)``."""

    def stop(self, v: Any, /) -> Any:
        """The node for ``stop_gradient(v)``."""

    def gradients(self, root: Any, seed: Any, order: Any, /) -> Any:
        """The gradients of a traced function as nodes, by node."""

    def tangent(self, node: Any, tangents: Any, /) -> Any:
        """The tangent of a node that chooses between numbers; None for any other."""

    def refuse(self, what: str, instead: str, where: str = "", /) -> Exception:
        """The error for what can't be traced, what to write instead, and where: at the user's line if that isn't said."""

    def as_constant(self, node: Any, /) -> str:
        """What to write where the number itself is needed while the function is traced."""

    def scan(self, step: Any, state: Any, xs: Any, times: int, /) -> Any:
        """What ``scan`` returns, recorded as a loop."""

    def refuse_index(self, node: Any, line: str, /) -> Exception:
        """The error for a Value as an index."""


class Mode(Generic[T]):
    """A value that a setting has while a mode is on; and the mode around it, which holds again once this one is left."""

    __slots__ = ("around", "left", "value")

    def __init__(self, value: T, around: Mode[T] | None = None):
        self.value, self.around, self.left = value, around, False

    def innermost(self) -> Mode[T]:
        """This mode, or the next around it that isn't left."""
        mode = self
        while mode.left and mode.around:
            mode = mode.around
        return mode


class Setting(Generic[T]):
    """What modes set for a thread or task, as a ``ContextVar``: its value is that of the innermost mode that isn't left."""

    def __init__(self, name: str, *, default: T):
        outermost = Mode(default)
        self._variable: ContextVar[Mode[T]] = ContextVar(name, default=outermost)

    def get(self) -> T:
        """The value in this thread or task."""
        mode = self._variable.get()
        return mode.innermost().value if mode.left else mode.value

    def mode(self, value: T) -> Mode[T]:
        """A mode within those that are on."""
        around = self._variable.get().innermost()
        if around.around:
            around.around = around.around.innermost()  # modes that were left in the middle aren't held for ever
        return Mode(value, around)

    def enter(self, mode: Mode[T]) -> Token[Mode[T]]:
        """Set the value."""
        return self._variable.set(mode)

    def leave(self, mode: Mode[T], token: Token[Mode[T]] | None) -> None:
        """Restore the value; where the mode isn't the innermost here, mark it as left wherever it is on.

        A task that was started inside keeps the innermost: it has a copy of all settings.
        """
        try:
            if token is not None and self._variable.get() is mode:
                self._variable.reset(token)
            else:
                mode.left = True
        except ValueError:  # entered in another thread or task
            mode.left = True


active: dict[Mode[Any], bool] = {}  # the modes that are on, in any thread
_recording: Setting[bool] = Setting("recording", default=True)
_tracer: Setting[TraceHooks | None] = Setting("tracer", default=None)
AS_IT_IS = nullcontext()


@contextmanager
def switched(setting: Setting[T], value: T) -> Iterator[None]:
    """A context in which ``setting`` has this value, and a mode is active; no lock: an interrupt could leave it taken."""
    mode, token = setting.mode(value), None
    try:  # around every call, for a Ctrl-C may come in between
        active[mode] = True
        token = setting.enter(mode)
        yield
    finally:
        try:
            setting.leave(mode, token)
        except BaseException:
            mode.left = True
            raise
        finally:
            active.pop(mode, None)


def recording() -> bool:
    """Whether operations of this thread record their parents."""
    return _recording.get()


def no_grad() -> AbstractContextManager[None]:
    """A context in which operations give values without parents: no graph, and no memory held by one.

    >>> from autograd import Value, no_grad
    >>> x = Value(2.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (4.0, ())
    """
    return switched(_recording, False)


def enable_grad() -> AbstractContextManager[None]:
    """A context in which operations record, also inside ``no_grad()``."""
    return AS_IT_IS if recording() else switched(_recording, True)


def traced_by(tracer: TraceHooks | None) -> AbstractContextManager[None]:
    """A context in which comparisons and conversions of Values ask the tracer; None for one in which they are themselves."""
    return switched(_tracer, tracer)


def tracer() -> TraceHooks | None:
    """What traces this thread's Values, None outside of ``traced_by``."""
    return _tracer.get()
