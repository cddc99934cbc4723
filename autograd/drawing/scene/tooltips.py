"""The tooltips of boxes and edges: exact numbers, one a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from autograd.drawing.scene.blocks import NodeBlock
from autograd.drawing.scene.scale import MEANINGS
from autograd.interop.text import count, number, printable, shortened
from autograd.rules.table import Rule
from autograd.value import Value

LONGEST = 500  # characters of a name
EARLIER = "max_nodes says how many are drawn"
NAMED = 6  # operations of a folded box that are named; the others are left out


def of_node(node: Value) -> str:
    """The tooltip of a node: its name, operation, value and gradient, the sum over the edges out of it.

    >>> from autograd import Value
    >>> print(of_node(Value(2.0, name="x")))
    x
    value 2.0
    gradient – (no backward pass yet)
    """
    name = shortened(node.name, LONGEST) if node.name else ""
    what = " ".join(filter(None, (name, f"({node.op})" if name and node.op else node.op)))
    return f"{what or 'leaf'}\nvalue {_exact(node.data)}\ngradient {_exact(node.grad_or_none)}"


def of_edge(value: float, local: float | None, upstream: float | None, gradient: float | None) -> str:
    """The tooltip of an edge: its value, and the factors of its gradient.

    >>> print(of_edge(2.0, 5.0, 0.5, 2.5))
    value 2.0
    gradient 2.5
    local derivative 5.0
    upstream 0.5
    contribution: upstream × local derivative
    """
    text = f"value {_exact(value)}\ngradient {_exact(gradient)}"
    if local is None:
        return text
    return (
        f"{text}\nlocal derivative {_exact(local)}\nupstream {_exact(upstream)}\ncontribution: upstream × local derivative"
    )


def of_value(value: float) -> str:
    """The tooltip of an edge to an output that other outputs depend on.

    >>> print(of_value(2.0))
    value 2.0
    its gradient comes from other outputs
    """
    return f"value {_exact(value)}\nits gradient comes from other outputs"


def of_constants(numbers: Sequence[float]) -> str:
    """The tooltip of the plain numbers among an operation's operands.

    >>> of_constants([2.0])
    'constant 2.0'
    """
    return (
        f"constant {_exact(numbers[0])}" if len(numbers) == 1 else f"{count(len(numbers), 'plain number')}{_range(numbers)}"
    )


def of_many(n: int, values: Sequence[float], gradients: Sequence[float]) -> str:
    """The tooltip of a bundle of ``n`` edges: the range of the first values and gradients.

    >>> print(of_many(1200, [1.0, 2.0], [0.5, -0.5]))
    1 200 values, the first 2 from 1 to 2
    1 200 gradients, the first 2 from -0.5 to 0.5
    """
    first = f" the first {len(values)}" if len(values) < n else ""
    gradient_range = _range(gradients, first) if gradients else ": – (no backward pass yet)"
    return f"{count(n, 'value')}{_range(values, first)}\n{count(n, 'gradient')}{gradient_range}"


def of_block(block: NodeBlock) -> str:
    """The tooltip of a folded box: how many nodes of which operations it stands for.

    >>> from autograd import Value
    >>> x = Value(2.0)
    >>> print(of_block(NodeBlock("group", [x, x.exp(), x.exp()], (), "neuron 3")))
    neuron 3
    3 nodes: 2 exp, 1 leaf
    """
    rules = Counter(map(attrgetter("_rule"), block.nodes))
    named = [_kind(rule, n) for rule, n in rules.most_common(NAMED)]
    more = ", …" if len(rules) > NAMED else ""
    first = EARLIER if block.kind == "earlier" else shortened(block.title, LONGEST)
    return "\n".join(filter(None, [first, f"{count(len(block.nodes), 'node')}: {', '.join(named)}{more}"]))


def _kind(rule: Rule | None, n: int) -> str:
    return count(n, "leaf") if rule is None else f"{n:,} {printable(rule.symbol)}".replace(",", " ")


def meaning(flag: str) -> str:
    """The line that explains a flag.

    >>> meaning("zero")
    'zero: the gradient is exactly 0'
    """
    return f"{flag}: {MEANINGS[flag]}"


def _exact(x: float | None) -> str:
    return "– (no backward pass yet)" if x is None else repr(x + 0.0)  # of −0 as well 0.0


def _range(numbers: Sequence[float], which: str = "") -> str:
    least, most = min(numbers), max(numbers)
    return f",{which} from {number(least)} to {number(most)}" if least < most else f",{which} all {number(most)}"
