"""The text of addresses and of parts of vectors. What several operands have in common is written once a block.

That is how far the loops have come: an address for each operand on its own took a multiplication and an addition for every
loop around, a third of the lines of a Gaussian mixture's gradient, and a fifth of LLVM's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograd.compiler.codegen.partition import Partition
from autograd.compiler.codegen.places import Address
from autograd.compiler.codegen.text import LlvmText
from autograd.elementary.arithmetic import double_literal

INVARIANT = ", !invariant.load !0"  # LLVM may load it once and for all


class ModuleTables:
    """A module's tables of numbers and of slots, each written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._names: dict[object, str] = {}

    def add(self, kind: str, entries: Sequence[str]) -> str:
        """The address of a table of these entries."""
        key = (kind, *entries)
        if key not in self._names:
            name = self._names[key] = f"@table{len(self.lines)}"
            self.lines.append(f"{name} = internal constant [{len(entries)} x {kind}] [{', '.join(entries)}]")
        return self._names[key]

    def numbers(self, part: Partition) -> str:
        """The address of all constants of a half."""
        if part.name not in self._names:
            self._names[part.name] = self.add("double", [f"double {double_literal(x)}" for x in part.constants])
        return self._names[part.name]

    def slots(self, entries: Sequence[int]) -> str:
        """The address of a table of slots."""
        return self.add("i32", [f"i32 {k}" for k in entries])


class Addresses(LlvmText):
    """Text with addresses in it, of one of a half's functions."""

    def __init__(self, part: Partition, number: int, declared: dict[str, str], tables: ModuleTables):
        super().__init__(part.target, declared)
        self.part, self.number, self.tables = part, number, tables
        self.narrow = LlvmText(replace(part.target, width=part.target.sum_width, registers=1), declared)
        self.narrow.body = self.body  # for sums, which are a register wide
        self.head: list[str] = []  # lines at the function's beginning
        self.everywhere: set[str] = set()  # the names that these give, which all blocks see
        self.known: dict[str, str] = {}  # addresses and parts of them that the block sees

    def once(self, text: str) -> str:
        """The name of what a line computes: where the block sees the same line from before, its name."""
        name = self.known.get(text)
        if name is None:
            name = self.known[text] = self.written(text)
        return name

    def written(self, text: str) -> str:
        """The name of what a line computes."""
        name = self.new()
        self.line(f"  {name} = {text}")
        return name

    def register(self, x: str, part: int) -> str:
        """One register's lanes of a value."""
        w = self.target.sum_width
        if self.target.registers == 1:
            return x
        lanes = ", ".join([f"i32 {k}" for k in range(part * w, (part + 1) * w)])
        return self.once(f"shufflevector {self.type} {x}, {self.type} poison, <{w} x i32> <{lanes}>")

    def base(self, entry: int) -> str:
        """The address in an entry of the table."""
        name = f"%base{entry}"
        if name not in self.everywhere:
            at = f"{name}.at = getelementptr ptr, ptr %ctx, i64 {entry}"
            self.at_head(name, at, f"{name} = load ptr, ptr {name}.at{INVARIANT}")
        return name

    def at_head(self, name: str, *lines: str) -> str:
        """The name that lines at the function's beginning give."""
        if name not in self.everywhere:
            self.everywhere.add(name)
            self.head += [f"  {line}" for line in lines]
        return name

    def at(self, base: str, kind: str, address: Address, counters: Sequence[str]) -> str:
        """The address of a number or vector behind a base."""
        start, strides, table, beyond = address
        index = self.looked_up(table, start, strides, counters) if table else str(start)
        base = self._walked(base, kind, beyond if table else strides, counters)
        return base if index == "0" else self.once(f"getelementptr {kind}, ptr {base}, i64 {index}")

    def looked_up(self, table: Sequence[int], start: int, strides: Sequence[int], counters: Sequence[str]) -> str:
        """What a table of slots says."""
        address = self.at(self.tables.slots(table), "i32", Address(start, tuple(strides)), counters)
        return self.once(f"zext i32 {self.once(f'load i32, ptr {address}{INVARIANT}')} to i64")

    def _walked(self, base: str, kind: str, strides: Sequence[int], counters: Sequence[str]) -> str:
        """Where a base has come to in these iterations of the loops."""
        for stride, counter in zip(strides, counters, strict=True):
            if stride > 1:  # rows of ``stride`` numbers: less text than a product
                base = self.once(f"getelementptr [{stride} x {kind}], ptr {base}, i64 {counter}")
            elif stride:
                base = self.once(f"getelementptr {kind}, ptr {base}, i64 {self._times(counter, stride)}")
        return base

    def _times(self, number: str, factor: int) -> str:
        """A multiple of a number."""
        return number if factor == 1 else self.once(f"mul i64 {number}, {factor}")

    def in_row(self, entry: int, row: Address, counters: Sequence[str]) -> str:
        """The address of a vector in a row."""
        length, base = self._length(), self._first_row(entry)
        for stride, counter in zip(row.beyond if row.table else row.strides, counters, strict=True):
            if stride:
                further = self.once(f"mul i64 {self._times(counter, stride)}, {length}")
                base = self.once(f"getelementptr double, ptr {base}, i64 {further}")
        if row.table:
            further = self.once(f"mul i64 {self.looked_up(row.table, row.start, row.strides, counters)}, {length}")
        elif row.start:
            further = self._times(length, row.start)
        else:
            return base
        return self.once(f"getelementptr double, ptr {base}, i64 {further}")

    def _length(self) -> str:
        """The length of a row."""
        at = f"%length.at = getelementptr ptr, ptr %ctx, i64 {self.part.layout.LENGTH}"
        return self.at_head("%length", at, f"%length = load i64, ptr %length.at{INVARIANT}")

    def _first_row(self, entry: int) -> str:
        """The vector in the first row of a block, or of the results."""
        name, base = f"%row{entry}", self.base(entry)
        return self.at_head(name, f"{name} = getelementptr double, ptr {base}, i64 %lane")
