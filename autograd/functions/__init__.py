"""One function per operation, each for ``Value``s and for plain numbers: number in, number out.

>>> exp(1.0)
2.718281828459045
>>> y = exp(Value(1.0)); y.op
'exp'
"""

from collections.abc import Iterable
from typing import overload

from autograd.functions.signatures import as_list, binary, document_method, each, many, parametric, unary
from autograd.rules import table as rules
from autograd.value import Value as Value
from autograd.value import apply
from autograd.value import where as where

# All but those that are named as a builtin: `from autograd import *` must hide none.
__all__ = ["add", "div", "floordiv", "mod", "mul", "neg", "reciprocal", "square", "sub"]
__all__ += ["cbrt", "exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "logaddexp", "rsqrt", "sqrt", "xlogy"]
__all__ += ["entr", "log1mexp", "logaddexp2", "logit", "xlog1py"]
__all__ += ["acos", "asin", "atan", "atan2", "cos", "hypot", "sin", "sinc", "tan"]
__all__ += ["cospi", "sinpi"]
__all__ += ["acosh", "asinh", "atanh", "cosh", "sech", "sinh", "tanh"]
__all__ += ["ceil", "clip", "copysign", "floor", "fmod", "maximum", "minimum", "sign", "trunc", "where"]
__all__ += [
    "celu",
    "elu",
    "gelu",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "mish",
    "relu",
    "selu",
]
__all__ += ["sigmoid", "silu", "softplus", "softsign"]
__all__ += ["digamma", "erf", "erfc", "erfcinv", "erfcx", "erfinv", "gamma", "lgamma", "log_ndtr"]
__all__ += ["ndtri", "norm_cdf", "norm_pdf"]
__all__ += ["dot", "log_softmax", "logsumexp", "mean", "norm", "prod", "softmax"]

# -- arithmetic ----------------------------------------------------------------------------------

add = binary(rules.ADD, "a + b.")
sub = binary(rules.SUB, "a − b.")
mul = binary(rules.MUL, "a·b.")
div = binary(rules.DIV, "a/b; ±inf or nan for a zero divisor.")
floordiv = binary(rules.FLOORDIV, "The floor of a/b; flat, so its derivatives are 0.")
mod = binary(rules.MOD, "a − b·⌊a/b⌋, with the sign of b, as Python's %.", 5.5, 2.0)
pow = binary(rules.POW, "a to the power b; nan for a negative base and a fractional exponent.")
neg = unary(rules.NEG, "−x.")
abs = unary(rules.ABS, "|x|; its derivative at 0 is 0, the subgradient of least magnitude.", -2.0)
reciprocal = unary(rules.RECIPROCAL, "1/x.")
square = unary(rules.SQUARE, "x².")

# -- roots, exponentials, logarithms -----------------------------------------------------------

sqrt = unary(rules.SQRT, "√x; its derivative at 0 is inf.", 4.0)
rsqrt = unary(rules.RSQRT, "1/√x.", 4.0)
cbrt = unary(rules.CBRT, "The real cube root, also of negative numbers.", 8.0)
exp = unary(rules.EXP, "eˣ.")
exp2 = unary(rules.EXP2, "2ˣ.")
expm1 = unary(rules.EXPM1, "eˣ − 1, exact near 0.")
log = unary(rules.LOG, "The natural logarithm; −inf at 0, nan below.")
log2 = unary(rules.LOG2, "The logarithm to base 2.")
log10 = unary(rules.LOG10, "The logarithm to base 10.")
log1p = unary(rules.LOG1P, "log(1 + x), exact near 0.")
logaddexp = binary(rules.LOGADDEXP, "log(eᵃ + eᵇ), without overflow.")
logaddexp2 = binary(rules.LOGADDEXP2, "log₂(2ᵃ + 2ᵇ), without overflow.")
log1mexp = unary(rules.LOG1MEXP, "log(1 − e⁻ˣ) of x ≥ 0, exact near 0 and far out.")
logit = unary(rules.LOGIT, "log(x/(1 − x)) of 0 ≤ x ≤ 1, the inverse of sigmoid, exact near ½ and near both ends.", 0.25)
entr = unary(rules.ENTR, "−x·log x, a term of an entropy; 0 at 0, −inf below.")
xlog1py = binary(rules.XLOG1PY, "a·log(1 + b), and 0 where a is 0.")
xlogy = binary(rules.XLOGY, "a·log b, and 0 where a is 0.")

# -- circular and hyperbolic functions -----------------------------------------------------------

sin = unary(rules.SIN, "The sine of x in radians.")
cos = unary(rules.COS, "The cosine of x in radians.")
tan = unary(rules.TAN, "The tangent of x in radians.")
sinpi = unary(rules.SINPI, "sin(πx), exact at whole numbers.", 0.5)
cospi = unary(rules.COSPI, "cos(πx), exact at whole numbers and halves.", 0.5)
asin = unary(rules.ASIN, "The angle in radians, −π/2 to π/2, whose sine is x.")
acos = unary(rules.ACOS, "The angle in radians, 0 to π, whose cosine is x.")
atan = unary(rules.ATAN, "The angle in radians, −π/2 to π/2, whose tangent is x.")
atan2 = binary(rules.ATAN2, "The angle in radians, −π to π, of the point with ordinate a and abscissa b.")
sinc = unary(rules.SINC, "sin(πx)/(πx), 1 at 0 (the normalised sinc).")
sinh = unary(rules.SINH, "The hyperbolic sine.")
cosh = unary(rules.COSH, "The hyperbolic cosine.")
tanh = unary(rules.TANH, "The hyperbolic tangent; its derivative keeps all digits where tanh has rounded to ±1.")
sech = unary(rules.SECH, "1/cosh x, without overflow.")
asinh = unary(rules.ASINH, "The inverse hyperbolic sine.")
acosh = unary(rules.ACOSH, "The inverse hyperbolic cosine, of x ≥ 1.", 2.0)
atanh = unary(rules.ATANH, "The inverse hyperbolic tangent, of −1 ≤ x ≤ 1.")
hypot = many(rules.HYPOT, "√(a² + b² + …), without overflow; its derivatives at the origin are 0.", 3.0, 4.0)

# -- choice and steps ----------------------------------------------------------------------------

maximum = binary(rules.MAXIMUM, "The larger of two; nan if either is; a tie shares its derivative equally.")
minimum = binary(rules.MINIMUM, "The smaller of two; nan if either is; a tie shares its derivative equally.")
sign = unary(rules.SIGN, "−1, 0 or 1; flat, so its derivative is 0.", -2.0)
floor = unary(rules.FLOOR, "The next integer below; flat, so its derivative is 0.", 2.5)
ceil = unary(rules.CEIL, "The next integer above; flat, so its derivative is 0.", 2.5)
round = unary(rules.ROUND, "The nearest integer, of two the even one; flat, so its derivative is 0.", 2.5)
trunc = unary(rules.TRUNC, "The next integer towards 0; flat, so its derivative is 0.", -2.5)
fmod = binary(rules.FMOD, "The remainder of a/b with the sign of a, as C's fmod.", 5.5, 2.0)
copysign = binary(rules.COPYSIGN, "|a| with the sign of b.", 1.0, -0.0)


@overload
def clip(x: Value, low: Value | float, high: Value | float) -> Value: ...
@overload
def clip(x: float, low: float, high: float) -> float: ...
@overload
def clip(x: Value | float, low: Value | float, high: Value | float) -> Value | float: ...
def clip(x: Value | float, low: Value | float, high: Value | float) -> Value | float:
    """The number between ``low`` and ``high`` that is nearest to x; its derivative at a bound is 0.

    >>> clip(2.0, -1.0, 1.0)
    1.0

    A number for numbers, a Value that records the operation where one is given; the bounds may be Values.
    Raises TypeError for anything but real numbers and Values.
    """
    return apply(rules.CLIP, x, low, high)


document_method(rules.CLIP, "The number between ``low`` and ``high`` that is nearest.", (2.0, -1.0, 1.0), 1.0)


# -- activations -----------------------------------------------------------------------------------

relu = unary(rules.RELU, "x where positive, else 0; its derivative at 0 is 0.")
leaky_relu = parametric(rules.LEAKY_RELU, "x where positive, else parameter·x.", 0.01)
elu = parametric(rules.ELU, "x where positive, else parameter·(eˣ − 1) (Clevert et al. 2016).", 1.0)
selu = unary(rules.SELU, "elu with the self-normalising constants (Klambauer et al. 2017).")
celu = parametric(rules.CELU, "x where positive, else parameter·(exp(x/parameter) − 1) (Barron 2017).", 1.0)
silu = unary(rules.SILU, "x·σ(x), also called swish.")
mish = unary(rules.MISH, "x·tanh(softplus(x)) (Misra 2019).")
softsign = unary(rules.SOFTSIGN, "x/(1 + |x|).")
sigmoid = unary(rules.SIGMOID, "1/(1 + e⁻ˣ), without overflow; exact in both tails.")
log_sigmoid = unary(rules.LOG_SIGMOID, "log σ(x), exact where σ underflows or rounds to 1.")
hard_tanh = unary(rules.HARD_TANH, "x clipped to −1 … 1.")
hard_sigmoid = unary(rules.HARD_SIGMOID, "(x + 3)/6 clipped to 0 … 1.")
hard_swish = unary(rules.HARD_SWISH, "x·hard_sigmoid(x) (Howard et al. 2019).")


@overload
def softplus(x: Value, beta: Value | float = ...) -> Value: ...
@overload
def softplus(x: float, beta: Value) -> Value: ...
@overload
def softplus(x: float, beta: float = ...) -> float: ...
def softplus(x: Value | float, beta: Value | float = 1.0) -> Value | float:
    """log(1 + exp(beta·x))/beta, without overflow.

    >>> softplus(0.5)
    0.9740769841801067

    A number for numbers, a Value that records the operation where one is given; beta may be a Value.
    Raises TypeError for anything but real numbers and Values.
    """
    plain = not isinstance(beta, Value) and beta == 1.0
    return apply(rules.SOFTPLUS, x) if plain else apply(rules.SCALED_SOFTPLUS, x, beta)


document_method(rules.SOFTPLUS, "log(1 + exp(beta·x))/beta, without overflow.", (0.5,), 0.9740769841801067)


@overload
def gelu(x: Value, approximate: str | bool = ...) -> Value: ...
@overload
def gelu(x: float, approximate: str | bool = ...) -> float: ...
def gelu(x: Value | float, approximate: str | bool = "none") -> Value | float:
    """x·Φ(x), with Φ the normal distribution (Hendrycks & Gimpel 2016).

    >>> gelu(0.5), gelu(0.5, approximate="tanh")
    (0.34573123063700656, 0.34571400982514394)

    With ``approximate="tanh"``, or True, ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) in its place; with "none" or
    False Φ itself.
    A number for a number, a Value that records the operation for a Value.
    Raises ValueError for another ``approximate``, TypeError for anything but real numbers and Values.
    """
    if approximate not in ("none", "tanh", False, True):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return apply(rules.GELU_TANH if approximate in ("tanh", True) else rules.GELU, x)


document_method(rules.GELU, "x·Φ(x), with Φ the normal distribution (Hendrycks & Gimpel 2016).", (0.5,), 0.34573123063700656)

# -- special functions -----------------------------------------------------------------------------

erf = unary(rules.ERF, "The error function.")
erfc = unary(rules.ERFC, "1 − erf x, exact in the tail.")
erfcx = unary(rules.ERFCX, "exp(x²)·erfc(x), which doesn't underflow.")
erfinv = unary(rules.ERFINV, "The number whose error function is x, of −1 ≤ x ≤ 1.")
erfcinv = unary(rules.ERFCINV, "The number whose erfc is x, of 0 ≤ x ≤ 2, exact near both ends.")
gamma = unary(rules.GAMMA, "Γ(x); ±inf at ±0, nan at the other poles.", 5.0)
lgamma = unary(rules.LGAMMA, "log |Γ(x)|; inf at the poles.")
digamma = unary(rules.DIGAMMA, "ψ(x), the derivative of lgamma; nan at the poles.")
norm_cdf = unary(rules.NORM_CDF, "Φ(x), the standard normal distribution.")
ndtri = unary(
    rules.NDTRI, "The number that a standard normal variable lies below with probability x, the inverse of norm_cdf.", 0.25
)
log_ndtr = unary(rules.LOG_NDTR, "log of norm_cdf(x), exact where that underflows or rounds to 1.")
norm_pdf = unary(rules.NORM_PDF, "φ(x), the standard normal density.")

# -- of many -----------------------------------------------------------------------------------

sum = many(rules.SUM, "The sum as one node, added from left to right.")
mean = many(rules.MEAN, "The arithmetic mean as one node.", least=1)
prod = many(rules.PROD, "The product as one node; its derivatives divide by nothing.")
norm = many(rules.NORM, "The Euclidean length, without overflow; its derivatives at the origin are 0.")
logsumexp = many(rules.LOGSUMEXP, "log Σ exp, without overflow; −inf of nothing.")
max = many(rules.MAX, "The largest; nan if any is; ties share the derivative equally.", least=1)
min = many(rules.MIN, "The smallest; nan if any is; ties share the derivative equally.", least=1)
softmax = each(rules.SOFTMAX, "exp(x) / Σ exp for every x.")
log_softmax = each(rules.LOG_SOFTMAX, "log of the softmax for every x, exact where the softmax underflows.")


@overload
def dot(a: Iterable[Value], b: Iterable[Value | float]) -> Value: ...
@overload
def dot(a: Iterable[Value | float], b: Iterable[Value]) -> Value: ...
@overload
def dot(a: Iterable[float], b: Iterable[float]) -> float: ...
@overload
def dot(a: Iterable[Value | float], b: Iterable[Value | float]) -> Value | float: ...
def dot(a: Iterable[Value | float], b: Iterable[Value | float]) -> Value | float:
    """a₁·b₁ + a₂·b₂ + … as one node, added from left to right.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0

    Both of the same length; a number for numbers, a Value with every Value of both as a parent otherwise.
    Raises ValueError for different lengths, TypeError for anything but real numbers and Values.
    """
    left, right = as_list(a, "dot: a"), as_list(b, "dot: b")
    if len(left) != len(right):
        raise ValueError(f"dot: both sides need the same length, got {len(left)} and {len(right)}")
    return apply(rules.DOT, *left, *right)
