"""``History``: what a training was like, epoch by epoch."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograd.interop.html import table
from autograd.interop.plain import on_screen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 8  # epochs in a notebook's table


@dataclass
class History:
    """Loss and accuracy of every completed epoch; what ``fit`` returns.

    >>> History(loss=[0.7, 0.2], accuracy=[0.5, 1.0], seconds=1.25)
    History(2 epochs in 1.2 s; loss 0.7 → 0.2, accuracy 0.5 → 1)

    ``loss`` and ``accuracy`` are means over the epoch's batches, each taken before its update; ``val_loss``
    and ``val_accuracy`` are of the validation part, after the epoch. A list is empty where there
    are no such numbers: accuracies of a loss without labels, validation where no part was held out. ``metrics`` has those
    that were asked for, by name. ``passes`` says how often a row went forward through the net in training; by the chain rule
    it went back as often. ``compiled`` says whether the last steps were machine code, ``why`` why they weren't.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False
    compiled: bool = False
    why: str = ""
    passes: int = 0
    metrics: dict[str, list[float]] = field(default_factory=dict)

    def series(self) -> dict[str, list[float]]:
        """The lists that hold something, by name."""
        names = ("loss", "accuracy", "val_loss", "val_accuracy")
        return {**{name: getattr(self, name) for name in names if getattr(self, name)}, **self.metrics}

    def last(self) -> dict[str, float]:
        """The last number of each."""
        return {name: numbers[-1] for name, numbers in self.series().items()}

    def add(
        self,
        loss: float,
        accuracy: float | None = None,
        val_loss: float | None = None,
        val_accuracy: float | None = None,
        metrics: Mapping[str, float] | None = None,
    ) -> None:
        """Append one epoch's numbers; None is left out."""
        pairs = [(self.loss, loss), (self.accuracy, accuracy), (self.val_loss, val_loss), (self.val_accuracy, val_accuracy)]
        pairs += [(self.metrics.setdefault(name, []), x) for name, x in (metrics or {}).items()]
        _extend([(grown, [x]) for grown, x in pairs if x is not None])

    def extend(self, epochs: Sequence[tuple[float, float | None]]) -> None:
        """Append loss and accuracy of some epochs."""
        losses, accuracies = zip(*epochs, strict=True) if epochs else ((), ())
        _extend([(self.loss, losses), (self.accuracy, [x for x in accuracies if x is not None])])

    def plot(self) -> Figure:
        """The loss curve, a matplotlib Figure; ``.savefig(path)`` writes it. Raises ImportError without matplotlib."""
        from nn.plots import loss_curve

        return loss_curve(self)

    def __repr__(self) -> str:
        epochs = f"{len(self.loss)} epoch{'s' * (len(self.loss) != 1)} in {self.seconds:.1f} s"
        changes = [f"{name} {numbers[0]:.3g} → {numbers[-1]:.3g}" for name, numbers in self.series().items()]
        parts = [epochs, *([", ".join(changes)] if changes else []), *(["interrupted"] if self.interrupted else [])]
        parts += [f"node by node: {self.why:.200}"] if self.why and not self.compiled else []
        return on_screen(f"History({'; '.join(parts)})")

    def _repr_html_(self) -> str:
        """What Jupyter shows: a table of some epochs, the first and the last among them."""
        series = self.series()
        epochs = _evenly(len(self.loss))
        rows = [[epoch + 1, *(numbers[epoch] for numbers in series.values())] for epoch in epochs]
        return table(["epoch", *series], rows, caption=repr(self))


def _extend(lists: Sequence[tuple[list[float], Sequence[float]]]) -> None:
    """In C at once, so that an interrupt can't leave lists of different lengths."""
    grown, numbers = zip(*lists, strict=True)
    deque(map(list.extend, grown, numbers), maxlen=0)


def _evenly(n: int) -> list[int]:
    """At most SHOWN of 0 … n − 1, evenly apart."""
    return sorted({round(i * (n - 1) / (SHOWN - 1)) for i in range(SHOWN)}) if n else []
