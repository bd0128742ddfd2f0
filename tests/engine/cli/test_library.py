# SPDX-License-Identifier: GPL-3.0-or-later
"""An asset library of what commands make."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.host import Asset, Host
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import FAST, RUNNING_S, Answer, QuickClock, Shell
from tests.service import Service


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], blender: FakeBlender) -> Shell:
    """A shell around a Blender."""
    host: Host = blender  # the protocol is kept
    return Shell(service, tmp_path, capsys, host=host)


@pytest.fixture
def library(shell: Shell) -> Path:
    return shell.folder / "library"


@pytest.fixture
def pictures(shell: Shell) -> list[Path]:
    return [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]


def batch(shell: Shell, library: Path, *names: str) -> Answer:
    manifest = shell.folder / "night.json"
    manifest.write_text(json.dumps([{"image": f"{name}.png", "name": name} for name in names]))
    return shell("batch", manifest, *FAST, "--output", shell.out, "--library", library)


def test_each_mesh_is_an_asset_with_what_it_was_made_from(
    shell: Shell, library: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    answer = shell.generate(*pictures, "--library", library)
    assert answer.code == 0, answer.err
    assert f"2 meshes have been added to the library {library}.\n" in answer.err
    jobs = {job.order.name: job for job in shell.jobs}
    assert {path.name for path in library.iterdir()} == {f"{name}-{job.id[:12]}.blend" for name, job in jobs.items()}
    assert [asset.name for asset in blender.assets] == ["a", "b"]
    for asset in blender.assets:
        job = jobs[asset.name]
        assert (asset.job_id, asset.remote_id, asset.mesh) == (job.id, job.remote_id, shell.out / f"{asset.name}.glb")
        assert (asset.order.identity, asset.catalogue) == (job.order.identity, "Scenario")


def test_a_manifest_has_a_catalogue_and_a_second_run_adds_what_is_missing(
    shell: Shell, library: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    assert batch(shell, library, "a").code == 0
    [first] = library.iterdir()
    first.write_text("worked on by an artist")
    answer = batch(shell, library, "a", "b")
    assert answer.code == 0, answer.err
    assert f"1 mesh has been added to the library {library}; 1 was there already.\n" in answer.err
    assert first.read_text() == "worked on by an artist"
    assert [(asset.name, asset.catalogue) for asset in blender.assets] == [
        ("a", "Scenario/night"),
        ("b", "Scenario/night"),
    ]
    assert len(shell.service.charges) == 2


def test_an_asset_that_was_renamed_is_known_by_its_job(shell: Shell, library: Path, pictures: list[Path]) -> None:
    assert batch(shell, library, "a").code == 0
    [first] = library.iterdir()
    first.rename(library / f"Chair, red{first.name[-18:]}")
    answer = batch(shell, library, "a")
    assert f"0 meshes have been added to the library {library}; 1 was there already.\n" in answer.err
    assert len(list(library.iterdir())) == 1


def test_two_rows_of_one_mesh_are_one_asset(
    shell: Shell, library: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    pictures[1].write_bytes(pictures[0].read_bytes())
    assert batch(shell, library, "a", "b").code == 0
    assert [asset.name for asset in blender.assets] == ["a"]


def test_what_is_made_anew_stands_beside_what_was_there(shell: Shell, library: Path, pictures: list[Path]) -> None:
    for more in ((), ("--again",)):
        assert shell.generate(pictures[0], "--library", library, *more).code == 0
    assert len(list(library.iterdir())) == 2


def test_what_blender_cannot_read_is_said_and_the_others_are_added(
    shell: Shell, library: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    blender.unreadable, blender.flaws = ("a",), ("without its texture base.png, which is missing",)
    answer = shell.generate(*pictures, "--library", library)
    assert answer.code == 1
    assert "a: a.glb cannot be read.\n" in answer.err
    assert "b comes without its texture base.png, which is missing.\n" in answer.err
    assert "1 mesh has been added" in answer.err


def test_what_another_process_adds_at_the_same_time_is_there(
    shell: Shell, library: Path, pictures: list[Path], monkeypatch: pytest.MonkeyPatch, blender: FakeBlender
) -> None:
    write = blender.write_asset

    def write_late(asset: Asset, blend: Path) -> tuple[str, ...]:
        if asset.name == "a":
            blend.write_text("the other's")
            raise DiskError(f"{blend} is already there.")
        return write(asset, blend)

    monkeypatch.setattr(blender, "write_asset", write_late)
    answer = shell.generate(*pictures, "--library", library)
    assert answer.code == 0, answer.err
    assert {path.read_text() for path in library.iterdir()} == {"the other's", "b"}
    assert f"1 mesh has been added to the library {library}; 1 was there already.\n" in answer.err


def test_what_failed_is_not_in_it(shell: Shell, library: Path, pictures: list[Path], blender: FakeBlender) -> None:
    shell.service.fail_job()
    assert shell.generate(*pictures, "--library", library, "--jobs", "1").code == 1
    assert [asset.name for asset in blender.assets] == ["b"]


def test_a_name_that_is_long_is_cut_to_what_the_folder_takes(shell: Shell, library: Path) -> None:
    name = "木" * 80
    assert shell.generate(shell.picture(f"{name[:60]}.png"), "--library", library).code == 0
    [path] = library.iterdir()
    assert path.name.startswith("木木木")
    assert path.name.endswith(f"-{shell.jobs[0].id[:12]}.blend")


def test_a_library_that_is_a_file_is_refused_before_anything_is_sent(shell: Shell) -> None:
    (shell.folder / "mine").write_text("a week's work")
    for name, sentence in (
        ("mine", "mine is a file: give the name of a folder."),
        ("mine/in", "cannot be written"),
        ("x" * 300, "cannot be written"),
    ):
        answer = shell.generate(shell.picture(), "--library", shell.folder / name)
        assert answer.code == 2
        assert sentence in answer.err
    assert (shell.service.requests, (shell.folder / "mine").read_text()) == ([], "a week's work")


def test_it_needs_blender(shell: Shell, library: Path) -> None:
    shell.host = None
    for command in (("generate", shell.picture()), ("resume",)):
        answer = shell(*command, "--library", library)
        assert answer.code == 2
        assert "--library needs Blender" in answer.err
    assert shell.service.requests == []


def test_a_full_disk_is_said_and_what_else_is_wanted_is_written(
    shell: Shell, library: Path, monkeypatch: pytest.MonkeyPatch, blender: FakeBlender
) -> None:
    def full(*_: object) -> tuple[str, ...]:
        raise DiskError("There is no room.")

    monkeypatch.setattr(blender, "write_asset", full)
    kit, sheet = shell.folder / "kit.blend", shell.folder / "sheet.png"
    answer = shell.generate(shell.picture(), "--library", library, "--sheet", sheet, "--blend-all", kit)
    assert answer.code == 1
    assert "scenario: There is no room.\n" in answer.err
    assert kit.exists()
    assert sheet.exists()


def test_resume_adds_what_it_carries_on(shell: Shell, library: Path, pictures: list[Path]) -> None:
    assert shell.generate(*pictures, "--library", library, clock=QuickClock(RUNNING_S)).code == 130
    assert not list(library.iterdir())
    assert shell("resume", "--library", library).code == 0
    assert {path.read_text() for path in library.iterdir()} == {"a", "b"}
    assert len(shell.service.charges) == 2
