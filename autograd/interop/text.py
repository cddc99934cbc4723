"""Numbers, counts and names as short lines of text.

>>> number(0.00001), number(220.00000000000003), number(None)
('1e-05', '220', '–')
"""

from __future__ import annotations

LONGEST = 32  # characters of a name in a drawing


def number(x: float | None, digits: int = 5) -> str:
    """``x`` with so many significant digits, integers in full, None as –; the sign of −0 is for machines, not for readers.

    >>> [number(x) for x in (0.70710678, -6.0, 123456.0, 1.5e-300, float("nan"), -0.0)]
    ['0.70711', '-6', '123456', '1.5e-300', 'nan', '0']
    """
    if x is None:
        return "–"
    x += 0.0  # −0 + 0 is 0
    return f"{x:.0f}" if x.is_integer() and abs(x) < 1e9 else f"{x:.{digits}g}"


def grouped_digits(n: int) -> str:
    """A whole number with thousands apart.

    >>> grouped_digits(1152921504606846976), grouped_digits(10**400)
    ('1 152 921 504 606 846 976', 'about 10^400')
    """
    return f"{n:,}".replace(",", " ") if n < 10**30 else f"about 10^{int(n.bit_length() * 0.30103)}"


def count(n: int, what: str) -> str:
    """``n`` and the noun ``what``, in the plural where needed, thousands separated.

    >>> count(999701, "node"), count(1, "node")
    ('999 701 nodes', '1 node')
    """
    plural = "leaves" if what == "leaf" else f"{what}es" if what.endswith("x") else f"{what}s"
    return f"{grouped_digits(n)} {what if n == 1 else plural}"


def printable(text: str) -> str:
    """``text`` on one line; characters that are invisible, or that XML doesn't allow, are replaced by visible ones.

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
    """Whether it is a C1 control, line separator, bidirectional mark, surrogate or noncharacter."""
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
