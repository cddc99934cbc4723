"""How far from its iteration a value is read: where that is near enough, the next iteration stores its own in its slot.

So the sums that a scan carries take one slot each, however many steps there are: a recurrent net of 32 units and 800 steps
has a thousand of them, which took 52 MB for a vector of lanes.
"""

from __future__ import annotations

from autograd.compiler.codegen.places import Found, Nest, Places, in_common
from autograd.program.loops import Operation, Place


class Reach:
    """What is known of the readers of values that are kept in memory."""

    def __init__(self, places: Places):
        self.places = places
        self.nests: dict[int, Nest] = {}  # the loops around steps, by the steps' numbers
        self._reused: dict[int, list[bool]] = {}
        self._asked: object = None  # the operand whose ``_computed`` is known
        self._computed: dict[int, list[tuple[Found, list[list[int]]]]] = {}

    def reused(self, number: int) -> list[bool]:
        """For each loop around a step whether its iterations may share a slot: all where nothing reads it."""
        return self._reused.get(number, [False] * len(self.nests.get(number, ())))

    def read(self, place: Place, nest: Nest, usual: tuple[Place, Nest], reader: int) -> None:
        """A step reads an operand from memory; ``usual`` is how in all but the first iteration."""
        for step in self.places.touched(*usual):
            around = self.nests.get(step.number)
            if around:
                may = self._may_reuse(place, nest, usual, reader, step, around)
                before = self._reused.setdefault(step.number, [True] * len(around))
                self._reused[step.number] = [a and b for a, b in zip(before, may, strict=True)]

    def _may_reuse(
        self, place: Place, nest: Nest, usual: tuple[Place, Nest], reader: int, step: Operation, around: Nest
    ) -> list[bool]:
        """For each loop around the step that computes it whether this reader allows it.

        It does if it reads the value in the same iteration, or in the next before the step computes another, and after the
        loop if it reads that of the last iteration.
        """
        shared = len(in_common(around, nest))
        distances = _distances(place, nest[:shared], nest)
        far = next((k for k, distance in enumerate(distances) if distance), None)
        if far is not None:
            ahead = distances[far] == 1 and 0 <= reader <= step.number
            carried = ahead and len(distances) == shared and not any(distances[far + 1 :])
            return [*[True] * far, carried, *[False] * (len(around) - far - 1)]
        if len(distances) < shared:
            return [*[True] * len(distances), *[False] * (len(around) - len(distances))]
        return [*[True] * shared, *self._last_alone(usual, step, around)[shared:]]

    def _last_alone(self, usual: tuple[Place, Nest], step: Operation, around: Nest) -> list[bool]:
        """For each loop around a step whether nothing is read but what the last iteration computes."""
        if usual is not self._asked:  # it is asked for step after step
            self._asked, self._computed = usual, {}
            for pair in self.places.all_found(*usual):
                self._computed.setdefault(pair[0].step.number, []).append(pair)
        found = self._computed[step.number]
        return [
            all(each.iterations[k] == loop.times - 1 and not any(way[k] for way in ways) for each, ways in found)
            for k, loop in enumerate(around)
        ]


def _distances(place: Place, shared: Nest, nest: Nest) -> list[int]:
    """By how many iterations of each of these loops a value is older than its reader, up to the loop where that differs."""
    distances: list[int] = []
    start = 0  # in the second iteration of all loops, where nothing is special
    for k, loop in enumerate(shared):
        if place.strides[k] != loop.size:
            break
        at = place.start + sum(place.strides[: k + 1]) - start - loop.number
        ways = [stride * (inner.times - 1) for stride, inner in zip(place.strides[k + 1 :], nest[k + 1 :], strict=True)]
        iterations = {(at + sum(pick(way, 0) for way in ways)) // loop.size for pick in (min, max)}
        if len(iterations) > 1:
            break
        iteration = iterations.pop()
        distances.append(1 - iteration)
        start += iteration * loop.size
    return distances
