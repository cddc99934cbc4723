"""What stands here for the names of ``torch.nn`` that ``nn`` hasn't: for whoever writes one of them.

>>> advice("Linear")
'; nn.Layer(n_in, n_out, "linear") is one layer, nn.MLP(n_in, [16, n_out]) a net'
>>> advice("Lineer")
''
"""

ACTIVATION = 'an activation is an argument: nn.Layer(n_in, n_out, "relu"), nn.MLP(n_in, [16, n_out], "tanh")'
ARITHMETIC = "it is a dozen lines of plain arithmetic: docs/nn.md shows them"

INSTEAD = {
    "Linear": 'nn.Layer(n_in, n_out, "linear") is one layer, nn.MLP(n_in, [16, n_out]) a net',
    **dict.fromkeys(["ReLU", "LeakyReLU", "ELU", "GELU", "SELU", "SiLU", "Mish", "Sigmoid", "Softplus", "Tanh"], ACTIVATION),
    **dict.fromkeys(["Conv1d", "Conv2d", "MaxPool1d", "MaxPool2d", "RNN", "GRU", "LSTM", "MultiheadAttention"], ARITHMETIC),
    "Softmax": "autograd.softmax is a function of a list, and goes into nn.Sequential",
    "Flatten": "nn.flatten is a function of a list",
    "Parameter": "a parameter is an autograd.Value that is an attribute of an nn.Module",
    "ModuleList": "a list of modules is found as it is",
    "BatchNorm1d": "nn.Scaler() scales columns before the training",
    "MSELoss": 'nn.mse is a function; nn.fit takes it by name, "mse"',
    "L1Loss": 'nn.mae is a function; nn.fit takes it by name, "mae"',
    "HuberLoss": 'nn.huber is a function; nn.fit takes it by name, "huber"',
    "CrossEntropyLoss": 'nn.cross_entropy is a function; nn.fit takes it by name, "cross_entropy"',
    "BCELoss": 'nn.binary_cross_entropy is a function; nn.fit takes it by name, "binary_cross_entropy"',
    "BCEWithLogitsLoss": 'nn.binary_cross_entropy_with_logits is a function; nn.fit takes it by its name',
    "GaussianNLLLoss": 'nn.gaussian_nll is a function; nn.fit takes it by name, "gaussian_nll"',
    "PoissonNLLLoss": 'nn.poisson_nll is a function; nn.fit takes it by name, "poisson_nll"',
    "optim": "optimisers are nn.SGD, nn.Adam, nn.AdamW, nn.RMSprop and nn.Adagrad, schedules in nn.schedules",
    "functional": "functions are autograd's, autograd.relu say, and losses nn's",
    "init": "initialisers are nn.kaiming_normal, nn.xavier_uniform and others, see nn.INITIALISERS",
    "utils": "gradients are clipped by nn.clip_norm and nn.clip_value",
    "Optimizer": "nn.Optimiser",
}  # fmt: skip


def advice(name: str) -> str:
    """What to add to the error that ``nn`` has no such name."""
    return f"; {INSTEAD[name]}" if name in INSTEAD else ""
