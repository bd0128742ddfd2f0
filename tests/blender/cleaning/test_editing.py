# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a mesh has beside its faces stays with them when it is cleaned."""

import bpy
import numpy as np
import pytest
from mathutils import Vector

from scenario_addon.blender.cleaning.clean import Cleaning, cleaned
from tests.blender.cleaning.shapes import ball, built, flip_all, open_box, without

ALL = Cleaning(loose=0.05, hole_edges=1000, outward=True)
LEAN = np.array((0.3, -0.2, 0.1))
CENTRE = Vector((0.5, 0.5, 0.5))
CRUMB = ball(0.02, (1.3, 0, 0), subdivisions=1)


def clean(mesh: bpy.types.Mesh, wanted: Cleaning = ALL) -> bpy.types.Mesh:
    new, _ = cleaned(mesh, wanted)
    assert new is not None
    return new


def rich_mesh() -> bpy.types.Mesh:
    """A ball with a hole, a crumb, and one of everything that a vertex, an edge, a face or a corner can have."""
    mesh = built(CRUMB, ball(), without(lambda middle: middle.z > 0.97))
    mesh.materials.append(bpy.data.materials.new("upper"))
    mesh.materials.append(bpy.data.materials.new("lower"))
    for face in mesh.polygons:
        face.material_index = int(face.center.z < 0)
    mesh.uv_layers.new(name="second")
    for layer in mesh.uv_layers:
        for loop, uv in zip(mesh.loops, layer.uv, strict=True):
            uv.vector = mesh.vertices[loop.vertex_index].co.xz
    for name, domain, count in (("paint", "POINT", len(mesh.vertices)), ("glaze", "CORNER", len(mesh.loops))):
        colours = mesh.color_attributes.new(name, "FLOAT_COLOR", domain)
        vertices = range(count) if domain == "POINT" else [loop.vertex_index for loop in mesh.loops]
        for entry, vertex in zip(colours.data, vertices, strict=True):
            entry.color = (*(mesh.vertices[vertex].co / 4 + CENTRE), 1.0)
    marks = mesh.attributes.new("mark", "INT", "FACE")
    marks.data.foreach_set("value", [face.material_index + 7 for face in mesh.polygons])
    for edge in mesh.edges:
        edge.use_seam = edge.use_edge_sharp = abs(mesh.vertices[edge.vertices[0]].co.z) < 0.1
    mesh["scenario_job_id"] = "job_1"
    return mesh


def at_corners(mesh: bpy.types.Mesh) -> list[tuple[bpy.types.MeshLoop, np.ndarray]]:
    return [(loop, np.array(mesh.vertices[loop.vertex_index].co)) for loop in mesh.loops]


def test_uvs_colours_attributes_materials_and_edges_stay_with_what_they_belong_to() -> None:
    mesh = rich_mesh()
    new = clean(mesh)
    assert len(new.vertices) < len(mesh.vertices)
    assert [layer.name for layer in new.uv_layers] == [layer.name for layer in mesh.uv_layers]
    assert [material.name for material in new.materials] == ["upper", "lower"]
    for loop, point in at_corners(new):
        for layer in new.uv_layers:
            assert np.allclose(layer.uv[loop.index].vector, point[[0, 2]], atol=1e-6)
        assert np.allclose(new.color_attributes["glaze"].data[loop.index].color[:3], point / 4 + CENTRE, atol=1e-6)
        assert np.allclose(
            new.color_attributes["paint"].data[loop.vertex_index].color[:3], point / 4 + CENTRE, atol=1e-6
        )
    for face in new.polygons:
        assert face.material_index == int(face.center.z < 0)
        assert new.attributes["mark"].data[face.index].value == face.material_index + 7
    for edge in new.edges:
        assert edge.use_seam == edge.use_edge_sharp == (abs(new.vertices[edge.vertices[0]].co.z) < 0.1)
    assert new["scenario_job_id"] == "job_1"
    shown = [{attribute.name for attribute in m.attributes if attribute.name[0] != "."} for m in (mesh, new)]
    assert shown[0] == shown[1], "nothing is left of the work"


@pytest.mark.parametrize("wanted", [Cleaning(loose=0.05), ALL])
def test_normals_of_the_file_stay_at_their_corners(wanted: Cleaning) -> None:
    mesh = built(CRUMB, ball(), without(lambda middle: middle.z > 0.97))
    mesh.shade_smooth()
    odd = np.array([point for _, point in at_corners(mesh)]) + LEAN
    mesh.normals_split_custom_set((odd / np.linalg.norm(odd, axis=1, keepdims=True)).tolist())
    new = clean(mesh, wanted)
    assert new.has_custom_normals
    own = [(loop, point) for loop, point in at_corners(new) if point[2] < 0.9]
    assert len(own) > 800
    for loop, point in own:
        expected = point + LEAN
        assert np.dot(new.corner_normals[loop.index].vector, expected / np.linalg.norm(expected)) > 0.9999


@pytest.mark.parametrize("sign", [1, -1])
def test_normals_agree_with_the_faces_that_were_turned_whichever_way_they_were(sign: int) -> None:
    mesh = built(ball(), flip_all)
    mesh.shade_smooth()
    mesh.normals_split_custom_set([(mesh.vertices[loop.vertex_index].co * sign)[:] for loop in mesh.loops])
    new = clean(mesh)
    assert all(face.normal.dot(face.center) > 0 for face in new.polygons)
    assert all(np.dot(new.corner_normals[loop.index].vector, point) > 0.999 for loop, point in at_corners(new))


def test_corners_of_faces_that_were_turned_keep_their_uvs() -> None:
    mesh = built(ball(), flip_all)
    mesh.uv_layers.new(name="map")
    for loop, uv in zip(mesh.loops, mesh.uv_layers[0].uv, strict=True):
        uv.vector = mesh.vertices[loop.vertex_index].co.xy
    new = clean(mesh)
    assert all(
        np.allclose(new.uv_layers[0].uv[loop.index].vector, point[:2], atol=1e-6) for loop, point in at_corners(new)
    )


def test_weights_and_shape_keys_stay_and_what_is_new_has_those_of_what_is_around(
    collection: bpy.types.Collection,
) -> None:
    mesh = built(CRUMB, open_box(cuts=3))
    obj = bpy.data.objects.new("Rig", mesh)
    collection.objects.link(obj)
    for name, is_in in (("left", lambda p: p.x < 0), ("all", lambda p: True)):
        group = obj.vertex_groups.new(name=name)
        group.add([vertex.index for vertex in mesh.vertices if is_in(vertex.co)], 0.75, "REPLACE")
    obj.shape_key_add(name="Basis")
    tall = obj.shape_key_add(name="Tall")
    for vertex, entry in zip(mesh.vertices, tall.data, strict=True):
        entry.co = vertex.co * 2
    tall.value = 0.25
    obj.data = new = clean(mesh)
    assert [group.name for group in obj.vertex_groups] == ["left", "all"]
    for vertex in new.vertices:
        groups = {entry.group: entry.weight for entry in vertex.groups}
        assert groups == ({0: 0.75, 1: 0.75} if vertex.co.x < 0 else {1: 0.75})
    keys = new.shape_keys.key_blocks
    assert [(key.name, key.value) for key in keys][1:] == [("Tall", 0.25)]
    for vertex, basis, entry in zip(new.vertices, keys["Basis"].data, keys["Tall"].data, strict=True):
        assert (basis.co - vertex.co).length < 1e-6
        assert (entry.co - vertex.co * 2).length < 1e-6
    assert len(mesh.shape_keys.key_blocks["Tall"].data) == len(mesh.vertices), "the mesh as delivered has its own"


def test_the_same_mesh_gives_the_same_result() -> None:
    first, second = (clean(rich_mesh()) for _ in range(2))
    assert [v.co[:] for v in first.vertices] == [v.co[:] for v in second.vertices]
    assert [tuple(f.vertices) for f in first.polygons] == [tuple(f.vertices) for f in second.polygons]
