# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written beside each mesh by the Blender around the command line: .blend files with less detail, previews."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from scenario_addon.engine.handover import backlog
from scenario_addon.engine.host import AS_DELIVERED, Detail, Host
from scenario_addon.engine.pictures.png import mark_of
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import FAST, Answer, QuickClock, Shell
from tests.limits import shorten
from tests.service import Service


@pytest.fixture
def blender(tmp_path: Path) -> FakeBlender:
    return FakeBlender(tmp_path)


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], blender: FakeBlender) -> Shell:
    """A shell around a Blender."""
    host: Host = blender  # the protocol is kept
    return Shell(service, tmp_path, capsys, host=host)


def pictures(shell: Shell, count: int) -> list[Path]:
    return [shell.picture(f"{number}.png", colour=f"#{number * 20:02x}5a28") for number in range(count)]


# -- previews


def test_a_preview_is_beside_each_mesh_in_the_output_and_in_the_report(shell: Shell) -> None:
    answer, report = shell.report(shell.picture(), "--preview")
    assert answer.code == 0, answer.err
    glb, preview = shell.out / "photo.glb", shell.out / "photo-preview.png"
    assert answer.out == f"{glb}\t{preview}\n"
    [item] = report["items"]
    assert (item["glb"], item["blend"], item["preview"]) == (str(glb), None, str(preview))
    assert list(item)[6:9] == ["blend", "preview", "cost_cu"]
    assert mark_of(preview) == item["job_id"]


def test_with_a_blend_both_are_there(shell: Shell, blender: FakeBlender) -> None:
    answer = shell.generate(shell.picture(), "--blend", "--preview")
    names = ("photo.glb", "photo.blend", "photo-preview.png")
    assert answer.out == "\t".join(str(shell.out / name) for name in names) + "\n"
    assert len(blender.begun) == 1, "the mesh is read once"


def test_the_same_again_renders_nothing_and_pays_nothing(shell: Shell, blender: FakeBlender) -> None:
    answers = [shell.generate(shell.picture(), "--preview") for _ in range(2)]
    assert answers[0].out == answers[1].out
    assert (len(blender.begun), len(shell.service.charges)) == (1, 1)


@pytest.mark.parametrize("is_made_before", [True, False])
def test_a_picture_of_somebody_else_is_neither_overwritten_nor_taken_for_the_preview(
    shell: Shell, is_made_before: bool
) -> None:
    theirs = shell.out / "photo-preview.png"
    if is_made_before:
        shell.generate(shell.picture())
    theirs.parent.mkdir(exist_ok=True)
    theirs.write_bytes(shell.picture("theirs.png").read_bytes())
    before = theirs.read_bytes()
    for _ in range(2):
        answer = shell.generate(shell.picture(), "--preview")
        assert answer.out == f"{shell.out / 'photo.glb'}\t{shell.out / 'photo-preview-2.png'}\n", answer.err
    assert theirs.read_bytes() == before


def test_a_missing_preview_of_what_is_made_is_made_for_nothing(shell: Shell) -> None:
    for more in ((), ("--blend",), ("--blend", "--preview")):
        answer = shell.generate(shell.picture(), *more)
        assert answer.code == 0, answer.err
    assert shell.meshes == {"photo.glb", "photo.blend", "photo-preview.png"}
    assert len(shell.service.charges) == 1


def test_a_mesh_that_cannot_be_rendered_keeps_its_blend_and_that_is_said(shell: Shell, blender: FakeBlender) -> None:
    blender.renders_nothing = True
    answer, report = shell.report(shell.picture(), "--blend", "--preview")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.endswith("photo.png: photo.glb has no preview.\n")
    [item] = report["items"]
    assert (item["preview"], item["error"]) == (None, "photo.glb has no preview.")
    assert Path(item["blend"]).exists()
    blender.renders_nothing = False
    assert shell.generate(shell.picture(), "--blend", "--preview").code == 0
    assert shell.meshes == {"photo.glb", "photo.blend", "photo-preview.png"}


def test_batch_and_resume_make_previews_too(shell: Shell) -> None:
    shell.picture()
    manifest = shell.folder / "rows.csv"
    manifest.write_text("image\nphoto.png\n")
    answer = shell("batch", manifest, *FAST, "--output", shell.out, "--preview")
    assert answer.out == f"{shell.out / 'photo.glb'}\t{shell.out / 'photo-preview.png'}\n", answer.err
    other = shell.picture("other.png", colour="#204060")
    assert shell.generate(other, clock=QuickClock(interrupt_at_s=0.1)).code == 130
    answer = shell("resume", "--preview")
    assert answer.out == f"{shell.out / 'other.glb'}\t{shell.out / 'other-preview.png'}\n", answer.err


@pytest.mark.parametrize("option", ["--preview", "--blend"])
def test_without_blender_nothing_is_sent(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    bare = Shell(service, tmp_path, capsys)
    commands = [bare.generate(bare.picture(), option)]
    commands += [bare("resume", option)] if option == "--preview" else []
    for answer in commands:
        assert answer.code == 2
        assert answer.err.startswith(f"scenario: {option} needs Blender or the bpy module: ")
    assert service.requests == []


# -- less detail


def test_detail_is_that_of_the_blend_and_another_one_is_another_file(shell: Shell) -> None:
    def made(*more: str) -> tuple[str, str]:
        answer = shell.generate(shell.picture(), "--blend", *more)
        assert answer.code == 0, answer.err
        path = Path(answer.out.rstrip("\n").split("\t")[1])
        return path.name, path.read_text().partition("hunyuan-3d-v2-1")[2].strip()

    wishes = [(), ("--triangles", "5000"), ("--triangles", "5000", "--lods", "2"), ("--lods", "6"), ("--clean",)]
    found = [made(*wish) for wish in wishes]
    assert found == [
        ("photo.blend", ""),
        ("photo-2.blend", "5000 0"),
        ("photo-3.blend", "5000 2"),
        ("photo-4.blend", "0 6"),
        ("photo-5.blend", "0 0 cleaned"),
    ]
    assert [made(*wish) for wish in wishes] == found, "each is found again"
    (shell.out / "photo.blend").unlink()
    assert made("--lods", "1") == ("photo.blend", "0 1"), "a name that is free again"
    assert made() == ("photo-6.blend", "")
    assert len(shell.service.charges) == 1


def test_a_blend_of_somebody_else_is_not_taken_for_one_with_less_detail(shell: Shell) -> None:
    shell.generate(shell.picture(), "--blend")
    (shell.out / "photo-2.blend").write_text("a week's work")
    answer = shell.generate(shell.picture(), "--blend", "--triangles", "100")
    assert answer.out.endswith("photo-3.blend\n")
    assert (shell.out / "photo-2.blend").read_text() == "a week's work"


def test_a_copy_in_another_folder_has_its_own_detail(shell: Shell) -> None:
    shell.generate(shell.picture(), "--blend", "--triangles", "100")
    other = ("--output", shell.folder / "other")
    for more, name in ((("--lods", "1"), "photo.blend"), (("--triangles", "100"), "photo-2.blend")):
        for _ in range(2):
            answer = shell.generate(shell.picture(), "--blend", *more, *other)
            assert answer.out.endswith(f"{shell.folder / 'other' / name}\n"), answer


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--triangles", "100"), "--triangles is for the mesh in a .blend: add --blend or --blend-all FILE.blend."),
        (("--lods", "2", "--preview"), "--lods is for the mesh in a .blend: add --blend or --blend-all FILE.blend."),
        (("--clean",), "--clean is for the mesh in a .blend: add --blend or --blend-all FILE.blend."),
        (("--blend", "--triangles", "3"), "3 is not a number of triangles from 4 on"),
        (("--blend", "--triangles", "many"), "many is not a number of triangles from 4 on"),
        (("--blend", "--lods", "7"), "7 is not a number from 1 to 6"),
        (("--blend", "--lods", "0"), "0 is not a number from 1 to 6"),
    ],
)
def test_detail_that_makes_no_sense_is_refused_before_anything_is_sent(
    shell: Shell, options: tuple[str, ...], reason: str
) -> None:
    answer = shell.generate(shell.picture(), *options)
    assert (answer.code, shell.service.requests) == (2, [])
    assert reason in answer.err
    assert answer.err.count("\n") == 1


def test_a_kit_has_the_detail_that_is_wanted(shell: Shell, blender: FakeBlender) -> None:
    kit = ("--blend-all", shell.out / "kit.blend")
    assert shell.generate(shell.picture(), *kit, "--triangles", "500", "--lods", "3").code == 0
    assert shell.generate(shell.picture(), *kit).code == 0
    other = shell.picture("other.png", colour="#204060")
    assert shell.generate(other, clock=QuickClock(interrupt_at_s=0.1)).code == 130
    assert shell("resume", "--blend-all", shell.out / "other.blend", "--triangles", "50").code == 0
    assert blender.details == [Detail(500, 3), AS_DELIVERED, Detail(50)]


# -- while others are being made


def test_the_next_is_ordered_while_files_of_the_one_before_are_being_written(
    shell: Shell, blender: FakeBlender
) -> None:
    blender.writes_in_looks = 10**9
    ordered: list[int] = []

    class Watch(QuickClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            ordered.append(len(shell.submissions))
            if ordered[-1] == 3 and len(blender.begun) == 3:
                for writing in blender.begun:
                    writing.looks = 0

    answer = shell.generate(*pictures(shell, 3), "--blend", "--jobs", "1", clock=Watch())
    assert answer.code == 0, answer.err
    assert (len(answer.lines), len(blender.wrote), blender.writers) == (3, 3, 0)


def test_blender_gets_ready_while_a_mesh_is_being_made_and_only_then(shell: Shell, blender: FakeBlender) -> None:
    for _ in range(2):
        shell.generate(shell.picture(), "--preview")
        assert blender.expected == 1
    shell.generate(shell.picture("other.png", colour="#204060"))
    assert blender.expected == 1


def test_no_more_is_begun_than_can_be_written(
    shell: Shell, blender: FakeBlender, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = pictures(shell, 6)
    assert shell.generate(*given).code == 0
    shorten(monkeypatch, backlog, _MOST=2)
    blender.writes_in_looks = 3
    waiting: list[int] = []
    begin = blender.begin

    def counted(commission: object) -> object:
        writing = begin(commission)  # type: ignore[arg-type]
        waiting.append(sum(one.looks >= 0 for one in blender.begun))
        return writing

    monkeypatch.setattr(blender, "begin", counted)
    answer = shell.generate(*given, "--blend")
    assert (answer.code, len(answer.lines), len(waiting)) == (0, 6, 6), answer.err
    assert max(waiting) <= 3


def interrupted(shell: Shell, blender: FakeBlender, given: list[Path], *, times: int) -> Answer:
    """Press Ctrl-C so often once everything is at the .blend files."""
    pressed: list[float] = []

    class Pressed(QuickClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(blender.begun) == len(given) and len(pressed) < times:
                pressed.append(self.now_s)
                for writing in blender.begun if times == 1 else ():
                    writing.looks = 5
                raise KeyboardInterrupt

    return shell.generate(*given, "--blend", "--report", shell.folder / "report.json", clock=Pressed())


def test_ctrl_c_finishes_what_is_being_written_and_leaves_the_rest_to_the_same_command(
    shell: Shell, blender: FakeBlender
) -> None:
    blender.writes_in_looks, blender.places = 10**9, 2
    given = pictures(shell, 5)
    answer = interrupted(shell, blender, given, times=1)
    assert answer.code == 130, answer.err
    assert (len(blender.wrote), len(answer.lines), blender.writers) == (2, 2, 0)
    assert "Interrupted: run this again to go on with it." in answer.err
    items = json.loads((shell.folder / "report.json").read_text())["items"]
    assert [bool(item["blend"]) for item in items].count(True) == 2
    assert all(item["glb"] for item in items)
    charged = len(shell.service.charges)
    assert charged == 5
    blender.writes_in_looks = 0
    answer = shell.generate(*given, "--blend")
    assert (answer.code, len(answer.lines), len(shell.service.charges)) == (0, 5, charged)
    assert sorted(blender.wrote) == ["0", "1", "2", "3", "4"]


def test_the_second_ctrl_c_waits_for_nothing(shell: Shell, blender: FakeBlender) -> None:
    blender.writes_in_looks = 10**9
    given = pictures(shell, 2)
    answer = interrupted(shell, blender, given, times=2)
    assert (answer.code, answer.out, blender.wrote, blender.writers) == (130, "", [], 0)
    blender.writes_in_looks = 0
    answer = shell.generate(*given, "--blend")
    assert (answer.code, len(answer.lines), len(shell.service.charges)) == (0, 2, 2)


# -- reports


def test_a_table_of_an_older_version_is_gone_on_with(shell: Shell) -> None:
    report = shell.folder / "report.csv"
    given = pictures(shell, 2)
    assert shell.generate(*given, "--report", report).code == 0
    rows = list(csv.DictReader(report.read_text().splitlines()))
    older = [name for name in rows[0] if name != "preview"]
    with report.open("w", newline="") as file:
        writer = csv.DictWriter(file, older, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    answer = shell.generate(*reversed(given), "--again", "--report", report, clock=QuickClock(interrupt_at_s=0.1))
    assert answer.code == 130
    assert shell.generate(given[0], "--preview", "--report", report).code == 0
    now = list(csv.DictReader(report.read_text().splitlines()))
    assert all(row.keys() == rows[0].keys() and None not in row for row in now)
    assert now[0]["preview"].endswith("0-preview.png")
    merged = shell.folder / "merged.csv"
    assert shell("report", "--merge", report, "--output", merged).code == 0
    assert "0-preview.png" in merged.read_text()
