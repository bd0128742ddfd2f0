# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh file is looked into before it is sent: what is none, or not whole, is refused in one sentence."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import MeshError
from scenario_addon.engine.meshes.file import inspect
from scenario_addon.engine.meshes.fitting import fitting, held_that_fits
from scenario_addon.engine.meshes.limits import MeshLimits
from scenario_addon.engine.values import AssetId, HeldMesh
from tests.engine.mesh_samples import fbx_cube, glb_grid, obj_grid
from tests.engine.picture_samples import encoded, write


def refusal(path: Path, **limits: Any) -> str:
    with pytest.raises(MeshError) as refused:
        fitting(path, limits=MeshLimits(**limits), model_name="Remesh", folder=path.parent / "work")
    told = refused.value.user_message
    assert told.endswith(".")
    assert told.count(". ") == 0
    return told


@pytest.mark.parametrize(
    ("name", "data", "mime", "faces"),
    [
        ("a.glb", glb_grid(5), "model/gltf-binary", 50),
        ("no suffix", glb_grid(5), "model/gltf-binary", 50),
        ("a.obj", obj_grid(5), "model/obj", 25),
        ("a.OBJ", obj_grid(5), "model/obj", 25),
        ("a.fbx", fbx_cube(), "model/x-fbx", 6),
        ("wide.fbx", fbx_cube(version=7700), "model/x-fbx", 6),
        ("plain.fbx", fbx_cube(is_packed=False), "model/x-fbx", 6),
    ],
)
def test_the_content_says_what_it_is(tmp_path: Path, name: str, data: bytes, mime: str, faces: int) -> None:
    mesh = inspect(write(tmp_path, data, name))
    assert (mesh.mime, mesh.faces, mesh.size_bytes) == (mime, faces, len(data))
    assert mesh.sha256 == hashlib.sha256(data).hexdigest()
    assert mesh.path.is_absolute()


def test_a_name_that_says_something_else_is_put_right_for_the_service(tmp_path: Path) -> None:
    assert inspect(write(tmp_path, glb_grid(), "größe 雪.bin")).file_name == "größe 雪.glb"


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.glb", b"", "a.glb is empty"),
        ("a.glb", b"glTF", "a.glb is not a GLB file"),
        ("a.glb", glb_grid()[:-200], "a.glb has"),
        ("a.glb", b"hello", "a.glb is not GLB inside"),
        ("a.glb", obj_grid(), "a.glb is not GLB inside"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "a.obj holds no faces"),
        ("a.obj", b"<html>nothing here</html>", "a.obj is not OBJ inside"),
        ("a.obj", b"just some words\n", "a.obj holds no faces"),
        ("a.obj", obj_grid(20) + b"\0" * 5000, "a.obj is damaged"),
        ("a.fbx", fbx_cube()[:-60], "a.fbx is damaged or cut short"),
        ("a.fbx", fbx_cube()[:40], "a.fbx is damaged or cut short"),
        ("a.fbx", fbx_cube(promised=3), "a.fbx is damaged or cut short"),
        ("a.fbx", fbx_cube(promised=30), "a.fbx is damaged or cut short"),
        ("a.fbx", fbx_cube(promised=2**32 - 1), "a.fbx is damaged or cut short"),
        ("a.fbx", b"; FBX 7.3.0 project file\n", "a.fbx is no binary FBX"),
        ("a.blend", b"BLENDER-v402", "a.blend is a .blend file, which cannot be sent: export it as GLB"),
        ("a.stl", b"solid a", "a.stl is a .stl file"),
        ("a.txt", b"words", "a.txt is not a mesh"),
        ("a.glb", encoded("PNG"), "a.glb is a picture, not a mesh"),
        ("a.gltf", b"[]", "a.gltf is not GLTF inside"),
        ("a.gltf", b'{"asset": {"version": "2.0"}}', "a.gltf"),
        ("a.gltf", b'{"asset"', "a.gltf is damaged"),
    ],
)
def test_what_is_no_whole_mesh_is_refused(tmp_path: Path, name: str, data: bytes, told: str) -> None:
    assert refusal(write(tmp_path, data, name), formats=frozenset({"glb", "obj", "fbx"})).startswith(told)


def test_a_glb_without_a_triangle_is_no_mesh(tmp_path: Path) -> None:
    text = b'{"asset":{"version":"2.0"},"scenes":[{"nodes":[]}],"scene":0}  '
    head = b"glTF" + (2).to_bytes(4, "little") + (20 + len(text)).to_bytes(4, "little")
    data = head + len(text).to_bytes(4, "little") + b"JSON" + text
    assert refusal(write(tmp_path, data, "a.glb")).startswith("a.glb")


def test_a_path_that_leads_nowhere_or_to_no_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.glb").endswith("does not exist: check the path.")
    assert refusal(tmp_path).endswith("is a folder: give the file of a mesh.")
    assert "cannot be read" in refusal(Path("nul\0.glb"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="nobody keeps root out")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, glb_grid(), "a.glb")
    path.chmod(0)
    assert refusal(path).endswith("cannot be read: check its permissions.")


def test_permission_is_what_the_system_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, glb_grid(), "a.glb")

    def deny(*_: object, **__: object) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert refusal(path).endswith("cannot be read: check its permissions.")


@pytest.mark.skipif(sys.platform == "win32", reason="has no such files")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.glb")
    assert refusal(tmp_path / "a.glb").endswith("is no file: give the file of a mesh.")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.glb"
    with path.open("wb") as file:
        file.write(glb_grid())
        file.truncate(5 << 30)
    assert refusal(path).startswith("a.glb is 5,368.7 MB and at most 1,073.7 MB are taken")
    assert refusal(path, max_bytes=50_000_000).startswith("a.glb is 5,368.7 MB and at most 50.0 MB are taken")


def test_what_the_model_does_not_take_is_said(tmp_path: Path) -> None:
    glb, obj = write(tmp_path, glb_grid(10), "a.glb"), write(tmp_path, obj_grid(), "b.obj")
    assert refusal(glb, max_faces=199) == "a.glb has 200 faces and Remesh takes 199: reduce them first."
    assert refusal(obj) == "b.obj is OBJ and Remesh takes GLB: export it as that first."
    takes = frozenset({"obj", "fbx", "usdz"})
    assert refusal(glb, formats=takes) == "a.glb is GLB and Remesh takes FBX or OBJ: export it as that first."
    assert fitting(glb, limits=MeshLimits(max_faces=200), model_name="Remesh", folder=tmp_path)[1] is None


def test_an_obj_goes_without_its_materials_and_that_is_said(tmp_path: Path) -> None:
    limits = MeshLimits(formats=frozenset({"obj"}))
    path = write(tmp_path, obj_grid(), "b.obj")
    mesh, note = fitting(path, limits=limits, model_name="Remesh", folder=tmp_path)
    assert (mesh.path, mesh.faces) == (path, 64)
    assert note == "b.obj is sent without its materials and textures, which are files of their own."


def test_a_gltf_goes_as_one_glb_with_what_lies_beside_it_and_always_the_same(tmp_path: Path) -> None:
    glb = glb_grid()
    length = int.from_bytes(glb[12:16], "little")
    root, binary = json.loads(glb[20 : 20 + length]), glb[20 + length + 8 :]
    for uri in ("sheet.bin", f"data:application/octet-stream;base64,{base64.b64encode(binary).decode()}"):
        (tmp_path / "sheet.bin").write_bytes(binary)
        root["buffers"][0]["uri"] = uri
        path = write(tmp_path, json.dumps(root).encode(), "sheet.gltf")
        first, second = (
            fitting(path, limits=MeshLimits(), model_name="Remesh", folder=tmp_path / "work")[0] for _ in range(2)
        )
        assert (first.suffix, first.faces) == ("glb", 128)
        assert first == second
        assert not list((tmp_path / "work").glob("*.part"))
    (tmp_path / "sheet.bin").unlink()
    root["buffers"][0]["uri"] = "sheet.bin"
    assert "sheet.gltf" in refusal(write(tmp_path, json.dumps(root).encode(), "sheet.gltf"))


def held(mime: str = "model/gltf-binary", **more: Any) -> HeldMesh:
    return HeldMesh(asset_id=AssetId(f"asset_{mime}"), name="chair", mime=mime, **more)


def test_of_what_the_service_has_the_first_that_the_model_takes_is_given() -> None:
    meshes = [held(), held("model/obj"), held("application/vnd.autodesk.fbx")]
    for formats, chosen in (("glb", 0), ("obj", 1), ("fbx", 2)):
        found = held_that_fits(meshes, limits=MeshLimits(formats=frozenset({formats})), model_name="Remesh")
        assert found == meshes[chosen]
    with pytest.raises(MeshError, match=r"^chair is GLB and Remesh takes FBX: export it as that first\.$"):
        held_that_fits(meshes[:2], limits=MeshLimits(formats=frozenset({"fbx"})), model_name="Remesh")


def test_limits_hold_for_what_the_service_has_as_far_as_anybody_knows() -> None:
    limits = MeshLimits(max_faces=1000, max_bytes=1_000_000)
    with pytest.raises(MeshError, match=r"^chair has 1,001 faces and Remesh takes 1,000"):
        held_that_fits([held(faces=1001)], limits=limits, model_name="Remesh")
    with pytest.raises(MeshError, match=r"^chair is 2\.0 MB and Remesh takes 1\.0 MB"):
        held_that_fits([held(size_bytes=2_000_000)], limits=limits, model_name="Remesh")
    with pytest.raises(MeshError, match="no mesh"):
        held_that_fits([], limits=limits, model_name="Remesh")
    assert held_that_fits([held("")], limits=limits, model_name="Remesh").faces is None
