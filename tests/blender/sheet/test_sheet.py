# SPDX-License-Identifier: GPL-3.0-or-later
"""Contact sheets, in a real Blender."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest
from PIL import Image

from scenario_addon.blender.host import BlenderHost
from scenario_addon.blender.sheet import layout
from scenario_addon.blender.sheet.layout import arrange
from scenario_addon.blender.sheet.sheet import draw_sheet
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.host import Strip, Tile
from tests.limits import shorten

RED, BLUE, GROUND = (220, 20, 20), (20, 20, 220), (64, 64, 64)
ONE = arrange([1])


def plain(path: Path, colour: tuple[int, ...] = RED, size: tuple[int, int] = (60, 60)) -> Path:
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(path)
    return path


def pair(source: Path, result: Path | None = None) -> Strip:
    return Strip(Tile("a.png", picture=source), (Tile("a", ("Tripo 3",), result, "No preview"),))


def shown(png: Path) -> np.ndarray:
    with Image.open(png) as picture:
        picture.load()
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGB")).astype(int)


def tile(pixels: np.ndarray, column: int, line: int = 0) -> np.ndarray:
    """The picture of a tile."""
    top = ONE.gap_px + line * ONE.line_px
    left = ONE.gap_px + column * (ONE.side_px + ONE.gap_px)
    return pixels[top : top + ONE.side_px, left : left + ONE.side_px]


def near(pixels: np.ndarray, colour: tuple[int, ...]) -> bool:
    return bool(np.abs(pixels - np.array(colour)).max() <= 6)


def test_the_source_stands_on_the_left_and_what_was_made_of_it_beside_it(tmp_path: Path) -> None:
    png = tmp_path / "new" / "sheet.png"
    source, result = plain(tmp_path / "a.png", RED), plain(tmp_path / "b.jpg", BLUE)
    assert draw_sheet([pair(source, result)], png) == 0
    pixels = shown(png)
    assert pixels.shape == (ONE.height_px, ONE.width_px, 3)
    assert near(tile(pixels, 0), RED)
    assert near(tile(pixels, 1), BLUE)
    assert [path.name for path in png.parent.iterdir()] == ["sheet.png"]


def test_a_picture_keeps_its_proportions_and_what_is_transparent_shows_the_ground(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (400, 200), (255, 255, 255, 0))
    picture.paste((*RED, 255), (0, 0, 200, 200))
    picture.save(tmp_path / "a.png")
    draw_sheet([pair(tmp_path / "a.png")], tmp_path / "sheet.png")
    pixels = tile(shown(tmp_path / "sheet.png"), 0)
    quarter = ONE.side_px // 4
    assert near(pixels[: quarter - 4], GROUND)
    assert near(pixels[quarter + 4 : -quarter - 4, : 2 * quarter - 4], RED)
    assert near(pixels[quarter + 4 : -quarter - 4, 2 * quarter + 4 :], GROUND)
    edge = pixels[2 * quarter, 2 * quarter - 4 : 2 * quarter + 4]
    assert (edge[:, 0] >= GROUND[0] - 6).all(), "no dark and no bright seam"
    assert (edge[:, 1] <= GROUND[1] + 6).all()


def test_a_picture_that_is_stored_on_its_side_is_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (80, 40), RED)
    picture.paste(BLUE, (40, 0, 80, 40))
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95)
    draw_sheet([pair(tmp_path / "a.jpg")], tmp_path / "sheet.png")
    pixels = tile(shown(tmp_path / "sheet.png"), 0)
    middle, height = ONE.side_px // 2, ONE.side_px
    assert near(pixels[20 : middle - 20, middle], RED)
    assert near(pixels[middle + 20 : height - 20, middle], BLUE)


@pytest.mark.parametrize("kind", ["16 bits", "float", "huge and thin"])
def test_whatever_blender_reads_is_shown(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.png"
    if kind == "16 bits":
        Image.fromarray(np.full((40, 40), 0x8080, dtype=np.uint16)).save(path)
    elif kind == "float":
        image = bpy.data.images.new("a", 40, 40, float_buffer=True)
        image.pixels.foreach_set(np.tile(np.array([0.2158, 0.2158, 0.2158, 1.0], dtype=np.float32), 40 * 40))
        settings = bpy.context.scene.render.image_settings
        settings.file_format, settings.color_mode, settings.color_depth = "OPEN_EXR", "RGBA", "32"
        image.save_render(str(path := tmp_path / "a.exr"))
    else:
        plain(path, (128, 128, 128), (3000, 2))
    draw_sheet([pair(path)], tmp_path / "sheet.png")
    middle = (ONE.side_px - 1) // 2
    assert near(tile(shown(tmp_path / "sheet.png"), 0)[middle, 4:-4], (128, 128, 128))


def test_what_is_gone_broken_or_failed_has_words_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"broken")
    failed = Tile("b", (), words="The subject is too dark.", is_failure=True)
    strips = [
        Strip(Tile("gone", picture=tmp_path / "gone.png"), (failed,)),
        pair(tmp_path / "broken.png"),
        pair(tmp_path),
    ]
    draw_sheet(strips, tmp_path / "sheet.png")
    assert arrange([1, 1, 1]).columns == 4
    pixels = shown(tmp_path / "sheet.png")
    for line, column in ((0, 0), (0, 1), (0, 2), (0, 3), (1, 0)):
        found = tile(pixels, column, line)
        ground = found[0, 0]
        assert tuple(ground) == GROUND if (line, column) != (0, 1) else ground[0] < GROUND[0] < 2 * ground[1]
        assert (np.abs(found - ground).max(axis=2) > 60).sum() > 50, "there are words"


def test_under_a_picture_are_its_words(tmp_path: Path) -> None:
    source = plain(tmp_path / "a.png")
    bare = Strip(Tile("", picture=source), (Tile("", (), source),))
    draw_sheet([pair(source, source), bare], tmp_path / "sheet.png")
    pixels = shown(tmp_path / "sheet.png")
    step = ONE.side_px + ONE.gap_px
    under = [
        pixels[ONE.gap_px + line * ONE.line_px + ONE.side_px :][
            : ONE.words * ONE.leading_px, 0 if c == 0 else c * step :
        ]
        for line, c in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    inks = [(found[:, ONE.gap_px : step] > 120).all(axis=2).any(axis=1) for found in under]
    first = slice(0, ONE.leading_px)
    second = slice(ONE.leading_px, 2 * ONE.leading_px)
    assert [bool(ink[first].any()) for ink in inks] == [True, True, False, False]
    assert [bool(ink[second].any()) for ink in inks] == [False, True, False, False]


def test_what_is_open_stays_as_it_is(tmp_path: Path) -> None:
    bpy.ops.mesh.primitive_monkey_add()
    before = {name: len(getattr(bpy.data, name)) for name in ("objects", "images", "scenes", "curves", "meshes")}
    draw_sheet([pair(plain(tmp_path / "a.png"))], tmp_path / "sheet.png")
    assert before == {name: len(getattr(bpy.data, name)) for name in before}
    image = bpy.data.images.load(str(tmp_path / "sheet.png"))
    assert tuple(image.size) == (ONE.width_px, ONE.height_px)


def test_more_than_there_is_room_for_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, layout, MOST_PX=2048)
    strips = [Strip(Tile("", words="a"), (Tile("b", words="c"),))] * 5000
    left_out = BlenderHost().write_sheet(strips, tmp_path / "sheet.png")
    assert left_out == arrange([1] * 5000).left_out > 0
    with Image.open(tmp_path / "sheet.png") as picture:
        assert max(picture.size) <= 2048


def test_a_folder_that_cannot_be_written_is_said_and_a_sheet_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = plain(tmp_path / "a.png")
    with pytest.raises(DiskError, match="could not be written"):
        draw_sheet([pair(source)], source / "sheet.png")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("scenario_addon.blender.sheet.png.PngWriter.end", full)
    with pytest.raises(DiskError, match="No space left"):
        draw_sheet([pair(source)], tmp_path / "sheet.png")
    assert list(tmp_path.iterdir()) == [source]
