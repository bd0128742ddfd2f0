# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns one mesh file into a .blend, in a process of its own: a script that ``converter`` has another Blender run.

It waits for one line of JSON on standard input, says on standard output that it has begun and then how it went, a line
of JSON each, and ends. When whoever started it is gone, it ends as well. No add-on is enabled here, and of this one
only the modules that read files are loaded.
"""

from __future__ import annotations

import base64
import faulthandler
import importlib
import json
import os
import struct
import sys
import tempfile
import threading
import types
from pathlib import Path
from typing import Any, Final

import bpy

__all__: list[str] = []

_NICENESS: Final = 5
"""What the artist does comes first."""
_PACKAGE: Final = "scenario_child"
"""The add-on under another name, without what it does when it is loaded."""
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


def _load(name: str) -> Any:
    """Import a module of the add-on's Blender side."""
    here = Path(__file__).resolve().parents[1]
    for package, folder in ((_PACKAGE, here.parent), (f"{_PACKAGE}.{here.name}", here)):
        if package not in sys.modules:
            made = sys.modules[package] = types.ModuleType(package)
            made.__path__ = [str(folder)]
    return importlib.import_module(f"{_PACKAGE}.{here.name}.{name}")


class _Workshop:
    """An empty file and what turns a mesh into a .blend, loaded before there is a mesh."""

    def __init__(self) -> None:
        self._cleanup, self._finish, self._readers = map(
            _load, ("importing.cleanup", "mesh.finish", "importing.readers")
        )
        self._placement, self._memory = map(_load, ("scene.placement", "converting.memory"))
        self._rehearse()
        bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
        self._collection = bpy.data.collections.new("Mesh")
        bpy.context.scene.collection.children.link(self._collection)
        bpy.context.view_layer.active_layer_collection = bpy.context.view_layer.layer_collection.children[0]

    def _rehearse(self) -> None:
        """Import a triangle: Blender loads its importer when it is first used, which takes longer than the import."""
        with tempfile.TemporaryDirectory() as folder:
            triangle = Path(folder) / "triangle.gltf"
            triangle.write_text(json.dumps(_TRIANGLE), encoding="utf-8")
            self._cleanup.read_into(triangle, bpy.context.scene.collection)

    def convert(
        self, mesh: Path, blend: Path, *, name: str, finish: dict[str, Any], limit_bytes: int | None
    ) -> dict[str, Any]:
        """Give what the .blend holds, as ``Arrival`` has it, or why the file is refused.

        :param limit_bytes: how much memory it may take.
        :raises Exception: the file is not at fault.
        """
        self._collection.name = name
        self._memory.confine_this_process(limit_bytes)
        try:
            arrival = self._cleanup.read_into(mesh, self._collection, self._finish.Finish.from_json(finish))
        except (self._readers.UnreadableError, RuntimeError) as error:
            if self._memory.is_exhausted(str(error)):
                raise MemoryError from error
            return {"refused": self._readers.meaning(error)}
        if not arrival.is_rigged:  # where it most likely will be wanted: moving it takes too long over there
            arrival = self._placement.move_origin(arrival, "BASE")
        bpy.data.libraries.write(str(blend), {self._collection}, fake_user=True)
        return arrival.to_json()


def _end_with_the_parent() -> None:
    """End when the parent does, however: that closes the other end of standard input. Runs in a thread of its own."""
    sys.stdin.buffer.read()
    os._exit(1)


def _main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Blender and its importers talk on standard output

    def answer(**parts: Any) -> None:
        print(json.dumps(parts), file=answers, flush=True)

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    workshop = _Workshop()
    line = sys.stdin.buffer.readline()
    if not line:
        os._exit(1)
    order = json.loads(line)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    # Needs no Python: an importer that hangs in C ends, too, when nobody is left to end it.
    faulthandler.dump_traceback_later(order["limit_s"], exit=True)
    answer(begun=True)
    mesh, blend, limit_bytes = Path(order["mesh"]), Path(order["blend"]), order["limit_bytes"]
    tempfile.tempdir = str(blend.parent)  # what is left there by a crash is cleared away
    try:
        made = workshop.convert(mesh, blend, name=order["name"], finish=order["finish"], limit_bytes=limit_bytes)
        answer(**made)
    except MemoryError:
        answer(exhausted=True)
    except Exception as error:  # noqa: BLE001 - whoever waits is told: no space left
        answer(failed=f"{type(error).__name__}: {error}")
    # Not by Blender's own way: some versions hang or crash there.
    os._exit(0)


_main()
