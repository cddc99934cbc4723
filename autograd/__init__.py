"""Scalar reverse-mode automatic differentiation that one can read, look at and trust.

>>> from autograd import Value
>>> x = Value(2.0, name="x"); y = Value(-3.0, name="y")
>>> z = (x * y + 1).tanh()
>>> z.backward()
>>> print(f"{z.data:.6f} {x.grad:.6f}")
-0.999909 -0.000545
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from autograd import functions
from autograd.errors import (
    AnomalyError,
    ConvergenceError,
    GraphCutError,
    GraphCutWarning,
    RecompilationWarning,
    StaleGraphError,
)
from autograd.functions import *
from autograd.functions import abs as abs  # names of builtins are there to import by name, and not for a star import
from autograd.functions import composed
from autograd.functions import max as max
from autograd.functions import min as min
from autograd.functions import pow as pow
from autograd.functions import round as round
from autograd.functions import sum as sum
from autograd.functions.choice import take
from autograd.functions.composed import *
from autograd.functions.primitive import primitive
from autograd.interop import moved
from autograd.interop.clash import warn_of_clash
from autograd.modes import detect_anomaly, no_grad, scope
from autograd.transforms.forward import jacfwd, jvp, linearize
from autograd.transforms.products import hvp, vjp
from autograd.transforms.reverse import derivative, grad, gradient, hessian, jacobian, value_and_grad
from autograd.transforms.scan import scan
from autograd.transforms.stop import stop_gradient
from autograd.transforms.taylor import taylor
from autograd.value import Value

if TYPE_CHECKING:
    from autograd.compiler import compile as compile
    from autograd.functions.beta import beta, lbeta
    from autograd.functions.dawsn import dawsn
    from autograd.functions.scipy_special import betainc, exp1, gammainc, i0, i1, j0, j1, y0, y1, zeta
    from autograd.picture import Drawing, draw
    from autograd.solvers.minimize import minimize
    from autograd.solvers.odeint import odeint
    from autograd.solvers.root import fixed_point, root
    from autograd.symbolic.explain import Explanation, explain
    from autograd.symbolic.formula import Formula, formula

__version__ = "0.1.0"

__all__ = ["AnomalyError", "ConvergenceError", "GraphCutError", "GraphCutWarning", "RecompilationWarning", "StaleGraphError"]
__all__ += ["Drawing", "Explanation", "Formula", "Value", "draw", "explain", "formula"]
__all__ += ["derivative", "grad", "gradient", "hessian", "hvp", "jacfwd", "jacobian", "jvp", "linearize", "taylor"]
__all__ += ["value_and_grad", "vjp"]
__all__ += ["detect_anomaly", "no_grad", "primitive", "scan", "scope", "stop_gradient", "take"]
__all__ += ["fixed_point", "minimize", "odeint", "root"]
__all__ += [*functions.__all__, *composed.__all__]
__all__ += ["beta", "betainc", "dawsn", "exp1", "gammainc", "i0", "i1", "j0", "j1", "lbeta", "y0", "y1", "zeta"]

# Loaded when first asked for: `import autograd` takes a third of the time without pictures, solvers and the compiler.
_LATER = {
    **dict.fromkeys(
        ("betainc", "exp1", "gammainc", "i0", "i1", "j0", "j1", "y0", "y1", "zeta"),
        "autograd.functions.scipy_special",
    ),
    **dict.fromkeys(("beta", "lbeta"), "autograd.functions.beta"),
    "dawsn": "autograd.functions.dawsn",
    "compile": "autograd.compiler",
    "Drawing": "autograd.picture",
    "draw": "autograd.picture",
    "Explanation": "autograd.symbolic.explain",
    "explain": "autograd.symbolic.explain",
    "fixed_point": "autograd.solvers.root",
    "Formula": "autograd.symbolic.formula",
    "formula": "autograd.symbolic.formula",
    "minimize": "autograd.solvers.minimize",
    "odeint": "autograd.solvers.odeint",
    "root": "autograd.solvers.root",
}
# Packages that are attributes without an import of their own.
_ROOMS = {"compiler": "autograd.compiler", "drawing": "autograd.drawing", "testing": "autograd.testing"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        globals()[name] = getattr(import_module(_LATER[name]), name)
        return globals()[name]
    if name in _ROOMS:
        return import_module(_ROOMS[name])
    raise AttributeError(f"module 'autograd' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__", "abs", "compile", "max", "min", "pow", "round", "sum"})


moved.install()
warn_of_clash()
