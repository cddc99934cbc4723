r"""A derivation in LaTeX, and in Markdown with LaTeX formulas.

>>> from autograd import Value
>>> x = Value(0.5, name="x"); z = x * 3.0; z.name = "z"
>>> y = z.sigmoid(); y.name = "y"
>>> print(render_latex(Derivation(y, x), 0.4475))
\begin{aligned}
\frac{dy}{dx} &= \frac{dy}{dz} \cdot \frac{dz}{dx} \\
&= y \cdot (1 - y) \cdot 3 \\
&= 0.1491 \cdot 3 \\
&= 0.4475
\end{aligned}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from autograd.interop.text import count, grouped_digits
from autograd.symbolic.derivation import Derivation
from autograd.symbolic.identifiers import decimal_latex, name_latex
from autograd.symbolic.paths import Link
from autograd.symbolic.printers import latex
from autograd.symbolic.render_text import (
    MOST,
    MOST_VALUES,
    abbreviated,
    as_factor,
    definitions,
    other_values,
    written_factors,
)
from autograd.symbolic.terms import add, multiply, number

TIMES, MORE = r" \cdot ", r"\underset{{{}\text{{ more}}}}{{\cdots}}"
MOST_SUMMANDS = 3  # paths that are written as one sum; more get a line each


def render_latex(derivation: Derivation, value: float) -> str:
    """The equation, one side on a line, for LaTeX's math mode."""
    name, total = derivation.total_latex, decimal_latex(value)
    if derivation.count > MOST_SUMMANDS:
        rows = [f"{name} &= {total}", *_paths(derivation)]
    else:
        sides = [*_sum(derivation, _names), *_formulas(derivation), *_sum(derivation, _numbers), total]
        first, *others = dict.fromkeys(sides)
        rows = [f"{name} &= {first}", *(f"&= {side}" for side in others)]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def render_markdown(derivation: Derivation, value: float, check: Sequence[str]) -> str:
    """The equation, lists of its factors and definitions, and the sentences of the check."""
    links, omitted = written_factors(derivation)
    factors = [
        _item(derivation.name_latex(link), derivation.formula(link, latex), decimal_latex(link.value)) for link in links
    ]
    factors += [f"- {count(omitted, 'more factor')}"] * (omitted > 0)
    parts = [_item(name_latex(name), latex(term), decimal_latex(x)) for name, term, x in definitions(derivation, links)]
    parts += [_item(name_latex(name), decimal_latex(x)) for name, x in other_values(derivation, links)[:MOST_VALUES]]
    blocks = [
        f"$$\n{render_latex(derivation, value)}\n$$",
        "\n".join(factors),
        *(["where", "\n".join(parts)] if parts else []),
    ]
    return "\n\n".join([*filter(None, blocks), *map(escaped, check)]) + "\n"


def _item(*sides: str) -> str:
    return f"- ${' = '.join(dict.fromkeys(filter(None, sides)))}$"


def escaped(text: str) -> str:
    r"""Text for Markdown, with all that is markup there escaped.

    >>> escaped("a*b <c>")
    'a\\*b \\<c\\>'
    """
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$&=:'\"])", r"\\\1", text)


# -- a product, and a sum of them --------------------------------------------------------------------------


def _sum(derivation: Derivation, side: Callable[[Derivation, Sequence[Link]], str]) -> Iterator[str]:
    """The sum over the paths, in names or numbers; nothing where it is just the name of the derivative."""
    line = " + ".join(side(derivation, links) for links in derivation.paths)
    if line and line != derivation.total_latex:
        yield line


def _formulas(derivation: Derivation) -> Iterator[str]:
    """The sum over the paths, in formulas; nothing where a path is long."""
    if max(map(len, derivation.paths)) <= MOST:
        paths = [[derivation.term(link) or number(link.value) for link in links] for links in derivation.paths]
        yield latex(add(*(multiply(*terms) for terms in paths)))


def _names(derivation: Derivation, links: Sequence[Link]) -> str:
    return abbreviated(links, derivation.name_latex, TIMES, MORE)


def _numbers(_: Derivation, links: Sequence[Link]) -> str:
    return abbreviated(links, lambda link: as_factor(decimal_latex(link.value)), TIMES, MORE)


def _paths(derivation: Derivation) -> Iterator[str]:
    for i, (links, product) in enumerate(zip(derivation.paths, derivation.products, strict=True)):
        sides = dict.fromkeys([_names(derivation, links), _numbers(derivation, links), decimal_latex(product)])
        yield rf"&\quad {'= ' if i == 0 else '+ '}{' = '.join(sides)}"
    others = derivation.count - len(derivation.paths)
    if others:
        yield rf"&\quad + \text{{{grouped_digits(others)} more paths: }} {as_factor(decimal_latex(derivation.rest))}"
