# SPDX-License-Identifier: GPL-3.0-or-later
"""Asset libraries, written and read in a real Blender."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
import trimesh
from PIL import Image

from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.writing import blends
from scenario_addon.engine.errors import ConfigError, DiskError, ImportFailed
from scenario_addon.engine.host import Asset
from scenario_addon.engine.values import JobId, RemoteJobId
from tests.blender.sample_meshes import BROKEN, textured_box
from tests.engine.orders import draw_picture, sample_order

Make = Callable[..., Asset]
CATALOGUES = "blender_assets.cats.txt"
VALUES = {"prompt": "a red chair 椅子", "negativePrompt": "blue", "faceLimit": 20000, "texture": True}


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes an asset of a box and a picture."""

    def made(name: str = "Chair", **more: Any) -> Asset:
        mesh = tmp_path / f"{name}.glb"
        mesh.write_bytes(more.pop("data", None) or textured_box())
        picture = draw_picture(tmp_path / f"{name}.png", size_px=(64, 64), ground="#1414dc", colour="#1414dc")
        order = sample_order(picture, folder=tmp_path, values=VALUES, name=name)
        known: dict[str, Any] = {
            "job_id": JobId(f"job_{name}"),
            "remote_id": RemoteJobId("remote_1"),
            "catalogue": "Scenario/night: 夜",
        }
        return Asset(name=name, mesh=mesh, order=order, **{**known, **more})

    return made


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library"


def found(blend: Path) -> Any:
    """The one asset of a file, as the Asset Browser gets it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(blend), link=True, assets_only=True) as (source, target):
        target.objects, target.collections = source.objects, source.collections
    [asset] = [*target.objects, *target.collections]
    return asset


def colour(asset: Any) -> np.ndarray:
    """The middle of its preview, RGB of 0 to 255."""
    width, height = asset.preview.image_size
    pixels = np.array(asset.preview.image_pixels_float[:]).reshape(height, width, 4)
    return np.rint(pixels[height // 2, width // 2, :3] * 255)


def test_the_asset_browser_finds_it_by_name_catalogue_and_tags_with_its_origin(make: Make, library: Path) -> None:
    assert BlenderHost().write_asset(make(), library / "chair.blend") == ()
    asset = found(library / "chair.blend")
    data = asset.asset_data
    assert asset.name == "Chair"
    assert data.author == "hunyuan-3d-v2-1 on Scenario"
    assert data.description.startswith(
        "a red chair 椅子. Made with hunyuan-3d-v2-1 on Scenario, from the picture Chair."
    )
    assert {"Scenario", "hunyuan-3d-v2-1", "chair"} <= {tag.name for tag in data.tags}
    for block in (data, asset):
        assert block["scenario_prompt"] == "a red chair 椅子"
        assert block["scenario_model"] == "model_hunyuan-3d-v2-1"
        assert json.loads(block["scenario_parameters"]) == {k: v for k, v in VALUES.items() if k != "prompt"}
        assert (block["scenario_job_id"], block["scenario_remote_id"]) == ("job_Chair", "remote_1")
    [line] = [line for line in (library / CATALOGUES).read_text("utf-8").splitlines() if data.catalog_id in line]
    assert line == f"{data.catalog_id}:Scenario/night 夜:Scenario-night 夜"
    assert {path.name for path in library.iterdir()} == {"chair.blend", CATALOGUES}


def test_its_textures_are_in_the_file_and_it_opens_standing_at_the_origin(make: Make, library: Path) -> None:
    asset = make()
    BlenderHost().write_asset(asset, library / "chair.blend")
    asset.mesh.unlink()
    bpy.ops.wm.open_mainfile(filepath=str(library / "chair.blend"))
    [obj] = bpy.data.objects
    assert obj.visible_get()
    assert [bool(image.packed_file) for image in bpy.data.images if image.users] == [True]
    assert min((obj.matrix_world @ vertex.co).z for vertex in obj.data.vertices) == pytest.approx(0, abs=1e-6)


def test_a_mesh_of_several_objects_is_one_asset(make: Make, library: Path) -> None:
    boxes = trimesh.Scene({name: trimesh.creation.box() for name in ("seat", "back")})
    BlenderHost().write_asset(make(data=boxes.export(file_type="glb")), library / "chair.blend")
    asset = found(library / "chair.blend")
    assert isinstance(asset, bpy.types.Collection)
    assert asset.name == "Chair"
    assert asset["scenario_job_id"] == "job_Chair"
    assert len(asset.all_objects) >= 2
    assert np.abs(colour(asset) - (20, 20, 220)).max() <= 4


def test_the_picture_that_was_sent_stands_for_it_where_there_is_no_preview(make: Make, library: Path) -> None:
    BlenderHost().write_asset(make(), library / "chair.blend")
    assert np.abs(colour(found(library / "chair.blend")) - (20, 20, 220)).max() <= 4


@pytest.mark.parametrize("size", [512, 3000])
def test_its_preview_is_there_after_loading(make: Make, library: Path, tmp_path: Path, size: int) -> None:
    Image.new("RGB", (size, size), (220, 20, 20)).save(tmp_path / "preview.png")
    BlenderHost().write_asset(make(preview=tmp_path / "preview.png"), library / "chair.blend")
    asset = found(library / "chair.blend")
    assert max(asset.preview.image_size) == 256
    assert np.abs(colour(asset) - (220, 20, 20)).max() <= 4


@pytest.mark.parametrize("what", ["gone", "broken"])
def test_a_preview_that_cannot_be_read_is_none(make: Make, library: Path, tmp_path: Path, what: str) -> None:
    if what == "broken":
        (tmp_path / "preview.png").write_bytes(b"broken")
    BlenderHost().write_asset(make(preview=tmp_path / "preview.png"), library / "chair.blend")
    assert np.abs(colour(found(library / "chair.blend")) - (20, 20, 220)).max() <= 4


def test_without_any_picture_there_is_an_asset_all_the_same(make: Make, library: Path, tmp_path: Path) -> None:
    asset = make()
    (tmp_path / "Chair.png").unlink()
    BlenderHost().write_asset(asset, library / "chair.blend")
    assert found(library / "chair.blend").name == "Chair"


def test_a_second_one_adds_to_the_folder_and_leaves_what_is_in_it(make: Make, library: Path) -> None:
    library.mkdir()
    artists = "4f5e6d7c-0000-4000-8000-000000000001:Props/Chairs:Props-Chairs"
    (library / CATALOGUES).write_text(f"VERSION 1\n\n{artists}\n")
    host = BlenderHost()
    for name, catalogue in (("Chair", "Scenario/one"), ("Lamp", "Scenario/one"), ("Table", "Scenario")):
        host.write_asset(make(name, catalogue=catalogue), library / f"{name}.blend")
    lines = [line for line in (library / CATALOGUES).read_text().splitlines() if ":" in line]
    assert [line.split(":")[1] for line in lines] == ["Props/Chairs", "Scenario/one", "Scenario"]
    assert lines[0] == artists
    assert [found(library / f"{name}.blend").name for name in ("Chair", "Lamp", "Table")] == ["Chair", "Lamp", "Table"]


def test_a_file_that_is_there_is_never_overwritten(make: Make, library: Path) -> None:
    library.mkdir()
    (library / "mine.blend").write_bytes(b"precious")
    with pytest.raises(DiskError, match="already there"):
        BlenderHost().write_asset(make(), library / "mine.blend")
    assert [(path.name, path.read_bytes()) for path in library.iterdir()] == [("mine.blend", b"precious")]


def test_what_cannot_be_read_leaves_no_file(make: Make, library: Path) -> None:
    with pytest.raises(ImportFailed):
        BlenderHost().write_asset(make(data=BROKEN["cut short"]()), library / "chair.blend")
    assert not list(library.glob("*"))


def test_a_folder_that_cannot_be_made_is_said(make: Make, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskError, match="could not be written"):
        BlenderHost().write_asset(make(), tmp_path / "file" / "chair.blend")


def test_what_is_open_in_a_window_is_not_given_up(make: Make, library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asset = make()
    bpy.ops.mesh.primitive_monkey_add()
    monkeypatch.setattr(blends, "bpy", _Window())
    with pytest.raises(ConfigError, match="without a window"):
        BlenderHost().write_asset(asset, library / "chair.blend")
    assert [obj.name for obj in bpy.data.objects] == ["Suzanne"]


class _Window:
    """``bpy`` as it is where there is a window."""

    class app:  # noqa: N801
        background = False
