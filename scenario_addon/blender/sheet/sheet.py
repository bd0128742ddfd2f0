# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet drawn as a PNG, a line of pictures at a time. Main thread only.

What is open stays as it is: each picture is loaded and gone again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np

from ...engine.errors import DiskError, PictureError
from ...engine.files import whole
from ...engine.host import Strip, Tile
from ..picture.pixels import standard_scene
from .layout import Layout, Place, arrange
from .lettering import Lettering
from .pictures import shrunk
from .png import PngWriter

__all__ = ["draw_sheet"]

_Colour = tuple[int, int, int]
_SHEET: Final[_Colour] = (29, 29, 29)
_STRIP: Final[_Colour] = (44, 44, 44)
_GROUND: Final[_Colour] = (64, 64, 64)
_FAILED: Final[_Colour] = (62, 44, 42)
_BRIGHT: Final[_Colour] = (232, 232, 232)
_DIM: Final[_Colour] = (170, 170, 170)
_COMPLAINT: Final[_Colour] = (240, 165, 150)


def draw_sheet(strips: Sequence[Strip], png: Path) -> int:
    """Draw each source with what was made of it beside it, strip after strip, about as wide as high.

    Decoding takes most of the time: up to 0.3 s for a picture of 4,096 px.

    :param png: written whole; what is there is replaced.
    :return: how many results there is no room for, within 8,192 px a side.
    :raises DiskError: it cannot be written.
    """
    layout = arrange([len(strip.results) for strip in strips])
    try:
        png.parent.mkdir(parents=True, exist_ok=True)
        with (
            whole(png) as file,
            standard_scene() as scene,
            tempfile.TemporaryDirectory(prefix="scenario-") as folder,
        ):
            pen = _Pen(layout, lambda path: _picture(path, layout, scene=scene, temporary=Path(folder)))
            writer = PngWriter(file, layout.width_px, layout.height_px)
            writer.add(_plain(layout.gap_px, layout.width_px))
            for line in layout.lines:
                writer.add(pen.line(strips, line))
            writer.end()
    except OSError as error:
        raise DiskError(f"{png} could not be written: {error.strerror or error}.") from error
    return layout.left_out


def _picture(path: Path, layout: Layout, **more: Any) -> np.ndarray | str:
    """A picture, or words that say why there is none."""
    try:
        return shrunk(path, layout.side_px, ground=_GROUND, **more) if path.is_file() else "The picture is gone."
    except (RuntimeError, PictureError, OSError):
        return "The picture cannot be read."


def _plain(height_px: int, width_px: int) -> np.ndarray:
    return np.full((height_px, width_px, 3), _SHEET, dtype=np.uint8)


class _Pen:
    """:param picture: gives a picture file's pixels, or words."""

    def __init__(self, layout: Layout, picture: Callable[[Path], np.ndarray | str]) -> None:
        self._layout, self._picture = layout, picture
        self._letters = Lettering(layout.text_px, layout.leading_px)

    def line(self, strips: Sequence[Strip], places: Sequence[Place]) -> np.ndarray:
        """Draw a line of tiles, with the gap under it."""
        layout, gap_px = self._layout, self._layout.gap_px
        pixels = _plain(layout.line_px, layout.width_px)
        step_px = layout.side_px + gap_px
        for number, group in groupby(places, key=lambda place: place.strip):
            columns = [place.column for place in group]
            edge_px = gap_px // 4
            left_px = gap_px + columns[0] * step_px - edge_px
            pixels[: layout.tile_height_px + edge_px, left_px : (columns[-1] + 1) * step_px + edge_px] = _STRIP
            strip = strips[number]
            for place in (place for place in places if place.strip == number):
                tile = strip.results[place.tile - 1] if place.tile else strip.source
                left_px = gap_px + place.column * step_px
                self._draw(pixels[: layout.tile_height_px, left_px : left_px + layout.side_px], tile)
        return pixels

    def _draw(self, pixels: np.ndarray, tile: Tile) -> None:
        side_px = self._layout.side_px
        picture = self._picture(tile.picture) if tile.picture is not None else tile.words
        frame = pixels[:side_px]
        frame[:] = _FAILED if tile.is_failure else _GROUND
        if isinstance(picture, str):
            self._fill(frame, picture, _COMPLAINT if tile.is_failure else _DIM)
        else:
            height_px, width_px, _ = picture.shape
            top_px, left_px = (side_px - height_px) // 2, (side_px - width_px) // 2
            frame[top_px : top_px + height_px, left_px : left_px + width_px] = picture
        titles = self._letters.wrapped(tile.title, side_px, self._layout.words - len(tile.lines))
        lines = [*((title, _BRIGHT) for title in titles), *((line, _DIM) for line in tile.lines)]
        for number, (text, colour) in enumerate(lines[: self._layout.words]):
            self._write(pixels, side_px + number * self._layout.leading_px, text, colour)

    def _fill(self, frame: np.ndarray, words: str, colour: _Colour) -> None:
        """Write words in place of a picture."""
        leading_px, inset_px = self._layout.leading_px, self._layout.gap_px
        height_px, width_px, _ = frame.shape
        most = (height_px - 2 * inset_px) // leading_px
        lines = self._letters.wrapped(words, width_px - 2 * inset_px, most)
        top_px = (height_px - len(lines) * leading_px) // 2
        for number, text in enumerate(lines):
            self._write(frame[:, inset_px:-inset_px], top_px + number * leading_px, text, colour)

    def _write(self, pixels: np.ndarray, top_px: int, text: str, colour: _Colour) -> None:
        line = pixels[top_px : top_px + self._layout.leading_px]
        self._letters.draw(line, self._letters.fitted(text, line.shape[1]), colour)
