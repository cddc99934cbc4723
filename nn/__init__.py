"""Neural networks on ``autograd``: modules, losses, optimisers and a training loop.

>>> import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
>>> model
MLP(2 → 4 tanh → 1 linear; 17 parameters)
>>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1]
>>> history = nn.fit(model, X, y, "hinge", "adam", epochs=60, lr=0.1, seed=0, progress=False)
>>> nn.accuracy(model, X, y)
1.0
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import nn.clash  # noqa: F401  first: if autograd is another package, that is what the user must hear
from nn.activations import ACTIVATIONS, linear
from nn.agreement import DisagreementError
from nn.c_code import to_c
from nn.callbacks import EarlyStopping
from nn.checkpoints import Checkpoint, load, save
from nn.clipping import clip_norm, clip_value
from nn.course import EpochResult
from nn.data import Data, batches, split
from nn.embedding import Embedding
from nn.graph_step import train_step
from nn.history import History
from nn.inference import accuracy, evaluate, predict
from nn.initialisers import (
    INITIALISERS,
    constant,
    gain_of,
    glorot,
    he,
    kaiming_normal,
    kaiming_uniform,
    lecun,
    unit,
    xavier_normal,
    xavier_uniform,
    zeros,
)
from nn.inside import Inspection, Monitor, inspect
from nn.layers import MLP, Layer, LayerPass
from nn.losses import (
    LOSSES,
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge,
    softmax_cross_entropy,
)
from nn.metrics import METRICS, confusion_matrix, r2
from nn.module import Module
from nn.neuron import Neuron
from nn.noise import Dropout, Noise
from nn.objective import Objective, objective
from nn.optimisers import OPTIMISERS, SGD, Adagrad, Adam, AdamW, Optimiser, RMSprop
from nn.pytorch_names import advice
from nn.regression_losses import gaussian_nll, half_squared_error, huber, mae, mse, poisson_nll, quantile
from nn.scaler import Scaler, standardise
from nn.schedules import SCHEDULES
from nn.sequential import Sequential, flatten
from nn.tensor_file import CheckpointError
from nn.trainer import Trainer, UncompilableError, UncompiledWarning
from nn.training import DivergedError, fit

if TYPE_CHECKING:
    from nn import metrics as metrics
    from nn import plots as plots
    from nn import schedules as schedules
    from nn import testing as testing
    from nn.estimators import Classifier as Classifier
    from nn.estimators import Regressor as Regressor

__all__ = ["MLP", "Embedding", "Layer", "LayerPass", "Module", "Neuron", "Sequential", "flatten"]
__all__ += ["ACTIVATIONS", "INITIALISERS", "constant", "gain_of", "glorot", "he", "kaiming_normal", "kaiming_uniform"]
__all__ += ["lecun", "linear", "unit", "xavier_normal", "xavier_uniform", "zeros"]
__all__ += ["LOSSES", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy"]
__all__ += ["gaussian_nll", "half_squared_error", "hinge", "huber", "mae", "mse", "poisson_nll", "quantile"]
__all__ += ["clip_norm", "clip_value", "softmax_cross_entropy"]
__all__ += ["METRICS", "confusion_matrix", "r2"]
__all__ += ["OPTIMISERS", "SCHEDULES", "SGD", "Adagrad", "Adam", "AdamW", "Optimiser", "RMSprop"]
__all__ += ["Data", "Scaler", "batches", "split", "standardise"]
__all__ += ["Checkpoint", "CheckpointError", "load", "save", "to_c"]
__all__ += ["DisagreementError", "DivergedError", "EarlyStopping", "EpochResult", "History", "Trainer", "UncompilableError"]
__all__ += ["UncompiledWarning", "accuracy", "evaluate", "fit", "predict", "train_step"]
__all__ += ["Objective", "objective"]
__all__ += ["Dropout", "Noise"]
__all__ += ["DisagreementError", "DivergedError", "History", "accuracy", "evaluate", "fit", "predict", "train_step"]
__all__ += ["Inspection", "Monitor", "inspect"]

# What needs optional packages, and is loaded when it is asked for: modules, and classes with the modules they are in.
_LATER = {"plots": "nn.plots", "testing": "nn.testing"}
_CLASSES_LATER = {"Classifier": "nn.estimators", "Regressor": "nn.estimators"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return import_module(_LATER[name])
    if name in _CLASSES_LATER:
        return getattr(import_module(_CLASSES_LATER[name]), name)
    raise AttributeError(f"module 'nn' has no attribute {name!r}{advice(name)}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_CLASSES_LATER])
