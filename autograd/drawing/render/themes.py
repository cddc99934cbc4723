"""Light and dark: the colours of a drawing, and its style sheet.

The contrast of text to its background is at least 4.5 : 1 (WCAG 2.2, AA) in both.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd.drawing.layout.sizes import FONT, LABEL, SMALL

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for; ``bands`` are those of the scale of magnitudes, the smallest first.

    Bands get darker in the light theme and lighter in the dark one, so that their order shows without colour too
    (after viridis, by S. van der Walt and N. Smith).
    """

    page: str
    group: str
    inner_group: str
    border: str
    title: str
    ink: str
    caption: str
    line: str
    value: str
    gradient: str
    operation: str
    input: str
    parameter: str
    constant: str
    output: str
    folded: str
    soft: str
    grey_fill: str
    grey_line: str
    grey_text: str
    flag: str
    bands: tuple[str, ...]


LIGHT = Palette(
    page="#ffffff", group="#f4f4fb", inner_group="#fcfcff", border="#9a9cb8", title="#4f5270",
    ink="#111111", caption="#555a70", line="#222222", value="#1a3c6e", gradient="#b93226",
    operation="#efedff", input="#e2f0ff", parameter="#fff2cf", constant="#f0f0f0", output="#e2f8e2", folded="#ffffff",
    soft="#8a8a8a", grey_fill="#f8f8f8", grey_line="#cfcfcf", grey_text="#707070", flag="#9a3412",
    bands=("#1b9a80", "#1f8a8a", "#2a748e", "#365c8d", "#46327e", "#440154"),
)  # fmt: skip
DARK = Palette(
    page="#14161d", group="#1c1f2a", inner_group="#232735", border="#666c8c", title="#aab0cc",
    ink="#f1f2f8", caption="#b4b9cf", line="#d7d9e4", value="#9cc4ff", gradient="#ff9a8c",
    operation="#36325e", input="#1d3d60", parameter="#4e4014", constant="#33363f", output="#1d4a2a", folded="#252936",
    soft="#8a8f9f", grey_fill="#1d2029", grey_line="#43485a", grey_text="#8d92a5", flag="#ffb27a",
    bands=("#2f7d92", "#1f968b", "#29af7f", "#6ccd5a", "#b8de29", "#fde725"),
)  # fmt: skip


def style(theme: str = "auto") -> str:
    """The style sheet. Every selector starts with .chainrule, as an inline style sheet applies to all of its page.

    >>> "prefers-color-scheme" in style("auto"), "prefers-color-scheme" in style("dark")
    (True, False)
    """
    if theme == "auto":
        return f"{_FORM}{_colours(LIGHT)}@media (prefers-color-scheme: dark) {{{_colours(DARK)}}}\n"
    return _FORM + _colours(palette(theme))


def palette(theme: str) -> Palette:
    """The colours of a theme; for "auto" those of light, which formats without media queries use."""
    return DARK if theme == "dark" else LIGHT


_FORM = f"""
.chainrule {{ font-family: sans-serif }}
.chainrule text {{ text-anchor: middle; font-size: {LABEL:g}px }}
.chainrule .edge path {{ fill: none; stroke-width: 1.4 }}
.chainrule .edge.lit path {{ stroke-width: 2.2 }}
.chainrule .edge .backward {{ stroke-dasharray: 5 3 }}
.chainrule .edge .head, .chainrule .edge .tail {{ stroke: none }}
.chainrule .node text {{ font-size: {FONT:g}px }}
.chainrule .node .small {{ font-size: {FONT - 3:g}px }}
.chainrule .node .large {{ font-size: {2 * FONT:g}px }}
.chainrule .node .caption, .chainrule .title {{ font-size: {SMALL:g}px }}
.chainrule .node circle, .chainrule .node rect, .chainrule .shape {{ stroke-width: 1.4 }}
.chainrule .node.output rect {{ stroke-width: 2.2 }}
.chainrule .node.constant rect {{ stroke-width: 1 }}
.chainrule .group rect {{ stroke-dasharray: 5 3 }}
.chainrule .title {{ paint-order: stroke; stroke-width: 4px; stroke-linejoin: round }}
.chainrule .legend text {{ text-anchor: start }}
.chainrule .legend path {{ fill: none }}
"""


def _colours(c: Palette) -> str:
    rules = {
        "": f"background: {c.page}",
        ".edge path": f"stroke: {c.line}",
        ".edge .backward": f"stroke: {c.gradient}",
        ".edge .head": f"fill: {c.line}",
        ".edge .tail": f"fill: {c.gradient}",
        ".value": f"fill: {c.value}",
        ".gradient": f"fill: {c.gradient}",
        ".node text": f"fill: {c.ink}",
        ".node .caption": f"fill: {c.caption}",
        ".node circle": f"fill: {c.operation}; stroke: {c.line}",
        ".node rect": f"fill: {c.input}; stroke: {c.line}",
        ".node .shape": f"fill: {c.parameter}; stroke: {c.line}",
        ".node.output rect": f"fill: {c.output}",
        ".node.constant rect": f"fill: {c.constant}; stroke: {c.soft}",
        ".node.folded rect": f"fill: {c.folded}",
        ".group rect": f"fill: {c.group}; stroke: {c.border}",
        ".group.inner rect": f"fill: {c.inner_group}",
        ".title": f"fill: {c.title}; stroke: {c.group}",
        ".inner .title": f"stroke: {c.inner_group}",
        ".legend text": f"fill: {c.caption}",
        ".node .flag": f"fill: {c.flag}",
        **_bands(c),
        ".node.dimmed circle, .node.dimmed rect, .node.dimmed .shape": f"fill: {c.grey_fill}; stroke: {c.grey_line}",
        ".edge.dimmed .forward, .edge.dimmed .backward": f"stroke: {c.grey_line}",
        ".edge.dimmed .head, .edge.dimmed .tail": f"fill: {c.grey_line}",
        ".group.dimmed rect": f"stroke: {c.grey_line}",
        ".dimmed.dimmed text": f"fill: {c.grey_text}",
    }
    lines = (f"{selectors(names)} {{ {rule} }}" for names, rule in rules.items())
    return "\n".join(lines) + "\n"


def _bands(c: Palette) -> dict[str, str]:
    rules = {".edge.weighed .forward": f"stroke: {c.soft}; stroke-width: 1.1", ".edge.weighed .head": f"fill: {c.soft}"}
    for i, colour in enumerate(c.bands, 1):
        width = band_width(i)
        dashes = f"{4.0 + 1.5 * width:g} {2.0 + 0.5 * width:g}"
        rules[f".edge.band{i} .backward"] = f"stroke: {colour}; stroke-width: {width:g}; stroke-dasharray: {dashes}"
        rules[f".edge.band{i} .tail"] = f"fill: {colour}"
    return rules


def selectors(names: str) -> str:
    """The CSS selector for each of ``names`` inside a drawing.

    >>> selectors(".value, .title"), selectors("")
    ('.chainrule .value, .chainrule .title', '.chainrule')
    """
    return ", ".join(f".chainrule {name}".strip() for name in names.split(", "))


def band_width(band: int) -> float:
    """The width of the gradient's arrow in ``band``, in pixels.

    >>> [band_width(band) for band in (1, 6)]
    [1.0, 6.0]
    """
    return float(band)
