# SPDX-License-Identifier: GPL-3.0-or-later
"""Rigs, parts, quads and textures that come back for a mesh, by numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.scene.placement import Placement, place, standing
from scenario_addon.blender.variants.group import key_of, members
from scenario_addon.blender.variants.switch import keep, neighbour, show_alone
from tests.blender.refining.refine import back, blob, box_of, bring, given, refined, ways
from tests.blender.refining.test_seat import WAYS
from tests.service.mesh_files import read_mesh

RIG, PARTS = "model_tripo-rigging-v1", "model_tripo-segmentation-v2"


def variants(obj: Any) -> list[Any]:
    return members(key_of(obj), bpy.context.scene, first=obj)


def two_pieces(name: str = "Chair") -> Any:
    """An object of two pieces that do not touch."""
    first, second = blob(name), blob("Other", detail=2)
    for vertex in second.data.vertices:
        vertex.co.x += 4.0
    first.select_set(True)
    bpy.context.view_layer.objects.active = first
    bpy.ops.object.join()
    return first


# -- rigs


@pytest.mark.parametrize("placed", WAYS)
def test_a_rig_stands_in_the_place_of_its_source_with_its_weights(
    placed: Callable[[Any], None], tmp_path: Path
) -> None:
    source = blob()
    placed(source)
    bpy.context.view_layer.update()
    arrival = back(source, RIG, tmp_path, kind="Rig")
    bones = next(obj for obj in arrival.objects if obj.type == "ARMATURE")
    (body,) = [obj for obj in arrival.objects if obj.type == "MESH"]
    (modifier,) = body.modifiers
    assert (modifier.type, modifier.object, len(bones.data.bones)) == ("ARMATURE", bones, 4)
    sums = [sum(group.weight for group in vertex.groups) for vertex in body.data.vertices]
    assert np.allclose(sums, 1.0, atol=1e-4)
    assert {group.name for group in body.vertex_groups} == {bone.name for bone in bones.data.bones}
    assert len(body.data.polygons) == len(source.data.polygons)
    assert ways(arrival.objects, source) < 0.01
    assert not source.visible_get() and body.visible_get() and bones.visible_get()


def test_a_rig_is_switched_as_one_and_its_bones_move_it(tmp_path: Path) -> None:
    source = blob()
    source.location, source.scale = (1.0, 2.0, 3.0), (2.0, 2.0, 2.0)
    arrival = back(source, RIG, tmp_path, kind="Rig")
    bones = next(obj for obj in arrival.objects if obj.type == "ARMATURE")
    before = box_of(arrival.objects, source.matrix_world)[1].z
    bones.pose.bones["head"].location.y = 1.0
    assert box_of(arrival.objects, source.matrix_world)[1].z > before + 0.3
    show_alone(neighbour(variants(arrival.root), 1), variants(arrival.root))
    assert source.visible_get() and not any(obj.visible_get() for obj in arrival.objects)
    again = bring(refined("model_meshy-remesh", given(source), targetPolycount=300), tmp_path, source)
    assert len(variants(again.root)) == 3


def test_what_is_made_of_the_mesh_of_a_rig_takes_the_place_of_the_whole_rig(tmp_path: Path) -> None:
    source = blob()
    source.location, source.scale = (1.0, 2.0, 3.0), (2.0, 1.0, 2.0)
    rig = back(source, RIG, tmp_path, kind="Rig")
    (body,) = [obj for obj in rig.objects if obj.type == "MESH"]
    bpy.context.view_layer.update()
    arrival = bring(refined("model_meshy-remesh", given(body), targetPolycount=300), tmp_path, body)
    assert ways(arrival.objects, source) < 0.01
    assert not any(obj.visible_get() for obj in rig.objects) and arrival.root.visible_get()
    assert len(variants(arrival.root)) == 3


def test_what_is_made_of_a_rigs_own_file_stands_as_that_file_does_however_its_bones_are_turned(tmp_path: Path) -> None:
    source = blob()
    file = given(source)  # as it is in the file: upright, in metres
    bpy.ops.object.armature_add()
    bones = bpy.context.active_object
    rest = Matrix.Rotation(math.pi / 2, 4, "X") @ Matrix.Scale(0.01, 4)
    source.data.transform(rest.inverted())
    bones["scenario_rest"] = [value for row in rest.to_3x3() for value in row[:]]
    bones.matrix_world = (
        Matrix.Translation((3.0, 2.0, 1.0)) @ Matrix.Rotation(0.7, 4, "Z") @ Matrix.Scale(2.0, 4) @ rest
    )
    source.parent = bones
    for obj in (bones, source):
        obj["scenario_job_id"] = "job_rig"
    bpy.context.view_layer.update()
    arrival = bring(refined("model_meshy-remesh", file, targetPolycount=400), tmp_path, job_id="job_rig", is_held=True)
    assert ways(arrival.objects, source) < 0.01
    assert arrival.root.scale[:] == pytest.approx((2.0, 2.0, 2.0), abs=1e-4)
    assert not bones.visible_get() and not source.visible_get() and arrival.root.parent is None


def test_a_rig_in_the_place_of_something_is_placed_anew_as_any_other(tmp_path: Path) -> None:
    source = blob()
    source.rotation_euler, source.scale = (0.0, 1.0, 0.5), (2.0, 2.0, 2.0)
    arrival = back(source, RIG, tmp_path, kind="Rig")
    found = standing(arrival.root["scenario_job_id"], bpy.context.scene)
    place(found, Placement(location=(5.0, 0.0, 0.0), height=1.0), bpy.context.scene)
    low, high = box_of(arrival.objects, Matrix())
    assert (low.z, high.z) == (pytest.approx(0.0, abs=1e-3), pytest.approx(1.0, abs=1e-3))


def test_levels_of_detail_of_an_earlier_result_are_not_taken_for_a_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "made.glb"
    path.write_bytes(given(blob(detail=4)))
    made = import_mesh(path, name="Made", job_id="job_made", model_id="model_1", finish=Finish(triangles=500, lods=1))
    arrival = bring(path.read_bytes(), tmp_path, *made.object_names, job_id="job_made", is_held=True)
    assert ways(arrival.objects, made.root) < 0.01
    assert not any(obj.visible_get() for obj in made.objects)
    show_alone(variants(arrival.root)[0], variants(arrival.root))
    assert [obj.name for obj in made.objects if obj.visible_get()] == [made.root_name]


# -- parts


@pytest.mark.parametrize("placed", WAYS)
def test_parts_are_objects_of_one_collection_named_after_the_source(
    placed: Callable[[Any], None], tmp_path: Path
) -> None:
    source = two_pieces()
    placed(source)
    bpy.context.view_layer.update()
    arrival = back(source, PARTS, tmp_path, kind="Parts")
    parts = [obj for obj in arrival.objects if obj.type == "MESH"]
    assert [part.name for part in parts] == ["Chair Part 1", "Chair Part 2"]
    assert {part.users_collection for part in (*parts, arrival.root)} == {(arrival.collection,)}
    assert arrival.collection.name == "Chair"
    assert sum(len(part.data.polygons) for part in parts) == len(source.data.polygons)
    assert {part.parent for part in parts} == {arrival.root} and arrival.root.type == "EMPTY"
    assert ways(parts, source) < 0.01
    assert source.name == "Chair" and not source.visible_get() and all(part.visible_get() for part in parts)


def test_parts_are_switched_placed_and_kept_as_one(tmp_path: Path) -> None:
    source = two_pieces()
    arrival = back(source, PARTS, tmp_path, kind="Parts")
    parts = [obj for obj in arrival.objects if obj.type == "MESH"]
    show_alone(variants(source)[0], variants(source))
    assert source.visible_get() and not any(part.visible_get() for part in parts)
    show_alone(variants(source)[1], variants(source))
    standing_now = standing(arrival.root["scenario_job_id"], bpy.context.scene)
    place(standing_now, Placement(location=(5.0, 0.0, 0.0), height=2.0), bpy.context.scene)
    low, high = box_of(parts, Matrix())
    assert (low.z, high.z) == (pytest.approx(0.0, abs=1e-4), pytest.approx(2.0, abs=1e-4))
    keep(variants(source)[1], variants(source), bpy.context.scene)
    assert {obj.name for obj in bpy.context.scene.objects} == {arrival.root.name, *(part.name for part in parts)}


def test_what_is_made_of_parts_in_their_own_file_stands_where_they_do(tmp_path: Path) -> None:
    source = two_pieces()
    file = given(source)
    source.location, source.rotation_euler, source.scale = (1.0, 2.0, 3.0), (0.1, 0.2, 0.3), (2.0, 2.0, 2.0)
    parts = back(source, PARTS, tmp_path, kind="Parts")
    parts.root.location.x += 4.0
    bpy.context.view_layer.update()
    job_id = parts.root["scenario_job_id"]
    files = refined("model_meshy-remesh", file, targetPolycount=400)
    arrival = bring(files, tmp_path, *parts.object_names, job_id=job_id, is_held=True)
    frame = parts.root.matrix_world
    low, high = box_of(parts.objects, frame)
    own_low, own_high = box_of(arrival.objects, frame)
    assert max((own_low - low).length, (own_high - high).length) < 0.01 * (high - low).length
    assert not any(obj.visible_get() for obj in parts.objects)


@pytest.mark.parametrize("name", ["Стул из дуба " * 3, "x" * 63])
def test_parts_keep_their_numbers_under_any_name(name: str, tmp_path: Path) -> None:
    source = two_pieces(name)
    arrival = back(source, PARTS, tmp_path, kind="Parts")
    assert [obj.name.rpartition(" ")[2] for obj in arrival.objects if obj.type == "MESH"] == ["1", "2"]


# -- quads and textures


def test_quads_come_with_their_texture_in_the_place_of_the_source(tmp_path: Path) -> None:
    source = blob(detail=4)
    source.location, source.rotation_euler, source.scale = (1.0, 2.0, 3.0), (0.1, 0.2, 0.3), (2.0, 1.0, 2.0)
    arrival = back(source, "model_meshy-remesh", tmp_path, topology="quad", targetPolycount=1000)
    sides = [len(face.vertices) for face in arrival.root.data.polygons]
    assert set(sides) == {4} and len(sides) == pytest.approx(1000, rel=0.1)
    assert ways(arrival.objects, source) < 0.01 and arrival.root.data.uv_layers


def test_another_texture_keeps_the_uvs_that_it_came_with(tmp_path: Path) -> None:
    source = blob()
    (output,) = refined("model_meshy-7-retexture", given(source))
    arrival = bring((output,), tmp_path, source, kind="Texture")
    mesh = arrival.root.data
    assert len(mesh.polygons) == len(source.data.polygons) and ways(arrival.objects, source) < 0.01
    file = read_mesh(output.data).mesh
    wanted = np.sort((file.uvs[file.faces].reshape(-1, 2) * (1, -1) + (0, 1)).round(4), axis=0)
    found = np.sort(np.array([layer.vector for layer in mesh.uv_layers.active.uv]).round(4), axis=0)
    assert np.abs(wanted - found).max() < 2e-4
    images = [node.image for node in mesh.materials[0].node_tree.nodes if node.type == "TEX_IMAGE"]
    assert images and all(image.packed_file for image in images)
