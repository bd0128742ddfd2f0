# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a PNG as they are stored: whether they are all there, and whether anything is to be seen on them.

Each row is stored as differences to its neighbours, by one of five filters. Most questions can be asked of the
differences: where alpha is 0 on all neighbours, the stored byte is the alpha itself; and of a picture of one colour
each filter makes one certain row. Only pixels smaller than a byte, and palettes, have to be restored first.
Source: PNG specification, 7 to 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Final

from .png import Format

__all__ = ["Scanlines"]

_PASSES: Final = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Of an interlaced picture: first column and row, and the steps from one to the next."""
_FILTERS: Final = bytes(range(5))
_EFFORT: Final = (0, 1, 1, 2, 4)
"""What it takes to restore a byte, by filter; about 0.1 microseconds are 1."""
_MOST_EFFORT: Final = 40_000_000
"""What hides behind more is taken to show something."""

_Proof = Callable[[bytes, int, bool], bool]
"""Whether a row, given as it is stored, with its width and whether it is the first of its pass, shows nothing yet."""


class Scanlines:
    """Takes a picture's unpacked data in pieces of any size, and judges its rows as they become whole.

    :param palette: of a picture with one: the colours, three bytes each.
    :param transparency: what is transparent in a picture without alpha: each colour's alpha, or one sample a channel.
    """

    def __init__(self, form: Format, *, palette: bytes, transparency: bytes) -> None:
        self.left_bytes = 0
        """How much is to come."""
        self._passes: list[tuple[int, int]] = list(_passes(form))
        self._bits = form.depth * form.channels
        for width_px, height_px in self._passes:
            self.left_bytes += self._stride(width_px) * height_px
        self._buffer = bytearray()
        self._row = 0
        self._clear, self._uniform = _proofs(form, palette=palette, transparency=transparency)

    @property
    def is_transparent(self) -> bool:
        """Whether all rows so far are transparent everywhere."""
        return self._clear is not None

    @property
    def is_uniform(self) -> bool:
        """Whether all rows so far are of one colour."""
        return self._uniform is not None

    def take(self, data: bytes) -> None:
        """Judge the next piece of data, no more than is to come.

        :raises ValueError: a row is stored in a way that does not exist.
        """
        self.left_bytes -= len(data)
        self._buffer += data
        while self._passes:
            width_px, height_px = self._passes[0]
            stride = self._stride(width_px)
            count = min(len(self._buffer) // stride, height_px - self._row)
            block = bytes(self._buffer[: count * stride])
            del self._buffer[: count * stride]
            self._judge(block, stride, width_px)
            self._row += count
            if self._row < height_px:
                return
            self._passes.pop(0)
            self._row = 0

    def _stride(self, width_px: int) -> int:
        return 1 + (width_px * self._bits + 7) // 8

    def _judge(self, block: bytes, stride: int, width_px: int) -> None:
        if block[::stride].translate(None, _FILTERS):
            raise ValueError("an unknown filter")
        for start in range(0, len(block), stride):
            if self._clear is None and self._uniform is None:
                return
            row, is_first = block[start : start + stride], self._row == 0 and start == 0
            if self._clear is not None and not self._clear(row, width_px, is_first):
                self._clear = None
            if self._uniform is not None and not self._uniform(row, width_px, is_first):
                self._uniform = None


def _passes(form: Format) -> Iterator[tuple[int, int]]:
    """Width and height of each part that is stored by itself; empty ones are not stored at all."""
    if not form.is_interlaced:
        yield form.width_px, form.height_px
        return
    for column, row, right, down in _PASSES:
        width_px, height_px = -(-(form.width_px - column) // right), -(-(form.height_px - row) // down)
        if width_px > 0 and height_px > 0:
            yield width_px, height_px


def _proofs(form: Format, *, palette: bytes, transparency: bytes) -> tuple[_Proof | None, _Proof | None]:
    """What shows that a picture is transparent everywhere (``None`` where it cannot be), and of one colour."""
    if form.has_palette:
        colours = _colours(palette, transparency)
        clear = frozenset(number for number, colour in enumerate(colours) if colour[3] == 0)
        alike = [frozenset(n for n, other in enumerate(colours) if other == colour) for colour in colours]
        return _samples(form.depth, clear=clear, alike=alike)
    if form.has_alpha:
        return _ClearAlpha(form), _OneColour(form.channels * form.depth // 8)
    key = _key(form, transparency)
    if form.depth < 8:
        alike = [frozenset([number]) for number in range(1 << form.depth)]
        return _samples(form.depth, clear=frozenset(key), alike=alike)
    size = form.channels * form.depth // 8
    return _OneColour(size, key) if key else None, _OneColour(size)


def _colours(palette: bytes, transparency: bytes) -> list[bytes]:
    """All 256 colours with alpha; what a palette leaves out is black."""
    alphas = (transparency if len(transparency) <= len(palette) // 3 else b"").ljust(256, b"\xff")
    colours = palette.ljust(768, b"\0")
    return [colours[3 * number : 3 * number + 3] + alphas[number : number + 1] for number in range(256)]


def _key(form: Format, transparency: bytes) -> bytes:
    """The transparent colour as a pixel's bytes, or as one sample in a byte; empty for none."""
    if len(transparency) != 2 * form.channels:
        return b""
    if form.depth == 16:
        return transparency
    return bytes(sample & ((1 << form.depth) - 1) for sample in transparency[1::2])


class _ClearAlpha:
    """Holds while alpha is 0 on every pixel."""

    def __init__(self, form: Format) -> None:
        sample = form.depth // 8
        self._step = form.channels * sample
        self._first = range(1 + self._step - sample, 1 + self._step)

    def __call__(self, row: bytes, width_px: int, is_first: bool) -> bool:
        return not any(row[first :: self._step].strip(b"\0") for first in self._first)


class _OneColour:
    """Holds while every pixel has the same bytes; for pixels of whole bytes.

    :param colour: which ones; ``None`` for those of the first pixel.
    """

    def __init__(self, size: int, colour: bytes | None = None) -> None:
        self._size, self._colour = size, colour
        self._expected: tuple[bytes, ...] = ()

    def __call__(self, row: bytes, width_px: int, is_first: bool) -> bool:
        if is_first:
            colour = self._colour or row[1 : 1 + self._size]  # with no neighbours, every filter leaves it as it is
            self._colour, self._expected = colour, _first_rows(colour, width_px)
        expected = self._expected[row[0]]
        if is_first:
            self._expected = _later_rows(self._colour or b"", width_px)
        return row[1:] == expected


def _first_rows(colour: bytes, width_px: int) -> tuple[bytes, ...]:
    """What each filter makes of a row of one colour with nothing above it."""
    same, nothing = colour * width_px, bytes(len(colour)) * (width_px - 1)
    halves = bytes(value - (value >> 1) for value in colour)
    return same, colour + nothing, same, colour + halves * (width_px - 1), colour + nothing


def _later_rows(colour: bytes, width_px: int) -> tuple[bytes, ...]:
    """What each filter makes of it below a row of the same colour."""
    nothing = bytes(len(colour)) * (width_px - 1)
    halves = bytes(value - (value >> 1) for value in colour)
    none = bytes(len(colour)) + nothing
    return colour * width_px, colour + nothing, none, halves + nothing, none


def _samples(
    depth: int, *, clear: frozenset[int], alike: Sequence[frozenset[int]]
) -> tuple[_Proof | None, _Proof | None]:
    """The same for pixels of one sample, of a byte or less.

    :param clear: the samples that are transparent.
    :param alike: for each sample, those that look like it.
    """
    rows = _Restored()
    return _Samples(depth, rows, allowed=clear) if clear else None, _Samples(depth, rows, alike=alike)


class _Samples:
    """Holds while every pixel is one of some; the first pixel decides which ones where nobody has said so."""

    def __init__(
        self,
        depth: int,
        rows: _Restored,
        *,
        allowed: frozenset[int] | None = None,
        alike: Sequence[frozenset[int]] = (),
    ) -> None:
        self._depth, self._rows, self._alike = depth, rows, alike
        self._allowed: frozenset[int] | None = None
        self._bytes = b""
        if allowed is not None:
            self._allow(allowed)

    def __call__(self, row: bytes, width_px: int, is_first: bool) -> bool:
        line = self._rows.restore(row, is_first=is_first)
        if line is None:
            return False
        if self._allowed is None:
            self._allow(self._alike[line[0] >> (8 - self._depth)])
        rest = width_px % (8 // self._depth)
        whole = line[:-1] if rest else line
        if whole.translate(None, self._bytes):
            return False
        return not rest or self._covers(line[-1], rest)

    def _allow(self, samples: frozenset[int]) -> None:
        self._allowed = samples
        self._bytes = bytes(value for value in range(256) if self._covers(value, 8 // self._depth))

    def _covers(self, value: int, count: int) -> bool:
        """Whether the first samples in a byte are among those that are allowed."""
        shifts = range(8 - self._depth, 8 - self._depth * (count + 1), -self._depth)
        mask = (1 << self._depth) - 1
        return all(value >> shift & mask in (self._allowed or ()) for shift in shifts)


class _Restored:
    """Restores rows of pixels of a byte or less, one after the other; each may be asked for several times."""

    def __init__(self) -> None:
        self._row, self._line = b"", b""
        self._effort = 0

    def restore(self, row: bytes, *, is_first: bool) -> bytes | None:
        """Give the bytes of a row as they were before they were filtered; ``None`` when it has become too much.

        :param is_first: whether nothing is above it.
        """
        if row is not self._row:
            above = bytes(len(row) - 1) if is_first else self._line
            self._row, self._line = row, self._restored(row[0], row[1:], above)
        return self._line if self._effort <= _MOST_EFFORT else None

    def _restored(self, number: int, row: bytes, above: bytes) -> bytes:
        if not row.strip(b"\0"):
            if number == 2 or (number == 4 and above == above[:1] * len(above)):
                return above
            if number == 1:
                return row
        self._effort += _EFFORT[number] * len(row)
        return _RESTORE[number](row, above)


def _from_left(row: bytes, above: bytes) -> bytes:
    return bytes(value & 255 for value in accumulate(row))


def _from_above(row: bytes, above: bytes) -> bytes:
    return bytes(value + up & 255 for value, up in zip(row, above, strict=True))


def _from_both(row: bytes, above: bytes) -> bytes:
    line, left = bytearray(), 0
    for value, up in zip(row, above, strict=True):
        left = value + (left + up >> 1) & 255
        line.append(left)
    return bytes(line)


def _from_nearest(row: bytes, above: bytes) -> bytes:
    line, left, corner = bytearray(), 0, 0
    for value, up in zip(row, above, strict=True):
        to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
        nearest = left if to_left <= to_up and to_left <= to_corner else up if to_up <= to_corner else corner
        left, corner = value + nearest & 255, up
        line.append(left)
    return bytes(line)


_RESTORE: Final[tuple[Callable[[bytes, bytes], bytes], ...]] = (
    lambda row, above: row,
    _from_left,
    _from_above,
    _from_both,
    _from_nearest,
)
"""By filter, for pixels of one byte or less."""
