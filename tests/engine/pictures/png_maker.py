# SPDX-License-Identifier: GPL-3.0-or-later
"""A PNG of any kind, made of its samples: every depth and colour type, every filter, interlaced or not."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tests.engine.pictures.containers import png_of

__all__ = ["Kind", "make_png"]

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True)
class Kind:
    """Bits of a sample, and the colour type: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha."""

    depth: int
    colour: int

    @property
    def channels(self) -> int:
        return _CHANNELS[self.colour]


def make_png(
    kind: Kind,
    size: tuple[int, int],
    pixel: Callable[[int, int], Sequence[int]],
    *,
    filters: Sequence[int] = (0,),
    is_interlaced: bool = False,
    palette: bytes = b"",
    transparency: bytes = b"",
    padding: int = 0,
) -> bytes:
    """Make a PNG.

    :param pixel: the samples at a column and row.
    :param filters: of the rows, over and over.
    :param padding: the bit that fills up a row of pixels smaller than a byte.
    """
    width, height = size
    passes = _PASSES if is_interlaced else ((0, 0, 1, 1),)
    data = b"".join(
        _rows(
            kind, [[pixel(x, y) for x in range(left, width, right)] for y in range(top, height, down)], filters, padding
        )
        for left, top, right, down in passes
        if left < width
    )
    header = struct.pack(">IIBBBBB", width, height, kind.depth, kind.colour, 0, 0, is_interlaced)
    extra = [(b"PLTE", palette)] if palette else []
    extra += [(b"tRNS", transparency)] if transparency else []
    return png_of([(b"IHDR", header), *extra, (b"IDAT", zlib.compress(data)), (b"IEND", b"")])


def _rows(kind: Kind, rows: list[list[Sequence[int]]], filters: Sequence[int], padding: int) -> bytes:
    distance, made = max(1, kind.depth * kind.channels // 8), bytearray()
    above = b""
    for number, row in enumerate(rows):
        line = _packed([sample for samples in row for sample in samples], kind.depth, padding)
        above = above or bytes(len(line))
        filter_type = filters[number % len(filters)]
        made.append(filter_type)
        guesses = _guesses(line, above, distance, filter_type)
        made += bytes((value - guess) & 255 for value, guess in zip(line, guesses, strict=True))
        above = line
    return bytes(made)


def _packed(samples: list[int], depth: int, padding: int) -> bytes:
    if depth >= 8:
        return b"".join(sample.to_bytes(depth // 8, "big") for sample in samples)
    bits = "".join(f"{sample:0{depth}b}" for sample in samples)
    bits += str(padding) * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _guesses(line: bytes, above: bytes, distance: int, filter_type: int) -> Iterator[int]:
    for i, up in enumerate(above):
        left, corner = (line[i - distance], above[i - distance]) if i >= distance else (0, 0)
        nearest = min((left, up, corner), key=lambda value: abs(left + up - corner - value))
        yield (0, left, up, (left + up) // 2, nearest)[filter_type]
