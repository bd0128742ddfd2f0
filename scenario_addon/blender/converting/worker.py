# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a mesh file into a .blend, in a Blender of its own that ``converter`` has started, see ``children.entry``."""

from __future__ import annotations

import base64
import json
import os
import struct
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import bpy

from ..children.memory import is_exhausted
from ..importing.cleanup import read_into
from ..importing.readers import UnreadableError, meaning
from ..mesh.finish import Finish
from ..scene.arrival import Arrival
from ..scene.placement import move_origin
from ..studio.child.light import has_engine
from ..studio.child.portrait import portray

__all__ = ["NICENESS", "prepare"]

NICENESS: Final = 5
"""What the artist does comes first."""
_FURTHER_BACK: Final = 10
"""By so much more: a picture is in nobody's way."""
_ENGINE: Final = "CYCLES"
_SIZE_PX: Final = 128
_SAMPLES: Final = 6
"""A pixel."""

_POINTS: Final = base64.b64encode(struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)).decode()
_TRIANGLE: Final = {
    "asset": {"version": "2.0"},
    "scene": 0,
    "scenes": [{"nodes": [0]}],
    "nodes": [{"mesh": 0}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
    "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
    "bufferViews": [{"buffer": 0, "byteLength": 36}],
    "buffers": [{"byteLength": 36, "uri": f"data:application/octet-stream;base64,{_POINTS}"}],
}
"""As glTF."""


def prepare() -> Callable[[dict[str, Any], Callable[..., None]], None]:
    """Load whatever turns a mesh into a .blend, before there is a mesh. It is for one mesh, and one picture of it."""
    _rehearse()
    return partial(_work, _empty_file("Mesh"), [])


def _rehearse() -> None:
    """Import a triangle: Blender loads its importer when it is first used, which takes longer than the import."""
    with tempfile.TemporaryDirectory() as folder:
        triangle = Path(folder) / "triangle.gltf"
        triangle.write_text(json.dumps(_TRIANGLE), encoding="utf-8")
        read_into(triangle, _empty_file("Triangle"))


def _empty_file(name: str) -> Any:
    """Start from nothing but a collection, and give that."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    collection = bpy.data.collections.new(name)
    bpy.context.scene.collection.children.link(collection)
    bpy.context.view_layer.active_layer_collection = bpy.context.view_layer.layer_collection.children[0]
    return collection


def _work(collection: Any, done: list[Arrival], order: dict[str, Any], answer: Callable[..., None]) -> None:
    """Convert a mesh, then take a picture of it where that is wanted, too.

    :param done: what was converted.
    """
    if done:
        _portray(done[0], Path(order["portrait"]), answer)
    elif (arrival := _convert(collection, order, answer)) is not None:
        done.append(arrival)


def _convert(collection: Any, order: dict[str, Any], answer: Callable[..., None]) -> Arrival | None:
    """Answer with what the .blend holds, as ``Arrival`` has it, or why the file is refused.

    :raises Exception: the file is not at fault.
    """
    answer(begun=True)
    mesh, blend = Path(order["mesh"]), Path(order["blend"])
    tempfile.tempdir = str(blend.parent)  # what is left there by a crash is cleared away
    collection.name = order["name"]
    try:
        arrival = read_into(mesh, collection, Finish.from_json(order["finish"]))
    except (UnreadableError, RuntimeError) as error:
        if is_exhausted(str(error)):
            raise MemoryError from error
        answer(refused=meaning(error))
        return None
    if not arrival.is_rigged:  # where it most likely will be wanted: moving it takes too long over there
        arrival = move_origin(arrival, "BASE")
    bpy.data.libraries.write(str(blend), {collection}, fake_user=True)
    answer(**arrival.to_json())
    return arrival


def _portray(arrival: Arrival, path: Path, answer: Callable[..., None]) -> None:
    """Take a small picture, where this Blender can without a graphics card."""
    if not has_engine(_ENGINE):
        return
    if hasattr(os, "nice"):
        os.nice(_FURTHER_BACK)
    portray(arrival.objects, path, engine=_ENGINE, size_px=_SIZE_PX, samples=_SAMPLES)
    answer(portrayed=True)
