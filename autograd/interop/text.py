"""What is written in a drawing: numbers, names and operations as short lines of text.

>>> number(0.00001), number(220.00000000000003), number(None)
('1e-05', '220', '–')
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

LONGEST = 32  # characters of a label; the hover text holds more
LONGEST_HOVER = 500
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_INFIX = "+−×÷%/*"
_COMMUTATIVE = "+×"


def number(x: float | None) -> str:
    """``x`` in five significant digits, a whole number in full, and – for what isn't known yet.

    >>> [number(x) for x in (0.70710678, -6.0, 123456.0, 1.5e-300, float("nan"))]
    ['0.70711', '-6', '123456', '1.5e-300', 'nan']
    """
    if x is None:
        return "–"
    return f"{x:.0f}" if x.is_integer() and abs(x) < 1e9 else f"{x:.5g}"


def count(n: int, what: str) -> str:
    """``n`` of something, with thousands apart.

    >>> count(999701, "node"), count(1, "node")
    ('999 701 nodes', '1 node')
    """
    plural = "leaves" if what == "leaf" else f"{what}es" if what.endswith("x") else f"{what}s"
    return f"{n:,} {what if n == 1 else plural}".replace(",", " ")


def printable(text: str) -> str:
    """``text`` on one line, with everything that isn't a character one can see (or XML can hold) made visible.

    >>> printable("a\\0b\\n"), printable("\\u202e")
    ('a␀b␊', '⟨U+202E⟩')
    """
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"⟨U+{code:04X}⟩" if _hidden(code) else character


def _hidden(code: int) -> bool:
    """C1 controls, line separators, marks that reorder what follows, surrogates and noncharacters."""
    return (
        0x80 <= code < 0xA0
        or 0x200E <= code <= 0x200F
        or 0x2028 <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xD800 <= code < 0xE000
        or 0xFDD0 <= code < 0xFDF0
        or code & 0xFFFE == 0xFFFE
    )


def shortened(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line of at most ``longest`` characters.

    >>> shortened("a name that goes on and on and on", 12)
    'a name that…'
    """
    seen = printable(text[: longest + 1])
    return seen if len(seen) <= longest else seen[: longest - 1] + "…"


def stem(name: str | None) -> str:
    """A name without the number at its end.

    >>> stem("w12"), stem(None)
    ('w', '')
    """
    return (name or "").rstrip("0123456789")


def width(text: str, size: float) -> float:
    """How wide ``text`` is at most, in pixels: measured on DejaVu Sans, the widest of the usual fonts.

    >>> width("111", 10.0) > width("1", 10.0)
    True
    """
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if combining(character):
        return 0.0
    if character in "ijl.,:;|!' ·":
        return 0.34
    if character < "\u0590" and not character.isupper() and character not in "mw%@&+=<>~#×÷±¬":
        return 0.65
    return 1.02 if character in "mwMW%@" or east_asian_width(character) in "WF" or character > "\uffff" else 0.86


def operation(symbol: str, operands: tuple[object, ...]) -> tuple[str, bool]:
    """The label of an operation, and whether its plain numbers are written in it (``×2``) or stand beside it.

    >>> x = object()
    >>> operation("×", (x, 2.0)), operation("−", (1.0, x)), operation("**", (x, 2.0)), operation("atan2", (x, 2.0))
    (('×2', True), ('1−', True), ('x²', True), ('atan2(·, 2)', True))
    """
    constants = [operand for operand in operands if isinstance(operand, float)]
    if not constants or len(constants) == len(operands):
        return symbol, False
    if len(operands) == 2 and symbol[0] in _INFIX:
        return _with_number(symbol, number(constants[0]), isinstance(operands[0], float)), True
    if len(operands) > 3:
        return symbol, False
    return f"{symbol}({', '.join(number(o) if isinstance(o, float) else '·' for o in operands)})", True


def _with_number(symbol: str, constant: str, first: bool) -> str:
    if first:
        return symbol + constant if symbol in _COMMUTATIVE else constant + symbol
    if symbol == "**" and len(constant) < 4 and constant.lstrip("-").isdigit():
        return "x" + constant.translate(_SUPERSCRIPTS)
    return f"{symbol}({constant})" if constant.startswith("-") else symbol + constant
