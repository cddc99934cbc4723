"""The names of torch.nn that nn hasn't: what is said of them, and that it is there."""

import re

import pytest

import autograd
import nn
from nn.pytorch_names import INSTEAD


@pytest.mark.parametrize("name", INSTEAD)
def test_a_name_of_pytorch_is_answered_by_names_that_are_there(name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'nn' has no attribute '{name}'; ") as caught:
        getattr(nn, name)
    for package, attribute in re.findall(r"\b(nn|autograd)\.(\w+)", str(caught.value).replace("docs/nn.md", "")):
        assert hasattr({"nn": nn, "autograd": autograd}[package], attribute)


def test_other_names_are_unknown_and_no_more() -> None:
    with pytest.raises(AttributeError, match="module 'nn' has no attribute 'Lineer'$"):
        nn.Lineer  # noqa: B018
