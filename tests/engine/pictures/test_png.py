# SPDX-License-Identifier: GPL-3.0-or-later
"""A mark in a picture: the picture stays the same, and whatever has none is nobody's."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from scenario_addon.engine.pictures.png import mark_of, marked
from tests.engine.orders import draw_picture


@pytest.fixture
def png(tmp_path: Path) -> bytes:
    return draw_picture(tmp_path / "drawn.png", size_px=(160, 120)).path.read_bytes()


def test_a_marked_picture_is_the_same_picture_and_says_its_mark(png: bytes, tmp_path: Path) -> None:
    path = tmp_path / "marked.png"
    path.write_bytes(marked(png, "job_1"))
    with Image.open(path) as ours:
        ours.verify()
    with Image.open(path) as ours, Image.open(tmp_path / "drawn.png") as theirs:
        assert (ours.size, ours.tobytes()) == (theirs.size, theirs.tobytes())
        assert ours.info["Scenario"] == "job_1"
    assert mark_of(path) == "job_1"


@pytest.mark.parametrize("kept", [0, 4, 30, 60, -40])
def test_what_is_cut_short_or_empty_has_no_mark(png: bytes, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(marked(png, "job_1")[:kept])
    assert mark_of(path) is None


def test_other_pictures_folders_and_nothing_have_no_mark(png: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0Scenario\0job_1")
    for path in (tmp_path / "drawn.png", tmp_path / "a.jpg", tmp_path, tmp_path / "gone.png"):
        assert mark_of(path) is None
