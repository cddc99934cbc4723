"""What a graph depends on beside its operands: the condition of each ``where``, and comparisons that Python went by.

>>> from autograd import Value, where
>>> x = Value(2.0, name="x")
>>> y = where(x > 1, x * x, -x)
>>> found = Branches(y, [x, *y.parents, y], 100)
>>> found.choices[y].left, found.nodes
(Value(2.0, name='x'), [Value(2.0, name='x'), Value(4.0), Value(-2.0), Value(4.0)])

``where`` can be followed to other numbers if both sides and all that its condition compares are still there. What Python
did after a comparison isn't in the graph: all that is known then is whether it would come out the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import attrgetter

from autograd.interop.coerce import is_number
from autograd.interop.comparisons import Comparison, Decision, noted, settled, sides
from autograd.value import Value


class Branches:
    """What decides on the graph behind ``root``: the ``choices`` that can be followed, and the ``questions`` Python asked.

    ``nodes`` are those of the graph and those that choices and questions need besides, parents first, the root last.
    ``unseen`` counts the questions about numbers that are gone, but were computed while the graph was.
    """

    def __init__(self, root: Value, graph: Sequence[Value], most: int):
        self.root = root
        self.first = min(node._order for node in graph)
        self.room = most - len(graph)
        self.known = set(graph)
        self.choices: dict[Value, Decision] = {}
        self._questions: dict[tuple[str, int, float], tuple[str, Value, Value | float, bool]] = {}
        self.unseen = 0
        for comparison in [*noted, *(each for each in settled if each[-1] < root._order)]:
            self._ask(comparison)
        self._follow()
        self.questions = list(self._questions.values())
        self.nodes = [*sorted(self.known - {root}, key=attrgetter("_order")), root]

    def _ask(self, comparison: Comparison) -> None:
        """Count a comparison among the questions if it can have decided on the graph."""
        _, op, _, _, answer, order = comparison
        left, right = sides(comparison)
        if left is None or right is None:
            self.unseen += self.first < order < self.root._order
            return
        asked = _values(left, right)
        if not self._concerns(asked, order):
            return
        if self.known.issuperset(asked) or self._take(asked, self.root):
            self._questions[op, id(left), id(right) if isinstance(right, Value) else right] = op, left, right, answer
        else:
            self.unseen += 1

    def _concerns(self, asked: Sequence[Value], order: int) -> bool:
        """Whether a comparison made then was of the graph's numbers: none set since, and none computed from the root."""
        shared = [x for x in asked if x in self.known] or [x for x in _behind(asked) if x in self.known]
        return any(x._order < order for x in shared) and all(x._order <= self.root._order for x in asked)

    def _follow(self) -> None:
        """Collect the choices among the nodes, and among those that they need."""
        pending = sorted(self.known, key=attrgetter("_order"))
        for node in pending:
            choice = getattr(node, "_choice", None)
            before = set(self.known)
            if (
                isinstance(choice, Decision)
                and self._is_ours(choice)
                and self._take(_values(choice.left, choice.right, choice.otherwise), node)
            ):
                self.choices[node] = choice
                pending += self.known - before
        for node in list(_doubtful(self.choices)):
            self.choices.pop(node, None)

    def _is_ours(self, choice: Decision) -> bool:
        """Whether both sides are numbers and there was a node of this graph already when the comparison was made."""
        since = min([self.first, *(node._order for node in _behind(_values(choice.otherwise)))])
        return choice.condition[-1] > since and (isinstance(choice.otherwise, Value) or is_number(choice.otherwise))

    def _take(self, needed: Sequence[Value], user: Value) -> bool:
        """Take in these nodes and all behind them, if they can be computed anew before ``user``; whether that went."""
        more = [node for node in _behind(needed) if node not in self.known]
        if len(more) > self.room or not all(map(_computable, more)) or any(x._order >= user._order for x in needed):
            return False
        self.known.update(more)
        self.room -= len(more)
        return True


def _values(*operands: object) -> list[Value]:
    return [x for x in operands if isinstance(x, Value)]


def _behind(nodes: Sequence[Value]) -> list[Value]:
    """These nodes and all that they depend on."""
    reached = dict.fromkeys(nodes)
    found = list(reached)
    for node in found:
        new = [x for x in dict.fromkeys(node.parents) if x not in reached]
        found += new
        reached.update(dict.fromkeys(new))
    return found


def _computable(node: Value) -> bool:
    """Whether the page can: neither a primitive nor stale."""
    return not (node._rule and node._rule.source) and all(x._order < node._order for x in node.parents)


def _doubtful(choices: dict[Value, Decision]) -> Iterator[Value]:
    """Those whose conditions may be confused, as two were computed first and then two ``where`` called.

    The later of the comparisons is claimed first. That is right where the ``where`` that claims the other is around it.
    """
    claimed = {id(choice.condition): node for node, choice in choices.items()}
    pending = {id(comparison) for comparison in noted}
    for node, choice in choices.items():
        if choice.before is None or id(choice.before) in pending:
            continue
        outer = claimed.get(id(choice.before))
        if outer is None or node not in set(_behind([outer, *_values(choices[outer].otherwise)])):
            yield from (node,) if outer is None else (node, outer)
