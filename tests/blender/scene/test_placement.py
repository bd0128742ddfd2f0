# SPDX-License-Identifier: GPL-3.0-or-later
"""Where meshes stand: numbers in world space, read from the vertices."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace

import bpy
import numpy as np
import pytest
from mathutils import Matrix, Vector

from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.blender.scene.placement import Placement, place, standing
from scenario_addon.engine.errors import InputError

LOW, HIGH = (-1.0, 2.0, 0.5), (1.0, 6.0, 3.5)
"""A mesh of 2 x 4 x 3 m whose origin is nowhere near its base."""


def block(low: Sequence[float] = LOW, high: Sequence[float] = HIGH, name: str = "Chair") -> bpy.types.Object:
    corners = [(x, y, z) for x in (low[0], high[0]) for y in (low[1], high[1]) for z in (low[2], high[2])]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(corners, [], faces)
    return bpy.data.objects.new(name, mesh)


def arrive(root: bpy.types.Object, *others: bpy.types.Object, is_rigged: bool = False) -> Arrival:
    """These objects in a collection of their own, as an import leaves them."""
    collection = bpy.data.collections.new("Chair")
    bpy.context.scene.collection.children.link(collection)
    for obj in (root, *others):
        collection.objects.link(obj)
        obj["scenario_job_id"] = "job_1"
    bpy.context.view_layer.update()
    home = root.matrix_world.inverted()
    points = [home @ point for obj in (root, *others) for point in points_of(obj)]
    low, high = np.min(points, axis=0).tolist(), np.max(points, axis=0).tolist()
    names = tuple(obj.name for obj in (root, *others))
    return Arrival(collection.name, names, tuple(low), tuple(high), 12, 0, is_rigged)


def points_of(*objects: bpy.types.Object) -> list[Vector]:
    """All vertices in world space."""
    bpy.context.view_layer.update()
    return [obj.matrix_world @ v.co for obj in objects if obj.type == "MESH" for v in obj.data.vertices]


def put(arrival: Arrival, **options: object) -> Arrival:
    return place(arrival, Placement(**options), bpy.context.scene)


def room(*objects: bpy.types.Object, turn: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Size along axes turned by ``turn``, and the base in world space."""
    back = Matrix.Rotation(-turn, 3, "Z")
    points = np.array([back @ point for point in points_of(*objects)])
    low, high = points.min(axis=0), points.max(axis=0)
    base = Vector(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]))
    return high - low, np.array(back.transposed() @ base)


def near(*numbers: float) -> object:
    return pytest.approx(numbers, abs=1e-5)


# -- at a point


def test_without_a_location_the_base_stands_on_the_cursor() -> None:
    bpy.context.scene.cursor.location = (1, 2, 3)
    root = put(arrive(block())).root
    size, base = room(root)
    assert (size, base) == (near(2, 4, 3), near(1, 2, 3))


@pytest.mark.parametrize(("origin", "height_of_origin"), [("BASE", 0.0), ("CENTER", 0.5)])
def test_the_base_stands_on_the_location_wherever_the_origin_is(origin: str, height_of_origin: float) -> None:
    root = put(arrive(block()), location=(1, 2, 3), height=1.0, origin=origin).root
    size, base = room(root)
    assert (size, base) == (near(2 / 3, 4 / 3, 1), near(1, 2, 3))
    assert tuple(root.matrix_world.translation) == near(1, 2, 3 + height_of_origin)


def test_a_turned_mesh_stands_on_its_base_and_its_front_looks_where_it_should() -> None:
    root = put(arrive(block()), location=(1, 2, 3), turn=math.radians(30)).root
    size, base = room(root, turn=math.radians(30))
    assert (size, base) == (near(2, 4, 3), near(1, 2, 3))
    assert tuple(root.matrix_world.to_3x3() @ Vector((0, -1, 0))) == near(0.5, -math.cos(math.radians(30)), 0)
    assert root.rotation_mode == "XYZ"
    assert root.rotation_euler.z == pytest.approx(math.radians(30))


def test_a_flat_mesh_keeps_its_size_when_a_height_is_asked_for() -> None:
    root = put(arrive(block((0, 0, 1), (2, 2, 1))), location=(0, 0, 0), height=5.0).root
    assert room(root)[0] == near(2, 2, 0)


# -- in a box


@pytest.mark.parametrize("degrees", [0, 30, -135])
def test_in_a_box_a_mesh_keeps_its_proportions_and_touches_two_sides(degrees: float) -> None:
    turn = math.radians(degrees)
    root = put(arrive(block()), location=(7, 8, 9), box=(3.0, 2.0, 6.0), turn=turn).root
    size, base = room(root, turn=turn)
    assert (size, base) == (near(1, 2, 1.5), near(7, 8, 9))


def test_stretched_a_mesh_fills_the_box() -> None:
    turn = math.radians(30)
    root = put(arrive(block()), location=(7, 8, 9), box=(3.0, 2.0, 6.0), turn=turn, stretch=True, height=50.0).root
    size, base = room(root, turn=turn)
    assert (size, base) == (near(3, 2, 6), near(7, 8, 9))


@pytest.mark.parametrize("stretch", [True, False])
@pytest.mark.parametrize(
    ("low", "high", "box", "wanted"),
    [
        (LOW, HIGH, (4.0, 8.0, 0.0), (4, 8, 6)),
        ((0, 0, 0), (2, 4, 0), (4.0, 8.0, 5.0), (4, 8, 0)),
        (LOW, HIGH, (0.0, 0.0, 0.0), (2, 4, 3)),
    ],
    ids=["flat box", "flat mesh", "no box at all"],
)
def test_what_is_flat_decides_nothing(
    stretch: bool, low: Sequence[float], high: Sequence[float], box: tuple[float, ...], wanted: tuple[float, ...]
) -> None:
    root = put(arrive(block(low, high)), location=(0, 0, 0), box=box, stretch=stretch).root
    assert room(root)[0] == near(*wanted)


# -- what must not change


def family() -> Arrival:
    """A seat with a turned and scaled leg, and a foot on the leg."""
    root, leg, foot = block(), block((-1, -1, -1), (1, 1, 1), "Leg"), block((0, 0, 0), (1, 1, 1), "Foot")
    leg.parent, foot.parent = root, leg
    leg.matrix_parent_inverse = Matrix.Translation((0, 1, 0))
    leg.location, leg.rotation_euler, leg.scale = (1, 1, -2), (0.3, 0.4, 0.5), (0.5, 0.5, 2)
    foot.location = (0, 0, -1)
    return arrive(root, leg, foot)


@pytest.mark.parametrize("origin", ["BASE", "CENTER"])
def test_parts_keep_their_place_in_the_mesh(origin: str) -> None:
    arrival = family()
    before = np.array(points_of(*arrival.objects))
    put(arrival, location=(0, 0, 0), origin=origin)
    after = np.array(points_of(*arrival.objects))
    assert after - after[0] == pytest.approx(before - before[0], abs=1e-5)
    assert room(*arrival.objects)[1] == near(0, 0, 0)


def test_placed_again_and_again_a_mesh_stands_as_if_placed_once() -> None:
    wanted = Placement(location=(3, 2, 1), box=(1, 2, 3), turn=0.7, stretch=True, origin="CENTER")
    once = place(family(), wanted, bpy.context.scene)
    expected, matrix = np.array(points_of(*once.objects)), once.root.matrix_world.copy()
    often = family()
    for other in (Placement(height=9.0, turn=2.0), replace(wanted, origin="BASE", stretch=False), wanted):
        often = place(often, other, bpy.context.scene)
    assert np.array(points_of(*often.objects)) == pytest.approx(expected, abs=1e-4)
    assert np.array(often.root.matrix_world) == pytest.approx(np.array(matrix), abs=1e-4)


def test_custom_normals_stay() -> None:
    root = block()
    rng = np.random.default_rng(1)
    normals = rng.normal(size=(len(root.data.loops), 3))
    root.data.normals_split_custom_set((normals / np.linalg.norm(normals, axis=1, keepdims=True)).tolist())

    def corner_normals() -> np.ndarray:
        return np.array([corner.vector for corner in root.data.corner_normals])

    before = corner_normals()
    put(arrive(root), location=(1, 1, 1), origin="CENTER")
    assert root.data.has_custom_normals
    assert corner_normals() == pytest.approx(before, abs=1e-5)


def test_a_mesh_that_somebody_else_uses_is_left_alone() -> None:
    root = block()
    arrival = arrive(root)
    twin = bpy.data.objects.new("twin", root.data)
    bpy.context.scene.collection.objects.link(twin)
    before = np.array(points_of(twin))
    put(arrival, location=(0, 0, 0))
    assert np.array(points_of(twin)) == pytest.approx(before)
    assert root.data != twin.data
    assert room(root)[1] == near(0, 0, 0)


def rig() -> Arrival:
    """A mesh on an armature that came turned and scaled."""
    armature, body = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig")), block()
    body.parent = armature
    body.modifiers.new("Armature", "ARMATURE").object = armature
    armature.rotation_euler, armature.scale = (math.radians(90), 0, 0), (0.5, 0.5, 0.5)
    return arrive(armature, body, is_rigged=True)


def test_a_rig_is_moved_as_a_whole_and_keeps_vertices_and_origin() -> None:
    arrival = rig()
    body = arrival.objects[1]
    vertices = [tuple(v.co) for v in body.data.vertices]
    placed = put(arrival, location=(1, 2, 3), height=4.0, origin="CENTER")
    size, base = room(body)
    assert (size, base) == (near(2, 3, 4), near(1, 2, 3))
    assert [tuple(v.co) for v in body.data.vertices] == vertices
    assert (placed.low, placed.high) == (arrival.low, arrival.high)


def test_a_rig_placed_again_does_not_forget_how_it_came_and_is_never_stretched() -> None:
    arrival = rig()
    put(arrival, location=(5, 5, 5), height=9.0, turn=1.0)
    put(arrival, location=(1, 2, 3), box=(1.0, 3.0, 8.0), turn=math.radians(90), stretch=True)
    size, base = room(arrival.objects[1], turn=math.radians(90))
    assert (size, base) == (near(1, 1.5, 2), near(1, 2, 3))


# -- what it takes the place of


def test_what_is_replaced_is_hidden_in_every_view_layer_and_in_renders() -> None:
    scene = bpy.context.scene
    arrival, old = arrive(block()), block(name="Old")
    scene.collection.objects.link(old)
    scene.view_layers.new("second")
    put(arrival, replaces=("Old", "Gone", arrival.root.name), hide_source=True)
    assert old.hide_render
    assert all(old.hide_get(view_layer=layer) for layer in scene.view_layers)
    assert not arrival.root.hide_render
    assert not arrival.root.hide_get()


# -- a mesh that is there already


def test_a_mesh_in_the_scene_is_found_measured_and_placed_anew() -> None:
    put(family(), location=(9, 9, 9), turn=1.0, height=2.0, origin="CENTER")
    found = standing("job_1", bpy.context.scene)
    assert (found.root.name, len(found.objects), found.collection.name, found.triangles) == ("Chair", 3, "Chair", 36)
    put(found, location=(0, 0, 0), height=5.0)
    size, base = room(*found.objects)
    assert (size[2], base) == (pytest.approx(5.0, abs=1e-4), near(0, 0, 0))


def test_what_a_modifier_adds_counts() -> None:
    root = block()
    arrive(root)
    array = root.modifiers.new("Array", "ARRAY")
    array.use_relative_offset, array.use_constant_offset, array.constant_offset_displace = False, True, (2, 0, 0)
    found = standing("job_1", bpy.context.scene)
    assert found.high[0] - found.low[0] == pytest.approx(4.0)


def test_of_two_the_active_one_is_meant() -> None:
    first, second = arrive(block()), arrive(block())
    leg = block((0, 0, 0), (1, 1, 1), "Leg")
    leg.parent = second.root
    bpy.context.scene.collection.objects.link(leg)
    assert standing("job_1", bpy.context.scene).root == first.root
    bpy.context.view_layer.objects.active = leg
    assert standing("job_1", bpy.context.scene).root == second.root


def test_a_mesh_that_hangs_on_something_else_still_stands_where_it_should() -> None:
    arrival = arrive(block())
    handle = bpy.data.objects.new("handle", None)
    bpy.context.scene.collection.objects.link(handle)
    handle.location, handle.scale = (10, 10, 10), (2, 2, 2)
    arrival.root.parent = handle
    bpy.context.view_layer.update()
    put(standing("job_1", bpy.context.scene), location=(1, 2, 3), turn=0.5, height=1.0)
    size, base = room(arrival.root, turn=0.5)
    assert (size[2], base) == (pytest.approx(1.0, abs=1e-5), near(1, 2, 3))


def remove(arrival: Arrival) -> None:
    bpy.data.objects.remove(arrival.root)


def hide(arrival: Arrival) -> None:
    arrival.root.hide_set(True)


def edit(arrival: Arrival) -> None:
    bpy.context.view_layer.objects.active = arrival.root
    bpy.ops.object.mode_set(mode="EDIT")


@pytest.mark.parametrize(("trouble", "words"), [(remove, "import it again"), (hide, "show it"), (edit, "Object Mode")])
def test_a_mesh_that_cannot_be_placed_says_why(trouble: object, words: str) -> None:
    trouble(arrive(block()))
    with pytest.raises(InputError, match=words):
        standing("job_1", bpy.context.scene)


# -- as JSON


def test_a_placement_survives_json() -> None:
    placement = Placement((1.0, 2.0, 3.0), 1.5, "CENTER", 0.5, (1.0, 2.0, 0.0), True, ("Cube", "Kegel"), True)
    assert Placement.of_target({"placement": json.loads(json.dumps(placement.to_json()))}) == placement


def test_an_older_target_has_location_and_height_at_its_top_level() -> None:
    target = {"blend": "", "scene": "Scene", "location": [1, 2, 3], "height": 1.5}
    assert Placement.of_target(target) == Placement(location=(1.0, 2.0, 3.0), height=1.5)
    assert Placement.of_target({}) == Placement()


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"location": [math.nan, 0, 0], "height": math.nan, "turn": math.inf, "box": [1, 2, math.nan]},
        {"location": [0, 0], "height": -1, "box": [1, -2, 3], "origin": "TOP", "stretch": "no", "replaces": "Cube"},
        {"location": "here", "height": "tall", "box": {}, "replaces": [1, None], "hide_source": 1},
        {"location": [True, 0, 0]},
    ],
)
def test_what_makes_no_sense_in_a_ledger_gets_its_default(data: object) -> None:
    assert Placement.from_json(data) == Placement()
