# SPDX-License-Identifier: GPL-3.0-or-later
"""A contact sheet of what a command makes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scenario_addon.engine.host import Host
from scenario_addon.engine.pictures.file import is_picture
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import FAST, RUNNING_S, QuickClock, Shell
from tests.service import Service


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], blender: FakeBlender) -> Shell:
    """A shell around a Blender."""
    host: Host = blender  # the protocol is kept
    return Shell(service, tmp_path, capsys, host=host)


@pytest.fixture
def sheet(shell: Shell) -> Path:
    return shell.folder / "all" / "sheet.png"


@pytest.fixture
def pictures(shell: Shell) -> list[Path]:
    return [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]


def test_each_picture_is_on_it_with_what_was_made_of_it(
    shell: Shell, sheet: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    answer = shell.generate(*pictures, "--sheet", sheet)
    assert answer.code == 0, answer.err
    assert f"{sheet} shows 2 results.\n" in answer.err
    assert list(sheet.parent.iterdir()) == [sheet]
    [strips] = blender.sheets
    assert [strip.source.picture for strip in strips] == [path.absolute() for path in pictures]
    assert [strip.source.title for strip in strips] == ["a.png", "b.png"]
    [result] = strips[0].results
    preview = shell.out / "a-preview.png"
    assert preview.exists()
    assert (result.title, result.picture, result.words, result.is_failure) == ("a", preview, "No preview", False)
    model, costs, triangles = result.lines
    assert model == "Hunyuan 3D 2.1"
    assert re.fullmatch(r"[\d.]+ CU · \d+ s", costs)
    assert re.fullmatch(r"[\d,]+ triangles", triangles)


def test_several_results_of_one_picture_stand_beside_it(
    shell: Shell, sheet: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    rows = [
        {"image": name, "name": f"{name}-{faces}", "targetFaceNum": faces}
        for faces in (100, 101, 102)
        for name in ("a.png", "b.png")
    ]
    manifest = shell.folder / "rows.json"
    manifest.write_text(json.dumps(rows))
    answer = shell("batch", manifest, *FAST[:4], "--output", shell.out, "--sheet", sheet)
    assert answer.code == 0, answer.err
    [strips] = blender.sheets
    assert [[result.title for result in strip.results] for strip in strips] == [
        [f"{name}-{faces}" for faces in (100, 101, 102)] for name in ("a.png", "b.png")
    ]


def test_what_failed_has_its_reason_in_place_of_a_picture(
    shell: Shell, sheet: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    shell.service.fail_job("The subject is too dark.")
    assert shell.generate(*pictures, "--sheet", sheet, "--jobs", "1").code == 1
    [[first], [second]] = [strip.results for strip in blender.sheets[0]]
    assert first.is_failure
    assert "The subject is too dark." in first.words
    assert first.lines == ("Hunyuan 3D 2.1",)
    assert not second.is_failure


def test_the_same_command_again_orders_nothing_and_draws_it_anew_with_the_same_prices(
    shell: Shell, sheet: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    for _ in range(2):
        assert shell.generate(*pictures, "--sheet", sheet).code == 0
    assert blender.sheets[0] == blender.sheets[1]
    assert len(shell.service.charges) == 2
    sheet.write_text("somebody's")
    answer = shell.generate(*pictures, "--sheet", sheet)
    assert (answer.code, sheet.read_text()) == (2, "somebody's")


def test_a_sheet_among_the_pictures_is_no_picture(shell: Shell, pictures: list[Path], blender: FakeBlender) -> None:
    folder = shell.folder / "pictures"
    folder.mkdir()
    for path in pictures:
        path.rename(folder / path.name)
    sheet = folder / "sheet.png"
    for source in (folder, folder / "*.png"):
        assert shell.generate(source, "--sheet", sheet).code == 0
        assert is_picture(sheet, convertible=True)
    assert [len(strips) for strips in blender.sheets] == [2, 2]
    assert len(shell.service.charges) == 2


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mine.png", "mine.png is already there: move it away or give another file."),
        ("sheet.jpg", "sheet.jpg: give a file that ends in .png."),
        ("folder.png", "folder.png is a folder: give the name of a file."),
        ("photo.png", "photo.png is what is read: give another file."),
        ("mine.png/sheet.png", "cannot be written"),
        (f"{'x' * 300}.png", "cannot be written"),
    ],
)
def test_a_file_that_cannot_be_it_is_refused_before_anything_is_sent(shell: Shell, name: str, sentence: str) -> None:
    (shell.folder / "mine.png").write_text("a week's work")
    (shell.folder / "folder.png").mkdir()
    answer = shell.generate(shell.picture(), "--sheet", shell.folder / name)
    assert answer.code == 2
    assert sentence in answer.err
    assert (shell.service.requests, (shell.folder / "mine.png").read_text()) == ([], "a week's work")


def test_it_needs_blender(shell: Shell, sheet: Path) -> None:
    shell.host = None
    for command in (("generate", shell.picture()), ("resume",)):
        answer = shell(*command, "--sheet", sheet)
        assert answer.code == 2
        assert "--sheet needs Blender" in answer.err
    assert shell.service.requests == []


def test_what_there_is_no_room_for_is_said(
    shell: Shell, sheet: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    blender.room = 1
    answer = shell.generate(*pictures, "--sheet", sheet)
    assert answer.code == 0
    assert f"{sheet} shows 1 result; there is no room for 1 more.\n" in answer.err


def test_resume_draws_what_it_carries_on(shell: Shell, sheet: Path, pictures: list[Path], blender: FakeBlender) -> None:
    assert shell.generate(*pictures, "--sheet", sheet, clock=QuickClock(RUNNING_S)).code == 130
    assert not sheet.exists()
    answer = shell("resume", "--sheet", sheet)
    assert answer.code == 0, answer.err
    assert sorted(strip.results[0].title for strip in blender.sheets[0]) == ["a", "b"]
    assert shell("resume", "--sheet", sheet.with_name("other.png")).code == 0
    assert list(sheet.parent.iterdir()) == [sheet], "there was nothing to draw"
