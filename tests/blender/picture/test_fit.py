# SPDX-License-Identifier: GPL-3.0-or-later
"""Converting pictures: the pixels, the limits, and what must stay untouched."""

from __future__ import annotations

import struct
from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from scenario_addon.blender.picture.fit import convert_picture
from scenario_addon.engine.errors import DiskError, PictureError

RNG = np.random.default_rng(0)


def noise(*, width_px: int = 48, height_px: int = 32, channels: int = 3) -> np.ndarray:
    return RNG.integers(0, 256, (height_px, width_px, channels), dtype=np.uint8)


def convert(
    path: Path, folder: Path | None = None, *, max_side_px: int | None = None, max_bytes: int | None = None
) -> Path:
    folder = folder or path.parent / "converted"
    return convert_picture(path, folder=folder, max_side_px=max_side_px, max_bytes=max_bytes)


def pixels(path: Path, mode: str = "RGB") -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert(mode))


def photoshop(path: Path, picture: np.ndarray) -> None:
    """The smallest file that Photoshop would open: header, three empty sections, plain planes."""
    height_px, width_px, channels = picture.shape
    header = struct.pack(">4sH6xHIIHH", b"8BPS", 1, channels, height_px, width_px, 8, 3)
    path.write_bytes(header + bytes(14) + picture.transpose(2, 0, 1).tobytes())


@pytest.mark.parametrize("channels", [3, 4])
def test_an_8_bit_png_keeps_every_pixel(tmp_path: Path, channels: int) -> None:
    source, mode = noise(channels=channels), "RGBA"[:channels]
    Image.fromarray(source, mode).save(tmp_path / "a.png")
    result = convert(tmp_path / "a.png")
    assert result.match("a-*.png")
    assert (pixels(result, mode) == source).all()


@pytest.mark.parametrize("suffix", ["bmp", "tga", "tif", "psd", "webp"])
def test_other_formats_keep_every_pixel_too(tmp_path: Path, suffix: str) -> None:
    source, path = noise(), tmp_path / f"a.{suffix}"
    if suffix == "psd":
        photoshop(path, source)
    else:
        Image.fromarray(source).save(path, **({"lossless": True} if suffix == "webp" else {}))
    result = convert(path)
    assert result.match("a-*.png")
    assert (pixels(result) == source).all()


def test_a_16_bit_png_becomes_8_bit(tmp_path: Path) -> None:
    source = RNG.integers(0, 65536, (8, 8), dtype=np.uint16)
    Image.fromarray(source).save(tmp_path / "a.png")
    result = convert(tmp_path / "a.png")
    with Image.open(result) as image:
        assert image.mode == "RGBA"
    assert np.abs(pixels(result)[..., 0] - source / 257.0).max() <= 1


def test_an_exr_is_shown_as_srgb_and_keeps_its_alpha(tmp_path: Path) -> None:
    image = bpy.data.images.new("linear", 2, 1, alpha=True, float_buffer=True)
    image.colorspace_settings.name = "Linear Rec.709"
    image.pixels = [0.5, 0.5, 0.5, 1.0, 0.0, 0.25, 0.0, 0.5]
    settings = bpy.context.scene.render.image_settings
    if hasattr(settings, "media_type"):
        settings.media_type = "IMAGE"
    settings.file_format, settings.color_mode, settings.color_depth = "OPEN_EXR", "RGBA", "32"
    image.save_render(str(tmp_path / "a.exr"))
    first, second = pixels(convert(tmp_path / "a.exr"), "RGBA")[0].tolist()
    assert first == pytest.approx([188, 188, 188, 255], abs=1)  # linear 0.5 on the sRGB curve
    assert second == pytest.approx([0, 188, 0, 128], abs=2)  # 0.25 premultiplied by 0.5


@pytest.mark.parametrize(
    ("size", "expected"),
    [((200, 100), (64, 32)), ((30, 90), (21, 64)), ((64, 64), (64, 64)), ((900, 1), (64, 1))],
)
def test_the_longer_side_fits_and_the_proportions_stay(
    tmp_path: Path, *, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    Image.new("RGB", size, "orange").save(tmp_path / "a.png")
    with Image.open(convert(tmp_path / "a.png", max_side_px=64)) as image:
        assert image.size == expected


def test_scaling_down_averages_what_it_drops(tmp_path: Path) -> None:
    checks = np.indices((256, 256)).sum(axis=0) % 2 * 255
    Image.fromarray(np.dstack([checks] * 3).astype(np.uint8)).save(tmp_path / "a.png")
    small = pixels(convert(tmp_path / "a.png", max_side_px=64))
    assert np.abs(small.astype(int) - 128).max() < 16


def test_a_heavy_opaque_picture_becomes_a_jpeg_of_the_same_size(tmp_path: Path) -> None:
    Image.fromarray(noise(width_px=300, height_px=200, channels=4) | np.uint8([0, 0, 0, 255])).save(tmp_path / "a.png")
    result = convert(tmp_path / "a.png", max_bytes=90_000)
    assert result.stat().st_size <= 90_000
    with Image.open(result) as image:
        assert (image.format, image.size) == ("JPEG", (300, 200))
    assert list(result.parent.iterdir()) == [result]


def test_a_heavy_transparent_picture_gets_smaller_and_stays_transparent(tmp_path: Path) -> None:
    Image.fromarray(noise(width_px=300, height_px=200, channels=4)).save(tmp_path / "a.png")
    result = convert(tmp_path / "a.png", max_bytes=90_000)
    assert result.stat().st_size <= 90_000
    with Image.open(result) as image:
        assert (image.format, image.mode) == ("PNG", "RGBA")
        assert image.width / image.height == pytest.approx(1.5, abs=0.02)
    assert pixels(result, "RGBA")[..., 3].min() < 255


def test_an_opaque_picture_that_is_too_heavy_even_as_jpeg_gets_smaller(tmp_path: Path) -> None:
    Image.fromarray(noise(width_px=300, height_px=200)).save(tmp_path / "a.png")
    result = convert(tmp_path / "a.png", max_bytes=5_000)
    assert result.stat().st_size <= 5_000
    with Image.open(result) as image:
        assert image.width < 300


def test_a_limit_that_nothing_can_meet_is_said(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "a.png")
    with pytest.raises(PictureError, match="No picture fits into 10 bytes"):
        convert(tmp_path / "a.png", max_bytes=10)


def test_names_with_spaces_and_any_letters_work(tmp_path: Path) -> None:
    folder = tmp_path / "mes dossiers é 模型"
    folder.mkdir()
    path = folder / "ein Bild, größer #1 %d.png"
    Image.fromarray(noise()).save(path)
    result = convert(path, folder)
    assert result.name.startswith("ein Bild, größer #1 %d-")
    assert (pixels(result) == pixels(path)).all()


def test_the_same_picture_is_one_file_however_often_and_nothing_is_overwritten(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()
    first, second = (convert(tmp_path / "a.png", tmp_path) for _ in range(2))
    assert first == second
    assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "a.png", first])
    assert (tmp_path / "a.png").read_bytes() == before


def told(path: Path, picture: np.ndarray, words: str) -> Path:
    """A picture whose file says where and when it was made."""
    path.parent.mkdir()
    text, exif = PngImagePlugin.PngInfo(), Image.Exif()
    text.add_text("Date", words)
    text.add_text("File", words)
    exif[0x010E] = exif[0x0132] = exif[0x013B] = words
    image, png = Image.fromarray(picture), path.with_suffix(".png")
    if path.suffix == ".exr":
        image.save(png, pnginfo=text)
        scene, loaded = bpy.context.scene, bpy.data.images.load(str(png))
        if hasattr(scene.render.image_settings, "media_type"):
            scene.render.image_settings.media_type = "IMAGE"
        scene.render.image_settings.file_format = "OPEN_EXR"
        loaded.save_render(str(path), scene=scene)
        bpy.data.images.remove(loaded)
    elif path.suffix == ".tif":
        image.save(path, tiffinfo={270: words, 306: words})
    else:
        image.save(path, pnginfo=text, dpi=(72 + len(words),) * 2 if path.suffix == ".png" else (72, 72), exif=exif)
    assert words.encode() in path.read_bytes()
    return path


@pytest.mark.parametrize("limits", [{}, {"max_side_px": 40}, {"max_bytes": 40_000}, {"max_bytes": 9_000}], ids=str)
@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "exr"])
def test_what_a_file_says_of_its_origin_neither_goes_out_nor_makes_another_picture(
    tmp_path: Path, *, suffix: str, limits: dict[str, int]
) -> None:
    source = noise(width_px=120, height_px=120)
    first = told(tmp_path / "first" / f"a.{suffix}", source, "Monday in /home/me")
    later = told(tmp_path / "later" / f"a.{suffix}", source, "Tuesday in /home/somebody else" * 300)
    results = []
    for path, name in ((first, "first.blend"), (later, "later.blend")):
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / name))
        bpy.context.scene.render.use_stamp = not bpy.context.scene.render.use_stamp
        bpy.context.scene.render.stamp_note_text = name
        results.append(convert(path, tmp_path / "converted", **limits))
    assert results[0] == results[1]
    content = results[0].read_bytes()
    assert not [word for word in (b"Monday", b"/home", b".blend") if word in content]
    assert list((tmp_path / "converted").iterdir()) == results[:1]
    with Image.open(results[0]) as image:
        assert (image.format == "JPEG") == ("max_bytes" in limits)


def test_the_artists_scene_and_images_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(noise()).save(path)
    theirs = bpy.data.images.load(str(path))
    theirs.colorspace_settings.name = "Non-Color"
    view = bpy.context.scene.view_settings
    view.exposure, view.view_transform = 3.0, "AgX"
    result = convert(path, max_side_px=16)
    assert pixels(result).shape == (11, 16, 3)
    assert [image.name for image in bpy.data.images if image.type == "IMAGE"] == ["a.png"]
    assert (theirs.size[0], theirs.colorspace_settings.name) == (48, "Non-Color")
    assert (len(bpy.data.scenes), view.exposure, view.view_transform) == (1, 3.0, "AgX")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    Image.fromarray(noise()).save(tmp_path / "a.png")
    (tmp_path / "folder").write_text("a file is in the way")
    with pytest.raises(DiskError, match="A picture cannot be written into"):
        convert(tmp_path / "a.png", tmp_path / "folder")


def test_what_blender_finds_no_picture_in_is_said_without_its_own_names(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"not a picture")
    with pytest.raises(PictureError) as caught:
        convert(tmp_path / "a.png")
    assert caught.value.user_message == (
        "a.png could not be converted (Blender finds no picture in it): save it as PNG or JPEG."
    )


@pytest.mark.parametrize("content", [None, b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + bytes(20)])
def test_what_blender_cannot_read_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "a.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PictureError) as caught:
        convert(path)
    message = caught.value.user_message
    assert message.startswith("a.png could not be converted (")
    assert "\n" not in message
    assert not bpy.data.images
    assert len(bpy.data.scenes) == 1
    assert not any((tmp_path / "converted").iterdir())
