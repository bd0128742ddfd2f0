# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh is examined and mended as far as is wanted, and the report says what is so."""

from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
import pytest

from scenario_addon.blender.cleaning.clean import Cleaning, cleaned
from scenario_addon.blender.cleaning.report import Counts, Report
from tests.blender.cleaning.shapes import ball, built, flip, flip_all, open_box, split_along_seams, triangles, without

ALL = Cleaning(loose=0.05, hole_edges=1000, outward=True)


def crumbs(count: int, radius: float = 0.02) -> Callable[[Any], None]:
    def add(work: Any) -> None:
        for number in range(count):
            ball(radius, (1.2, 0, 0.1 * number), subdivisions=1)(work)

    return add


def soup(count: int, *, size: float = 0.1, spread: float = 10.0) -> Callable[[Any], object]:
    rng = np.random.default_rng(1)
    corners = rng.random((count, 1, 3)) * spread + rng.random((count, 3, 3)) * size
    return triangles([[tuple(point) for point in triangle] for triangle in corners.tolist()])


def test_a_mesh_with_every_fault_is_mended_and_told_of() -> None:
    mesh = built(ball(), without(lambda m: m.z > 0.95), flip(*range(20, 34)), crumbs(2))
    new, report = cleaned(mesh, ALL)
    assert new is not None
    assert report.words == "watertight, 2 loose pieces removed, 1 hole closed, 14 faces turned"
    assert (report.before.pieces, report.after.pieces) == (3, 1)
    assert (report.before.inward, report.after.inward) == (14, 0)
    assert (report.before.holes, report.after.holes) == (1, 0)
    assert not new.validate()
    assert cleaned(new, ALL)[0] is None, "there is nothing left to do"


def test_what_is_not_wanted_is_counted_and_left() -> None:
    mesh = built(ball(), without(lambda m: m.z > 0.95), flip(3), crumbs(1))
    new, report = cleaned(mesh, Cleaning())
    assert new is None
    assert report.before == report.after
    assert report.after.holes == report.after.inward == 1
    assert report.words.endswith("open edges, 1 hole left open")


def test_the_mesh_that_was_given_stays_as_it_was() -> None:
    mesh = built(ball(), flip(3), open_box(), crumbs(3))
    before = [vertex.co.copy() for vertex in mesh.vertices], [face.normal.copy() for face in mesh.polygons]
    cleaned(mesh, ALL)
    assert before == ([v.co for v in mesh.vertices], [f.normal for f in mesh.polygons])


@pytest.mark.parametrize("slack", [0.0, 1e-6])
def test_a_vertex_that_a_file_repeats_for_each_face_is_one(slack: float) -> None:
    mesh = split_along_seams(built(ball(), crumbs(2)), slack=slack)
    assert cleaned(mesh, ALL)[1].words == "watertight, 2 loose pieces removed"


def test_pieces_of_a_ball_that_touch_along_seams_are_not_loose() -> None:
    mesh = split_along_seams(built(ball()))
    assert cleaned(mesh, Cleaning(loose=0.9))[0] is None


def test_a_piece_as_large_as_was_said_stays() -> None:
    mesh = built(ball(subdivisions=4), ball(0.1, (3, 0, 0), subdivisions=4))
    whole = np.linalg.norm([4.1, 2, 2])
    share = 0.2 * np.sqrt(3) / whole
    assert cleaned(mesh, Cleaning(loose=share * 1.05))[1].removed == 1
    assert cleaned(mesh, Cleaning(loose=share * 0.95))[1].removed == 0


@pytest.mark.parametrize(("loose", "left"), [(0.5, 1), (0.001, 1000)])
def test_of_nothing_but_crumbs_the_largest_stays_and_the_others_go_only_when_the_size_says_so(
    loose: float, left: int
) -> None:
    new, report = cleaned(built(soup(1000)), Cleaning(loose, 1000, outward=True))
    assert report.after.pieces == left
    assert report.removed == 1000 - left
    assert (new is None) is (left == 1000)
    if new is not None:
        assert report.words == "3 open edges, 999 loose pieces removed"


def test_a_mesh_without_faces_has_nothing_to_clean() -> None:
    assert cleaned(bpy.data.meshes.new("nothing"), ALL) == (None, Report())
    assert Report().words == "no faces"


def test_one_triangle_stays_as_it_is() -> None:
    new, report = cleaned(built(soup(1)), ALL)
    assert new is None
    assert report.after == Counts(triangles=1, pieces=1, open_edges=3)
    assert report.words == "3 open edges"


def test_edges_of_many_faces_are_counted_and_left_as_they_are() -> None:
    def fan(work: Any) -> None:
        hinge = [work.verts.new((0, 0, z)) for z in (0, 1)]
        for angle in range(5):
            work.faces.new([*hinge, work.verts.new((np.cos(angle), np.sin(angle), 0.5))])

    new, report = cleaned(built(fan), ALL)
    assert new is None
    assert report.words == "10 open edges, 1 non-manifold edge"


def test_faces_without_extent_harm_nobody() -> None:
    def add(work: Any) -> None:
        work.verts.ensure_lookup_table()
        first, second = next(iter(work.edges)).verts
        work.faces.new([first, second, work.verts.new(first.co)])  # two corners at one place
        work.faces.new([work.verts.new((0, 0, z)) for z in (0, 0.3, 0.7)])  # all on one line

    report = cleaned(built(ball(), add), Cleaning(outward=True))[1]
    assert report.before.inward == 0
    assert report.before.non_manifold == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_points_that_are_no_numbers_break_nothing(value: float) -> None:
    mesh = built(ball(), crumbs(1))
    mesh.vertices[5].co.x = value
    _, report = cleaned(mesh, ALL)
    assert report.removed == 1


def test_a_mesh_that_is_inside_out_altogether_is_turned_whatever_else_is_wrong() -> None:
    mesh = built(ball(), without(lambda m: m.z < -0.9), flip_all, crumbs(1))
    new, report = cleaned(mesh, ALL)
    assert new is not None
    assert report.turned == report.before.inward
    assert all(face.normal.dot(face.center) > 0 for face in new.polygons)
    assert report.after.is_watertight


def test_reports_of_several_meshes_add_up() -> None:
    one = Report(Counts(10, 2), Counts(8, 1), removed=1)
    other = Report(Counts(20, 1, 3), Counts(20, 1, 3), turned=1)
    assert one + other == Report(Counts(30, 3, 3), Counts(28, 2, 3), removed=1, turned=1)
    assert (one + other).words == "3 open edges, 1 loose piece removed, 1 face turned"
    assert Report.from_json((one + other).to_json()) == one + other


def test_numbers_above_a_thousand_are_easy_to_read() -> None:
    assert Report(after=Counts(triangles=1), turned=12345).words == "watertight, 12,345 faces turned"
