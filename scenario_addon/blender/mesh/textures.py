# SPDX-License-Identifier: GPL-3.0-or-later
"""Textures that are larger than wanted. Main thread only."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import bpy

from ...engine.pictures.header import measure

__all__ = ["cap", "shrink", "textures_of"]

_QUALITY: Final = 92
"""Of a JPEG or WebP, in percent. It is compressed a second time, so rather too good."""


def textures_of(objects: Iterable[bpy.types.Object]) -> list[bpy.types.Image]:
    """The images in the materials of these objects, each once, in a fixed order."""
    found: dict[int, bpy.types.Image] = {}
    materials = [slot.material for obj in objects for slot in obj.material_slots]
    trees: list[Any] = [m.node_tree for m in materials if m and m.node_tree]
    for tree in trees:
        for node in tree.nodes:
            image = getattr(node, "image", None)
            if image is not None:
                found[image.session_uid] = image
            if node.type == "GROUP" and node.node_tree and node.node_tree not in trees:
                trees.append(node.node_tree)
    return list(found.values())


def shrink(images: Iterable[bpy.types.Image], *, max_side_px: int, max_pixels: int) -> int | None:
    """Scale down the textures that are too large, one after the other: no more than one of them is decoded at a time.

    :param max_side_px: at the longer side; 0 for no limit.
    :param max_pixels: of all together, for which the longer side is halved again and again; 0 for no limit.
    :return: the longest side that there may be now; ``None`` where nothing had to be done.
    """
    sizes = {image: _size_px(image) for image in images if image.source == "FILE"}
    largest_px = max((max(size) for size in sizes.values()), default=0)
    side_px = max_side_px or largest_px
    while max_pixels and side_px > 1 and sum(_pixels(size, side_px) for size in sizes.values()) > max_pixels:
        side_px //= 2
    for image, size in sizes.items():
        if max(size) > side_px:
            cap(image, side_px)
            image.buffers_free()
    return side_px if largest_px > side_px else None


def _size_px(image: bpy.types.Image) -> tuple[int, int]:
    """By what is packed, where that says it: Blender decodes an image before it knows its size."""
    try:
        data = image.packed_file.data if image.packed_file else Path(bpy.path.abspath(image.filepath)).read_bytes()
        found = measure(io.BytesIO(data), size_bytes=len(data))
    except (OSError, ValueError):
        found = None
    width_px, height_px = found[1:3] if found else cast("Sequence[int]", image.size)
    return width_px, height_px


def _pixels(size_px: tuple[int, int], max_side_px: int) -> int:
    factor = min(1.0, max_side_px / max(*size_px, 1))
    return round(size_px[0] * factor) * round(size_px[1] * factor)


def cap(image: bpy.types.Image, max_side_px: int) -> None:
    """Scale a texture down to ``max_side_px`` at its longer side, and pack it in the format it had.

    One that is small enough, or that has no pixels, stays as it is.
    """
    width, height = cast("Sequence[int]", image.size)
    longest = max(width, height)
    if longest <= max_side_px or image.source != "FILE":
        return
    kind, path = image.file_format, image.filepath_raw
    image.scale(*(max(1, round(side * max_side_px / longest)) for side in (width, height)))
    if kind not in ("JPEG", "WEBP"):
        image.pack()
        return
    # Packing a changed image makes a PNG of it, several times as large.
    with TemporaryDirectory() as folder:
        file = Path(folder) / "texture"
        image.file_format = kind
        image.save(filepath=str(file), quality=_QUALITY)
        data = file.read_bytes()
    image.pack(data=data, data_len=len(data))
    image.filepath_raw = path
