"""Numbers and names in text and in LaTeX. A name is text, never markup.

>>> decimal(-0.22555748), decimal_latex(1.5e-300)
('−0.2256', '1.5 \\\\times 10^{-300}')
>>> name_text("x + y"), name_latex("w11"), name_latex("ŷ"), name_latex("50 %")
('‹x + y›', 'w_{11}', '\\\\hat{y}', '\\\\text{50 \\\\%}')
"""

from __future__ import annotations

import re
from unicodedata import combining, normalize
from unicodedata import name as name_of

from autograd.interop.latex import upright
from autograd.interop.text import number, shortened

DIGITS = 4  # of a number
LONGEST_NAME = 40

_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u0308": "ddot"}
_SMALL, _LARGE = "αβγδεζηθικλμνξπρστυφχψω", "ΓΔΘΛΞΠΣΥΦΨΩ"
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _greek(letter: str) -> str:
    """``alpha``, ``Gamma``: what LaTeX calls a Greek letter."""
    word = name_of(letter).split()[-1].lower().replace("lamda", "lambda")
    return word.capitalize() if letter in _LARGE else word


GREEK = {letter: _greek(letter) for letter in _SMALL + _LARGE}


def decimal(x: float, digits: int = DIGITS) -> str:
    """``x`` with so many significant digits, an integer in full; the sign is U+2212, not a hyphen.

    >>> [decimal(x) for x in (0.5, 220.00000000000003, 123456.0, -1e-7, float("-inf"))]
    ['0.5', '220', '123456', '−1e−07', '−inf']
    """
    return number(x, digits).replace("-", "−")


def decimal_latex(x: float, digits: int = DIGITS) -> str:
    r"""``x`` in LaTeX's math mode.

    >>> decimal_latex(float("inf")), decimal_latex(-0.5)
    ('\\infty', '-0.5')
    """
    if x != x:
        return r"\mathrm{nan}"
    mantissa, _, exponent = number(x, digits).replace("inf", r"\infty").partition("e")
    return rf"{mantissa} \times 10^{{{int(exponent)}}}" if exponent else mantissa


# -- names -----------------------------------------------------------------------------------------------


def label(name: str) -> str:
    """A name on one line, shortened."""
    return shortened(name, LONGEST_NAME)


def name_text(name: str) -> str:
    """A name in a line of text: in ‹ › where it isn't one word."""
    return name if _is_word(name) else f"‹{name}›"


def _is_word(name: str) -> bool:
    return (name[:1].isalpha() or name[:1] == "_") and all(c.isalnum() or c in "_.′'[]" or combining(c) for c in name)


def name_latex(name: str) -> str:
    r"""A name in LaTeX's math mode: a letter with its index as mathematics, anything else upright.

    >>> name_latex("y_true"), name_latex("alpha2"), name_latex("price"), name_latex(r"\x{y}")
    ('y_{\\mathrm{true}}', '\\alpha_{2}', '\\mathrm{price}', '{\\backslash}\\text{x\\{y\\}}')
    """
    stem, suffix = _stem(normalize("NFC", name))
    index = _index(suffix.translate(_SUBSCRIPTS)) if stem else None
    if index is not None:
        return stem + index
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9._]*", name):
        return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"
    return upright(name)


def _stem(name: str) -> tuple[str, str]:
    """The Latin or Greek letter that a name begins with, in LaTeX, and what follows."""
    word = re.match(r"[A-Za-z]+", name)
    if word and word[0] in GREEK.values():
        return f"\\{word[0]}", name[word.end() :]
    if name[:1] in GREEK:
        return f"\\{GREEK[name[0]]}", name[1:]
    if word:
        return _accented(name[0], name[1:])
    apart = normalize("NFD", name[:1])
    if len(apart) == 2 and apart[1] in _ACCENTS and apart[0].isascii():
        return rf"\{_ACCENTS[apart[1]]}{{{apart[0]}}}", name[1:]
    return "", name


def _accented(letter: str, suffix: str) -> tuple[str, str]:
    """A letter in LaTeX, with its accent if one follows as a combining character, as in w̄; and what follows."""
    return (rf"\{_ACCENTS[suffix[0]]}{{{letter}}}", suffix[1:]) if suffix[:1] in _ACCENTS else (letter, suffix)


def _index(suffix: str) -> str | None:
    """What follows a letter as its index in LaTeX; None where it isn't one."""
    match = re.fullmatch(r"([0-9]*)((?:_[A-Za-z0-9]+)*)([′']*)", suffix)
    if not match:
        return None
    digits, words, primes = match.groups()
    parts = [digits] * bool(digits) + [w if w.isdigit() or len(w) == 1 else rf"\mathrm{{{w}}}" for w in words.split("_")[1:]]
    return ("_{" + ",".join(parts) + "}" if parts else "") + "'" * len(primes)
