"""Languages as tables, of packages for arrays and their compilers: NumPy, JAX and Numba."""

from __future__ import annotations

from autograd.program.languages import ARITHMETIC, BINARY, COMPARISONS, NEGATIVE, PYTHON, UNARY, call, calls, python_number
from autograd.program.printer import ATOM, Form, Language
from autograd.program.spelling import RESERVED, global_names

_NUMPY_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
_NUMPY_NAMES |= {"atanh": "arctanh", "atan2": "arctan2", "pow": "power", "round": "rint", "not": "logical_not"}
_NUMPY_NAMES |= {"and": "logical_and", "or": "logical_or"}
_BY_NUMBER = ("erf", "erfc", "lgamma")

NUMPY_HEAD = "import math\n\nimport numpy as np\n\n"
NUMPY = Language(
    "NumPy",
    {
        **ARITHMETIC,
        **COMPARISONS,
        **calls((*UNARY, *BINARY, "abs", "where"), "np.{}"),
        **{op: call(f"np.{name}") for op, name in _NUMPY_NAMES.items()},
        **calls(_BY_NUMBER),
        "neg": NEGATIVE,
    },
    python_number,
    {name: f"{name} = np.vectorize(math.{name}, otypes=[float])\n" for name in _BY_NUMBER},
    least=ATOM,
    head=NUMPY_HEAD,
    taken=RESERVED | global_names(NUMPY_HEAD),
)

# -- JAX -----------------------------------------------------------------------------------------------------

JAX_HEAD = """import jax
import jax.numpy as jnp
import jax.scipy.special as jsp
from jax import lax

jax.config.update("jax_enable_x64", True)  # else all numbers are of single precision


"""
_EXPM1_REST = '''def expm1_rest(x):
    """expm1(x) - x exp(x), from its series where the two cancel."""
    term, series = 0.5, 0.0
    for k in range(2, 22):
        series = series - (k - 1) * term * x**k
        term /= k + 1
    far = jnp.where(x > -jnp.inf, (1.0 - x) * jnp.exp(x) - 1.0, -1.0)
    return jnp.where(jnp.abs(x) > 1.0, far, series)


'''
_SINC_DERIVATIVE = '''def sinc_derivative(order, x):
    """The derivative of sin(pi x) / (pi x), from n f(n-1) + x f(n) = pi^(n-1) sin(pi x + n pi/2), or its Taylor series."""
    n, r = int(order), jnp.fmod(x, 2.0)
    k = (n + 1) // 2
    power, series = (-1.0) ** k * jnp.pi ** (2 * k) * (x if n % 2 else 1.0), 0.0
    for k in range(k, k + 24 + 2 * n):
        series = series + power / (2 * k + 1)
        power = power * -((jnp.pi * x) ** 2) / ((2 * k + 2 - n) * (2 * k + 1 - n))
    f = jnp.sinc(x)
    for k in range(1, n + 1):
        wave = (jnp.sin, jnp.cos)[k % 2](jnp.pi * r) * (1, 1, -1, -1)[k % 4]
        f = (jnp.pi ** (k - 1) * wave - k * f) / x
    return jnp.where(jnp.abs(x) < 0.4 + 0.12 * n, series, jnp.where(jnp.isinf(x), 0.0, f))


'''

JAX = Language(
    "JAX",
    {
        **{op: form._replace(template=form.template.replace("np.", "jnp.")) for op, form in NUMPY.forms.items()},
        **calls(("erf", "erfc", "gamma", "digamma"), "jsp.{}"),
        **calls(("expm1_rest", "sinc_derivative")),
        "lgamma": call("jsp.gammaln"),
        "polygamma": Form("jsp.polygamma(int({0}), {1})"),
        "sinc": call("jnp.sinc"),
    },
    python_number,
    {"expm1_rest": _EXPM1_REST, "sinc_derivative": _SINC_DERIVATIVE},
    least=ATOM,
    head=JAX_HEAD,
    taken=RESERVED | global_names(JAX_HEAD) | {"carried", "each", "int", "range"},
)

# -- Numba ---------------------------------------------------------------------------------------------------

NUMBA_HEAD = "import math\n\nimport numpy as np\nfrom numba import njit\n\n\n"
_EXTREMUM = """@njit
def {0}(a, b):
    return math.nan if a != a or b != b else a if a {1} b or a == b and math.copysign(1.0, a) {1} 0 else b


"""

# A compiled function raises nowhere: what it calls are C's functions, and by 0 it divides as floats do.
NUMBA = Language(
    "Numba",
    {
        **PYTHON.forms,
        **ARITHMETIC,
        **calls((*UNARY, "pow"), "math.{}"),
        **calls(("floor", "ceil", "trunc", "exp2", "cbrt", "fmod"), "np.{}"),
        "round": call("np.rint"),
    },
    python_number,
    {"maximum": _EXTREMUM.format("maximum", ">"), "minimum": _EXTREMUM.format("minimum", "<")},
    least=ATOM,
    head=NUMBA_HEAD,
    taken=RESERVED | global_names(NUMBA_HEAD) | {"float", "range"},
)
