"""The tours of docs/architecture.md: which files the real calls visit, in order.

    python -m docs.tours "y.backward()"     # prints them for one call
    python -m docs.make_architecture        # puts all tours of the page in today's order

The page shows what is prepared and, as headings, what is called; a tour is the numbered list below such a heading, each item
with the file that is visited next. A file counts when one of its functions is called for the first time; what runs while a
module is imported doesn't.
"""

from __future__ import annotations

import ast
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
        call: re.findall(r"^1\. `([^`]+)`", text, re.MULTILINE) for call, text in zip(tours[::2], tours[1::2], strict=True)
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


def in_a_fresh_process(call: str) -> list[str]:
    """The files that a call visits; nothing is cached there from an earlier one."""
    command = [sys.executable, "-m", "docs.tours", call]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [str(file) for file in json.loads(done.stdout)]


def with_tours(page: str) -> str:
    """The page with every tour in today's order. A file's sentence stays; a new file gets the first of its docstring."""
    for call in named():
        start = page.index(f"### `{call}`")
        end = page.find("\n### ", start) % (len(page) + 1)
        sentences = dict(re.findall(r"^1\. `([^`]+)`: (.+)$", page[start:end], re.MULTILINE))
        items = [f"1. `{file}`: {sentences.get(file) or first_line(ROOT / file)}" for file in in_a_fresh_process(call)]
        page = page[:start] + "\n".join([f"### `{call}`", "", *items, ""]) + page[end:]
    return page


def first_line(path: Path) -> str:
    """What a file says of itself."""
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(docstring.partition("\n\n")[0].split()).replace("``", "`")


def name_of(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


if __name__ == "__main__":
    print(json.dumps(visited(sys.argv[1])))
