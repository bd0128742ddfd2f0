# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender's importers can read, asked of a real Blender."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
import trimesh

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.importing.readers import SUFFIXES, UnreadableError, meaning, read, readable_extensions
from scenario_addon.engine.errors import ImportFailed
from scenario_addon.engine.fetch.formats import FORMATS, OTHER_FORMATS
from tests.blender.live import Live
from tests.blender.sample_meshes import join_glb, split_glb, textured_box

SIZE = (1.0, 2.0, 3.0)
DRACO = "KHR_draco_mesh_compression"
MESHOPT = ("EXT_meshopt_compression", "KHR_meshopt_compression")


# -- kinds of files


def box(folder: Path, suffix: str) -> Path:
    """A box of the size :data:`SIZE` and 12 triangles as a file of some kind, in whatever axes it writes."""
    path = folder / f"box{suffix}"
    shape = trimesh.creation.box(extents=SIZE)
    if suffix == ".gltf":
        for name, data in trimesh.Scene({"box": shape}).export(file_type="gltf").items():
            (folder / (path.name if name.endswith(".gltf") else name)).write_bytes(data)
    elif suffix == ".fbx":
        write_fbx(path)
    else:
        shape.export(path)
    return path


def write_fbx(path: Path) -> None:
    """What Blender's own add-on makes of a box."""
    import addon_utils

    addon_utils.enable("io_scene_fbx")
    bpy.ops.mesh.primitive_cube_add(size=1.0)
    bpy.context.active_object.scale = SIZE
    bpy.ops.export_scene.fbx(filepath=str(path))
    bpy.ops.wm.read_factory_settings(use_empty=True)


def test_what_the_engine_chooses_and_what_is_read_here_is_the_same() -> None:
    assert sorted(SUFFIXES) == sorted(FORMATS)


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
@pytest.mark.parametrize("suffix", FORMATS)
def test_each_kind_of_file_that_the_engine_chooses_comes_in(suffix: str, tmp_path: Path) -> None:
    arrival = import_mesh(box(tmp_path, suffix), name="Chair", job_id="job_1", model_id="model_1")
    (obj,) = bpy.context.scene.objects
    assert (arrival.object_names, arrival.triangles) == ((obj.name,), 12)
    assert sorted(obj.dimensions) == pytest.approx(SIZE, abs=1e-4)
    assert obj["scenario_job_id"] == "job_1"


@pytest.mark.parametrize("suffix", OTHER_FORMATS)
def test_what_the_engine_only_keeps_is_not_read(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"chair{suffix}"
    path.write_bytes(b"?")
    with pytest.raises(UnreadableError, match=f"no importer for {suffix} files"):
        read(path)


NO_MESH = {
    ".ply": {"": "not a PLY at all", "ply\nformat ascii 1.0\n": "cut short; download it again"},
    ".stl": {"": "damaged; download it again", "solid rubbish\n": "damaged; download it again"},
}


@pytest.mark.parametrize(("suffix", "text"), [(suffix, text) for suffix in NO_MESH for text in NO_MESH[suffix]])
def test_what_is_no_such_file_is_refused_in_plain_words_and_leaves_no_trace(
    suffix: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / f"chair{suffix}"
    path.write_text(text)
    with pytest.raises(ImportFailed, match=f"^chair{suffix} could not be imported: it is {NO_MESH[suffix][text]}.$"):
        import_mesh(path, name="Chair", job_id="job_1", model_id="model_1")
    assert not (bpy.data.objects or bpy.data.meshes or bpy.data.collections)


@pytest.mark.parametrize("kind", ["points", "cut short"])
def test_what_gives_no_faces_is_refused_and_leaves_no_trace(kind: str, tmp_path: Path) -> None:
    if kind == "points":  # as Gaussian splats are
        path = tmp_path / "chair.ply"
        trimesh.PointCloud(np.eye(3)).export(path)
    else:
        path = box(tmp_path, ".stl")
        path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ImportFailed, match="there is no mesh with faces in it"):
        import_mesh(path, name="Chair", job_id="job_1", model_id="model_1")
    assert not (bpy.data.objects or bpy.data.meshes or bpy.data.collections)


# -- glTF extensions


def requiring(extension: str) -> bytes:
    """A box that says it cannot be read without an extension which it then makes no use of."""
    document, binary = split_glb(textured_box())
    document |= {"extensionsUsed": [extension], "extensionsRequired": [extension]}
    return join_glb(document, binary)


@pytest.mark.parametrize("extension", sorted(readable_extensions()))
def test_what_is_called_readable_is_taken_by_the_importer(extension: str, tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    path.write_bytes(requiring(extension))
    read(path)
    assert [obj for obj in bpy.data.objects if obj.type == "MESH"]


def test_what_no_blender_reads_is_refused_by_the_importer(tmp_path: Path) -> None:
    path = tmp_path / "box.glb"
    path.write_bytes(requiring("VENDOR_unheard_of"))
    with pytest.raises(RuntimeError, match="not available on this addon"):
        read(path)


def packed(extension: str) -> bytes:
    """A box whose mesh an extension claims to have compressed, with garbage for what it packed."""
    document, binary = split_glb(textured_box())
    document |= {"extensionsUsed": [extension], "extensionsRequired": [extension]}
    primitive = document["meshes"][0]["primitives"][0]
    if extension == DRACO:
        primitive["extensions"] = {DRACO: {"bufferView": 0, "attributes": {"POSITION": 0}}}
        return join_glb(document, binary)
    for view in document["bufferViews"]:
        view["extensions"] = {
            extension: {"buffer": 0, "byteLength": 8, "byteStride": 4, "count": 1, "mode": "ATTRIBUTES"}
        }
    return join_glb(document, binary)


@pytest.mark.parametrize("extension", [DRACO, *MESHOPT])
def test_a_compression_without_its_library_is_refused_and_named(extension: str, tmp_path: Path) -> None:
    if extension in readable_extensions():
        pytest.skip("this Blender reads it")
    path = tmp_path / "box.glb"
    path.write_bytes(packed(extension))
    with pytest.raises(RuntimeError) as refusal:
        read(path)
    if "not available on this addon" not in str(refusal.value):
        assert f"{'Draco' if extension == DRACO else 'meshopt'} compressed" in meaning(refusal.value)


def importer_module(*names: str) -> Any:
    """The module of the importer that knows where its libraries are."""
    for name in names:
        try:
            return importlib.import_module(f"io_scene_gltf2.io.com.{name}")
        except ImportError:
            continue
    return None


@pytest.mark.parametrize("is_there", [True, False])
def test_what_takes_a_library_is_readable_where_the_importer_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    library = tmp_path / "library"
    if is_there:
        library.touch()
    module = importer_module("library", "draco", "gltf2_io_draco_compression_extension")
    monkeypatch.setattr(module, "dll_path", lambda *names: library)
    depends_on_it = {DRACO, *MESHOPT} if bpy.app.version >= (5, 2) else {DRACO}
    assert readable_extensions() & {DRACO, *MESHOPT} == (depends_on_it if is_there else set())


def test_where_nobody_knows_of_a_library_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importer_module("library")
    if module is None:
        pytest.skip("this Blender's importer always knows where")
    monkeypatch.setattr(module, "dll_path", lambda *names: None)
    assert readable_extensions() & {DRACO, *MESHOPT} == set()


@pytest.mark.parametrize(
    "extras", [{}, {"scenario": {"a": 1}}, {"scenario": 5}, {"mine": {"b": 2}}, {"mine": 7}], ids=str
)
def test_the_scenes_own_properties_stay_whatever_they_hold_and_the_file_says(
    live: Live, tmp_path: Path, extras: dict[str, Any]
) -> None:
    live.choose("model_hunyuan-3d-v2-1")
    image, stored = live.image(), live.settings.models[0]
    for key in ("steps", "paint"):
        del stored[key]
        stored[key] = math.nan
    bpy.context.scene["mine"] = {"a": math.nan}
    document, binary = split_glb(textured_box())
    document["scenes"][0]["extras"] = extras
    path = tmp_path / "box.glb"
    path.write_bytes(join_glb(document, binary))
    read(path)
    assert [obj for obj in bpy.data.objects if obj.type == "MESH"]
    assert live.settings.image == image
    assert live.settings.models[0].id_properties_ui("targetFaceNum").as_dict()["max"] > 1000
    assert list(bpy.context.scene["mine"].keys()) == ["a"]


def test_want_of_memory_is_told_from_damage() -> None:
    said = "Error: Python: Traceback (most recent call last):\n_ArrayMemoryError: Unable to allocate 9.00 GiB"
    assert meaning(RuntimeError(said)) == "it needs more memory than this computer has; ask for a simpler mesh"
