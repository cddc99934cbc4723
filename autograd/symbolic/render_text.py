"""A derivation in lines of text.

>>> from autograd import Value
>>> x = Value(3.0, name="x"); u = x * x; u.name = "u"
>>> print(render_text(Derivation(u * x, x), 27.0))
df/dx = ∂f/∂u · du/dx + ∂f/∂x = 18 + 9 = 27
  path 1: ∂f/∂u · du/dx = 3 · 6 = 18
  path 2: ∂f/∂x = 9
  ∂f/∂u = x = 3
  du/dx = 2·x = 6
  ∂f/∂x = u = 9
where
  f = u·x = 27
  u = x·x = 9
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from autograd.interop.text import count, grouped_digits
from autograd.symbolic.derivation import Derivation
from autograd.symbolic.identifiers import decimal, name_text
from autograd.symbolic.paths import Link
from autograd.symbolic.printers import text
from autograd.symbolic.terms import Term, names_in

WIDTH, MARGIN = 100, 12  # characters of a line, and at most of the indent of its continuation
MOST, FIRST, LAST = 8, 4, 3  # factors of a path written in full; of a longer path its first and last ones
MOST_FACTORS, MOST_VALUES = 12, 6  # factors with a line of their own; names whose values are given
MANY, LARGE = 100, 20_000  # from so many paths of single edges on their number is given, up to so many nodes


def render_text(derivation: Derivation, value: float) -> str:
    """The equation, its factors, and the definitions of the names in them."""
    links, omitted = written_factors(derivation)
    factors = [_equation(derivation.name(link), derivation.formula(link, text), decimal(link.value)) for link in links]
    factors += [f"… {count(omitted, 'more factor')}"] * (omitted > 0)
    parts = [_equation(name_text(name), text(term), decimal(x)) for name, term, x in definitions(derivation, links)]
    values = [_equation(name_text(name), decimal(x)) for name, x in other_values(derivation, links)]
    parts += [", ".join(values[:MOST_VALUES] + ["…"] * (len(values) > MOST_VALUES))] * bool(values)
    lines = [*_equations(derivation, value), *(factors if len(factors) > 1 else [])]
    return block(lines[0], lines[1:]) + ("\n" + block("where", parts) if parts else "")


def block(heading: str, lines: Sequence[str]) -> str:
    """Lines indented under a heading."""
    return "\n  ".join([heading, *lines])


def _equation(*sides: str) -> str:
    """``a = b = c``, without empty and repeated sides."""
    return " = ".join(dict.fromkeys(filter(None, sides)))


def _wrapped(before: str, *sides: str) -> str:
    """The same after a text ``before``, wrapped where a line would be too long."""
    first, *others = dict.fromkeys(filter(None, sides))
    lines, margin = [before + first], " " * (len(before) + min(len(first), MARGIN))
    for side in others:
        if len(lines[-1]) + len(side) > WIDTH:
            lines.append(margin)
        lines[-1] += f" = {side}"
    return "\n".join(lines)


# -- the equation ------------------------------------------------------------------------------------------


def _equations(derivation: Derivation, value: float) -> Iterator[str]:
    paths, total = derivation.paths, decimal(value)
    if derivation.count == 1:
        links = paths[0]
        formula = derivation.formula(links[0], text) if len(links) == 1 else _numbers(links)
        yield _wrapped("", derivation.total_name, _names(derivation, links), formula, total)
    else:
        products = " + ".join(map(decimal, derivation.products)).replace("+ −", "− ")
        names = " + ".join(_names(derivation, links) for links in paths)
        line = _equation(derivation.total_name, names, products, total)
        fits = derivation.count == len(paths) and len(line) <= WIDTH
        yield line if fits else f"{derivation.total_name} = {total}, the sum over {grouped_digits(derivation.count)} paths"
        yield from _paths(derivation)
    if len(derivation.between) <= LARGE and derivation.edge_count >= max(MANY, derivation.count + 1):
        yield f"along {grouped_digits(derivation.edge_count)} paths of single edges"


def _paths(derivation: Derivation) -> Iterator[str]:
    for i, (links, product) in enumerate(zip(derivation.paths, derivation.products, strict=True), 1):
        yield _wrapped(f"path {i}: ", _names(derivation, links), _numbers(links), decimal(product))
    others = derivation.count - len(derivation.paths)
    if others:
        yield f"the other {grouped_digits(others)} together: {decimal(derivation.rest)}"


def _names(derivation: Derivation, links: Sequence[Link]) -> str:
    return abbreviated(links, derivation.name, " · ")


def _numbers(links: Sequence[Link]) -> str:
    return abbreviated(links, lambda link: as_factor(decimal(link.value)) if len(links) > 1 else decimal(link.value), " · ")


def abbreviated(links: Sequence[Link], render: Callable[[Link], str], times: str, more: str = "… {} more …") -> str:
    """The product of the factors of a path, of a long one the first and the last; 1 for none."""
    if len(links) <= MOST:
        return times.join(map(render, links)) or "1"
    between = more.format(grouped_digits(len(links) - FIRST - LAST))
    return times.join([*map(render, links[:FIRST]), between, *map(render, links[-LAST:])])


def as_factor(number: str) -> str:
    """A number in text or LaTeX as a factor: in parentheses where it is negative."""
    return f"({number})" if number.startswith(("−", "-")) else number


# -- factors and definitions -------------------------------------------------------------------------------


def written_factors(derivation: Derivation) -> tuple[list[Link], int]:
    """The factors that get a line, of long paths the first and last, and how many are left out."""
    links: dict[Link, None] = {}
    every = 0
    for path in derivation.paths:
        short = path if len(path) <= MOST else [*path[:FIRST], *path[-LAST:]]
        links |= dict.fromkeys(short)
        every += len(path) - len(short)
    return list(links)[:MOST_FACTORS], every + max(len(links) - MOST_FACTORS, 0)


def definitions(derivation: Derivation, links: Sequence[Link]) -> Iterator[tuple[str, Term, float]]:
    """Name, definition and value of each node that a factor is a derivative of."""
    for node in sorted({link.node for link in links}, key=lambda node: node._order, reverse=True):
        yield derivation.names[node], derivation.writer.definition(node), node.data


def other_values(derivation: Derivation, links: Sequence[Link]) -> list[tuple[str, float]]:
    """Name and value of unnamed nodes that formulas refer to by a generated name, without a definition."""
    defined = {name: term for name, term, _ in definitions(derivation, links)}
    terms = [*filter(None, map(derivation.term, links)), *defined.values()]
    mentioned = {name for term in terms for name in names_in(term)} - set(defined)
    return [(name, node.data) for node, name in derivation.names.items() if name in mentioned and not node.name]
