"""Small tables in HTML, for notebooks: plain text in every cell, no scripts, no styles but alignment.

>>> print(table(["name", "value"], [["<b>", 0.5]]))
<table><thead><tr><th>name</th><th>value</th></tr></thead><tbody>
<tr><td>&lt;b&gt;</td><td style="text-align: right">0.5</td></tr>
</tbody></table>
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table: numbers to the right in six significant digits, None as –, everything else as it prints."""
    titled = f"<caption>{_text(caption)}</caption>" if caption else ""
    top = "".join(f"<th>{_text(word)}</th>" for word in head)
    lines = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>{titled}<thead><tr>{top}</tr></thead><tbody>\n{lines}\n</tbody></table>"


def _cell(content: object) -> str:
    if isinstance(content, float | int):
        return f'<td style="text-align: right">{content:,.6g}</td>'.replace(",", "\u202f")
    return f"<td>{'–' if content is None else _text(str(content))}</td>"


def _text(words: str) -> str:
    """Escaped, and what can't be seen as Python writes it."""
    return escape(words if words.isprintable() else repr(words)[1:-1])
