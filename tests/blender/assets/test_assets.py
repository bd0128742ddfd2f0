# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh as an asset: which datablock, and what can be read about it."""

from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.assets.assets import asset_tags, mark_as_asset
from scenario_addon.blender.assets.catalogue import CATALOGUE_ID
from scenario_addon.blender.mesh.finish import Finish, finish_objects
from scenario_addon.engine.pictures.file import inspect
from scenario_addon.engine.values import AssetId, HeldMesh, MeshInput, ModelId, Order, PictureInput


@pytest.fixture
def root(collection: bpy.types.Collection) -> bpy.types.Object:
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=4)
    obj = bpy.context.object
    bpy.context.scene.collection.objects.unlink(obj)
    collection.objects.link(obj)
    return obj


def an_order(folder: Path, kind: str = "JPEG", size: tuple[int, int] = (300, 150)) -> Order:
    """Of a picture whose left half is red and whose right half is blue."""
    path = folder / f"picture.{kind.lower()}"
    picture = Image.new("RGB", size, (220, 20, 20))
    picture.paste((20, 20, 220), (size[0] // 2, 0, *size))
    picture.save(path)
    return Order(
        model_id=ModelId("model_tripo"),
        model_name="Tripo 3",
        pictures=(PictureInput("image", False, (inspect(path),)),),
        values={"prompt": "A red chair.", "faceLimit": 20000, "texture": True, "negativePrompt": "blue"},
        name="IMG_0042 red chair-final",
        folder=folder,
    )


def tags(asset: bpy.types.ID) -> list[str]:
    return sorted(tag.name for tag in asset.asset_data.tags)


def test_a_mesh_of_one_object_is_that_object(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    assert mark_as_asset(collection, root, an_order(tmp_path)) == root
    assert root.asset_data
    assert not collection.asset_data


def test_hidden_levels_of_detail_do_not_make_it_a_collection(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    finish_objects([root], collection, Finish(triangles=500, lods=2))
    assert mark_as_asset(collection, root, an_order(tmp_path)) == root


def test_a_mesh_of_several_objects_is_their_collection(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    collection.objects.link(bpy.data.objects.new("wheel", root.data))
    assert mark_as_asset(collection, root, an_order(tmp_path)) == collection
    assert not root.asset_data


def test_it_can_be_found_by_model_name_and_the_artists_tags(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    mark_as_asset(collection, root, an_order(tmp_path), tags="kitchen, , Red Things,Scenario")
    assert tags(root) == sorted(["Tripo 3", "Scenario", "kitchen", "Red Things", "img", "red", "chair", "final"])
    assert root.asset_data.catalog_id == CATALOGUE_ID
    assert root.asset_data.author == ""


def test_its_description_says_what_it_was_made_from(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    mark_as_asset(collection, root, an_order(tmp_path))
    assert root.asset_data.description == (
        "A red chair. Made with Tripo 3 on Scenario, from the picture IMG_0042 red chair-final. "
        "Face Limit: 20000, Texture: on, Negative Prompt: blue."
    )


def test_a_mesh_made_from_words_says_so(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    order = replace(an_order(tmp_path), pictures=(), values={"prompt": "a lamp"})
    mark_as_asset(collection, root, order)
    assert root.asset_data.description == "a lamp. Made with Tripo 3 on Scenario, from a prompt."
    assert root.preview is None, "no render stops the window"


def test_a_mesh_made_of_another_says_so(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    held = MeshInput("model", is_list=False, mesh=HeldMesh(asset_id=AssetId("asset_1"), name="chair"))
    mark_as_asset(collection, root, replace(an_order(tmp_path), pictures=(), values={}, meshes=(held,)))
    assert root.asset_data.description == "Made with Tripo 3 on Scenario, from another mesh."


def test_marking_it_again_changes_nothing(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    order = an_order(tmp_path)
    long = "ü" * 100
    for _ in range(2):
        mark_as_asset(collection, root, order, tags=f"kitchen,{long}")
    assert len(tags(root)) == len(set(tags(root))) == 8
    assert "ü" * 31 in tags(root)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_its_preview_is_the_picture_that_was_sent(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path, kind: str
) -> None:
    mark_as_asset(collection, root, an_order(tmp_path, kind))
    preview = root.preview
    assert preview.is_image_custom
    width, height = preview.image_size
    assert max(width, height) <= 256
    pixels = np.array(preview.image_pixels_float[:]).reshape(height, width, 4)[height // 2]
    assert pixels[width // 4, 0] > 0.7 > 0.3 > pixels[width // 4, 2]
    assert pixels[-width // 4, 2] > 0.7 > 0.3 > pixels[-width // 4, 0]


def test_a_picture_that_is_stored_on_its_side_is_shown_upright(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    order = an_order(tmp_path)
    path = order.images()[0].path
    with Image.open(path) as picture:
        exif = picture.getexif()
        exif[0x0112] = 6  # its first row is the right side
        picture.save(path, exif=exif)
    mark_as_asset(collection, root, order)
    width, height = root.preview.image_size
    assert width < height
    column = np.array(root.preview.image_pixels_float[:]).reshape(height, width, 4)[:, width // 2]
    assert column[-height // 4, 0] > 0.7 > 0.3 > column[-height // 4, 2], "what was left is up"


def test_a_process_without_a_home_shows_the_picture_too(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "USERPROFILE"):
        monkeypatch.delenv(name, raising=False)
    mark_as_asset(collection, root, an_order(tmp_path, size=(900, 450)))
    assert tuple(root.preview.image_size) == (256, 128)
    pixels = np.array(root.preview.image_pixels_float[:]).reshape(128, 256, 4)[64]
    assert pixels[64, 0] > 0.7 > 0.3 > pixels[64, 2]


def test_a_png_that_takes_long_to_read_is_passed_over(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    mark_as_asset(collection, root, an_order(tmp_path, "PNG", (2049, 2048)))
    assert root.asset_data
    assert not (root.preview and root.preview.is_image_custom)


def test_a_picture_that_is_gone_or_broken_is_no_obstacle(
    collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path
) -> None:
    order = an_order(tmp_path)
    order.images()[0].path.write_bytes(b"broken")
    mark_as_asset(collection, root, order)
    assert root.preview is None
    order.images()[0].path.unlink()
    mark_as_asset(collection, root, order)
    assert root.asset_data.description.startswith("A red chair.")


def test_the_preview_survives_saving(collection: bpy.types.Collection, root: bpy.types.Object, tmp_path: Path) -> None:
    mark_as_asset(collection, root, an_order(tmp_path))
    name = root.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "scene.blend"))
    again = bpy.data.objects[name]
    assert again.asset_data.description.startswith("A red chair.")
    assert max(again.preview.image_size) > 0


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ({}, None),
        ({"asset": None}, None),
        ({"asset": "yes"}, None),
        ({"asset": {}}, ""),
        ({"asset": {"tags": "a,b"}}, "a,b"),
    ],
)
def test_a_job_says_whether_it_is_to_be_an_asset(target: dict[str, object], expected: str | None) -> None:
    assert asset_tags(target) == expected
