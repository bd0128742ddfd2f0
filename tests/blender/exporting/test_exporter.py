# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes of the scene as files: as they are seen, where they can be put back, and with one sentence where not."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
import pytest
from mathutils import Matrix
from PIL import Image

from scenario_addon.blender.exporting import exporter as module
from scenario_addon.blender.exporting.exporter import WORK, Exported, Exporter
from scenario_addon.blender.exporting.outgoing import Outgoing, of_active
from scenario_addon.blender.studio.painted import read_painted
from scenario_addon.engine.errors import DiskError, MeshError
from scenario_addon.engine.meshes.limits import MeshLimits
from tests.blender.kept_child import KeptChild, one_for_all
from tests.blender.sample_subjects import add, box, select
from tests.service.mesh_files import read_mesh

ANY: Final = MeshLimits()


other_blender = one_for_all(WORK)
"""The one that exports for all tests here."""


@pytest.fixture
def exporter(tmp_path: Path, other_blender: KeptChild, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exporter]:
    monkeypatch.setattr(module, "Child", other_blender)
    made = Exporter(tmp_path / "Wörk shop ✂")
    yield made
    made.close()
    assert not [path for path in (tmp_path / "Wörk shop ✂").rglob("*") if path.suffix in (".blend", ".glb", ".png")]


def exported(exporter: Exporter, tmp_path: Path, limits: MeshLimits = ANY, what: Outgoing | None = None) -> Exported:
    going = exporter.begin(what or of_active(bpy.context), limits, model_name="Remesher", kept=tmp_path / "kept é")
    return going.result()


def textured(obj: bpy.types.Object, *, pixels: Any = None) -> bpy.types.Image:
    """Give an object a picture as its colour, and UVs."""
    mesh: Any = obj.data
    mesh.uv_layers.new(name="Map")
    image: Any = bpy.data.images.new("Skin", 8, 8)
    image.pixels.foreach_set(np.linspace(0, 1, 256, dtype=np.float32) if pixels is None else pixels)
    image.update()
    material: Any = mesh.materials[0]
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    shader = next(other for other in material.node_tree.nodes if other.type == "BSDF_PRINCIPLED")
    material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
    return image


def placed(obj: bpy.types.Object) -> bpy.types.Object:
    obj.rotation_euler, obj.scale, obj.location = (0.3, -1.1, 2.0), (2.0, -0.5, 3.0), (10.0, -4.0, 7.5)
    return obj


def seen(objects: Any) -> np.ndarray:
    """Where all points stand in the world, with modifiers, in an order of their own."""
    graph = bpy.context.evaluated_depsgraph_get()
    points: list[tuple[float, ...]] = []
    for obj in objects:
        matrix = obj.matrix_world
        points += [tuple(round(x, 3) + 0.0 for x in matrix @ v.co) for v in obj.evaluated_get(graph).data.vertices]
    return np.array(sorted(set(points)))


def put_back(path: Path, home: Matrix) -> Any:
    """Import a file and give it the matrix of its source."""
    before = set(bpy.data.objects)
    {
        ".glb": lambda: bpy.ops.import_scene.gltf(filepath=str(path)),
        ".obj": lambda: bpy.ops.wm.obj_import(filepath=str(path)),
        ".fbx": lambda: bpy.ops.import_scene.fbx(filepath=str(path)),
    }[path.suffix]()
    bpy.context.view_layer.update()
    came = [obj for obj in bpy.data.objects if obj not in before]
    for obj in came:
        obj.matrix_world = home @ obj.matrix_world
    bpy.context.view_layer.update()
    return came


@pytest.mark.parametrize(("formats", "suffix"), [("glb fbx", ".glb"), ("obj fbx", ".fbx"), ("obj stl", ".obj")])
def test_what_comes_back_stands_where_its_source_does(
    exporter: Exporter, tmp_path: Path, formats: str, suffix: str
) -> None:
    body, arm = placed(box("Robot", (1, 2, 3))), box("Arm", (0.2, 0.2, 1), (12, -4, 8))
    body.modifiers.new("Subdivision", "SUBSURF")
    arm.modifiers.new("Array", "ARRAY")
    select(arm, body)
    bpy.context.view_layer.objects.active = body
    wanted, home = seen([body, arm]), body.matrix_world.copy()

    done = exported(exporter, tmp_path, MeshLimits(formats=frozenset(formats.split())))

    assert done.mesh.path.suffix == suffix
    assert done.mesh.path.parent.name == "kept é"
    assert done.mesh.path.name.startswith("Robot-")
    polygons = 24 + 2 * 6
    assert done.mesh.faces == (2 * polygons if suffix == ".glb" else polygons)
    assert np.allclose(seen(put_back(done.mesh.path, home)), wanted, atol=0.01)


def test_the_same_mesh_is_the_same_bytes_with_its_painted_texture(exporter: Exporter, tmp_path: Path) -> None:
    body = placed(box("Robot", (1, 2, 3)))
    image = textured(body)
    assert image.is_dirty
    select(body)
    first = exported(exporter, tmp_path)
    again = exported(exporter, tmp_path)
    assert (first.mesh.sha256, first.mesh.path) == (again.mesh.sha256, again.mesh.path)
    assert first.notes == ()
    colour = read_mesh(first.mesh.path.read_bytes()).material.base_color
    assert colour is not None
    with Image.open(io.BytesIO(colour)) as picture:
        rows = np.asarray(picture.convert("RGBA"))[::-1]
    assert (rows == (np.array(image.pixels) * 255).round().reshape(8, 8, 4)).all()
    assert image.is_dirty, "the artist's image is as it was"
    assert [obj.name for obj in bpy.data.objects] == ["Robot"]


def test_the_same_mesh_is_the_same_fbx_although_that_holds_the_time(exporter: Exporter, tmp_path: Path) -> None:
    body = box("Robot", (1, 2, 3))
    select(body)
    fbx = MeshLimits(formats=frozenset({"fbx"}))
    first, again = exported(exporter, tmp_path, fbx), exported(exporter, tmp_path, fbx)
    assert again.mesh == first.mesh
    mesh: Any = body.data
    mesh.vertices[0].co.x = 3.0
    assert exported(exporter, tmp_path, fbx).mesh.path != first.mesh.path


def test_what_is_painted_elsewhere_is_not_copied(tmp_path: Path) -> None:
    body, other = box("Robot", (1, 2, 3)), box("Lamp", (1, 1, 1))
    mine, yours = textured(body), textured(other)
    select(body)
    assert [one.name for one in read_painted({body}, tmp_path)] == [mine.name]
    assert yours.is_dirty


def test_edits_and_shape_keys_go_out_as_they_are_seen(exporter: Exporter, tmp_path: Path) -> None:
    body: Any = box("Robot", (1, 1, 1))
    body.shape_key_add(name="Basis")
    key = body.shape_key_add(name="Tall")
    for point in key.data:
        point.co.z *= 4
    key.value = 1.0
    select(body)
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.quads_convert_to_tris()
    found = exported(exporter, tmp_path, MeshLimits(formats=frozenset({"obj"})))
    assert body.mode == "EDIT"
    points = read_mesh(found.mesh.path.read_bytes()).mesh.positions
    assert found.mesh.faces == 12
    assert np.ptp(points, axis=0).max() == pytest.approx(4)


def test_instances_go_out_as_meshes(exporter: Exporter, tmp_path: Path) -> None:
    body: Any = box("Robot", (1, 1, 1))
    tree: Any = bpy.data.node_groups.new("Copies", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    inner, outer = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    spread, cube = tree.nodes.new("GeometryNodeInstanceOnPoints"), tree.nodes.new("GeometryNodeMeshCube")
    tree.links.new(inner.outputs[0], spread.inputs["Points"])
    tree.links.new(cube.outputs["Mesh"], spread.inputs["Instance"])
    tree.links.new(spread.outputs[0], outer.inputs[0])
    body.modifiers.new("Copies", "NODES").node_group = tree
    select(body)
    assert exported(exporter, tmp_path).mesh.faces == 8 * 12


def test_what_is_linked_from_another_file_and_hidden_goes_out_too(exporter: Exporter, tmp_path: Path) -> None:
    library = tmp_path / "library.blend"
    source = box("Robot", (1, 2, 3))
    bpy.data.libraries.write(str(library), {source})
    bpy.data.objects.remove(source)
    with bpy.data.libraries.load(str(library), link=True) as (_, here):
        here.objects = ["Robot"]
    linked: Any = here.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    bpy.context.view_layer.objects.active = linked
    linked.hide_set(True)
    assert exported(exporter, tmp_path).mesh.faces == 12


def test_a_missing_texture_is_left_out_and_said(exporter: Exporter, tmp_path: Path) -> None:
    body = box("Robot", (1, 2, 3))
    image = textured(body)
    image.source, image.filepath = "FILE", str(tmp_path / "gone.png")
    select(body)
    done = exported(exporter, tmp_path)
    assert done.notes == ("The file of the image Skin is missing: it is not sent.",)
    assert done.mesh.faces == 12


def test_what_is_too_large_for_the_model_is_refused_before_and_after_the_export(
    exporter: Exporter, tmp_path: Path
) -> None:
    select(box("Robot", (1, 2, 3)))
    with pytest.raises(MeshError, match=r"^Robot has 12 triangles and Remesher takes 10: reduce them first"):
        exported(exporter, tmp_path, MeshLimits(max_faces=10))
    with pytest.raises(MeshError, match=r"^Robot\.glb is .* and at most 0\.0 MB are taken"):
        exported(exporter, tmp_path, MeshLimits(max_bytes=500))
    with pytest.raises(MeshError, match="takes STL, which cannot be exported"):
        exported(exporter, tmp_path, MeshLimits(formats=frozenset({"stl"})))
    exported(exporter, tmp_path, MeshLimits(formats=frozenset({"obj"}), max_faces=6))
    assert not (tmp_path / "kept é").exists() or len(list((tmp_path / "kept é").iterdir())) == 1


def test_points_that_are_nowhere_are_said(exporter: Exporter, tmp_path: Path) -> None:
    body: Any = box("Robot", (1, 2, 3))
    body.data.vertices[0].co.x = float("nan")
    select(body)
    with pytest.raises(MeshError, match=r"^Robot has points that are nowhere"):
        exported(exporter, tmp_path)
    body.data.vertices[0].co.x = 1e12
    assert exported(exporter, tmp_path).mesh.faces == 12


def _nothing() -> None:
    bpy.context.view_layer.objects.active = None


def _a_lamp() -> None:
    select(add(bpy.data.lights.new("Lamp", "POINT"), "Lamp"))


def _no_faces() -> None:
    select(add(bpy.data.meshes.new("Empty"), "Empty"))


def _flattened() -> None:
    body = box("Robot", (1, 2, 3))
    body.scale.x = 0.0
    select(body)
    bpy.context.view_layer.update()


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (_nothing, "No object is active: click the mesh that is to be refined."),
        (_a_lamp, "Lamp is no mesh: choose one, or make it one by Object > Convert > Mesh."),
        (_no_faces, "Empty has no faces: there is nothing to refine."),
        (_flattened, "Robot is scaled to nothing along an axis: give it a size, or apply its scale."),
    ],
)
def test_what_is_no_mesh_is_said_in_a_sentence(prepare: Any, told: str) -> None:
    prepare()
    with pytest.raises(MeshError) as caught:
        of_active(bpy.context)
    assert caught.value.user_message == told


def test_of_a_rig_the_meshes_go_out(tmp_path: Path) -> None:
    rig = add(bpy.data.armatures.new("Rig"), "Rig")
    body = box("Robot", (1, 2, 3))
    body.parent = rig
    select(rig)
    assert of_active(bpy.context).names == ("Robot",)


def test_its_place_is_that_of_its_objects(tmp_path: Path) -> None:
    select(box("Robot", (1, 2, 3), (5, 6, 7)))
    bpy.context.view_layer.update()
    place = of_active(bpy.context).placement()
    assert place.location == pytest.approx((5, 6, 5.5))
    assert place.box == pytest.approx((1, 2, 3))
    assert (place.replaces, place.hide_source) == (("Robot",), True)


@pytest.mark.parametrize(
    ("child", "told"),
    [
        ("raise SystemExit(3)", "The second Blender crashed while it exported Robot: try again, or reduce it."),
        ('print(\'{"failed": "No space left on device"}\')', "There is no space left in"),
        ("print('{\"exhausted\": true}')", "Exporting Robot needs more memory than there is"),
    ],
)
def test_trouble_in_the_second_blender_is_a_sentence(tmp_path: Path, child: str, told: str) -> None:
    heard = f"import sys; sys.stdin.readline(); {child}"  # one that has gone before it is asked has said nothing
    broken = Exporter(tmp_path / "work", command=(sys.executable, "-c", heard))
    select(box("Robot", (1, 2, 3)))
    with pytest.raises((MeshError, DiskError)) as caught:
        exported(broken, tmp_path)
    assert caught.value.user_message.startswith(told)
    broken.close()


def test_an_export_that_is_cancelled_ends_at_once(tmp_path: Path) -> None:
    slow = Exporter(tmp_path / "work", command=(sys.executable, "-c", "import sys; sys.stdin.read()"))
    select(box("Robot", (1, 2, 3)))
    going = slow.begin(of_active(bpy.context), ANY, model_name="Remesher", kept=tmp_path)
    slow.close()
    assert going.is_over
    with pytest.raises(MeshError, match="cancelled"):
        going.result()
