# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that has its colours in itself shows them, whatever its file and the version of Blender."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting.converter import WORK, Converter
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.mesh.vertex_colours import show_vertex_colours
from scenario_addon.blender.scene.arrival import Arrival
from tests.blender.sample_meshes import join_glb, split_glb, textured_box

COLOURS: Final = np.array([(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1), (1, 1, 0, 1)], dtype=np.float32)
"""Of the corners of a tetrahedron."""
CORNERS: Final = ((0, 2, 1), (0, 1, 3), (1, 2, 3), (2, 0, 3))
POINTS: Final = ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))


def glb(path: Path, colours: np.ndarray = COLOURS, *, material: dict[str, Any] | None = None) -> Path:
    """A tetrahedron with a colour at each point; without a material where none is given."""
    binary = np.float32(POINTS).tobytes() + np.uint16(CORNERS).tobytes() + colours.astype(np.float32).tobytes()
    primitive: dict[str, Any] = {"attributes": {"POSITION": 0, "COLOR_0": 2}, "indices": 1}
    document: dict[str, Any] = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"name": "chair", "primitives": [primitive]}],
        "buffers": [{"byteLength": len(binary)}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": length}
            for start, length in ((0, 48), (48, 24), (72, len(binary) - 72))
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3", "min": [0] * 3, "max": [1] * 3},
            {"bufferView": 1, "componentType": 5123, "count": 12, "type": "SCALAR"},
            {"bufferView": 2, "componentType": 5126, "count": 4, "type": f"VEC{colours.shape[1]}"},
        ],
    }
    if material is not None:
        primitive["material"], document["materials"] = 0, [material]
    path.write_bytes(join_glb(document, binary))
    return path


def obj(path: Path, colours: np.ndarray = COLOURS, *, material: str | None = None) -> Path:
    """The same as OBJ. A material that is named has ``material`` in its file; none where that is empty."""
    lines = ["o chair"]
    if material is not None:
        path.with_suffix(".mtl").write_text(f"newmtl paint\n{material}\n" if material else "")
        lines += ["mtllib chair.mtl", "usemtl paint"]
    for point, colour in zip(POINTS, colours, strict=True):
        lines.append(" ".join(map(str, ("v", *point, *colour[:3]))))
    lines += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in CORNERS]
    path.write_text("\n".join(lines) + "\n")
    return path


def ply(path: Path, colours: np.ndarray = COLOURS) -> Path:
    names = ("red", "green", "blue", "alpha")[: colours.shape[1]]
    head = ["ply", "format ascii 1.0", "element vertex 4", *(f"property float {axis}" for axis in "xyz")]
    head += [f"property uchar {name}" for name in names]
    head += ["element face 4", "property list uchar int vertex_indices", "end_header"]
    rows = [" ".join(map(str, (*p, *(int(v * 255) for v in c)))) for p, c in zip(POINTS, colours, strict=True)]
    path.write_text("\n".join([*head, *rows, *(f"3 {a} {b} {c}" for a, b, c in CORNERS)]) + "\n")
    return path


def fbx(path: Path) -> Path:
    """As Blender writes it, with a colour at each corner of each face."""
    import addon_utils

    addon_utils.enable("io_scene_fbx")
    made = tetrahedron("CORNER", "BYTE_COLOR")
    bpy.context.collection.objects.link(bpy.data.objects.new("chair", made))
    bpy.ops.export_scene.fbx(filepath=str(path), colors_type="LINEAR")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return path


WRITERS: Final[dict[str, Callable[[Path], Path]]] = {".glb": glb, ".obj": obj, ".ply": ply, ".fbx": fbx}


def tetrahedron(
    domain: Any = "POINT", kind: Any = "FLOAT_COLOR", *, colours: np.ndarray = COLOURS, name: str = "Paint"
) -> bpy.types.Mesh:
    made = bpy.data.meshes.new("chair")
    made.from_pydata(POINTS, (), CORNERS)
    layer = made.color_attributes.new(name, kind, domain)
    order: Sequence[Any] = list(np.ravel(CORNERS)) if domain == "CORNER" else range(4)
    layer.data.foreach_set("color", colours[order].ravel())
    return made


def bring_in(path: Path, **options: Any) -> Arrival:
    return import_mesh(path, name="Chair", job_id="j", model_id="m", **options)


def painted_by(material: bpy.types.Material) -> tuple[str | None, bool]:
    """The attribute that its base colour is read from, and whether its alpha is."""
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    sources = {link.to_socket.name: link.from_node for link in material.node_tree.links if link.to_node == shader}
    base, alpha = sources.get("Base Color"), sources.get("Alpha")
    is_painted = base is not None and base.type == "VERTEX_COLOR"
    return (base.layer_name if is_painted else None), alpha is not None and alpha == base


def check_shown(arrival: Arrival) -> None:
    (mesh,) = {obj.data for obj in arrival.objects}
    (material,) = mesh.materials
    layers = mesh.color_attributes
    assert material.name.split(".")[0] == mesh.name.split(".")[0]
    assert painted_by(material) == (layers[0].name, False)
    assert (layers.active_color_index, layers.render_color_index) == (0, 0)
    assert (arrival.triangles, arrival.textures) == (4, 0)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
@pytest.mark.parametrize("suffix", WRITERS)
def test_colours_without_a_material_are_shown(suffix: str, tmp_path: Path) -> None:
    check_shown(bring_in(WRITERS[suffix](tmp_path / f"chair{suffix}")))
    assert len(bpy.data.materials) == 1


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
def test_by_another_process_they_are_shown_the_same(tmp_path: Path) -> None:
    converter = Converter(tmp_path / "blends", command=blender_with(WORK))
    try:
        for suffix, write in WRITERS.items():
            bpy.ops.wm.read_factory_settings(use_empty=True)
            path = write(tmp_path / f"chair{suffix}")
            converter.begin(suffix, path, name="Chair")
            while (result := converter.result(suffix)) is None:
                time.sleep(0.01)
            assert isinstance(result, Converted)
            check_shown(bring_in(path, converted=result))
    finally:
        converter.close()


@pytest.mark.parametrize("write", [glb, ply])
@pytest.mark.parametrize(("alphas", "is_seen_through"), [((1, 1, 1, 0.5), True), ((0,) * 4, False), ((1,) * 4, False)])
def test_what_is_partly_transparent_is_seen_through(
    write: Any, alphas: tuple[float, ...], tmp_path: Path, *, is_seen_through: bool
) -> None:
    colours = np.column_stack((COLOURS[:, :3], alphas))
    arrival = bring_in(write(tmp_path / f"chair.{write.__name__}", colours))
    (material,) = arrival.root.data.materials
    assert painted_by(material)[1] == is_seen_through


@pytest.mark.parametrize("domain", ["POINT", "CORNER"])
@pytest.mark.parametrize("kind", ["FLOAT_COLOR", "BYTE_COLOR"])
def test_wherever_and_however_they_are_kept(domain: str, kind: str) -> None:
    made = tetrahedron(domain, kind, name="Some Name")
    show_vertex_colours([made])
    assert painted_by(made.materials[0]) == ("Some Name", False)


def test_only_the_slots_without_a_material_get_one() -> None:
    made, own = tetrahedron(), bpy.data.materials.new("own")
    own.diffuse_color = (1, 0, 0, 1)
    if own.node_tree is None:
        own.use_nodes = True
    own.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (1, 0, 0, 1)
    for material in (own, None):
        made.materials.append(material)
    show_vertex_colours([made])
    assert [material.name for material in made.materials] == ["own", "chair"]
    assert [painted_by(material)[0] for material in made.materials] == [None, "Paint"]


def test_meshes_without_colours_and_materials_stay_without() -> None:
    made = bpy.data.meshes.new("chair")
    made.from_pydata(POINTS, (), CORNERS)
    show_vertex_colours([made])
    assert not (made.materials or bpy.data.materials)


@pytest.mark.parametrize("mtl", ["", "Kd 1 1 1", "Kd 0.4 0.4 0.4\nNs 10"])
def test_a_material_that_says_nothing_of_a_colour_shows_them(mtl: str, tmp_path: Path) -> None:
    (material,) = bring_in(obj(tmp_path / "chair.obj", material=mtl)).root.data.materials
    assert material.name == "paint"
    assert painted_by(material) == ("Color", False)


def test_a_material_with_a_colour_or_for_white_ones_stays(tmp_path: Path) -> None:
    (red,) = bring_in(obj(tmp_path / "chair.obj", material="Kd 1 0 0")).root.data.materials
    white = np.ones_like(COLOURS)
    (grey,) = bring_in(obj(tmp_path / "chair.obj", white, material="Kd 0.4 0.4 0.4")).root.data.materials
    assert [painted_by(material)[0] for material in (red, grey)] == [None, None]


def test_a_material_with_textures_stays_as_it_is(tmp_path: Path) -> None:
    document, binary = split_glb(textured_box())
    (primitive,) = document["meshes"][0]["primitives"]
    count = document["accessors"][primitive["attributes"]["POSITION"]]["count"]
    data = np.tile(COLOURS[0], (count, 1)).astype(np.float32).tobytes()
    document["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(data)})
    view = len(document["bufferViews"]) - 1
    document["accessors"].append({"bufferView": view, "componentType": 5126, "count": count, "type": "VEC4"})
    primitive["attributes"]["COLOR_0"] = len(document["accessors"]) - 1
    document["buffers"][0]["byteLength"] = len(binary) + len(data)
    path = tmp_path / "box.glb"
    path.write_bytes(join_glb(document, binary + data))
    bpy.ops.import_scene.gltf(filepath=str(path))
    plain = sorted(node.bl_idname for node in bpy.context.object.active_material.node_tree.nodes)
    arrival = bring_in(path)
    (material,) = arrival.root.data.materials
    assert sorted(node.bl_idname for node in material.node_tree.nodes) == plain
    assert (material.name.split(".")[0], arrival.textures) == ("paint", 1)


def test_a_gltfs_own_material_shows_them_as_blender_has_it(tmp_path: Path) -> None:
    material = {"name": "own", "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.5}}
    (own,) = bring_in(glb(tmp_path / "chair.glb", material=material)).root.data.materials
    assert own.name == "own"
    assert painted_by(own)[0] == ""


def test_a_mesh_of_fewer_triangles_shows_them_still(tmp_path: Path) -> None:
    arrival = bring_in(ply(tmp_path / "chair.ply"), finish=Finish(merge=True, lods=1))
    for shown in arrival.objects:
        assert shown.data.color_attributes
        assert painted_by(shown.data.materials[0])[0] == shown.data.color_attributes[0].name
