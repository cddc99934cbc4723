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

import keyword
import re
from collections.abc import Sequence

from autograd.program.instructions import Instructions
from autograd.program.languages import LATEX, NUMPY, PYTHON, PYTHON_HEAD, C, identifier
from autograd.program.lowering import lowered
from autograd.program.operations import COMPARISONS, LOGIC
from autograd.program.printer import Language, Statement, statements

NUMPY_HEAD = "import math\n\nimport numpy as np\n\n"


def to_c(program: Instructions, name: str = "f") -> str:
    """A C function ``void f(const double *x, double *y)``: inputs in order, outputs in order; C99 and libm alone."""
    steps, results = _steps(program, C, [f"x[{i}]" for i in range(len(program.inputs))])
    lines = [f"    {_c_type(op)} {target} = {text};" for target, op, text in steps]
    outputs = [f"    y[{k}] = {text};" for k, text in enumerate(results)]
    names = ", ".join(program.inputs), ", ".join(program.names)
    comment = f"/* x: {names[0]}\n   y: {names[1]} */".replace("*/", "* /", names[0].count("*/") + names[1].count("*/"))
    unused = "    (void)x;"
    body = "\n".join([f"void {_name(name)}(const double *x, double *y) {{", unused, *lines, *outputs, "}"])
    helpers = C.helpers_of(step.op for step in steps)
    return "\n".join(["#include <math.h>\n", *helpers, comment, body, ""])


def _c_type(op: str) -> str:
    return "const int" if op in COMPARISONS or op in LOGIC else "const double"


def to_python(program: Instructions, name: str = "f") -> str:
    """A Python function of the inputs that returns a tuple of the outputs; the standard library alone."""
    arguments = _arguments(program.inputs)
    steps, results = _steps(program, PYTHON, arguments)
    lines = [f"    {target} = {text}" for target, _, text in steps]
    head = PYTHON_HEAD if any("(" in line for line in lines) else ""
    return head + _definition(program, name, arguments, lines, results)


def to_numpy(program: Instructions, name: str = "f") -> str:
    """The same on whole arrays, by NumPy."""
    arguments = _arguments(program.inputs)
    steps, results = _steps(program, NUMPY, arguments)
    lines = [f"        {target} = {text}" for target, _, text in steps]
    lines[:0] = ['    with np.errstate(all="ignore"):'] * bool(lines)
    helpers = NUMPY.helpers_of(step.op for step in steps)
    return NUMPY_HEAD + "\n".join(helpers) + "\n" + _definition(program, name, arguments, lines, results)


def _definition(
    program: Instructions, name: str, arguments: Sequence[str], lines: Sequence[str], results: Sequence[str]
) -> str:
    doc = ", ".join(program.names).replace("\\", "\\\\").replace('"""', "'''")
    head = [f"def {_name(name)}({', '.join(arguments)}):", f'    """{doc}"""']
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


# -- names ---------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    word = identifier(name)
    return f"_{word}" if keyword.iskeyword(word) else word


def _arguments(names: Sequence[str]) -> list[str]:
    """The inputs' names as identifiers, all different, none like a step's."""
    taken: set[str] = {"np", "math"}
    result = []
    for name in names:
        word = re.sub(r"_+$", "", _name(re.sub(r"[\[\]'\", .]+", "_", name))) or "x"
        while word in taken or re.fullmatch(r"v\d+", word):
            word += "_"
        taken.add(word)
        result.append(word)
    return result


def _latex_name(name: str) -> str:
    special = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    escaped = "".join(special.get(c, "\\" + c if c in "&%$#_{}" else c) for c in name)
    return escaped if len(name) == 1 and name.isalpha() else rf"\text{{{escaped}}}"
