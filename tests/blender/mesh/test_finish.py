# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to a mesh after the import: as wanted, and nothing else."""

import logging
import math
from pathlib import Path

import bpy
import pytest
from PIL import Image

from scenario_addon.blender.form.finishing import MAX_LODS
from scenario_addon.blender.mesh import lod as module
from scenario_addon.blender.mesh.finish import Finish, finish_objects, finish_textures
from scenario_addon.blender.mesh.mesh import triangle_count
from tests.blender.sample_surfaces import boundary_edges, import_ball
from tests.limits import shorten

STEPS = 32
TRIANGLES = 12 * STEPS**2


@pytest.fixture
def ball(tmp_path: Path, collection: bpy.types.Collection) -> bpy.types.Object:
    obj = import_ball(tmp_path, STEPS, picture=Image.new("RGB", (128, 64), "teal"))
    for home in obj.users_collection:
        home.objects.unlink(obj)
    collection.objects.link(obj)
    return obj


def sphere(name: str, collection: bpy.types.Collection, subdivisions: int = 4) -> bpy.types.Object:
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=subdivisions)
    obj = bpy.context.object
    obj.name = name
    bpy.context.scene.collection.objects.unlink(obj)
    collection.objects.link(obj)
    return obj


def counts(objects: tuple[bpy.types.Object, ...]) -> dict[str, int]:
    return {obj.name: triangle_count(obj.data) for obj in objects}


def test_nothing_wanted_is_nothing_done(ball: bpy.types.Object, collection: bpy.types.Collection) -> None:
    mesh, names = ball.data, {m.name for m in bpy.data.meshes}
    assert finish_objects([ball], collection, Finish()) == (ball,)
    assert ball.data == mesh
    assert {m.name for m in bpy.data.meshes} == names
    assert not collection.children


def test_fewer_triangles_are_shown_and_the_mesh_as_delivered_is_one_click_away(
    ball: bpy.types.Object, collection: bpy.types.Collection
) -> None:
    delivered = ball.data
    ball.location = (1, 2, 3)
    shown, full = finish_objects([ball], collection, Finish(triangles=2000))
    assert shown == ball
    assert counts((shown, full)) == {"ball": pytest.approx(2000, abs=2), "ball_full": TRIANGLES}
    assert full.data == delivered
    assert (ball.data.name, full.data.name) == ("ball", "ball_full")
    (home,) = full.users_collection
    assert home.name == "Chair Full"
    assert home.hide_viewport
    assert home.hide_render
    bpy.context.view_layer.update()
    assert not full.visible_get()
    home.hide_viewport = False
    bpy.context.view_layer.update()
    assert full.visible_get()
    assert full.matrix_world == ball.matrix_world
    assert [m.name for m in ball.data.materials] == [m.name for m in delivered.materials]


@pytest.mark.parametrize("triangles", [TRIANGLES, TRIANGLES * 10])
def test_a_target_that_is_met_already_changes_nothing(
    ball: bpy.types.Object, collection: bpy.types.Collection, triangles: int
) -> None:
    delivered = ball.data
    assert finish_objects([ball], collection, Finish(triangles=triangles)) == (ball,)
    assert ball.data == delivered
    assert [m.name for m in bpy.data.meshes] == ["ball"]


def test_each_level_of_detail_has_half_of_the_one_before(
    ball: bpy.types.Object, collection: bpy.types.Collection
) -> None:
    delivered = ball.data
    objects = finish_objects([ball], collection, Finish(lods=3))
    expected = {f"ball_LOD{n}": pytest.approx(TRIANGLES / 2**n, abs=4) for n in (1, 2, 3)}
    assert counts(objects) == {"ball": TRIANGLES, **expected}
    assert ball.data == delivered, "without a target the mesh is shown as delivered"
    for lod in objects[1:]:
        assert [c.name for c in lod.users_collection] == ["Chair LODs"]
        assert lod.parent == ball
        assert lod.matrix_local.is_identity
        assert boundary_edges(lod.data) == 0
        assert list(lod.data.materials) == list(delivered.materials)


def test_levels_of_detail_follow_the_target(ball: bpy.types.Object, collection: bpy.types.Collection) -> None:
    objects = finish_objects([ball], collection, Finish(triangles=4000, lods=2))
    assert list(counts(objects)) == ["ball", "ball_full", "ball_LOD1", "ball_LOD2"]
    assert list(counts(objects).values()) == pytest.approx([4000, TRIANGLES, 2000, 1000], abs=2)
    assert len(bpy.data.meshes) == 4
    assert len(bpy.data.scenes) == 1


def test_levels_end_where_nothing_is_left_to_leave_out(collection: bpy.types.Collection) -> None:
    obj = sphere("ball", collection, subdivisions=1)
    objects = finish_objects([obj], collection, Finish(lods=MAX_LODS))
    assert all(triangle_count(o.data) >= 4 for o in objects)
    assert len(objects) < 1 + MAX_LODS


def test_the_target_is_for_all_meshes_together(collection: bpy.types.Collection) -> None:
    large, small = sphere("large", collection, 5), sphere("small", collection, 4)
    together = triangle_count(large.data) + triangle_count(small.data)
    objects = finish_objects([large, small], collection, Finish(triangles=together // 4))
    assert triangle_count(large.data) + triangle_count(small.data) == pytest.approx(together // 4, abs=4)
    assert triangle_count(large.data) / triangle_count(small.data) == pytest.approx(4, rel=0.05)
    assert [obj.name for obj in objects] == ["large", "small", "large_full", "small_full"]
    assert len(collection.children) == 1


def test_objects_that_share_a_mesh_still_share_it(collection: bpy.types.Collection) -> None:
    first = sphere("first", collection)
    second = bpy.data.objects.new("second", first.data)
    collection.objects.link(second)
    finish_objects([first, second], collection, Finish(triangles=1000, lods=1))
    assert first.data == second.data
    assert triangle_count(first.data) == pytest.approx(500, abs=2)
    assert len(bpy.data.meshes) == 3


def test_merging_alone_leaves_no_second_mesh_behind(ball: bpy.types.Object, collection: bpy.types.Collection) -> None:
    assert finish_objects([ball], collection, Finish(merge=True)) == (ball,)
    assert boundary_edges(ball.data) == 0
    assert ball.data.has_custom_normals
    assert [m.name for m in bpy.data.meshes] == ["ball"]


def test_a_smooth_mesh_has_neither_seams_nor_normals_of_its_own(
    ball: bpy.types.Object, collection: bpy.types.Collection
) -> None:
    objects = finish_objects([ball], collection, Finish(smooth=True, triangles=2000, lods=1))
    smooth = [not obj.data.has_custom_normals and boundary_edges(obj.data) == 0 for obj in objects]
    assert dict(zip(counts(objects), smooth, strict=True)) == {"ball": True, "ball_full": False, "ball_LOD1": True}


def test_many_objects_get_no_more_levels_of_detail_than_a_window_can_bear(
    ball: bpy.types.Object, collection: bpy.types.Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch, module, _MOST_OBJECTS=30)
    copies = [bpy.data.objects.new("ball", ball.data) for _ in range(9)]
    for obj in copies:
        collection.objects.link(obj)
    finish = Finish(triangles=10_000, lods=3)
    assert len(finish_objects([ball, *copies], collection, finish)) == 30, "each, as delivered, and one level"
    assert len(finish_objects([ball], collection, Finish(lods=3))) == 4


def test_textures_are_capped_and_the_others_of_the_file_are_not(
    ball: bpy.types.Object, collection: bpy.types.Collection
) -> None:
    artists = bpy.data.images.new("artist's", 128, 128)
    assert finish_textures([ball], Finish(max_texture_px=32)) == ()
    (texture,) = (image for image in bpy.data.images if image != artists)
    assert tuple(texture.size) == (32, 16)
    assert tuple(artists.size) == (128, 128)


@pytest.mark.parametrize(
    ("finish", "size", "told"),
    [
        (Finish().within(most_texture_px=32, most_pixels=0), (32, 16), True),
        (Finish().within(most_texture_px=128, most_pixels=0), (128, 64), False),
        (Finish(max_texture_px=16).within(most_texture_px=32, most_pixels=0), (16, 8), False),
        (Finish(max_texture_px=48).within(most_texture_px=32, most_pixels=0), (32, 16), True),
        (Finish().within(most_texture_px=128, most_pixels=128 * 64), (128, 64), False),
        (Finish().within(most_texture_px=128, most_pixels=128 * 64 - 1), (64, 32), True),
        (Finish(max_texture_px=32).within(most_texture_px=0, most_pixels=100), (8, 4), True),
    ],
)
def test_what_a_window_can_bear_comes_before_what_is_wanted_and_is_told(
    ball: bpy.types.Object, finish: Finish, size: tuple[int, int], told: bool
) -> None:
    phrases = finish_textures([ball], finish)
    (texture,) = (image for image in bpy.data.images if image.users)
    assert tuple(texture.size) == size
    said = f"without the full size of its textures, which were scaled down to {size[0]} px"
    assert phrases == ((said,) if told else ())


def test_meshes_that_move_stay_as_delivered(collection: bpy.types.Collection, caplog: pytest.LogCaptureFixture) -> None:
    keyed, rigged = sphere("keyed", collection), sphere("rigged", collection)
    keyed.shape_key_add(name="Basis")
    rigged.modifiers.new("bones", "ARMATURE")
    before = [keyed.data, rigged.data]
    with caplog.at_level(logging.INFO):
        objects = finish_objects([keyed, rigged], collection, Finish(triangles=100, lods=2, merge=True, smooth=True))
    assert objects == (keyed, rigged)
    assert [keyed.data, rigged.data] == before
    assert "keyed has an armature or shape keys" in caplog.text


def test_empties_and_meshes_without_faces_are_passed_over(collection: bpy.types.Collection) -> None:
    empty = bpy.data.objects.new("empty", None)
    points = bpy.data.objects.new("points", bpy.data.meshes.new("points"))
    assert finish_objects([empty, points], collection, Finish(triangles=10, lods=1)) == (empty, points)
    assert finish_textures([empty, points], Finish(max_texture_px=8, most_pixels=1)) == ()


def test_everything_comes_back_from_json() -> None:
    finish = Finish(
        triangles=5000,
        lods=2,
        merge=True,
        smooth=True,
        max_texture_px=1024,
        keep_animations=True,
        frame_rate=29.97,
        loose=0.05,
        hole_edges=64,
        outward=True,
    )
    assert Finish.from_json(finish.to_json()) == finish
    assert Finish.from_json({"frame_rate": 24}).frame_rate == 24


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        "x",
        {},
        {"triangles": -5},
        {"triangles": "many", "lods": None, "merge": 1},
        {"unheard of": 3},
        {"frame_rate": math.inf},
        {"frame_rate": math.nan},
        {"loose": "few", "hole_edges": 1.5, "outward": 1},
    ],
)
def test_what_makes_no_sense_is_as_delivered(data: object) -> None:
    assert Finish.from_json(data) == Finish()


def test_no_more_levels_than_there_can_be() -> None:
    assert Finish.from_json({"lods": 10**9}).lods == MAX_LODS
