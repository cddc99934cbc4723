"""A program's own functions for the driver: what is uniform, and a sweep over lanes, a tile of several values at a time.

A function computes a value of lanes, and then the next one, until all of the tile are there for the next function. One
that only sums products over lanes goes through the whole tile by itself: what it has in registers is added up once.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter


def own_functions(uniform: Sequence[str], lanes: Sequence[tuple[str, bool]], width: int, tile: int) -> list[str]:
    """A program's functions for the driver: what is uniform, and where there are lanes full vectors, at least one.

    Of the lanes' functions it is said whether one goes through all lanes of a tile by itself.
    """
    return [_uniform(uniform), *([_sweep(lanes, width, tile)] if lanes else [])]


def _uniform(names: Sequence[str]) -> str:
    calls = "\n".join(f"  call void @{name}(ptr %ctx, i64 0, i64 0, i64 0)" for name in names)
    return f"define void @uniform(ptr %ctx) nounwind {{\n{calls}\n  ret void\n}}"


def _sweep(functions: Sequence[tuple[str, bool]], width: int, tile: int) -> str:
    """Tile after tile; in a tile the functions in their order, each for all its values of lanes."""
    text, before = [], "tile"
    for k, (whole, group) in enumerate(groupby(functions, itemgetter(1))):
        names = [name for name, _ in group]
        text.append(_whole(names) if whole else _by_value(names, f"values{k}", before, width))
        before = before if whole else f"values{k}.end"
    calls = "\n".join(text)
    return f"""declare i64 @llvm.smin.i64(i64, i64)
define void @sweep(ptr %ctx, i64 %start, i64 %stop) nounwind {{
entry:
  br label %tile
tile:
  %first = phi i64 [ %start, %entry ], [ %next, %{before} ]
  %rest = sub i64 %stop, %first
  %count = call i64 @llvm.smin.i64(i64 %rest, i64 {tile * width})
{calls}
  %next = add i64 %first, {tile * width}
  %more = icmp slt i64 %next, %stop
  br i1 %more, label %tile, label %done
done:
  ret void
}}"""


def _whole(names: Sequence[str]) -> str:
    return "\n".join(f"  call void @{name}(ptr %ctx, i64 %first, i64 0, i64 %count)" for name in names)


def _by_value(names: Sequence[str], label: str, before: str, width: int) -> str:
    at, lane = f"%{label}.at", f"%{label}.lane"
    calls = "\n".join(f"  call void @{name}(ptr %ctx, i64 {lane}, i64 {at}, i64 {width})" for name in names)
    return f"""  br label %{label}
{label}:
  {at} = phi i64 [ 0, %{before} ], [ {at}.next, %{label} ]
  {lane} = add i64 %first, {at}
{calls}
  {at}.next = add i64 {at}, {width}
  {at}.more = icmp slt i64 {at}.next, %count
  br i1 {at}.more, label %{label}, label %{label}.end
{label}.end:"""
