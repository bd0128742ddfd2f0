# SPDX-License-Identifier: GPL-3.0-or-later
"""Faces that look inward are found, of bodies and of what is open, and no others."""

from collections.abc import Callable
from typing import Any

import bmesh
import numpy as np
import pytest

from scenario_addon.blender.cleaning.facing import faces_to_turn
from scenario_addon.blender.cleaning.surface import Surface
from tests.blender.cleaning.shapes import ball, built, flip, flip_all, open_box, split_along_seams, without

FACES = 320


def turned(*builders: Callable[[Any], object]) -> list[int]:
    return np.flatnonzero(faces_to_turn(Surface.of(built(*builders)))).tolist()


def dome(work: Any) -> None:
    ball()(work)
    without(lambda middle: middle.z < 0)(work)


def sheet(work: Any) -> None:
    """A valley of 400 faces that look up."""
    bmesh.ops.create_grid(work, x_segments=20, y_segments=20, size=1)
    for vertex in work.verts:
        vertex.co.z = -0.3 * np.cos(vertex.co.x) * np.cos(vertex.co.y)


def strip_with_one_side(work: Any) -> None:
    steps = 24
    rungs = [
        [
            work.verts.new(
                ((2 + w * np.cos(a / 2)) * np.cos(a), (2 + w * np.cos(a / 2)) * np.sin(a), w * np.sin(a / 2))
            )
            for w in (-0.5, 0.5)
        ]
        for a in np.linspace(0, 2 * np.pi, steps, endpoint=False)
    ]
    for one, two in zip(rungs, [*rungs[1:], rungs[0][::-1]], strict=True):
        work.faces.new((one[0], two[0], two[1], one[1]))


def test_what_looks_outward_is_left_alone() -> None:
    assert turned(ball()) == turned(ball(), open_box()) == turned(dome) == turned(sheet) == []


def test_a_body_that_is_inside_out_is_turned_altogether() -> None:
    assert turned(ball(), flip_all) == list(range(FACES))
    assert turned(dome, flip_all) == list(range(FACES // 2))
    assert turned(open_box(), flip_all) == list(range(5))


@pytest.mark.parametrize("shape", [ball(), dome, sheet])
def test_single_faces_that_are_turned_against_their_neighbours_are_turned_back(shape: Callable[[Any], object]) -> None:
    wrong = [7, 8, 40, 99, 100, 101]
    assert turned(shape, flip(*wrong)) == wrong


def test_most_faces_of_a_body_may_be_wrong_but_not_most_of_a_sheet() -> None:
    right = [1, 2, 3, 50]
    assert turned(ball(), flip_all, flip(*right)) == [n for n in range(FACES) if n not in right]
    assert turned(sheet, flip_all, flip(*right)) == right, "a sheet has no outside"


def test_each_body_is_looked_at_for_itself() -> None:
    assert turned(ball(), ball(0.5, (3, 0, 0), inside_out=True)) == list(range(FACES, 2 * FACES))


def test_the_wall_of_a_cavity_looks_into_it() -> None:
    assert turned(ball(), ball(0.5, inside_out=True)) == []
    assert turned(ball(), ball(0.5, inside_out=True), flip_all) == list(range(2 * FACES))


def test_a_body_within_another_looks_outward_too() -> None:
    assert turned(ball(), ball(0.5)) == []
    assert turned(ball(), ball(0.5), flip_all) == list(range(2 * FACES))


def test_a_body_in_the_box_around_another_is_not_within_it() -> None:
    corner = (0.9, 0.9, 0.9)
    assert turned(ball(), ball(0.05, corner, inside_out=True)) == list(range(FACES, 2 * FACES))


def test_a_surface_with_one_side_only_stays_as_it_is() -> None:
    assert turned(strip_with_one_side) == []
    assert turned(strip_with_one_side, flip(3, 4)) == []


def test_polygons_of_many_corners_and_vertices_that_are_repeated_make_no_difference() -> None:
    assert turned(lambda work: bmesh.ops.create_cube(work), flip(2)) == [2]
    mesh = split_along_seams(built(ball(), flip(5, 6)))
    assert np.flatnonzero(faces_to_turn(Surface.of(mesh))).tolist() == [5, 6]


def test_where_a_body_is_does_not_matter() -> None:
    far = (1000.0, -2000.0, 3000.0)
    assert turned(ball(at=far), flip_all) == list(range(FACES))
