"""Sections of rows, printed for a terminal or as Markdown."""

from dataclasses import dataclass, field
from pathlib import Path

from autograd.interop.files import write_atomically


@dataclass
class Section:
    """A heading, the names of its columns and its rows; the first column is text, the others are figures."""

    title: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)


def terminal(sections: list[Section]) -> str:
    """The sections with columns aligned over all of them.

    >>> print(terminal([Section("Speed", ["ours", "theirs"], [["a sum", "1 ms", "20 ms"]])]))
    Speed   ours   theirs
    ─────────────────────
    a sum   1 ms    20 ms
    """
    lines = [[section.title, *section.columns] for section in sections] + [
        row for section in sections for row in section.rows
    ]
    widths = [max(len(line[i]) for line in lines if i < len(line)) for i in range(max(map(len, lines)))]
    rule = "─" * (sum(widths) + 3 * (len(widths) - 1))

    def aligned(row: list[str]) -> str:
        first, *others = row
        figures = (f"   {text:>{width}}" for text, width in zip(others, widths[1:], strict=False))
        return (f"{first:<{widths[0]}}" + "".join(figures)).rstrip()

    return "\n\n".join(
        "\n".join([aligned([section.title, *section.columns]), rule, *map(aligned, section.rows)]) for section in sections
    )


def markdown(sections: list[Section]) -> str:
    """One Markdown table a section.

    >>> print(markdown([Section("Speed", ["ours"], [["a sum", "1 ms"]])]))
    | Speed | ours |
    |---|--:|
    | a sum | 1 ms |
    """

    def row(cells: list[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return "\n\n".join(
        "\n".join([row([section.title, *section.columns]), "|---|" + "--:|" * len(section.columns), *map(row, section.rows)])
        for section in sections
    )


def merged(text: str, sections: list[Section], order: list[str]) -> list[Section]:
    """The sections, and of the Markdown tables with their headings the rows that they don't have themselves, sorted by
    their first cells as ``order`` has them.

    >>> old = "| Speed | ours |\\n|---|--:|\\n| a sum | 1 ms |\\n| a product | 2 ms |"
    >>> merged(old, [Section("Speed", ["ours"], [["a sum", "3 ms"]])], ["a sum", "a product"])[0].rows
    [['a sum', '3 ms'], ['a product', '2 ms']]
    """
    tables = [[_cells(line) for line in block.splitlines()] for block in text.split("\n\n") if block.strip().startswith("|")]
    before = {tuple(heading): rows for heading, _, *rows in tables}
    place = {name: i for i, name in enumerate(order)}
    found = []
    for section in sections:
        rows = {row[0]: row for row in [*before.get((section.title, *section.columns), []), *section.rows]}
        kept = sorted((row for row in rows.values() if row[0] in place), key=lambda row: place[row[0]])
        found.append(Section(section.title, section.columns, kept))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def read_between(file: Path, marks: tuple[str, str]) -> str:
    """What the file has there."""
    return file.read_text(encoding="utf-8").partition(marks[0])[2].partition(marks[1])[0]


def between(file: Path, marks: tuple[str, str], text: str) -> None:
    """Put the text where the file marks its place.

    Raises ValueError for a file without the marks, and leaves it as it is.
    """
    begin, end = marks
    before, found, rest = file.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{file} must have the lines {begin} and {end}")
    write_atomically(file, f"{before}{begin}\n{text}\n{end}{after}")


def duration(seconds: float | None) -> str:
    """Three digits and the unit that suits them.

    >>> duration(0.0734), duration(1.52e-6), duration(None)
    ('73.4 ms', '1.52 µs', '—')
    """
    if seconds is None:
        return "—"
    scale, unit = next(((s, u) for s, u in ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")) if seconds >= s), (1e-9, "ns"))
    return f"{seconds / scale:.3g} {unit}" if seconds < 999 * scale else f"{seconds / scale:.0f} {unit}"


def ratio(theirs: float | None, ours: float, target: float | None = None) -> str:
    """How many times as fast we are, and whether that reaches the target.

    >>> ratio(20.0, 4.0, 4.0), ratio(20.0, 4.0, 6.0), ratio(20.0, 4.0), ratio(None, 4.0)
    ('5.0× ✓ ≥ 4', '5.0× ✗ ≥ 6', '5.0×', '—')
    """
    if theirs is None:
        return "—"
    reached = theirs / ours
    verdict = "" if target is None else f" {'✓' if reached >= target else '✗'} ≥ {target:g}"
    return f"{reached:.1f}×{verdict}"
