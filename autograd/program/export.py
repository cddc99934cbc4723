"""A program as source code of its own: C, Python, NumPy and LaTeX, with no need of this package.

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

from collections.abc import Sequence

from autograd.interop.latex import upright
from autograd.program.instructions import Instructions
from autograd.program.languages import LATEX, NUMPY, PYTHON, C
from autograd.program.lowering import lowered
from autograd.program.operations import COMPARISONS, LOGIC
from autograd.program.printer import Language, Statement, statements
from autograd.program.spelling import c_identifier, distinct, escaped, identifier, unless_taken


def to_c(program: Instructions, name: str = "f") -> str:
    """A C function ``void f(const double *x, double *y)``: inputs in order, outputs in order; C99 and libm alone."""
    steps, results = _steps(program, C, [f"x[{i}]" for i in range(len(program.inputs))])
    lines = [f"    {_c_type(op)} {target} = {text};" for target, op, text in steps]
    outputs = [f"    y[{k}] = {text};" for k, text in enumerate(results)]
    # Without * and \ no name ends the comment, without ? none holds a trigraph, which is a \ to old compilers.
    names = [escaped(", ".join(names), "*\\?") for names in (program.inputs, program.names)]
    word = unless_taken(c_identifier(name), C.words())
    body = "\n".join([f"void {word}(const double *x, double *y) {{", "    (void)x;", *lines, *outputs, "}"])
    helpers = C.helpers_of(step.op for step in steps)
    return "\n".join([C.head, *helpers, f"/* x: {names[0]}\n   y: {names[1]} */", body, ""])


def _c_type(op: str) -> str:
    return "const int" if op in COMPARISONS or op in LOGIC else "const double"


def to_python(program: Instructions, name: str = "f") -> str:
    """A Python function of the inputs that returns a tuple of the outputs; the standard library alone."""
    arguments = distinct(program.inputs, PYTHON.words())
    steps, results = _steps(program, PYTHON, arguments)
    lines = [f"    {target} = {text}" for target, _, text in steps]
    head = PYTHON.head if any("(" in line for line in lines) else ""
    return head + _definition(program, name, PYTHON, arguments, lines, results)


def to_numpy(program: Instructions, name: str = "f") -> str:
    """The same on whole arrays, by NumPy."""
    arguments = distinct(program.inputs, NUMPY.words())
    steps, results = _steps(program, NUMPY, arguments)
    lines = [f"        {target} = {text}" for target, _, text in steps]
    lines[:0] = ['    with np.errstate(all="ignore"):'] * bool(lines)
    helpers = NUMPY.helpers_of(step.op for step in steps)
    return NUMPY.head + "\n".join(helpers) + "\n" + _definition(program, name, NUMPY, arguments, lines, results)


def _definition(
    program: Instructions,
    name: str,
    language: Language,
    arguments: Sequence[str],
    lines: Sequence[str],
    results: Sequence[str],
) -> str:
    word, doc = unless_taken(identifier(name), language.words()), escaped(", ".join(program.names), '\\"')
    head = [f"def {word}({', '.join(arguments)}):", f'    """{doc}"""']
    return "\n".join([*head, *lines, f"    return {', '.join(results)},", ""])


def to_latex(program: Instructions) -> str:
    """The program as equations, one a line."""
    steps, results = _steps(program, LATEX, list(map(_latex_name, program.inputs)), "v_{%d}")
    lines = [rf"{target} &= {text} \\" for target, _, text in steps]
    lines += [rf"{_latex_name(name)} &= {text} \\" for name, text in zip(program.names, results, strict=True)]
    return "\n".join([r"\begin{aligned}", *lines, r"\end{aligned}", ""])


def _steps(
    program: Instructions, language: Language, inputs: Sequence[str], target: str = "v%d"
) -> tuple[list[Statement], list[str]]:
    """A statement for each operation, and the outputs as expressions."""
    return statements(lowered(program), language, inputs, lambda i, _: target % i)


def _latex_name(name: str) -> str:
    return name if len(name) == 1 and name.isalpha() else upright(name)
