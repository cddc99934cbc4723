"""Derivatives one can prove: checks by differences and complex steps, property tests, strategies for hypothesis.

>>> from autograd import Value
>>> report = check_gradients(lambda x: (x * x).exp(), 0.5)
>>> bool(report), report.verdicts["x"].value
(True, 'right')
"""

from autograd.testing import strategies as strategies
from autograd.testing.checking import check_gradients as check_gradients
from autograd.testing.complex_step import ComplexStep as ComplexStep
from autograd.testing.numerical import Difference as Difference
from autograd.testing.numerical import difference as difference
from autograd.testing.numerical import numerical_gradient as numerical_gradient
from autograd.testing.properties import DerivativeError as DerivativeError
from autograd.testing.properties import assert_derivative as assert_derivative
from autograd.testing.report import Check as Check
from autograd.testing.report import GradientError as GradientError
from autograd.testing.report import Report as Report
from autograd.testing.report import Verdict as Verdict
