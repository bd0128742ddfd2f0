# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made of a mesh stands where that stands, which is kept, hidden, as a variant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest
from mathutils import Matrix, Vector

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.placement import Placement
from scenario_addon.blender.variants.group import Kinship, key_of, members, shown
from scenario_addon.blender.variants.row import lay_out, stack
from scenario_addon.blender.variants.switch import keep, neighbour, show_alone
from tests.blender.refining.refine import back, blob, box_of, bring, given, refined, ways
from tests.blender.sample_meshes import textured_box

REMESH = "model_meshy-remesh"
FEW = {"targetPolycount": 400}


def variants(obj: Any) -> list[Any]:
    key = key_of(obj)
    assert key is not None
    return members(key, bpy.context.scene, first=obj)


def moved(obj: Any) -> None:
    obj.location, obj.rotation_euler, obj.scale = (3.0, -2.0, 1.0), (0.3, 0.5, 1.1), (2.0, 2.0, 2.0)


def uneven(obj: Any) -> None:
    obj.location, obj.rotation_euler, obj.scale = (3.0, -2.0, 1.0), (0.3, 0.5, 1.1), (2.0, 0.5, 1.5)


def mirrored(obj: Any) -> None:
    uneven(obj)
    obj.scale.x = -2.0


def quaternion(obj: Any) -> None:
    moved(obj)
    obj.rotation_mode, obj.rotation_quaternion = "QUATERNION", (0.7, 0.1, 0.7, 0.0)
    obj.delta_location, obj.delta_scale = (0.5, 0.0, 0.0), (1.0, 3.0, 1.0)


def sheared(obj: Any) -> None:
    parent = bpy.data.objects.new("Parent", None)
    bpy.context.scene.collection.objects.link(parent)
    parent.rotation_euler, parent.scale = (0.4, 0.2, 0.9), (1.0, 3.0, 0.5)
    uneven(obj)
    obj.parent = parent


def constrained(obj: Any) -> None:
    uneven(obj)
    goal = bpy.data.objects.new("Goal", None)
    goal.location = (7.0, 8.0, 9.0)
    bpy.context.scene.collection.objects.link(goal)
    obj.constraints.new("COPY_LOCATION").target = goal


def in_centimetres(obj: Any) -> None:
    bpy.context.scene.unit_settings.scale_length = 0.01
    obj.scale = (100.0, 100.0, 100.0)


WAYS = [moved, uneven, mirrored, quaternion, sheared, constrained, in_centimetres]


@pytest.mark.parametrize("placed", WAYS)
def test_fewer_faces_stand_where_the_source_does_however_that_was_placed(
    placed: Callable[[Any], None], tmp_path: Path
) -> None:
    source = blob()
    placed(source)
    bpy.context.view_layer.update()
    world = source.matrix_world.copy()
    arrival = back(source, REMESH, tmp_path, **FEW)
    assert len(arrival.root.data.polygons) == pytest.approx(400, rel=0.1)
    assert ways(arrival.objects, source) < 0.01
    assert all((arrival.root.matrix_world.col[n] - world.col[n]).length < 1e-4 * world.median_scale for n in range(4))
    assert source.matrix_world == world
    assert not source.visible_get() and source.hide_render and arrival.root.visible_get()
    assert arrival.where == "in place of Chair" and not arrival.told


def test_a_source_in_edit_mode_is_left_alone_and_that_is_said(tmp_path: Path) -> None:
    source = blob()
    files = refined(REMESH, given(source), **FEW)
    bpy.ops.object.mode_set(mode="EDIT")
    arrival = bring(files, tmp_path, source)
    assert source.mode == "EDIT" and source.visible_get()
    assert arrival.told == (
        "Somebody is at work on Chair in another mode: the result stands beside it, as a mesh of its own."
    )
    assert arrival.where == "beside Chair" and key_of(arrival.root) is None


def test_a_linked_source_is_left_alone_and_that_is_said(tmp_path: Path) -> None:
    source = blob()
    files = refined(REMESH, given(source), **FEW)
    bpy.data.libraries.write(str(tmp_path / "other.blend"), {source})
    bpy.data.objects.remove(source)
    with bpy.data.libraries.load(str(tmp_path / "other.blend"), link=True) as (_, wanted):
        wanted.objects = ["Chair"]
    (linked,) = wanted.objects
    bpy.context.scene.collection.objects.link(linked)
    arrival = bring(files, tmp_path, "Chair")
    assert arrival.told.startswith("Chair is linked from another file:") and linked.visible_get()
    assert arrival.where == "beside Chair"


def test_a_mesh_in_another_unit_and_about_another_origin_comes_to_the_same_place(tmp_path: Path) -> None:
    source = blob()
    uneven(source)
    files = refined(REMESH, given(source, scale=0.01, shift=(5.0, 6.0, 7.0)), **FEW)
    assert ways(bring(files, tmp_path, source).objects, source) < 0.01


def test_a_mesh_that_lost_a_little_at_its_ends_is_as_large_as_its_source(tmp_path: Path) -> None:
    source, smaller = blob(), blob("Smaller")
    for vertex in smaller.data.vertices:
        vertex.co.x *= 0.96
    data = given(smaller)
    bpy.data.objects.remove(smaller)
    assert ways(bring(data, tmp_path, source).objects, source) < 0.01


def test_the_artists_mesh_loses_nothing_and_switching_keeping_and_the_row_work(tmp_path: Path) -> None:
    source = blob()
    mirrored(source)
    source["mine"] = 1
    source.modifiers.new("Bevel", "BEVEL").width = 0.0
    before = [source.name, source.data.name, source.scale[:], source.rotation_euler[:], len(source.data.vertices)]
    arrival = back(source, REMESH, tmp_path, **FEW)
    root, scene = arrival.root, bpy.context.scene
    first, second = variants(root)
    assert [first.root, second.root] == [source, root]
    show_alone(neighbour([first, second], 1), [first, second])
    assert source.visible_get() and not root.visible_get()
    after = [source.name, source.data.name, source.scale[:], source.rotation_euler[:], len(source.data.vertices)]
    assert after == before and source["mine"] == 1 and "Bevel" in source.modifiers
    world = source.matrix_world.copy()
    lay_out(key_of(root), scene)
    assert source.visible_get() and root.visible_get()
    low, high = box_of([source], Matrix())
    assert box_of([root], Matrix())[0].x > high.x or box_of([root], Matrix())[1].x < low.x
    bpy.context.view_layer.objects.active = root
    stack(key_of(root), scene)
    assert shown(variants(root)).root == root
    assert all((root.matrix_world.col[n] - world.col[n]).length < 1e-4 for n in range(4))
    keep(variants(root)[1], variants(root), scene)
    assert "Chair" not in bpy.data.objects and root.visible_get()


def test_what_the_artist_has_hung_on_the_source_stays_seen_and_outlives_it(tmp_path: Path) -> None:
    source = blob()
    uneven(source)
    lamp = bpy.data.objects.new("Lamp", bpy.data.lights.new("Lamp", "POINT"))
    bpy.context.scene.collection.objects.link(lamp)
    lamp.parent, lamp.location = source, (0.0, 0.0, 3.0)
    bpy.context.view_layer.update()
    spot = lamp.matrix_world.translation.copy()
    arrival = back(source, REMESH, tmp_path, **FEW)
    assert lamp.visible_get() and not lamp.hide_render
    keep(variants(arrival.root)[1], variants(arrival.root), bpy.context.scene)
    bpy.context.view_layer.update()
    assert lamp.parent == arrival.root and (lamp.matrix_world.translation - spot).length < 1e-4


def test_how_the_result_is_moved_holds_for_the_source_and_what_comes_then(tmp_path: Path) -> None:
    source = blob()
    moved(source)
    files = refined(REMESH, given(source), **FEW)
    first = bring(files, tmp_path, source).root
    first.location.x += 5.0
    bpy.context.view_layer.update()
    second = bring(files, tmp_path, source)
    assert (second.root.location.x, len(variants(second.root))) == (pytest.approx(8.0), 3)
    assert ways(second.objects, first) < 0.01
    assert source.location.x == pytest.approx(8.0)


def test_of_a_result_that_is_a_variant_already_it_joins_the_others(tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    path.write_bytes(textured_box())
    roots = [
        import_mesh(
            path,
            name="Box",
            job_id=f"job_made_{number}",
            model_id="model_1",
            placement=Placement(location=(1.0, 2.0, 3.0), height=5.0),
            variant=Kinship("box here", f"seed {number}"),
        ).root
        for number in (1, 2)
    ]
    roots[1].rotation_euler.z = 1.0
    roots[1].name = "Renamed"
    bpy.context.view_layer.update()
    files = refined(REMESH, given(roots[0], shift=(0.0, 0.0, -1.0)), **FEW)  # in its file it had another origin
    arrival = bring(files, tmp_path, "Box", job_id="job_made_1")
    assert [variant.job_id for variant in variants(arrival.root)[:2]] == ["job_made_1", "job_made_2"]
    assert key_of(arrival.root) == "box here" and len(variants(arrival.root)) == 3
    assert shown(variants(arrival.root)).root == arrival.root
    assert ways(arrival.objects, roots[1]) < 0.01
    assert arrival.root.rotation_euler.z == pytest.approx(1.0)


def test_of_a_result_that_was_renamed_it_takes_the_place_all_the_same(tmp_path: Path) -> None:
    source = blob()
    source["scenario_job_id"] = "job_made"
    files = refined(REMESH, given(source), **FEW)
    source.name = "Throne"
    blob("Chair").location = (9.0, 0.0, 0.0)
    arrival = bring(files, tmp_path, "Chair", job_id="job_made")
    assert arrival.where == "in place of Throne" and bpy.data.objects["Chair"].visible_get()


def test_several_objects_give_way_together_and_come_back_together(tmp_path: Path) -> None:
    source, other = blob(), blob("Cushion", detail=2)
    uneven(source)
    other.location, other.rotation_euler = (2.0, 0.0, 4.0), (0.0, 0.7, 0.0)
    bpy.context.view_layer.update()
    frame, place = source.matrix_world.copy(), other.matrix_world.copy()
    low, high = box_of([source, other], frame)
    arrival = bring(refined(REMESH, given(source, other), **FEW), tmp_path, source, other)
    own_low, own_high = box_of(arrival.objects, frame)
    assert max((own_low - low).length, (own_high - high).length) < 0.01 * (high - low).length
    assert not source.visible_get() and not other.visible_get()
    assert other.parent is None and other.matrix_world == place
    arrival.root.location.z += 2.0
    bpy.context.view_layer.update()
    show_alone(variants(arrival.root)[0], variants(arrival.root))
    bpy.context.view_layer.update()
    assert source.visible_get() and other.visible_get()
    assert other.matrix_world.translation.z == pytest.approx(6.0)
    again = bring(refined(REMESH, given(source), **FEW), tmp_path, source)
    keep(variants(again.root)[-1], variants(again.root), bpy.context.scene)
    assert {obj.name for obj in bpy.context.scene.objects} == {again.root.name}


def test_a_copy_that_shares_the_mesh_stays_as_it_is(tmp_path: Path) -> None:
    source = blob()
    twin = source.copy()
    twin.location.x = 9.0
    bpy.context.scene.collection.objects.link(twin)
    back(source, REMESH, tmp_path, **FEW)
    assert twin.visible_get() and twin.data == source.data and key_of(twin) is None


def test_it_goes_into_the_collection_of_the_source_and_beside_that_of_a_result(tmp_path: Path) -> None:
    source = blob()
    room = bpy.data.collections.new("Room")
    bpy.context.scene.collection.children.link(room)
    room.objects.link(source)
    bpy.context.scene.collection.objects.unlink(source)
    first = back(source, REMESH, tmp_path, **FEW)
    assert first.collection.name in room.children
    second = back(first.root, REMESH, tmp_path, **FEW)
    assert second.collection.name in room.children and second.root.visible_get()


def test_where_the_collection_of_the_source_is_instanced_the_result_is_seen_there_too(tmp_path: Path) -> None:
    source = blob()
    room = bpy.data.collections.new("Room")
    bpy.context.scene.collection.children.link(room)
    room.objects.link(source)
    bpy.context.scene.collection.objects.unlink(source)
    empty = bpy.data.objects.new("Instance", None)
    empty.instance_type, empty.instance_collection, empty.location = "COLLECTION", room, (9.0, 0.0, 0.0)
    bpy.context.scene.collection.objects.link(empty)
    arrival = back(source, REMESH, tmp_path, **FEW)
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    assert {one.object.name for one in graph.object_instances if one.is_instance} == {arrival.root_name}


def test_a_source_in_a_collection_that_is_not_shown_gives_way_to_a_result_that_is(tmp_path: Path) -> None:
    source = blob()
    files = refined(REMESH, given(source), **FEW)
    room = bpy.data.collections.new("Room")
    bpy.context.scene.collection.children.link(room)
    room.objects.link(source)
    bpy.context.scene.collection.objects.unlink(source)
    bpy.context.view_layer.layer_collection.children["Room"].exclude = True
    arrival = bring(files, tmp_path, source)
    assert arrival.root.visible_get() and len(variants(arrival.root)) == 2


def test_objects_of_which_one_hangs_on_the_other_give_way_and_come_back(tmp_path: Path) -> None:
    source, leg = blob(), blob("Leg", detail=2)
    leg.parent, source.location, leg.location = source, (1.0, 2.0, 3.0), (0.0, 0.0, -2.0)
    bpy.context.view_layer.update()
    files = refined(REMESH, given(leg, source), **FEW)
    frame = leg.matrix_world.copy()
    low, high = box_of([source, leg], frame)
    arrival = bring(files, tmp_path, leg, source)
    own_low, own_high = box_of(arrival.objects, frame)
    assert max((own_low - low).length, (own_high - high).length) < 0.01 * (high - low).length
    arrival.root.location.x += 5.0
    bpy.context.view_layer.update()
    show_alone(variants(arrival.root)[0], variants(arrival.root))
    bpy.context.view_layer.update()
    assert source.visible_get() and leg.visible_get()
    assert source.location.x == pytest.approx(6.0) and leg.location[:] == pytest.approx((0.0, 0.0, -2.0))


def test_a_copy_of_a_result_stands_for_itself_when_something_is_made_of_it(tmp_path: Path) -> None:
    first = back(blob(), REMESH, tmp_path, **FEW).root
    copy = first.copy()
    bpy.context.scene.collection.objects.link(copy)
    copy.location.x += 10.0
    bpy.context.view_layer.update()
    arrival = back(copy, REMESH, tmp_path, **FEW)
    assert ways(arrival.objects, copy) < 0.01
    assert first.visible_get() and not copy.visible_get()
    assert [len(variants(root)) for root in (first, arrival.root)] == [2, 2]


@pytest.mark.parametrize("name", ["Стул из дуба", "椅子" * 20, "x" * 63])
def test_any_name_of_the_source_will_do(name: str, tmp_path: Path) -> None:
    source = blob(name)
    kept = source.name
    arrival = back(source, REMESH, tmp_path, **FEW)
    assert source.name == kept and arrival.where == f"in place of {kept}"
    assert len(variants(arrival.root)) == 2


def test_it_is_one_step_that_is_undone(tmp_path: Path) -> None:
    source = blob()
    files = refined(REMESH, given(source), **FEW)
    bpy.ops.ed.undo_push(message="before")
    bring(files, tmp_path, source)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    (left,) = bpy.context.scene.objects
    assert left.name == "Chair" and left.visible_get() and not left.hide_render
    assert "scenario_variants" not in left and "scenario_hidden" not in left


def test_a_source_that_bones_bend_gives_way_and_the_bones_stay(tmp_path: Path) -> None:
    bpy.ops.object.armature_add()
    bones = bpy.context.active_object
    bones.location, bones.rotation_euler = (1.0, 2.0, 0.0), (0.0, 0.0, 0.5)
    source = blob()
    source.parent, source.parent_type = bones, "ARMATURE"
    source.modifiers.new("Bones", "ARMATURE").object = bones
    arrival = back(source, REMESH, tmp_path, **FEW)
    assert ways(arrival.objects, source) < 0.01
    assert bones.visible_get() and arrival.root.parent == bones
    assert (arrival.root.matrix_world @ Vector() - source.matrix_world @ Vector()).length < 1e-5
