"""Files of named arrays with a header, in the format of safetensors: a length, a JSON header, raw little-endian numbers.

>>> content = packed({"kind": "demo"}, {"w": Tensor.of([0.5, -2.0])})
>>> metadata, tensors = unpacked(io.BytesIO(content))
>>> metadata, tensors["w"].numbers.tolist()
({'kind': 'demo'}, [0.5, -2.0])

So ``safetensors.numpy.load_file`` reads them too. In the header's metadata stands, besides, the SHA-256 of the whole file,
computed with 64 zeros in its own place: no byte can change unnoticed. Nothing in a file is executed.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple

FORMAT, VERSION = "chainrule checkpoint", 1
CODES = {"F64": "d", "I64": "q"}  # safetensors' names of kinds of numbers, and those of Python's arrays
LONGEST_HEADER = 1 << 24  # bytes: a longer one may take more memory to read than there is
CHUNK = 1 << 20
DIGITS = 64
HEAD = re.compile(
    rb'\{"__metadata__":\{"format":"' + FORMAT.encode() + rb'","version":"(\d{1,9})","sha256":"([0-9a-f]{64})"'
)


class CheckpointError(ValueError):
    """A file isn't a checkpoint, was damaged, or doesn't fit the model that it is loaded into."""


class Tensor(NamedTuple):
    """Numbers of one kind in a row, and the shape they have."""

    numbers: array[float] | array[int]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, numbers: Sequence[float], shape: Sequence[int] | None = None) -> Tensor:
        """Floats, or ints where all are; in one row unless there is a shape."""
        code = "q" if numbers and all(type(x) is int for x in numbers) else "d"
        return cls(array(code, numbers), (len(numbers),) if shape is None else tuple(shape))

    @property
    def kind(self) -> str:
        """The name that safetensors has for it."""
        return next(name for name, code in CODES.items() if code == self.numbers.typecode)


# -- writing -----------------------------------------------------------------------------------


def packed(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> bytes:
    """A file's content. Raises ValueError where the header would be longer than ``unpacked`` reads."""
    blank = "0" * DIGITS
    entries, stop = dict[str, Any](), 0
    for name, tensor in tensors.items():
        start, stop = stop, stop + 8 * len(tensor.numbers)
        entries[name] = {"dtype": tensor.kind, "shape": tensor.shape, "data_offsets": [start, stop]}
    first = {"format": FORMAT, "version": str(VERSION), "sha256": blank, **metadata}
    header = json.dumps({"__metadata__": first, **entries}, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # so that the numbers are aligned
    if len(header) > LONGEST_HEADER:
        raise ValueError(f"the header would have {len(header)} bytes, and at most {LONGEST_HEADER} are read again")
    content = b"".join([len(header).to_bytes(8, "little"), header, *map(_raw, tensors.values())])
    return content.replace(blank.encode(), hashlib.sha256(content).hexdigest().encode(), 1)


def _raw(tensor: Tensor) -> bytes:
    return _little_endian(tensor.numbers).tobytes()


def _little_endian(numbers: array[Any]) -> array[Any]:
    """The numbers as they lie in a file, or as they lie here if they are of a file."""
    if sys.byteorder == "little":
        return numbers
    swapped = numbers[:]
    swapped.byteswap()
    return swapped


# -- reading -----------------------------------------------------------------------------------


def unpacked(file: BinaryIO) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and arrays of a file. Raises CheckpointError where anything isn't as ``packed`` writes it.

    Memory is taken for what is there, never for what a header claims.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    prefix = file.read(8)
    length = int.from_bytes(prefix, "little")
    if len(prefix) < 8 or length > min(size - 8, LONGEST_HEADER):
        raise CheckpointError(_no_checkpoint(prefix))
    header = file.read(length)
    head = HEAD.match(header)
    if head is None:
        raise CheckpointError(_no_checkpoint(prefix))
    if int(head[1]) != VERSION:
        raise CheckpointError(f"this is a checkpoint of version {int(head[1])}, and version {VERSION} can be read")
    _check_digest(file, prefix, header, head)
    try:
        metadata, tensors = _parsed(header, file, size - 8 - length)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise CheckpointError(f"this is no checkpoint that nn.save has written: {error!r:.200}") from None
    return metadata, tensors


def _no_checkpoint(start: bytes) -> str:
    """What the file may be, by its first bytes."""
    known = {b"PK": "a zip file, as of torch.save or numpy.savez", b"\x80": "a pickle", b"\x93NUMPY": "an array of NumPy"}
    found = next((f": it looks like {kind}" for magic, kind in known.items() if start.startswith(magic)), "")
    return "this is no checkpoint that nn.save has written" + (found or (": it is empty" if not start else ""))


def _check_digest(file: BinaryIO, prefix: bytes, header: bytes, head: re.Match[bytes]) -> None:
    start, stop = head.span(2)
    digest = hashlib.sha256(prefix + header[:start] + b"0" * DIGITS + header[stop:])
    at = file.tell()
    for chunk in iter(lambda: file.read(CHUNK), b""):
        digest.update(chunk)
    file.seek(at)
    if digest.hexdigest().encode() != head[2]:
        raise CheckpointError("this was a checkpoint, and was damaged or changed since: its SHA-256 is that of other bytes")


def _parsed(header: bytes, file: BinaryIO, size: int) -> tuple[dict[str, str], dict[str, Tensor]]:
    entries = json.loads(header)
    metadata = {name: _typed(text, str) for name, text in entries.pop("__metadata__").items()}
    for name in ("format", "version", "sha256"):
        del metadata[name]
    places = list(_places(entries))
    if (places[-1][3] if places else 0) != size:
        raise ValueError(f"{size} bytes of numbers")
    return metadata, {
        name: Tensor(_numbers(code, file.read(stop - start)), shape) for name, code, start, stop, shape in places
    }


def _places(entries: Mapping[str, Any]) -> Iterator[tuple[str, str, int, int, tuple[int, ...]]]:
    """Name, kind, start, stop and shape of the arrays: each begins where the one before has ended."""
    end = 0
    for name, entry in entries.items():
        shape = tuple([_typed(n, int) for n in _typed(entry["shape"], list)])
        start, stop = (_typed(n, int) for n in entry["data_offsets"])
        if start != end or min((0, *shape)) < 0 or stop - start != 8 * math.prod(shape):
            raise ValueError(f"{name!r:.60} of shape {shape} in bytes {start} … {stop}")
        end = stop
        yield name, CODES[entry["dtype"]], start, stop, shape


def _numbers(code: str, raw: bytes) -> array[Any]:
    numbers = array(code)
    numbers.frombytes(raw)
    return _little_endian(numbers)


def _typed(x: Any, kind: type) -> Any:
    if type(x) is not kind:
        raise TypeError(f"{x!r:.60} is no {kind.__name__}")
    return x
