# SPDX-License-Identifier: GPL-3.0-or-later
"""A GLB: a header, a chunk of JSON, and most often a chunk of bytes.

Source: glTF 2.0 specification, "GLB File Format Specification".
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Final

from .document import Flaw, GltfInfo, count, parse

__all__ = ["HEADER_BYTES", "MAGIC", "is_plain_text", "is_whole", "join", "json_length", "padded", "promises", "split"]

MAGIC: Final = b"glTF"
HEADER_BYTES: Final = 20
"""The file's header and the JSON chunk's."""
_LARGEST_GLB: Final = 2**32 - 1
_HEADER: Final = struct.Struct("<4sIIII")
_CHUNK: Final = struct.Struct("<II")
_JSON_CHUNK: Final = 0x4E4F534A
_BINARY_CHUNK: Final = 0x004E4942
_MAX_JSON_BYTES: Final = 64 * 1024 * 1024
_LOOK_BYTES: Final = 1024
_BOM: Final = b"\xef\xbb\xbf"


def json_length(header: bytes) -> int:
    """How many bytes of JSON follow the first :data:`HEADER_BYTES`.

    :raises Flaw: the header is not that of a GLB 2.0.
    """
    if len(header) < HEADER_BYTES or header[:4] != MAGIC:
        raise Flaw("is not a GLB file")
    version, _, length, kind = struct.unpack_from("<IIII", header, 4)
    if version != 2:
        raise Flaw(f"is a GLB of version {version}; only version 2 can be read")
    if kind != _JSON_CHUNK or length > _MAX_JSON_BYTES:
        raise Flaw("is damaged: its first part is not glTF JSON")
    return length


def split(data: memoryview) -> tuple[memoryview, memoryview | None, bool]:
    """Split a GLB into the JSON and the binary chunk, if there is one, and say whether it is as it should be.

    Lengths that are off, and what follows, do no harm as long as both are whole.

    :raises Flaw: it is no GLB, or not whole.
    """
    length = json_length(bytes(data[:HEADER_BYTES]))
    declared = struct.unpack_from("<I", data, 8)[0]
    end = HEADER_BYTES + length
    if end > len(data):
        raise Flaw(f"has {len(data)} bytes and its header says {declared}: it is not whole")
    text = data[HEADER_BYTES:end]
    is_exact = declared == len(data) and is_plain_text(text)
    for start in dict.fromkeys((end, end + -end % 4)):  # some writers do not count what they pad with
        if start + _CHUNK.size > len(data):
            break
        size, kind = _CHUNK.unpack_from(data, start)
        if kind == _BINARY_CHUNK:
            chunk = data[start + _CHUNK.size :][:size]
            if len(chunk) < size:
                raise Flaw(f"has {len(data)} bytes and its header says {declared}: it is not whole")
            return text, chunk, is_exact and start == end
    return text, None, is_exact


def is_plain_text(text: memoryview) -> bool:
    """Whether there is nothing around the JSON that not every reader takes."""
    return bytes(text[:3]) != _BOM and b"\0" not in bytes(text[-_LOOK_BYTES:])


def join(file: BinaryIO, text: bytes, pieces: Sequence[bytes | memoryview]) -> None:
    """Write a GLB.

    :param text: the JSON.
    :param pieces: what the binary chunk is made of, each at a multiple of four bytes.
    :raises OSError: it cannot be written, or is too large.
    """
    text += b" " * (-len(text) % 4)
    size_bytes = sum(map(padded, pieces))
    total_bytes = _HEADER.size + len(text) + (_CHUNK.size + size_bytes if pieces else 0)
    if total_bytes > _LARGEST_GLB:
        raise OSError(errno.EFBIG, "too large for a GLB")
    file.write(_HEADER.pack(MAGIC, 2, total_bytes, len(text), _JSON_CHUNK) + text)
    if pieces:
        file.write(_CHUNK.pack(size_bytes, _BINARY_CHUNK))
    for piece in pieces:
        file.write(piece)
        file.write(bytes(padded(piece) - len(piece)))


def padded(data: bytes | memoryview) -> int:
    """How many bytes it takes up to the next multiple of four."""
    return len(data) + -len(data) % 4


def is_whole(path: Path) -> bool:
    """Whether a file is a GLB to its last byte, whatever is in it.

    :raises OSError: it cannot be read.
    """
    try:
        text, _, is_exact = split(memoryview(path.read_bytes()))
        parse(bytes(text))
    except Flaw:
        return False
    return is_exact


def promises(text: bytes) -> GltfInfo:
    """What a GLB will hold, by its JSON alone.

    :raises Flaw: it cannot be read.
    """
    return count(parse(text))
