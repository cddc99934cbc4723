"""Old names of modules that the documentation or pickles named: importing one gives the module where it is now.

>>> import autograd.floats
>>> from autograd.rules import ieee
>>> autograd.floats is ieee
True

A finder in ``sys.meta_path``, before Python's own, knows the old names; no module is loaded twice.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

# An empty new name: a package that is only there for the old names of modules in it.
MOVED = {
    "autograd.floats": "autograd.rules.ieee",
    "autograd.derivatives": "autograd.transforms.reverse",  # in pickles, as all before the next package
    "autograd.forward": "autograd.transforms.forward",
    "autograd.persistence": "autograd.pickling",
    "autograd.drawing.drawing": "autograd.picture",
    "autograd.drawing.explain": "autograd.symbolic.explain",
    "autograd.drawing.formula": "autograd.symbolic.formula",
    "autograd.drawing.writing": "",
    "autograd.drawing.writing.notation": "autograd.symbolic.notation",
    "autograd.drawing.writing.textbook": "autograd.symbolic.textbook",
    "autograd.compiler.arguments": "autograd.compiler.signature",
    "autograd.compiler.collector": "autograd.compiler.runtime.gc_pause",
    "autograd.compiler.chunk": "autograd.compiler.codegen.function",
    "autograd.compiler.direct": "autograd.compiler.fastpath",
    "autograd.compiler.export": "autograd.program.export",
    "autograd.compiler.interpreter": "autograd.program.interpreter",
    "autograd.compiler.kernel": "autograd.compiler.runtime.kernel",
    "autograd.compiler.kinds": "autograd.compiler.transforms",
    "autograd.compiler.layout": "autograd.compiler.codegen.abi",
    "autograd.compiler.llvm": "autograd.compiler.codegen.emit",
    "autograd.compiler.loops": "autograd.compiler.codegen.driver",
    "autograd.compiler.lowering": "autograd.program.lowering",
    "autograd.compiler.native": "autograd.compiler.runtime.jit",
    "autograd.compiler.plan": "autograd.compiler.specialisation",
    "autograd.compiler.program": "autograd.program.program",
    "autograd.compiler.results": "autograd.compiler.outputs",
    "autograd.compiler.tape": "autograd.program.tape",
}


# In pickles; loaded with autograd. Were it found by the finder, Python would put the module in the place of the function
# ``autograd.primitive``, as it does with every submodule that it finds.
LOADED = {"autograd.primitive": "autograd.functions.primitive"}


class Finder:
    """Python's protocol of a finder and its loader."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG004
        """What to load for an old name; None for all others."""
        loader: Any = Finder
        return ModuleSpec(name, loader, is_package=not MOVED[name]) if name in MOVED else None

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """None, so that Python makes an empty module, which ``exec_module`` replaces."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Enter the module of the new name in ``sys.modules`` under the old one."""
        if new := MOVED[module.__name__]:
            sys.modules[module.__name__] = import_module(new)


def install() -> None:
    """Make the old names importable, from now on."""
    if Finder not in sys.meta_path:
        sys.meta_path.insert(0, Finder)
        sys.modules.update({old: sys.modules[new] for old, new in LOADED.items()})
