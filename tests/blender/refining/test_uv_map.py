# SPDX-License-Identifier: GPL-3.0-or-later
"""New UVs become one more UV map of the mesh that they were made for, found by geometry alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from scenario_addon.blender.scene.presence import count_meshes, scene_with, uv_map_of
from scenario_addon.blender.variants.group import key_of
from scenario_addon.blender.variants.whereabouts import whereabouts
from tests.blender.refining.refine import blob, bring, given, refined
from tests.service.glb import Material, Mesh, write_glb
from tests.service.mesh_files import read_mesh

UNWRAP = "model_meshy-uv-unwrap"
NAME = "Meshy UV Unwrap"


def corners(mesh: Any, name: str) -> np.ndarray:
    """Of each corner: where it is, where the middle of its face is, and its UV; a row each, ordered."""
    layer = mesh.uv_layers[name]
    rows = [
        (*mesh.vertices[mesh.loops[loop].vertex_index].co, *face.center, *layer.uv[loop].vector)
        for face in mesh.polygons
        for loop in face.loop_indices
    ]
    return ordered(np.array(rows))


def ordered(rows: np.ndarray) -> np.ndarray:
    return rows[np.lexsort(np.round(rows, 3).T[::-1][2:])]


def corners_of_file(glb: bytes) -> np.ndarray:
    """The same of a file of triangles, in Blender's axes."""
    mesh = read_mesh(glb).mesh
    points = mesh.positions[mesh.faces][..., [0, 2, 1]] * np.array((1, -1, 1))
    middles = np.repeat(points.mean(axis=1), 3, axis=0)
    uvs = mesh.uvs[mesh.faces].reshape(-1, 2) * np.array((1, -1)) + np.array((0, 1))
    return ordered(np.hstack((points.reshape(-1, 3), middles, uvs)))


def overlap(mesh: Any, name: str) -> float:
    """The share of the texture's points inside of triangles that are inside of more than one."""
    flat = np.array([layer.vector for layer in mesh.uv_layers[name].uv]).reshape(-1, 3, 2)
    grid = (np.stack(np.meshgrid(np.arange(96), np.arange(96)), axis=-1).reshape(-1, 2) + 0.5) / 96
    hits = np.zeros(len(grid), dtype=int)
    for a, b, c in flat:
        sides = [(q - p)[0] * (grid - p)[:, 1] - (q - p)[1] * (grid - p)[:, 0] for p, q in ((a, b), (b, c), (c, a))]
        inside = np.all([side > 0 for side in sides], axis=0) | np.all([side < 0 for side in sides], axis=0)
        hits += inside
    return float((hits > 1).sum() / max((hits > 0).sum(), 1))


def unwrapped(obj: Any, **how: Any) -> bytes:
    (output,) = refined(UNWRAP, given(obj, **how))
    return output.data


def flat(obj: Any, *, seed: int = 0, noise: float = 0.0, flipped: bool = False, seam: float | None = None) -> bytes:
    """Triangles of an object in any order whose UVs are where its points are, seen from above.

    :param seam: where along X a seam is, beyond which the UVs are half a texture further up.
    """
    obj.data.calc_loop_triangles()
    trios = np.array([triangle.vertices for triangle in obj.data.loop_triangles])
    rng = np.random.default_rng(seed)
    trios = trios[rng.permutation(len(trios))]
    trios = np.take_along_axis(trios, (np.arange(3) + rng.integers(0, 3, (len(trios), 1))) % 3, axis=1)
    if flipped:
        trios = trios[:, ::-1]
    points = np.array([vertex.co for vertex in obj.data.vertices])[trios.reshape(-1)]
    uvs = points[:, :2] * 0.1 + 0.5
    if seam is not None:
        uvs[:, 1] += 0.5 * np.repeat(points.reshape(-1, 3, 3).mean(axis=1)[:, 0] > seam, 3)
    points = points + rng.normal(0, 1, points.shape) * noise
    places = (points[:, [0, 2, 1]] * np.array((1, 1, -1))).astype(np.float32)
    uvs[:, 1] = 1 - uvs[:, 1]
    faces = np.arange(len(places), dtype=np.uint32).reshape(-1, 3)
    normals = np.tile(np.array((0, 1, 0), np.float32), (len(places), 1))
    return write_glb(Mesh(places, normals, uvs.astype(np.float32), faces), Material(), name="unwrapped")


def is_flat(mesh: Any, name: str) -> bool:
    """Whether the UVs are those of :func:`flat`, corner by corner."""
    layer = mesh.uv_layers[name]
    wanted = np.array([mesh.vertices[loop.vertex_index].co[:2] for loop in mesh.loops]) * 0.1 + 0.5
    return bool(np.abs(np.array([one.vector for one in layer.uv]) - wanted).max() < 1e-5)


def grid(name: str = "Chair", *, bump: float = 0.3) -> Any:
    """An object of quads, and one face of eight corners."""
    bpy.ops.mesh.primitive_grid_add(x_subdivisions=12, y_subdivisions=9)
    obj: Any = bpy.context.active_object
    obj.name = name
    for vertex in obj.data.vertices:
        vertex.co.z = bump * np.sin(3 * vertex.co.x + vertex.co.y)
    bpy.ops.mesh.primitive_circle_add(vertices=8, fill_type="NGON", location=(3.0, 0.0, 1.0))
    obj.select_set(True)
    bpy.context.view_layer.objects.active = obj
    bpy.ops.object.join()
    return obj


def test_each_corner_gets_the_uv_that_the_file_has_for_it_and_no_object_comes(tmp_path: Path) -> None:
    source = blob()
    source.location, source.scale = (1.0, 2.0, 3.0), (2.0, -1.0, 0.5)
    before = corners(source.data, "UVMap")
    kept = {kind: len(getattr(bpy.data, kind)) for kind in ("objects", "meshes", "materials", "images", "collections")}
    data = unwrapped(source)
    arrival = bring(data, tmp_path, source, kind="UVs")
    assert arrival.report == f"Chair: UV map '{NAME}' added, 100 % of faces matched" and not arrival.told
    assert [layer.name for layer in source.data.uv_layers] == ["UVMap", NAME]
    assert source.data.uv_layers.active.name == NAME and source.data.uv_layers[NAME].active_render
    assert np.abs(corners(source.data, NAME) - corners_of_file(data)).max() < 1e-4
    assert np.array_equal(corners(source.data, "UVMap"), before)
    assert overlap(source.data, NAME) == 0.0
    assert {kind: len(getattr(bpy.data, kind)) for kind in kept} == kept
    assert source.visible_get() and key_of(source) is None


@pytest.mark.parametrize(
    "how", [{}, {"noise": 1e-7}, {"noise": 1e-5}, {"flipped": True}], ids=["exact", "rounded", "coarse", "turned over"]
)
def test_quads_and_larger_faces_find_their_uvs_among_triangles(how: dict[str, Any], tmp_path: Path) -> None:
    source = grid()
    arrival = bring(flat(source, **how), tmp_path, source, kind="UVs")
    assert "100 % of faces matched" in arrival.report
    assert is_flat(source.data, NAME)


def test_a_face_that_a_seam_runs_across_stays_in_one_piece_on_one_side_of_it(tmp_path: Path) -> None:
    source = grid()
    arrival = bring(flat(source, seam=0.08), tmp_path, source, kind="UVs")
    assert re.search(r"100 % of faces matched, \d % of them in one piece where a seam ran across$", arrival.report)
    mesh, uvs = source.data, [layer.vector for layer in source.data.uv_layers[NAME].uv]
    offsets = []
    for face in mesh.polygons:
        ups = [
            uvs[loop].y - mesh.vertices[mesh.loops[loop].vertex_index].co.y * 0.1 - 0.5 for loop in face.loop_indices
        ]
        assert max(ups) - min(ups) < 1e-2  # the face is not quite flat
        offsets.append(round(ups[0], 3))
    assert set(offsets) == {0.0, 0.5}


def test_a_mesh_in_another_unit_and_about_another_origin_is_found(tmp_path: Path) -> None:
    source = blob()
    data = unwrapped(source, scale=0.013, shift=(3.0, 1.0, -2.0))
    assert "100 % of faces matched" in bring(data, tmp_path, source, kind="UVs").report


def test_faces_at_the_same_place_that_look_both_ways_are_told_apart(tmp_path: Path) -> None:
    source = grid(bump=0.0)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.duplicate()
    bpy.ops.mesh.flip_normals()
    bpy.ops.object.mode_set(mode="OBJECT")
    assert "100 % of faces matched" in bring(flat(source), tmp_path, source, kind="UVs").report
    assert is_flat(source.data, NAME)


def test_an_unmoving_armature_and_moved_points_are_matched_as_they_were_given(tmp_path: Path) -> None:
    source = blob()
    cast = source.modifiers.new("Cast", "CAST")
    cast.factor, cast.cast_type = 0.5, "SPHERE"
    assert "100 % of faces matched" in bring(unwrapped(source), tmp_path, source, kind="UVs").report


def test_where_modifiers_change_the_faces_it_comes_as_a_variant_and_that_is_said(tmp_path: Path) -> None:
    source = blob(detail=2)
    source.modifiers.new("Subdivision", "SUBSURF").levels = 1
    arrival = bring(unwrapped(source), tmp_path, source, kind="UVs")
    assert arrival.told.startswith("The new UVs came as a mesh, not as a UV map: only ")
    assert arrival.told.endswith("whose modifiers change its faces.")
    assert len(source.data.uv_layers) == 1 and not source.visible_get() and key_of(arrival.root)


def test_another_mesh_comes_as_a_variant_and_that_is_said(tmp_path: Path) -> None:
    source, other = blob(), blob("Other", detail=2)
    data = unwrapped(other)
    arrival = bring(data, tmp_path, source, kind="UVs")
    assert "% of the faces of Chair are in it" in arrival.told and arrival.where == "in place of Chair"
    assert [layer.name for layer in source.data.uv_layers] == ["UVMap"]


def test_seams_across_most_faces_make_it_a_variant_and_that_is_said(tmp_path: Path) -> None:
    source = grid()
    arrival = bring(unwrapped(source), tmp_path, source, kind="UVs")  # each triangle has a place of its own
    assert "seams run across" in arrival.told and arrival.where == "in place of Chair"


def test_a_mesh_with_all_uv_maps_that_it_can_have_gets_a_variant(tmp_path: Path) -> None:
    source = blob()
    for _ in range(7):
        source.data.uv_layers.new()
    arrival = bring(unwrapped(source), tmp_path, source, kind="UVs")
    assert "has 8 UV maps" in arrival.told and len(source.data.uv_layers) == 8


def test_objects_that_share_the_mesh_share_the_map_and_several_objects_get_one_each(tmp_path: Path) -> None:
    source, other = blob(), blob("Other", detail=2)
    other.location, other.rotation_euler = (3.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    twin = source.copy()
    bpy.context.scene.collection.objects.link(twin)
    (output,) = refined(UNWRAP, given(source, other))
    assert "100 %" in bring(output.data, tmp_path, source, other, kind="UVs").report
    assert NAME in twin.data.uv_layers and NAME in other.data.uv_layers


def test_a_second_one_has_a_name_of_its_own(tmp_path: Path) -> None:
    source = blob()
    for _ in range(2):
        bring(unwrapped(source), tmp_path, source, kind="UVs")
    assert [layer.name for layer in source.data.uv_layers] == ["UVMap", NAME, f"{NAME}.001"]
    assert source.data.uv_layers.active.name == f"{NAME}.001"


def test_the_job_is_in_the_scene_for_as_long_as_its_map_is(tmp_path: Path) -> None:
    source = blob()
    source.name = source.data.name = "Chair"
    bpy.ops.ed.undo_push(message="before")
    bring(unwrapped(source), tmp_path, "Chair", kind="UVs")
    bpy.ops.ed.undo_push(message="after")
    (job_id,) = bpy.data.objects["Chair"].data["scenario_uv_maps"].keys()
    assert scene_with(job_id) == bpy.context.scene and count_meshes(job_id) == 1
    assert whereabouts(bpy.context.scene)[job_id].words == "in the scene"
    path = tmp_path / "file.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), copy=True)
    bpy.ops.ed.undo()
    assert scene_with(job_id) is None and not count_meshes(job_id)
    assert job_id not in whereabouts(bpy.context.scene)
    bpy.ops.wm.open_mainfile(filepath=str(path))
    mesh = bpy.data.objects["Chair"].data
    assert count_meshes(job_id) == 1 and uv_map_of(mesh, job_id) == NAME
    mesh.uv_layers.remove(mesh.uv_layers[NAME])
    assert count_meshes(job_id) == 0
