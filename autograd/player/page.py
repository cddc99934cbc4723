"""The step player: a drawing as one page of HTML, which steps through both passes and recomputes them for other numbers.

>>> from autograd import Value
>>> from autograd.player.snapshot import take
>>> from autograd.drawing.level_of_detail import compose
>>> y = Value(2.0, name="x").exp()
>>> html = page(compose(y), take(y, compose(y)))
>>> html.startswith("<!doctype html>"), "://" in html.replace("http://www.w3.org/2000/svg", "")
(True, False)

The page loads nothing, and its content security policy forbids it to. Names are in it as data, which the script shows as
text.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from string import Template
from typing import Any

from autograd.drawing.layout.place import place
from autograd.drawing.render.svg import to_svg
from autograd.drawing.scene.model import Box, Edge, Scene
from autograd.interop.text import count, number, printable, shortened
from autograd.player import javascript
from autograd.player.javascript import file
from autograd.player.snapshot import MOST, End, NodeRecord, Predicate, Snapshot, values_of
from autograd.player.wording import wording
from autograd.rules.table import WHERE, Rule
from autograd.symbolic.identifiers import name_text
from autograd.symbolic.notation import term_of
from autograd.symbolic.printers import text
from autograd.symbolic.terms import Term, as_term, call, named

SCRIPTS = ("graph.js", "words.js", "timeline.js", "picture.js", "cautions.js", "leaves.js", "player.js")
MOST_QUESTIONS = 6  # that are named beside a picture
LONGEST_NAME = 24  # characters of a name in a sentence
ROOM = 8  # digits that the layout leaves room for at every edge, as its numbers will change
_DARK = "@media (prefers-color-scheme: dark)"
_WHEN_DARK = {"auto": _DARK, "light": "@media not all", "dark": "@media all"}
LIVE = "Values and gradients follow at once."


def page(scene: Scene, snapshot: Snapshot, engine: str | None = None, theme: str = "auto") -> str:
    """The page. Raises LayoutError where no Graphviz is found."""
    names = names_of(snapshot.nodes)
    played = _as_played(scene, snapshot, names)
    svg = to_svg(played, place(_with_room(played), engine), theme)
    fixed = why_fixed(snapshot)
    style, script = file("player.css").replace(_DARK, _WHEN_DARK[theme], 1), script_source([] if fixed else snapshot.nodes)
    return Template(file("player.html")).substitute(
        policy=_policy(svg, style, script),
        scheme={"auto": "light dark"}.get(theme, theme),
        title=html.escape(f"{names[-1]} = {number(snapshot.nodes[-1].value)}, step by step"),
        root=html.escape(names[-1]),
        note=html.escape(f"Numbers can't be changed here: {fixed}." if fixed else LIVE),
        caution="" if fixed else html.escape(caution(snapshot, names)),
        svg=svg,
        style=style,
        script=script,
        data=data_source(page_data(scene, snapshot)),
    )


def script_source(nodes: tuple[NodeRecord, ...] | list[NodeRecord]) -> str:
    """The page's JavaScript, with the operations that ``nodes`` need."""
    used = dict.fromkeys((node.rule, len(node.operands)) for node in nodes if node.rule and not node.condition)
    functions = f"const operations = (() => {{\n{javascript.functions_of(used)}return operations;\n}})();\n" if used else ""
    return functions + "".join(map(file, SCRIPTS))


def _policy(svg: str, style: str, script: str) -> str:
    """The content security policy: this one script and these styles, and nothing loaded."""
    styles = " ".join(map(_hash, [style, *re.findall(r"<style>(.*?)</style>", svg, re.DOTALL)]))
    attributes = "; style-src-attr 'unsafe-inline'" if ' style="' in svg else ""  # text-anchor, in drawings top to bottom
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {styles}{attributes}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# -- the drawing ------------------------------------------------------------------------------------


def names_of(nodes: tuple[NodeRecord, ...]) -> list[str]:
    """A unique name for each node: its own, else v₁, v₂, … and y for the root.

    >>> from autograd import Value
    >>> from autograd.player.snapshot import take
    >>> from autograd.drawing.level_of_detail import compose
    >>> z = (Value(2.0, name="v₁") * Value(3.0, name="v₁")).exp()
    >>> names_of(take(z, compose(z)).nodes)
    ['v₁', 'v₁ (2)', 'u₁', 'y']
    """
    given = list(map(_own_name, nodes))
    letter = next((c for c in "vutsrqpo" if not any(name.startswith(c) for name in given[:-1])), "node ")
    root = "output" if "y" in given else "y"
    names: list[str] = []
    seen = Counter[str]()
    for i, (node, name) in enumerate(zip(nodes, given, strict=True)):
        if not (node.drawn or name) and node.rule:
            names.append(shortened(_written_out(i, nodes, names), LONGEST_NAME))
            continue
        seen[name] += 1
        if not name:
            last = i == len(nodes) - 1
            names.append(root if last else letter + str(seen[name]).translate(_SUBSCRIPTS))
        else:
            names.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return names


def _written_out(i: int, nodes: tuple[NodeRecord, ...], names: Sequence[str]) -> str:
    """What is computed in a node that isn't drawn, down to those that are."""
    terms: dict[int, Term] = {}
    pending = [i]
    while pending:
        node = nodes[at := pending[-1]]
        inner = [x for x in node.operands if isinstance(x, int) and x not in terms]
        if at < i and (node.drawn or node.name or not node.rule):
            terms[at] = named(names[at])
        elif inner:
            pending += inner
            continue
        elif node.rule:
            operands = [as_term(x) if isinstance(x, float) else terms[x] for x in node.operands]
            terms[at] = call("where", *operands) if node.condition else term_of(node.rule, *operands, place=node.place)
        pending.pop()
    return text(terms[i])


def _own_name(node: NodeRecord) -> str:
    return shortened(node.name, LONGEST_NAME) if node.name else ""


_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _as_played(scene: Scene, snapshot: Snapshot, names: list[str]) -> Scene:
    """The scene with a name for every node and the gradients of one backward pass."""
    boxes = list(scene.boxes)
    for at, i in enumerate(snapshot.boxes):
        if i is not None and names[i] != _own_name(snapshot.nodes[i]):
            boxes[at] = _with_name(boxes[at], names[i], is_root=i == len(names) - 1)
    edges = [_with_gradient(edge, end, snapshot.nodes) for edge, end in zip(scene.edges, snapshot.edges, strict=True)]
    return replace(scene, boxes=boxes, edges=edges)


def _with_name(box: Box, name: str, is_root: bool) -> Box:
    """A box with a name that was made for its node."""
    if box.kind in ("output", "leaf"):
        return replace(box, label=name)
    if box.kind == "operation" and not is_root:  # the output beside it has the root's
        return replace(box, caption=shortened(name, 12))
    return box


def _with_gradient(edge: Edge, end: End, nodes: tuple[NodeRecord, ...]) -> Edge:
    """An edge with its gradient in one backward pass, as far as that is known, and its mark."""
    source, user, operand = end
    if source is None or (user is None and source < len(nodes) - 1):
        return edge
    node = nodes[source if user is None else user]
    local = 1.0 if operand is None else node.partials[operand]
    _, space, mark = edge.gradient.partition(" ")
    return replace(edge, gradient=number(None if node.gradient is None else node.gradient * local) + space + mark)


def _with_room(scene: Scene) -> Scene:
    """The scene with values of ``ROOM`` digits, for the layout alone."""
    return replace(scene, edges=[replace(edge, value=edge.value.ljust(ROOM, "0")) for edge in scene.edges])


def why_fixed(snapshot: Snapshot) -> str:
    """The reason why numbers can't be changed in the page; empty where they can."""
    if not snapshot.complete:
        known = snapshot.nodes[-1].gradient is not None
        return f"the graph has more than {MOST} nodes{'' if known else ', and was drawn before a backward pass'}"
    for node in snapshot.nodes:
        if node.rule and node.rule.source:
            return f"the operation {printable(node.rule.name)!r} is a primitive, known to Python alone"
        if node.rule and not node.condition and repr(node.rule.value(*values_of(node, snapshot.nodes))) != repr(node.value):
            return f"a node {printable(node.rule.name)!r} holds another number than its operation gives"
    return ""


SIGNS = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥", "eq": "=", "ne": "≠"}


def caution(snapshot: Snapshot, names: Sequence[str]) -> str:
    """What to know before a number is changed; empty where all of the graph follows."""
    early = [q for q in snapshot.questions if max(x for x in q[1:3] if isinstance(x, int)) < len(snapshot.nodes) - 1]
    asked = [f"{_said(q, names)} ({'yes' if q.answer else 'no'})" for q in early[:MOST_QUESTIONS]]
    if more := len(early) - len(asked):
        asked.append(f"{more} more")
    if snapshot.unseen:
        asked.append(count(snapshot.unseen, "number") + " not in this picture")
    unknown = sum(node.rule is WHERE and node.condition is None and node.drawn for node in snapshot.nodes)
    sentences = []
    if asked:
        sentences.append(f"Python compared numbers here: {', '.join(asked)}. A branch that it took can't be followed.")
    if unknown:
        sentences.append(f"where: {count(unknown, 'condition')} can't be followed; what was compared isn't known here.")
    return " ".join(sentences)


def _said(condition: Predicate, names: Sequence[str]) -> str:
    left, right = (number(x) if isinstance(x, float) else names[x] for x in condition[1:3])
    return f"{left} {SIGNS[condition.op]} {right}"


# -- data --------------------------------------------------------------------------------------------


def page_data(scene: Scene, snapshot: Snapshot) -> dict[str, Any]:
    """The data for the page's script: the graph and its drawing, numbers as text that keeps all their bits."""
    worded = {_wording_key(node): node for node in snapshot.nodes if node.rule}
    numbers = {key: i for i, key in enumerate(worded)}
    named = zip(snapshot.nodes, names_of(snapshot.nodes), strict=True)
    return {
        "live": not why_fixed(snapshot),
        "backward": snapshot.nodes[-1].gradient is not None,
        "nodes": [_node(node, name, numbers.get(_wording_key(node)), snapshot.complete) for node, name in named],
        "wordings": [_wording(node.rule, node) for node in worded.values() if node.rule],
        "boxes": snapshot.boxes,
        "edges": snapshot.edges,
        "ends": [[edge.tail, edge.head] for edge in scene.edges],
        "questions": list(map(_predicate, snapshot.questions)),
        "unseen": snapshot.unseen,
    }


def _predicate(condition: Predicate) -> list[object]:
    """The operation, both sides and the answer, for JSON."""
    sides = (javascript.number(x) if isinstance(x, float) else x for x in condition[1:3])
    return [condition.op, *sides, condition.answer]


def _wording(rule: Rule, node: NodeRecord) -> dict[str, Any]:
    words, value, partials = wording(rule, node.operands, node.place)
    return {"f": shortened(rule.name), "words": words, "value": value, "partials": partials}


def _wording_key(node: NodeRecord) -> tuple[object, ...]:
    """The operation and its constants: nodes with the same ones share a wording."""
    return node.rule, node.place, *(javascript.number(x) if isinstance(x, float) else None for x in node.operands)


def _node(node: NodeRecord, name: str, words: int | None, complete: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"name": name, "value": javascript.number(node.value)}
    if name_text(name) != name and (node.drawn or node.name or not node.rule):  # else it is a formula
        data["symbol"] = name_text(name)
    if not complete and node.gradient is not None:
        data["gradient"] = javascript.number(node.gradient)
    if node.rule is None:
        return data
    return data | {
        "rule": javascript.key(node.rule, len(node.operands)),
        "wording": words,
        **({"condition": _predicate(node.condition)} if node.condition else {}),
        "of": [javascript.number(x) if isinstance(x, float) else x for x in node.operands],
        "partials": [javascript.number(x) for x in node.partials],
    }


def data_source(data: object) -> str:
    """JSON that is safe inside a script element.

    >>> data_source("</script><!-- \\u2028")
    '"\\\\u003c/script\\\\u003e\\\\u003c!-- \\\\u2028"'
    """
    text = json.dumps(data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
