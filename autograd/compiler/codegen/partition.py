"""The uniform or the varying half of a program, cut into functions of bounded size, and the memory they share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd.compiler.codegen.abi import BOOLEAN, Layout, Target
from autograd.program.instructions import Instructions

FUNCTION_SIZE = 384  # operations: code generation takes more than linear time in a function's length


class Partition:
    """The functions for one half of a program: what is uniform, the same in all lanes, or what varies."""

    def __init__(self, program: Instructions, layout: Layout, target: Target, varies: bytearray, lanes: bool):
        self.program, self.layout, self.target, self.varies, self.lanes = program, layout, target, varies, lanes
        w = target.width
        self.type = f"<{w} x double>" if w > 1 else "double"
        self.mask_type = f"<{w} x i1>" if w > 1 else "i1"
        self.name = "lanes" if lanes else "uniform"
        mine = [i for i, node in program.operations() if varies[i] == lanes and node.op not in BOOLEAN]
        self.functions = [mine[k : k + FUNCTION_SIZE] for k in range(0, len(mine), FUNCTION_SIZE)] or [[]]
        self.function_of = {i: k for k, function in enumerate(self.functions) for i in function}
        self.slot_of = self._slots() if lanes else self._uniform_slots()
        self.stored_outputs = self._outputs()
        self.only_summed = self._only_summed() if lanes and target.contract else set()

    # -- memory ------------------------------------------------------------------------------------

    def _needs(self) -> dict[int, int]:
        """For every value the last function that needs it; comparisons have no slot, they are computed again."""
        last: dict[int, int] = {}
        nodes = self.program.nodes
        for k, function in enumerate(self.functions):
            for i in function:
                stack = list(nodes[i].args)
                while stack:
                    a = stack.pop()
                    if nodes[a].op in BOOLEAN:
                        stack.extend(nodes[a].args)
                    else:
                        last[a] = k
        return last

    def _slots(self) -> dict[int, int]:
        """A slot in the frame for every value that a later function needs; free again after the last of those."""
        last = self._needs()
        free: list[int] = []
        expiring: dict[int, list[int]] = {}
        slot_of: dict[int, int] = {}
        for k, function in enumerate(self.functions):
            free.extend(expiring.pop(k - 1, ()))
            for i in function:
                end = last.get(i, -1)
                if end > k:
                    slot = free.pop() if free else self.layout.lane_slots
                    self.layout.lane_slots = max(self.layout.lane_slots, slot + 1)
                    slot_of[i] = slot
                    expiring.setdefault(end, []).append(slot)
        return slot_of

    def _uniform_slots(self) -> dict[int, int]:
        """A slot for every uniform value that the lanes need, or a later function."""
        needed = {i for i, last in self._needs().items() if last > self.function_of.get(i, last)}
        needed.update(self._needed_by_lanes())
        self.layout.uniform_slots = {i: k for k, i in enumerate(sorted(needed))}
        return self.layout.uniform_slots

    def _needed_by_lanes(self) -> Iterator[int]:
        for i, node in self.program.operations():
            if self.varies[i] or node.op in BOOLEAN:
                yield from (a for a in node.args if a in self.function_of)
        yield from (index for index in self.layout.rows if index in self.function_of)

    def _outputs(self) -> dict[int, list[tuple[str, int]]]:
        """For every output's index where it goes: the sums, rows or uniform outputs it is added to or stored in."""
        todo: dict[int, list[tuple[str, int]]] = {}
        layout = self.layout
        mine: dict[str, Sequence[int | None]] = {"uniform": layout.uniform}
        if self.lanes:
            mine = {"sum": layout.sums, "row": layout.rows}
        for kind, indices in mine.items():
            for k, index in enumerate(indices):
                if index is not None:
                    todo.setdefault(index, []).append((kind, k))
        return todo

    def _only_summed(self) -> set[int]:
        """Products used by a sum over lanes alone: each is fused into that sum."""
        products = {i for i in self.layout.sums if i is not None and self.program.nodes[i].op == "mul"}
        products.difference_update(*[node.args for _, node in self.program.operations()], self.layout.rows)
        return products
