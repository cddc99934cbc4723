"""``formula``: the expression behind a node, and the ``Formula`` it returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from autograd.graph import reverse_topological_order, stale
from autograd.interop.coerce import describe
from autograd.interop.plain import on_screen
from autograd.interop.text import count
from autograd.symbolic.identifiers import name_latex, name_text
from autograd.symbolic.names import Names
from autograd.symbolic.notation import place_of, term_of
from autograd.symbolic.printers import latex, text
from autograd.symbolic.python_source import python_source
from autograd.symbolic.rewrite import simplified
from autograd.symbolic.sympy_forms import sympy_expression
from autograd.symbolic.terms import Term, is_long, named, names_in, number
from autograd.value import Value

SMALL = 6  # characters of a shared expression that is repeated rather than named
MOST_NODES = 5000  # nodes, the latest of a graph, that the formula covers

Line = tuple[str, Term | None]  # a name and its definition, None beyond MOST_NODES


def formula(root: Value, simplify: bool = False, max_lines: int = 24) -> Formula:
    """The expression that ``root`` was computed by, as text, as LaTeX and as Python.

    >>> from autograd import Value, gradient, sigmoid
    >>> x, y = Value(1.0, name="x"), Value(2.0, name="y")
    >>> formula((x + y) ** 2)
    (x + y)²
    >>> z = x * y; z.name = "z"
    >>> L = 0.5 * (sigmoid(z) - 1.0) ** 2
    >>> formula(L)
    0.5·(σ(z) − 1)²
    z = x·y
    >>> formula(gradient(x ** 3 * y, x, create_graph=True), simplify=True)
    3·y·x²

    Nodes and leaves appear under their names, leaves without a name as numbers; shared and long parts stand on
    lines of their own. After ``max_lines`` lines it says how many there are more. A gradient made with
    ``create_graph`` is a Value and has a formula too; ``simplify`` multiplies numbers out and takes like parts together.

    Raises TypeError where root isn't a Value, ValueError where max_lines isn't an int of at least 1, StaleGraphError
    where a leaf was set after the graph was built.
    """
    if not isinstance(root, Value):
        raise TypeError(
            f"formula: root must be a Value, got {describe(root)}; a gradient is one if made with create_graph=True"
        )
    if not isinstance(max_lines, int) or isinstance(max_lines, bool) or max_lines < 1:
        raise ValueError(f"formula: max_lines must be an int of at least 1, got {max_lines!r}")
    return Formula(root, _Outline(root, simplify), max_lines)


class Formula:
    """An expression: ``str()`` is text, ``latex`` for print, ``python`` for evaluation, ``sympy`` for algebra.

    >>> from autograd import Value
    >>> f = formula(Value(3.0, name="x") ** 2 / 2.0)
    >>> str(f), f.latex, f.python
    ('x²/2', '\\\\frac{x^{2}}{2}', 'x ** 2.0 / 2.0')
    >>> eval(f.python, {"x": 5.0})
    12.5

    Jupyter shows the LaTeX.
    """

    def __init__(self, root: Value, outline: _Outline, max_lines: int):
        self._root, self._name = root, outline.name
        lines = list(_needed(outline.term, outline.lines))
        self._lines, self._left_out = [(self._name, outline.term), *lines[: max_lines - 1]], len(lines) - max_lines + 1
        self._before = outline.before

    def __str__(self) -> str:
        lines = [f"{name_text(name)} = {self._render(term)}" if name else self._render(term) for name, term in self._lines]
        return on_screen("\n".join(lines + [f"… {count(self._left_out, 'more line')}"] * (self._left_out > 0)))

    def _render(self, term: Term | None) -> str:
        return text(term) if term else f"… ({count(self._before, 'earlier node')})"

    __repr__ = __str__

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX's math mode; several lines are aligned."""
        rows = [(name_latex(name) if name else "", latex(term) if term else r"\cdots") for name, term in self._lines]
        rows += [("", rf"\text{{… {count(self._left_out, 'more line')}}}")] * (self._left_out > 0)
        if len(rows) == 1:
            return " = ".join(filter(None, rows[0]))
        body = r" \\ ".join(f"{name} &= {right}" if name else f"& {right}" for name, right in rows)
        return rf"\begin{{aligned}} {body} \end{{aligned}}"

    @cached_property
    def _source(self) -> tuple[str, dict[str, Value]]:
        return python_source(self._root)

    @property
    def python(self) -> str:
        """The whole expression as Python, nothing left out or simplified: evaluated with ``variables``, it gives the
        same number to the last bit.

        >>> import autograd
        >>> x = autograd.Value(0.5, name="x")
        >>> y = autograd.sin(x) * x
        >>> f = formula(y)
        >>> eval(f.python, vars(autograd) | f.variables) == y
        True

        Operations without a public function, such as the ``step`` in the gradient of relu, have their names in
        ``autograd.value.VALUES``.
        """
        return self._source[0]

    @property
    def variables(self) -> dict[str, Value]:
        """The Values that the names in ``python`` stand for."""
        return self._source[1]

    @cached_property
    def sympy(self) -> Any:
        """The whole expression as one of SymPy's, in symbols named as in ``variables``; numbers are exact.

        >>> import sympy
        >>> from autograd import Value, tanh
        >>> x = Value(0.5, name="x")
        >>> expression = formula(tanh(x) ** 2 / 2.0).sympy
        >>> sympy.diff(expression, "x")
        (2 - 2*tanh(x)**2)*tanh(x)/2

        The symbols assume nothing, ``sympy.Symbol("x")``. ``sympy.lambdify("x", expression, modules=autograd)`` is a
        function of numbers and Values again. An operation that SymPy lacks, a primitive say, is an undefined function.

        Raises ImportError where SymPy isn't installed.
        """
        return sympy_expression(self._root, {node: name for name, node in self.variables.items()})

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude  # Jupyter filters what it is given
        return {"text/latex": f"$\\displaystyle {self.latex}$", "text/plain": str(self)}


class _Outline:
    """The parts of a formula: the root's ``term``, and ``lines`` that define the names in it, the latest node first."""

    def __init__(self, root: Value, simplify: bool):
        self.simplified = simplified if simplify else _unchanged
        order = reverse_topological_order(root)
        latest = order[:MOST_NODES][::-1]
        self.before = len(order) - len(latest)
        self.name = ""
        self.names, self.terms, self.lines = Names(reversed(order)), dict[Value, Term](), list[Line]()
        self.uses = Counter(parent for node in latest for parent in node.parents)
        for node in latest:
            self.terms[node] = self._node(node, root)
        self.term = self.terms[root]
        self.lines.reverse()

    def _node(self, node: Value, root: Value) -> Term:
        """The term of a node as an operand of others; of the root, its own expression."""
        if node._rule is None:
            return leaf(node, self.names)
        term = self.simplified(term_of(node._rule, *(self._operand(node, x) for x in node.operands), place=place_of(node)))
        if node is root:
            self.name = self.names.get(node, "")
            return term
        shared = self.uses[node] > 1 and term.size > SMALL
        return self._line(node, term) if node.name or shared or is_long(term) else term

    def _operand(self, node: Value, x: Value | float) -> Term:
        if isinstance(x, float):
            return number(x)
        if x._order > node._order:
            raise stale(node, x)
        if x not in self.terms:  # beyond MOST_NODES
            self.terms[x] = leaf(x, self.names) if x._rule is None else self._line(x, None)
        return self.terms[x]

    def _line(self, node: Value, term: Term | None) -> Term:
        name = self.names.automatic(node)
        self.lines.append((name, term))
        return named(name)


def _unchanged(term: Term) -> Term:
    return term


def leaf(node: Value, names: Names) -> Term:
    """A leaf: its name, or its number."""
    return named(names[node]) if node in names else number(node.data)


def _needed(term: Term, lines: Iterable[Line]) -> Iterable[Line]:
    """The lines that define names in the term, directly or through other lines."""
    needed = set(names_in(term))
    for name, definition in lines:
        if name in needed:
            yield name, definition
            needed.update(names_in(definition) if definition else ())
