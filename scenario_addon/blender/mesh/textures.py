# SPDX-License-Identifier: GPL-3.0-or-later
"""Textures that are larger than wanted. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, cast

import bpy

__all__ = ["cap", "textures_of"]

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
