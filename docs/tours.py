"""The tours of docs/architecture.md: which files the real calls visit, in order. ``python -m docs.tours`` prints them.

The page shows what is prepared and, as headings, what is called; a tour is the numbered list below such a heading, each item
with the file that is visited next. A file counts when one of its functions is called for the first time; what runs while a
module is imported doesn't.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/architecture.md"
LOADED = ("llvmlite.binding", "graphviz")  # packages that a call would import


def section() -> str:
    """The part of the page that has the tours."""
    return PAGE.read_text(encoding="utf-8").split("\n## What happens when", 1)[1].split("\n## ")[0]


def setup() -> str:
    """The code that prepares the calls."""
    block = re.search(r"^```python\n(.*?)^```", section(), re.DOTALL | re.MULTILINE)
    return block[1] if block else ""


def named() -> dict[str, list[str]]:
    """For every call the files that the page names, in order."""
    _, *tours = re.split(r"^### `(.+)`$", section(), flags=re.MULTILINE)
    return {
        call: re.findall(r"^\d+\. `([^`]+)`", text, re.MULTILINE) for call, text in zip(tours[::2], tours[1::2], strict=True)
    }


def visited(call: str) -> list[str]:
    """The files of ours in which a function runs during a call, in order of the first one. For a fresh process."""
    for module in [*(name_of(path) for folder in ("autograd", "nn") for path in (ROOT / folder).rglob("*.py")), *LOADED]:
        import_module(module)
    names: dict[str, Any] = {}
    exec(setup(), names)
    code = compile(call, "a call", "eval")
    files: dict[str, None] = {}
    importing = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal importing
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            importing += (event == "call") - (event == "return")
        elif event == "call" and not importing:
            files.setdefault(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        eval(code, names)
    finally:
        sys.setprofile(None)
    ours = [Path(file).relative_to(ROOT) for file in files if Path(file).is_relative_to(ROOT / "autograd")]
    return [file.as_posix() for file in ours]


def in_a_fresh_process(call: str) -> str:
    """The files that a call visits, as JSON; nothing is cached there from an earlier one."""
    command = [sys.executable, "-m", "docs.tours", call]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def name_of(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(visited(sys.argv[1])))
    else:
        for call in named():
            print(f"{call}\n  " + "\n  ".join(json.loads(in_a_fresh_process(call))))
