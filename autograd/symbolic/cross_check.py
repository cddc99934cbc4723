"""Two checks of a derivative: the ``.grad`` there is, and finite differences of the graph, recomputed for each.

>>> from autograd import Value
>>> x = Value(3.0, name="x"); y = x * x
>>> compare_with_grad(6.0, "x", 6.0)
'x.grad = 6 is the same number'
>>> [recomputed([x, y], t) for t in (3.0, 4.0)]
[9.0, 16.0]
"""

from __future__ import annotations

import math

from autograd.interop.text import grouped_digits
from autograd.symbolic.identifiers import decimal, name_text
from autograd.value import Value

MOST_NODES = 5000  # that are recomputed, some hundred times
ROUNDING = 1e-12  # relative, of a gradient summed in another order
SLACK = 1e-6


def compare_with_grad(grad: float, name: str, value: float) -> str:
    """How ``.grad`` compares with the derivative, in a sentence."""
    grad_text = f"{name_text(name)}.grad = {decimal(grad)}"
    if grad == value or (grad != grad and value != value):
        return f"{grad_text} is the same number"
    if abs(grad - value) <= ROUNDING * abs(value):
        return f"{grad_text} is the same but for rounding"
    times = grad / value if value and math.isfinite(value) else 0.0
    if times >= 1.5 and abs(times - round(times)) <= ROUNDING * times:
        return f"{grad_text} is {round(times)} times as much: gradients accumulate from one backward() to the next"
    return f"{grad_text} is another number: it comes from another root or seed, or has accumulated over several"


def compare_with_differences(between: list[Value], value: float, name: str) -> str:
    """How finite differences compare with the derivative, the graph being recomputed for each; in a sentence."""
    if len(between) > MOST_NODES:
        return f"no differences taken: {grouped_digits(len(between))} nodes would be computed anew for each"
    if any(parent._order > node._order for node in between for parent in node.parents):
        return "no differences taken: a leaf has been set since"
    # Imported here: the tools for tests are loaded only where an explanation is checked.
    from autograd.testing.numerical import Shape, difference
    from autograd.testing.rounding import rounding

    noise = rounding(between[-1])
    estimate = difference(lambda t: recomputed(between, t), between[0].data, lambda _: noise)
    root = name_text(name)
    if estimate.shape is Shape.KINK:
        left, right = decimal(estimate.left), decimal(estimate.right)
        return f"{root} has a kink here, with the derivative {left} from the left and {right} from the right"
    if estimate.shape is not Shape.SMOOTH or not math.isfinite(estimate.error):
        why = {Shape.JUMP: f"{root} jumps here", Shape.END: f"{root} has no finite values on one side"}
        return f"differences can't tell: {why.get(estimate.shape, f'{root} is too rough here')}"
    agrees = abs(estimate.value - value) <= estimate.error + SLACK * abs(value)
    verdict = "" if agrees else ", which is another number"
    return f"differences of {root} give {decimal(estimate.value)} ± {decimal(estimate.error, 1)}{verdict}"


def recomputed(between: list[Value], t: float) -> float:
    """The last node's value for a value ``t`` of the first one, by the recorded operations."""
    values = {between[0]: t}
    for node in between[1:]:
        assert node._rule is not None
        values[node] = node._rule.value(*[x if isinstance(x, float) else values.get(x, x.data) for x in node.operands])
    return values[between[-1]]
