# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes are cleaned after the import where that is wanted, what was delivered is kept, and what was done is told."""

import json

import bpy
import pytest
from mathutils import Matrix

from scenario_addon.blender.mesh.delivered import is_kept, restore
from scenario_addon.blender.mesh.findings import words_of
from scenario_addon.blender.mesh.finish import Finish, finish_objects
from scenario_addon.blender.mesh.mesh import triangle_count
from tests.blender.cleaning.shapes import ball, built, facing_out, flip_all, open_box

CLEAN = Finish(loose=0.05, hole_edges=100, outward=True)
CRUMB = ball(0.02, (1.3, 0, 0), subdivisions=1)
DONE = "watertight, 1 loose piece removed, 320 faces turned"


def put(mesh: bpy.types.Mesh, collection: bpy.types.Collection, name: str = "Thing") -> bpy.types.Object:
    obj = bpy.data.objects.new(name, mesh)
    collection.objects.link(obj)
    return obj


@pytest.fixture
def dirty() -> bpy.types.Mesh:
    return built(ball(), flip_all, CRUMB)


def test_a_mesh_is_cleaned_told_of_and_kept_as_it_was_delivered(
    dirty: bpy.types.Mesh, collection: bpy.types.Collection
) -> None:
    obj = put(dirty, collection)
    shown, full = finish_objects([obj], collection, CLEAN)
    assert (shown, full.data) == (obj, dirty)
    assert triangle_count(obj.data) == 320
    assert all(facing_out(obj.data))
    assert is_kept(full) and not is_kept(obj)
    assert full.users_collection[0].hide_viewport
    assert words_of(obj) == DONE
    numbers = json.loads(obj["scenario_clean_up_numbers"])
    assert (numbers["before"]["pieces"], numbers["after"]["pieces"]) == (2, 1)


def test_a_mesh_that_is_clean_is_told_of_and_stays_the_same(collection: bpy.types.Collection) -> None:
    obj = put(built(ball()), collection)
    mesh = obj.data
    assert finish_objects([obj], collection, CLEAN) == (obj,)
    assert obj.data == mesh
    assert words_of(obj) == "watertight"


def test_nothing_is_looked_for_when_nothing_is_to_be_cleaned(
    dirty: bpy.types.Mesh, collection: bpy.types.Collection
) -> None:
    obj = put(dirty, collection)
    finish_objects([obj], collection, Finish(merge=True))
    assert words_of(obj) == ""


def test_the_target_is_for_what_is_left_after_cleaning(dirty: bpy.types.Mesh, collection: bpy.types.Collection) -> None:
    obj = put(dirty, collection)
    finish = Finish(loose=0.05, hole_edges=100, outward=True, triangles=100, lods=1, smooth=True)
    shown, full, lod = finish_objects([obj], collection, finish)
    assert [triangle_count(o.data) for o in (shown, full, lod)] == [100, 340, 50]
    assert {mesh.name for mesh in bpy.data.meshes} == {"Thing", "Thing_LOD1", "Thing_full"}, "nothing is left over"


def test_objects_that_share_a_mesh_go_on_sharing_it(dirty: bpy.types.Mesh, collection: bpy.types.Collection) -> None:
    objects = [put(dirty, collection), put(dirty, collection, "Other")]
    finish_objects(objects, collection, CLEAN)
    assert objects[0].data == objects[1].data != dirty
    assert words_of(objects[0]) == DONE, "what is shared is cleaned once"
    assert len(bpy.data.meshes) == 2


def test_what_others_use_too_stays_theirs(dirty: bpy.types.Mesh, collection: bpy.types.Collection) -> None:
    artists = put(dirty, bpy.context.scene.collection, "artist's")
    obj = put(dirty, collection)
    finish_objects([obj], collection, CLEAN)
    assert artists.data == dirty
    assert triangle_count(dirty) == 340


def test_a_mirrored_object_looks_outward_too(dirty: bpy.types.Mesh, collection: bpy.types.Collection) -> None:
    obj = put(dirty, collection)
    obj.scale = (-1, 1, 1)
    finish_objects([obj], collection, CLEAN)
    bpy.context.view_layer.update()
    turned = obj.matrix_world.to_3x3().inverted().transposed()
    assert all((turned @ face.normal).dot(obj.matrix_world @ face.center) > 0 for face in obj.data.polygons)


def test_a_rig_is_cleaned_with_its_weights_and_what_was_delivered_bends_with_it(
    dirty: bpy.types.Mesh, collection: bpy.types.Collection
) -> None:
    rig = bpy.data.objects.new("rig", bpy.data.armatures.new("rig"))
    obj = put(dirty, collection)
    obj.parent = rig
    obj.vertex_groups.new(name="bone").add(range(len(dirty.vertices)), 0.5, "REPLACE")
    obj.shape_key_add(name="Basis")
    obj.modifiers.new("bones", "ARMATURE").object = rig
    shown, full = finish_objects([obj], collection, Finish(loose=0.05, outward=True, triangles=50))
    assert triangle_count(shown.data) == 320, "its triangles stay, for its bones and keys are for these vertices"
    assert {entry.weight for vertex in shown.data.vertices for entry in vertex.groups} == {0.5}
    assert len(shown.data.shape_keys.key_blocks[0].data) == len(shown.data.vertices)
    assert full.modifiers[0].object == rig
    assert (full.parent, full.data) == (obj, dirty)
    assert not obj.children_recursive[0].children


def test_what_was_delivered_is_put_back_where_it_belongs_though_the_origin_was_moved(
    dirty: bpy.types.Mesh, collection: bpy.types.Collection
) -> None:
    obj = put(dirty, collection)
    _, full = finish_objects([obj], collection, CLEAN)
    move = Matrix.Translation((0, 0, 2))
    obj.data.transform(move)
    full.matrix_parent_inverse = move @ full.matrix_parent_inverse
    assert restore([obj]) == []
    assert (obj.data, obj.data.name) == (dirty, "Thing")
    assert sum(vertex.co.z for vertex in dirty.vertices) / len(dirty.vertices) == pytest.approx(2, abs=0.1)
    assert list(collection.all_objects) == [obj]
    assert not collection.children
    assert len(bpy.data.meshes) == 1


def test_what_the_artist_has_worked_on_is_not_put_back(dirty: bpy.types.Mesh, collection: bpy.types.Collection) -> None:
    obj = put(dirty, collection)
    finish_objects([obj], collection, CLEAN)
    obj.data.vertices[0].co.x += 0.5
    assert restore([obj]) == [obj]
    assert obj.data != dirty


def test_several_meshes_are_told_of_together(dirty: bpy.types.Mesh, collection: bpy.types.Collection) -> None:
    objects = [put(dirty, collection), put(built(open_box()), collection, "Box"), put(built(), collection, "Nothing")]
    finish_objects(objects, collection, CLEAN)
    assert words_of(objects[0]) == "watertight, 1 loose piece removed, 1 hole closed, 320 faces turned"
