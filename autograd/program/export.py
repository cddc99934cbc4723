"""A program as source code of its own: C, Python, NumPy, JavaScript and LaTeX, with no need of this package.

>>> from autograd.program.tape import Tape
>>> tape = Tape(["x", "y"])
>>> x, y = tape.inputs
>>> print(to_python(tape.program([x * y + 1.0], ["f"])))
def f(x, y):
    \"\"\"f\"\"\"
    v2 = x * y
    v4 = v2 + 1.0
    return v4,
<BLANKLINE>
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from autograd.interop.latex import upright
from autograd.program.array_languages import NUMPY
from autograd.program.instructions import Instructions
from autograd.program.languages import C_FLOAT, JAVASCRIPT_FUNCTION, LATEX, PYTHON, C
from autograd.program.lowering import lowered
from autograd.program.printer import Language, statements
from autograd.program.rolled import looped
from autograd.program.spelling import c_identifier, distinct, escaped, identifier, unless_taken
from autograd.program.syntax import C_FLOAT_SYNTAX, C_SYNTAX, JAVASCRIPT_SYNTAX, PYTHON_SYNTAX, FunctionText, Syntax
from autograd.program.unrolling import unrolled

INDEXED = re.compile(r"[^\[]+(\[[^\[\]'\"]+\])+")  # a name with numbers, or letters of loops, as its indices

MANY = 20  # names that a comment says all
C_OF = {"double": (C, C_SYNTAX), "float": (C_FLOAT, C_FLOAT_SYNTAX)}


def to_c(program: Instructions, name: str = "f", real: str = "double") -> str:
    """A C function ``void f(const double *x, double *y)``: inputs in order, outputs in order; C99 and libm alone.

    With ``real="float"`` all of it is in single precision. Raises ValueError for any other type.
    """
    if not isinstance(real, str) or real not in C_OF:
        raise ValueError(f"to_c: real must be {' or '.join(map(repr, C_OF))}, the types of C that have a libm, got {real!r}")
    language, syntax = C_OF[real]
    texts = [f"x[{i}]" for i in range(len(program.inputs))]
    body = function_body(program, language, syntax, texts, "x")
    # Without * and \ no name ends the comment, without ? none holds a trigraph, which is a \ to old compilers.
    names = [escaped(", ".join(_some(names)), "*\\?") for names in (program.inputs, program.names)]
    word = unless_taken(c_identifier(name), language.words())
    lines = indented(["(void)x;", *body.lines, *body.last])
    function = "\n".join([f"void {word}(const {real} *x, {real} *y) {{", *lines, "}"])
    head = language.head + "#include <stdlib.h>\n" * bool(body.last)
    return "\n".join([head, *language.helpers_of(body.ops), f"/* x: {names[0]}\n   y: {names[1]} */", function, ""])


def to_python(program: Instructions, name: str = "f") -> str:
    """A Python function of the inputs that returns a tuple of the outputs; the standard library alone."""
    arguments = distinct(program.inputs, PYTHON.words())
    body = function_body(program, PYTHON, PYTHON_SYNTAX, arguments)
    head = PYTHON.head if any("(" in line.replace("range(", "") for line in body.lines) else ""
    return head + definition(program.names, name, PYTHON, arguments, indented(body.lines), body.results)


def to_numpy(program: Instructions, name: str = "f") -> str:
    """The same on whole arrays, by NumPy."""
    arguments = distinct(program.inputs, NUMPY.words())
    body = function_body(program, NUMPY, PYTHON_SYNTAX, arguments)
    lines = indented(['with np.errstate(all="ignore"):', *indented(body.lines)] if body.lines else [])
    helpers = NUMPY.helpers_of(body.ops)
    return NUMPY.head + "\n".join(helpers) + "\n" + definition(program.names, name, NUMPY, arguments, lines, body.results)


def to_javascript(program: Instructions, name: str = "f") -> str:
    """A JavaScript function of the inputs that returns an array of the outputs; it needs no library.

    >>> from autograd.program.tape import Tape
    >>> tape = Tape(["x", "y"])
    >>> print(to_javascript(tape.program([tape.apply("exp", tape.inputs[0]) * tape.inputs[1]], ["f"])))
    /** f */
    function f(x, y) {
      const v2 = Math.exp(x);
      const v3 = v2 * y;
      return [v3];
    }
    <BLANKLINE>
    """
    language = JAVASCRIPT_FUNCTION
    arguments = distinct(program.inputs, language.words())
    body = function_body(program, language, JAVASCRIPT_SYNTAX, arguments)
    word, doc = unless_taken(c_identifier(name), language.words()), escaped(", ".join(program.names), "*/\\")
    lines = indented([*body.lines, f"return [{', '.join(body.results)}];"], "  ")
    function = [f"/** {doc} */", f"function {word}({', '.join(arguments)}) {{", *lines, "}", ""]
    return "\n".join([*language.helpers_of(body.ops), *function])


def function_body(
    program: Instructions, language: Language, syntax: Syntax, inputs: Sequence[str], array: str = ""
) -> FunctionText:
    """The lowered program's lines and outputs in a language, with loops where there are some."""
    code = lowered(program)
    rolled = looped(code)
    if rolled is not None:
        from autograd.program.source import function_text  # needs NumPy

        return function_text(rolled, language, syntax, inputs, array)
    code = unrolled(code)
    steps, results = statements(code, language, inputs, lambda i, _: f"v{i}")
    lines = [syntax.assigned(target, op, text) for target, op, text in steps]
    outputs = [syntax.output.format(k, text) for k, text in enumerate(results)] if syntax.output else []
    return FunctionText([*lines, *outputs], results, {step.op for step in steps})


def _some(names: Sequence[str]) -> Sequence[str]:
    """The names, of many the first and the last."""
    return names if len(names) <= MANY else [*names[:3], "…", names[-1]]


def indented(lines: Iterable[str], by: str = "    ") -> list[str]:
    """The lines, further in."""
    return [f"{by}{line}" for line in lines]


def definition(
    names: Sequence[str],
    name: str,
    language: Language,
    arguments: Sequence[str],
    lines: Sequence[str],
    results: Sequence[str],
) -> str:
    """A function of Python; the names of its outputs are its docstring."""
    word, doc = unless_taken(identifier(name), language.words()), escaped(", ".join(names), '\\"')
    head = [f"def {word}({', '.join(arguments)}):", f'    """{doc}"""']
    return "\n".join([*head, *lines, f"    return {', '.join(results)},", ""])


def to_latex(program: Instructions) -> str:
    """The program as equations, one a line; a loop that adds up is a sum, others begin with ``for``."""
    code = lowered(program)
    rolled = looped(code)
    if rolled is not None:
        from autograd.program import equations  # needs NumPy

        lines = list(equations.lines(rolled, _latex_name))
    else:
        code = unrolled(code)
        inputs = list(map(_latex_name, code.inputs))
        steps, results = statements(code, LATEX, inputs, lambda i, _: f"v_{{{i}}}")
        lines = [rf"{target} &= {text} \\" for target, _, text in steps]
        lines += [rf"{_latex_name(name)} &= {text} \\" for name, text in zip(code.names, results, strict=True)]
    return "\n".join([r"\begin{aligned}", *lines, r"\end{aligned}", ""])


def _latex_name(name: str) -> str:
    """A name, its indices as subscripts: those of a list's or array's number.

    >>> _latex_name("W[1][2]"), _latex_name("df/dx[0, i + 1]"), _latex_name("p['k']")
    ('W_{1, 2}', '\\\\text{df/dx}_{0, i + 1}', "\\\\text{p}{[}\\\\text{'k'}{]}")
    """
    base, indices = name.split("[", 1) if INDEXED.fullmatch(name) else (name, "")
    word = base if len(base) == 1 and base.isalpha() else upright(base)
    return f"{word}_{{{indices[:-1].replace('][', ', ')}}}" if indices else word
