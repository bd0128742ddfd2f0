# SPDX-License-Identifier: GPL-3.0-or-later
"""How many polygons an OBJ or a binary FBX has, read piece by piece, without making any of them.

Source of the FBX layout: the public descriptions of its nodes, as Blender's own importer reads them.
"""

from __future__ import annotations

import mmap
import re
import struct
import sys
import zlib
from array import array
from pathlib import Path
from typing import Final

__all__ = ["FBX_MAGIC", "MalformedError", "count_fbx", "count_obj"]

FBX_MAGIC: Final = b"Kaydara FBX Binary  \x00"
_FBX_HEAD_BYTES: Final = 27
_WIDE: Final = 7500
"""From this version on, lengths have eight bytes."""
_CORNERS: Final = b"PolygonVertexIndex"
_PIECE_BYTES: Final = 1 << 20
_DEEPEST: Final = 32
_MOST_CORNERS: Final = 200_000_000
"""More, no file within the limit of its size has."""
_FACE: Final = re.compile(rb"(?m)^[ \t]*f[ \t]+[-\d]")
_POINT: Final = re.compile(rb"(?m)^[ \t]*v[ \t]+[-+.\d]")


class MalformedError(Exception):
    """The file is not what it says."""


def count_obj(path: Path) -> int:
    """Count the polygons of an OBJ; 0 where it has no points.

    :raises OSError: it cannot be read.
    :raises MalformedError: it is no text.
    """
    faces, has_points, rest = 0, False, b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            if b"\0" in piece:
                raise MalformedError
            lines, end, last = (rest + piece).rpartition(b"\n")
            rest = last if end else rest + piece
            faces += len(_FACE.findall(lines))
            has_points = has_points or _POINT.search(lines) is not None
    faces += len(_FACE.findall(rest))
    return faces if has_points or _POINT.search(rest) else 0


def count_fbx(path: Path) -> int:
    """Count the polygons of a binary FBX.

    :raises OSError: it cannot be read.
    :raises MalformedError: it is none, or cut short.
    """
    with path.open("rb") as file:
        if file.read(len(FBX_MAGIC)) != FBX_MAGIC:
            raise MalformedError
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                (version,) = struct.unpack_from("<I", data, _FBX_HEAD_BYTES - 4)
                head = struct.Struct("<QQQB" if version >= _WIDE else "<IIIB")
                return _polygons(data, head, _FBX_HEAD_BYTES, len(data), depth=0)
            except (struct.error, zlib.error, ValueError) as error:
                raise MalformedError from error


def _polygons(data: mmap.mmap, head: struct.Struct, start: int, end: int, *, depth: int) -> int:
    """Count those of the nodes in a stretch, and of the nodes in them."""
    count = 0
    while start + head.size <= end:
        stop, _, properties_bytes, name_bytes = head.unpack_from(data, start)
        if not stop:
            return count
        if not start < stop <= end or depth > _DEEPEST:
            raise MalformedError
        at = start + head.size + name_bytes
        if data[at - name_bytes : at] == _CORNERS:
            count += _ends(data, at, stop)
        elif at + properties_bytes < stop:
            count += _polygons(data, head, at + properties_bytes, stop, depth=depth + 1)
        start = stop
    if depth == 0:  # the list of nodes has an end of its own
        raise MalformedError
    return count


def _ends(data: mmap.mmap, at: int, stop: int) -> int:
    """Count the corners that end a polygon: they are written as what is below 0."""
    kind, promised, packing, length = struct.unpack_from("<cIII", data, at)
    start = at + struct.calcsize("<cIII")
    if kind != b"i" or start + length > stop or promised > _MOST_CORNERS:
        raise MalformedError
    unpack = zlib.decompressobj() if packing else None
    count, seen, rest = 0, 0, b""
    for piece in range(start, start + length, _PIECE_BYTES):
        raw = data[piece : min(piece + _PIECE_BYTES, start + length)]
        while raw or rest:
            some = unpack.decompress(raw, _PIECE_BYTES) if unpack else raw
            raw = unpack.unconsumed_tail if unpack else b""
            if not some:
                break
            some = rest + some
            whole = len(some) - len(some) % 4
            rest = some[whole:]
            count += _negative(some[:whole])
            seen += whole // 4
            if seen > promised:  # there is no end to what a few bytes may unpack to
                raise MalformedError
    if seen < promised:
        raise MalformedError
    return count


def _negative(numbers: bytes) -> int:
    found = array("i", numbers)
    if sys.byteorder == "big":
        found.byteswap()
    return sum(number < 0 for number in found)
