# SPDX-License-Identifier: GPL-3.0-or-later
"""Where tiles go, and how large they are."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from scenario_addon.blender.sheet.layout import MOST_PX, Layout, arrange

pytestmark = pytest.mark.plain


def places(layout: Layout) -> list[tuple[int, int, int, int]]:
    """Line, column, strip and tile of each."""
    return [(number, p.column, p.strip, p.tile) for number, line in enumerate(layout.lines) for p in line]


def test_pairs_flow_in_lines_and_the_sheet_is_about_as_wide_as_high() -> None:
    layout = arrange([1] * 12)
    assert (layout.columns, len(layout.lines), layout.side_px) == (6, 4, 512)
    assert 0.7 < layout.width_px / layout.height_px < 1.4


def test_the_results_of_each_picture_stand_in_one_line() -> None:
    layout = arrange([3] * 4)
    assert layout.columns == 4
    assert [[(place.strip, place.tile) for place in line] for line in layout.lines] == [
        [(strip, tile) for tile in range(4)] for strip in range(4)
    ]


def test_a_great_many_results_of_one_picture_go_on_under_the_first_result() -> None:
    layout = arrange([40])
    assert 0.7 < layout.width_px / layout.height_px < 1.4
    for line in layout.lines[1:]:
        assert line[0].column == 1
    assert layout.left_out == 0


@pytest.mark.parametrize("results", [[1] * 1000, [3] * 333, [1] * 999 + [12], [64] * 15, [1], [2, 1, 5] * 100])
def test_up_to_a_thousand_results_are_on_a_sheet_that_is_not_too_large(results: Sequence[int]) -> None:
    layout = arrange(results)
    assert layout.left_out == 0
    assert max(layout.width_px, layout.height_px) <= MOST_PX
    assert len(places(layout)) == len(results) + sum(results)


def test_what_has_no_room_is_counted() -> None:
    layout = arrange([1] * 5000)
    shown = sum(1 for *_, tile in places(layout) if tile)
    assert (layout.left_out, layout.side_px) == (5000 - shown, 96)
    assert shown > 1500
    assert max(layout.width_px, layout.height_px) <= MOST_PX


def test_no_two_tiles_stand_on_one_place_and_all_come_in_order() -> None:
    generator = random.Random(7)
    for _ in range(50):
        results = [generator.randint(1, generator.choice([1, 3, 20])) for _ in range(generator.randint(1, 60))]
        layout = arrange(results)
        found = places(layout)
        assert len({place[:2] for place in found}) == len(found)
        assert [place[2:] for place in found] == [(n, t) for n, count in enumerate(results) for t in range(count + 1)]
        assert max(column for _, column, *_ in found) + 1 == layout.columns
