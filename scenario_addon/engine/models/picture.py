# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a picture file before anything is sent: what it really is, how large, whether it is whole.

The content decides, never the file's name. PNG, JPEG and WebP go to the service as they are; everything else, and
what is larger than a model takes, is handed to a :data:`Converter` where there is one (Blender).
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from ..errors import PictureError
from ..values import SourceImage
from .model import PictureLimits

__all__ = ["Converter", "inspect", "measure", "prepare"]


class Converter(Protocol):
    """Makes a PNG or JPEG within limits from any picture it can read. Main thread only.

    :raises PictureError: when it cannot read the file.
    """

    def __call__(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path: ...


class _Unsendable(PictureError):
    """Not a format that every model takes; a converter may still read it."""


_OTHER_FORMATS: Final = (
    (rb"GIF8", "GIF"),
    (rb"BM", "BMP"),
    (rb"II\*\0|MM\0\*", "TIFF"),
    (rb"\x76\x2f\x31\x01", "OpenEXR"),
    (rb"#\?(RADIANCE|RGBE)", "Radiance HDR"),
    (rb"8BPS", "Photoshop"),
    (rb"\0\0\0\x0cjP  ", "JPEG 2000"),
    (rb"(?s:....)ftyp(hei|hev|mif1|msf1|avi)", "HEIC or AVIF"),
)
_MAX_SIDE_PX: Final = 1 << 16
"""More than any format's header can honestly claim for a picture of this use."""
_MOST_SEGMENTS: Final = 100_000
"""Of a PNG or before the frame of a JPEG; what is made of more wants to keep its reader busy."""


def inspect(path: Path) -> SourceImage:
    """Look at a picture: format, size in pixels and bytes, fingerprint. Any thread.

    :raises PictureError: missing, unreadable, empty, cut short, or not a PNG, JPEG or WebP.
    """
    try:
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes == 0:
                raise PictureError(f"{path.name} is empty: save it again or choose another picture.")
            mime, width_px, height_px = _read(file, path=path, size_bytes=size_bytes)
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise PictureError(f"{path} does not exist: check the path.") from None
    except IsADirectoryError:
        raise PictureError(f"{path} is a folder: give a picture file.") from None
    except PermissionError:
        raise PictureError(f"{path} cannot be read: check its permissions.") from None
    except (OSError, ValueError) as error:
        raise PictureError(f"{path} cannot be read ({error}): check the path.") from error
    return SourceImage(
        path=path.absolute(),
        mime=mime,
        width_px=width_px,
        height_px=height_px,
        size_bytes=size_bytes,
        sha256=sha256,
    )


def prepare(
    path: Path, *, limits: PictureLimits, folder: Path, converter: Converter | None
) -> tuple[SourceImage, str | None]:
    """Make a picture one that the model takes, converted if need be.

    :param folder: where a converted copy goes.
    :return: the picture, and a sentence for the user when it is not the file that was given.
    :raises PictureError: when it cannot be used; the sentence says why and what to do.
    """
    try:
        image = inspect(path)
    except _Unsendable:
        if converter is None:
            raise
    else:
        _refuse_small(image, limits)
        problem = _excess(image, limits)
        if problem is None:
            return image, None
        if converter is None:
            raise PictureError(f"{problem}: make it smaller, or run this in Blender, which does it by itself.")
    converted = inspect(converter(path, folder=folder, max_side_px=limits.max_side_px, max_bytes=limits.max_bytes))
    _refuse_small(converted, limits)
    if left := _excess(converted, limits):
        raise PictureError(f"{left}, also after converting it: choose another picture.")
    size = f"{converted.width_px} x {converted.height_px} px {converted.mime.removeprefix('image/').upper()}"
    return converted, f"{path.name} was converted to a {size} for this model."


def _excess(image: SourceImage, limits: PictureLimits) -> str | None:
    side_px, most_px = max(image.width_px, image.height_px), limits.max_side_px
    if most_px is not None and side_px > most_px:
        size = f"{image.width_px} x {image.height_px} px"
        return f"{image.path.name} is {size} and the model takes {most_px} px a side"
    if limits.max_bytes is not None and image.size_bytes > limits.max_bytes:
        size = f"{image.size_bytes / 1e6:.1f} MB"
        return f"{image.path.name} is {size} and the model takes {limits.max_bytes / 1e6:.1f} MB"
    return None


def _refuse_small(image: SourceImage, limits: PictureLimits) -> None:
    least_px = limits.min_side_px
    if least_px is not None and min(image.width_px, image.height_px) < least_px:
        size = f"{image.width_px} x {image.height_px} px"
        raise PictureError(
            f"{image.path.name} is {size} and the model needs {least_px} px a side: use a larger picture."
        )


def measure(file: BinaryIO, *, size_bytes: int) -> tuple[str, int, int] | None:
    """MIME type, width and height in pixels by content; ``None`` for what is no PNG, JPEG or WebP.

    :raises ValueError: it is cut short or damaged.
    """
    head = file.read(32)
    for magic, mime, reader in _READERS:
        if re.match(magic, head):
            try:
                return mime, *reader(file, size_bytes)
            except (struct.error, IndexError) as error:
                raise ValueError("cut short") from error
    return None


def _read(file: BinaryIO, *, path: Path, size_bytes: int) -> tuple[str, int, int]:
    """Format and size by content."""
    try:
        found = measure(file, size_bytes=size_bytes)
    except ValueError:
        raise PictureError(f"{path.name} is cut short or damaged: save it again.") from None
    if found:
        mime, width_px, height_px = found
        if not (0 < width_px < _MAX_SIDE_PX and 0 < height_px < _MAX_SIDE_PX):
            raise PictureError(f"{path.name} is damaged (it claims {width_px} x {height_px} px): save it again.")
        return mime, width_px, height_px
    file.seek(0)
    head = file.read(32)
    if name := next((name for magic, name in _OTHER_FORMATS if re.match(magic, head)), None):
        raise _Unsendable(f"{path.name} is a {name} picture: save it as PNG or JPEG, or run this in Blender.")
    raise _Unsendable(f"{path.name} is not a picture: its content is no PNG, JPEG or WebP.")


def _png(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Walk the chunks to the end, so that a cut file is noticed. Source: PNG specification, 5.3."""
    position, size = 8, None
    for _ in range(_MOST_SEGMENTS):
        file.seek(position)
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"IHDR":
            size = struct.unpack(">II", file.read(8))
        position += 12 + length
        if position > size_bytes:
            raise ValueError("cut short")
        if kind == b"IEND":
            if size is None:
                raise ValueError("no header")
            return size
    raise ValueError("too many parts")


_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that start a frame, whose header holds the size."""


def _jpeg(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Find the frame header, and the end marker behind it. Source: ITU-T T.81, B.1.

    An end marker before it belongs to a preview, and what comes after the picture's own (phones append more pictures,
    even films) is nobody's concern.
    """
    position = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(position)
        lead, marker, length = struct.unpack(">BBH", file.read(4))
        if lead != 0xFF:
            raise ValueError("no marker")
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker in _SOF:
            height_px, width_px = struct.unpack(">xHH", file.read(5))
            if not _holds(file, b"\xff\xd9"):
                raise ValueError("cut short")
            return width_px, height_px
        position += 2 + length
    raise ValueError("too many parts")


def _holds(file: BinaryIO, marker: bytes) -> bool:
    """Whether a marker of two bytes follows somewhere."""
    last = b""
    while block := file.read(1 << 20):
        if marker in last + block:
            return True
        last = block[-1:]
    return False


def _webp(file: BinaryIO, size_bytes: int) -> tuple[int, int]:
    """Source: WebP container specification and RFC 6386, 9.1."""
    file.seek(0)
    head = file.read(30)
    if struct.unpack("<I", head[4:8])[0] + 8 > size_bytes:
        raise ValueError("cut short")
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(head[24:27], "little"), 1 + int.from_bytes(head[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind != b"VP8 " or head[23:26] != b"\x9d\x01\x2a":
        raise ValueError("no picture")
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


_Reader = Callable[[BinaryIO, int], tuple[int, int]]
_READERS: Final[tuple[tuple[bytes, str, _Reader], ...]] = (
    (rb"\x89PNG\r\n\x1a\n", "image/png", _png),
    (rb"\xff\xd8\xff", "image/jpeg", _jpeg),
    (rb"RIFF(?s:....)WEBP", "image/webp", _webp),
)
