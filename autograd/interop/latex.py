"""Text in LaTeX's math mode, read as it stands by TeX, KaTeX, MathJax and the Markdown of a notebook."""

from __future__ import annotations

import re

from autograd.interop.text import printable

_OUTSIDE_TEXT = r"\\^~<>|*\[\]"  # these mean something inside \text{} too, to one or other of them
_SPECIAL = {character: f"\\{character}" for character in "{}$%#&_"}
_SPECIAL |= {"\\": r"{\backslash}", "^": r"{\wedge}", "~": r"{\sim}", "|": r"{\vert}", "*": r"{\ast}", "`": "\u02cb"}
_SPECIAL |= {character: f"{{{character}}}" for character in "<>[]"}


def upright(text: str) -> str:
    r"""Text in upright letters, on one line.

    >>> print(upright(r"50 % of \x{y}"))
    \text{50 \% of }{\backslash}\text{x\{y\}}
    """
    return "".join(map(_piece, re.findall(rf"[{_OUTSIDE_TEXT}]|[^{_OUTSIDE_TEXT}]+", printable(text)))) or r"\text{}"


def _piece(text: str) -> str:
    escaped = "".join(_SPECIAL.get(character, character) for character in text)
    return escaped if re.match(f"[{_OUTSIDE_TEXT}]", text) else rf"\text{{{escaped}}}"
