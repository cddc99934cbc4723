"""Where the user's program is: the nearest frame outside of this package, and what it was calling there."""

from __future__ import annotations

import linecache
import os
import sys
import warnings
from functools import cache, lru_cache
from types import CodeType, FrameType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dis import Instruction, Positions

# The folders of autograd and nn: frames in them aren't the user's.
_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_PACKAGES = tuple(os.path.join(_ROOT, name, "") for name in ("autograd", "nn"))


class Doing(NamedTuple):
    """What a frame is doing: its line, the line's text, the function it calls, the call's text, whether it formats by %."""

    line: str  # "file.py:3"
    source: str = ""  # "return x * math.sin(x)", empty where the text isn't known
    function: str = ""  # "math.sin", empty where it calls none by name
    text: str = ""  # "math.sin(x)"
    stores: bool = False  # whether it stores an element, as ``array[i] = x``
    remainder: bool = False  # whether it computes ``a % b``, which formats where a is a text

    @property
    def where(self) -> str:
        """``at file.py:3, `return x * math.sin(x)` ``."""
        return f"at {self.line}" + (f", `{self.source}`" if self.source else "")


def user_frame(frame: FrameType | None) -> FrameType | None:
    """This frame or its nearest caller outside this package; outside of Python's and installed ones too, if there is one."""
    nearest = None
    while frame is not None:
        file = frame.f_code.co_filename
        if not is_ours(file):
            if not _is_installed(file):
                return frame
            nearest = nearest or frame
        frame = frame.f_back
    return nearest


def user_line() -> str:
    """File and line of that frame."""
    frame = user_frame(sys._getframe(1))
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "an unknown line"


def warn_at(frame: FrameType, message: str, category: type[Warning]) -> None:
    """Warn as if from this frame's line, so that Python's filters count it as one place."""
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    module = frame.f_globals.get("__name__", "<string>")
    warnings.warn_explicit(message, category, frame.f_code.co_filename, frame.f_lineno, module, registry)


def warn_at_user_line(message: str, category: type[Warning]) -> None:
    """Warn at the line of that frame."""
    frame = user_frame(sys._getframe(1))
    if frame is not None:
        warn_at(frame, message, category)


def user_call(caller: FrameType) -> tuple[FrameType | None, Doing]:
    """That frame for a caller, and what it is doing; its line alone where the caller is this package."""
    frame = user_frame(caller)
    if frame is None:
        return None, Doing("an unknown line")
    call = _call(frame.f_code, frame.f_lasti, frame.f_lineno)
    if is_ours(caller.f_code.co_filename):
        return frame, Doing(call.line, call.source)
    formats = _call(caller.f_code, caller.f_lasti, caller.f_lineno).remainder  # logging does it for the user
    return frame, call._replace(remainder=formats)


@cache
def is_ours(file: str) -> bool:
    """Whether it belongs to this package."""
    return file.startswith(_PACKAGES)


@cache
def _is_installed(file: str) -> bool:
    return file.startswith(("<frozen", *libraries()))


@cache
def libraries() -> tuple[str, ...]:
    """The folders of Python's own modules and of installed packages."""
    import sysconfig  # 1 ms of `import autograd`

    paths = sysconfig.get_paths()
    return tuple({os.path.join(paths[name], "") for name in ("stdlib", "platstdlib", "purelib", "platlib")})


@lru_cache(1024)
def _call(code: CodeType, last: int, line: int) -> Doing:
    """The instruction at byte ``last`` of the code."""
    import dis  # only a cut asks for it

    lines = linecache.getlines(code.co_filename)
    instructions = list(dis.get_instructions(code))
    now = next(each for each in reversed(instructions) if each.offset <= last)  # its caches lie behind it
    calls = now.opname.startswith(_CALLS) and now.positions is not None and now.positions.col_offset is not None
    text = _text(lines, now.positions) if calls else ""
    return Doing(
        f"{code.co_filename}:{line}",
        lines[line - 1].strip() if line <= len(lines) else "",
        (_called(text) or ".".join(_names(instructions, now))) if calls else "",
        text,
        now.opname.startswith("STORE_SUBSCR"),
        now.opname == "BINARY_OP" and now.argrepr.startswith("%"),
    )


_CALLS = ("CALL", "PRECALL")  # 3.11 calls a builtin from PRECALL once the code is warm


def _called(text: str) -> str:
    """``math.sin`` of ``math.sin(x)``; empty where the function has no name."""
    function, bracket, _ = text.partition("(")
    return function if bracket and function.replace(".", "").isidentifier() else ""


def _names(instructions: list[Instruction], call: Instruction) -> list[str]:
    """The names that the called function is looked up by: what is loaded where the call's text begins."""
    begins = _start(call)
    before = [each for each in instructions if each.offset < call.offset and _start(each) == begins]
    return [each.argval for each in before if each.opname.startswith(_LOADS)]


_LOADS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FAST", "LOAD_DEREF", "LOAD_ATTR", "LOAD_METHOD")


def _start(instruction: Instruction) -> tuple[int | None, int | None]:
    at = instruction.positions
    return (at.lineno, at.col_offset) if at else (None, None)


def _text(lines: list[str], at: Positions | None) -> str:
    """The text between two positions; columns count bytes."""
    if at is None or at.lineno is None or at.end_lineno is None or at.end_lineno > len(lines):
        return ""
    rows = [line.encode() for line in lines[at.lineno - 1 : at.end_lineno]]
    rows[-1] = rows[-1][: at.end_col_offset]
    rows[0] = rows[0][at.col_offset :]
    return b"".join(rows).decode()
