"""chainrule against micrograd and PyTorch's 0-d tensors, number by number: ``python -m benchmarks.eager``.

First all sides compute the gradient of one training step and must agree; only then are they timed, in turns,
each alone on a clean heap, on one thread. Ratios hold, times depend on the machine.
"""

import argparse
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import nn
from autograd import Value
from benchmarks import programs
from benchmarks.measure import bytes_held, largest_difference, machine, seconds, versions, worst
from benchmarks.table import Section, between, duration, markdown, ratio, terminal

README = Path(__file__).with_name("README.md")
MARKS = "<!-- eager: begin -->", "<!-- eager: end -->"
INSTALL = "pip install '.[bench]'"
TOLERANCE = 1e-12
POINTS = 100
CHAIN = 900  # micrograd's backward is recursive and ends at Python's limit of 1000
MICROGRAD, TORCH, SAME, OURS = "micrograd", "PyTorch", "micrograd's nn.py on our Value", "our nn.MLP, a neuron is one dot"


@dataclass
class Step:
    """A training step without the update: call it, then read ``gradient()``."""

    model: Any
    X: list[list[float]]
    y: list[float]
    loss: Callable[[Any, Any, Any], Any] = programs.micrograd_loss
    as_input: Callable[[float], Any] | None = None
    zero: Any = None

    def __post_init__(self) -> None:
        self.parameters = self.model.parameters()

    def __call__(self) -> None:
        for parameter in self.parameters:
            parameter.grad = self.zero
        convert = self.as_input
        X = [list(map(convert, row)) for row in self.X] if convert else self.X
        self.loss(self.model, X, self.y).backward()

    def gradient(self) -> list[float]:
        return [float(parameter.grad) for parameter in self.parameters]


# -- who takes part --------------------------------------------------------------------------------


def micrograd_value() -> Any:
    """micrograd's Value, None where it isn't installed."""
    try:
        from micrograd import engine
    except ImportError:
        return None
    return engine.Value


def torch_scalar() -> Any:
    """What makes a PyTorch 0-d tensor that wants a gradient, None where PyTorch isn't installed."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    return lambda number: torch.tensor(float(number), dtype=torch.float64, requires_grad=True)


def kinds() -> dict[str, Any]:
    """What makes a number, for everyone who is installed."""
    values = {MICROGRAD: micrograd_value(), TORCH: torch_scalar(), "chainrule": Value}
    return {name: value for name, value in values.items() if value is not None}


def steps() -> dict[str, Step]:
    """One training step for everyone who is installed: same net, same weights, same data."""
    X, y = programs.moons(POINTS)
    ours = Step(nn.MLP(len(X[0]), programs.SIZES, activation="relu", seed=0), X, y, programs.our_loss)
    theirs, scalar = micrograd_value(), torch_scalar()
    if theirs is None:
        return {OURS: ours}

    def on(value: Callable[[float], Any], **options: Any) -> Step:
        random.seed(1337)  # micrograd draws its weights from there
        return Step(programs.micrograd_nn(value).MLP(len(X[0]), programs.SIZES), X, y, **options)

    found = {MICROGRAD: on(theirs, as_input=theirs, zero=0)}
    if scalar:  # inputs that want no gradient are PyTorch's faster form
        found[TORCH] = on(scalar, as_input=lambda number: scalar(number).detach())
    found |= {SAME: on(Value, as_input=Value), OURS: ours}
    for mine, original in zip(ours.parameters, found[MICROGRAD].parameters, strict=True):
        mine.data = original.data
    return found


# -- the sections of the table -----------------------------------------------------------------------


def agreement(found: dict[str, Step]) -> tuple[Section, bool]:
    """Everyone's gradient against micrograd's, and of single operations against ours; whether all agree."""
    differences = {}
    for step in found.values():
        step()
    if MICROGRAD in found:
        reference = found[MICROGRAD].gradient()
        for name in (name for name in found if name != MICROGRAD):
            about = f"{name}, against micrograd: {len(reference)} parameters"
            differences[about] = largest_difference(found[name].gradient(), reference)
    for name, value in kinds().items():
        if value is not Value:
            known = [operation for operation in programs.OPERATIONS.values() if supports(value, operation)]
            pairs = [(derivative(Value, operation), derivative(value, operation)) for operation in known]
            each = [largest_difference([ours], [theirs]) for ours, theirs in pairs]
            differences[f"chainrule, against {name}: {len(known)} chains of an operation"] = worst(each)
    section = Section("Gradients", ["largest difference", f"≤ {TOLERANCE:g}"])
    for about, difference in differences.items():
        section.rows.append([about, f"{difference:.1e}", "✓" if difference <= TOLERANCE else "✗"])
    return section, all(difference <= TOLERANCE for difference in differences.values())


def derivative(value: Any, operation: Callable[[Any, Any], Any]) -> float:
    """The derivative of a chain of ``operation`` by where it starts."""
    x = value(1.5)
    programs.chain(x, value(1.0001), operation, CHAIN).backward()
    return float(x.grad)


def training(found: dict[str, Step], repetitions: int) -> Section:
    """Forward and backward pass of one step, with the collector as it is and without."""
    section = Section(
        f"One training step, moons 2-16-16-1, {POINTS} points", [MICROGRAD, TORCH, "chainrule", "× micrograd", "× PyTorch"]
    )
    targets = {(SAME, True): (4.0, 4.0), (SAME, False): (1.3, None), (OURS, True): (15.0, 4.0), (OURS, False): (None, None)}
    for collector in (True, False):
        times = seconds(found, repetitions, collector)
        for name in (name for name in (SAME, OURS) if name in times):
            theirs, torch = times.get(MICROGRAD), times.get(TORCH)
            to_micrograd, to_torch = targets[name, collector]
            ratios = [ratio(theirs, times[name], to_micrograd), ratio(torch, times[name], to_torch)]
            about = name if collector else f"{name}, collector off"
            section.rows.append([about, duration(theirs), duration(torch), duration(times[name]), *ratios])
    return section


def memory() -> Section:
    """Bytes that Python allocates for a node of a chain, its number included."""
    section = Section("Memory of a node", [MICROGRAD, TORCH, "chainrule", "× micrograd", "target"])
    operations = {"x + y": lambda x, y: x + y, "x * y": lambda x, y: x * y, "relu(x)": lambda x, y: x.relu()}
    for about, operation in operations.items():
        ours, theirs = node_bytes(Value, operation), node_bytes(micrograd_value(), operation)
        assert ours is not None
        their_figures = [f"{theirs:.0f} B", "—"] if theirs else ["—", "—"]
        verdict = f"{'✓' if ours <= 200 else '✗'} ≤ 200 B"
        section.rows.append([about, *their_figures, f"{ours:.0f} B", ratio(theirs, ours), verdict])
    return section


def node_bytes(value: Any, operation: Callable[[Any, Any], Any]) -> float | None:
    """Bytes a node, None for a peer who isn't there."""
    if value is None:
        return None
    x, y = value(1.5), value(1.0001)
    return bytes_held(lambda: programs.chain(x, y, operation, CHAIN)) / CHAIN


def operations(repetitions: int, times: int) -> Section:
    """Time per operation: chains of one operation, forward and backward, ``times`` of them in a row."""
    section = Section(
        f"One operation, chain of {CHAIN}, forward + backward", [MICROGRAD, TORCH, "chainrule", "× micrograd", "× PyTorch"]
    )
    for about, operation in programs.OPERATIONS.items():
        found = {name: chained(value, operation, times) for name, value in kinds().items() if supports(value, operation)}
        taken = {name: time / (times * CHAIN) for name, time in seconds(found, repetitions).items()}
        ours = taken["chainrule"]
        theirs, torch = taken.get(MICROGRAD), taken.get(TORCH)
        figures = [duration(theirs), duration(torch), duration(ours), ratio(theirs, ours), ratio(torch, ours)]
        section.rows.append([about, *figures])
    return section


def supports(value: Any, operation: Callable[[Any, Any], Any]) -> bool:
    """Whether this kind of number knows the operation."""
    try:
        operation(value(1.5), value(1.0001))
    except AttributeError:
        return False
    return True


def chained(value: Any, operation: Callable[[Any, Any], Any], times: int) -> Callable[[], None]:
    """The program that builds and differentiates the chain of an operation."""

    def program() -> None:
        for _ in range(times):
            programs.chain(value(1.5), value(1.0001), operation, CHAIN).backward()

    return program


# -- the command -------------------------------------------------------------------------------------


def caption() -> str:
    """When, where, with what; for a peer who is missing, what to install."""
    missing = [name for name in (MICROGRAD, TORCH) if name not in kinds()]
    advice = f"\n{' and '.join(missing)} not installed, so not compared: {INSTALL}" if missing else ""
    return f"{date.today()} · {machine()} · {versions('chainrule', 'micrograd', 'torch')}{advice}"


def main() -> int:
    """Compare, print, and with --markdown write the table to benchmarks/README.md. 1 if gradients differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.eager", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions: about 15 s, rougher ratios")
    parser.add_argument("--markdown", action="store_true", help="also write the table to benchmarks/README.md")
    options = parser.parse_args()
    repetitions, chains = (3, 5) if options.quick else (11, 20)

    print(caption(), end="\n\n")
    found = steps()
    checked, agreed = agreement(found)
    print(terminal([checked]), end="\n\n")
    if not agreed:
        print("The gradients differ, so the times would mean nothing.", file=sys.stderr)
        return 1
    sections = [training(found, repetitions), memory(), operations(repetitions, chains)]
    print(terminal(sections))
    if options.markdown:
        between(README, MARKS, f"{caption()}\n\n{markdown([checked, *sections])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
