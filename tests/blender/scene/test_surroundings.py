# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh comes in, and whatever else the artist has is as it was: settings, world, markers, other scenes, windows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting.converter import WORK, Converter
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.blender.scene.surroundings import undisturbed
from scenario_addon.engine.fetch.formats import FORMATS
from tests.blender.sample_meshes import join_glb, split_glb, textured_box

pytestmark = pytest.mark.slow

KINDS_OF_A_MESH: Final = {
    "collections",
    "objects",
    "meshes",
    "materials",
    "images",
    "node_groups",
    "armatures",
    "all_ids",
}
UNREAD: Final = ("rna_type", "use_nodes")
"""The second is outdated, and warns of each look."""


# -- what is sent in


def build_their_scene() -> None:
    """Somebody else's scene: a rigged and animated cube, with everything that can be written into a file."""
    scene = bpy.context.scene
    scene.render.fps, scene.frame_start, scene.frame_end = 50, 5, 77
    scene.world = bpy.data.worlds.new("theirs")
    scene.world.color = (1, 0, 0)
    scene["theirs"] = scene["mine"] = "theirs"
    scene.unit_settings.system, scene.unit_settings.scale_length = "IMPERIAL", 0.01
    scene.timeline_markers.new("theirs", frame=7)
    bpy.ops.object.camera_add()
    scene.camera = bpy.context.object
    bpy.ops.object.light_add()
    bpy.ops.object.armature_add()
    armature = bpy.context.object
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.object
    cube.data.materials.append(bpy.data.materials.new("paint"))
    cube.parent = armature
    cube.modifiers.new("Armature", "ARMATURE").object = armature
    cube.vertex_groups.new(name="Bone").add(range(8), 1.0, "REPLACE")
    for frame in (5, 77):
        armature.location.z = armature.pose.bones[0].location.y = cube.location.x = frame
        for moved in (armature, armature.pose.bones[0], cube):
            moved.keyframe_insert("location", frame=frame)


def add_scenes(path: Path) -> None:
    """Have a GLB name what it has in further scenes, in which the second is the default one."""
    document, binary = split_glb(path.read_bytes())
    (scene,) = document["scenes"]
    document["scenes"] = [{"name": "elsewhere", "nodes": scene["nodes"][:1]}, scene, {"name": "empty"}]
    path.write_bytes(join_glb(document | {"scene": 1}, binary))


WRITERS: Final[dict[str, Callable[[str], object]]] = {
    ".glb": lambda path: bpy.ops.export_scene.gltf(
        filepath=path, export_extras=True, export_cameras=True, export_lights=True
    ),
    ".gltf": lambda path: bpy.ops.export_scene.gltf(filepath=path, export_format="GLTF_SEPARATE", export_extras=True),
    ".fbx": lambda path: bpy.ops.export_scene.fbx(filepath=path, use_custom_props=True),
    ".obj": lambda path: bpy.ops.wm.obj_export(filepath=path),
    ".ply": lambda path: bpy.ops.wm.ply_export(filepath=path),
    ".stl": lambda path: bpy.ops.wm.stl_export(filepath=path),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file of each kind."""
    import addon_utils

    folder = tmp_path_factory.mktemp("files")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("io_scene_fbx")
    build_their_scene()
    for suffix, write in WRITERS.items():
        write(str(folder / f"theirs{suffix}"))
    add_scenes(folder / "theirs.glb")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    return {suffix: folder / f"theirs{suffix}" for suffix in WRITERS}


@pytest.fixture(scope="module")
def converted(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Converted]]:
    """The same by way of another process."""
    converter = Converter(tmp_path_factory.mktemp("blends"), command=blender_with(WORK))
    made: dict[str, Converted] = {}
    try:
        for suffix, path in files.items():
            converter.begin(suffix, path, name="Chair")
            while (result := converter.result(suffix)) is None:
                time.sleep(0.01)
            assert isinstance(result, Converted), result
            made[suffix] = result
        yield made
    finally:
        converter.close()


# -- what is there before


@pytest.fixture
def mine() -> Iterator[bpy.types.Scene]:
    """An artist's scene, with nothing as it is by default."""
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = 30, 1.001
    scene.frame_start, scene.frame_end = 10, 90
    scene.frame_set(37)
    scene.unit_settings.system, scene.unit_settings.length_unit = "METRIC", "CENTIMETERS"
    scene.view_settings.exposure = 0.5
    scene.tool_settings.use_keyframe_insert_auto = True
    scene.cursor.location = (1, 2, 3)
    scene.world = bpy.data.worlds.new("mine")
    scene.world.color = (0, 0, 1)
    scene["mine"] = "mine"
    marker = scene.timeline_markers.new("mine", frame=40)
    bpy.ops.object.camera_add()
    scene.camera = marker.camera = bpy.context.object
    bpy.data.scenes.new("another of mine")
    bpy.context.view_layer.update()
    yield scene


def everything(scene: bpy.types.Scene) -> dict[str, str]:
    """All settings of a scene that Blender knows, in words, whatever their kind."""
    found: dict[str, str] = {}

    def look(part: Any, path: str) -> None:
        for setting in part.bl_rna.properties:
            if setting.identifier in UNREAD or setting.is_runtime:
                continue
            value, place = getattr(part, setting.identifier), f"{path}.{setting.identifier}"
            if isinstance(value, bpy.types.ID) or value is None:
                found[place] = str(value and value.name_full)
            elif setting.type == "POINTER" and not path.endswith("tool_settings"):  # 4.2 crashes at some brushes
                look(value, place)
            elif setting.type not in ("POINTER", "COLLECTION"):
                found[place] = repr(tuple(value) if getattr(setting, "is_array", False) else value)

    look(scene, scene.name)
    if scene.world:
        look(scene.world, "world")
    found["markers"] = repr([(marker.name, marker.frame, marker.camera) for marker in scene.timeline_markers])
    found["own"] = repr(sorted(scene.items()))
    return found


def all_there_is() -> dict[str, Any]:
    """What is there, but for what a mesh is made of."""
    kinds = {kind.identifier for kind in bpy.data.bl_rna.properties if kind.type == "COLLECTION"} - KINDS_OF_A_MESH
    return {
        "names": {kind: sorted(block.name_full for block in getattr(bpy.data, kind)) for kind in kinds},
        "scenes": {scene.name: everything(scene) for scene in bpy.data.scenes},
        "shown": [(window.scene.name, window.view_layer.name) for window in bpy.context.window_manager.windows],
    }


# -- and after


def bring_in(path: Path, **options: object) -> Arrival:
    return import_mesh(path, name="Chair", job_id="j", model_id="m", **options)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
@pytest.mark.parametrize("target", ["the shown scene", "another scene"])
@pytest.mark.parametrize("way", ["direct", "converted"])
@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_but_the_mesh_is_left_behind(
    suffix: str, way: str, target: str, files: dict[str, Path], request: pytest.FixtureRequest, mine: bpy.types.Scene
) -> None:
    ready = request.getfixturevalue("converted")[suffix] if way == "converted" else None
    heard: list[str] = []
    bpy.app.handlers.frame_change_pre.append(lambda *_: heard.append("a frame"))
    scene = mine if target == "the shown scene" else bpy.data.scenes["another of mine"]
    before = all_there_is()
    arrival = bring_in(files[suffix], converted=ready, scene=scene)
    after = all_there_is()
    for part in before:
        assert after[part] == before[part]
    assert arrival.triangles == 12
    assert set(scene.objects) - {mine.camera} == set(arrival.objects)
    assert sum(len(other.objects) for other in bpy.data.scenes) == len(arrival.objects) + 1
    assert arrival.is_rigged == (suffix in (".glb", ".gltf", ".fbx"))
    if ready or scene == mine:  # else a window has to show the other scene for a moment
        assert not heard


@pytest.mark.parametrize("default", [0, 1])
def test_of_several_scenes_the_default_one_comes_in_and_nothing_else(
    default: int, tmp_path: Path, mine: bpy.types.Scene
) -> None:
    document, binary = split_glb(textured_box())
    nodes = [
        {"name": name, "mesh": 0, "scale": [size] * 3} for name, size in (("first", 1), ("second", 2), ("nowhere", 3))
    ]
    scenes = [{"name": "a", "nodes": [0]}, {"name": "b", "nodes": [1]}]
    path = tmp_path / "two.glb"
    path.write_bytes(join_glb(document | {"nodes": nodes, "scenes": scenes, "scene": default}, binary))
    before = all_there_is()
    arrival = bring_in(path)
    height = arrival.high[2] - arrival.low[2]
    assert height == pytest.approx((2.0, 4.0)[default])
    assert all_there_is() == before


def test_scenes_that_a_file_has_for_nothing_make_none(tmp_path: Path, mine: bpy.types.Scene) -> None:
    document, binary = split_glb(textured_box())
    path = tmp_path / "nowhere.glb"
    path.write_bytes(join_glb(document | {"nodes": [{"mesh": 0}], "scenes": [{"name": "a"}, {"name": "b"}]}, binary))
    before = all_there_is()
    assert bring_in(path).triangles == 12
    assert all_there_is() == before


def test_whatever_an_importer_does_to_the_scene_is_undone(mine: bpy.types.Scene) -> None:
    before = everything(mine)
    with pytest.raises(ZeroDivisionError), undisturbed(mine):
        build_their_scene()
        mine.frame_start, mine.frame_end = 500, 700
        mine.frame_set(600)
        mine.render.resolution_x = 77
        mine.view_settings.exposure = 2.0
        mine.cursor.location = (0, 0, 0)
        mine.tool_settings.use_keyframe_insert_auto = False
        mine.use_gravity = False
        raise ZeroDivisionError
    assert everything(mine) == before


def test_the_world_that_was_there_keeps_its_look(mine: bpy.types.Scene) -> None:
    with undisturbed(mine):
        mine.world.color = (1, 1, 1)
    assert tuple(mine.world.color) == (0, 0, 1)
