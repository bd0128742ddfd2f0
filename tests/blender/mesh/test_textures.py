# SPDX-License-Identifier: GPL-3.0-or-later
"""Textures scaled down: their format, colour space and proportions stay."""

import io
from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.mesh.textures import cap, shrink, textures_of


def picture(mode: str = "RGB", size: tuple[int, int] = (256, 128)) -> Image.Image:
    """Two halves of different colours."""
    found = Image.new("RGB", size, (200, 40, 20))
    found.paste((20, 160, 220), (size[0] // 2, 0, *size))
    return found.convert(mode)


def packed(folder: Path, kind: str, mode: str = "RGB") -> bpy.types.Image:
    path = folder / f"picture.{kind.lower()}"
    picture(mode).save(path, kind)
    image = bpy.data.images.load(str(path))
    image.pack()
    path.unlink()
    return image


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("PNG", "RGBA"), ("JPEG", "RGB"), ("WEBP", "RGB")])
def test_a_large_texture_keeps_its_format_proportions_and_colours(tmp_path: Path, kind: str, mode: str) -> None:
    image = packed(tmp_path, kind, mode)
    image.colorspace_settings.name = "Non-Color"
    path = image.filepath_raw
    cap(image, 64)
    assert image.filepath_raw == path
    assert tuple(image.size) == (64, 32)
    assert image.colorspace_settings.name == "Non-Color"
    found = Image.open(io.BytesIO(image.packed_file.data))
    assert (found.format, found.mode, found.size) == (kind, mode, (64, 32))
    expected = np.asarray(picture(mode).resize((64, 32), Image.Resampling.BOX), dtype=float)
    assert np.abs(np.asarray(found, dtype=float) - expected).mean() < 3
    pixels = np.array(image.pixels[:]).reshape(32, 64, 4)
    assert np.allclose(pixels[16, 8, :3] * 255, (200, 40, 20), atol=6), "what Blender shows is what is packed"


@pytest.mark.parametrize("limit", [256, 1000])
def test_a_texture_that_is_small_enough_is_not_touched(tmp_path: Path, limit: int) -> None:
    image = packed(tmp_path, "JPEG")
    before = bytes(image.packed_file.data)
    cap(image, limit)
    assert bytes(image.packed_file.data) == before


def test_a_texture_that_does_not_load_is_left_alone() -> None:
    image = bpy.data.images.new("missing", 1, 1)
    image.source, image.filepath = "FILE", "//not there.png"
    cap(image, 64)
    assert image.packed_file is None


def test_a_scaled_texture_survives_saving_and_loading(tmp_path: Path) -> None:
    image = packed(tmp_path, "JPEG")
    image.use_fake_user = True
    cap(image, 64)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    (again,) = (image for image in bpy.data.images if image.packed_file)
    assert tuple(again.size) == (64, 32)
    assert again.file_format == "JPEG"


def test_textures_are_found_once_each_and_in_groups_of_nodes() -> None:
    shared, inner = (bpy.data.images.new(name, 4, 4) for name in ("shared", "inner"))
    group = bpy.data.node_groups.new("group", "ShaderNodeTree")
    group.nodes.new("ShaderNodeTexImage").image = inner
    mesh = bpy.data.meshes.new("mesh")
    for name in ("one", "two"):
        material = bpy.data.materials.new(name)
        if not material.node_tree:  # since 5.0 every material has one
            material.use_nodes = True
        material.node_tree.nodes.new("ShaderNodeTexImage").image = shared
        material.node_tree.nodes.new("ShaderNodeGroup").node_tree = group
        mesh.materials.append(material)
    mesh.materials.append(None)
    objects = [bpy.data.objects.new("object", mesh) for _ in range(2)]
    assert textures_of(objects) == [shared, inner]


def test_many_textures_are_scaled_until_they_fit_together(tmp_path: Path) -> None:
    images = [packed(tmp_path, "PNG") for _ in range(4)]
    small = packed(tmp_path, "JPEG")
    cap(small, 16)
    assert shrink([*images, small], max_side_px=0, max_pixels=4 * 256 * 128) == 128
    assert [tuple(image.size) for image in (*images, small)] == [(128, 64)] * 4 + [(16, 8)]
    assert shrink([*images, small], max_side_px=128, max_pixels=0) is None


def test_no_texture_is_decoded_for_its_size_and_none_stays_decoded(tmp_path: Path) -> None:
    large, small = (packed(tmp_path, kind) for kind in ("PNG", "WEBP"))
    cap(small, 64)
    for image in (large, small):
        image.buffers_free()
    assert shrink([large, small], max_side_px=100, max_pixels=0) == 100
    assert not (large.has_data or small.has_data)
    assert tuple(large.size) == (100, 50)


def test_a_texture_beside_its_mesh_is_scaled_and_its_file_is_not(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    picture().save(path)
    before = path.read_bytes()
    image = bpy.data.images.load(str(path))
    assert shrink([image], max_side_px=64, max_pixels=0) == 64
    assert (tuple(image.size), path.read_bytes()) == ((64, 32), before)


def test_a_texture_that_is_missing_or_damaged_is_left_alone(tmp_path: Path) -> None:
    missing, damaged = (bpy.data.images.new(name, 1, 1) for name in ("missing", "damaged"))
    missing.source, missing.filepath = "FILE", "//not there.png"
    damaged.pack(data=b"x" * 99, data_len=99)
    damaged.source = "FILE"
    assert shrink([missing, damaged], max_side_px=64, max_pixels=1) is None
