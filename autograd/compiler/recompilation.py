"""The warning where a function is compiled anew at nearly every call, so that no call makes up for what compiling takes.

It says nothing where that can't be known: compiled once and called once may be the first of a million calls. It speaks once
for each compiled function, and only of what was measured: how often, how long, and how long the calls would take uncompiled.
Of functions that are compiled, called once and dropped, all is known.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from weakref import ref

from autograd.compiler.clock import Clock
from autograd.compiler.signature import Leaf, Static, static_key
from autograd.compiler.specialisation import Specialisation
from autograd.errors import RecompilationWarning
from autograd.interop.coerce import describe
from autograd.modes.user_code import is_ours, warn_at_user_line
from autograd.transforms.call import name_of
from autograd.transforms.types import Function

FEWEST = 10  # compilations: below, they may still pay
NEARLY = 0.9  # of the calls were compiled for
FACTOR = 2.0  # times as long as the calls alone, at least


class Tally:
    """Of the functions that one piece of code made: compiled, called once and dropped, how many and for how long.

    It looks which are gone when another one is compiled: where an object tells of its end, an interrupt could be lost.
    """

    def __init__(self) -> None:
        self.count = 0
        self.clocks: list[Clock] = []
        self.silent = False  # one has paid, or it was said
        self.living: list[tuple[ref[Reuse], list[Clock]]] = []

    def look(self) -> None:
        """Count those that are gone."""
        before, self.living = self.living, []
        for owner, clocks in before:
            if owner() is not None:
                self.living.append((owner, clocks))
            else:
                self.count += 1
                self.clocks += clocks
                self.silent |= any(clock.reused or clock.calls > 1 for clock in clocks)


TALLIES: dict[object, Tally] = {}  # by the code
MOST = 1000  # pieces of code that are remembered


class Reuse:
    """What a function was compiled for: its specialisations by transform, and whether calls have used them again."""

    def __init__(self, f: Function, of_objects: bool = False):
        self.f, self.of_objects, self.warned = f, of_objects, False
        self.by_transform: dict[str, dict[int, Specialisation]] = {}
        self.clocks: list[Clock] = []

    def compiled(self, each: Specialisation) -> None:
        """A call has made a branch of this specialisation: warn, once, if compiling has been in vain so far."""
        same = self.by_transform.setdefault(each.options.transform, {})
        if id(each) not in same:
            same[id(each)] = each
            self.clocks.append(each.options.clock)
        if not self.warned:
            self.warned = self._warn_of_calls(each.options.transform, list(same.values())) or self._warn_of_drops()

    def _warn_of_calls(self, transform: str, specialisations: Sequence[Specialisation]) -> bool:
        clocks = [each.options.clock for each in specialisations]
        made, calls = sum(clock.branches for clock in clocks), sum(clock.calls for clock in clocks)
        if made < FEWEST or made < NEARLY * calls or any(clock.reused for clock in clocks):
            return False
        times = f"traced and compiled {made} times in {calls} calls{_of(transform)}"
        return self._warn(times, clocks, *_cause(specialisations, self.of_objects))

    def _warn_of_drops(self) -> bool:
        """What is dropped is known to the end."""
        code = getattr(self.f, "__code__", None)
        if self.of_objects or code is None or is_ours(code.co_filename):
            return False
        if len(TALLIES) >= MOST:
            TALLIES.clear()
        tally = TALLIES.setdefault(code, Tally())
        tally.look()
        if len(self.clocks) == 1:
            tally.living.append((ref(self), self.clocks))
        if tally.silent or tally.count < FEWEST:
            return False
        what = "it is compiled where the line runs again and again"
        instead = "compile it once, before a loop, and give what differs as an argument"
        times = f"compiled {tally.count} times, called once and dropped"
        tally.silent = self._warn(times, tally.clocks, what, instead)
        return tally.silent

    @property
    def _name(self) -> str:
        return name_of(self.f)

    def _warn(self, times: str, clocks: Sequence[Clock], what: str, instead: str) -> bool:
        taken, uncompiled = sum(clock.seconds for clock in clocks), sum(clock.uncompiled for clock in clocks)
        if taken < FACTOR * uncompiled:
            return False
        warn_at_user_line(
            f"compile: {self._name} was {times}, {taken:.2g} s for what takes about {uncompiled:.2g} s without compile. "
            f"{what[0].upper()}{what[1:]}; {instead}, or leave compile out. "
            "(Hidden by warnings.simplefilter('ignore', autograd.RecompilationWarning).)",
            RecompilationWarning,
        )
        return True


def _of(transform: str) -> str:
    return "" if transform == "value" else f" of {transform}"


def _cause(used: Sequence[Specialisation], of_objects: bool) -> tuple[str, str]:
    """What was another from call to call, and what to write instead."""
    if of_objects and len({id(each.options.f) for each in used}) > len(used) / 2:
        return "its object was another each time", "give what differs as an argument"
    if len(used) <= sum(len(each.branches) for each in used) / 2:
        return "its comparisons took another way in each", "choose with where(condition, a, b), which needs no branch"
    specs = [each.spec for each in used]
    for k in range(max(spec.count for spec in specs)):
        entries = [spec.entries_of(k) for spec in specs if k < spec.count]
        seen = list({tuple(map(_key, each)): _text(each) for each in entries}.values())
        if len(seen) > len(entries) / 2:
            return f"argument {specs[-1].name_of(k)} was another each time{_some(seen)}", _instead(entries)
    return "the arguments were others each time", "give them the same shapes and the same static values"


def _key(entry: Leaf | Static) -> Hashable:
    return static_key(entry.value) if isinstance(entry, Static) else entry


def _text(entries: Sequence[Leaf | Static]) -> str:
    """An argument in a few words: its static part, else its shape."""
    static = [describe(entry.value) for entry in entries if isinstance(entry, Static)]
    if static:
        return ", ".join(static)
    if len(entries) == 1 and isinstance(entries[0], Leaf):
        return f"shape {entries[0].shape}" if entries[0].shape is not None else "a number"
    return f"{len(entries)} numbers or arrays"


def _some(seen: Sequence[str]) -> str:
    return f" ({'; '.join(seen[:3])}; …)" if len(set(seen[:3])) == 3 else ""  # not of functions that look alike


def _instead(entries: Sequence[Sequence[Leaf | Static]]) -> str:
    static = [entry for each in entries for entry in each if isinstance(entry, Static)]
    if not static:
        return "give arrays of one shape, or an axis of lanes (in_axes), of which there may be any number"
    if any(callable(entry.value) for entry in static):
        return "give the same function each time, no lambda written in the call"
    if any(isinstance(entry.value, int | float) and not isinstance(entry.value, bool) for entry in static):
        return "give it as a number that is traced where f doesn't need it as it is"
    return "give the same object each time"
