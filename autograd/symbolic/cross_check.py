"""What a derivative is held against: the ``.grad`` there is, and differences of the graph computed anew.

>>> from autograd import Value
>>> x = Value(3.0, name="x"); y = x * x
>>> grad_says(6.0, "x", 6.0)
'x.grad = 6 is the same number'
>>> [recomputed([x, y], t) for t in (3.0, 4.0)]
[9.0, 16.0]
"""

from __future__ import annotations

import math

from autograd.symbolic.identifiers import decimal, name_text
from autograd.value import Value

MOST_NODES = 5000  # to be computed anew, some hundred times
ROUNDING = 1e-12  # relative, of a gradient summed in another order
SLACK = 1e-6


def grad_says(grad: float, name: str, value: float) -> str:
    """What ``.grad`` says of the derivative, in a sentence."""
    told = f"{name_text(name)}.grad = {decimal(grad)}"
    if grad == value or (grad != grad and value != value):
        return f"{told} is the same number"
    if abs(grad - value) <= ROUNDING * abs(value):
        return f"{told} is the same but for rounding"
    times = grad / value if value and math.isfinite(value) else 0.0
    if times >= 1.5 and abs(times - round(times)) <= ROUNDING * times:
        return f"{told} is {round(times)} times as much: gradients accumulate from one backward() to the next"
    return f"{told} is another number: it comes from another root or seed, or has accumulated over several"


def difference_says(between: list[Value], value: float, name: str) -> str:
    """What finite differences say, with the graph computed anew for each; in a sentence."""
    if len(between) > MOST_NODES:
        return f"no differences taken: {len(between):,} nodes would be computed anew for each".replace(",", " ")
    if any(parent._order > node._order for node in between for parent in node.parents):
        return "no differences taken: a leaf has been set since"
    # Here, as the tools for tests are no part of a drawing.
    from autograd.testing.numerical import Shape, difference
    from autograd.testing.rounding import rounding

    noise = rounding(between[-1])
    found = difference(lambda t: recomputed(between, t), between[0].data, lambda _: noise)
    told = name_text(name)
    if found.shape is Shape.KINK:
        left, right = decimal(found.left), decimal(found.right)
        return f"{told} has a kink here, with the slope {left} from the left and {right} from the right"
    if found.shape is not Shape.SMOOTH or not math.isfinite(found.error):
        why = {Shape.JUMP: f"{told} jumps here", Shape.END: f"{told} has no finite values on one side"}
        return f"differences can't tell: {why.get(found.shape, f'{told} is too rough here')}"
    agrees = abs(found.value - value) <= found.error + SLACK * abs(value)
    verdict = "" if agrees else ", which is another number"
    return f"differences of {told} give {decimal(found.value)} ± {decimal(found.error, 1)}{verdict}"


def recomputed(between: list[Value], t: float) -> float:
    """The last node's value where the first one is t, by the operations that were recorded."""
    values = {between[0]: t}
    for node in between[1:]:
        assert node._rule is not None
        values[node] = node._rule.value(*[x if isinstance(x, float) else values.get(x, x.data) for x in node.operands])
    return values[between[-1]]
