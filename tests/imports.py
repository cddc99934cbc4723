"""The imports of our packages, read from the source: what the tests and docs/architecture.md know of arrows.

All of them: at the top, inside functions, under TYPE_CHECKING, and by ``import_module`` of a name of ours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLD_NAMES = ROOT / "autograd/interop/moved.py"  # a table of modules, each imported when its old name is
FILES = sorted(path for package in ("autograd", "nn") for path in (ROOT / package).rglob("*.py"))


def module_of(path: Path) -> str:
    """The dotted name of a file: ``autograd.rules`` for its ``__init__.py``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def imported(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere; for ``from package import module`` that module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute here"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and path != OLD_NAMES:
            name = node.value.partition(":")[0]  # a word for import_module, such as "autograd.cli.demo:run"
            if name in MODULES and "." in name:
                yield name


def arrows() -> dict[str, set[str]]:
    """For every module of ours those of ours that it imports."""
    return {name: {m for m in imported(path) if m in MODULES and m != name} for name, path in MODULES.items()}


def room_of(module: str) -> str:
    """The folder a module is in, or the module itself where it stands at the root: ``compiler.codegen``, ``value``."""
    path = MODULES[module]
    inside = path.parent.relative_to(ROOT).parts
    if len(inside) == 1:
        return inside[0] if inside[0] == "nn" else path.stem
    return ".".join(inside[1:])


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components of more than one node (Tarjan 1972), each in order of names."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            at = stack.index(node)
            component = stack[at:]
            del stack[at:]
            if len(component) > 1:
                found.append(sorted(component))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found
