# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that fit where they go, and tokens that tell apart what names cannot."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path, PureWindowsPath
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenario_addon.engine.names import ended_name, fitting_name, free_path, numbered, safe_name, token

ENDING: Final = "-9999.damaged.gltf"


@pytest.mark.parametrize("name", ["椅" * 200, "x" * 300, "é" * 150, "🪑" * 60, "a prompt " * 60])
def test_a_long_name_leaves_room_for_its_ending(tmp_path: Path, name: str) -> None:
    stem = fitting_name(name, tmp_path)
    (tmp_path / (stem + ENDING)).touch()
    assert name.startswith(stem)
    assert len(stem.encode()) > 150


def test_a_name_is_cut_between_letters(tmp_path: Path) -> None:
    assert set(fitting_name("椅" * 200, tmp_path)) == {"椅"}


def test_a_cut_name_ends_in_no_blank(tmp_path: Path) -> None:
    assert fitting_name("x" * 179 + " y", tmp_path) == "x" * 179


@pytest.mark.parametrize("name", ["chair", "椅" * 200, "x" * 30_000, "a prompt " * 60, "a.", "", "con", "a/b"])
def test_an_ending_is_not_cut_off(tmp_path: Path, name: str) -> None:
    whole = ended_name(name, "-seed2147483647", tmp_path)
    assert whole.startswith(name[:20]) and whole.endswith("-seed2147483647")
    assert fitting_name(whole, tmp_path).endswith("-seed2147483647")
    other = ended_name(name, "-seed7", tmp_path)
    assert fitting_name(other, tmp_path) != fitting_name(whole, tmp_path)


def test_a_folder_that_is_too_deep_is_whoever_writes_there_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pathconf", lambda path, what: 20, raising=False)
    assert ended_name("chair", "-seed7", Path("deep")) == "chair-seed7"


def test_a_folder_of_short_names_gets_short_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pathconf", lambda path, what: 143, raising=False)  # as eCryptfs has it
    stem = fitting_name("椅" * 200, tmp_path / "not" / "there yet")
    assert 120 <= len((stem + ENDING).encode()) <= 143


def test_a_folder_that_does_not_tell_is_taken_for_a_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "pathconf", raising=False)
    assert fitting_name("x" * 300, tmp_path) == "x" * 180


class WindowsFolder(PureWindowsPath):
    def absolute(self) -> PureWindowsPath:
        return self


@pytest.fixture
def on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delattr(os, "pathconf", raising=False)


@pytest.mark.usefixtures("on_windows")
@pytest.mark.parametrize("name", ["x" * 300, "椅" * 200, "🪑" * 100])
def test_on_windows_the_whole_path_stays_within_what_blender_can_open(name: str) -> None:
    folder = WindowsFolder("C:\\" + "f" * 150)
    path = f"{folder}\\{fitting_name(name, folder)}{ENDING}"
    assert len(path.encode("utf-16-le")) // 2 <= 259


@pytest.mark.usefixtures("on_windows")
def test_a_folder_that_leaves_no_room_is_told() -> None:
    folder = WindowsFolder("C:\\" + "f" * 240)
    with pytest.raises(ValueError, match="its path is too long"):
        fitting_name("chair", folder)


@given(st.text(min_size=1, max_size=400))
def test_any_text_becomes_a_name_that_can_be_used(text: str) -> None:
    name = safe_name(text)
    assert 0 < len(name.encode()) <= 181
    assert not set(name) & set('<>:"/\\|?*\0')


@given(st.lists(st.text(max_size=300), unique=True, min_size=2, max_size=20))
def test_no_two_texts_have_one_token(texts: list[str]) -> None:
    assert len({token(text) for text in texts}) == len(texts)


def test_a_token_does_not_grow_with_what_it_stands_for() -> None:
    assert {len(token(text)) for text in ("", "x" * 100_000, "\udcff")} == {16}


def test_numbers_stand_behind_the_stem() -> None:
    names = [path.name for path in islice(numbered(Path("a.b.glb")), 3)]
    assert names == ["a.b.glb", "a.b-2.glb", "a.b-3.glb"]


def test_the_first_name_that_is_free_is_found(tmp_path: Path) -> None:
    for name in ("a.glb", "a-2.glb"):
        (tmp_path / name).touch()
    assert free_path(tmp_path / "a.glb").name == "a-3.glb"


DEVICES: Final = (
    "nul",
    "Con",
    "COM1.x",
    "com0",
    "LPT9.tar.gz",
    "COM¹",
    "lpt³.obj",
    "CONIN$",
    "conout$.txt",
    "aux .glb",
)


@pytest.mark.parametrize("name", DEVICES)
def test_what_windows_takes_for_a_device_is_renamed(name: str) -> None:
    assert safe_name(name) == f"_{name}"


@pytest.mark.parametrize("name", ["console", "com10", "COM٣", "nul-2", "conin", "lpt"])
def test_what_only_looks_like_a_device_keeps_its_name(name: str) -> None:
    assert safe_name(name) == name
