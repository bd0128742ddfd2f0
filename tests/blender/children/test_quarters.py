# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of this process alone, beside those of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenario_addon.blender.children.quarters import Quarters
from scenario_addon.engine.errors import DiskError


def quarters(folder: Path) -> Quarters:
    return Quarters(folder, lambda: None)


def test_each_room_is_new_and_nothing_is_left_of_them(tmp_path: Path) -> None:
    first, second = quarters(tmp_path / "work"), quarters(tmp_path / "work")
    rooms = [first.room(), first.room(), second.room()]
    assert len(set(rooms)) == 3 and all(room.is_dir() for room in rooms)
    assert first.path(".txt").parent == rooms[0].parent != rooms[2].parent
    (rooms[0] / "in use").touch()
    first.leave()
    assert [room.exists() for room in rooms] == [False, False, True]
    assert first.room().is_dir()
    first.leave()
    second.leave()
    assert not [path for path in (tmp_path / "work").iterdir() if path.is_dir()]


def test_what_a_process_has_left_behind_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "work" / "1-abc"
    left.mkdir(parents=True)
    entered = quarters(tmp_path / "work")
    entered.enter()
    assert not left.exists()
    entered.leave()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    with pytest.raises(DiskError, match=r"work cannot be written: .+\.$"):
        quarters(tmp_path / "work").room()
