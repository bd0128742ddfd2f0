# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh never stands inside of something else without a word."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.blender.scene.free_space import step_aside
from tests.blender.scene.test_placement import arrive, block, put

SIZE_M = 2.0


def stand(name: str, *, x: float = 0.0, size_m: float = SIZE_M, z: float | None = None) -> bpy.types.Object:
    """Put a cube so that its base is on the ground."""
    bpy.ops.mesh.primitive_cube_add(size=size_m, location=(x, 0.0, size_m / 2 if z is None else z))
    obj = bpy.context.active_object
    obj.name = name
    return obj


def come(*, moves: bool = True, ignored: tuple[str, ...] = ()) -> tuple[str, float]:
    """Have a mesh of 1 m come to the origin; gives what is said of it, and where its base is along X."""
    arrival = put(arrive(block((-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))), location=(0.0, 0.0, 0.0))
    arrival = step_aside(arrival, bpy.context.view_layer, moves=moves, ignored=ignored)
    return arrival.where, arrival.root.matrix_world.translation.x


def test_where_nothing_stands_it_stands_as_asked() -> None:
    stand("Far", x=10.0)
    assert come() == ("", 0.0)


def test_it_stands_beside_what_is_there() -> None:
    stand("Cube")
    where, x = come()
    assert (where, x) == ("beside Cube", pytest.approx(SIZE_M / 2 + 0.1 + 0.5))


def test_it_goes_on_until_there_is_room() -> None:
    for number in range(4):
        stand(f"Cube {number}", x=number * 1.5)
    where, x = come()
    assert (where, x) == ("beside Cube 0", pytest.approx(4.5 + 1.0 + 0.1 + 0.5))


def test_where_it_has_to_stand_that_is_said() -> None:
    stand("Cube")
    assert come(moves=False) == ("inside Cube", 0.0)


def test_what_it_takes_the_place_of_is_not_in_the_way() -> None:
    stand("Cube")
    assert come(ignored=("Cube",)) == ("", 0.0)


@pytest.mark.parametrize("how", ["hidden", "lamp", "floor", "wall", "room", "excluded"])
def test_what_is_not_seen_or_only_touches_or_surrounds_it_is_not_in_the_way(how: str) -> None:
    if how == "lamp":
        bpy.ops.object.light_add()
    elif how == "floor":
        stand("Floor", size_m=4.0, z=-2.0)
    elif how == "wall":
        stand("Wall", x=SIZE_M / 2 + 0.5)
    elif how == "room":
        stand("Room", size_m=20.0, z=0.0)
    else:
        cube = stand("Cube")
        home = bpy.data.collections.new("Home")
        bpy.context.scene.collection.children.link(home)
        home.objects.link(cube)
        bpy.context.scene.collection.objects.unlink(cube)
        cube.hide_set(how == "hidden")
        bpy.context.view_layer.layer_collection.children["Home"].exclude = how == "excluded"
    assert come() == ("", 0.0)


def test_a_turned_and_scaled_object_is_where_it_is_seen() -> None:
    cube = stand("Cube", x=-3.0)
    cube.scale = (4.0, 1.0, 1.0)
    cube.rotation_euler.z = 0.1
    where, x = come()
    assert where == "beside Cube"
    assert x == pytest.approx(1.1 + 0.6, abs=0.15)
