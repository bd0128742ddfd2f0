# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line gets from Blender, in a real one."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

import scenario_addon
from scenario_addon.blender.host import BlenderHost
from scenario_addon.engine.errors import DiskError, ImportFailed
from tests.blender.sample_meshes import BROKEN, textured_box
from tests.engine.gltf_oddities import ODDITIES

JOB = {"name": "Chair", "job_id": "job_1", "model_id": "model_1"}


@pytest.fixture
def box(tmp_path: Path) -> Path:
    path = tmp_path / "box é.glb"
    path.write_bytes(textured_box())
    return path


def test_the_blend_opens_with_the_mesh_and_its_texture(box: Path, tmp_path: Path) -> None:
    blend = tmp_path / "new folder" / "chair 模.blend"
    BlenderHost().write_blend(box, blend, **JOB)
    box.unlink()
    assert list(blend.parent.iterdir()) == [blend]
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    (obj,) = bpy.context.scene.objects
    assert list(bpy.data.objects) == [obj]
    assert obj.visible_get()
    assert [collection.name for collection in obj.users_collection] == ["Chair"]
    assert len(obj.data.polygons) == 12
    (image,) = [image for image in bpy.data.images if image.users]
    assert image.packed_file
    assert tuple(image.size) == (16, 16)
    assert (obj["scenario_job_id"], obj["scenario_model"]) == ("job_1", "model_1")
    assert bpy.context.scene.name == "Chair"
    assert min((obj.matrix_world @ vertex.co).z for vertex in obj.data.vertices) == pytest.approx(0, abs=1e-6)


def test_blender_keeps_off_standard_output(box: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    print("before")
    BlenderHost().write_blend(box, tmp_path / "box.blend", **JOB)
    print("after")
    assert capfd.readouterr().out == "before\nafter\n"


def test_a_second_blend_holds_nothing_of_the_first(box: Path, tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_monkey_add()
    host = BlenderHost()
    host.write_blend(box, tmp_path / "1.blend", **JOB)
    host.write_blend(box, tmp_path / "2.blend", **JOB)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "2.blend"))
    assert [obj.name for obj in bpy.data.objects] == ["Chair"]
    assert len(bpy.data.meshes) == len(bpy.data.materials) == 1


def test_a_file_that_is_there_is_never_overwritten(box: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.blend").write_bytes(b"precious")
    with pytest.raises(DiskError, match="already there"):
        BlenderHost().write_blend(box, tmp_path / "mine.blend", **JOB)
    assert (tmp_path / "mine.blend").read_bytes() == b"precious"


def test_a_broken_mesh_writes_no_file(tmp_path: Path) -> None:
    path = tmp_path / "broken.glb"
    path.write_bytes(BROKEN["cut short"]())
    with pytest.raises(ImportFailed):
        BlenderHost().write_blend(path, tmp_path / "out.blend", **JOB)
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_blend_is_without_is_given(tmp_path: Path) -> None:
    path = ODDITIES["a cut PNG"].put(tmp_path)
    lack = ("without its texture base, which is cut short or damaged",)
    assert BlenderHost().write_blend(path, tmp_path / "out.blend", **JOB) == lack
    assert (tmp_path / "out.blend").exists()


def test_a_folder_that_cannot_be_made_is_said(box: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskError, match="could not be written"):
        BlenderHost().write_blend(box, tmp_path / "file" / "out.blend", **JOB)


def test_the_checks_pass_here_and_name_this_blender() -> None:
    checks = {check.name: check for check in BlenderHost().checks()}
    assert all(check.ok for check in checks.values())
    assert bpy.app.version_string in checks["Blender"].text
    assert set(checks) == {"Blender", "glTF importer", "online access"}


def test_a_missing_gltf_importer_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import addon_utils

    def refuse(*_: object, handle_error: object, **__: object) -> None:
        handle_error(ModuleNotFoundError("No module named 'numpy'"))

    addon_utils.disable("io_scene_gltf2")
    monkeypatch.setattr(addon_utils, "enable", refuse)
    (check,) = [check for check in BlenderHost().checks() if not check.ok]
    assert check.name == "glTF importer"
    assert "numpy" in check.text
    assert check.fix


def test_the_extension_registers_and_unregisters_twice() -> None:
    for _ in range(2):
        scenario_addon.register()
        scenario_addon.unregister()
