"""``scan``: a loop with a state, whose step is traced once, however many there are.

>>> total, partial_sums = scan(lambda total, x: (total + x, total + x), 0.0, [1.0, 2.0, 3.0])
>>> total, partial_sums
(6.0, [1.0, 3.0, 6.0])
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple, SupportsIndex, TypeAlias

from autograd.interop.coerce import check_unmasked, describe, has_axes
from autograd.interop.stacked import Stacked
from autograd.modes import context
from autograd.transforms.call import is_scalar, name_of
from autograd.transforms.trees import Rebuild, array_of, flatten, opened
from autograd.value import Value

PLAIN = frozenset({Value, float, int})  # numbers that need no look at: half of the time of a step that is short
StepFunction: TypeAlias = Callable[[Any, Any], tuple[Any, Any]]


def scan(step: StepFunction, state: Any, xs: Any = None, length: SupportsIndex | None = None) -> tuple[Any, Any]:
    """A loop: ``state, y = step(state, x)`` for every x of xs. Its last state, and the ys in a list.

    >>> from autograd import Value, compile, grad, tanh
    >>> def rnn(w, inputs):
    ...     def step(h, x):
    ...         h = tanh(w[0] * h + w[1] * x)
    ...         return h, h
    ...     last, every = scan(step, 0.0, inputs)
    ...     return last
    >>> f = compile(rnn)
    >>> f([0.5, 1.0], [1.0, -1.0, 2.0]) == rnn([0.5, 1.0], [1.0, -1.0, 2.0])
    True
    >>> [round(g, 6) for g in f.grad([0.5, 1.0], [1.0, -1.0, 2.0])]
    [-0.03404, 0.205851]

    In a function that is compiled ``step`` is traced once: the program has a loop, and compiling takes as long for a million
    steps as for ten. The derivative keeps each step's state and computes the step again on its way back. Everywhere else,
    with Values and with numbers, ``scan`` is just the loop.

    ``state`` is a number, or a list, tuple, dict or array of them, nested in any way, or None; ``step`` returns one of the
    same structure. ``xs`` has an entry for each step: a list of numbers or of nested structures, or an array of shape
    (n, …), whose rows are the entries. A tuple or dict has several of them, and step gets a tuple or dict: ``xs=(a, b)``
    gives x = (a[i], b[i]). Without xs there are ``length`` steps and x is None.

    >>> scan(lambda pair, _: ((pair[1], pair[0] + pair[1]), None), (0, 1), length=10)  # no y: Fibonacci
    ((55, 89), None)
    >>> average_price = lambda returns: scan(lambda s, r: ((s[0] * (1 + r), s[1] + s[0]), None), (100.0, 0.0), returns)[0]
    >>> average_price([0.25, -0.5])  # the last price, and the sum of those before, of an Asian option
    (62.5, 225.0)
    >>> euler = lambda rate, y: scan(lambda y, _: (y + 0.25 * rate * y, y), y, length=3)  # an ODE, y′ = rate·y
    >>> grad(lambda rate: euler(rate, 1.0)[0])(2.0)
    1.6875

    The ys are stacked as xs are given: in a list, ys[i] is that of step i. Where y is a tuple or dict, so is ys, of one list
    for each of its parts; where y is an array, ys is an array with one axis more, the first; where y is None, so is ys.
    So ys may be another scan's xs. In a compiled function ys makes its entries when they are asked for; as xs of another
    scan, and by ``autograd.sum`` and ``mean``, they are read in a loop. Of no steps at all ys is [].

    While a function is compiled ``step`` can't branch on its state or on x, as all steps are traced at once: choose by
    ``where(condition, a, b)``. Branches on what is the same in all steps are fine.

    Raises TypeError where step returns no pair or changes the structure of its state, where xs isn't a list or array or
    where length is no int; ValueError where lengths differ or neither xs nor length is given; TraceError for such a branch.
    Source: the function of the same name in JAX, Bradbury et al. (2018).
    """
    if not callable(step):
        raise TypeError(f"scan: step must be a function (state, x) -> (state, y), got {describe(step)}")
    columns = Entries.of(xs)
    times = _times(columns, length)
    problem = difference(state, state, "state")
    if problem:
        raise TypeError(f"scan: {problem}; a state is a number, or a list, tuple, dict or array of numbers")
    checked = CheckedStep(step, state)
    if times > 1 and context.active and (tracer := context.tracer()):
        result: tuple[Any, Any] = tracer.scan(checked, state, columns, times)
        return result
    return _in_a_loop(checked, state, columns, times)


def _in_a_loop(step: CheckedStep, state: Any, columns: Entries, times: int) -> tuple[Any, Any]:
    """The same by Python's own loop."""
    ys: list[Any] = []
    for i, x in enumerate(columns.each(times)):
        try:
            state, y = step(state, x)
        except Exception as error:
            if times > 1:
                error.add_note(f"in step {i} of {times} of a scan")
            raise
        ys.append(y)
    if not ys or ys[0] is None or ys[0].__class__ in PLAIN:
        return state, None if ys and ys[0] is None else ys
    parts = zip(*[flatten(y, arrays=False, lists=False)[0] for y in ys], strict=True)
    return state, flatten(ys[0], arrays=False, lists=False)[1]([stacked(part) for part in parts])


def stacked(parts: Sequence[Any]) -> Any:
    """What all steps gave for one part of y, in a list, or in an array if they are arrays; None if there is nothing."""
    first = parts[0]
    return None if first is None else array_of(parts, (len(parts),)) if has_axes(first) else list(parts)


class CheckedStep:
    """A user's step. What it returns is checked: a pair, a state like the first one, the same structure of y each time."""

    def __init__(self, function: StepFunction, state: Any):
        self.function, self.state, self.ys = function, state, list[Any]()

    def __call__(self, state: Any, x: Any) -> tuple[Any, Any]:
        result = self.function(state, x)
        if not isinstance(result, tuple) or len(result) != 2:
            raise TypeError(
                f"scan: {self} must return a pair (state, y), got {summary(result)}; write `return state, None` where there "
                "is nothing to stack"
            )
        state, y = result
        problem = difference(state, self.state, "state")
        if problem:
            raise TypeError(
                f"scan: {self} changes the structure of its state: {problem}; return (state, y) with a state like the one "
                "it gets"
            )
        problem = difference(y, self.ys[0] if self.ys else y, "y")
        if problem:
            wanted = "give y the same structure in all steps" if self.ys else "y is made of numbers, or None"
            raise TypeError(f"scan: what {self} returns can't be stacked: {problem}; {wanted}")
        self.ys = self.ys or [y]
        return state, y

    def name_of_x(self) -> str:
        """What the step calls its second parameter, for messages; x where that isn't known."""
        code, bound = getattr(self.function, "__code__", None), hasattr(self.function, "__self__")
        names: tuple[str, ...] = code.co_varnames[bound : code.co_argcount] if code else ()
        return names[1] if len(names) > 1 and names[1].strip("_") else "x"

    def __str__(self) -> str:
        code = getattr(self.function, "__code__", None)
        return f"step {name_of(self.function)}" + (f", at {code.co_filename}:{code.co_firstlineno}," if code else "")


# -- xs --------------------------------------------------------------------------------------------------


class Column(NamedTuple):
    """A list or array with an entry for each step; None in its place where there is nothing."""

    name: str
    entries: Any


class Entries(NamedTuple):
    """What xs holds, and how an entry of each makes the x of a step."""

    parts: list[Column]
    rebuild: Rebuild
    alone: bool  # xs is a list or an array itself

    @classmethod
    def of(cls, xs: Any) -> Entries:
        """Those of ``xs``, of one length."""
        leaves, rebuild = flatten(xs, arrays=False, lists=False)
        parts = [_column(name, leaf) for name, leaf in zip(_names(xs, "xs"), leaves, strict=True)]
        for column in parts:
            first = next(each for each in parts if each.entries is not None) if column.entries is not None else column
            if column.entries is not None and len(column.entries) != len(first.entries):
                raise ValueError(
                    f"scan: {first.name} has {len(first.entries)} entries, and {column.name} has {len(column.entries)}; "
                    "give one for each step in all of them"
                )
        return cls(parts, rebuild, opened(xs, lists=False) is None)

    def each(self, times: int) -> Iterator[Any]:
        """The x of each step."""
        columns = [repeat(None, times) if column.entries is None else column.entries for column in self.parts]
        return iter(columns[0]) if self.alone else map(self.rebuild, zip(*columns, strict=True))


def _names(tree: Any, name: str) -> list[str]:
    container = opened(tree, lists=False)
    if container is None:
        return [name]
    children = zip(container.keys, container.children, strict=True)
    return [each for key, child in children for each in _names(child, f"{name}[{key!r}]")]


def _column(name: str, xs: Any) -> Column:
    """The entries of a list or array; numbers of an array as Python's own."""
    if xs is None or isinstance(xs, list | Stacked):
        return Column(name, xs)
    if has_axes(xs):
        check_unmasked(xs, f"scan: {name}")
        rows = xs.to_numpy() if hasattr(xs, "to_numpy") else xs
        return Column(name, rows.tolist() if len(rows.shape) == 1 and hasattr(rows, "tolist") else rows)
    if isinstance(xs, Sequence) and not isinstance(xs, str | bytes):
        return Column(name, list(xs))
    instead = "; in a tuple there is a list for each part of x, give a list" if name != "xs" and is_scalar(xs) else ""
    instead = instead or ("; give a list of it" if hasattr(xs, "__iter__") else "")
    raise TypeError(f"scan: {name} must be a list or an array with an entry for each step, got {describe(xs)}{instead}")


def _times(columns: Entries, length: SupportsIndex | None) -> int:
    """How many steps there are."""
    given = next((column for column in columns.parts if column.entries is not None), None)
    if length is None:
        if given is None:
            raise ValueError(
                "scan: needs xs, a list with an entry for each step, or length, the number of steps; got neither"
            )
        return len(given.entries)
    if isinstance(length, bool) or not (hasattr(length, "__index__")):
        raise TypeError(f"scan: length must be an int, the number of steps, got {describe(length)}")
    times = operator.index(length)
    if times < 0:
        raise ValueError(f"scan: length must be an int ≥ 0, the number of steps, got {times}")
    if given is not None and len(given.entries) != times:
        raise ValueError(
            f"scan: length is {times}, but {given.name} has {len(given.entries)} entries; leave length out, or give as many"
        )
    return times


# -- structures ------------------------------------------------------------------------------------------


def difference(given: Any, like: Any, name: str) -> str:
    """Where and how a structure isn't like another, in words; empty where it is. Of itself: where it holds no number.

    >>> difference({"v": [1.0, 2.0]}, {"v": [0.0]}, "state")
    "state['v']: expected a list of 1, got a list of 2"
    """
    if given.__class__ in PLAIN if like.__class__ in PLAIN else given is like is None:
        return ""
    ours, theirs = opened(given), opened(like)
    if summary(given) != summary(like):
        return f"{name}: expected {summary(like)}, got {summary(given)}"
    if ours is None or theirs is None:
        fine = given is None or is_scalar(given) or (has_axes(given) and not _of_no_numbers(given))
        return "" if fine else f"{name}: expected a number, got {describe(given)}"
    model = dict(zip(theirs.keys, theirs.children, strict=True))
    for key, child in zip(ours.keys, ours.children, strict=True):
        if problem := difference(child, model[key], f"{name}[{key!r}]"):
            return problem
    return ""


def _of_no_numbers(array: Any) -> bool:
    if hasattr(array.dtype, "kind") and array.dtype.kind in "fiu":
        return False
    return not all(map(is_scalar, array.ravel().tolist()))


def summary(x: Any) -> str:
    """What kind of structure it is, in words.

    >>> summary((1.0, 2.0)), summary({"a": 1.0}), summary(2.0)
    ('a tuple of 2', "a dict of 'a'", 'a number')
    """
    container = opened(x)
    if container is not None:
        count = len(container.keys)
        of = ", ".join(sorted(map(repr, container.keys))) if isinstance(x, Mapping) else str(count)
        return f"a {container.kind.__name__} of {of or 'nothing'}"
    if is_scalar(x):
        return "a number"
    return f"an array of shape {tuple(x.shape)}" if has_axes(x) else describe(x)
