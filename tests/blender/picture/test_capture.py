# SPDX-License-Identifier: GPL-3.0-or-later
"""Capturing pictures: which pixels come out, which file they are in, and what must stay untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.picture.capture import capture_image, capture_render, capture_viewport, picture_name
from scenario_addon.blender.picture.viewport import LastDrawing
from scenario_addon.engine.errors import DiskError, PictureError
from scenario_addon.engine.models.picture import inspect

RNG = np.random.default_rng(0)


def noise(*, width_px: int = 12, height_px: int = 8, channels: int = 4) -> np.ndarray:
    return RNG.integers(1, 256, (height_px, width_px, channels), dtype=np.uint8)


def pixels(path: Path, mode: str = "RGBA") -> np.ndarray:
    inspect(path)  # the engine takes it
    with Image.open(path) as image:
        return np.asarray(image.convert(mode))


def capture(image: bpy.types.Image, folder: Path, **options: Any) -> Path:
    return capture_image(image, folder=folder / "pictures", scene=bpy.context.scene, **options)


def painted(name: str, picture: np.ndarray, *, is_float: bool = False) -> bpy.types.Image:
    height_px, width_px, _ = picture.shape
    image = bpy.data.images.new(name, width_px, height_px, alpha=True, float_buffer=is_float)
    image.pixels = (picture[::-1].astype(np.float32) / 255).ravel()
    return image


def render(*, engine: str = "CYCLES", side_px: int = 16, light: float = 0.5) -> bpy.types.Scene:
    """A white, glowing square on a transparent ground, rendered by the current scene."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.type, camera.data.ortho_scale, camera.location.z = "ORTHO", 4.0, 5.0
    scene.collection.objects.link(camera)
    scene.camera = camera
    bpy.ops.mesh.primitive_plane_add()
    material = bpy.data.materials.new("glow")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    output, glow = nodes.new("ShaderNodeOutputMaterial"), nodes.new("ShaderNodeEmission")
    glow.inputs["Strength"].default_value = light
    links.new(glow.outputs[0], output.inputs[0])
    bpy.context.object.data.materials.append(material)
    scene.render.engine, scene.render.film_transparent = engine, True
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = side_px
    bpy.ops.render.render()
    return scene


def everything() -> dict[str, Any]:
    """What an artist would miss."""
    scene = bpy.context.scene
    settings = scene.render.image_settings
    formats = {p.identifier: getattr(settings, p.identifier) for p in settings.bl_rna.properties if not p.is_readonly}
    return {
        "images": sorted((i.name, i.source, tuple(i.size), i.filepath_raw, i.is_dirty) for i in bpy.data.images),
        "spaces": sorted((i.name, i.colorspace_settings.name, i.alpha_mode) for i in bpy.data.images),
        "scenes": [s.name for s in bpy.data.scenes],
        "objects": sorted(o.name for o in bpy.data.objects),
        "movies": len(bpy.data.movieclips),
        "is_dirty": bpy.data.is_dirty,
        "format": formats,
        "view": scene.view_settings.view_transform,
        "path": scene.render.filepath,
        "frame": scene.frame_current,
    }


@pytest.mark.parametrize(("suffix", "format"), [("png", "PNG"), ("jpg", "JPEG"), ("webp", "WEBP"), ("dat", "PNG")])
def test_a_picture_file_that_can_be_sent_is_taken_where_it_is(tmp_path: Path, *, suffix: str, format: str) -> None:
    path = tmp_path / f"Bild größer 模型 %d.{suffix}"
    Image.fromarray(noise(channels=3)).save(path, format=format)
    image = bpy.data.images.load(str(path))
    before = everything()
    assert capture(image, tmp_path) == path
    assert everything() == before
    assert not (tmp_path / "pictures").exists()


def test_a_path_relative_to_the_blend_file_is_found(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "a.png")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    image = bpy.data.images.load("//a.png")
    assert image.filepath == "//a.png"
    assert capture(image, tmp_path) == tmp_path / "a.png"


def test_a_path_relative_to_a_library_is_found(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    Image.fromarray(noise()).save(library / "a.png")
    bpy.ops.wm.save_as_mainfile(filepath=str(library / "library.blend"))
    bpy.data.images.load("//a.png").use_fake_user = True
    bpy.ops.wm.save_as_mainfile(filepath=str(library / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    with bpy.data.libraries.load(str(library / "library.blend"), link=True) as (_, target):
        target.images = ["a.png"]
    assert capture(target.images[0], tmp_path) == library / "a.png"


@pytest.mark.parametrize("suffix", ["bmp", "tga", "tif"])
def test_other_files_become_a_png_with_the_same_pixels(tmp_path: Path, suffix: str) -> None:
    source = noise(channels=3)
    Image.fromarray(source).save(tmp_path / f"Hero.{suffix}")
    image = bpy.data.images.load(str(tmp_path / f"Hero.{suffix}"))
    result = capture(image, tmp_path)
    assert result.parent == tmp_path / "pictures"
    assert (pixels(result, "RGB") == source).all()


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_a_packed_picture_comes_out_byte_for_byte(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(noise(channels=3)).save(path)
    image, content = bpy.data.images.load(str(path)), path.read_bytes()
    image.pack()
    path.unlink()
    before = everything()
    result = capture(image, tmp_path)
    assert result.read_bytes() == content
    assert result.suffix == f".{suffix}"
    assert everything() == before


def test_a_packed_picture_of_another_format_becomes_a_png(tmp_path: Path) -> None:
    source = noise(channels=3)
    Image.fromarray(source).save(tmp_path / "a.bmp")
    image = bpy.data.images.load(str(tmp_path / "a.bmp"))
    image.pack()
    (tmp_path / "a.bmp").unlink()
    assert (pixels(capture(image, tmp_path), "RGB") == source).all()


def test_what_was_painted_over_a_file_is_what_comes_out(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    image = bpy.data.images.load(str(tmp_path / "a.png"))
    red = np.full((8, 12, 4), (255, 0, 0, 255), dtype=np.uint8)
    image.pixels = (red.astype(np.float32) / 255).ravel()
    assert image.is_dirty
    before = everything()
    assert (pixels(capture(image, tmp_path)) == red).all()
    assert everything() == before
    assert (tmp_path / "a.png").read_bytes() == content


def test_a_painted_image_keeps_every_pixel_and_its_transparency(tmp_path: Path) -> None:
    source = noise()
    image = painted("Skizze für Ä.png", source)
    before = everything()
    result = capture(image, tmp_path)
    assert result.name.startswith("Skizze für Ä-")
    assert (pixels(result) == source).all()
    assert everything() == before


def test_a_generated_image_comes_out_though_nobody_painted_on_it(tmp_path: Path) -> None:
    image = bpy.data.images.new("grid", 16, 8)
    image.generated_type = "COLOR_GRID"
    result = pixels(capture(image, tmp_path), "RGB")
    assert result.shape == (8, 16, 3)
    assert result.std() > 10


def test_a_float_image_is_shown_as_srgb_whatever_the_scenes_view_is(tmp_path: Path) -> None:
    scene = bpy.context.scene
    scene.view_settings.view_transform, scene.view_settings.exposure = "AgX", 3.0
    image = painted("linear", np.full((1, 1, 4), (0, 0, 0, 255), dtype=np.uint8), is_float=True)
    image.colorspace_settings.name = "Linear Rec.709"
    image.pixels = [0.5, 0.5, 0.5, 1.0]
    result = capture(image, tmp_path)
    assert pixels(result).ravel().tolist() == pytest.approx([188, 188, 188, 255], abs=1)  # the sRGB curve


def test_an_image_that_is_viewed_as_a_render_is_shown_through_the_scenes_view(tmp_path: Path) -> None:
    view = bpy.context.scene.view_settings
    view.view_transform, view.look, view.exposure = "Standard", "None", 1.0
    Image.new("RGB", (8, 8), (100, 100, 100)).save(tmp_path / "a.png")
    image = bpy.data.images.load(str(tmp_path / "a.png"))
    assert capture(image, tmp_path) == tmp_path / "a.png"
    image.use_view_as_render = True
    result = capture(image, tmp_path)
    assert pixels(result)[0, 0].tolist() == pytest.approx([138, 138, 138, 255], abs=2)  # twice the light


def test_a_multilayer_exr_gives_its_combined_layer(tmp_path: Path) -> None:
    scene = bpy.context.scene
    settings = scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "MULTI_LAYER_IMAGE"
    settings.file_format = "OPEN_EXR_MULTILAYER"
    render()
    scene.render.filepath = str(tmp_path / "layers.exr")
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(tmp_path / "layers.exr"))
    result = pixels(capture(image, tmp_path))
    assert result[8, 8].tolist() == pytest.approx([188, 188, 188, 255], abs=1)
    assert result[0, 0, 3] == 0


def sequence(folder: Path, *, suffix: str = "png", first: int = 101, count: int = 5) -> bpy.types.Image:
    """Frames whose red is their number."""
    for number in range(first, first + count):
        Image.new("RGB", (4, 4), (number, 0, 0)).save(folder / f"shot2_{number:04d}v.{suffix}")
    image = bpy.data.images.load(str(folder / f"shot2_{first:04d}v.{suffix}"))
    image.source = "SEQUENCE"
    return image


@pytest.mark.parametrize(("frame", "number"), [(1, 101), (3, 103), (99, 105), (-5, 101)])
def test_a_sequence_gives_the_file_of_the_scenes_frame(tmp_path: Path, *, frame: int, number: int) -> None:
    image = sequence(tmp_path)
    bpy.context.scene.frame_current = frame
    assert capture(image, tmp_path) == tmp_path / f"shot2_{number:04d}v.png"


def test_a_sequence_gives_the_frame_that_its_user_shows(tmp_path: Path) -> None:
    image = sequence(tmp_path)
    empty = bpy.data.objects.new("empty", None)
    empty.empty_display_type, empty.data = "IMAGE", image
    empty.image_user.frame_current = 104
    assert capture(image, tmp_path, image_user=empty.image_user) == tmp_path / "shot2_0104v.png"


def test_a_frame_that_cannot_be_sent_becomes_a_png(tmp_path: Path) -> None:
    image = sequence(tmp_path, suffix="bmp")
    bpy.context.scene.frame_current = 2
    before = everything()
    assert pixels(capture(image, tmp_path))[0, 0].tolist() == [102, 0, 0, 255]
    assert everything() == before


def test_a_sequence_without_files_says_which_one_is_missing(tmp_path: Path) -> None:
    image = sequence(tmp_path, count=1)
    (tmp_path / "shot2_0101v.png").unlink()
    with pytest.raises(PictureError, match=r"shot2_0101v\.png does not exist or cannot be read"):
        capture(image, tmp_path)


def movie(path: Path, *, frames: int = 3) -> bpy.types.Image:
    """Each frame a little brighter, made in a scene of its own."""
    scene = bpy.data.scenes.new("movie")
    scene.display_settings.display_device, scene.view_settings.view_transform = "sRGB", "Standard"
    editor = scene.sequence_editor_create()
    strips = editor.strips if hasattr(editor, "strips") else editor.sequences
    for number in range(frames):
        length = {"length": 1} if bpy.app.version >= (5, 0) else {"frame_end": number + 2}
        strip = strips.new_effect(f"c{number}", "COLOR", channel=1, frame_start=number + 1, **length)
        strip.color = [(number + 1) / (frames + 1)] * 3
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 32, 100
    scene.frame_start, scene.frame_end = 1, frames
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "VIDEO"
    scene.render.image_settings.file_format = "FFMPEG"
    scene.render.ffmpeg.format, scene.render.filepath = "MPEG4", str(path)
    bpy.ops.render.render(scene=scene.name, animation=True)
    bpy.data.scenes.remove(scene)
    return bpy.data.images.load(str(path))


def test_a_movie_gives_the_scenes_frame_at_its_own_size(tmp_path: Path) -> None:
    image = movie(tmp_path / "Dreh.mp4")
    scene = render()
    rendered = capture_render(scene, folder=tmp_path).read_bytes()
    shades = {}
    for frame in (-3, 1, 2, 3, 50):
        scene.frame_current = frame
        before = everything()
        result = capture(image, tmp_path)
        assert everything() == before
        assert result.name.startswith("Dreh-")
        assert pixels(result).shape == (32, 64, 4)
        shades[frame] = int(pixels(result)[16, 32, 0])
    assert shades[1] < shades[2] < shades[3]
    assert (shades[-3], shades[50]) == (shades[1], shades[3])
    assert capture_render(scene, folder=tmp_path).read_bytes() == rendered, "the artist's render was replaced"


def test_a_movie_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    image = movie(tmp_path / "a.mp4")
    (tmp_path / "a.mp4").unlink()
    with pytest.raises(PictureError, match=r"The file of a\.mp4 is missing"):
        capture(image, tmp_path)


def test_a_tiled_file_is_taken_where_it_is(tmp_path: Path) -> None:
    for number in (1001, 1002):
        Image.fromarray(noise()).save(tmp_path / f"skin.{number}.png")
    image = bpy.data.images.load(str(tmp_path / "skin.<UDIM>.png"))
    image.source = "TILED"
    image.tiles.new(1002)
    image.tiles.active = image.tiles[0]
    assert capture(image, tmp_path) == tmp_path / "skin.1001.png"
    image.tiles.active = image.tiles[1]
    assert capture(image, tmp_path) == tmp_path / "skin.1002.png"


def test_a_tiled_image_that_was_generated_gives_its_first_tile_though_another_is_empty(tmp_path: Path) -> None:
    image = bpy.data.images.new("tiles", 8, 4, tiled=True)
    image.tiles.new(1002)
    before = everything()
    assert pixels(capture(image, tmp_path)).shape == (4, 8, 4)
    assert everything() == before


def test_a_render_comes_out_as_the_scene_shows_it(tmp_path: Path) -> None:
    scene = render(light=0.5)
    scene.view_settings.view_transform, scene.view_settings.look = "Standard", "None"
    standard = pixels(capture_render(scene, folder=tmp_path))
    assert standard[8, 8].tolist() == pytest.approx([188, 188, 188, 255], abs=1)
    assert standard[0, 0].tolist() == [0, 0, 0, 0]
    scene.view_settings.exposure = 1.0
    assert pixels(capture_render(scene, folder=tmp_path))[8, 8, 0] == pytest.approx(255, abs=1)
    scene.view_settings.view_transform, scene.view_settings.exposure = "AgX", 0.0
    assert 50 < pixels(capture_render(scene, folder=tmp_path))[8, 8, 0] < 185


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "OPEN_EXR_MULTILAYER", "FFMPEG"])
def test_the_scenes_output_format_stays_and_plays_no_part(tmp_path: Path, kind: str) -> None:
    scene = render()
    settings = scene.render.image_settings
    settings.quality, settings.compression = 33, 44
    if hasattr(settings, "media_type"):
        media = {"OPEN_EXR_MULTILAYER": "MULTI_LAYER_IMAGE", "FFMPEG": "VIDEO"}
        settings.media_type = media.get(kind, "IMAGE")
    settings.file_format = kind
    settings.color_mode = "RGB" if kind != "PNG" else "BW"
    if kind == "PNG":
        settings.color_depth = "16"
    settings.color_management = "OVERRIDE"
    settings.view_settings.view_transform = "Raw"
    scene.render.ffmpeg.format, scene.render.ffmpeg.gopsize = "MKV", 7
    before = everything()
    result = pixels(capture_render(scene, folder=tmp_path))
    assert everything() == before
    assert (scene.render.ffmpeg.format, scene.render.ffmpeg.gopsize) == ("MKV", 7)
    assert result[0, 0, 3] == 0
    assert abs(int(result[8, 8, 0]) - 128) > 2, "the format's own view was used"


def test_the_render_result_as_an_image_is_the_render(tmp_path: Path) -> None:
    scene = render()
    image = next(i for i in bpy.data.images if i.type == "RENDER_RESULT")
    result = capture(image, tmp_path)
    assert result == capture_render(scene, folder=tmp_path / "pictures")
    assert result.name.startswith("Render of Scene-")


def test_a_render_tells_nothing_of_where_it_was_made(tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "secret project.blend"))
    scene = render()
    first = capture_render(scene, folder=tmp_path / "a")
    content = first.read_bytes()
    assert b"secret project" not in content
    assert b"tEXt" not in content
    bpy.ops.render.render()  # another time of day, the same pixels
    assert capture_render(scene, folder=tmp_path / "b").name == first.name


def test_the_same_render_is_the_same_bytes_whatever_was_set_meanwhile(tmp_path: Path) -> None:
    scene = render()
    before = capture_render(scene, folder=tmp_path / "pictures")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "another name.blend"))
    scene = bpy.context.scene
    for stamp in (p.identifier for p in scene.render.bl_rna.properties if p.identifier.startswith("use_stamp")):
        setattr(scene.render, stamp, True)
    scene.render.stamp_note_text = "a note"
    scene.render.image_settings.compression = 90
    if hasattr(scene.render, "ppm_factor"):
        scene.render.ppm_factor = 300
    assert capture_render(scene, folder=tmp_path / "pictures") == before
    assert [path.name for path in (tmp_path / "pictures").iterdir()] == [before.name]


@pytest.mark.parametrize("suffix", ["tif", "exr"])
def test_the_same_image_is_the_same_bytes_whatever_was_set_meanwhile(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    settings = bpy.context.scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format = {"tif": "TIFF", "exr": "OPEN_EXR"}[suffix]
    painted("a", noise()).save_render(str(path))
    image = bpy.data.images.load(str(path))
    before = capture(image, tmp_path)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "another name.blend"))
    render_settings = bpy.context.scene.render
    render_settings.use_stamp, render_settings.image_settings.compression = True, 90
    assert capture(bpy.data.images[image.name], tmp_path) == before
    assert [found.name for found in (tmp_path / "pictures").iterdir()] == [before.name]


def test_without_a_render_it_says_what_to_press(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"There is no render of Scene yet: press F12 first\."):
        capture_render(bpy.context.scene, folder=tmp_path / "pictures")


def test_another_scenes_render_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    render()
    with pytest.raises(PictureError, match=r"no render of Other yet"):
        capture_render(bpy.data.scenes.new("Other"), folder=tmp_path / "pictures")


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "gone.png")
    image = bpy.data.images.load(str(tmp_path / "gone.png"))
    (tmp_path / "gone.png").unlink()
    with pytest.raises(PictureError, match=r"The file of gone\.png is missing .* Find Missing Files"):
        capture(image, tmp_path)
    assert not any((tmp_path / "pictures").iterdir())


def test_a_missing_file_that_is_still_in_memory_is_saved(tmp_path: Path) -> None:
    source = noise(channels=3)
    Image.fromarray(source).save(tmp_path / "gone.png")
    image = bpy.data.images.load(str(tmp_path / "gone.png"))
    assert len(image.pixels)
    (tmp_path / "gone.png").unlink()
    assert (pixels(capture(image, tmp_path), "RGB") == source).all()


def test_a_file_that_is_no_picture_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"not a picture")
    image = bpy.data.images.load(str(tmp_path / "a.tif"))
    with pytest.raises(PictureError, match=r"The file of a\.tif cannot be read") as caught:
        capture(image, tmp_path)
    assert "\n" not in caught.value.user_message


def test_an_image_without_a_size_is_one_sentence(tmp_path: Path) -> None:
    image = bpy.data.images.new("nothing", 4, 4)
    image.source = "FILE"
    with pytest.raises(PictureError, match="nothing"):
        capture(image, tmp_path)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "pictures").write_text("a file is in the way")
    with pytest.raises(DiskError, match="cannot be written into"):
        capture(painted("a", noise()), tmp_path)


def test_the_same_content_is_one_file_and_other_content_another(tmp_path: Path) -> None:
    source = noise()
    first, again = (capture(painted("a", source), tmp_path) for _ in range(2))
    other = capture(painted("a", 255 - source), tmp_path)
    assert first.stem.split("-")[1] == again.stem.split("-")[1]
    assert len({first, other}) == 2
    assert all(path.is_file() for path in (tmp_path / "pictures").iterdir()), "nothing temporary is left"


def test_names_that_no_file_system_takes_are_made_safe(tmp_path: Path) -> None:
    result = capture(painted("a/b:c*<UDIM>|" + "ä" * 20, noise()), tmp_path)
    assert result.parent == tmp_path / "pictures"
    assert result.exists()


def test_without_a_window_the_viewport_says_what_else_to_take(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="Without a window there is no 3D viewport"):
        capture_viewport(bpy.context, folder=tmp_path, last=LastDrawing())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Hero.png", "Hero"),
        ("Hero.png.001", "Hero.001"),
        ("Hero.v2", "Hero.v2"),
        ("Hero.003", "Hero.003"),
        ("skin.<UDIM>.EXR", "skin.<UDIM>"),
        ("clip.mp4", "clip"),
        (".png", ".png"),
    ],
)
def test_a_result_is_called_after_its_image_without_the_suffix(*, name: str, expected: str) -> None:
    assert picture_name(bpy.data.images.new(name, 1, 1)) == expected
