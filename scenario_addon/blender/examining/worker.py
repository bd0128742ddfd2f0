# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the samples, in a Blender of its own that ``trial`` has started, see ``children.entry``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import bpy

from ..importing.readers import gltf_problem, meaning
from .samples import SAMPLES, SIDE_PX

__all__ = ["NICENESS", "prepare", "problem_of"]

NICENESS: Final = 5
"""What the artist does comes first."""


def prepare() -> Callable[[dict[str, Any], Callable[..., None]], None]:
    return _work


def _work(order: dict[str, Any], answer: Callable[..., None]) -> None:
    """Answer when it has begun, then with what is wrong with each sample: ``None`` where it was read."""
    answer(begun=True)
    problem = gltf_problem()
    answer(read={name: problem or problem_of(name, Path(order["folder"])) for name in SAMPLES})


def problem_of(name: str, folder: Path) -> str | None:
    """Really read a sample into the open file, which is left with it; gives why that fails, as a phrase."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as spare:
        path = Path(spare) / "sample.gltf"
        path.write_text(json.dumps(SAMPLES[name]), encoding="utf-8")
        try:
            bpy.ops.import_scene.gltf(filepath=str(path))
        except RuntimeError as error:
            return meaning(error)
    if [len(mesh.vertices) for mesh in bpy.data.meshes] != [3]:
        return "the triangle in it does not come"
    has_picture = "images" in SAMPLES[name]
    pictures = [image for image in bpy.data.images if _is_decoded(image)]
    return "the picture in it does not come" if has_picture and not pictures else None


def _is_decoded(image: bpy.types.Image) -> bool:
    size: Any = image.size
    pixels: Any = image.pixels  # to be decoded, they have to be asked for
    return tuple(size) == (SIDE_PX, SIDE_PX) and len(pixels) > 0 and image.has_data
