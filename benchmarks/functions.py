"""Functions over lanes, in line, beside libmvec's by calls: nanoseconds a lane, numbers in the first cache, best of many.

    python -m benchmarks.functions [name …]

Both are loops in machine code of the same kind over the same 1024 numbers, one vector of the machine's after another.
"""

from __future__ import annotations

import ctypes
import sys
import time
from typing import Any

import numpy as np

from autograd.compiler.runtime.jit import machine
from autograd.elementary.arithmetic import DOUBLE, Lines, Vector
from autograd.elementary.functions import BINARY, FUNCTIONS, operands

Rows = Any  # an array with a row for each argument
LETTER = {8: "e", 4: "d", 2: "b"}  # for a width in the names of libmvec's functions
LANES, TIMES, ROUNDS = 1024, 256, 100
NEAR = {"acosh": (1.1, 3.0), "exp": (-5.0, 5.0), "exp2": (-5.0, 5.0), "sin": (-3.0, 3.0), "cos": (-3.0, 3.0)}
NEAR |= {"tanh": (-3.0, 3.0), "erf": (-2.0, 2.0), "erfc": (-3.0, 3.0), "tan": (-3.0, 3.0)}


class Loop:
    """Machine code that computes something for every vector of lanes, again and again where there are few lanes."""

    def __init__(self, lines: Lines, result: Vector):
        here = machine()
        self.engine = here.machine_code([_text(lines, result)], 1, lambda: None)  # it has the code
        address = self.engine.get_function_address("every_vector")
        self.run = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64, ctypes.c_int64)(address)

    def __call__(self, *rows: Any, times: int = 1) -> Any:
        """The results for rows whose length is a power of two or, for one time, a multiple of the width."""
        results, length = np.empty_like(rows[0]), len(rows[0])
        mask = length - 1 if times > 1 else -1
        self.run(rows[0].ctypes.data, rows[-1].ctypes.data, results.ctypes.data, length * times, mask)
        return results

    def nanoseconds(self, rows: Rows) -> float:
        """Time a lane."""
        start = time.perf_counter()
        self(*rows, times=TIMES)
        return (time.perf_counter() - start) / (TIMES * rows.shape[1]) * 1e9


def _text(lines: Lines, result: Vector) -> str:
    kind = lines.type(DOUBLE)
    declared = "\n".join(lines.declared.values())
    return f"""{declared}
define void @every_vector(ptr %xs, ptr %ys, ptr %results, i64 %n, i64 %mask) "stackrealign" {{
entry:
  br label %loop
loop:
  %i = phi i64 [ 0, %entry ], [ %next, %end ]
  %lane = and i64 %i, %mask
  %x.at = getelementptr double, ptr %xs, i64 %lane
  %y.at = getelementptr double, ptr %ys, i64 %lane
  %at = getelementptr double, ptr %results, i64 %lane
  %x = load {kind}, ptr %x.at, align 8
  %y = load {kind}, ptr %y.at, align 8
{lines.text()}
  store {kind} {result.name}, ptr %at, align 8
  br label %end
end:
  %next = add i64 %i, {lines.width}
  %more = icmp ult i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  ret void
}}"""


def ours(name: str) -> Loop:
    """A function of our own, in line."""
    lines = Lines(machine().width, exponents=machine().scales)
    return Loop(lines, FUNCTIONS[name](lines, *operands(lines, name)))


def libmvec(name: str) -> Loop:
    """libmvec's; ``AttributeError`` or ``OSError`` where there is none."""
    here, lines = machine(), Lines(machine().width)
    kind, arguments = lines.type(DOUBLE), operands(lines, name)
    symbol = f"_ZGV{LETTER[here.width]}N{here.width}{'v' * len(arguments)}_{name}"
    function = getattr(ctypes.CDLL("libmvec.so.1"), symbol)
    here.llvm.add_symbol(symbol, ctypes.cast(function, ctypes.c_void_p).value)
    lines.declared[symbol] = f"declare {kind} @{symbol}({', '.join([kind] * len(arguments))})"
    return Loop(lines, lines.line(f"call {kind} @{symbol}({', '.join(f'{kind} {x.name}' for x in arguments)})", DOUBLE))


def main() -> None:
    """The command."""
    width = machine().width
    print(f"ns a lane, vectors of {width} lanes\n{'':8}{'ours':>8}{'libmvec':>9}{'ratio':>7}")
    for name in sys.argv[1:] or sorted(FUNCTIONS):
        low, high = NEAR.get(name, (0.1, 0.9))
        rows = np.random.default_rng(0).uniform(low, high, (1 + (name in BINARY), LANES))
        loops = ours(name), libmvec(name)
        rounds = [[loop.nanoseconds(rows) for loop in loops] for _ in range(ROUNDS)]
        a, b = map(min, zip(*rounds, strict=True))
        print(f"{name:8}{a:8.2f}{b:9.2f}{a / b:7.2f}")


if __name__ == "__main__":
    main()
