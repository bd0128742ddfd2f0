# SPDX-License-Identifier: GPL-3.0-or-later
"""Words on pixels."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from scenario_addon.blender.sheet.lettering import Lettering

WHITE = (255, 255, 255)


@pytest.fixture
def letters() -> Lettering:
    return Lettering(20, 28)


def drawn(letters: Lettering, text: str, *, width_px: int = 200) -> np.ndarray:
    """White on black, as one channel of 0 to 255."""
    pixels = np.zeros((letters.leading_px, width_px, 3), dtype=np.uint8)
    letters.draw(pixels, text, WHITE)
    return pixels[..., 0]


def test_text_stands_on_its_line_from_the_left_as_wide_as_it_says(letters: Lettering) -> None:
    ink = drawn(letters, "Chair")
    rows, columns = np.nonzero(ink > 128)
    assert columns.min() < 4
    assert letters.width_px("Chair") - 4 <= columns.max() < letters.width_px("Chair")
    assert 3 <= rows.min() < rows.max() < 21
    assert drawn(letters, "gpq")[21:].max() > 128, "what goes below the line is there"


@pytest.mark.parametrize("pair", ["木林", "模型", "한국", "아어", "あい", "нп", "กข", "عغ"])
def test_letters_of_other_scripts_are_told_apart(letters: Lettering, pair: str) -> None:
    one, other = (drawn(letters, char) for char in pair)
    assert (one > 128).sum() > 20
    assert (one != other).any()


@pytest.mark.parametrize("char", "нHы")
def test_no_holes_are_left_where_outlines_overlap(char: str) -> None:
    ink = drawn(Lettering(100, 136), char) > 128
    rows, columns = np.nonzero(ink)
    stem = ink[rows.min() : rows.max() + 1, columns.min() + 3]
    assert stem.all()


def test_a_ring_is_hollow() -> None:
    ink = drawn(Lettering(100, 136), "O") > 128
    rows, columns = np.nonzero(ink)
    assert not ink[(rows.min() + rows.max()) // 2, (columns.min() + columns.max()) // 2]


def test_spaces_of_any_kind_are_as_wide_as_one(letters: Lettering) -> None:
    assert letters.width_px("a b") == letters.width_px("a\tb") == letters.width_px("a\u3000b") > letters.width_px("ab")
    assert not drawn(letters, " \n\t").any()


def test_what_is_too_long_keeps_its_beginning_and_its_end(letters: Lettering) -> None:
    name = "a picture whose name goes on and on and on-seed7"
    fitted = letters.fitted(name, 150)
    assert letters.width_px(fitted) <= 150
    assert fitted.startswith("a pict")
    assert fitted.endswith("seed7")
    assert letters.fitted("short", 150) == "short"
    assert letters.fitted("anything", 1) == "…"


def test_lines_end_between_words_where_there_are_any(letters: Lettering) -> None:
    text = "The service could not make a mesh of this picture"
    lines = letters.wrapped(text, 150, 10)
    assert " ".join(lines) == text
    assert len(lines) > 2
    chinese = "机器人的模型第三版非常大的木头椅子"
    assert "".join(letters.wrapped(chinese, 150, 10)) == chinese
    for line in (*lines, *letters.wrapped(chinese, 150, 10)):
        assert letters.width_px(line) <= 150
    cut = letters.wrapped(text, 150, 2)
    assert len(cut) == 2
    assert "…" in cut[1]
    assert cut[1].endswith("ture")
    assert letters.wrapped("  ", 150, 2) == letters.wrapped("", 150, 2) == []


def test_what_does_not_fit_is_not_drawn_and_nothing_is_left_in_the_file(letters: Lettering) -> None:
    assert drawn(letters, "mmmmmmmm", width_px=10).shape == (28, 10)
    assert (len(bpy.data.objects), len(bpy.data.curves), len(bpy.data.meshes)) == (0, 0, 0)
