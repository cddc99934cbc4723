"""Machine code kept in files, by its content, for later processes: only where asked for, and only what this user wrote.

Whoever writes these files decides what this process executes. So the folder must be this user's, and nobody else may write
to it or to what it lies in; the same goes for each file. A file holds a digest of its key and its code: one that is torn,
or stands in for another, is made anew. That finds accidents; against an attacker the permissions stand alone.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import warnings
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from os import PathLike
from pathlib import Path

from autograd.interop.files import write_atomically

VARIABLE = "CHAINRULE_CACHE_DIR"
FORMAT = 1  # of the files
START = b"chainrule machine code\n"
DIGEST = hashlib.sha256().digest_size
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class CodeCache:
    """A folder with a file for each piece of machine code."""

    def __init__(self, folder: Path):
        self.folder = folder

    def read(self, key: str) -> bytes | None:
        """The code under this key; None where there is none, or not exactly what was written."""
        try:
            content = self._content(key)
        except OSError:  # no file; a link; a folder that isn't this user's any more
            return None
        code = content[len(START) + DIGEST :]
        return code if content == _entry(key, code) else None

    def _content(self, key: str) -> bytes:
        _check(self.folder, _danger(os.stat(self.folder)))
        descriptor = os.open(self._file(key), FLAGS)
        try:
            status = os.fstat(descriptor)
            _check(self.folder, _danger(status) if stat.S_ISREG(status.st_mode) else "it has what is no file")
            with open(descriptor, "rb", closefd=False) as stream:
                return stream.read()
        finally:
            os.close(descriptor)

    def write(self, key: str, code: bytes) -> None:
        """Keep the code; a warning, once, where that can't be."""
        try:
            _check(self.folder, _danger(os.stat(self.folder)))
            with suppress(FileNotFoundError):  # what was no good: its permissions, or what a link leads to, would stay
                os.unlink(self._file(key))
            write_atomically(self._file(key), _entry(key, code), mode=0o600)
        except OSError as error:
            _warn(f"machine code isn't kept in {self.folder}: {error.strerror or error}")

    def _file(self, key: str) -> str:
        return os.path.join(self.folder, f"{key}.code")


def _entry(key: str, code: bytes) -> bytes:
    """What a file holds."""
    return START + hashlib.sha256(key.encode() + code).digest() + code


def key_of(text: str, machine: Sequence[object]) -> str:
    """The name for the code of a text on a machine: another text, machine, LLVM or format has another."""
    return hashlib.sha256(json.dumps([FORMAT, *machine, text]).encode()).hexdigest()


_chosen: list[CodeCache | None] = []  # empty until it is chosen


def cache_directory(path: str | PathLike[str] | None) -> None:
    """Keep the machine code of ``compile`` in this folder, and take it from there, in later processes too.

    >>> import tempfile
    >>> from autograd import compile
    >>> folder = Path(tempfile.mkdtemp())
    >>> cache_directory(folder)
    >>> compile(lambda x: x * x + 1.0)(2.0), len(list(folder.iterdir()))
    (5.0, 1)
    >>> cache_directory(None)  # from here on nothing is kept

    A function is still traced; making machine code, which takes most of the time of ``compile``, is what is saved. The
    environment variable ``CHAINRULE_CACHE_DIR`` does the same. The folder is made if it isn't there, for this user alone.
    Files are found by a digest of the code's text, the processor, its features, and LLVM's version: another machine, or
    another version, makes its own. One that is torn or isn't what was written is made anew. They hold machine code, which
    is executed: give no folder from elsewhere. The folder may be emptied at any time; nothing else ever does.

    Raises PermissionError where another user could write there, OSError where there can be no folder.
    """
    _chosen[:] = [None if path is None else _opened(path)]


def code_cache() -> CodeCache | None:
    """The one that was chosen, by a call or by the environment."""
    if not _chosen:
        _chosen[:] = [_from_environment(os.environ.get(VARIABLE))]
    return _chosen[0]


def _from_environment(path: str | None) -> CodeCache | None:
    try:
        return _opened(path) if path else None
    except OSError as error:
        _warn(f"{VARIABLE}: machine code isn't kept in {path}: {error.strerror or error}")
        return None


def _opened(path: str | PathLike[str]) -> CodeCache:
    """The cache in a folder, which is made if need be."""
    folder = Path(os.path.realpath(os.path.expanduser(path)))
    for each in reversed([folder, *folder.parents]):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)  # another process may have made it meanwhile
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    _check(folder, _danger(os.stat(folder)))
    for above in folder.parents:
        _check(above, _danger_above(os.stat(above)))
    return CodeCache(folder)


def _check(folder: Path, danger: str | None) -> None:
    if danger:
        raise PermissionError(errno.EPERM, f"machine code that is executed can't be kept there, as {danger}", str(folder))


def _danger(status: os.stat_result) -> str | None:
    """How another user could change a folder or a file; None where nobody can, and on Windows, which says it otherwise."""
    if not hasattr(os, "geteuid"):
        return None
    if status.st_uid != os.geteuid():
        return f"it belongs to another user, {status.st_uid}"
    return _written_by_others(status)


def _danger_above(status: os.stat_result) -> str | None:
    """The same for what a folder lies in: it may be root's, and anybody's if none can replace what is another's there."""
    if not hasattr(os, "geteuid"):
        return None
    if status.st_uid not in (0, os.geteuid()):
        return f"it belongs to another user, {status.st_uid}"
    return None if status.st_mode & stat.S_ISVTX else _written_by_others(status)


def _written_by_others(status: os.stat_result) -> str | None:
    mode = status.st_mode
    if mode & stat.S_IWOTH or (mode & stat.S_IWGRP and not _of_one(status.st_gid, status.st_uid)):
        return "others may write to it (chmod go-w)"
    return None


def _of_one(group: int, user: int) -> bool:
    """Whether a group is that of this user alone, as Debian and Red Hat make one for each."""
    import grp
    import pwd

    try:
        name, members = pwd.getpwuid(user).pw_name, grp.getgrgid(group)
    except KeyError:
        return False
    return members.gr_name == name and set(members.gr_mem) <= {name}


@cache
def _warn(reason: str) -> None:
    warnings.warn(reason, RuntimeWarning, stacklevel=2)
