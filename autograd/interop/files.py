"""Writing files: the new file or the old one, whatever happens in between.

>>> import tempfile
>>> file = write_atomically(f"{tempfile.mkdtemp()}/note.txt", "y = x²")
>>> file.name, file.read_text(encoding="utf-8")
('note.txt', 'y = x²')
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat
import sys
from contextlib import suppress
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, Protocol

if sys.platform != "win32":
    import fcntl

TEMPORARY = re.compile(r"\.autograd-[0-9a-f]{16}\.tmp")


class Figure(Protocol):
    """What matplotlib's figures have that we need."""

    def savefig(self, fname: io.BytesIO, **options: Any) -> None: ...


def write_atomically(path: str | PathLike[str], data: str | bytes, mode: int = 0o666) -> Path:
    """Write ``data``, text as UTF-8, to the file at ``path``, whole or not at all; returns the path.

    The data goes to a temporary file in the same folder, which then takes the old file's place in one step: a full
    disk, an exception or a killed process leaves the old file as it was. A killed process leaves the temporary file
    too, ``.autograd-….tmp``, until the next file is written in that folder (but on Windows). Permissions are kept,
    those of a new file are what the umask leaves of ``mode``, and a symbolic link goes on pointing to the file. What
    is no file, such as a pipe or ``/dev/stdout``, is written directly.

    Raises OSError with ``path`` in it where that can't be done, for instance FileNotFoundError for a missing folder.
    """
    file, content = Path(path), data.encode() if isinstance(data, str) else data
    try:
        _write(str(file), content, mode)
    except OSError as error:
        raise OSError(error.errno, _reason(error, str(file)), str(file)) from error
    return file


def write_figure(path: str | PathLike[str], figure: Figure, **options: Any) -> Path:
    """Write one of matplotlib's figures as ``write_atomically`` does, in the ``format`` given or that of the path's ending.

    As in matplotlib, a path that has no ending gets ``.png``.
    """
    file, buffer = Path(path), io.BytesIO()
    form = options.pop("format", None) or file.suffix[1:]
    figure.savefig(buffer, format=form or "png", **options)
    return write_atomically(file if form else f"{os.fspath(path).rstrip('.')}.png", buffer.getvalue())


def _write(path: str, content: bytes, mode: int) -> None:
    old = _status(path)
    descriptor = _descriptor(path) if old else None
    if old is not None and (descriptor is not None or not stat.S_ISREG(old.st_mode)):
        with open(path if descriptor is None else os.dup(descriptor), "wb") as stream:
            stream.write(content)
    elif old is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))  # which replacing it wouldn't notice
    else:
        _replace(os.path.realpath(path), content, old, mode)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _descriptor(path: str) -> int | None:
    """The number of the open file that a path such as /dev/stdout leads to.

    Replaced by name, ``autograd draw … -o /dev/stdout >> log`` would take the log away.
    """
    while True:
        folder, name = os.path.realpath(os.path.dirname(path)), os.path.basename(path)
        if folder in ("/dev/fd", f"/proc/{os.getpid()}/fd"):
            return int(name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))


def _replace(path: str, content: bytes, old: os.stat_result | None, mode: int) -> None:
    folder = os.path.dirname(path)
    _remove_stale(folder)
    stream = _temporary(folder, stat.S_IMODE(old.st_mode) if old else mode)
    try:
        with stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())  # or a power cut may find the new name and none of the content
            if old is not None:
                _copy_permissions(stream.name, old)
            if sys.platform != "win32":
                os.replace(stream.name, path)  # while it is locked: unlocked, another process may take it for stale
        if sys.platform == "win32":
            os.replace(stream.name, path)  # an open file can't be renamed there
    except BaseException:
        with suppress(OSError):
            os.unlink(stream.name)
        raise


def _temporary(folder: str, permissions: int) -> BinaryIO:
    """A new file, locked by this process as long as it is open. A lock ends with its process, however that ends."""
    while True:
        name = os.path.join(folder, f".autograd-{os.urandom(8).hex()}.tmp")
        stream: BinaryIO = open(name, "xb", opener=partial(os.open, mode=permissions))  # noqa: SIM115 - the caller closes it
        if _lock(stream.fileno()) is not False and os.fstat(stream.fileno()).st_nlink:
            return stream
        stream.close()  # another process has taken it for stale before it was locked


def _lock(descriptor: int) -> bool | None:
    """Lock an open file: False where another has locked it, None where files can't be locked."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # some file systems have no locks
        return None
    return True


def _remove_stale(folder: str) -> None:
    """Remove temporary files of processes that were killed: those that nobody has locked."""
    if sys.platform == "win32":
        return
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_if_stale(entry.path)


def _remove_if_stale(path: str) -> None:
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if _lock(descriptor):
                os.unlink(path)
        finally:
            os.close(descriptor)


def _copy_permissions(path: str, old: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with suppress(OSError):  # the owner is another where only root may give files away
            os.chown(path, old.st_uid, old.st_gid)
    os.chmod(path, stat.S_IMODE(old.st_mode))


def _reason(error: OSError, path: str) -> str:
    """Why a file can't be written, in words for who named it."""
    folder = os.path.dirname(os.path.realpath(path))
    if error.errno == errno.ENOENT:
        return f"there is no folder {folder}"
    if error.errno == errno.ENOTDIR:
        return f"{folder} is no folder"
    if error.errno == errno.EISDIR:
        return "it is a folder, and a file was to be written"
    if error.errno == errno.EACCES and os.path.isdir(folder) and not os.access(folder, os.W_OK):
        return f"no new file may be made in {folder}"
    return error.strerror or str(error)
