# SPDX-License-Identifier: GPL-3.0-or-later
"""What is meant by a selection, by names, by a collection."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from scenario_addon.blender.studio.subject import Subject, of_collection, of_objects, of_selection
from scenario_addon.engine.errors import PictureError
from tests.blender.sample_subjects import add, box, select


def chosen() -> Subject:
    bpy.context.view_layer.update()
    return of_selection(bpy.context)


def test_only_what_is_selected_and_has_a_surface_counts() -> None:
    seat, leg, other = box("Seat", (1, 1, 1)), box("Leg", (1, 1, 1)), box("Other", (1, 1, 1))
    camera, lamp = add(bpy.data.cameras.new("C"), "Camera"), add(bpy.data.lights.new("L", "SUN"), "Lamp")
    rig, empty = add(bpy.data.armatures.new("A"), "Rig"), add(None, "Empty")
    select(leg, seat, camera, lamp, rig, empty)
    assert (chosen().name, set(chosen().objects)) == ("Leg", {leg, seat})
    assert other not in chosen().objects


def test_the_active_object_gives_the_name_only_if_it_is_seen() -> None:
    seat, camera = box("Seat", (1, 1, 1)), add(bpy.data.cameras.new("C"), "Camera")
    select(camera, seat)
    assert chosen().name == "Seat"


def test_nothing_selected_is_said_so() -> None:
    box("Seat", (1, 1, 1)).select_set(False)
    with pytest.raises(PictureError, match=r"^Nothing is selected: select"):
        chosen()


def test_a_selection_without_a_surface_is_named() -> None:
    select(add(bpy.data.cameras.new("C"), "Camera"), add(bpy.data.armatures.new("A"), "Rig"))
    with pytest.raises(PictureError, match=r"^Camera, Rig has no surface: select meshes"):
        chosen()


def test_what_is_hidden_does_not_count() -> None:
    seat, leg = box("Seat", (1, 1, 1)), box("Leg", (1, 1, 1))
    select(seat, leg)
    leg.hide_viewport = True
    assert chosen().objects == (seat,)
    seat.hide_viewport = True
    with pytest.raises(PictureError, match=r"Nothing is selected|cannot be seen"):
        chosen()


def test_what_is_shown_as_an_outline_cuts_others_and_is_left_out() -> None:
    seat, cutter = box("Seat", (1, 1, 1)), box("Cutter", (1, 1, 1))
    cutter.display_type = "WIRE"
    select(cutter, seat)
    assert (chosen().name, chosen().objects) == ("Seat", (seat,))
    select(cutter)
    assert chosen().objects == (cutter,), "if it is all there is, it is meant"


def test_all_balls_of_a_family_belong_together() -> None:
    balls = [add(bpy.data.metaballs.new("B"), name) for name in ("Blob", "Blob.001", "Drop")]
    select(balls[1])
    assert set(chosen().objects) == set(balls[:2])


def test_an_empty_counts_if_it_shows_a_collection(collection: bpy.types.Collection) -> None:
    empty = add(None, "Instance")
    select(empty)
    with pytest.raises(PictureError, match="Instance has no surface"):
        chosen()
    empty.instance_type, empty.instance_collection = "COLLECTION", collection
    assert chosen().objects == (empty,)


def test_what_an_object_repeats_comes_along_unseen() -> None:
    grid, leaf = box("Grid", (1, 1, 1)), box("Leaf", (0.1, 0.1, 0.1))
    leaf.parent, grid.instance_type = grid, "VERTS"
    select(grid)
    assert (chosen().objects, chosen().helpers) == ((grid,), (leaf,))
    select(leaf)
    assert (chosen().objects, chosen().helpers) == ((leaf,), (grid,))


def test_objects_are_found_by_name_also_hidden_ones() -> None:
    seat, leg = box("Sitz é", (1, 1, 1)), box("Leg", (1, 1, 1))
    leg.hide_viewport = True
    found = of_objects(["Leg", "Sitz é", "Leg"], bpy.context.scene)
    assert (found.name, found.objects) == ("Leg", (leg, seat))
    with pytest.raises(PictureError, match=r"no object named Chair in the scene Scene\.$"):
        of_objects(["Leg", "Chair"], bpy.context.scene)


def test_a_collection_is_what_is_shown_of_it_and_of_those_inside(collection: bpy.types.Collection) -> None:
    inner = bpy.data.collections.new("Inner")
    collection.children.link(inner)
    parts: Any = [box(name, (1, 1, 1)) for name in ("Seat", "Leg", "Cutter")]
    for part, home in zip(parts, (collection, inner, inner), strict=True):
        bpy.context.scene.collection.objects.unlink(part)
        home.objects.link(part)
    parts[2].hide_set(True)
    found = of_collection("Chair", bpy.context.scene)
    assert (found.name, set(found.objects)) == ("Chair", set(parts[:2]))


def test_a_collection_that_is_excluded_from_the_view_layer_is_found(collection: bpy.types.Collection) -> None:
    seat = box("Seat", (1, 1, 1))
    bpy.context.scene.collection.objects.unlink(seat)
    collection.objects.link(seat)
    bpy.context.view_layer.layer_collection.children["Chair"].exclude = True
    assert of_collection("Chair", bpy.context.scene).objects == (seat,)


def test_a_collection_with_nothing_in_it_is_said_so(collection: bpy.types.Collection) -> None:
    with pytest.raises(PictureError, match="The collection Chair has nothing in it"):
        of_collection("Chair", bpy.context.scene)
    with pytest.raises(PictureError, match=r"no collection named Table\.$"):
        of_collection("Table", bpy.context.scene)
