"""Ways of recording: ``no_grad()`` records nothing, ``detect_anomaly()`` raises at the first number that isn't finite,
``scope("neuron 0")`` puts what is recorded into a group.

``context`` knows which modes are on; ``recording`` applies them to new nodes, ``anomaly`` finds numbers that aren't finite.
"""

from autograd.modes.anomaly import detect_anomaly
from autograd.modes.context import enable_grad, no_grad
from autograd.modes.recording import scope

__all__ = ["detect_anomaly", "enable_grad", "no_grad", "scope"]
