"""``Derivation``: the names, factors and paths of d root / d wrt, before they are put into lines.

>>> from autograd import Value
>>> x = Value(3.0, name="x"); u = x * x; u.name = "u"
>>> derivation = Derivation(u * x, x)
>>> [[derivation.name(link) for link in path] for path in derivation.paths]
[['∂f/∂u', 'du/dx'], ['∂f/∂x']]
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from autograd.graph import topological_order
from autograd.symbolic.factor_terms import Writer
from autograd.symbolic.identifiers import name_latex, name_text
from autograd.symbolic.names import Names
from autograd.symbolic.paths import Link, count_paths, edges, largest_paths, links, nodes_between
from autograd.symbolic.terms import Term
from autograd.value import Value

FEW = 8  # unnamed nodes for each named one; where there are more, unnamed ones are shown too
SUMS = frozenset({"add", "sum", "identity", "where"})


class Derivation:
    """The nodes that are shown, their names, the factors between them, and the largest paths along these factors."""

    def __init__(self, root: Value, wrt: Value, steps: bool = False, max_paths: int = 5):
        self.root, self.wrt = root, wrt
        order = topological_order(root)
        self.between = nodes_between(order, wrt)
        self.on_path = set(self.between)
        self.shown = self.on_path if steps else set(_worth_showing(self.between))
        self.names = _names(order, [node for node in self.between if node in self.shown])
        self.writer = Writer(self.names)
        self.links = edges(self.between) if steps else links(self.between, self.shown)
        paths = largest_paths(self.between, self.links, max_paths)
        self.paths = [list(path.links()) for path in paths.largest]
        self.products = [path.product for path in paths.largest]
        self.count, self.rest = paths.total, paths.rest
        self._terms: dict[Link, Term | None] = {}

    @cached_property
    def edge_count(self) -> int:
        """How many paths of single edges there are."""
        return count_paths(self.between)

    def term(self, link: Link) -> Term | None:
        """The factor's formula, None where it is only a number."""
        if link not in self._terms:
            self._terms[link] = self.writer.factor(link, self.shown, self.on_path)
        return self._terms[link]

    def formula(self, link: Link, write: Callable[[Term], str]) -> str:
        """The factor's formula as ``write`` prints it; empty where it is only a number."""
        term = self.term(link)
        return write(term) if term else ""

    def name(self, link: Link) -> str:
        """``dy/dx``, or with ∂ where y depends on wrt in other ways too."""
        d, index = self._d(link)
        return f"{d}{name_text(self.names[link.node])}/{d}{name_text(self.names[link.parent])}{index and f'₍{index}₎'}"

    def name_latex(self, link: Link) -> str:
        r"""The name in LaTeX: ``\frac{dy}{dx}``."""
        d, index = self._d(link)
        return fraction(d, self.names[link.node], self.names[link.parent], index)

    def _d(self, link: Link) -> tuple[str, str]:
        """d or ∂, and the operand's number where the parent is an operand more than once."""
        own = self.links[link.node]
        alike = [other.operand for other in own if other.parent is link.parent]
        return "∂" if len(own) > 1 else "d", str(alike.index(link.operand) + 1) if len(alike) > 1 else ""

    @property
    def total_name(self) -> str:
        """``dL/dw``."""
        return f"d{name_text(self.names[self.root])}/d{name_text(self.names[self.wrt])}"

    @property
    def total_latex(self) -> str:
        return fraction("d", self.names[self.root], self.names[self.wrt])


def fraction(d: str, above: str, below: str, index: str = "") -> str:
    r"""A derivative in LaTeX.

    >>> fraction("∂", "L", "w1")
    '\\frac{\\partial L}{\\partial w_{1}}'
    """
    sign = r"\partial " if d == "∂" else "d"
    parent = f"{{{name_latex(below)}}}_{{({index})}}" if index else name_latex(below)
    return rf"\frac{{{sign}{name_latex(above)}}}{{{sign}{parent}}}"


def _worth_showing(between: list[Value]) -> list[Value]:
    """The nodes to show: the two ends and those with a name; where hardly any has one, all but the terms of sums."""
    apart = set(between[:1] + between[-1:])
    for node in between[1:]:
        apart.update(x for i, x in enumerate(node.operands) if not isinstance(x, float) and not _adds(node, i))
    own = [node for node in between[1:-1] if node.name]
    unnamed = [node for node in between[1:-1] if not node.name and node in apart]
    ends = [between[0], between[-1]]
    return ends + own if own and len(unnamed) <= FEW * len(own) else ends + own + unnamed


def _adds(node: Value, operand: int) -> bool:
    """Whether this operand, given by its number, is just a term of a sum, so that its local derivative is 1."""
    rule = node._rule
    assert rule is not None
    return rule.source is None and (rule.name in SUMS or (rule.name == "sub" and operand == 0))


def _names(order: list[Value], shown: list[Value]) -> Names:
    """The user's names, and one for every node shown: f for the root, x for ``wrt``, t1, t2 … for others."""
    names = Names(order)
    for node, wanted in ((shown[0], "x"), (shown[-1], "f")):
        if node not in names:
            names.give(node, wanted)
    for node in shown:
        names.automatic(node)
    return names
