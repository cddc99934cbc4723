"""Derivatives one can prove: checks by differences and complex steps, property tests, strategies for hypothesis.

>>> from autograd import Value
>>> report = check_gradients(lambda x: (x * x).exp(), 0.5)
>>> bool(report), report.verdicts["x"].value
(True, 'right')
"""

from autograd.testing import strategies
from autograd.testing.checking import check_gradients
from autograd.testing.complex_step import ComplexStep
from autograd.testing.numerical import Difference, difference, numerical_gradient
from autograd.testing.properties import DerivativeError, assert_derivative
from autograd.testing.report import Check, GradientError, Report, Verdict

__all__ = ["Check", "ComplexStep", "DerivativeError", "Difference", "GradientError", "Report", "Verdict"]
__all__ += ["assert_derivative", "check_gradients", "difference", "numerical_gradient", "strategies"]


def __dir__() -> list[str]:
    return sorted(__all__)
