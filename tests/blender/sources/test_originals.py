# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects a picture shows, how much room they take up, and which side of them was the front."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import SimpleNamespace

import bpy
import pytest
from mathutils import Euler, Matrix

from scenario_addon.blender.picture import viewport
from scenario_addon.blender.sources import originals
from scenario_addon.blender.sources.originals import Originals, find, spot
from tests.limits import shorten


def cube(name: str, location: Sequence[float] = (0, 0, 0), **options: object) -> bpy.types.Object:
    """A cube of 2 m, not selected."""
    bpy.ops.mesh.primitive_cube_add(location=location, **options)
    obj = bpy.context.active_object
    obj.name = name
    obj.select_set(False)
    return obj


def camera(rotation: Sequence[float]) -> bpy.types.Object:
    """The scene's camera; turned by nothing, a camera looks down."""
    bpy.ops.object.camera_add(rotation=rotation)
    bpy.context.scene.camera = bpy.context.active_object
    bpy.context.active_object.select_set(False)
    return bpy.context.scene.camera


def near(*numbers: float) -> object:
    return pytest.approx(numbers, abs=1e-4)


# -- which


@pytest.mark.parametrize("kind", ["RENDER", "IMAGE", "FILE", "VIEWPORT"])
def test_what_is_selected_is_meant(kind: str) -> None:
    cube("other")
    cube("chosen").select_set(True)
    assert find(bpy.context, kind) == Originals(("chosen",), is_selected=True)


def test_without_a_selection_a_render_shows_what_is_rendered_and_a_viewport_what_is_shown() -> None:
    cube("plain")
    cube("not rendered").hide_render = True
    cube("not to cameras").visible_camera = False
    cube("hidden").hide_set(True)
    camera((0, 0, 0))
    bpy.ops.object.light_add()
    bpy.ops.object.empty_add()
    bpy.ops.object.select_all(action="DESELECT")
    assert find(bpy.context, "RENDER").names == ("plain",)
    assert set(find(bpy.context, "VIEWPORT").names) == {"plain", "not rendered", "not to cameras"}


@pytest.mark.parametrize("kind", ["IMAGE", "FILE"])
def test_an_image_says_nothing_of_what_is_not_selected(kind: str) -> None:
    cube("plain")
    assert find(bpy.context, kind).sentence == "Nothing is selected: at the 3D cursor"


def test_an_empty_scene_has_nothing_to_replace() -> None:
    assert find(bpy.context, "RENDER").sentence == "There is nothing to be seen: at the 3D cursor"


def test_hidden_things_are_not_replaced_though_selected() -> None:
    obj = cube("hidden")
    obj.select_set(True)
    obj.hide_viewport = True
    assert find(bpy.context, "IMAGE").names == ()


def test_nobody_means_all_of_many_objects_unless_they_are_selected() -> None:
    for number in range(21):
        cube(f"cube {number}")
    assert find(bpy.context, "RENDER").sentence == "More than 20 objects and none selected: at the 3D cursor"
    bpy.ops.object.select_all(action="SELECT")
    assert len(find(bpy.context, "RENDER").names) == 21


def test_a_large_scene_is_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, originals, _MOST_LOOKED_AT=1)
    cube("a"), cube("b")
    assert find(bpy.context, "RENDER").names == ()


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("Cube",), "In place of Cube"),
        (("Cube", "Cone"), "In place of Cube, Cone"),
        (("Cube", "Cone", "Torus"), "In place of Cube, Cone and 1 more"),
    ],
)
def test_what_is_replaced_is_called_by_name(names: tuple[str, ...], sentence: str) -> None:
    assert Originals(names).sentence == sentence


# -- where


def placed(kind: str = "IMAGE") -> object:
    return spot(bpy.context, kind, find(bpy.context, kind))


def test_the_place_is_the_base_of_the_box_around_all_of_them() -> None:
    chosen = [cube("a", (0, 0, 1)), cube("b", (4, 2, 5))]
    cube("other", (50, 50, 50))
    for obj in chosen:
        obj.select_set(True)
    found = placed()
    assert (found.location, found.box) == (near(2, 1, 0), near(6, 4, 6))
    assert (found.turn, found.replaces) == (0.0, ("a", "b"))


def test_modifiers_count() -> None:
    obj = cube("a", (0, 0, 0))
    modifier = obj.modifiers.new("array", "ARRAY")
    modifier.use_relative_offset, modifier.use_constant_offset, modifier.constant_offset_displace = (
        False,
        True,
        (3, 0, 0),
    )
    obj.select_set(True)
    assert (placed().location, placed().box) == (near(1.5, 0, -1), near(5, 2, 2))


def test_a_collection_instance_counts_though_it_is_an_empty() -> None:
    collection = bpy.data.collections.new("Tree")
    obj = cube("Trunk", (0, 0, 1))
    bpy.context.collection.objects.unlink(obj)
    collection.objects.link(obj)
    bpy.ops.object.collection_instance_add(collection="Tree", location=(10, 0, 0))
    instance = bpy.context.active_object
    assert find(bpy.context, "IMAGE").names == (instance.name,)
    assert (placed().location, placed().box) == (near(10, 0, 0), near(2, 2, 2))


def test_a_text_counts_as_the_mesh_that_is_seen() -> None:
    bpy.ops.object.text_add()
    text = bpy.context.active_object
    text.data.extrude = 0.5
    bpy.context.view_layer.update()
    assert placed().box == near(*text.dimensions)


def test_a_curve_of_no_thickness_has_no_place() -> None:
    bpy.ops.curve.primitive_bezier_circle_add()
    assert find(bpy.context, "IMAGE").names
    assert placed() is None


# -- the front


@pytest.mark.parametrize(
    ("degrees", "turn"),
    [((90, 0, 0), 0), ((90, 0, 90), 90), ((60, 0, -45), -45), ((120, 0, 30), 30), ((0, 0, 70), 0), ((180, 0, 70), 0)],
    ids=["from the front", "from the right", "from above", "from below", "from straight above", "from straight below"],
)
def test_the_side_that_the_camera_saw_is_the_front(degrees: Sequence[float], turn: float) -> None:
    cube("a")
    camera(tuple(map(math.radians, degrees)))
    found = placed("RENDER")
    assert math.degrees(found.turn) == pytest.approx(turn, abs=1e-3)


def test_a_render_without_a_camera_has_no_side() -> None:
    cube("a")
    assert placed("RENDER").turn == 0.0


def test_the_box_lies_along_the_axes_of_who_looked() -> None:
    turn = math.radians(30)
    obj = cube("a", (3, 4, 5), rotation=(0, 0, turn))
    obj.scale = (1, 2, 3)
    camera(Euler((math.radians(80), 0, turn)))
    found = placed("RENDER")
    assert (found.box, found.location) == (near(2, 4, 6), near(3, 4, 2))
    assert found.turn == pytest.approx(turn, abs=1e-4)


def test_a_viewport_is_looked_at_from_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    cube("a")
    view = Matrix.Rotation(math.radians(90), 4, "Z") @ Matrix.Rotation(math.radians(90), 4, "X")
    region = SimpleNamespace(data=SimpleNamespace(view_matrix=view.inverted()))
    monkeypatch.setattr(viewport, "find_viewport", lambda context: (None, None, region))
    assert math.degrees(placed("VIEWPORT").turn) == pytest.approx(90, abs=1e-3)
