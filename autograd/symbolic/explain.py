"""``explain``: the chain rule of one derivative, and the ``Explanation`` it returns."""

from __future__ import annotations

from functools import cached_property

from autograd.backward import gradients
from autograd.interop.coerce import describe
from autograd.interop.plain import on_screen
from autograd.modes.anomaly import without_anomaly
from autograd.symbolic.cross_check import compare_with_differences, compare_with_grad
from autograd.symbolic.derivation import Derivation
from autograd.symbolic.identifiers import decimal, decimal_latex
from autograd.symbolic.paths import Link
from autograd.symbolic.printers import latex, text
from autograd.symbolic.render_latex import render_latex, render_markdown
from autograd.symbolic.render_text import block, render_text
from autograd.value import Value


def explain(root: Value, wrt: Value, *, steps: bool = False, max_paths: int = 5) -> Explanation:
    """The chain rule for d root / d wrt, with its factors and their numbers.

    >>> from autograd import Value, sigmoid
    >>> w, x, b = Value(0.4, name="w"), Value(0.5, name="x"), Value(0.1, name="b")
    >>> z = w * x + b; z.name = "z"
    >>> y = sigmoid(z); y.name = "y"
    >>> L = (y - 0.8) ** 2 / 2; L.name = "L"
    >>> print(explain(L, w))  # doctest: +ELLIPSIS
    dL/dw = dL/dy · dy/dz · dz/dw = (−0.2256) · 0.2445 · 0.5 = −0.02757
      dL/dy = y − 0.8 = −0.2256
      dy/dz = y·(1 − y) = 0.2445
      dz/dw = x = 0.5
    where
      L = (y − 0.8)²/2 = 0.02544
      y = σ(z) = 0.5744
      z = w·x + b = 0.3
    check
      differences of L give −0.02757 ± ...

    Factors run between the nodes you named; what lies between two of them is one factor, along all paths that pass no
    other. Where hardly any node is named, all get names, t1, t2 …, but for the terms of a sum. With ``steps`` every
    single edge is a factor. Of several paths the ``max_paths`` largest are written out, and what the others add up
    to. A factor is written with ∂ where its node depends on wrt in other ways too, with d otherwise.

    Raises TypeError where root or wrt isn't a Value, ValueError where root doesn't depend on wrt or max_paths isn't
    an int of at least 1, StaleGraphError where a leaf was set after the graph was built. Source: Griewank & Walther,
    Evaluating Derivatives, 2nd ed., chapter 3 (the chain rule), chapter 9 (elimination).
    """
    for argument, given in (("root", root), ("wrt", wrt)):
        if not isinstance(given, Value):
            raise TypeError(f"explain: {argument} must be a Value, got {describe(given)}")
    if not isinstance(max_paths, int) or isinstance(max_paths, bool) or max_paths < 1:
        raise ValueError(f"explain: max_paths must be an int of at least 1, got {max_paths!r}")
    with without_anomaly():
        value = gradients(root, 1.0).get(wrt)
    if value is None:
        raise ValueError(f"explain: root doesn't depend on wrt = {wrt!r}; expected a node of its graph")
    return Explanation(Derivation(root, wrt, steps, max_paths), value)


class Explanation:
    """The chain rule for one derivative: ``str()`` is text, ``latex`` and ``markdown`` say the same.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x"); u = x * x; u.name = "u"
    >>> explanation = explain(u * x, x)
    >>> explanation.value, explanation.factors, explanation.path_count
    (27.0, (3.0, 6.0), 2)
    >>> [[factor.name for factor in path] for path in explanation.paths]
    [['∂f/∂u', 'du/dx'], ['∂f/∂x']]

    ``value`` is the derivative as ``gradient(root, wrt)`` gives it. Jupyter shows the mathematics set in print.
    """

    def __init__(self, derivation: Derivation, value: float):
        self._derivation = derivation
        self.root, self.wrt, self.value = derivation.root, derivation.wrt, value
        self._grad = self.wrt.grad_or_none
        self._text = render_text(derivation, value)  # at once, as the graph may change later

    @cached_property
    def paths(self) -> tuple[tuple[Factor, ...], ...]:
        """The factors of each path, root first; the path of the largest |product| first, ``max_paths`` at most."""
        return tuple(tuple(Factor(link, self._derivation) for link in path) for path in self._derivation.paths)

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of the only path, or of the largest; root first, none where root is wrt."""
        return self.paths[0]

    @property
    def path_count(self) -> int:
        """How many paths there are through the nodes shown, exactly."""
        return self._derivation.count

    @property
    def edge_path_count(self) -> int:
        """How many paths of single edges there are, exactly: what a sum over paths without elimination would run over."""
        return self._derivation.edge_count

    @property
    def rest(self) -> float:
        """What the paths that aren't in ``paths`` add up to."""
        return self._derivation.rest

    @cached_property
    def check(self) -> tuple[str, ...]:
        """How ``wrt.grad`` and finite differences compare with the derivative, a sentence each."""
        names, between = self._derivation.names, self._derivation.between
        if self.root is self.wrt:
            return ()
        grad = [] if self._grad is None else [compare_with_grad(self._grad, names[self.wrt], self.value)]
        return *grad, compare_with_differences(between, self.value, names[self.root])

    def __str__(self) -> str:
        return on_screen(f"{self._text}\n{block('check', self.check)}" if self.check else self._text)

    __repr__ = __str__

    @cached_property
    def latex(self) -> str:
        """The chain rule with its factors and numbers in LaTeX's math mode, aligned on several lines."""
        return render_latex(self._derivation, self.value)

    @cached_property
    def markdown(self) -> str:
        """The same with a list of the factors, for Jupyter or a page."""
        return render_markdown(self._derivation, self.value, self.check)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        del include, exclude  # Jupyter filters what it is given
        return {"text/markdown": self.markdown, "text/latex": f"$\\displaystyle {self.latex}$", "text/plain": str(self)}


class Factor(float):
    """One factor of the chain rule, the derivative of ``node`` by ``parent``. It is a float, its ``value``.

    >>> from autograd import Value
    >>> x = Value(3.0, name="x"); y = x * x; y.name = "y"
    >>> (factor,) = explain(y, x).factors
    >>> factor, factor.name, factor.formula, factor.node is y, factor.parent is x
    (6.0, 'dy/dx', '2·x', True, True)
    """

    __slots__ = ("_derivation", "_link")

    _link: Link
    _derivation: Derivation

    def __new__(cls, link: Link, derivation: Derivation) -> Factor:
        factor = super().__new__(cls, link.value)
        factor._link, factor._derivation = link, derivation
        return factor

    @property
    def value(self) -> float:
        """The number."""
        return self._link.value

    @property
    def node(self) -> Value:
        """What is differentiated."""
        return self._link.node

    @property
    def parent(self) -> Value:
        """What it is differentiated by."""
        return self._link.parent

    @property
    def name(self) -> str:
        """``dy/dx``, or ``∂y/∂x`` where y depends on ``wrt`` along other paths too."""
        return self._derivation.name(self._link)

    @property
    def formula(self) -> str:
        """The factor in the names of the graph; its number where it has no formula that is short enough."""
        return self._derivation.formula(self._link, text) or decimal(self.value)

    @property
    def latex(self) -> str:
        """The formula in LaTeX."""
        return self._derivation.formula(self._link, latex) or decimal_latex(self.value)

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        return float, (self.value,)
