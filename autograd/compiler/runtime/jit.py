"""LLVM text to machine code in this process, by the package llvmlite; no compiler is needed.

Functions on vectors are our own, see ``autograd.elementary``; those of single numbers are C's, and what neither has is
called back in Python.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import platform
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from autograd.compiler.codegen.abi import Block, Layout, Target
from autograd.compiler.codegen.driver import Functions, description_of, driver, summing
from autograd.compiler.codegen.emit import emit
from autograd.compiler.codegen.passes import apply_passes
from autograd.compiler.codegen.sums import MANY_REGISTERS
from autograd.compiler.runtime.callbacks import PYTHON, callbacks, text_of
from autograd.compiler.runtime.code_cache import code_cache, key_of
from autograd.elementary.functions import Called, module
from autograd.program.instructions import Instructions
from autograd.program.lowering import LIBRARY

INTEL = ("x86_64", "AMD64")  # as platform.machine() calls it
BRIEF = 1000  # operations, that take about a microsecond


class Machine:
    """This machine: what LLVM calls it, how many lanes a vector has, which instructions there are."""

    def __init__(self) -> None:
        try:
            from llvmlite import __version__ as version
            from llvmlite import binding as llvm
        except ImportError:
            mend = "pip install '.[compile]' in a clone of chainrule"
            raise ImportError(f"compile needs the package llvmlite: {mend}") from None
        self.llvm: Any = llvm
        self.version: str = version
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        features = llvm.get_host_cpu_features()
        self.widest = 8 if features.get("avx512f") else 4 if features.get("avx2") else 2
        # Without this LLVM splits the vectors of 512 bits that the text has into two of 256.
        self.features = features.flatten() + (",-prefer-256-bit" if self.widest == 8 else "")
        self.fuses = bool(features.get("fma", platform.machine() not in INTEL))
        self.scales = bool(features.get("avx512f") and features.get("avx512dq"))
        self.lock: Any = llvm.ffi.lib._lock._lock  # llvmlite's own, around each of its calls
        self._generators: dict[int, Any] = {}
        self._functions: dict[str, Any] = {}  # our own that were compiled, by name: engines with their code
        _wait_to_fork(self.lock)
        self.vectors_of(self.widest)
        for name in LIBRARY.values():
            llvm.add_symbol(name, ctypes.cast(getattr(_libm(), name), ctypes.c_void_p).value)
        for name in PYTHON:
            llvm.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value)

    def vectors_of(self, width: int) -> None:
        """Make code for vectors of so many lanes from now on: fewer than the machine has, for comparisons."""
        self.width = width

    def machine_code(
        self, modules: Iterable[str], level: int, check: Callable[[], None], of_process: Iterable[str] = ()
    ) -> Any:
        """An engine with the code of all modules; the text of each is freed before the next is made.

        Modules ``of_process`` hold addresses in it, so that their code is kept in no file.
        """
        llvm = self.llvm
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._host(level))  # which becomes the engine's own
        for make, texts in ((self._cached_code, modules), (self._code, of_process)):
            for text in texts:
                check()
                engine.add_object_file(llvm.ObjectFileRef.from_data(make(text, level)))
        engine.finalize_object()
        return engine

    def _code(self, text: str, level: int) -> bytes:
        code: bytes = self._generator(level).emit_object(self.llvm.parse_assembly(text))
        return code

    def _cached_code(self, text: str, level: int) -> bytes:
        """The same, from a file where code is kept in files."""
        files = code_cache()
        if files is None:
            return self._code(text, level)
        key = key_of(text, [*self.name(), level])
        code = files.read(key)
        if code is None:
            code = self._code(text, level)
            files.write(key, code)
        return code

    def name(self) -> list[object]:
        """What code depends on beside its text and level."""
        llvm = self.llvm
        versions = [self.version, *llvm.llvm_version_info]
        return [*versions, llvm.get_default_triple(), llvm.get_host_cpu_name(), self.features]

    def _host(self, level: int) -> Any:
        llvm = self.llvm
        target = llvm.Target.from_default_triple()
        return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=self.features, opt=level)

    def _generator(self, level: int) -> Any:
        """What makes code of text; kept, as it is 0.2 ms to make."""
        if level not in self._generators:
            self._generators[level] = self._host(level)
        return self._generators[level]

    def target(self, strict: bool) -> Target:
        """What text for this machine should look like."""
        fuses = self.fuses and not strict
        return Target(self.width, fuses, fuses, self.scales)

    def provide(self, operations: Iterable[str], width: int, check: Callable[[], None]) -> None:
        """Compile the functions of our own that a program calls on so many lanes, each once a process."""
        missing = [op for op in sorted(operations) if Called(op, width).name not in self._functions]
        if missing:
            engine = self.machine_code([module(missing, width, self.scales)], 1, check)
            for name in {Called(op, width).name for op in missing}:
                self.llvm.add_symbol(name, engine.get_function_address(name))
                self._functions[name] = engine


@cache
def machine() -> Machine:
    """This machine; LLVM is started for it once."""
    return Machine()


def _wait_to_fork(lock: Any) -> None:
    """Let forks wait until no thread is inside LLVM: the child has a copy of its memory, which must not be half changed.

    While 80 000 operations were compiled, forks waited for 12 ms, and one for 1.3 s.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)


def _libm() -> ctypes.CDLL:
    return ctypes.CDLL(ctypes.util.find_library("m") or "ucrtbase")


# Every engine, by its id, and the ids of those whose code was dropped. They are freed when code is made again: in a thread
# where no interrupt comes. In the middle of freeing one, a Ctrl-C would leave llvmlite's lock taken, and the next
# compilation would wait for ever. The collector finalises only what nothing else holds.
ENGINES: dict[int, object] = {}
DROPPED: list[int] = []


def _free_dropped() -> None:
    while DROPPED:
        ENGINES.pop(DROPPED.pop(), None)


class SharedCode(NamedTuple):
    """Machine code that many programs use, kept for the life of the process, and where its functions are."""

    engine: object
    addresses: dict[str, int]

    @classmethod
    def of(cls, text: str, level: int, names: Iterable[str], check: Callable[[], None] = lambda: None) -> SharedCode:
        """The code of a text, with the addresses of these functions."""
        engine = machine().machine_code([text], level, check)
        ENGINES[id(engine)] = engine
        return cls(engine, {name: engine.get_function_address(name) for name in names})


RUNS = ("run", "lanes", "run_staged", "staged")


@cache
def _driver() -> SharedCode:
    """What calls the functions of programs; made when one over lanes is first compiled: 3 ms."""
    return SharedCode.of(driver(), 0, RUNS)


@cache
def _summing(width: int) -> SharedCode:
    """What sums over lanes; made when sums of this width are first compiled: 5 ms."""
    return SharedCode.of(summing(width), 1, ("begin", "totals"))


class MachineCode:
    """Machine code for a program: ``uniform``, ``lanes`` and both as ``run``, see ``autograd.compiler.codegen.driver``.

    ``description`` is the address of what the driver has to know, for the table.
    """

    def __init__(
        self,
        program: Instructions,
        blocks: list[Block],
        summed: list[bool],
        strict: bool = False,
        check: Callable[[], None] = lambda: None,  # called now and then; raises where the code isn't wanted any more
    ):
        _free_dropped()
        here = machine()
        target = here.target(strict)
        after = apply_passes(program, target)
        self.size = after["lower"].size
        self._callbacks = callbacks(after["lower"])  # the code has their addresses
        ready = after["prune"]
        del after  # what was in between
        modules, self.layout, target = emit(ready, blocks, summed, target)
        here.provide(self.layout.called, target.width, check)
        self.width, self.sum_width = target.width, target.sum_width
        self.rereads = target.registers >= MANY_REGISTERS  # long sums of products, in which rows of lanes are read again
        self.calls_python = bool(self._callbacks)
        level, of_process = _level(self.layout), map(text_of, self._callbacks)
        self._engine = here.machine_code(modules, level, check, of_process)
        ENGINES[id(self._engine)] = self._engine
        uniform = self._engine.get_function_address("uniform")
        # PYFUNCTYPE holds the interpreter's lock, as callbacks need it, and raises the error of one. Brief functions hold it
        # too: to release it takes longer.
        many = ctypes.PYFUNCTYPE if self.calls_python else ctypes.CFUNCTYPE
        one = ctypes.PYFUNCTYPE if self.size < BRIEF else many
        self.uniform = one(None, ctypes.c_void_p)(uniform)
        if any(block.lanes for block in blocks):
            vectors, sweep = self.layout.vectors, self._engine.get_function_address("sweep")
            self._places = (ctypes.c_int64 * len(vectors))(*vectors)
            sums = _summing(target.sum_width).addresses if self.layout.sums else {"begin": 0, "totals": 0}
            words = description_of(self.layout, target, Functions(uniform, sweep, **sums), ctypes.addressof(self._places))
            self._words = (ctypes.c_int64 * len(words))(*words)
            self.description = ctypes.addressof(self._words)
            prototype = many(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
            addresses = _driver().addresses
            self.run, self.lanes, self.run_staged, self.staged = (prototype(addresses[name]) for name in RUNS)

    def __del__(self, dropped: list[int] = DROPPED) -> None:  # its own: the module's is gone when Python ends
        if "_engine" in self.__dict__:  # there is none after an error
            dropped.append(id(self._engine))


def _level(layout: Layout) -> int:
    """LLVM's level of optimisation in code generation.

    Level 1 takes twice the time of level 0, and with many sums ten times; its code runs a fifth faster where it is short,
    has loops or many sums, but no faster elsewhere.
    """
    size, sums = layout.written, len(layout.sums)
    return 1 if size < 500 or (layout.loops and size < 1500) or (sums > size // 16 and size < 4000) else 0
