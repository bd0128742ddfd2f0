# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that Blender's importer would trip over comes in by way of a mended copy."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.mesh.mesh import triangle_count
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.engine.errors import ImportFailed
from tests.blender.sample_meshes import join_glb, split_glb, textured_box
from tests.engine.gltf_oddities import ODDITIES, STUBBORN


def bring(path: Path) -> Arrival:
    return import_mesh(path, name="Chair", job_id="job_1", model_id="model_1")


def box_with(folder: Path, **parts: Any) -> Path:
    """A box whose JSON has these parts instead of its own."""
    document, binary = split_glb(textured_box())
    path = folder / "box.glb"
    path.write_bytes(join_glb(document | parts, binary))
    return path


@pytest.fixture(autouse=True)
def spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies are put."""
    folder = tmp_path / "spare"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("name", ODDITIES)
def test_what_is_odd_comes_in_whole_and_its_flaw_is_said(tmp_path: Path, name: str) -> None:
    oddity = ODDITIES[name]
    arrival = bring(oddity.put(tmp_path))
    assert (arrival.triangles, arrival.textures) == (oddity.triangles, oddity.textures)
    assert sorted(high - low for low, high in zip(arrival.low, arrival.high, strict=True)) == pytest.approx((1, 2, 3))
    if oddity.flaw is None:
        assert arrival.flaws == ()
    else:
        (flaw,) = arrival.flaws
        assert re.search(oddity.flaw, flaw)
    assert len(bpy.data.images) == oddity.textures
    assert all(node.image for material in bpy.data.materials for node in pictures_of(material))


@pytest.mark.parametrize("name", STUBBORN)
def test_what_the_importer_refuses_all_the_same_comes_in_plainer(tmp_path: Path, name: str) -> None:
    oddity = STUBBORN[name]
    arrival = bring(oddity.put(tmp_path))
    assert (arrival.triangles, arrival.textures) in ((12, oddity.textures), (12, 1))
    assert sorted(high - low for low, high in zip(arrival.low, arrival.high, strict=True)) == pytest.approx((1, 2, 3))
    assert arrival.flaws in ((), (oddity.flaw,)), "one Blender's importer takes what another's does not"
    assert len(bpy.data.meshes) == 1
    assert len(bpy.data.images) == arrival.textures


@pytest.mark.parametrize("name", ODDITIES)
def test_what_plain_blender_brings_in_whole_ours_does_too(tmp_path: Path, name: str) -> None:
    import addon_utils  # the ``bpy`` module puts it on the path when it is loaded

    path = ODDITIES[name].put(tmp_path)
    addon_utils.enable("io_scene_gltf2")
    try:
        bpy.ops.import_scene.gltf(filepath=str(path))
    except RuntimeError:
        return
    plain = sum(triangle_count(obj.data) for obj in bpy.data.objects if obj.type == "MESH")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert bring(path).triangles >= min(plain, ODDITIES[name].triangles)


def pictures_of(material: bpy.types.Material) -> list[Any]:
    return [node for node in material.node_tree.nodes if node.type == "TEX_IMAGE"] if material.node_tree else []


@pytest.mark.parametrize("listed", [[0, 0], [0, 1], [1, 0]])
def test_a_node_that_is_listed_twice_comes_in_once(tmp_path: Path, spare: Path, listed: list[int]) -> None:
    nodes = [{"children": [1]}, {"mesh": 0}]
    path = box_with(tmp_path, nodes=nodes, scene=0, scenes=[{"nodes": listed}])
    data = path.read_bytes()
    arrival = bring(path)
    (obj,) = bpy.context.scene.objects
    assert (arrival.triangles, arrival.textures, arrival.flaws) == (12, 1, ())
    assert sorted(obj.dimensions) == pytest.approx((1, 2, 3), abs=1e-4)
    assert path.read_bytes() == data
    assert not list(spare.iterdir())


def test_without_room_for_a_copy_the_file_itself_is_read_and_the_reason_told(tmp_path: Path, spare: Path) -> None:
    path = box_with(tmp_path, scene=0, scenes=[{"nodes": [0, 0]}])
    spare.rmdir()
    if bpy.app.version < (4, 5):
        assert bring(path).triangles == 12
        return
    with pytest.raises(ImportFailed, match="a copy of it has to be mended first, and cannot be written"):
        bring(path)
    assert not bpy.data.objects
