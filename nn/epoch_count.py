"""``EpochCount``: the number of an epoch over several trainings, which each begin with 1.

>>> count = EpochCount()
>>> [count(epoch) for epoch in (1, 2, 3, 1, 2)]
[1, 2, 3, 4, 5]
"""

from __future__ import annotations


class EpochCount:
    """Called with the number that ``fit`` gives a callback, it gives that since the first training."""

    def __init__(self) -> None:
        self._before = self._latest = 0

    def __call__(self, epoch: int) -> int:
        """The number of this epoch in all."""
        if epoch <= self._latest:
            self._before += self._latest
        self._latest = epoch
        return self._before + epoch
