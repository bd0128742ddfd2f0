# SPDX-License-Identifier: GPL-3.0-or-later
"""A model comes in at rest, whatever moves in its file, and whichever frame the artist is at."""

from __future__ import annotations

import math
import struct
import time
from pathlib import Path
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting.converter import WORK, Converter
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.arrival import Arrival
from tests.blender.looks import seen
from tests.blender.sample_meshes import join_glb, split_glb, textured_box

FRAMES: Final = (1, 13, 37, 200)
PATHS: Final = {
    "translation": ("VEC3", [[0, 0, 0], [5, 5, 5]]),
    "rotation": ("VEC4", [[0, 0, 0, 1], [1, 0, 0, 0]]),
    "scale": ("VEC3", [[0, 0, 0], [7, 7, 7]]),
    "weights": ("SCALAR", [[0], [1]]),
}
"""What moves from the first second to the third, and how."""


def animated(path: Path, moved: str, **node: Any) -> Path:
    """A GLB of a box that something moves; it has a target that makes it taller, which is used by half."""
    document, binary = split_glb(textured_box())
    kind, values = PATHS[moved.rpartition("/")[2]]
    chunks = [struct.pack("<2f", 1, 3), b"".join(struct.pack(f"<{len(value)}f", *value) for value in values)]
    (primitive,) = document["meshes"][0]["primitives"]
    points = document["accessors"][primitive["attributes"]["POSITION"]]
    chunks.append(struct.pack("<3f", 0, 1, 0) * points["count"])
    for chunk, form in zip(chunks, (("SCALAR", 2), (kind, 2), ("VEC3", points["count"])), strict=True):
        document["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(chunk)})
        view = len(document["bufferViews"]) - 1
        document["accessors"].append({"bufferView": view, "componentType": 5126, "type": form[0], "count": form[1]})
        binary += chunk
    times, change, target = range(len(document["accessors"]) - 3, len(document["accessors"]))
    if moved in ("weights", "/nodes/0/weights"):
        primitive["targets"], document["meshes"][0]["weights"] = [{"POSITION": target}], [0.5]
    goal: dict[str, Any] = {"node": 0, "path": moved}
    if moved.startswith("/"):
        document["extensionsUsed"] = ["KHR_animation_pointer"]
        goal = {"path": "pointer", "extensions": {"KHR_animation_pointer": {"pointer": moved}}}
    channel = {"sampler": 0, "target": goal}
    document["animations"] = [{"channels": [channel], "samplers": [{"input": times, "output": change}]}]
    document["buffers"][0]["byteLength"] = len(binary)
    document["nodes"], document["scenes"] = [{"mesh": 0, **node}], [{"nodes": [0]}]
    path.write_bytes(join_glb(document, binary))
    return path


def bring_in(path: Path, **options: Any) -> Arrival:
    return import_mesh(path, name="Chair", job_id="job_1", model_id="model_1", **options)


def converted(path: Path, folder: Path) -> Converted:
    """What another process makes of a file."""
    converter = Converter(folder, command=blender_with(WORK))
    try:
        converter.begin("job", path, name="Chair")
        while (result := converter.result("job")) is None:
            time.sleep(0.01)
        assert isinstance(result, Converted), result
        return Converted(result.blend.rename(folder.parent / "made.blend"), result.arrival)
    finally:
        converter.close()


def size_of(arrival: Arrival) -> tuple[float, ...]:
    """How large what is seen of it is, as Blender computes it."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    meshes = [obj.evaluated_get(graph) for obj in arrival.objects if obj.type == "MESH"]
    points = [obj.matrix_world @ vertex.co for obj in meshes for vertex in obj.data.vertices]
    return tuple(max(column) - min(column) for column in zip(*points, strict=True))


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("moved", [*PATHS, "/nodes/0/scale", "/nodes/0/weights"])
def test_a_gltf_is_as_it_stands_there_without_animation(moved: str, frame: int, tmp_path: Path) -> None:
    taller = "weights" in moved
    bpy.context.scene.frame_set(frame)
    arrival = bring_in(animated(tmp_path / "chair.glb", moved, scale=[2, 2, 2]))
    # The target lifts every point, and moves none against another: a box stays as large as it is.
    assert size_of(arrival) == pytest.approx((2, 6, 4), abs=1e-4)
    assert arrival.is_rigged == taller
    if taller:
        assert arrival.root.data.shape_keys.key_blocks[1].value == pytest.approx(0.5)
    assert not bpy.data.actions
    assert bpy.context.scene.frame_current == frame
    for other in FRAMES:
        bpy.context.scene.frame_set(other)
        assert size_of(arrival) == pytest.approx((2, 6, 4), abs=1e-4)


@pytest.mark.parametrize("moved", ["scale", "rotation", "weights"])
def test_by_another_process_it_comes_in_the_same(moved: str, tmp_path: Path) -> None:
    path = animated(tmp_path / "chair.glb", moved, rotation=[0.1, 0.2, 0.3, 0.86**0.5], translation=[0, 3, 0])
    made = converted(path, tmp_path / "blends")
    bpy.context.scene.frame_set(37)
    direct, appended = bring_in(path), bring_in(path, converted=made)
    assert (direct.low, direct.high) == (pytest.approx(appended.low, abs=1e-5), pytest.approx(appended.high, abs=1e-5))
    assert seen(direct.objects) == pytest.approx(seen(appended.objects), abs=1e-5)


def cube_on_a_bone() -> tuple[bpy.types.Object, bpy.types.PoseBone]:
    """Add an armature with a bone that a cube hangs on; every exporter is at hand."""
    import addon_utils

    addon_utils.enable("io_scene_fbx")
    bpy.ops.object.armature_add()
    armature = bpy.context.object
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    cube.parent = armature
    cube.modifiers.new("Armature", "ARMATURE").object = armature
    cube.vertex_groups.new(name="Bone").add(range(8), 1.0, "REPLACE")
    (bone,) = armature.pose.bones
    return armature, bone


def rig(path: Path, *, bone_size: float = 1.0) -> Path:
    """A cube that hangs on a bone, bent in the frame in which it is written, and as the animation begins."""
    _, bone = cube_on_a_bone()
    bone.rotation_mode, bone.scale = "XYZ", (bone_size,) * 3
    for frame, angle in ((1, 30), (40, 60)):
        bone.rotation_euler.x = math.radians(angle)
        bone.keyframe_insert("rotation_euler", frame=frame)
    bpy.context.scene.frame_set(1)
    write = {".fbx": bpy.ops.export_scene.fbx, ".glb": bpy.ops.export_scene.gltf}[path.suffix]
    write(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
@pytest.mark.parametrize("suffix", [".glb", ".fbx"])
@pytest.mark.parametrize("frame", FRAMES)
def test_bones_are_at_rest(suffix: str, frame: int, tmp_path: Path) -> None:
    path = rig(tmp_path / f"rig{suffix}")
    bpy.context.scene.frame_set(frame)
    arrival = bring_in(path)
    assert arrival.is_rigged
    assert size_of(arrival) == pytest.approx((2, 2, 2), abs=1e-3)
    (armature,) = (obj for obj in arrival.objects if obj.type == "ARMATURE")
    for bone in armature.pose.bones:
        assert bone.matrix_basis.to_quaternion().angle == pytest.approx(0, abs=1e-3)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
def test_bones_that_hold_the_size_of_a_model_keep_it(tmp_path: Path) -> None:
    arrival = bring_in(rig(tmp_path / "rig.fbx", bone_size=0.1))
    assert min(size_of(arrival)) == pytest.approx(0.2, abs=1e-3)
