"""What JAX makes of the texts of ``to_jax``, written to jax_values.json: ``python -m tests.program.make_jax_values``.

It needs JAX. The results are stored with a hash of the text they belong to, so a text that changes has to be run again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograd.program.instructions import ProgramError
from tests.program.exported import NAMED, Exported, digest, flat

FILE = Path(__file__).with_name("jax_values.json")


def function(text: str, name: str = "f") -> Any:
    """The function that a text defines."""
    names: dict[str, Any] = {}
    exec(text, names)
    return names[name]


def stored(one: Exported) -> dict[str, Any]:
    """The hash of a text, and the function's results under ``jit``."""
    import jax

    text = one.program().to_jax()
    f = jax.jit(function(text))
    return {"digest": digest(text), "values": [flat(f(*point)) for point in one.points]}


def has_form(one: Exported) -> bool:
    """Whether JAX has all of its operations."""
    try:
        return bool(one.program().to_jax())
    except ProgramError:
        return False


def main() -> None:
    """Write the file."""
    lines = [f"{json.dumps(name)}: {json.dumps(stored(one))}" for name, one in NAMED.items() if has_form(one)]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
