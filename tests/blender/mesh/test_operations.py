# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging, decimating and shading one mesh: nothing that can be seen is lost. All lengths are in radii of a ball."""

from pathlib import Path

import bpy
import numpy as np
import pytest

from scenario_addon.blender.mesh.mesh import triangle_count
from scenario_addon.blender.mesh.operations import decimated, merged, shade_smooth
from tests.blender.sample_surfaces import (
    boundary_edges,
    corner_values,
    import_ball,
    normal_errors,
    texture_slip,
)

STEPS = 48
TRIANGLES = 12 * STEPS**2


def rms(values: np.ndarray) -> float:
    return float(np.sqrt((values**2).mean()))


def as_it_is(mesh: bpy.types.Mesh, triangles: int) -> bpy.types.Mesh:
    """What the bare modifier makes of a mesh: what ``decimated`` has to be better than."""
    obj = bpy.data.objects.new("bare", mesh)
    bpy.context.scene.collection.objects.link(obj)
    obj.modifiers.new("less", "DECIMATE").ratio = triangles / triangle_count(mesh)
    depsgraph = bpy.context.evaluated_depsgraph_get()
    return bpy.data.meshes.new_from_object(obj.evaluated_get(depsgraph), depsgraph=depsgraph)


@pytest.fixture
def mesh(tmp_path: Path) -> bpy.types.Mesh:
    return import_ball(tmp_path, STEPS).data


def hard_box() -> bpy.types.Mesh:
    """A box of many triangles, each side with the normals of a plane, which a decimation must not round off."""
    import bmesh  # there only once bpy is

    box = bpy.data.meshes.new("box")
    work = bmesh.new()
    bmesh.ops.create_cube(work, size=2)
    bmesh.ops.subdivide_edges(work, edges=work.edges[:], cuts=30, use_grid_fill=True)
    bmesh.ops.triangulate(work, faces=work.faces[:])
    work.to_mesh(box)
    work.free()
    box.shade_smooth()
    box.normals_split_custom_set([face.normal for face in box.polygons for _ in face.loop_indices])
    return box


def off_axis(mesh: bpy.types.Mesh) -> np.ndarray:
    """How far each corner's normal is from that of its face, in degrees."""
    faces = np.repeat([tuple(face.normal) for face in mesh.polygons], 3, axis=0)
    return np.degrees(np.arccos((corner_values(mesh, normals=True) * faces).sum(axis=1).clip(-1, 1)))


def test_merging_closes_the_seams_and_keeps_uvs_and_normals_at_every_corner(mesh: bpy.types.Mesh) -> None:
    new = merged(mesh)
    assert boundary_edges(mesh) == 24 * STEPS
    assert boundary_edges(new) == 0
    assert len(new.vertices) == 6 * STEPS**2 + 2
    assert np.abs(corner_values(new) - corner_values(mesh)).max() < 1e-6
    assert np.abs(corner_values(new, normals=True) - corner_values(mesh, normals=True)).max() < 1e-3
    assert texture_slip(new).max() < 0.001


def test_merging_keeps_normals_that_the_surface_itself_would_not_have(mesh: bpy.types.Mesh) -> None:
    rng = np.random.default_rng(1)
    odd = (
        corner_values(mesh, normals=True)
        + rng.normal(0, 0.1, (len(mesh.vertices), 3))[np.array([loop.vertex_index for loop in mesh.loops])]
    )
    mesh.normals_split_custom_set((odd / np.linalg.norm(odd, axis=1, keepdims=True)).tolist())
    new = merged(mesh)
    assert np.abs(corner_values(new, normals=True) - corner_values(mesh, normals=True)).max() < 1e-3


def test_the_mesh_that_was_given_stays_as_it_was(mesh: bpy.types.Mesh) -> None:
    before = corner_values(mesh), corner_values(mesh, normals=True), mesh.attributes.keys()
    decimated(merged(mesh), triangles=2000)
    after = corner_values(mesh), corner_values(mesh, normals=True), mesh.attributes.keys()
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert [scene.name for scene in bpy.data.scenes] == ["Scene"]
    assert not [obj for obj in bpy.data.objects if obj.name.startswith("scenario")]


def test_a_decimated_mesh_has_no_cracks(mesh: bpy.types.Mesh) -> None:
    assert boundary_edges(as_it_is(mesh, 2000)) > 100, "without merging there is nothing to be afraid of"
    new = decimated(merged(mesh), triangles=2000)
    assert boundary_edges(new) == 0
    assert triangle_count(new) == pytest.approx(2000, abs=2)


def test_the_texture_stays_where_it_belongs_better_than_with_the_bare_modifier(mesh: bpy.types.Mesh) -> None:
    whole = merged(mesh)
    ours, bare = (texture_slip(m) for m in (decimated(whole, triangles=4000), as_it_is(whole, 4000)))
    assert rms(ours) < 0.005 < rms(bare)
    assert ours.max() < 0.04 < bare.max()


def test_a_texture_that_runs_across_islands_would_be_noticed(mesh: bpy.types.Mesh) -> None:
    whole = merged(mesh)
    uv = np.empty(len(whole.loops) * 2, dtype=np.float32)
    whole.uv_layers[0].uv.foreach_get("vector", uv)
    one_per_vertex = np.empty((len(whole.vertices), 2), dtype=np.float32)
    vertex = np.array([loop.vertex_index for loop in whole.loops])
    one_per_vertex[vertex] = uv.reshape(-1, 2)
    whole.uv_layers[0].uv.foreach_set("vector", one_per_vertex[vertex].ravel())
    assert rms(texture_slip(decimated(whole, triangles=4000))) > 0.1


def test_seams_stay_where_they_are(mesh: bpy.types.Mesh) -> None:
    def seam_points(mesh: bpy.types.Mesh) -> set[tuple[float, ...]]:
        uvs: dict[int, set[tuple[float, float]]] = {}
        for loop, uv in zip(mesh.loops, mesh.uv_layers[0].uv, strict=True):
            uvs.setdefault(loop.vertex_index, set()).add((round(uv.vector.x, 4), round(uv.vector.y, 4)))
        return {tuple(round(c, 4) for c in mesh.vertices[v].co) for v, found in uvs.items() if len(found) > 1}

    whole = merged(mesh)
    assert len(seam_points(whole)) == 12 * STEPS - 4
    assert seam_points(decimated(whole, triangles=4000)) == seam_points(whole)


def test_a_target_that_the_seams_alone_exceed_is_reached_all_the_same(mesh: bpy.types.Mesh) -> None:
    assert triangle_count(decimated(merged(mesh), triangles=300)) == pytest.approx(300, abs=2)


def test_a_decimated_mesh_is_shaded_like_the_whole_one(mesh: bpy.types.Mesh) -> None:
    whole = merged(mesh)
    ours, bare = (normal_errors(m) for m in (decimated(whole, triangles=2000), as_it_is(whole, 2000)))
    assert ours.mean() < 0.5 < bare.mean()


def test_hard_edges_stay_hard() -> None:
    box = hard_box()
    assert off_axis(box).max() < 0.1
    assert (off_axis(as_it_is(box, 300)) > 30).any()
    assert off_axis(decimated(box, triangles=300)).max() < 1.0


def test_the_same_mesh_gives_the_same_result(mesh: bpy.types.Mesh) -> None:
    whole = merged(mesh)
    first, second = (decimated(whole, triangles=1500) for _ in range(2))
    assert np.array_equal(corner_values(first), corner_values(second))


def test_shade_smooth_drops_the_normals_and_the_hard_edges() -> None:
    box = hard_box()
    shade_smooth(box)
    assert not box.has_custom_normals
    assert off_axis(box).max() > 30


def test_polygons_of_four_corners_count_as_two_triangles() -> None:
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=30, y_subdivisions=30)
    grid = bpy.context.object.data
    for vertex in grid.vertices:
        vertex.co.z = float(np.sin(vertex.co.x * 5) * np.cos(vertex.co.y * 4))
    assert triangle_count(grid) == 1800
    new = decimated(grid, triangles=600)
    assert triangle_count(new) == pytest.approx(600, abs=2)
    assert len(new.polygons) == triangle_count(new)


def test_materials_uv_maps_and_colours_survive() -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=32)
    sphere = bpy.context.object.data
    sphere.uv_layers.new(name="second")
    colour = sphere.color_attributes.new("paint", "FLOAT_COLOR", "POINT")
    for vertex, entry in zip(sphere.vertices, colour.data, strict=True):
        entry.color = (1.0 if vertex.co.z > 0 else 0.0, 0.0, 0.0, 1.0)
    for name in ("upper", "lower"):
        sphere.materials.append(bpy.data.materials.new(name))
    for face in sphere.polygons:
        face.material_index = int(face.center.z < 0)
    new = decimated(merged(sphere), triangles=800)
    assert [m.name for m in new.materials] == ["upper", "lower"]
    assert [layer.name for layer in new.uv_layers] == [layer.name for layer in sphere.uv_layers]
    right = [face.material_index == int(face.center.z < 0) for face in new.polygons]
    assert sum(right) > 0.95 * len(right)
    red = [new.color_attributes["paint"].data[v.index].color[0] > 0.5 for v in new.vertices]
    assert sum(r == (v.co.z > 0) for r, v in zip(red, new.vertices, strict=True)) > 0.9 * len(red)


def test_a_mesh_without_uvs_is_decimated_too() -> None:
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=5, calc_uvs=False)
    assert triangle_count(decimated(merged(bpy.context.object.data), triangles=500)) == pytest.approx(500, abs=2)
