"""``Transformed``: what ``grad`` and its kin return, a function of f's own arguments.

>>> double = Transformed(lambda x: x + x, lambda f, args, kwargs, times: times * f(*args, **kwargs), times=10.0)
>>> double(3.0)
60.0
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from types import MethodType
from typing import Any

from autograd.transforms.call import global_name, name_of
from autograd.transforms.types import Function


class Transformed:
    """A derivative of a function: called like f, bound to objects like a method, and pickled as f and its options."""

    __name__: str

    def __init__(self, f: Function, transform: Callable[..., Any], **options: object):
        self.f, self.transform, self.options = f, transform, options
        update_wrapper(self, f, updated=())

    def __call__(self, *args: object, **kwargs: object) -> Any:
        return self.transform(self.f, args, kwargs, **self.options)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<{self.options.get('who', 'derivative')} of {name_of(self.f)}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        return global_name(self, self.f) or (_transformed, (self.f, self.transform, self.options))


def _transformed(f: Function, transform: Callable[..., Any], options: Mapping[str, object]) -> Transformed:
    return Transformed(f, transform, **options)
