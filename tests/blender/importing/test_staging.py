# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that is appended before it is shown, and what can happen to it meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting.converter import WORK, Converter
from scenario_addon.blender.importing import staging
from scenario_addon.blender.importing.converted import Converted
from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.importing.staging import Stage
from scenario_addon.blender.scene import placement
from tests.blender.importing.test_importer import names
from tests.blender.sample_meshes import textured_box


@pytest.fixture(scope="module")
def conversion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Converted]]:
    """A box with one texture."""
    folder = tmp_path_factory.mktemp("meshes")
    path = folder / "box.glb"
    path.write_bytes(textured_box())
    converter = Converter(folder / "blends", command=blender_with(WORK))
    converter.begin("job", path, name="Chair")
    while (result := converter.result("job")) is None:
        time.sleep(0.01)
    assert isinstance(result, Converted)
    yield path, result
    converter.close()


@pytest.fixture(autouse=True)
def decoded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Names of the images that were made ready; without a window there is no graphics card to hand them to."""
    found: list[str] = []
    monkeypatch.setattr(staging, "_make_ready", lambda image: found.append(image.name))
    yield found


@pytest.fixture
def stage() -> Iterator[Stage]:
    found = Stage()
    yield found
    found.drop()


def test_one_texture_is_made_ready_at_a_time_and_nothing_is_seen_before(
    stage: Stage, conversion: tuple[Path, Converted], decoded: list[str]
) -> None:
    _, converted = conversion
    assert not stage.advance(converted)
    assert decoded == []
    assert stage.advance(converted)
    assert decoded == [bpy.data.images[0].name]
    assert stage.advance(converted), "it stays ready"
    assert len(decoded) == 1
    assert not list(bpy.context.scene.objects)
    assert not list(bpy.context.scene.collection.children)


def test_what_was_staged_is_what_comes_in(stage: Stage, conversion: tuple[Path, Converted]) -> None:
    path, converted = conversion
    stage.advance(converted)
    (mesh,) = bpy.data.meshes
    taken = stage.take(converted)
    arrival = import_mesh(path, name="Chair", job_id="j", model_id="m", converted=converted, staged=taken)
    (obj,) = bpy.context.scene.objects
    assert (obj.name, obj.data) == (arrival.root_name, mesh)
    assert obj["scenario_job_id"] == "j"
    assert stage.take(converted) is None, "it is taken once"


def test_an_undo_or_another_file_in_between_only_means_another_append(
    stage: Stage, conversion: tuple[Path, Converted]
) -> None:
    _, converted = conversion
    stage.advance(converted)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert stage.take(converted) is None
    stage.advance(converted)
    bpy.data.objects.remove(bpy.data.objects[0])
    assert not stage.advance(converted), "it starts over"
    assert len(bpy.data.objects) == len(bpy.data.meshes) == len(bpy.data.images) == 1
    assert stage.take(converted) is not None


def test_names_that_change_meanwhile_do_no_harm(stage: Stage, conversion: tuple[Path, Converted]) -> None:
    path, converted = conversion
    stage.advance(converted)
    (mesh,) = bpy.data.meshes
    bpy.data.collections[0].name = bpy.data.objects[0].name = "renamed"
    bpy.data.objects.new(converted.arrival.root_name, None)
    bpy.data.collections.new(converted.arrival.collection_name)
    arrival = import_mesh(
        path, name="Chair", job_id="j", model_id="m", converted=converted, staged=stage.take(converted)
    )
    assert (arrival.root.name, arrival.root.data, arrival.collection.name) == ("renamed", mesh, "renamed")


def test_what_nobody_wants_any_more_leaves_no_trace(stage: Stage, conversion: tuple[Path, Converted]) -> None:
    before = names()
    stage.advance(conversion[1])
    assert names() != before
    stage.drop()
    assert names() == before
    stage.drop()


def test_a_staged_mesh_that_cannot_be_placed_leaves_no_trace(
    stage: Stage, conversion: tuple[Path, Converted], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, converted = conversion
    before = names()
    stage.advance(converted)

    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("scenario_addon.blender.importing.importer.place", break_down)
    with pytest.raises(ZeroDivisionError):
        import_mesh(path, name="Chair", job_id="j", model_id="m", converted=converted, staged=stage.take(converted))
    assert names() == before
    assert placement.place is not break_down


def test_a_blend_that_is_gone_is_told(stage: Stage, conversion: tuple[Path, Converted], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        stage.advance(replace(conversion[1], blend=tmp_path / "gone.blend"))
