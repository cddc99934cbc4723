"""What several test files share: equality to the last bit, graphs counted, interpreters of their own."""

from __future__ import annotations

import hashlib
import os
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograd import Value
from autograd.graph import topological_order

ROOT = Path(__file__).parents[1]


def number(x: Any) -> float:
    """The number of a Value; a number as it is."""
    return x.data if isinstance(x, Value) else float(x)


def bits(x: Any) -> str:
    """Text that is equal for floats of the same bits; all nan are one.

    >>> bits(0.0) == bits(-0.0), bits(float("nan")) == bits(-float("nan"))
    (False, True)
    """
    return "nan" if x != x else number(x).hex()


def close(actual: float, expected: float, tolerance: float = 1e-12) -> bool:
    """Equal bits where ``expected`` is nan, a zero or infinite, else equal to a relative tolerance."""
    if expected != expected or expected in (0.0, float("inf"), -float("inf")):
        return bits(actual) == bits(expected)
    return abs(actual - expected) <= tolerance * abs(expected)


def digest(numbers: Iterable[float]) -> str:
    """The SHA-256 of the numbers' bits."""
    return hashlib.sha256(b"".join(struct.pack("<d", x) for x in numbers)).hexdigest()


def operations(root: Value) -> list[str]:
    """The symbols of the operations behind ``root``, in the order they were made."""
    return [node.op for node in topological_order(root) if node.op is not None]


def python(code: str, hash_seed: str = "random", stack_kilobytes: int | None = None) -> str:
    """What ``code`` prints in a fresh interpreter, which must end well."""
    command = [sys.executable, "-c", code]
    if stack_kilobytes:
        command = ["sh", "-c", f'ulimit -s {stack_kilobytes} && exec "$0" "$@"', *command]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr[-2000:]}"
    return done.stdout.strip()
