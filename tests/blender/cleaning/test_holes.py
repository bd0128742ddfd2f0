# SPDX-License-Identifier: GPL-3.0-or-later
"""Holes are closed whatever their shape, with faces that look and are shaded like what is around them."""

from collections.abc import Callable
from typing import Any

import bmesh
import bpy
import numpy as np
import pytest

from scenario_addon.blender.cleaning.clean import Cleaning, cleaned
from scenario_addon.blender.cleaning.report import Report
from tests.blender.cleaning.shapes import ball, built, flip, open_box, split_along_seams, without

CLOSE = Cleaning(hole_edges=1000, outward=True)


def closed(*builders: Callable[[Any], object], is_split: bool = False) -> tuple[bpy.types.Mesh, Report]:
    mesh = built(*builders)
    new, report = cleaned(split_along_seams(mesh) if is_split else mesh, CLOSE)
    assert new is not None
    assert not new.validate()
    return new, report


def volume(mesh: bpy.types.Mesh) -> float:
    work = bmesh.new()
    work.from_mesh(mesh)
    found = work.calc_volume(signed=True)
    work.free()
    return found


def prism(outline: list[tuple[float, float]]) -> Callable[[Any], None]:
    """A wall along an outline, one high, open above and below."""

    def add(work: Any) -> None:
        rings = [[work.verts.new((x, y, z)) for x, y in outline] for z in (0, 1)]
        for n in range(len(outline)):
            low, high = ([ring[n], ring[(n + 1) % len(outline)]] for ring in rings)
            work.faces.new([*low, *high[::-1]])

    return add


@pytest.mark.parametrize("is_split", [False, True])
def test_what_is_open_below_gets_a_flat_bottom(is_split: bool) -> None:
    new, report = closed(open_box(cuts=4), is_split=is_split)
    assert report.words == "watertight, 1 hole closed"
    assert volume(new) == pytest.approx(8.0)
    bottom = [face for face in new.polygons if face.center.z < -0.99]
    assert all(face.normal.z < -0.999 for face in bottom)
    assert sum(face.area for face in bottom) == pytest.approx(4.0)


def test_a_bottom_with_a_corner_that_is_cut_out_is_filled_within_its_outline() -> None:
    outline = [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (1, 2), (0, 2), (0, 1)]
    new, report = closed(prism([(float(x), float(y)) for x, y in outline]))
    assert report.closed == 2
    assert volume(new) == pytest.approx(3.0)
    assert sum(face.area for face in new.polygons if abs(face.normal.z) > 0.5) == pytest.approx(6.0)


def test_many_holes_of_all_sizes_are_closed() -> None:
    rng = np.random.default_rng(2)

    def riddle(work: Any) -> None:
        work.faces.ensure_lookup_table()
        out = [work.faces[n] for n in rng.choice(len(work.faces), 200, replace=False).tolist()]
        bmesh.ops.delete(work, geom=out, context="FACES")

    _, report = closed(ball(subdivisions=5), riddle)
    assert report.closed > 100
    assert report.after.is_watertight
    assert report.after.non_manifold == 0


def test_holes_that_meet_at_a_point_are_each_closed() -> None:
    def bite(work: Any) -> None:
        work.verts.ensure_lookup_table()
        around = list(work.verts[20].link_faces)
        ring = [around[0]]
        while following := next((f for f in around if f not in ring and set(f.edges) & set(ring[-1].edges)), None):
            ring.append(following)
        bmesh.ops.delete(work, geom=[ring[0], ring[3]], context="FACES_ONLY")

    _, report = closed(ball(), bite)
    assert report.before.holes == report.closed == 2
    assert report.after.is_watertight


def test_a_hole_whose_inside_would_share_an_edge_with_the_rest_gets_a_point_in_its_middle() -> None:
    def add(work: Any) -> None:
        """A square hole with both diagonals taken by bodies below it."""
        corners = [work.verts.new(p) for p in ((0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1))]
        low = work.verts.new((0.5, 0.5, -1))
        for n in range(4):
            work.faces.new([corners[n], low, corners[(n + 1) % 4]])
        for n in (0, 1):
            one, two = corners[n], corners[n + 2]
            third, fourth = (work.verts.new((0.5 + x, 0.5, 0.4 - n / 5)) for x in (-0.1, 0.1))
            for face in ((one, third, two), (two, fourth, one), (one, fourth, third), (third, fourth, two)):
                work.faces.new(face)

    new, report = cleaned(built(add), Cleaning(hole_edges=4))
    assert new is not None
    assert report.closed >= 1
    assert report.after.non_manifold == report.before.non_manifold
    assert any((vertex.co - new.vertices[0].co.__class__((0.5, 0.5, 1))).length < 1e-6 for vertex in new.vertices)


def test_the_rim_of_a_sheet_is_no_hole_but_one_in_its_middle_is() -> None:
    def sheet(work: Any) -> None:
        bmesh.ops.create_grid(work, x_segments=10, y_segments=10, size=1)

    assert cleaned(built(sheet), CLOSE)[0] is None
    new, report = closed(sheet, without(lambda middle: abs(middle.x) < 0.15 and abs(middle.y) < 0.15))
    assert report.closed == 1
    assert sum(face.area for face in new.polygons) == pytest.approx(4.0)


def test_a_hole_with_more_edges_than_was_said_stays_open() -> None:
    mesh = built(open_box(cuts=4))
    assert cleaned(mesh, Cleaning(hole_edges=19))[1].words == "20 open edges, 1 hole left open"
    assert cleaned(mesh, Cleaning(hole_edges=20))[1].closed == 1


def test_a_hole_between_faces_that_were_turned_is_closed_the_right_way_round() -> None:
    new, report = closed(open_box(cuts=4), flip(*range(60)))
    assert report.turned
    assert volume(new) == pytest.approx(8.0)


def test_faces_in_a_hole_continue_the_texture_where_it_runs_on() -> None:
    def with_uvs(work: Any) -> None:
        bmesh.ops.create_grid(work, x_segments=10, y_segments=10, size=1)
        layer = work.loops.layers.uv.new("map")
        for face in work.faces:
            for loop in face.loops:
                loop[layer].uv = loop.vert.co.xy
        without(lambda middle: abs(middle.x) < 0.15 and abs(middle.y) < 0.15)(work)

    new, _ = closed(with_uvs)
    uvs = new.uv_layers["map"].uv
    assert all(
        (uvs[n].vector - new.vertices[loop.vertex_index].co.xy).length < 1e-6 for n, loop in enumerate(new.loops)
    )


def test_faces_in_a_hole_between_islands_do_not_run_across_the_texture() -> None:
    def with_islands(work: Any) -> None:
        layer = work.loops.layers.uv.new("map")
        open_box()(work)
        for number, face in enumerate(work.faces):
            for loop in face.loops:
                loop[layer].uv = (10.0 * number, 0.0)

    new, _ = closed(with_islands)
    uvs = new.uv_layers["map"].uv
    for face in new.polygons:
        assert len({round(uvs[n].vector.x) for n in face.loop_indices}) == 1


def test_faces_in_a_hole_have_the_material_of_most_of_what_is_around() -> None:
    mesh = built(open_box())
    for name in ("wood", "brass"):
        mesh.materials.append(bpy.data.materials.new(name))
    side = next(face for face in mesh.polygons if abs(face.normal.x) > 0.9)
    side.material_index = 1
    new, _ = cleaned(mesh, CLOSE)
    assert new is not None
    assert [material.name for material in new.materials] == ["wood", "brass"]
    assert {face.material_index for face in new.polygons if face.normal.z < -0.9} == {0}


@pytest.mark.parametrize("has_normals", [False, True])
def test_shading_runs_on_into_a_hole_of_something_round_and_breaks_at_an_edge(has_normals: bool) -> None:
    def normals(mesh: bpy.types.Mesh, is_in: Callable[[Any], bool]) -> list[Any]:
        return [
            (mesh.corner_normals[n].vector, mesh.vertices[mesh.loops[n].vertex_index].co)
            for face in mesh.polygons
            if is_in(face)
            for n in face.loop_indices
        ]

    round_one, edged = built(ball(), without(lambda m: m.z > 0.97)), built(open_box())
    for mesh in (round_one, edged):
        mesh.shade_smooth()
        if has_normals:
            mesh.normals_split_custom_set([v.vector[:] for v in mesh.corner_normals])
    new, _ = cleaned(round_one, CLOSE)
    assert new is not None
    assert new.has_custom_normals == has_normals
    assert all(
        normal.dot(point.normalized()) > 0.98 for normal, point in normals(new, lambda face: face.center.z > 0.9)
    )
    new, _ = cleaned(edged, CLOSE)
    assert new is not None
    assert all(normal.z < -0.99 for normal, _ in normals(new, lambda face: face.normal.z < -0.9))
