# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files that are made to be sent: nothing in them but the picture, and named after their content.

The same picture is then the same bytes and one file, however often, when and in which .blend it is made.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ...engine.errors import DiskError
from ...engine.files import make_private_folder, write_whole
from ...engine.names import fitting_name

__all__ = ["keep", "without_origin", "workspace"]

_PRIVATE_CHUNKS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"pHYs"})
"""Where a PNG says when it was made, by which camera, from which .blend, how large on paper."""
_PICTURE_SEGMENTS: Final = frozenset({0xE0, 0xE2, 0xEE})
"""Of a JPEG's application segments those that decide how it looks: JFIF, the colour profile, Adobe's colour model."""
_COMMENT: Final = 0xFE
_SCAN: Final = 0xDA


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """Make a folder inside ``folder`` that is gone again afterwards.

    :raises DiskError: it cannot be made.
    """
    try:
        make_private_folder(folder)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            yield Path(temporary)
    except OSError as error:
        raise _unwritable(folder, error) from error


def keep(data: bytes, *, name: str, folder: Path) -> Path:
    """Keep this content in a file of ``folder``, whole whenever it has its final name.

    :raises DiskError: it cannot be written.
    """
    suffix = {b"\x89": ".png", b"\xff": ".jpg"}.get(data[:1], ".webp")
    fingerprint = hashlib.sha256(data).hexdigest()[:16]
    try:
        path = folder / f"{fitting_name(name, folder, spare=len(fingerprint))}-{fingerprint}{suffix}"
        if not path.exists():
            make_private_folder(folder)
            write_whole(path, data, is_private=True)
    except (OSError, ValueError) as error:
        raise _unwritable(folder, error) from error
    return path


def without_origin(data: bytes) -> bytes:
    """Take from a PNG or JPEG of Blender's every word about where it comes from; the pixels stay the same."""
    return _bare_png(data) if data[:1] == b"\x89" else _bare_jpeg(data)


def _bare_png(data: bytes) -> bytes:
    position, parts = 8, [data[:8]]
    while position < len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind not in _PRIVATE_CHUNKS:
            parts.append(data[position : position + 12 + length])
        position += 12 + length
    return b"".join(parts)


def _bare_jpeg(data: bytes) -> bytes:
    position, parts = 2, [data[:2]]
    while (marker := data[position + 1]) != _SCAN:
        (length,) = struct.unpack_from(">H", data, position + 2)
        is_application = 0xE0 <= marker <= 0xEF
        if marker != _COMMENT and (not is_application or marker in _PICTURE_SEGMENTS):
            parts.append(data[position : position + 2 + length])
        position += 2 + length
    return b"".join([*parts, data[position:]])


def _unwritable(folder: Path, error: OSError | ValueError) -> DiskError:
    reason = error.strerror or error if isinstance(error, OSError) else error
    return DiskError(f"A picture cannot be written into {folder}: {reason}.")
