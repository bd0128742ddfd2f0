# SPDX-License-Identifier: GPL-3.0-or-later
"""From where a subject is looked at: left is its own left, and it faces where its front is."""

import json
import math

import bpy  # noqa: F401 - brings mathutils
import pytest
from mathutils import Matrix, Vector

from scenario_addon.blender.studio.setup import Setup
from scenario_addon.blender.studio.sides import AROUND, Facing, View, angle, axes_of
from scenario_addon.engine.values import VIEWS


@pytest.mark.parametrize("side", VIEWS)
def test_each_side_has_axes_that_stand_square_and_are_not_mirrored(side: str) -> None:
    axes = axes_of(side)
    assert axes.determinant() == pytest.approx(1)
    for row, unit in zip(axes @ axes.transposed(), Matrix.Identity(3), strict=True):
        assert tuple(row) == pytest.approx(tuple(unit), abs=1e-6)


def test_left_is_the_left_of_whoever_faces_minus_y() -> None:
    places = {side: tuple(axes_of(side).col[2]) for side in VIEWS}
    assert places["left"] == pytest.approx((1, 0, 0))
    assert places["right"] == pytest.approx((-1, 0, 0))
    assert places["left-front"] == pytest.approx((math.sqrt(0.5), -math.sqrt(0.5), 0))


def test_the_front_is_at_the_lower_edge_from_the_top_and_at_the_upper_edge_from_the_bottom() -> None:
    assert tuple(axes_of("top").col[1]) == pytest.approx((0, 1, 0))
    assert tuple(axes_of("bottom").col[1]) == pytest.approx((0, -1, 0))


@pytest.mark.parametrize("degrees", [0, 30, 90, -120, 180])
def test_an_object_faces_where_its_own_front_points(degrees: float) -> None:
    turn = math.radians(degrees)
    facing = Facing.of_object(Matrix.Translation((1, 2, 3)) @ Matrix.Rotation(turn, 4, "Z") @ Matrix.Scale(2, 4))
    assert math.cos(facing.turn - turn) == pytest.approx(1)
    front = Setup(facing=facing).axes("front").col[2]
    assert tuple(front) == pytest.approx(tuple(Matrix.Rotation(turn, 3, "Z") @ Vector((0, -1, 0))), abs=1e-6)


def test_an_object_that_leans_faces_as_if_it_stood() -> None:
    leaning = Matrix.Rotation(0.5, 4, "Z") @ Matrix.Rotation(0.3, 4, "X")
    assert Facing.of_object(leaning).turn == pytest.approx(0.5)


def test_an_object_on_its_back_faces_by_its_side() -> None:
    assert Facing.of_object(Matrix.Rotation(0.5, 4, "Z") @ Matrix.Rotation(-math.pi / 2, 4, "X")).turn == pytest.approx(
        0.5
    )


def test_the_front_can_be_where_the_artist_looks_from() -> None:
    eye = Matrix.Rotation(0.7, 4, "Z") @ Matrix.Rotation(1.1, 4, "X")
    assert Facing.of_view(eye).turn == pytest.approx(0.7)
    assert Facing.of_view(Matrix.Rotation(0.7, 4, "Z")).turn == pytest.approx(0.7), "straight from above"


def test_each_side_around_has_its_angle() -> None:
    degrees = {side: round(math.degrees(angle(side))) for side in AROUND}
    assert degrees == {
        "front": -90, "left": 0, "right": 180, "back": 90, "left-front": -45, "right-front": -135,
    }  # fmt: skip


def test_a_setup_comes_back_from_json() -> None:
    rows = tuple(tuple(row) for row in Matrix.Translation((1, 2, 3)))
    for setup in (Setup(), Setup(sides=VIEWS, view=View(rows, is_perspective=False), facing=Facing(0.25), size_px=64)):
        assert Setup.from_json(json.loads(json.dumps(setup.to_json()))) == setup
