# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a command makes in one .blend."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenario_addon.engine.host import Host
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import FAST, RUNNING_S, Answer, QuickClock, Shell
from tests.service import Service


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], blender: FakeBlender) -> Shell:
    """A shell around a Blender, in a folder with a .blend."""
    (tmp_path / "rooms.blend").touch()
    host: Host = blender  # the protocol is kept
    return Shell(service, tmp_path, capsys, host=host)


@pytest.fixture
def kit(shell: Shell) -> Path:
    return shell.folder / "all" / "kit.blend"


@pytest.fixture
def pictures(shell: Shell) -> list[Path]:
    return [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]


def from_blend(shell: Shell, kit: Path, *names: str) -> Answer:
    return shell.generate("--from-blend", shell.folder / "rooms.blend", "--object", *names, "--blend-all", kit)


def test_all_meshes_are_in_it_in_the_order_of_the_input(
    shell: Shell, kit: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    answer = shell.generate(*pictures, "--blend-all", kit)
    assert answer.code == 0, answer.err
    assert kit.read_text() == "a\nb"
    assert list(kit.parent.iterdir()) == [kit]
    assert f"{kit} holds 2 meshes.\n" in answer.err
    [pieces] = blender.kits
    jobs = {job.order.name: job for job in shell.jobs}
    assert [(p.name, p.mesh, p.job_id, dict(p.placement)) for p in pieces] == [
        (name, shell.out / f"{name}.glb", jobs[name].id, {}) for name in ("a", "b")
    ]


def test_what_was_taken_from_a_blend_goes_where_its_source_stands_now(
    shell: Shell, kit: Path, blender: FakeBlender
) -> None:
    assert from_blend(shell, kit, "Table", "Chair").code == 0
    blender.blend.at_m = 7.0
    answer = from_blend(shell, kit, "Table", "Chair")
    assert answer.code == 0, answer.err
    assert [[piece.placement["location"][0] for piece in pieces] for pieces in blender.kits] == [[0, 0], [7, 7]]
    assert len(shell.service.charges) == 2


def test_two_of_one_name_are_told_apart(shell: Shell, kit: Path, blender: FakeBlender) -> None:
    blender.blend.collections = ["Table"]
    answer = shell.generate(
        "--from-blend", shell.folder / "rooms.blend", "--object", "Table", "--collection", "Table", "--blend-all", kit
    )
    assert answer.code == 0
    assert kit.read_text() == "Table\nTable-2"


def test_a_manifest_fills_it_too(shell: Shell, kit: Path, pictures: list[Path]) -> None:
    manifest = shell.folder / "rows.json"
    manifest.write_text(json.dumps([{"image": "a.png", "name": "one"}, {"image": "b.png", "name": "two"}]))
    answer = shell("batch", manifest, *FAST, "--output", shell.out, "--blend-all", kit)
    assert answer.code == 0, answer.err
    assert kit.read_text() == "one\ntwo"


def test_what_failed_is_left_out_and_that_is_said(shell: Shell, kit: Path, pictures: list[Path]) -> None:
    shell.service.fail_job()
    answer = shell.generate(*pictures, "--blend-all", kit, "--jobs", "1")
    assert answer.code == 1
    assert kit.read_text() == "b"
    assert f"{kit} holds 1 mesh, without a.\n" in answer.err
    again = shell.generate(*pictures, "--blend-all", kit)
    assert again.code == 0, again.err
    assert kit.read_text() == "a\nb"


def test_where_all_failed_there_is_none(shell: Shell, kit: Path) -> None:
    shell.service.fail_job()
    assert shell.generate(shell.picture(), "--blend-all", kit).code == 1
    assert list(kit.parent.iterdir()) == []


def test_what_blender_cannot_read_is_left_out_and_that_is_a_failure(
    shell: Shell, kit: Path, pictures: list[Path], blender: FakeBlender
) -> None:
    blender.unreadable = ("a",)
    answer = shell.generate(*pictures, "--blend-all", kit)
    assert answer.code == 1
    assert kit.read_text() == "b"
    assert "a: a.glb cannot be read.\n" in answer.err
    assert set(answer.paths) == {shell.out / "a.glb", shell.out / "b.glb"}
    blender.unreadable = ("a", "b")
    answer = shell.generate(*pictures, "--blend-all", kit.with_name("other.blend"))
    assert answer.code == 1
    assert list(kit.parent.iterdir()) == [kit]


def test_what_a_mesh_lacks_is_said(shell: Shell, kit: Path, blender: FakeBlender) -> None:
    blender.flaws = ("without its texture base.png, which is missing",)
    answer = shell.generate(shell.picture(), "--blend-all", kit)
    assert answer.code == 0
    assert "photo comes without its texture base.png, which is missing.\n" in answer.err


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mine.blend", "mine.blend is already there: move it away or give another file."),
        ("kit.glb", "kit.glb: give a file that ends in .blend."),
        ("folder.blend", "folder.blend is a folder: give the name of a file."),
        ("mine.blend/kit.blend", "cannot be written"),
        (f"{'x' * 300}.blend", "cannot be written"),
    ],
)
def test_a_file_that_cannot_be_it_is_refused_before_anything_is_sent(shell: Shell, name: str, sentence: str) -> None:
    (shell.folder / "mine.blend").write_text("a week's work")
    (shell.folder / "folder.blend").mkdir()
    answer = shell.generate(shell.picture(), "--blend-all", shell.folder / name)
    assert answer.code == 2
    assert sentence in answer.err
    assert (shell.service.requests, (shell.folder / "mine.blend").read_text()) == ([], "a week's work")


def test_what_is_read_is_never_written(shell: Shell) -> None:
    answer = from_blend(shell, shell.folder / "." / "rooms.blend", "Table")
    assert answer.code == 2
    assert "is what is read: give another file." in answer.err


def test_after_an_interruption_the_same_command_writes_it(shell: Shell, kit: Path) -> None:
    command = (shell.picture(), "--blend-all", kit)
    assert shell.generate(*command, clock=QuickClock(RUNNING_S)).code == 130
    assert not kit.exists()
    assert shell.generate(*command).code == 0
    assert kit.read_text() == "photo"
    assert len(shell.service.charges) == 1


def test_resume_puts_what_it_fetches_where_its_source_stood_though_that_is_gone(
    shell: Shell, kit: Path, blender: FakeBlender
) -> None:
    blender.blend.at_m = 7.0
    rooms = shell.folder / "rooms.blend"
    assert shell.generate("--from-blend", rooms, "--object", "Table", "Chair", clock=QuickClock(RUNNING_S)).code == 130
    rooms.unlink()
    answer = shell("resume", "--blend-all", kit)
    assert answer.code == 0, answer.err
    assert sorted(kit.read_text().split()) == ["Chair", "Table"]
    [pieces] = blender.kits
    assert [piece.placement["location"][0] for piece in pieces] == [7.0, 7.0]
    assert len(shell.service.charges) == 2
    (shell.folder / "mine.blend").write_text("a week's work")
    assert shell("resume", "--blend-all", shell.folder / "mine.blend").code == 2
    nothing = shell("resume", "--blend-all", kit.with_name("nothing.blend"))
    assert (nothing.code, nothing.err) == (0, "There is nothing to resume.\n")
    shell.host = None
    assert "--blend-all needs Blender" in shell("resume", "--blend-all", kit).err


def test_what_an_earlier_run_wrote_is_written_anew_unless_somebody_has_changed_it(
    shell: Shell, kit: Path, pictures: list[Path]
) -> None:
    assert shell.generate(pictures[0], "--blend-all", kit).code == 0
    assert shell.generate(*pictures, "--blend-all", kit).code == 0
    assert kit.read_text() == "a\nb"
    kit.write_text("a\nb\nand a week's work")
    assert shell.generate(*pictures, "--blend-all", kit).code == 2
    assert kit.read_text() == "a\nb\nand a week's work"


def test_what_somebody_writes_meanwhile_stays_and_the_kit_gets_a_number(
    shell: Shell, kit: Path, blender: FakeBlender, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = blender.write_kit

    def write_late(*args: object, **more: object) -> object:
        kit.write_text("somebody's")
        return write(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(blender, "write_kit", write_late)
    answer = shell.generate(shell.picture(), "--blend-all", kit)
    assert answer.code == 0
    assert kit.read_text() == "somebody's"
    assert kit.with_name("kit-2.blend").read_text() == "photo"
    assert f"{kit.with_name('kit-2.blend')} holds 1 mesh.\n" in answer.err
