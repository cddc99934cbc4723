"""SVG as PNG and PDF, through the package resvg-py."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from autograd.interop.packages import found

LARGEST = 16_000  # pixels, the longer side
_FONTS = {
    "DejaVuSans.ttf": "DejaVu Sans",
    "LiberationSans-Regular.ttf": "Liberation Sans",
    "NotoSans-Regular.ttf": "Noto Sans",
    "Arial.ttf": "Arial",
    "arial.ttf": "Arial",
    "Helvetica.ttc": "Helvetica",
}
_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)


class ImageError(RuntimeError):
    """A package or font that PNG and PDF need isn't installed."""


def to_png(svg: str, width: float, height: float, background: str = "#ffffff", scale: float = 2.0) -> bytes:
    """The picture as PNG, ``scale`` pixels to one of the SVG's, fewer where a side would exceed ``LARGEST``."""
    try:
        import resvg_py
    except ImportError:
        raise ImageError("PNG and PDF need the package resvg-py: pip install resvg-py; .svg and .dot work without") from None
    file, family = _font()
    fitting = min(scale, LARGEST / max(width, height))
    pixels = round(width * fitting)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, width=pixels, dpi=96, background=background, font_files=[str(file)], sans_serif_family=family
        )
    )


def _font() -> tuple[Path, str]:
    """A font file and its family: matplotlib's where it is installed, so that pictures are the same on all machines."""
    matplotlib = found("matplotlib")
    folders = [Path(folder).expanduser() for folder in _FOLDERS]
    if matplotlib and matplotlib.origin:
        folders.insert(0, Path(matplotlib.origin).parent / "mpl-data" / "fonts" / "ttf")
    for folder in folders:
        files = {file.name: file for file in folder.rglob("*.tt?")} if folder.is_dir() else {}
        for name, family in _FONTS.items():
            if name in files:
                return files[name], family
    raise ImageError("PNG and PDF need a font, and none was found: pip install matplotlib, or install DejaVu Sans")


def to_pdf(svg: str, width: float, height: float, background: str = "#ffffff") -> bytes:
    """The picture as a page of PDF, around the compressed pixels of a PNG at four to one of the SVG's."""
    png = to_png(svg, width, height, background, 4.0)
    columns, rows = struct.unpack(">II", png[16:24])
    # PDF reads PNG's compressed pixels as they are, but as colours of three channels: the function drops the fourth.
    image = (
        f"<< /Type /XObject /Subtype /Image /Width {columns} /Height {rows} /BitsPerComponent 8"
        " /ColorSpace [/DeviceN [/R /G /B /A] /DeviceRGB 6 0 R] /Filter /FlateDecode"
        f" /DecodeParms << /Predictor 15 /Colors 4 /BitsPerComponent 8 /Columns {columns} >>"
    )
    w, h = width * 0.75, height * 0.75  # pixels of 1/96 inch in points
    return _pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {w:.2f} {h:.2f}] /Contents 4 0 R"
        " /Resources << /XObject << /P 5 0 R >> >> >>".encode(),
        _stream("<<", f"{w:.2f} 0 0 {h:.2f} 0 0 cm /P Do".encode()),
        _stream(image, b"".join(_pixels(png))),
        _stream("<< /FunctionType 4 /Domain [0 1 0 1 0 1 0 1] /Range [0 1 0 1 0 1]", b"{pop}"),
    )


def _pixels(png: bytes) -> Iterator[bytes]:
    """The data of a PNG's IDAT chunks."""
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            yield png[at + 8 : at + 8 + length]
        at += length + 12


def _stream(dictionary: str, data: bytes) -> bytes:
    return f"{dictionary} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _pdf(*objects: bytes) -> bytes:
    """A PDF file of ``objects``, numbered from 1, the first its catalogue."""
    file, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for i, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (i, body)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    n = len(objects) + 1
    trailer = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (n, len(file))
    return file + b"xref\n0 %d\n0000000000 65535 f \n" % n + rows + trailer
