# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding the subject's box in a mask, and the square that it is shown in."""

import numpy as np
import pytest

from scenario_addon.blender.picture.subject.box import Box, Square, box_of


def mask(*parts: tuple[int, int, int, int]) -> np.ndarray:
    """Columns and rows from, to: each part is there."""
    found = np.zeros((40, 60), dtype=bool)
    for left, bottom, right, top in parts:
        found[bottom:top, left:right] = True
    return found


def test_the_box_is_around_all_parts_to_the_pixel() -> None:
    assert box_of(mask((10, 5, 11, 6))) == Box(10, 5, 1, 1)
    assert box_of(mask((10, 5, 20, 8), (0, 30, 1, 40))) == Box(0, 5, 20, 35)
    assert box_of(~mask()) == Box(0, 0, 60, 40)


def test_nothing_has_no_box() -> None:
    assert box_of(mask()) is None


@pytest.mark.parametrize("box", [Box(10, 5, 18, 9), Box(0, 0, 9, 18), Box(50, 30, 9, 9)])
def test_a_square_has_the_same_middle_and_is_filled_to_nine_tenths(box: Box) -> None:
    square = Square.around(box)
    assert square.left + square.side / 2 == pytest.approx(box.left + box.width / 2)
    assert square.bottom + square.side / 2 == pytest.approx(box.bottom + box.height / 2)
    assert box.extent / square.side == pytest.approx(0.9)


def test_a_small_box_gets_a_square_of_the_least_side() -> None:
    assert Square.around(Box(10, 10, 2, 4), least_side=32) == Square(-5.0, -4.0, 32)


def test_a_square_of_a_drawing_is_found_in_what_was_drawn() -> None:
    part = Square(100.0, 50.0, 200.0)
    assert Square(0.0, 0.0, 1024.0).inside(part, size_px=1024) == part
    assert Square(256.0, 512.0, 512.0).inside(part, size_px=1024) == Square(150.0, 150.0, 100.0)
