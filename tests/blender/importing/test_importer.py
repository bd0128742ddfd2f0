# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing meshes into somebody's scene: what comes in, where it stands, what stays untouched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import numpy as np
import pytest

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.blender.scene.placement import Placement
from scenario_addon.engine.errors import ImportFailed
from tests.blender.sample_meshes import BROKEN, join_glb, split_glb, textured_box


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box.glb"
    path.write_bytes(textured_box())
    return path


@pytest.fixture
def cube() -> Iterator[bpy.types.Object]:
    """Something of the artist's own, selected and active."""
    bpy.ops.mesh.primitive_cube_add()
    yield bpy.context.active_object


def bring_in(path: Path, name: str = "Chair", **options: object) -> Arrival:
    return import_mesh(path, name=name, job_id="job_1", model_id="model_1", **options)


def names() -> set[tuple[str, str]]:
    """Every datablock of the open file."""
    kinds = [kind.identifier for kind in bpy.data.bl_rna.properties if kind.type == "COLLECTION"]
    return {(kind, block.name_full) for kind in kinds for block in getattr(bpy.data, kind)}


def bounds(arrival: Arrival) -> tuple[np.ndarray, np.ndarray]:
    points = [obj.matrix_world @ v.co for obj in arrival.objects if obj.type == "MESH" for v in obj.data.vertices]
    return np.min(points, axis=0), np.max(points, axis=0)


def edited(path: Path, **parts: object) -> Path:
    """The GLB at ``path`` with these top-level parts of its JSON replaced."""
    document, binary = split_glb(path.read_bytes())
    path.write_bytes(join_glb(document | parts, binary))
    return path


def test_a_mesh_comes_in_with_all_its_triangles_and_packed_textures(box: Path) -> None:
    arrival = bring_in(box)
    box.unlink()
    (obj,) = arrival.collection.objects
    obj.data.calc_loop_triangles()
    assert (arrival.triangles, len(obj.data.loop_triangles), arrival.textures) == (12, 12, 1)
    (image,) = [image for image in bpy.data.images if image.users]
    assert image.packed_file
    assert tuple(image.size) == (16, 16)
    assert image in [node.image for node in obj.active_material.node_tree.nodes if node.type == "TEX_IMAGE"]


def test_collection_objects_and_meshes_carry_the_job(box: Path) -> None:
    arrival = bring_in(box)
    for block in (bpy.data.collections["Chair"], *arrival.objects, *(obj.data for obj in arrival.objects)):
        assert (block["scenario_job_id"], block["scenario_model"]) == ("job_1", "model_1")


def test_the_base_stands_on_the_cursor(box: Path) -> None:
    bpy.context.scene.cursor.location = (1, 2, 3)
    low, high = bounds(bring_in(box))
    assert (*(low + high)[:2] / 2, low[2]) == pytest.approx((1, 2, 3), abs=1e-5)
    assert high - low == pytest.approx((1, 3, 2), abs=1e-5)


def test_a_location_wins_over_the_cursor(box: Path) -> None:
    bpy.context.scene.cursor.location = (1, 2, 3)
    low, high = bounds(bring_in(box, placement=Placement((0, 0, 0))))
    assert (*(low + high)[:2] / 2, low[2]) == pytest.approx((0, 0, 0), abs=1e-5)


def test_a_turned_hierarchy_moves_as_one(box: Path) -> None:
    half = np.sqrt(0.5)
    nodes = [
        {
            "name": "wrapper",
            "children": [1, 2],
            "rotation": [0.1, 0.2, 0.3, np.sqrt(0.86)],
            "scale": [2, 2, 2],
        },
        {"name": "left", "mesh": 0, "translation": [-5, 4, 0]},
        {"name": "right", "mesh": 0, "translation": [5, 4, 1], "rotation": [half, 0, 0, half]},
    ]
    arrival = bring_in(edited(box, nodes=nodes), placement=Placement((7, 8, 9)))
    low, high = bounds(arrival)
    assert (*(low + high)[:2] / 2, low[2]) == pytest.approx((7, 8, 9), abs=1e-4)
    left, right = (bpy.data.objects[name] for name in ("Chair", "right"))
    assert (arrival.object_names, right.parent, left.parent) == (("Chair", "right"), left, None)
    assert arrival.triangles == 24


def test_a_height_scales_the_mesh_as_a_whole(box: Path) -> None:
    nodes = [
        {"mesh": 0, "name": "a"},
        {"mesh": 0, "name": "b", "translation": [3, 1, 0], "rotation": [0.5] * 4},
    ]
    edited(box, nodes=nodes, scenes=[{"nodes": [0, 1]}])
    low, high = bounds(bring_in(box))
    small_low, small_high = bounds(bring_in(box, placement=Placement((4, 5, 6), 0.5)))
    assert small_high - small_low == pytest.approx((high - low) * 0.5 / (high - low)[2], abs=1e-5)
    assert (*(small_low + small_high)[:2] / 2, small_low[2]) == pytest.approx((4, 5, 6), abs=1e-5)


@pytest.mark.parametrize("mode", ["OBJECT", "EDIT"])
def test_another_scene_gets_the_mesh_and_the_shown_one_stays(box: Path, cube: bpy.types.Object, mode: str) -> None:
    bpy.ops.object.mode_set(mode=mode)
    other = bpy.data.scenes.new("other")
    arrival = bring_in(box, scene=other, placement=Placement((0, 0, 0)))
    assert [obj.name for obj in other.objects] == list(arrival.object_names)
    assert list(bpy.context.scene.objects) == [cube]
    assert (bpy.context.active_object, cube.mode) == (cube, mode)
    assert arrival.triangles == 12


def test_a_second_import_leaves_the_first_alone(box: Path) -> None:
    first = bring_in(box)
    before = {name: bpy.data.objects[name].matrix_world.copy() for name in first.object_names}
    second = bring_in(box, placement=Placement((9, 9, 9)))
    assert second.collection_name == "Chair.001"
    assert not set(first.objects) & set(second.objects)
    assert {name: bpy.data.objects[name].matrix_world for name in first.object_names} == before
    assert len(bpy.data.collections["Chair"].objects) == 1


def test_cameras_lights_and_animation_do_not_stay(box: Path) -> None:
    document, binary = split_glb(box.read_bytes())
    times, places = np.float32([0, 1]).tobytes(), np.float32([0, 0, 0, 5, 5, 5]).tobytes()
    start, views = len(binary), len(document["bufferViews"])
    document["bufferViews"] += [
        {"buffer": 0, "byteOffset": start, "byteLength": 8},
        {"buffer": 0, "byteOffset": start + 8, "byteLength": 24},
    ]
    count = len(document["accessors"])
    document["accessors"] += [
        {"bufferView": views, "componentType": 5126, "count": 2, "type": "SCALAR", "min": [0], "max": [1]},
        {"bufferView": views + 1, "componentType": 5126, "count": 2, "type": "VEC3"},
    ]
    document["animations"] = [
        {
            "samplers": [{"input": count, "output": count + 1}],
            "channels": [{"sampler": 0, "target": {"node": 0, "path": "translation"}}],
        }
    ]
    document["cameras"] = [{"type": "perspective", "perspective": {"yfov": 1, "znear": 0.1}}]
    document["extensionsUsed"] = ["KHR_lights_punctual"]
    document["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point"}]}}
    document["nodes"] += [{"camera": 0}, {"extensions": {"KHR_lights_punctual": {"light": 0}}}]
    document["scenes"][0] |= {"nodes": [0, 1, 2], "extras": {"new": 1, "mine": 1, "ours": {"a": 2}}}
    document["buffers"][0]["byteLength"] = start + 32
    box.write_bytes(join_glb(document, binary + times + places))
    bpy.context.scene["mine"], bpy.context.scene["ours"] = "kept", {"a": 1}
    arrival = bring_in(box)
    assert [obj.type for obj in arrival.objects] == ["MESH"]
    assert not any((*bpy.data.cameras, *bpy.data.lights, *bpy.data.actions))
    assert arrival.root.animation_data is None
    assert "new" not in bpy.context.scene
    assert (bpy.context.scene["mine"], bpy.context.scene["ours"].to_dict()) == ("kept", {"a": 1})


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_leaves_no_trace(kind: str, tmp_path: Path, cube: bpy.types.Object) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(BROKEN[kind]())
    before = names()
    with pytest.raises(ImportFailed) as caught:
        bring_in(path)
    assert names() == before
    assert (bpy.context.active_object, bpy.context.selected_objects) == (cube, [cube])
    assert path.exists()
    message = caught.value.user_message
    assert message.startswith("broken.glb could not be imported: ")
    assert message.endswith(".")
    assert "\n" not in message
    assert "Traceback" not in message


@pytest.mark.parametrize("name", ["gone.glb", "mesh.xyz", "nameless"])
def test_a_file_that_is_missing_or_of_another_kind_is_refused(name: str, tmp_path: Path) -> None:
    if name != "gone.glb":
        (tmp_path / name).write_bytes(b"?")
    with pytest.raises(ImportFailed, match=f"{name} could not be imported"):
        bring_in(tmp_path / name)
    assert not bpy.data.collections


@pytest.mark.parametrize("shown", ["Scene", "Other"])
def test_the_callers_own_override_does_not_change_where_a_mesh_goes(box: Path, shown: str) -> None:
    scenes = {"Scene": bpy.context.scene, "Other": bpy.data.scenes.new("Other")}
    for name, scene in scenes.items():
        with bpy.context.temp_override(scene=scenes[shown]):
            arrival = bring_in(box, name=f"In {name}", scene=scene)
        assert arrival.collection in list(scene.collection.children)


def test_in_object_mode_the_new_mesh_is_selected_and_active(box: Path, cube: bpy.types.Object) -> None:
    arrival = bring_in(box)
    assert [obj.name for obj in bpy.context.selected_objects] == list(arrival.object_names)
    assert bpy.context.active_object == arrival.root
    assert bpy.context.active_object.type == "MESH"


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT", "WEIGHT_PAINT", "TEXTURE_PAINT"])
@pytest.mark.parametrize("works", [True, False])
def test_an_artist_at_work_keeps_mode_and_selection(
    box: Path, cube: bpy.types.Object, *, mode: str, works: bool
) -> None:
    bpy.ops.object.mode_set(mode=mode)
    if works:
        assert bring_in(box).triangles == 12
    else:
        box.write_bytes(BROKEN["accessor out of range"]())
        with pytest.raises(ImportFailed):
            bring_in(box)
    assert (cube.mode, bpy.context.active_object) == (mode, cube)
    assert [obj for obj in bpy.context.view_layer.objects if obj.select_get()] == [cube]


def test_several_objects_in_edit_mode_stay_in_it(box: Path, cube: bpy.types.Object) -> None:
    bpy.ops.mesh.primitive_cube_add()
    other = bpy.context.active_object
    bpy.ops.mesh.primitive_cube_add()
    bystander = bpy.context.active_object
    bystander.select_set(False)
    cube.select_set(True)
    other.select_set(True)
    bpy.context.view_layer.objects.active = cube
    bpy.ops.object.mode_set(mode="EDIT")
    bring_in(box)
    assert [cube.mode, other.mode, bystander.mode] == ["EDIT", "EDIT", "OBJECT"]
    assert not bystander.select_get()


@pytest.mark.parametrize("state", ["exclude", "hide_viewport"])
def test_a_hidden_active_collection_does_not_swallow_the_mesh(box: Path, state: str) -> None:
    hidden = bpy.data.collections.new("hidden")
    bpy.context.scene.collection.children.link(hidden)
    branch = bpy.context.view_layer.layer_collection.children["hidden"]
    bpy.context.view_layer.active_layer_collection = branch
    setattr(branch, state, True)
    active = bpy.context.view_layer.active_layer_collection.name
    arrival = bring_in(box)
    obj = arrival.root
    assert obj.visible_get()
    assert [collection.name for collection in obj.users_collection] == ["Chair"]
    assert bpy.context.view_layer.active_layer_collection.name == active


def test_a_hidden_active_object_in_edit_mode_stays_in_it(box: Path, cube: bpy.types.Object) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    cube.hide_set(True)
    mode = cube.mode
    assert bring_in(box).triangles == 12
    assert cube.mode == mode


@pytest.mark.parametrize("name", ["модель 模型 é.glb", "with spaces & 'quotes'.glb", "UPPER.GLB"])
def test_any_path_will_do(box: Path, name: str) -> None:
    assert bring_in(box.rename(box.with_name(name))).triangles == 12


def test_a_scene_that_is_linked_from_a_library_is_refused(box: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.blend"
    theirs = bpy.data.scenes.new("theirs")
    theirs.view_layers[0].update()  # Blender 5.2 crashes when it writes a scene that was never evaluated
    bpy.data.libraries.write(str(library), {theirs})
    bpy.data.scenes.remove(theirs)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.scenes = ["theirs"]
    scene = wanted.scenes[0]
    before = names()
    with (
        bpy.context.temp_override(scene=scene, view_layer=scene.view_layers[0]),
        pytest.raises(ImportFailed),
    ):
        bring_in(box)
    assert names() == before


def test_linked_objects_in_the_scene_are_no_obstacle(box: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.blend"
    bpy.ops.mesh.primitive_cube_add()
    bpy.data.libraries.write(str(library), {bpy.context.active_object})
    bpy.data.objects.remove(bpy.context.active_object)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Cube"]
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    bpy.context.view_layer.objects.active = wanted.objects[0]
    assert bring_in(box).triangles == 12


def test_the_gltf_importer_is_switched_on_for_the_call_alone(box: Path) -> None:
    import addon_utils

    addon_utils.disable("io_scene_gltf2")
    assert bring_in(box).triangles == 12
    assert not addon_utils.check("io_scene_gltf2")[1]


def test_an_obj_comes_in_with_its_texture_packed(box: Path, tmp_path: Path) -> None:
    (tmp_path / "m.obj").write_text(
        "mtllib m.mtl\nv 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
        "usemtl paint\nf 1/1 2/2 3/3 4/4\n"
    )
    (tmp_path / "m.mtl").write_text("newmtl paint\nmap_Kd paint.png\nmap_Ks missing.png\n")
    image = bpy.data.images.new("paint", 8, 8)
    image.filepath_raw, image.file_format = str(tmp_path / "paint.png"), "PNG"
    image.save()
    bpy.data.images.remove(image)
    arrival = bring_in(tmp_path / "m.obj")
    assert (arrival.triangles, arrival.textures) == (2, 1)
    assert bpy.data.images["paint.png"].packed_file


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
def test_an_fbx_comes_in(tmp_path: Path, cube: bpy.types.Object) -> None:
    import addon_utils

    addon_utils.enable("io_scene_fbx")
    bpy.ops.export_scene.fbx(filepath=str(tmp_path / "cube.fbx"))
    arrival = bring_in(tmp_path / "cube.fbx", placement=Placement((0, 0, 0)))
    assert arrival.triangles == 12
    assert bounds(arrival)[0][2] == pytest.approx(0, abs=1e-5)


def test_a_broken_fbx_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "cube.fbx").write_bytes(b"Kaydara FBX Binary  \0\x1a\0" + b"\0" * 40)
    before = names()
    with pytest.raises(ImportFailed):
        bring_in(tmp_path / "cube.fbx")
    assert names() == before
