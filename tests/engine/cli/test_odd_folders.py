# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole runs into folders that are no help, and under names that are too long or too much alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.engine.cli.shell import RUNNING_S, Answer, QuickClock, Shell
from tests.engine.fickle_files import fold_case, forbid_links, refuse

pytestmark = pytest.mark.slow

COLOURS: Final = ("#be5a28", "#2858be", "#28be58")


@dataclass(frozen=True)
class World:
    """A kind of file system, and how a folder of it may be spelled the next time."""

    begin: Callable[[pytest.MonkeyPatch], list[float] | None]
    """Gives how long it was waited for what is refused."""
    respelled: Callable[[str], str] = str


def all_of_it(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    forbid_links(monkeypatch)
    fold_case(monkeypatch)
    return refuse(monkeypatch, times=3)


WORLDS: Final = {
    "refuses at first": World(lambda monkeypatch: refuse(monkeypatch, times=3)),
    "no hard links": World(forbid_links),
    "folds case": World(fold_case, str.upper),
    "composes accents": World(fold_case, lambda name: unicodedata.normalize("NFD", name)),
    "all of it": World(all_of_it, str.swapcase),
}


@pytest.fixture(params=WORLDS.values(), ids=list(WORLDS))
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    found: World = request.param
    pauses = found.begin(monkeypatch)
    yield found
    assert pauses != [], "nothing was refused"


def check(shell: Shell, answer: Answer, folder: Path, names: Sequence[str]) -> None:
    """Everything is there under its name, each with its own bytes, paid for once, and nothing else is."""
    assert answer.code == 0, answer.err
    assert answer.paths == [folder / name for name in names]
    assert len(shell.jobs) == len(shell.service.charges) == len(names)
    for job in shell.jobs:
        assert job.file is not None
        assert job.remote_id is not None
        assert job.file.path.read_bytes() == shell.service.result_bytes(job.remote_id)
    assert len({path.read_bytes() for path in answer.paths}) == len(names)
    assert {path.name for path in folder.iterdir()} == set(names)
    assert not [path for path in shell.folder.rglob("*") if ".part" in path.name]


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_a_picture_becomes_one_file_and_stays_it(shell: Shell, world: World) -> None:
    folder = shell.folder / "Größe"
    check(shell, shell.generate(shell.picture(), "--output", folder), folder, ["photo.glb"])
    before = times(folder)
    again = shell.generate(shell.picture(), "--output", folder.with_name(world.respelled(folder.name)))
    check(shell, again, folder, ["photo.glb"])
    assert times(folder) == before


@pytest.mark.parametrize("is_interrupted", [False, True])
def test_a_batch_becomes_its_files_and_a_second_run_orders_nothing(
    shell: Shell, world: World, is_interrupted: bool
) -> None:
    folder = shell.folder / "Größe"
    pictures = [shell.picture(f"{name}.png", colour=colour) for name, colour in zip("abc", COLOURS, strict=True)]
    more = ("--jobs", "3", "--report", shell.folder / "report.json")
    if is_interrupted:
        first = shell.generate(*pictures, "--output", folder, *more, clock=QuickClock(RUNNING_S))
        assert first.code == 130
        assert shell.service.charges
    names = ["a.glb", "b.glb", "c.glb"]
    answer = shell.generate(*pictures, "--output", folder, *more)
    assert answer.code == 0, answer.err
    assert set(answer.paths) == {folder / name for name in names}
    before = times(folder)
    again = shell.generate(*pictures, "--output", folder.with_name(world.respelled(folder.name)), *more)
    check(shell, again, folder, names)
    assert times(folder) == before
    assert again.err.count("left as it is, nothing was ordered.") == 3


LONG_NAMES: Final = {
    "as long as a name may be": ["椅" * 59 + "甲", "椅" * 59 + "乙"],
    "cut to one name": ["椅" * 60 + "甲", "椅" * 60 + "乙"],
    "of letters": ["a red armchair with golden legs, " * 6 + end for end in ("front", "back")],
}


@pytest.mark.parametrize("has_links", [True, False])
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("stems", LONG_NAMES.values(), ids=list(LONG_NAMES))
def test_two_orders_whose_long_names_begin_alike_have_a_file_each(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, stems: list[str], jobs: str, has_links: bool
) -> None:
    if not has_links:
        forbid_links(monkeypatch)
    pictures = [shell.picture(f"{stem}.png", colour=colour) for stem, colour in zip(stems, COLOURS, strict=False)]
    answer, report = shell.report(*pictures, "--jobs", jobs)
    assert answer.code == 0, answer.err
    for picture, item in zip(pictures, report["items"], strict=True):
        assert item["image"] == str(picture)
        assert Path(item["glb"]).read_bytes() == shell.service.result_bytes(item["remote_id"])
    names = [Path(item["glb"]).name for item in report["items"]]
    before = times(shell.out)
    again = shell.generate(*pictures, "--jobs", jobs)
    check(shell, again, shell.out, names)
    assert times(shell.out) == before
