# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes that go out: the probe that has one exported, as Refine does, and looks how long that holds Blender up."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import bpy

__all__ = ["sending"]

_LOOK_S = 0.005


def sending(*, way: str, path: str, painted: bool) -> dict[str, float]:
    """Import a file and export it; gives the longest time in seconds for which Blender stands still.

    :param way: ``ours`` or ``direct``, which exports it in this process.
    :param path: a GLB.
    :param painted: whether its textures are in no file, because somebody has painted them.
    """
    windows = bpy.context.window_manager.windows
    with bpy.context.temp_override(window=windows[0] if windows else None):
        bpy.ops.import_scene.gltf(filepath=path)
        if painted:
            for image in [image for image in bpy.data.images if image.packed_files]:
                _touch(image)
        return {"seconds": _ours() if way == "ours" else _direct()}


def _touch(image: Any) -> None:
    """Have an image hold what is in no file."""
    image.pixels[0] = 0.5
    image.update()


def _ours() -> float:
    from scenario_addon.blender.exporting.exporter import Exporter
    from scenario_addon.blender.exporting.outgoing import of_active
    from scenario_addon.engine.meshes.limits import MeshLimits

    exporter = Exporter(Path(tempfile.mkdtemp()))
    began_s = time.perf_counter()
    outgoing = of_active(bpy.context)
    outgoing.placement()
    going = exporter.begin(outgoing, MeshLimits(), model_name="Model", kept=Path(tempfile.mkdtemp()))
    longest_s = time.perf_counter() - began_s
    while not going.is_over:  # what the threads hold up counts, too
        began_s = time.perf_counter()
        time.sleep(_LOOK_S)
        longest_s = max(longest_s, time.perf_counter() - began_s - _LOOK_S)
    going.result()
    exporter.close()
    return longest_s


def _direct() -> float:
    began_s = time.perf_counter()
    path = str(Path(tempfile.mkdtemp()) / "mesh.glb")
    bpy.ops.export_scene.gltf(filepath=path, export_format="GLB", use_selection=True)
    return time.perf_counter() - began_s
