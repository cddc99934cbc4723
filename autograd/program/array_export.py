"""A program as a function of numbers and arrays, for packages that compile Python: JAX and Numba.

Inputs ``z[0]``, ``z[1]``, … are one array, the argument ``z``; outputs whose names say so are one array too. So a function
of a thousand parameters has the arguments that it had when it was traced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from autograd.program.array_languages import JAX, NUMBA
from autograd.program.export import definition, function_body, indented
from autograd.program.instructions import Instructions
from autograd.program.printer import Language
from autograd.program.spelling import distinct
from autograd.program.syntax import JAX_SYNTAX, NUMBA_SYNTAX, Syntax

ROW = 4  # items of an array in a row that are written as a slice


def to_jax(program: Instructions, name: str = "f") -> str:
    """A function for ``jax.jit`` and ``jax.vmap`` that returns a tuple; loops are ``lax.fori_loop``, numbers are doubles.

    >>> from autograd.program.tape import Tape
    >>> tape = Tape(["x", "w[0]", "w[1]"])
    >>> x, *w = tape.inputs
    >>> print(to_jax(tape.program([tape.apply("exp", x) * w[0], x, w[0]], ["f", "df/dw[0]", "df/dw[1]"])))
    import jax
    import jax.numpy as jnp
    import jax.scipy.special as jsp
    from jax import lax
    <BLANKLINE>
    jax.config.update("jax_enable_x64", True)  # else all numbers are of single precision
    <BLANKLINE>
    <BLANKLINE>
    def f(x, w):
        \"\"\"f, df/dw\"\"\"
        x = jnp.asarray(x, float).reshape(())
        w = jnp.asarray(w, float).reshape(2)
        v3 = jnp.exp(x)
        v4 = v3 * w[0]
        return v4, jnp.array([x, w[0]]),
    <BLANKLINE>
    """
    return _text(program, name, JAX, JAX_SYNTAX, "jnp", "")


def to_numba(program: Instructions, name: str = "f") -> str:
    """The same for Numba: the function is compiled at its first call, and others that Numba compiles may call it."""
    return _text(program, name, NUMBA, NUMBA_SYNTAX, "np", '@njit(error_model="numpy")\n')


def _text(program: Instructions, name: str, language: Language, syntax: Syntax, package: str, decorator: str) -> str:
    arguments = _arguments(program.inputs, language)
    texts = [text for word, size in arguments for text in _items(word, size)]
    body = function_body(program, language, syntax, texts)
    given = [(syntax.array_argument if size else syntax.number_argument).format(word, size) for word, size in arguments]
    outputs = list(_results(program.names, body.results, package))
    head = language.head + "".join(language.helpers_of(body.ops)) + decorator
    words, names, results = [word for word, _ in arguments], [each for each, _ in outputs], [text for _, text in outputs]
    return head + definition(names, name, language, words, indented([*given, *body.lines]), results)


def _of(name: str) -> tuple[str, str]:
    """What a number is of, and whether it is one of several: ``z`` and a bracket of ``z[3]``."""
    name, bracket, _ = name.partition("[")
    return name, bracket


def _arguments(inputs: Sequence[str], language: Language) -> list[tuple[str, int | None]]:
    """The arguments that inputs make, by identifier: None for a number, and how many numbers an array has."""
    found = [(base, len(list(names)) if bracket else None) for (base, bracket), names in groupby(inputs, _of)]
    words = distinct([base for base, _ in found], language.words())
    return [(word, size) for word, (_, size) in zip(words, found, strict=True)]


def _items(word: str, size: int | None) -> list[str]:
    return [word] if size is None else [f"{word}[{k}]" for k in range(size)]


def _results(names: Sequence[str], texts: Sequence[str], package: str) -> Iterator[tuple[str, str]]:
    """The outputs by name, those of one array in one expression."""
    for (base, bracket), group in groupby(zip(names, texts, strict=True), lambda each: _of(each[0])):
        pairs = list(group)
        if not bracket:
            yield from pairs
            continue
        pieces = list(_pieces([text for _, text in pairs], package))
        yield base, pieces[0] if len(pieces) == 1 else f"{package}.concatenate(({', '.join(pieces)}))"


def _pieces(texts: Sequence[str], package: str) -> Iterator[str]:
    """Numbers as arrays: slices of those that they are items of in a row, and others.

    >>> list(_pieces(["1.0", "v[9]", "v[7]", "v[5]", "v[3]"], "np"))
    ['np.array([1.0])', 'v[9:1:-2]']
    """
    at, apart = 0, list[str]()
    while at < len(texts):
        run = _run(texts[at:])
        if len(run) < ROW:
            apart.append(texts[at])
            at += 1
            continue
        if apart:
            yield f"{package}.array([{', '.join(apart)}])"
        apart, step = [], run[1] - run[0]
        stop = run[-1] + step
        yield f"{_of(texts[at])[0]}[{run[0]}:{stop if stop >= 0 else ''}:{step}]".replace(":1]", "]")
        at += len(run)
    if apart:
        yield f"{package}.array([{', '.join(apart)}])"


def _run(texts: Sequence[str]) -> list[int]:
    """The places of the first texts, as far as they are items of one array at a constant distance."""
    places: list[int] = []
    for text in texts:
        name, _, index = text.partition("[")
        if not index.removesuffix("]").isdigit() or name != _of(texts[0])[0]:
            break
        places.append(int(index[:-1]))
        if len(places) > 1 and (places[-1] - places[-2] != places[1] - places[0] or places[1] == places[0]):
            return places[:-1]
    return places
