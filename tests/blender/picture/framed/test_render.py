# SPDX-License-Identifier: GPL-3.0-or-later
"""Renders that are mostly empty are cropped to what they show; others are sent as they are."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture.capture import capture_render
from scenario_addon.blender.picture.framed.render import capture_framed_render
from scenario_addon.engine.errors import PictureError

SIZE_PX = (960, 540)


def plane(width: float, height: float, *, x: float = 0.0, y: float = 0.0) -> None:
    """A glowing plane; the picture is 9.6 wide and 5.4 high."""
    bpy.ops.mesh.primitive_plane_add(size=1.0, location=(x, y, 0.0))
    bpy.context.object.scale = (width, height, 1.0)
    material = bpy.data.materials.new("glow")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    output, glow = tree.nodes.new("ShaderNodeOutputMaterial"), tree.nodes.new("ShaderNodeEmission")
    glow.inputs["Color"].default_value = (0.8, 0.2, 0.1, 1.0)
    tree.links.new(glow.outputs[0], output.inputs[0])
    bpy.context.object.data.materials.append(material)


def rendered(*, is_transparent: bool = True, denoise: bool = False) -> bpy.types.Scene:
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type, camera.data.ortho_scale, camera.location.z = "ORTHO", 9.6, 5.0
    scene.collection.objects.link(camera)
    scene.camera, scene.world = camera, bpy.data.worlds.new("world")
    scene.world.color = (0.1, 0.2, 0.3)
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, denoise
    scene.cycles.pixel_filter_type = "BOX"
    scene.render.film_transparent = is_transparent
    scene.render.resolution_x, scene.render.resolution_y = SIZE_PX
    bpy.ops.render.render()
    return scene


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))


def subject(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Rows and columns from and to of what is red."""
    red = picture[..., 0].astype(int) * picture[..., 3] // 255 > 150
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


@pytest.mark.parametrize("is_transparent", [True, False])
@pytest.mark.parametrize("at", [(0.0, 0.0), (-3.0, 1.0), (3.4, -1.9)])
def test_a_mostly_empty_render_is_cropped_to_a_square_pixel_by_pixel(
    tmp_path: Path, *, is_transparent: bool, at: tuple[float, float]
) -> None:
    plane(2.7, 1.35, x=at[0], y=at[1])
    scene = rendered(is_transparent=is_transparent)
    path, is_cropped = capture_framed_render(scene, folder=tmp_path / "pictures")
    whole, crop = pixels(capture_render(scene, folder=tmp_path / "whole")), pixels(path)
    assert is_cropped
    assert crop.shape == (300, 300, 4), "270 px are nine tenths of it"
    top, bottom, left, right = subject(crop)
    assert (top + bottom) / 2 == pytest.approx(150, abs=1) and (left + right) / 2 == pytest.approx(150, abs=1)
    rows, columns = slice(*subject(whole)[:2]), slice(*subject(whole)[2:])
    assert (crop[top:bottom, left:right] == whole[rows, columns]).all()
    assert (crop[0, 0] == whole[0, -1 if at[0] < 0 else 0]).all(), "more of the ground around it"
    assert [found.name for found in (tmp_path / "pictures").iterdir()] == [path.name]
    assert path.name.startswith("Render of Scene-")


@pytest.mark.parametrize(("width", "height"), [(5.2, 1.0), (1.0, 3.0), (9.0, 5.0)])
def test_a_render_that_is_filled_on_either_side_is_sent_as_it_is(tmp_path: Path, width: float, height: float) -> None:
    plane(width, height)
    scene = rendered()
    path, is_cropped = capture_framed_render(scene, folder=tmp_path)
    assert not is_cropped
    assert path == capture_render(scene, folder=tmp_path)


def test_a_render_before_a_picture_is_sent_as_it_is(tmp_path: Path) -> None:
    plane(1.0, 1.0)
    plane(0.5, 6.0, x=-4.0, y=1.0)  # reaches the edge, and is no ground
    scene = rendered(is_transparent=False)
    assert capture_framed_render(scene, folder=tmp_path) == (capture_render(scene, folder=tmp_path), False)


@pytest.mark.parametrize(("least_px", "side_px"), [(0, 256), (200, 256), (400, 400), (540, None), (600, None)])
def test_a_small_subject_is_not_cropped_below_what_a_model_needs(
    tmp_path: Path, least_px: int, side_px: int | None
) -> None:
    plane(0.4, 0.3)
    scene = rendered()
    path, is_cropped = capture_framed_render(scene, folder=tmp_path, least_px=least_px)
    assert is_cropped == (side_px is not None)
    assert pixels(path).shape[:2] == ((side_px, side_px) if side_px else SIZE_PX[::-1])


def test_a_render_of_nothing_is_left_for_whoever_refuses_it(tmp_path: Path) -> None:
    path, is_cropped = capture_framed_render(rendered(), folder=tmp_path)
    assert not is_cropped and not pixels(path).any()


def test_without_a_render_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="There is no render of Scene yet: press F12 first"):
        capture_framed_render(bpy.context.scene, folder=tmp_path)
    assert not list(tmp_path.iterdir())
