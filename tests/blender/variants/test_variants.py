# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants of one thing stand on one spot, one is shown, and what the artist does to it holds for all."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import bpy
import pytest
from mathutils import Vector

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.scene.placement import Placement
from scenario_addon.blender.variants.group import Kinship, Variant, key_of, members, shown
from scenario_addon.blender.variants.row import is_laid_out, lay_out, stack
from scenario_addon.blender.variants.switch import keep, neighbour, show_alone
from tests.blender.sample_meshes import textured_box

KEY = "chair here"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.glb"
    path.write_bytes(textured_box())
    return path


def bring(box: Path, number: int, *, key: str = KEY, finish: Finish | None = None, **place: object) -> bpy.types.Object:
    arrival = import_mesh(
        box,
        name="Chair",
        job_id=f"job_{number}",
        model_id="model_1",
        placement=Placement(**{"location": (0.0, 0.0, 0.0), **place}),
        finish=finish,
        variant=Kinship(key, f"Model, seed {number}"),
    )
    return arrival.root


def variants() -> list[Variant]:
    return members(KEY, bpy.context.scene)


def seen() -> list[str]:
    return [variant.job_id for variant in variants() if variant.root.visible_get()]


def base_of(root: bpy.types.Object) -> tuple[float, ...]:
    bpy.context.view_layer.update()
    points = [root.matrix_world @ Vector(corner) for corner in root.bound_box]
    low, high = ([pick(axis) for axis in zip(*points, strict=True)] for pick in (min, max))
    return (round((low[0] + high[0]) / 2, 4), round((low[1] + high[1]) / 2, 4), round(low[2], 4))


def test_the_last_that_came_is_shown_where_the_others_are_and_they_are_hidden_in_renders_too(box: Path) -> None:
    roots = [bring(box, number) for number in (1, 2, 3)]
    assert [variant.number for variant in variants()] == [1, 2, 3]
    assert seen() == ["job_3"]
    assert [root.hide_render for root in roots] == [True, True, False]
    assert len({base_of(root) for root in roots}) == 1


def test_what_was_made_of_something_else_or_for_another_place_is_no_variant(box: Path) -> None:
    bring(box, 1)
    other = bring(box, 2, key="table here")
    assert seen() == ["job_1"] and other.visible_get()
    assert key_of(other) == "table here"


def test_the_first_steps_aside_and_its_sisters_go_with_it(box: Path) -> None:
    bpy.ops.mesh.primitive_cube_add(size=4.0)
    first = bring(box, 1, steps_aside=True)
    second = bring(box, 2, steps_aside=True)
    assert base_of(first)[0] > 2.0
    assert base_of(second) == base_of(first)


def test_how_the_artist_has_placed_one_holds_for_those_that_come_and_those_that_are_shown(box: Path) -> None:
    first = bring(box, 1)
    first.location, first.rotation_euler.z, first.scale = (5.0, 1.0, 2.0), math.pi / 2, (3.0, 3.0, 3.0)
    bpy.context.view_layer.update()
    second = bring(box, 2)
    assert base_of(second) == base_of(first)
    assert second.matrix_world.to_scale().x == pytest.approx(3.0)
    assert second.matrix_world.to_euler().z == pytest.approx(math.pi / 2)
    second.location.x += 1.0
    bpy.context.view_layer.update()
    show_alone(variants()[0], variants())
    assert seen() == ["job_1"]
    assert base_of(first) == base_of(second)


def test_next_comes_after_the_shown_one_and_after_the_last_the_first(box: Path) -> None:
    for number in (1, 2, 3):
        bring(box, number)
    assert [neighbour(variants(), step).job_id for step in (1, -1)] == ["job_1", "job_2"]


def test_what_was_hidden_of_one_stays_hidden_when_it_is_shown(box: Path) -> None:
    one = bring(box, 1, finish=Finish(lods=1))
    one.hide_render = True
    bring(box, 2)
    show_alone(variants()[0], variants())
    assert one.visible_get() and one.hide_render


def test_keeping_one_removes_the_others_and_whatever_only_they_used(box: Path) -> None:
    def count() -> list[int]:
        kinds = ("collections", "objects", "meshes", "materials", "images")
        return [len(getattr(bpy.data, kind)) for kind in kinds]

    bring(box, 1, finish=Finish(lods=1))
    before = count()
    for number in (2, 3):
        bring(box, number, finish=Finish(lods=1))
    keep(variants()[0], variants(), bpy.context.scene)
    assert seen() == ["job_1"]
    assert count() == before


def test_what_the_artist_uses_elsewhere_stays_when_another_is_kept(box: Path) -> None:
    first = bring(box, 1)
    bring(box, 2)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Copy", first.data))
    keep(variants()[1], variants(), bpy.context.scene)
    copy = bpy.data.objects["Copy"]
    assert len(copy.data.polygons) == 12 and copy.data.materials[0].users


def test_in_a_row_all_are_shown_apart_with_their_names_and_then_on_one_spot_again(box: Path) -> None:
    roots = [bring(box, number) for number in (1, 2, 3)]
    spot, scene = base_of(roots[0]), bpy.context.scene
    lay_out(KEY, scene)
    assert is_laid_out(KEY, scene) and seen() == ["job_1", "job_2", "job_3"]
    edges = sorted(base_of(root)[0] for root in roots)
    assert min(b - a for a, b in pairwise(edges)) > 1.0
    signs = [obj for obj in scene.objects if obj.type == "FONT"]
    assert sorted(sign.data.body for sign in signs) == [f"{n}  Model, seed {n}" for n in (1, 2, 3)]
    bpy.context.view_layer.objects.active = roots[1]
    stack(KEY, scene)
    assert not is_laid_out(KEY, scene) and seen() == ["job_2"]
    assert {base_of(root) for root in roots} == {spot}
    assert not [obj for obj in scene.objects if obj.type == "FONT"]


def test_one_that_comes_while_the_others_are_in_a_row_ends_the_row(box: Path) -> None:
    roots = [bring(box, number) for number in (1, 2)]
    lay_out(KEY, bpy.context.scene)
    third = bring(box, 3)
    assert seen() == ["job_3"]
    assert base_of(third) == base_of(roots[0]) == base_of(roots[1])


def test_keeping_one_of_a_row_puts_it_back_on_the_spot(box: Path) -> None:
    roots = [bring(box, number) for number in (1, 2)]
    spot = base_of(roots[0])
    lay_out(KEY, bpy.context.scene)
    keep(variants()[1], variants(), bpy.context.scene)
    assert base_of(roots[1]) == spot
    assert not [obj for obj in bpy.context.scene.objects if obj.type == "FONT"]


def test_variants_are_known_in_a_file_without_a_ledger(box: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        bring(box, number)
    path = tmp_path / "file.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    assert [variant.job_id for variant in variants()] == ["job_1", "job_2"]
    show_alone(variants()[0], variants())
    assert seen() == ["job_1"]


def test_a_copy_of_the_artists_stands_for_itself(box: Path) -> None:
    first = bring(box, 1)
    copy = first.copy()
    bpy.context.scene.collection.objects.link(copy)
    copy.location.x += 10.0
    bring(box, 2)
    assert copy.visible_get() and not first.visible_get()
    assert shown(variants()).job_id == "job_2"
