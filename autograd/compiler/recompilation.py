"""The warning where a function is compiled anew at nearly every call, so that no call makes up for what compiling takes.

It says nothing where that can't be known: compiled once and called once may be the first of a million calls. It speaks once
for each compiled function, and only of what was measured: how often, how long, and how long the calls would take uncompiled.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from autograd.compiler.signature import Leaf, Static, static_key
from autograd.compiler.specialisation import Specialisation
from autograd.errors import RecompilationWarning
from autograd.interop.coerce import describe
from autograd.modes.user_code import warn_at_user_line

FEWEST = 10  # compilations: below, they may still pay
NEARLY = 0.9  # of the calls were compiled for
FACTOR = 2.0  # times as long as the calls alone, at least


def check_reuse(name: str, transform: str, specialisations: Sequence[Specialisation]) -> bool:
    """Warn if compiling one transform in all these ways has been in vain so far; whether it has.

    One that was called again by its fast path, which counts no calls, may have paid.
    """
    used = [each for each in specialisations if each.calls]
    made, calls = sum(len(each.branches) for each in used), sum(each.calls for each in used)
    if made < FEWEST or made < NEARLY * calls or any(each.reused for each in used):
        return False
    taken = sum(each.options.clock.seconds for each in used)
    uncompiled = sum(each.seconds_uncompiled for each in used)
    if taken < FACTOR * uncompiled:
        return False
    what, instead = _cause(used)
    warn_at_user_line(
        f"compile: {name} was traced and compiled {made} times in {calls} calls{_of(transform)}, {taken:.2g} s for what "
        f"takes about {uncompiled:.2g} s without compile. {what}; {instead}, or leave compile out. "
        "(Hidden by warnings.simplefilter('ignore', autograd.RecompilationWarning).)",
        RecompilationWarning,
    )
    return True


def _of(transform: str) -> str:
    return "" if transform == "value" else f" of {transform}"


def _cause(used: Sequence[Specialisation]) -> tuple[str, str]:
    """What was another from call to call, and what to write instead."""
    if len(used) <= sum(len(each.branches) for each in used) / 2:
        return "Its comparisons took another way in each", "choose with where(condition, a, b), which needs no branch"
    specs = [each.spec for each in used]
    for k in range(max(spec.count for spec in specs)):
        entries = [spec.entries_of(k) for spec in specs if k < spec.count]
        seen = list({tuple(map(_key, each)): _text(each) for each in entries}.values())
        if len(seen) > len(entries) / 2:
            return f"Argument {specs[-1].name_of(k)} was another each time{_some(seen)}", _instead(entries)
    return "The arguments were others each time", "give them the same shapes and the same static values"


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
