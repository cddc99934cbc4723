"""Optional packages: whether one is there, and the sentence that says how to get it.

>>> with needed("the picture", "no_such_package", "plot"):
...     import no_such_package
Traceback (most recent call last):
ImportError: the picture needs the package no_such_package: pip install '.[plot]' in a clone of chainrule
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from importlib.util import find_spec


def found(package: str) -> ModuleSpec | None:
    """Where a package is, without loading it; None where it isn't installed."""
    try:
        return find_spec(package)
    except ImportError:  # some finders say no by raising
        return None


@contextmanager
def needed(what: str, package: str, extra: str) -> Iterator[None]:
    """A context for imports that only ``what`` needs: ImportError says which package is missing, and how to get it."""
    try:
        yield
    except ImportError as error:
        missing = (error.name or package).partition(".")[0]
        raise ImportError(f"{what} needs the package {missing}: pip install '.[{extra}]' in a clone of chainrule") from error
