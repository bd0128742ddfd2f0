# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender exports is known for what it is before it is sent, and what the stand-in makes of it comes back in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.engine.meshes.file import inspect
from tests.service.mesh_files import read_mesh

EXPORTERS: dict[str, Any] = {
    "glb": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLB"),
    "gltf": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLTF_SEPARATE"),
    "obj": lambda path: bpy.ops.wm.obj_export(filepath=path),
    "fbx": lambda path: bpy.ops.export_scene.fbx(filepath=path),
}


@pytest.mark.parametrize("suffix", EXPORTERS)
def test_an_export_is_read_with_as_many_faces_as_it_has(tmp_path: Path, suffix: str) -> None:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=60, y_subdivisions=50)
    bpy.ops.mesh.primitive_monkey_add(location=(3, 0, 0))
    meshes: list[bpy.types.Mesh] = [thing.data for thing in bpy.context.scene.objects if thing.type == "MESH"]
    polygons = sum(len(mesh.polygons) for mesh in meshes)
    for mesh in meshes:
        mesh.calc_loop_triangles()
    triangles = sum(len(mesh.loop_triangles) for mesh in meshes)
    path = tmp_path / f"two.{suffix}"
    assert EXPORTERS[suffix](str(path)) == {"FINISHED"}

    found = inspect(path)

    assert found.suffix == suffix
    assert found.faces == (triangles if suffix in ("glb", "gltf") else polygons)
    if suffix != "gltf":
        assert len(read_mesh(path.read_bytes()).mesh.faces) == triangles
