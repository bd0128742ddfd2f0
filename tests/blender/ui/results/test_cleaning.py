# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that is in the scene is cleaned up, one can try options, and what was delivered stays."""

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.mesh.findings import words_of
from scenario_addon.blender.mesh.mesh import triangle_count
from tests.blender.cleaning.shapes import ball, built, flip_all
from tests.blender.live import Live

CRUMB = ball(0.02, (1.3, 0, 0), subdivisions=1)
DONE = "watertight, 1 loose piece removed, 320 faces turned"


@pytest.fixture
def dirty(live: Live, collection: bpy.types.Collection) -> bpy.types.Object:
    """What a job has brought: a ball inside out, and a crumb."""
    obj = bpy.data.objects.new("Ball", built(ball(), flip_all, CRUMB))
    collection.objects.link(obj)
    for block in (collection, obj, obj.data):
        block["scenario_job_id"], block["scenario_model"] = "job_1", "model_x"
    bpy.context.view_layer.objects.active = obj
    return obj


def count(obj: bpy.types.Object) -> int:
    return triangle_count(obj.data)


def clean_up(**options: object) -> None:
    assert bpy.ops.scenario.clean_up(**options) == {"FINISHED"}


def refusal(**options: object) -> str:
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.scenario.clean_up(**options)
    return str(caught.value)


def test_it_is_cleaned_and_what_was_delivered_stays_hidden_under_its_own(dirty: bpy.types.Object) -> None:
    delivered = dirty.data
    clean_up()
    assert count(dirty) == 320
    assert words_of(dirty) == DONE
    (full,) = dirty.children
    assert full.data == delivered
    assert not full.visible_get()
    assert {block["scenario_job_id"] for block in (full, full.data, dirty.data)} == {"job_1"}


def test_the_second_time_starts_from_what_was_delivered(dirty: bpy.types.Object) -> None:
    delivered = dirty.data
    clean_up(target_triangles=100)
    assert count(dirty) == pytest.approx(100, abs=2)
    clean_up(target_triangles=200, remove_loose=False)
    assert count(dirty) == pytest.approx(200, abs=2)
    clean_up(target_triangles=0, remove_loose=False, turn_outward=False)
    assert dirty.data == delivered
    assert not dirty.children
    assert len(bpy.data.meshes) == 1


def test_without_a_target_as_many_triangles_are_shown_as_were(dirty: bpy.types.Object) -> None:
    clean_up(target_triangles=100)
    clean_up(turn_outward=False)
    assert count(dirty) == pytest.approx(100, abs=2)
    assert words_of(dirty) == "watertight, 1 loose piece removed"
    clean_up(target_triangles=0)
    clean_up(remove_loose=False)
    assert count(dirty) == 340, "what cleaning took away was no aim"


def test_what_the_artist_has_worked_on_is_where_it_starts(dirty: bpy.types.Object) -> None:
    clean_up()
    dirty.data.vertices[0].co.x += 0.7
    place = dirty.data.vertices[0].co.copy()
    clean_up(target_triangles=0)
    assert (dirty.data.vertices[0].co - place).length < 1e-6
    assert len(dirty.children) == 1


def test_every_mesh_of_a_job_is_cleaned_whichever_is_active(
    dirty: bpy.types.Object, collection: bpy.types.Collection
) -> None:
    part = bpy.data.objects.new("Part", built(ball(), flip_all))
    part.parent, part["scenario_job_id"] = dirty, "job_1"
    artists = bpy.data.objects.new("artist's", built(ball(), flip_all))
    artists.parent = dirty
    for obj in (part, artists):
        collection.objects.link(obj)
    artists_mesh = artists.data
    bpy.context.view_layer.objects.active = part
    clean_up()
    assert words_of(dirty) == "watertight, 1 loose piece removed, 640 faces turned"
    assert artists.data == artists_mesh


def test_the_mesh_of_a_job_is_cleaned_though_nothing_is_active(dirty: bpy.types.Object) -> None:
    bpy.context.view_layer.objects.active = None
    clean_up(job_id="job_1")
    assert words_of(dirty) == DONE
    assert "not in this scene" in refusal(job_id="job_2")


def test_any_other_mesh_is_cleaned_alone(live: Live) -> None:
    for name in ("One", "Two"):
        bpy.context.scene.collection.objects.link(bpy.data.objects.new(name, built(ball(), flip_all)))
    bpy.context.view_layer.objects.active = bpy.data.objects["One"]
    clean_up()
    assert words_of(bpy.data.objects["One"]) == "watertight, 320 faces turned"
    assert not words_of(bpy.data.objects["Two"])


def test_what_is_hidden_or_locked_is_cleaned_too(dirty: bpy.types.Object) -> None:
    dirty.lock_location = dirty.lock_scale = (True, True, True)
    dirty.hide_select = dirty.hide_viewport = True
    with bpy.context.temp_override(active_object=dirty):
        clean_up()
    assert words_of(dirty) == DONE


def test_a_mesh_that_is_being_edited_is_left_alone(dirty: bpy.types.Object) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    assert "go back to Object Mode" in refusal()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert count(dirty) == 340


def test_what_is_linked_from_another_file_is_left_alone(dirty: bpy.types.Object, tmp_path: Path) -> None:
    path = str(tmp_path / "other.blend")
    bpy.data.libraries.write(path, {dirty})
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.objects = ["Ball"]
    (linked,) = wanted.objects
    bpy.context.scene.collection.objects.link(linked)
    bpy.context.view_layer.objects.active = linked
    assert "make it local" in refusal()


def test_what_has_no_faces_is_refused(live: Live) -> None:
    bpy.ops.object.empty_add()
    assert "no mesh with faces" in refusal()
