"""Scalar reverse-mode automatic differentiation that one can read, look at and trust.

>>> from autograd import Value
>>> x = Value(2.0, name="x"); y = Value(-3.0, name="y")
>>> z = (x * y + 1).tanh()
>>> z.backward()
>>> print(f"{z.data:.6f} {x.grad:.6f}")
-0.999909 -0.000545
"""

from autograd import functions

# Names of builtins are there to import by name, and not for a star import.
from autograd.compiler import compile as compile
from autograd.drawing import Drawing, draw
from autograd.drawing.explain import Explanation, explain
from autograd.drawing.formula import Formula, formula
from autograd.errors import AnomalyError, StaleGraphError
from autograd.functions import *
from autograd.functions import abs as abs
from autograd.functions import max as max
from autograd.functions import min as min
from autograd.functions import pow as pow
from autograd.functions import round as round
from autograd.functions import sum as sum
from autograd.functions.primitive import primitive
from autograd.interop.clash import warn_of_clash
from autograd.modes import detect_anomaly, no_grad, scope
from autograd.transforms.forward import jvp
from autograd.transforms.reverse import derivative, grad, gradient, hessian, hvp, jacobian, value_and_grad, vjp
from autograd.value import Value

__all__ = ["AnomalyError", "Drawing", "Explanation", "Formula", "StaleGraphError", "Value", "draw", "explain", "formula"]
__all__ += ["derivative", "grad", "gradient", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]
__all__ += ["detect_anomaly", "no_grad", "primitive", "scope"]
__all__ += functions.__all__

warn_of_clash()
