# SPDX-License-Identifier: GPL-3.0-or-later
"""What EXIF and XMP data, and TIFF files, which are laid out like the former, say of their picture.

Source: EXIF 2.32, 4.6; TIFF 6.0, section 2; BigTIFF; XMP specification, part 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, Literal

__all__ = ["exif_orientation", "tiff_size", "xmp_orientation"]

_WIDTH: Final = 256
_HEIGHT: Final = 257
_ORIENTATION: Final = 274
_WHOLE_BYTES: Final = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4, 16: 8}
"""Of the field types that hold whole numbers: how many bytes one takes."""
_MOST_FIELDS: Final = 1 << 16
_LAST_OFFSET: Final = 1 << 48
"""No file is larger."""
_XMP: Final = re.compile(rb"tiff:Orientation\s*(?:=\s*[\"']|>)\s*([0-9]+)")


def exif_orientation(file: BinaryIO) -> int | None:
    """Read the orientation in the first directory of EXIF data or of a TIFF file.

    :param file: begins where the data does.
    :return: 1 to 8; 1 for one that makes no sense; ``None`` where nothing is said.
    """
    found = next((value for tag, value in _numbers(file) if tag == _ORIENTATION), None)
    return None if found is None else _sensible(found)


def tiff_size(file: BinaryIO) -> tuple[int, int] | None:
    """Read width and height in pixels of a TIFF file; ``None`` where they are not said."""
    said = dict(_numbers(file))
    return (said[_WIDTH], said[_HEIGHT]) if _WIDTH in said and _HEIGHT in said else None


def _numbers(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """The fields of the first directory: tag, and value where it is a whole number, else 0."""
    file.seek(0)
    head = file.read(16)
    order: Literal["little", "big"] = "little" if head[:2] == b"II" else "big"
    version = int.from_bytes(head[2:4], order)
    if head[:2] not in (b"II", b"MM") or version not in (42, 43):
        return
    is_big = version == 43
    count_bytes, offset_bytes = (8, 8) if is_big else (2, 4)
    field_bytes = 4 + 2 * offset_bytes
    offset = int.from_bytes(head[offset_bytes : 2 * offset_bytes], order)
    if offset > _LAST_OFFSET:
        return
    file.seek(offset)
    count = min(int.from_bytes(file.read(count_bytes), order), _MOST_FIELDS)
    directory = file.read(count * field_bytes)
    for start in range(0, len(directory), field_bytes):
        kind = int.from_bytes(directory[start + 2 : start + 4], order)
        value = directory[start + 4 + offset_bytes :][: _WHOLE_BYTES.get(kind, 0)]
        yield int.from_bytes(directory[start : start + 2], order), int.from_bytes(value, order)


def xmp_orientation(packet: bytes) -> int | None:
    """Read the orientation of an XMP packet; as :func:`exif_orientation`, which counts where both say something."""
    found = _XMP.search(packet)
    return None if found is None else _sensible(int(found[1][:4]))


def _sensible(orientation: int) -> int:
    return orientation if 1 <= orientation <= 8 else 1
