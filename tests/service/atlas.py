# SPDX-License-Identifier: GPL-3.0-or-later
"""The texture maps of a relief: every view has a tile on one square sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .glb import Material
from .pictures import encoded, luminance, seamless

__all__ = ["Atlas", "paint"]

_MAPS_PX: Final = 1024
"""Metalness, roughness and normals are worked out no finer than this, then enlarged."""
_INSET: Final = 0.002


@dataclass(frozen=True, slots=True)
class Atlas:
    """Which view has which tile: row by row, on a square of ``side`` by ``side`` tiles."""

    views: tuple[str, ...]
    side: int

    @classmethod
    def of(cls, views: tuple[str, ...]) -> Atlas:
        """The sheet for these views."""
        return cls(views, int(np.ceil(len(views) ** 0.5)))

    def place(self, view: str, uvs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Coordinates on a view's picture to coordinates on the sheet."""
        row, column = divmod(self.views.index(view), self.side)
        inside = np.clip(uvs, _INSET, 1 - _INSET)
        placed: NDArray[np.float64] = (inside + np.array([column, row])) / self.side
        return placed


def paint(views: dict[str, Image.Image], *, texture_px: int, pbr: bool, roughness: float) -> Material:
    """The maps for these pictures.

    :param texture_px: side of the square maps.
    :param pbr: with metalness, roughness and normals.
    :param roughness: mean roughness, from 0 to 1.
    """
    sheet = _sheet(views, texture_px)
    base_color = encoded(sheet, "JPEG")
    if not pbr:
        return Material(base_color)
    small = sheet.resize((min(texture_px, _MAPS_PX),) * 2, Image.Resampling.BOX)
    light = luminance(small.convert("RGBA"), small.size)
    surface = np.zeros((*light.shape, 3), dtype=np.uint8)
    surface[..., 0] = 255
    surface[..., 1] = np.clip(255 * (roughness + 0.3 * (0.5 - light)), 0, 255)
    down, across = np.gradient(light)
    normals = np.stack([-4 * across, 4 * down, np.ones_like(light)], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return Material(base_color, _map(surface, texture_px), _map((127.5 * (normals + 1)).astype(np.uint8), texture_px))


def _sheet(views: dict[str, Image.Image], texture_px: int) -> Image.Image:
    atlas = Atlas.of(tuple(views))
    tile_px = texture_px // atlas.side
    sheet = Image.new("RGB", (texture_px, texture_px), (128, 128, 128))
    for index, picture in enumerate(views.values()):
        row, column = divmod(index, atlas.side)
        tile = seamless(picture, tile_px)
        sheet.paste(tile, (column * tile_px, row * tile_px))
    return sheet


def _map(pixels: NDArray[np.uint8], texture_px: int) -> bytes:
    image = Image.fromarray(pixels).resize((texture_px, texture_px), Image.Resampling.BILINEAR)
    return encoded(image, "JPEG")
