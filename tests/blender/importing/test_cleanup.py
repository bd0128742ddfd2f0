# SPDX-License-Identifier: GPL-3.0-or-later
"""From a mesh file to clean objects: nothing that is seen moves, and nothing that is not needed stays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from scenario_addon.blender.importing.cleanup import read_into
from scenario_addon.blender.importing.readers import UnreadableError
from scenario_addon.blender.scene.arrival import Arrival
from tests.blender.looks import as_imported, is_the_same, seen
from tests.blender.sample_meshes import TRIANGLES, join_glb, split_glb, textured_box

TURN = [0.1, 0.2, 0.3, 0.86**0.5]


def collection() -> bpy.types.Collection:
    made = bpy.data.collections.new("Chair")
    bpy.context.scene.collection.children.link(made)
    return made


def written(path: Path, nodes: Sequence[dict[str, Any]], *, roots: Iterable[int] = (0,), **parts: Any) -> Path:
    """A GLB at ``path`` of these nodes; mesh 0 is a box with normals of its own."""
    document, binary = split_glb(textured_box())
    positions = document["meshes"][0]["primitives"][0]["attributes"]
    count = document["accessors"][positions["POSITION"]]["count"]
    normals = np.random.default_rng(0).normal(size=(count, 3))
    data = np.float32(normals / np.linalg.norm(normals, axis=1)[:, None]).tobytes()
    document["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
    view = len(document["bufferViews"]) - 1
    document["accessors"].append({"bufferView": view, "componentType": 5126, "count": count, "type": "VEC3"})
    positions["NORMAL"] = len(document["accessors"]) - 1
    document["buffers"][0]["byteLength"] = len(binary) + len(data)
    document |= {"nodes": list(nodes), "scenes": [{"nodes": list(roots)}], **parts}
    path.write_bytes(join_glb(document, binary + data))
    return path


def box_of(arrival: Arrival) -> tuple[list[float], list[float]]:
    """The bounding box in the root's axes, point by point."""
    home = arrival.root.matrix_world.inverted()
    points = [home @ Vector(row[:3]) for row in seen(arrival.objects)]
    return np.min(points, axis=0).tolist(), np.max(points, axis=0).tolist()


HIERARCHIES = {
    "turned": [{"name": "chair", "mesh": 0, "rotation": TURN, "translation": [1, 2, 3]}],
    "scaled": [{"name": "chair", "mesh": 0, "rotation": TURN, "scale": [3, 3, 3]}],
    "stretched": [{"name": "chair", "mesh": 0, "rotation": TURN, "scale": [1, 2, 5]}],
    "mirrored": [{"name": "chair", "mesh": 0, "rotation": TURN, "scale": [-1, 1, 1]}],
    "mirrored and stretched": [{"name": "chair", "mesh": 0, "rotation": TURN, "scale": [1, -4, 2]}],
    "sheared": [
        {"name": "wrapper", "children": [1], "scale": [1, 4, 2]},
        {"name": "chair", "mesh": 0, "rotation": TURN},
    ],
    "two of one mesh": [
        {"name": "wrapper", "children": [1, 2], "rotation": TURN, "scale": [2, 2, 2]},
        {"name": "chair", "mesh": 0, "translation": [-5, 4, 0]},
        {"name": "chair too", "mesh": 0, "translation": [5, 4, 1], "rotation": TURN, "scale": [1, -1, 1]},
    ],
    "a part that hangs on a part": [
        {"name": "chair", "mesh": 0, "children": [1], "rotation": TURN},
        {"name": "between", "children": [2], "translation": [0, 9, 0], "scale": [1, 2, 1]},
        {"name": "lamp", "mesh": 0, "rotation": TURN, "translation": [3, 0, 0]},
    ],
}


@pytest.mark.parametrize("kind", HIERARCHIES)
def test_turn_and_scale_go_into_the_mesh_and_nothing_that_is_seen_changes(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path / "chair.glb", HIERARCHIES[kind])
    expected = as_imported(path)
    arrival = read_into(path, collection())
    assert is_the_same(seen(arrival.objects), expected, within=2e-3)
    assert arrival.root.data.has_custom_normals
    root, *parts = arrival.objects
    assert (root, root.parent, not arrival.is_rigged) == (arrival.root, None, True)
    assert [part.parent for part in parts] == [root] * len(parts)
    for obj in arrival.objects:
        assert obj == root or obj.data.users > 1 or obj.matrix_basis == Matrix.Translation(obj.location)
    assert root.matrix_basis == Matrix.Translation(root.location)
    assert len({obj.data for obj in arrival.objects}) == 1
    assert {obj.type for obj in bpy.data.objects} == {"MESH"}
    for found, measured in zip((arrival.low, arrival.high), box_of(arrival), strict=True):
        assert found == pytest.approx(measured, abs=1e-4)


def test_the_mesh_with_the_most_triangles_is_the_root(tmp_path: Path) -> None:
    nodes = [{"name": "base", "mesh": 1, "children": [1]}, {"name": "chair", "mesh": 0}]
    path = written(tmp_path / "chair.glb", nodes)
    document, binary = split_glb(path.read_bytes())
    (primitive,) = document["meshes"][0]["primitives"]
    fewer = dict(document["accessors"][primitive["indices"]], count=6)
    document["accessors"].append(fewer)
    document["meshes"].append({"primitives": [primitive | {"indices": len(document["accessors"]) - 1}]})
    path.write_bytes(join_glb(document, binary))
    arrival = read_into(path, collection())
    assert [(obj.name, obj.parent and obj.parent.name) for obj in arrival.objects] == [
        ("Chair", None),
        ("base", "Chair"),
    ]
    assert (arrival.triangles, arrival.textures) == (TRIANGLES + 2, 1)


def test_what_has_no_faces_does_not_stay(tmp_path: Path) -> None:
    path = written(tmp_path / "chair.glb", [{"name": "chair", "mesh": 0}, {"name": "dust", "mesh": 1}], roots=(0, 1))
    document, binary = split_glb(path.read_bytes())
    (primitive,) = document["meshes"][0]["primitives"]
    document["meshes"].append({"primitives": [{"attributes": primitive["attributes"], "mode": 0}]})
    path.write_bytes(join_glb(document, binary))
    read_into(path, collection())
    assert [obj.name for obj in bpy.data.objects] == ["Chair"]
    assert [mesh.name for mesh in bpy.data.meshes] == ["Chair"], "whatever the file calls it"


def rig(path: Path, *, turn: Matrix) -> Path:
    """A GLB of a box with a bone in it, both under a wrapper that is turned."""
    bpy.ops.object.armature_add()
    armature = bpy.context.active_object
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.active_object
    cube.parent = armature
    cube.modifiers.new("Armature", "ARMATURE").object = armature
    cube.vertex_groups.new(name="Bone").add(range(8), 1.0, "REPLACE")
    wrapper = bpy.data.objects.new("wrapper", None)
    bpy.context.collection.objects.link(wrapper)
    armature.parent, wrapper.matrix_world = wrapper, turn
    bpy.ops.export_scene.gltf(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


def test_an_armature_keeps_its_turn_and_carries_its_mesh(tmp_path: Path) -> None:
    path = rig(tmp_path / "rig.glb", turn=Matrix.Translation((1, 2, 3)) @ Matrix.Rotation(0.5, 4, "X"))
    expected = as_imported(path)
    arrival = read_into(path, collection())
    assert arrival.is_rigged
    assert (arrival.root.type, arrival.root.parent) == ("ARMATURE", None)
    assert {obj.type for obj in bpy.data.objects} == {"ARMATURE", "MESH"}
    assert is_the_same(seen(arrival.objects), expected, within=1e-4)
    for found, measured in zip((arrival.low, arrival.high), box_of(arrival), strict=True):
        assert found == pytest.approx(measured, abs=1e-4)


def test_shape_keys_keep_their_mesh_as_it_is(tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_cube_add(rotation=(0.1, 0.2, 0.3))
    for name in ("Basis", "Tall"):
        bpy.context.active_object.shape_key_add(name=name)
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "keys.glb"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    arrival = read_into(tmp_path / "keys.glb", collection())
    assert arrival.is_rigged
    assert arrival.root.data.shape_keys is not None
    assert arrival.root.rotation_quaternion.angle > 0.1


def test_a_file_without_a_mesh_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no mesh"):
        read_into(written(tmp_path / "chair.glb", [{"name": "nothing"}]), collection())
