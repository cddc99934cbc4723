"""The errors the engine raises beside TypeError and ValueError."""


class StaleGraphError(RuntimeError):
    """A leaf was set after the graph was built on it, so the graph's values no longer belong together."""


class AnomalyError(ArithmeticError):
    """The first value or gradient that isn't finite, found inside ``detect_anomaly()``."""
