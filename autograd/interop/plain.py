"""Formulas on a terminal that has no signs for them, as on Windows with code page 1252: ``-0.5*x^2`` for ``−0.5·x²``.

>>> plain("∂L/∂w₁ = −2·x² ± 1e−13", "ascii")
'dL/dw1 = -2*x^2 +- 1e-13'
>>> plain("∂L/∂w₁ = −2·x²", "utf-8")
'∂L/∂w₁ = −2·x²'
"""

from __future__ import annotations

import re
import sys
import unicodedata
from typing import TextIO

SIGNS = {
    "−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "±": "+-", "≤": "<=", "≥": ">=", "≠": "!=", "→": "->", "¬": "not ",
    "√": "sqrt ", "∛": "cbrt ", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "‖": "||", "∂": "d", "∇": "grad ",
    "∞": "inf", "∅": "{}", "…": "...", "′": "'", "″": "''", "‹": "<", "›": ">", "⟨": "<", "⟩": ">", "✕": "x",
}  # fmt: skip
SMALL = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿˣᵃᵇ"
_SUPERSCRIPTS = str.maketrans(SMALL, "0123456789+-()nxab")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎", "0123456789+-()")
_ROOT = re.compile("[√∛](?=[(])")


def plain(text: str, encoding: str | None) -> str:
    """The text as it is where the encoding has all of its signs; else in ASCII, all of it: half of each reads badly."""
    return text if not encoding or _fits(text, encoding) else _ascii(text)


def on_screen(text: str, stream: TextIO | None = None) -> str:
    """The text as ``stream`` can show it, by default standard output."""
    return text if text.isascii() else plain(text, getattr(stream or sys.stdout, "encoding", None))


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _ascii(text: str) -> str:
    text = _ROOT.sub(lambda match: SIGNS[match[0]].strip(), text)
    text = re.sub(f"[{SMALL}]+", lambda match: "^" + match[0].translate(_SUPERSCRIPTS), text)
    return "".join(map(_sign, text.translate(_SUBSCRIPTS)))


def _sign(character: str) -> str:
    """One character in ASCII: Greek by its name, letters without their accents, ? for what has no other."""
    if character.isascii():
        return character
    if character in SIGNS:
        return SIGNS[character]
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (?:FINAL )?(\w+)", unicodedata.name(character, ""))
    if greek:
        name = greek[2].lower().replace("lamda", "lambda")
        return name if greek[1] == "SMALL" else name.capitalize()
    bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return bare or ("" if unicodedata.combining(character) else "?")
