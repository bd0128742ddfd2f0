# SPDX-License-Identifier: GPL-3.0-or-later
"""How much room objects take up: exact where they are turned, and no vertex read where they are not."""

from __future__ import annotations

import math

import bpy
import pytest
from mathutils import Matrix

from scenario_addon.blender.scene import bounds as module
from scenario_addon.blender.scene.bounds import Box, bounds, parts_of
from tests.limits import shorten


def cone() -> bpy.types.Object:
    """An evaluated cone of radius 1, whose bounding box turned by 45 degrees is far larger than itself."""
    bpy.ops.mesh.primitive_cone_add(vertices=64, radius1=1.0, depth=2.0)
    return bpy.context.active_object.evaluated_get(bpy.context.evaluated_depsgraph_get())


def test_a_turned_mesh_is_measured_to_the_vertex() -> None:
    box = bounds([(cone(), Matrix.Translation((5, 0, 0)) @ Matrix.Rotation(math.radians(45), 4, "Z"))])
    assert box.size[:] == pytest.approx((2, 2, 2), abs=0.01)
    assert box.base[:] == pytest.approx((5, 0, -1), abs=0.01)


@pytest.mark.parametrize("degrees", [0, 90, 180])
def test_along_its_own_axes_the_bounding_box_says_all(degrees: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "extent", None)
    frame = Matrix.Rotation(math.radians(degrees), 4, "X") @ Matrix.Diagonal((1, 2, 3, 1))
    box = bounds([(cone(), frame)])
    assert sorted(box.size[:]) == pytest.approx([2, 4, 6], abs=0.01)


def test_too_many_vertices_are_measured_by_their_bounding_box(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, module, _MOST_VERTICES=10)
    box = bounds([(cone(), Matrix.Rotation(math.radians(45), 4, "Z"))])
    assert box.size[:] == pytest.approx((2 * math.sqrt(2), 2 * math.sqrt(2), 2), abs=0.01)


def test_several_things_have_one_box_around_them_and_nothing_has_none() -> None:
    assert bounds([]).is_empty
    shape = cone()
    box = bounds([(shape, Matrix.Translation((x, 0, 0))) for x in (-3, 4)])
    assert (box.low[:], box.high[:]) == (pytest.approx((-4, -1, -1)), pytest.approx((5, 1, 1)))


def test_what_is_no_mesh_is_measured_by_its_bounding_box() -> None:
    bpy.ops.object.text_add()
    text = bpy.context.active_object.evaluated_get(bpy.context.evaluated_depsgraph_get())
    assert bounds([(text, Matrix.Scale(2, 4))]).size[:] == pytest.approx(tuple(2 * text.dimensions), abs=1e-5)


def test_a_box_in_other_axes_holds_all_its_corners() -> None:
    turned = Box.between((0, 0, 0), (1, 1, 1)).seen_from(Matrix.Rotation(math.radians(45), 4, "Z"))
    assert turned.size[:] == pytest.approx((math.sqrt(2), math.sqrt(2), 1))


def test_parts_are_measured_in_the_axes_of_their_root_as_they_are_now() -> None:
    bpy.ops.mesh.primitive_cube_add()
    root = bpy.context.active_object
    bpy.ops.mesh.primitive_cube_add()
    other = bpy.context.active_object
    other.modifiers.new("Array", "ARRAY").relative_offset_displace = (0, 0, 2)
    root.location, other.location, root.scale = (7, 0, 0), (7, 4, 0), (2, 2, 2)
    box = bounds(parts_of([root, other], root))
    assert (box.low[:], box.high[:]) == (pytest.approx((-1, -1, -1)), pytest.approx((1, 2.5, 2.5)))
