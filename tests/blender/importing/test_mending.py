# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that Blender's importer would trip over comes in by way of a mended copy."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.arrival import Arrival
from scenario_addon.engine.errors import ImportFailed
from tests.blender.sample_meshes import join_glb, split_glb, textured_box


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
    if bpy.app.version < (5, 0):
        assert bring(path).triangles == 12
        return
    with pytest.raises(ImportFailed, match="a copy of it has to be mended first, and cannot be written"):
        bring(path)
    assert not bpy.data.objects
