"""Languages as tables: how each writes the operations of a program, and numbers.

A new language is a table here, of arrays in ``array_languages``; ``printer`` has the algorithm, ``export`` what a function
looks like around it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable

from autograd.program.c_words import TAKEN
from autograd.program.printer import ATOM, CHOICE, COMPARISON, LOGIC, POWER, PRODUCT, QUOTIENT, SIGN, SUM, Form, Language
from autograd.program.spelling import RESERVED, global_names


def infix(sign: str, level: int) -> Form:
    """Left-associative: a − b − c is (a − b) − c."""
    return Form(f"{{0}} {sign} {{1}}", level, (level, level + 1))


def comparison(sign: str) -> Form:
    """A comparison of a comparison needs parentheses: Python reads a < b < c as a < b and b < c."""
    return Form(f"{{0}} {sign} {{1}}", COMPARISON, (SUM,))


def call(function: str) -> Form:
    return Form(f"{function}({{all}})")


def calls(functions: Iterable[str], template: str = "{}") -> dict[str, Form]:
    """A call for each operation, to the function that the template makes of its name."""
    return {op: call(template.format(op)) for op in functions}


ARITHMETIC = {"add": infix("+", SUM), "sub": infix("-", SUM), "mul": infix("*", PRODUCT), "div": infix("/", PRODUCT)}
COMPARISONS = {op: comparison(sign) for op, sign in {"lt": "<", "le": "<=", "eq": "==", "ne": "!="}.items()}
UNARY = (
    *(
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
        "cbrt",
        "erf",
        "erfc",
        "lgamma",
    ),
    *("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"),
)
BINARY = ("atan2", "hypot", "pow", "fmod", "copysign", "maximum", "minimum")

# -- C and JavaScript ----------------------------------------------------------------------------------------


def c_number(x: float) -> str:
    if math.isnan(x):
        return "NAN"
    return ("-" if x < 0 else "") + "INFINITY" if math.isinf(x) else repr(x)


def c_float_number(x: float) -> str:
    """The shortest literal of the ``float`` nearest to x.

    >>> [c_float_number(x) for x in (0.1, -2.0, 1 / 3, 16777217.0, 1e-300, 1e39)]
    ['0.1f', '-2.0f', '0.33333334f', '16777216.0f', '0.0f', 'INFINITY']
    """
    nearest = as_single(x)
    if not math.isfinite(nearest):
        return c_number(nearest)
    text = next(repr(y) for p in range(1, 10) if as_single(y := float(f"{nearest:.{p}g}")) == nearest)
    return f"{text}f"


def as_single(x: float) -> float:
    """The number of single precision nearest to x; ±inf beyond its range."""
    try:
        nearest: float = struct.unpack("f", struct.pack("f", x))[0]
    except OverflowError:
        return math.copysign(math.inf, x)
    return nearest


def javascript_number(x: float) -> str:
    """A float as a literal that JavaScript reads back to the last bit, and ``Number()`` too.

    >>> [javascript_number(x) for x in (2.0, -0.0, 1e-320, float("nan"), -float("inf"))]
    ['2', '-0', '1e-320', 'NaN', '-Infinity']
    """
    if math.isnan(x):
        return "NaN"
    return ("-" * (x < 0.0) + "Infinity") if math.isinf(x) else repr(float(x)).removesuffix(".0")


JAVASCRIPT_WORDS = """
    Array Float64Array Infinity Math NaN Number Object arguments await break case catch class const continue debugger default
    delete do else enum eval export extends false finally for function if implements import in instanceof interface let new
    null package private protected public return static super switch this throw true try typeof undefined var void while
    with yield copysign round pow erf erfc
"""

_C_LIKE = {
    **ARITHMETIC,
    **COMPARISONS,
    "neg": Form("-{0}", SIGN, (POWER,)),  # not SIGN, for --x is a decrement
    "not": Form("!{0}", SIGN, (POWER,)),
    "and": Form("{0} && {1}", LOGIC, (COMPARISON,)),
    "or": Form("{0} || {1}", LOGIC, (COMPARISON,)),
    "where": Form("{0} ? {1} : {2}", CHOICE, (LOGIC, LOGIC, CHOICE)),
}


def _c(real: str, suffix: str, number_text: Callable[[float], str]) -> Language:
    """C whose numbers are of the type ``real``, and the library's functions for these end in the suffix."""
    extremum = (
        f"static {real} {{0}}({real} a, {real} b) {{{{\n"
        "    return a {1} b ? a : b {1} a ? b : a == b ? {2} : NAN;\n}}\n"
    )
    functions = calls((*UNARY, *BINARY), f"{{}}{suffix}")
    return Language(
        "C",
        {
            **_C_LIKE,
            **functions,
            **calls(("maximum", "minimum")),
            "abs": call(f"fabs{suffix}"),
            "round": call(f"rint{suffix}"),
        },
        number_text,
        {
            "maximum": extremum.format("maximum", ">", "(signbit(a) ? b : a)"),
            "minimum": extremum.format("minimum", "<", "(signbit(a) ? a : b)"),
        },
        least=ATOM,
        head="#include <math.h>\n",
        taken=TAKEN,
    )


C = _c("double", "", c_number)
C_FLOAT = _c("float", "f", c_float_number)

# Of rules as they are written: with > and >=, composite operations as calls and vectors whose items are taken.
JAVASCRIPT = Language(
    "JavaScript",
    {
        **_C_LIKE,
        "div": call("div"),
        "eq": comparison("==="),
        "gt": comparison(">"),
        "ge": comparison(">="),
        "item": Form("{0}[{1}]", ATOM, (ATOM, CHOICE)),
    },
    javascript_number,
    call=call,
)

_JS_SERIES = """  let total = x;
  for (let n = 1, term = x; Math.abs(term) > 1e-17 * Math.abs(total); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  total *= (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x);
"""
_JS_HELPERS = {
    "copysign": "const copysign = (a, b) => (b < 0 || Object.is(b, -0) ? -Math.abs(a) : Math.abs(a));\n",
    "round": """const round = (x) => {
  const size = Math.abs(x);
  const whole = size < 2 ** 52 ? size + 2 ** 52 - 2 ** 52 : size;
  return x < 0 || Object.is(x, -0) ? -whole : whole;
};
""",
    "pow": "const pow = (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b);\n",
    "erf": f"""const erf = (x) => {{
  if (Math.abs(x) > 6) return Math.sign(x);
{_JS_SERIES}  return total;
}};
""",
    "erfc": f"""const erfc = (x) => {{
  if (x > 2) {{
    let fraction = x;
    for (let k = 80; k > 0; k--) fraction = x + (0.5 * k) / fraction;
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
  }}
  if (x < -6) return 2;
{_JS_SERIES}  return 1 - total;
}};
""",
}

# A program on its own.
JAVASCRIPT_FUNCTION = Language(
    "JavaScript",
    {
        **{op: form for op, form in _C_LIKE.items() if op not in ("eq", "ne")},
        **{op: comparison(sign) for op, sign in {"eq": "===", "ne": "!=="}.items()},
        **calls([op for op in (*UNARY, "atan2", "hypot", "abs") if op not in ("exp2", "erf", "erfc", "lgamma")], "Math.{}"),
        **{op: call(op) for op in _JS_HELPERS},
        "maximum": call("Math.max"),
        "minimum": call("Math.min"),
        "exp2": Form("2 ** {0}", POWER, (ATOM,)),
        "fmod": infix("%", PRODUCT),
    },
    javascript_number,
    _JS_HELPERS,
    least=ATOM,
    taken=frozenset(JAVASCRIPT_WORDS.split()),
)

# -- Python --------------------------------------------------------------------------------------------------


def python_number(x: float) -> str:
    return repr(x) if math.isfinite(x) else f'float("{x!r}")'


# Python's math raises where C answers inf or nan.
PYTHON_HEAD = """import math


def guarded(function, *x):
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
_NEVER_RAISE = ("erf", "erfc", "atan", "tanh", "asinh", "cbrt", "atan2", "hypot", "copysign")
NEGATIVE = Form("-{0}", SIGN, (SIGN,))

PYTHON = Language(
    "Python",
    {
        **ARITHMETIC,
        **COMPARISONS,
        **{op: Form(f"guarded(math.{op}, {{all}})") for op in (*UNARY, "pow", "fmod")},
        **calls(_NEVER_RAISE, "math.{}"),
        **{op: Form(f"whole(math.{op}, {{0}})") for op in ("floor", "ceil", "trunc")},
        **calls(("maximum", "minimum", "abs")),
        "div": call("divide"),
        "neg": NEGATIVE,
        "round": Form("whole(round, {0})"),
        "not": Form("not {0}", LOGIC, (COMPARISON,)),
        "and": Form("{0} and {1}", LOGIC, (COMPARISON,)),
        "or": Form("{0} or {1}", LOGIC, (COMPARISON,)),
        "where": Form("{1} if {0} else {2}", CHOICE, (LOGIC, LOGIC, CHOICE)),
    },
    python_number,
    least=ATOM,
    head=PYTHON_HEAD,
    taken=RESERVED | global_names(PYTHON_HEAD),
)

_POWER = Form("{0} ** {1}", POWER, (ATOM, SIGN))

# With the functions of this package, on its Values.
AUTOGRAD = Language(
    "Python",
    {
        **ARITHMETIC,
        "neg": NEGATIVE,
        "floordiv": infix("//", PRODUCT),
        "mod": infix("%", PRODUCT),
        "pow": _POWER,
        "power": _POWER,
        **{op: Form(op + "([{all}])[0]") for op in ("softmax", "log_softmax")},
        "dot": Form("dot([{left}], [{right}])"),
    },
    python_number,
    call=call,
)

# -- LaTeX ---------------------------------------------------------------------------------------------------


def latex_number(x: float) -> str:
    if not math.isfinite(x):
        return r"\mathrm{nan}" if math.isnan(x) else ("-" if x < 0 else "") + r"\infty"
    mantissa, _, exponent = repr(x).partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


LATEX_FUNCTIONS = {
    **{name: rf"\{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min")},
    **{f"a{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")},
}


def _latex_call(op: str) -> Form:
    return Form(LATEX_FUNCTIONS.get(op, rf"\operatorname{{{{{op}}}}}") + r"\left({all}\right)")


LATEX = Language(
    "LaTeX",
    {
        **{op: _latex_call(op) for op in (*UNARY, *BINARY, "round")},
        "add": infix("+", SUM),
        "sub": infix("-", SUM),
        "mul": Form("{all}", PRODUCT, (POWER,), r" \cdot "),
        "div": Form(r"\frac{{{0}}}{{{1}}}", POWER),
        "neg": Form("-{0}", SUM, (QUOTIENT,)),
        **{op: Form(f"[{{0}} {sign} {{1}}]") for op, sign in {"lt": "<", "le": r"\le", "eq": "=", "ne": r"\ne"}.items()},
        "and": Form(r"{0} \wedge {1}", LOGIC, (COMPARISON,)),
        "or": Form(r"{0} \vee {1}", LOGIC, (COMPARISON,)),
        "not": Form(r"\neg {0}", SIGN, (POWER,)),
        "abs": Form(r"\left|{0}\right|"),
        "sqrt": Form(r"\sqrt{{{0}}}", POWER),
        "floor": Form(r"\lfloor {0} \rfloor"),
        "ceil": Form(r"\lceil {0} \rceil"),
        "where": Form(r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}"),
    },
    latex_number,
    least=ATOM,
)
