# SPDX-License-Identifier: GPL-3.0-or-later
"""One pass over a PNG from its first byte to its last: is all of it there and sound, and does it show anything?"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import BinaryIO, Final

from .flaws import MOST_PARTS, DamagedError, check_size
from .png import Chunk, Format, chunks, format_from
from .scanlines import Scanlines

__all__ = ["Survey", "survey"]

_BLOCK_BYTES: Final = 1 << 20
_SMALL_CHUNKS: Final = {b"IHDR": 13, b"PLTE": 768, b"tRNS": 256}
"""What is needed of a PNG beside its pixels, and how long it can be."""


@dataclass(frozen=True, slots=True)
class Survey:
    width_px: int
    height_px: int
    is_whole: bool
    """Whether all that stands beside the pixels is sound too, up to the end chunk."""
    is_transparent: bool
    is_uniform: bool


def survey(file: BinaryIO, *, size_bytes: int) -> Survey:
    """Look at all of a PNG; takes time in proportion to its pixels, and memory for a few rows of them. Any thread.

    :raises DamagedError: its pixels are not all there, or not as they were written.
    :raises ValueError: it ends, or loses its way, before its pixels; or its pixels are too many to be looked at.
    """
    walk = _Walk(file, size_bytes)
    for number, chunk in enumerate(chunks(file)):
        if number == MOST_PARTS:
            raise ValueError("too many parts")
        if not walk.take(chunk):
            break
    return walk.result()


class _Walk:
    """What is known after some of the chunks."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file, self._size_bytes = file, size_bytes
        self._form: Format | None = None
        self._pixels: _Pixels | None = None
        self._small = {b"PLTE": b"", b"tRNS": b""}
        self._is_spoiled = self._is_ended = False

    def take(self, chunk: Chunk) -> bool:
        """Look at one more chunk; ``False`` where it is the last one.

        :raises ValueError: as :func:`survey` says.
        """
        if (chunk.kind == b"IHDR") is not (self._form is None):
            raise ValueError("a header in another place")
        if self._pixels is not None and self._pixels.lines.left_bytes and chunk.kind != b"IDAT":
            raise DamagedError("some of its pixels are missing")
        is_cut = chunk.start + chunk.length + 4 > self._size_bytes
        if chunk.kind == b"IDAT":
            if is_cut:
                raise DamagedError
            self._take_pixels(chunk)
        elif is_cut:
            return False
        elif not self._take_other(chunk):
            self._is_spoiled = True
        return chunk.kind != b"IEND"

    def _take_pixels(self, chunk: Chunk) -> None:
        if self._form is None:
            raise ValueError("no header")
        if self._pixels is None:
            palette, transparency = self._small.values()
            if self._form.has_palette and not palette:
                raise DamagedError("its palette is missing")
            lines = Scanlines(self._form, palette=palette, transparency=transparency)
            self._pixels = _Pixels(lines)
        if not self._is_sound(chunk, self._pixels):
            raise DamagedError("a checksum is wrong")

    def _take_other(self, chunk: Chunk) -> bool:
        """Whether a chunk without pixels is sound.

        :raises DamagedError: it is not, and has to be.
        """
        if chunk.is_critical and chunk.kind not in (b"IHDR", b"PLTE", b"IEND"):
            raise ValueError("a part that nobody knows")
        is_small = chunk.length <= _SMALL_CHUNKS.get(chunk.kind, -1)
        content = self._file.read(chunk.length) if is_small else b""
        self._file.seek(chunk.start)
        if not self._is_sound(chunk, None):
            if chunk.is_critical and chunk.kind != b"IEND":
                raise DamagedError("a checksum is wrong")
            return False
        if chunk.kind == b"IHDR":
            self._form = _checked(content)
        elif chunk.kind == b"IEND":
            self._is_ended = True
        elif chunk.kind in self._small and self._pixels is None:
            has_to_wait = chunk.kind == b"tRNS" and self._form is not None and self._form.has_palette
            if not (has_to_wait and not self._small[b"PLTE"]):
                self._small[chunk.kind] = content
        return True

    def _is_sound(self, chunk: Chunk, pixels: _Pixels | None) -> bool:
        """Read a chunk's content to the end, and compare its checksum."""
        check, left_bytes = zlib.crc32(chunk.kind), chunk.length
        while left_bytes:
            block = self._file.read(min(left_bytes, _BLOCK_BYTES))
            if not block:
                return False
            left_bytes -= len(block)
            check = zlib.crc32(block, check)
            if pixels is not None:
                pixels.take(block)
        return check == int.from_bytes(self._file.read(4), "big")

    def result(self) -> Survey:
        """Say what there is.

        :raises ValueError: as :func:`survey` says.
        """
        form, pixels = self._form, self._pixels
        if form is None or pixels is None:
            raise ValueError("no pixels")
        if pixels.lines.left_bytes or not pixels.is_through:
            raise DamagedError("some of its pixels are missing")
        return Survey(
            form.width_px,
            form.height_px,
            is_whole=self._is_ended and not self._is_spoiled,
            is_transparent=pixels.lines.is_transparent,
            is_uniform=pixels.lines.is_uniform,
        )


def _checked(header: bytes) -> Format:
    try:
        form = format_from(header)
    except ValueError as error:
        raise DamagedError("its header makes no sense") from error
    check_size(form.width_px, form.height_px)
    return form


class _Pixels:
    """Unpacks the data of the pixels, a piece at a time."""

    def __init__(self, lines: Scanlines) -> None:
        self.lines = lines
        self.is_through = False
        """Whether the packed data ends, or goes on to something that is not needed, which no decoder minds."""
        self._unpacker = zlib.decompressobj()

    def take(self, block: bytes) -> None:
        """Unpack a piece, no further than the pixels go.

        :raises DamagedError: it cannot be unpacked.
        """
        while not self.is_through:
            left_bytes = self.lines.left_bytes
            most_bytes = min(_BLOCK_BYTES, left_bytes) or 1  # to find the end, or that there is more
            try:
                data = self._unpacker.decompress(block, most_bytes)
                if left_bytes:
                    self.lines.take(data)
            except (zlib.error, ValueError) as error:
                raise DamagedError("its pixels cannot be unpacked") from error
            block = self._unpacker.unconsumed_tail
            self.is_through = self._unpacker.eof or (bool(data) and not left_bytes)
            if not block and len(data) < most_bytes:
                return
