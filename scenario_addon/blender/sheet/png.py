# SPDX-License-Identifier: GPL-3.0-or-later
"""A PNG written a few rows at a time, so that a large picture is never in memory as a whole.

Source: PNG specification, third edition.
"""

from __future__ import annotations

import struct
import zlib
from typing import IO, Final

import numpy as np

__all__ = ["PngWriter"]

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_LEVEL: Final = 6
_RGB: Final = 2
_RGBA: Final = 6
_UP: Final = 2
"""The filter: each byte less the one above it."""


class PngWriter:
    """RGB of 8 bits a sample, sRGB.

    :param file: is written to from where it stands.
    :param has_alpha: RGBA instead.
    :param level: how hard it is packed, as zlib has it.
    """

    def __init__(
        self, file: IO[bytes], width_px: int, height_px: int, *, has_alpha: bool = False, level: int = _LEVEL
    ) -> None:
        self._file = file
        self._packer = zlib.compressobj(level)
        self._above = np.zeros((1, width_px, 4 if has_alpha else 3), dtype=np.uint8)
        file.write(_MAGIC)
        kind = _RGBA if has_alpha else _RGB
        self._chunk(b"IHDR", struct.pack(">IIBBBBB", width_px, height_px, 8, kind, 0, 0, 0))
        self._chunk(b"sRGB", b"\0")

    def add(self, pixels: np.ndarray) -> None:
        """Write the next rows, the highest first.

        :param pixels: of 0 to 255, as wide as the picture.
        """
        rows = np.concatenate((self._above, pixels))
        filtered = np.diff(rows.reshape(len(rows), -1), axis=0)  # bytes wrap around, as they are meant to
        kinds = np.full((len(filtered), 1), _UP, dtype=np.uint8)
        self._above = pixels[-1:]
        self._data(self._packer.compress(np.hstack((kinds, filtered)).tobytes()))

    def end(self) -> None:
        """Write what is left, once all rows are there."""
        self._data(self._packer.flush())
        self._chunk(b"IEND", b"")

    def _data(self, packed: bytes) -> None:
        if packed:
            self._chunk(b"IDAT", packed)

    def _chunk(self, kind: bytes, data: bytes) -> None:
        self._file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))
