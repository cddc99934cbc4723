"""Names as other languages can write them: identifiers that collide with nothing, and text in comments and docstrings.

A name is text: whatever it holds, it can't end a comment, stand for something else or run.

>>> distinct(["w[0]", "for", "abs", "ﬁ", "fi", ""], {"abs"})
['w_0', 'for_', 'abs_', 'fi', 'fi_', 'x']
"""

from __future__ import annotations

import re
import symtable
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import count
from keyword import kwlist
from unicodedata import normalize

RESERVED = frozenset(kwlist) | {"__debug__"}  # what Python assigns to nobody


def identifier(name: str) -> str:
    """A name as Python allows it, unless it is a keyword. Python compares names after NFKC, so that is how it is written.

    >>> identifier("layer0.w[1]"), identifier("2nd"), identifier("ŷ"), identifier("ﬁ")
    ('layer0_w_1_', '_2nd', 'ŷ', 'fi')
    """
    word = "".join([c if f"_{c}".isidentifier() else "_" for c in normalize("NFKC", name)])
    return word if word.isidentifier() else f"_{word}"


def c_identifier(name: str) -> str:
    """The same for C: in ASCII, and without an underscore at the start, as names of compilers have it.

    >>> c_identifier("größe"), c_identifier("_Bool")
    ('gr__e', 'f_Bool')
    """
    word = re.sub("[^A-Za-z0-9_]", "_", identifier(name))
    return f"f{word}" if word.startswith("_") else word


def distinct(names: Iterable[str], taken: Set[str]) -> list[str]:
    """The names as identifiers of Python, each another one, and none of them ``taken`` or the name of a step, as v1 is."""
    used, tried = {*taken, *RESERVED}, dict[str, Iterator[str]]()
    result = []
    for name in names:
        word = re.sub("_+$", "", identifier(re.sub(r"[\[\]'\", .]+", "_", name))) or "x"
        free = next(w for w in tried.setdefault(word, _variants(word)) if w not in used and not re.fullmatch(r"v\d+", w))
        used.add(free)
        result.append(free)
    return result


def unless_taken(word: str, taken: Set[str]) -> str:
    """The word, or the first of ``word_``, ``word_2``, ``word_3`` … that isn't taken."""
    return next(w for w in _variants(word) if w not in taken)


def row(names: Sequence[str]) -> str:
    """Names as Python takes a tuple apart.

    >>> row(["x", "y"]), row(["x"])
    ('x, y', 'x,')
    """
    return ", ".join(names) + "," * (len(names) == 1)


def _variants(word: str) -> Iterator[str]:
    yield word
    yield f"{word}_"
    yield from (f"{word}_{n}" for n in count(2))


def escaped(text: str, special: str) -> str:
    r"""Text in which characters that are special or can't be seen are written as escapes.

    >>> escaped("a*/b\nc ŷ", "*")
    'a\\x2a/b\\x0ac ŷ'
    """
    return "".join([c if c.isprintable() and c not in special else _escape(ord(c)) for c in text])


def _escape(code: int) -> str:
    if 0xD800 <= code < 0xE000:
        return f"⟨U+{code:04X}⟩"  # Python 3.13 reads no docstring with a surrogate in it, escaped or not
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


# -- words that a text uses ----------------------------------------------------------------------------------


def words(text: str) -> set[str]:
    """The words of a template or an expression, attributes and fields left out.

    >>> sorted(words("guarded(math.exp, {all})"))
    ['guarded', 'math']
    """
    return set(re.findall(r"(?<![.{\w])[^\W\d]\w*", text))


def global_names(source: str) -> set[str]:
    """The names that a module of Python binds or that its functions look up outside themselves.

    >>> sorted(global_names("import math\\ndef f(x): return abs(math.sin(x))"))
    ['abs', 'f', 'math']
    """
    module = symtable.symtable(source, "", "exec")
    looked_up = {s.get_name() for child in module.get_children() for s in child.get_symbols() if s.is_global()}
    return looked_up | set(module.get_identifiers())
