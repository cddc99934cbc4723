"""The errors the engine raises beside TypeError and ValueError, and its warnings."""

from typing import Any


class StaleGraphError(RuntimeError):
    """A leaf was set after the graph was built on it, so the graph's values no longer belong together."""


class AnomalyError(ArithmeticError):
    """The first value or gradient that isn't finite, found inside ``detect_anomaly()``."""


class GraphCutError(TypeError):
    """A number left the graph inside a derivative of a function, which would lack what is computed from it."""


class RecompilationWarning(UserWarning):
    """A compiled function is compiled anew at nearly every call, which takes longer than the calls would without it."""


class GraphCutWarning(UserWarning):
    """``float(v)`` left the graph: a later ``backward()`` doesn't go through what is computed from that number."""


class ConvergenceError(ArithmeticError):
    """A solver that found no solution: ``x`` is its last iterate, ``residual`` what is left there, after ``steps`` steps."""

    def __init__(self, message: str, x: Any, residual: Any, steps: int):
        super().__init__(message, x, residual, steps)
        self.x, self.residual, self.steps = x, residual, steps

    def __str__(self) -> str:
        return str(self.args[0])
