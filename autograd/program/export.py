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
import math
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from autograd.program.instructions import Instructions, ProgramError
from autograd.program.lowering import lowered

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}


class Language(NamedTuple):
    """How a language writes operations: a template with {0}, {1}, … for the operands, and helpers some of them need."""

    name: str
    forms: dict[str, str]
    helpers: dict[str, str]  # the text that defines a helper, by the name it is called by
    number: Callable[[float], str]


def _c_number(x: float) -> str:
    if math.isnan(x):
        return "NAN"
    return ("-" if x < 0 else "") + "INFINITY" if math.isinf(x) else repr(x)


def _python_number(x: float) -> str:
    return repr(x) if math.isfinite(x) else f'float("{x!r}")'


_INFIX_FORMS = {op: f"{{0}} {sign} {{1}}" for op, sign in INFIX.items()}
_SAME_IN_C = [
    "sqrt",
    "floor",
    "ceil",
    "trunc",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log10",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
]
_SAME_IN_C += ["asinh", "acosh", "atanh", "cbrt", "erf", "erfc", "lgamma"]

C = Language(
    "C",
    {
        **_INFIX_FORMS,
        **{op: f"{op}({{0}})" for op in _SAME_IN_C},
        **{op: f"{op}({{0}}, {{1}})" for op in ("atan2", "hypot", "pow", "fmod", "copysign", "maximum", "minimum")},
        "neg": "-{0}",
        "abs": "fabs({0})",
        "round": "rint({0})",
        "not": "!{0}",
        "and": "{0} && {1}",
        "or": "{0} || {1}",
        "where": "{0} ? {1} : {2}",
    },
    {
        "maximum": "static double maximum(double a, double b) {\n"
        "    return a > b ? a : b > a ? b : a == b ? (signbit(a) ? b : a) : NAN;\n}\n",
        "minimum": "static double minimum(double a, double b) {\n"
        "    return a < b ? a : b < a ? b : a == b ? (signbit(a) ? a : b) : NAN;\n}\n",
    },
    _c_number,
)

_NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
_NUMPY_NAMES |= {"atanh": "arctanh", "atan2": "arctan2", "pow": "power", "round": "rint", "not": "logical_not"}
_NUMPY_NAMES |= {"and": "logical_and", "or": "logical_or"}
_BY_NUMBER = ("erf", "erfc", "lgamma")

NUMPY = Language(
    "NumPy",
    {
        **_INFIX_FORMS,
        **{
            op: f"np.{_NUMPY_NAMES.get(op, op)}({{0}})"
            for op in (*_SAME_IN_C, "abs", "round", "not")
            if op not in _BY_NUMBER
        },
        **{op: f"{op}({{0}})" for op in _BY_NUMBER},
        **{
            op: f"np.{_NUMPY_NAMES.get(op, op)}({{0}}, {{1}})"
            for op in ("atan2", "hypot", "pow", "fmod", "copysign", "and", "or", "maximum", "minimum")
        },
        "neg": "-{0}",
        "where": "np.where({0}, {1}, {2})",
    },
    {name: f"{name} = np.vectorize(math.{name}, otypes=[float])\n" for name in _BY_NUMBER},
    _python_number,
)

# Python's math raises where C answers inf or nan.
_GUARDED = """def guarded(function, *x):
    try:
        return function(*x)
    except OverflowError:
        odd = function is math.sinh or function is math.pow and x[1] % 2 == 1
        return -math.inf if odd and x[0] < 0 else math.inf
    except ValueError:
        if function in (math.log, math.log2, math.log10) and x[0] == 0 or function is math.log1p and x[0] == -1:
            return -math.inf
        if function is math.atanh and abs(x[0]) == 1:
            return math.copysign(math.inf, x[0])
        if function is math.pow and x[0] == 0:
            return math.copysign(math.inf, x[0]) if x[1] % 2 == 1 else math.inf
        return math.inf if function is math.lgamma else math.nan


def whole(function, x):
    return math.copysign(function(x), x) if math.isfinite(x) else x


def divide(a, b):
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return a / b


def maximum(a, b):
    return math.nan if a != a or b != b else a if a > b or a == b and math.copysign(1.0, a) > 0 else b


def minimum(a, b):
    return math.nan if a != a or b != b else a if a < b or a == b and math.copysign(1.0, a) < 0 else b
"""
_NEVER_RAISE = ("erf", "erfc", "atan", "tanh", "asinh", "cbrt")

PYTHON = Language(
    "Python",
    {
        **_INFIX_FORMS,
        "div": "divide({0}, {1})",
        **{op: f"guarded(math.{op}, {{0}})" for op in _SAME_IN_C},
        **{op: f"math.{op}({{0}})" for op in _NEVER_RAISE},
        **{op: f"whole(math.{op}, {{0}})" for op in ("floor", "ceil", "trunc")},
        **{op: f"guarded(math.{op}, {{0}}, {{1}})" for op in ("pow", "fmod")},
        **{op: f"math.{op}({{0}}, {{1}})" for op in ("atan2", "hypot", "copysign")},
        **{op: f"{op}({{0}}, {{1}})" for op in ("maximum", "minimum")},
        "neg": "-{0}",
        "abs": "abs({0})",
        "round": "whole(round, {0})",
        "not": "not {0}",
        "and": "{0} and {1}",
        "or": "{0} or {1}",
        "where": "{1} if {0} else {2}",
    },
    {},
    _python_number,
)


def to_c(program: Instructions, name: str = "f") -> str:
    """A C function ``void f(const double *x, double *y)``: inputs in order, outputs in order; C99 and libm alone."""
    steps, helpers = _steps(program, C)
    lines = [f"    {_c_type(op)} {target} = {text};" for target, op, text in steps]
    words = _words(program, C, lambda i: f"x[{i}]")
    outputs = [f"    y[{k}] = {words[place]};" for k, place in enumerate(lowered(program).outputs)]
    names = ", ".join(program.inputs), ", ".join(program.names)
    comment = f"/* x: {names[0]}\n   y: {names[1]} */".replace("*/", "* /", names[0].count("*/") + names[1].count("*/"))
    unused = "    (void)x;"
    body = "\n".join([f"void {_identifier(name)}(const double *x, double *y) {{", unused, *lines, *outputs, "}"])
    return "\n".join(["#include <math.h>\n", *helpers, comment, body, ""])


def _c_type(op: str) -> str:
    return "const int" if op in ("lt", "le", "eq", "ne", "and", "or", "not") else "const double"


def to_python(program: Instructions, name: str = "f") -> str:
    """A Python function of the inputs that returns a tuple of the outputs; the standard library alone."""
    return _python(program, PYTHON, name, "import math\n\n\n" + _GUARDED + "\n\n")


def to_numpy(program: Instructions, name: str = "f") -> str:
    """The same on whole arrays, by NumPy."""
    return _python(program, NUMPY, name, "import math\n\nimport numpy as np\n\n")


def _python(program: Instructions, language: Language, name: str, head: str) -> str:
    steps, helpers = _steps(program, language)
    arguments = _arguments(program.inputs)
    words = _words(program, language, lambda i: arguments[i])
    lines = [f"    {target} = {text}" for target, _, text in steps]
    outputs = ", ".join(words[place] for place in lowered(program).outputs)
    plain = language is PYTHON and not any("(" in line for line in lines)
    doc = ", ".join(program.names).replace("\\", "\\\\").replace('"""', "'''")
    title = [f"def {_identifier(name)}({', '.join(arguments)}):", f'    """{doc}"""']
    guard = (
        ['    with np.errstate(all="ignore"):', *["    " + line for line in lines]] if language is NUMPY and lines else lines
    )
    return "\n".join([*([] if plain else [head + "\n".join(helpers)]), *title, *guard, f"    return {outputs},", ""])


def to_latex(program: Instructions) -> str:
    """The program as equations, one a line."""
    places = lowered(program)
    steps, _ = _steps(program, LATEX)
    words = _words(program, LATEX, lambda i: _latex_name(program.inputs[i]))
    lines = [rf"{target} &= {text} \\" for target, _, text in steps]
    lines += [
        rf"{_latex_name(name)} &= {words[place]} \\" for name, place in zip(program.names, places.outputs, strict=True)
    ]
    return "\n".join([r"\begin{aligned}", *lines, r"\end{aligned}", ""])


# -- one step after the other ---------------------------------------------------------------------------------


def _steps(program: Instructions, language: Language) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Target, operation and right-hand side of every step; and the helpers they call."""
    machine = lowered(program)
    arguments = _arguments(program.inputs)
    inputs = {"C": lambda i: f"x[{i}]", "LaTeX": lambda i: _latex_name(program.inputs[i])}
    words = _words(program, language, inputs.get(language.name, lambda i: arguments[i]))
    steps, used = [], set()
    for i, (op, args) in machine.operations():
        if op not in language.forms:
            raise ProgramError(
                f"the operation {op.split('#')[0]!r} has no form in {language.name}; the program runs here all the same"
            )
        steps.append((words[i], op, language.forms[op].format(*[_grouped(words[a]) for a in args])))
        used.add(op)
    return steps, [text for name, text in language.helpers.items() if name in used]


def _words(program: Instructions, language: Language, of_input: Callable[[int], str]) -> list[str]:
    machine = lowered(program)
    target = "v_{%d}" if language.name == "LaTeX" else "v%d"
    words = [of_input(i) for i in range(len(machine.inputs))]
    for i in range(len(machine.inputs), len(machine.nodes)):
        words.append(language.number(machine.constants[i]) if i in machine.constants else target % i)
    return words


def _grouped(word: str) -> str:
    return f"({word})" if word.startswith("-") else word


def _identifier(name: str) -> str:
    plain = re.sub(r"\W", "_", name)
    return plain if plain.isidentifier() and not keyword.iskeyword(plain) else f"_{plain}"


def _arguments(names: Sequence[str]) -> list[str]:
    """The inputs' names as identifiers, all different, none like a step's."""
    taken: set[str] = {"np", "math"}
    result = []
    for name in names:
        word = re.sub(r"_+$", "", _identifier(re.sub(r"[\[\]'\", .]+", "_", name))) or "x"
        while word in taken or re.fullmatch(r"v\d+", word):
            word += "_"
        taken.add(word)
        result.append(word)
    return result


def _latex_name(name: str) -> str:
    special = {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    escaped = "".join(special.get(c, "\\" + c if c in "&%$#_{}" else c) for c in name)
    return escaped if len(name) == 1 and name.isalpha() else rf"\text{{{escaped}}}"


def _latex_number(x: float) -> str:
    if not math.isfinite(x):
        return r"\mathrm{nan}" if math.isnan(x) else ("-" if x < 0 else "") + r"\infty"
    mantissa, _, exponent = repr(x).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


_LATEX_NAMES = {op: f"\\{op}" for op in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")}
_LATEX_NAMES |= {"asin": r"\arcsin", "acos": r"\arccos", "atan": r"\arctan"}
_OF_ONE = {op: _LATEX_NAMES.get(op, rf"\operatorname{{{{{op}}}}}") for op in (*_SAME_IN_C, "round")}
_OF_TWO = ("atan2", "hypot", "pow", "fmod", "copysign", "maximum", "minimum")

LATEX = Language(
    "LaTeX",
    {
        **{op: name + r"\left({0}\right)" for op, name in _OF_ONE.items()},
        **{op: rf"\operatorname{{{{{op}}}}}" + r"\left({0}, {1}\right)" for op in _OF_TWO},
        "add": "{0} + {1}",
        "sub": "{0} - {1}",
        "mul": r"{0} \cdot {1}",
        "div": r"\frac{{{0}}}{{{1}}}",
        "neg": "-{0}",
        "lt": "[{0} < {1}]",
        "le": r"[{0} \le {1}]",
        "eq": "[{0} = {1}]",
        "ne": r"[{0} \ne {1}]",
        "and": r"{0} \wedge {1}",
        "or": r"{0} \vee {1}",
        "not": r"\neg {0}",
        "abs": r"\left|{0}\right|",
        "sqrt": r"\sqrt{{{0}}}",
        "floor": r"\lfloor {0} \rfloor",
        "ceil": r"\lceil {0} \rceil",
        "where": r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}",
    },
    {},
    _latex_number,
)
