# SPDX-License-Identifier: GPL-3.0-or-later
"""Words on pixels, in Blender's own font and in those that it falls back to for other scripts. Main thread only.

Blender draws text with the graphics card, and from some version on into images. What every version can do, also where
there is no graphics card, is to give the outlines of letters as a mesh: these are filled here, once for each letter.
Blender's own filling of them leaves holes where outlines overlap, as they do in fonts of variable weight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import bpy
import numpy as np

__all__ = ["Lettering"]

_FINE: Final = 4
"""Samples to a pixel, each way."""
_BASELINE: Final = 1.0
"""From the top of a line, in text sizes."""
_MARK: Final = "|"
"""A letter that has an outline, to measure others between."""
_CUT: Final = "…"
_TAIL: Final = 1 / 3
"""Of a name that is cut, the part at its end: names of many things often differ there."""


@dataclass(frozen=True, slots=True)
class _Glyph:
    ink: np.ndarray
    """Where it is drawn, in samples: as many rows as a line has."""
    left: int
    """Of the first column, from where the letter stands."""
    advance: float
    """To where the next letter stands."""


class Lettering:
    """:param size_px: of the letters.

    :param leading_px: the height of a line.
    """

    def __init__(self, size_px: int, leading_px: int) -> None:
        self.leading_px = leading_px
        self._scale = size_px * _FINE
        self._glyphs: dict[str, _Glyph] = {}
        self._marks = _right(_outline(_MARK * 2))

    def width_px(self, text: str) -> int:
        return math.ceil(sum(self._glyph(char).advance for char in text) / _FINE)

    def fitted(self, text: str, width_px: int) -> str:
        """The text, or what fits of its beginning and its end."""
        if self.width_px(text) <= width_px:
            return text
        for kept in range(len(text) - 1, 0, -1):
            tail = int(kept * _TAIL)
            cut = text[: kept - tail].rstrip() + _CUT + text[len(text) - tail :].lstrip()
            if self.width_px(cut) <= width_px:
                return cut
        return _CUT

    def wrapped(self, text: str, width_px: int, most: int) -> list[str]:
        """The text in at most so many lines, of which the last one is cut if need be."""
        lines: list[str] = []
        rest = " ".join(text.split())
        while rest and len(lines) < most - 1:
            end = self._end(rest, width_px)
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return [*lines, self.fitted(rest, width_px)] if rest else lines

    def draw(self, pixels: np.ndarray, text: str, colour: tuple[int, int, int]) -> None:
        """Write a line of text.

        :param pixels: RGB of 0 to 255, the highest row first, as high as a line: what does not fit is not drawn.
        """
        height_px, width_px, _ = pixels.shape
        ink = np.zeros((height_px * _FINE, width_px * _FINE), dtype=bool)
        at = 0.0
        for char in text:
            glyph = self._glyph(char)
            first = round(at) + glyph.left
            start, end = max(first, 0), min(first + glyph.ink.shape[1], ink.shape[1])
            if start < end:
                rows = min(len(ink), len(glyph.ink))
                ink[:rows, start:end] |= glyph.ink[:rows, start - first : end - first]
            at += glyph.advance
        cover = ink.reshape(height_px, _FINE, width_px, _FINE).mean(axis=(1, 3))[..., None]
        pixels[:] = np.rint(pixels + (np.array(colour) - pixels) * cover).astype(np.uint8)

    def _end(self, text: str, width_px: int) -> int:
        """Where a line ends: behind the last word that fits, or behind the last letter."""
        at = 0.0
        for number, char in enumerate(text):
            at += self._glyph(char).advance
            if at > width_px * _FINE:
                space = text.rfind(" ", 0, number + 1)
                return space if space > 0 else max(1, number)
        return len(text)

    def _glyph(self, char: str) -> _Glyph:
        char = " " if char.isspace() else char
        if char not in self._glyphs:
            self._glyphs[char] = self._made(char)
        return self._glyphs[char]

    def _made(self, char: str) -> _Glyph:
        edges = _outline(char) * self._scale
        advance = max(0.0, _right(_outline(_MARK + char + _MARK)) - self._marks) * self._scale
        left = math.floor(edges[..., 0].min()) if len(edges) else 0
        columns = math.ceil(_right(edges)) - left if len(edges) else 0
        edges[..., 0] -= left
        edges[..., 1] = _BASELINE * self._scale - edges[..., 1]
        return _Glyph(_filled(edges, self.leading_px * _FINE, columns), left, advance)


def _outline(text: str) -> np.ndarray:
    """The edges of a text of size 1, each from one point to another: all of an outline go the same way around."""
    curve: Any = bpy.data.curves.new("Scenario letter", "FONT")
    obj = bpy.data.objects.new("Scenario letter", curve)
    try:
        curve.body, curve.size, curve.resolution_u, curve.fill_mode = text, 1.0, 4, "NONE"
        mesh: Any = obj.to_mesh()
        if mesh is None:  # there is nothing to be seen, as of a space
            return np.empty((0, 2, 2), dtype=np.float32)
        points = np.empty(len(mesh.vertices) * 3, dtype=np.float32)
        mesh.vertices.foreach_get("co", points)
        edges = np.empty(len(mesh.edges) * 2, dtype=np.int32)
        mesh.edges.foreach_get("vertices", edges)
        obj.to_mesh_clear()
    finally:
        bpy.data.objects.remove(obj)
        bpy.data.curves.remove(curve)
    return points.reshape(-1, 3)[edges.reshape(-1, 2), :2]


def _right(edges: np.ndarray) -> float:
    return float(edges[..., 0].max()) if len(edges) else 0.0


def _filled(edges: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Which samples are inside of outlines: those that they go around, also where two of them overlap.

    :param edges: in samples, downwards from the highest row.
    """
    turns = np.zeros((rows, columns), dtype=np.int16)
    x, y = np.arange(columns) + 0.5, np.arange(rows) + 0.5
    for (x0, y0), (x1, y1) in edges:
        first, last = np.searchsorted(y, (min(y0, y1), max(y0, y1)))
        if first < last:
            crossed = x0 + (y[first:last] - y0) * ((x1 - x0) / (y1 - y0))
            turns[first:last] += (x > crossed[:, None]) * np.int16(1 if y1 > y0 else -1)
    return turns != 0
