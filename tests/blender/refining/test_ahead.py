# SPDX-License-Identifier: GPL-3.0-or-later
"""UVs are matched while the artist goes on, and what was found is used only where the mesh is still the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from scenario_addon.blender.importing.append import append
from scenario_addon.blender.importing.cleanup import read_into
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.datablocks import datablocks, ids_of_all
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.refining import uv_map
from scenario_addon.blender.refining.ahead import Ahead
from scenario_addon.blender.refining.refining import seat_of
from scenario_addon.blender.scene.placement import move_origin
from scenario_addon.blender.scene.refined import Refined
from tests.blender.refining.refine import blob, given, refined
from tests.blender.refining.test_uv_map import NAME, corners, corners_of_file

ORDER = Refined("UVs", ("Chair",))


class Work:
    """What was handed to a worker thread, until somebody does it."""

    def __init__(self) -> None:
        self.left: list[tuple[Callable[[], Any], Callable[[Any], None]]] = []

    def run(self, name: str, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.left.append((work, done))

    def do(self) -> None:
        work, done = self.left.pop()
        done(work())


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def source() -> Any:
    return blob()


@pytest.fixture
def glb(source: Any) -> bytes:
    """Its new UVs."""
    (output,) = refined("model_meshy-uv-unwrap", given(source))
    return output.data


@pytest.fixture
def converted(source: Any, glb: bytes, tmp_path: Path) -> Converted:
    """What another Blender makes of them."""
    path = tmp_path / "unwrapped.glb"
    path.write_bytes(glb)
    before = ids_of_all()
    home = bpy.data.collections.new("Unwrapped")
    bpy.context.scene.collection.children.link(home)
    layer = bpy.context.view_layer
    layer.active_layer_collection = layer.layer_collection.children["Unwrapped"]
    arrival = move_origin(read_into(path, home), "BASE")
    bpy.data.libraries.write(str(tmp_path / "unwrapped.blend"), {home}, fake_user=True)
    bpy.data.batch_remove(datablocks(other_than=before))
    layer.objects.active = source
    return Converted(tmp_path / "unwrapped.blend", arrival)


def bring(ahead: Ahead, converted: Converted) -> Any:
    ready = ahead.ready(converted)
    seat = seat_of(ORDER, bpy.context.scene, label="Meshy", map_name=NAME, ready=ready)
    return import_mesh(
        converted.blend, name="Unwrapped", job_id="job_1", model_id="model_1", converted=converted, seat=seat
    )


def test_they_are_matched_by_a_worker_and_nothing_is_left_in_the_file_meanwhile(
    source: Any, glb: bytes, converted: Converted, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead, before = Ahead(work.run), ids_of_all()
    assert not ahead.advance(converted, ORDER, bpy.context.scene)
    assert not ahead.advance(converted, ORDER, bpy.context.scene)
    assert len(work.left) == 1 and ids_of_all() == before
    work.do()
    assert ahead.advance(converted, ORDER, bpy.context.scene)
    monkeypatch.setattr(uv_map, "match", lambda *_: pytest.fail("it was matched before"))
    arrival = bring(ahead, converted)
    assert arrival.report == f"Chair: UV map '{NAME}' added, 100 % of faces matched"
    assert np.abs(corners(source.data, NAME) - corners_of_file(glb)).max() < 1e-4


def test_a_mesh_that_was_changed_meanwhile_is_matched_as_it_is_now(
    source: Any, glb: bytes, converted: Converted, work: Work
) -> None:
    ahead = Ahead(work.run)
    ahead.advance(converted, ORDER, bpy.context.scene)
    work.do()
    bpy.ops.object.mode_set(mode="EDIT")
    bpy.ops.mesh.select_all(action="SELECT")
    bpy.ops.mesh.sort_elements(type="RANDOMIZE", elements={"VERT", "FACE"}, seed=5)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert "100 % of faces matched" in bring(ahead, converted).report
    assert np.abs(corners(source.data, NAME) - corners_of_file(glb)).max() < 1e-4


def test_where_the_source_is_gone_or_in_use_there_is_nothing_to_wait_for(
    source: Any, converted: Converted, work: Work
) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    assert Ahead(work.run).advance(converted, ORDER, bpy.context.scene)
    bpy.ops.object.mode_set(mode="OBJECT")
    bpy.data.objects.remove(source)
    assert Ahead(work.run).advance(converted, ORDER, bpy.context.scene)
    assert not work.left


def test_what_was_appended_stands_in_its_file_as_it_does_in_a_scene(converted: Converted) -> None:
    arrival = append(converted)
    loose = uv_map.corners_made(arrival)
    bpy.context.scene.collection.children.link(arrival.collection)
    bpy.context.view_layer.update()
    linked = uv_map.corners_made(arrival)
    assert loose is not None and linked is not None and loose.is_same(linked)
