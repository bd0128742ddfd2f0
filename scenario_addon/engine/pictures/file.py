# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a picture file before anything is sent: what it really is, how large, whether it is whole.

The content decides, never the file's name.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import BinaryIO, Final

from ..errors import PictureError
from ..values import SourceImage
from .header import measure

__all__ = ["UnsendableError", "inspect"]


class UnsendableError(PictureError):
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
        raise UnsendableError(f"{path.name} is a {name} picture: save it as PNG or JPEG, or run this in Blender.")
    raise UnsendableError(f"{path.name} is not a picture: its content is no PNG, JPEG or WebP.")
