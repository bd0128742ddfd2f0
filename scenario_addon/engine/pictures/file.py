# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at a picture file before anything is sent: what it really is, how large, whether it is whole and empty.

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
from .flaws import DamagedError, SizeError, all_transparent, check_size, check_vast
from .header import Header, claimed_size, measure, mime_of
from .orientation import UPRIGHT, orientation
from .png import MAGIC, mark_of
from .survey import survey

__all__ = ["UnsendableError", "inspect", "is_picture"]


class UnsendableError(PictureError):
    """Nothing that every model takes; a converter may still read it."""

    def __init__(self, user_message: str, *, orientation: int = UPRIGHT) -> None:
        super().__init__(user_message)
        self.orientation = orientation
        """Which way up it is stored, as EXIF counts."""


_OTHER_FORMATS: Final = (
    (rb"GIF8", "GIF"),
    (rb"BM", "BMP"),
    (rb"(II|MM)(\*\0|\0\*|\+\0|\0\+)", "TIFF"),
    (rb"\x76\x2f\x31\x01", "OpenEXR"),
    (rb"#\?(RADIANCE|RGBE)", "Radiance HDR"),
    (rb"8BPS", "Photoshop"),
    (rb"\0\0\0\x0cjP  ", "JPEG 2000"),
    (rb"(?s:....)ftyp(hei|hev|mif1|msf1|avi)", "HEIC or AVIF"),
)


def inspect(path: Path, *, name: str | None = None) -> SourceImage:
    """Look at a picture: format, size in pixels and bytes, fingerprint, which way up it is stored. Any thread.

    Of a PNG all pixels are looked at, which takes time in proportion to them.

    :param name: what to call it in a sentence, where it is a copy.
    :raises UnsendableError: not a PNG, JPEG or WebP, or not one that can be followed to its end.
    :raises PictureError: missing, unreadable, empty, damaged, or transparent everywhere.
    """
    try:
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            if size_bytes == 0:
                raise PictureError(f"{path.name} is empty: save it again or choose another picture.")
            turned = orientation(file)
            header, is_uniform = _read(file, name=name or path.name, size_bytes=size_bytes, turned=turned)
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
        mime=header.mime,
        width_px=header.width_px,
        height_px=header.height_px,
        size_bytes=size_bytes,
        sha256=sha256,
        orientation=turned,
        is_odd=header.is_odd,
        is_uniform=is_uniform,
    )


def _read(file: BinaryIO, *, name: str, size_bytes: int, turned: int) -> tuple[Header, bool]:
    """Format and size by content, and whether it is known to be of one colour.

    :raises PictureError: as :func:`inspect` says.
    """
    try:
        file.seek(0)
        head = file.read(32)
        if head.startswith(MAGIC):
            return _read_png(file, name=name, size_bytes=size_bytes)
        if found := measure(file, size_bytes=size_bytes):
            check_size(found.width_px, found.height_px)
            return found, False
        if claimed := claimed_size(file):
            check_vast(*claimed)
    except DamagedError as error:
        problem = f"damaged ({error})" if error.args else "cut short or damaged"
        raise PictureError(f"{name} is {problem}: save it again.") from None
    except SizeError as error:
        raise _size_refusal(error, name=name, turned=turned) from None
    except ValueError:
        problem = f"{name} is cut short or damaged: save it again, or run this in Blender, which may still read it."
        raise UnsendableError(problem, orientation=turned) from None
    if other := next((other for magic, other in _OTHER_FORMATS if re.match(magic, head)), None):
        problem = f"{name} is a {other} picture: save it as PNG or JPEG, or run this in Blender."
        raise UnsendableError(problem, orientation=turned)
    raise UnsendableError(f"{name} is not a picture: its content is no PNG, JPEG or WebP.")


def _read_png(file: BinaryIO, *, name: str, size_bytes: int) -> tuple[Header, bool]:
    """The same of a PNG.

    :raises ValueError: it is damaged.
    :raises PictureError: it is transparent everywhere.
    """
    found = survey(file, size_bytes=size_bytes)
    if found.is_transparent:
        raise all_transparent(name)
    if not found.is_whole:
        raise ValueError("spoiled beside its pixels")
    return Header("image/png", found.width_px, found.height_px), found.is_uniform


def _size_refusal(error: SizeError, *, name: str, turned: int) -> PictureError:
    if error.is_nothing:
        return PictureError(f"{name} is damaged (it claims {error}): save it again.")
    problem = f"{name} claims to be {error}, which is more than can be used: make it smaller"
    if error.is_vast:
        return PictureError(f"{problem}.")
    return UnsendableError(f"{problem}, or run this in Blender, which does it by itself.", orientation=turned)


_UNMARKED: Final = frozenset({".tga"})
"""Formats whose files begin like any other."""


def is_picture(path: Path, *, convertible: bool) -> bool:
    """Whether a file begins like a picture, which may be damaged all the same. Any thread.

    One that was rendered of a mesh is none: it lies where the pictures are that meshes are made of.

    :param convertible: what has to be converted first counts as well.
    :raises OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(32)
    is_other = path.suffix.lower() in _UNMARKED or any(re.match(magic, head) for magic, _ in _OTHER_FORMATS)
    return (mime_of(head) is not None or (convertible and is_other)) and mark_of(path) is None
