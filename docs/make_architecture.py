"""Draw the rooms of docs/architecture.md, renew its table and its tours: ``python -m docs.make_architecture``.

Everything comes from the source: the arrows from the imports, what a room is from the first line of its docstring. An arrow
that follows from others is left out of the picture, and stands in the table.
"""

from __future__ import annotations

import re
from pathlib import Path

import graphviz

from autograd.interop.files import write_atomically
from docs.tours import first_line, with_tours
from tests.imports import MODULES, ROOT, arrows, room_of

PAGE = ROOT / "docs/architecture.md"
PICTURE = ROOT / "docs/images/architecture.svg"
NAMES = {"__init__": "autograd", "__main__": "python -m autograd"}
# Who stands together: the colours of border and ground, where the title stands, and a few words for each room.
FAMILIES = {
    "what one calls": (
        ("#7a5195", "#f4effa", "t l"),
        {
            "__main__": "",
            "cli": "the command line",
            "nn": "nets, losses, optimisers, fit",
            "__init__": "the door: all public names",
            "picture": "draw and Drawing",
        },
    ),
    "to look at": (
        ("#2f6fb3", "#eaf2fb", "b l"),
        {
            "drawing": "how much detail is shown",
            "drawing.render": "SVG, DOT, PNG, PDF",
            "drawing.layout": "where everything stands",
            "drawing.scene": "boxes, edges and groups",
            "player": "the page that steps through",
            "symbolic": "formulas, explanations",
        },
    ),
    "to trust": (("#3a7d44", "#ebf6ed", "t r"), {"testing": "derivatives proved"}),
    "to run fast": (
        ("#b3541e", "#fdf1e8", "b r"),
        {
            "compiler": "compile: trace, choose, call",
            "compiler.runtime": "machine code and its memory",
            "compiler.codegen": "LLVM as text",
            "elementary": "exp, sin … as lines of text",
        },
    ),
    "to write down": (("#8a6d00", "#fbf6e3", "b r"), {"program": "straight-line programs"}),
    "the engine": (
        ("#404040", "#f3f3f3", "b l"),
        {
            "functions": "sin, exp, where, dot …",
            "solvers": "root, minimize …",
            "transforms": "grad, hessian, jvp …",
            "sparsity": "patterns and colourings",
            "value": "Value, a node as a number",
            "number": "comparisons, conversions",
            "pickling": "copies of graphs",
            "micrograd": "its names, closures",
            "backward": "the chain rule",
            "modes": "no_grad, anomaly, scope",
            "graph": "nodes and walks",
            "interop": "NumPy, text, HTML",
            "errors": "",
            "rules": "the table of derivatives",
        },
    ),
}
FONT = "Helvetica,Arial,sans-serif"


def rooms() -> dict[str, set[str]]:
    """For every room those that a file in it imports from."""
    found: dict[str, set[str]] = {room: set() for room in map(room_of, MODULES)}
    for module, targets in arrows().items():
        found[room_of(module)] |= {room_of(target) for target in targets} - {room_of(module)}
    return found


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """What can be reached from a room by one arrow or more."""
    seen: set[str] = set()
    queue = list(graph[start])
    while queue:
        room = queue.pop()
        if room not in seen:
            seen.add(room)
            queue += graph[room]
    return seen


def reduced(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows that don't follow from others: the transitive reduction of a graph without circles.

    >>> sorted(reduced({"a": {"b", "c"}, "b": {"c"}, "c": set()})["a"])
    ['b']
    """
    behind = {room: reachable(graph, room) for room in graph}
    return {
        room: {t for t in targets if not any(t in behind[other] for other in targets)} for room, targets in graph.items()
    }


def name_of(room: str) -> str:
    """What a reader calls a room."""
    return NAMES.get(room, room)


def file_of(room: str) -> Path:
    """The file whose docstring says what a room is."""
    folder = ROOT / ("nn" if room == "nn" else f"autograd/{room.replace('.', '/')}")
    return folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")


def purpose(room: str) -> str:
    """The first line of the room's docstring, as a cell of a table."""
    return first_line(file_of(room)).replace("|", "\\|")


def table() -> str:
    """The rooms: where, what, and which others each may import."""
    graph = rooms()
    lines = ["| Room | What it is | Imports |", "|---|---|---|"]
    for room in sorted(graph, key=lambda room: (len(reachable(graph, room)), room)):
        path = file_of(room).relative_to(ROOT).as_posix().removesuffix("/__init__.py" if room != "__init__" else "")
        place = path if path.endswith(".py") else f"{path}/"
        targets = ", ".join(f"`{name_of(target)}`" for target in sorted(graph[room], key=name_of)) or "nothing of ours"
        lines.append(f"| `{place}` | {purpose(room)} | {targets} |")
    return "\n".join(lines)


def picture() -> str:
    """The picture as SVG: a box a room, an arrow for each import that doesn't follow from others."""
    dot = graphviz.Digraph("architecture", format="svg")
    dot.attr(rankdir="TB", ranksep="0.36", nodesep="0.26", bgcolor="white", pad="0.2", fontname=FONT, fontsize="12")
    dot.attr("node", shape="box", style="rounded,filled", fillcolor="white", fontname=FONT, margin="0.14,0.06", height="0.4")
    dot.attr("edge", arrowsize="0.6", penwidth="1.1")
    colour = {}
    for family, ((border, ground, side), members) in FAMILIES.items():
        with dot.subgraph(name=f"cluster_{family}") as cluster:
            labelloc, labeljust = side.split()
            cluster.attr(label=family, labelloc=labelloc, labeljust=labeljust, fontcolor=border, style="rounded,filled")
            cluster.attr(color=ground, fillcolor=ground, margin="13")
            for room, words in members.items():
                colour[room] = border
                cluster.node(key(room), label(room, words), color=border)
    for room, targets in sorted(reduced(rooms()).items()):
        for target in sorted(targets):
            dot.edge(key(room), key(target), color=colour[room])
    return str(dot.pipe(encoding="utf-8"))


def key(room: str) -> str:
    """What Graphviz calls a room."""
    return room.replace(".", "_")


def label(room: str, words: str) -> str:
    """The name of a room, and small below it what it is."""
    name = f'<font point-size="13">{name_of(room)}</font>'
    return f'<{name}<br/><font point-size="9.5" color="#6b6b6b">{words}</font>>' if words else f"<{name}>"


def with_tables(page: str) -> str:
    """The page with its generated part renewed."""
    return re.sub(
        r"(<!-- rooms: begin -->\n).*?(<!-- rooms: end -->)", lambda m: f"{m[1]}{table()}\n{m[2]}", page, flags=re.DOTALL
    )


if __name__ == "__main__":
    write_atomically(PICTURE, picture())
    write_atomically(PAGE, with_tours(with_tables(PAGE.read_text(encoding="utf-8"))))
    print(f"{PICTURE.relative_to(ROOT)}, the table and the tours of {PAGE.relative_to(ROOT)}")
