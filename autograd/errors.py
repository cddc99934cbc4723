"""The errors the engine raises beside TypeError and ValueError, and its warnings."""


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
