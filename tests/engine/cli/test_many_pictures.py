# SPDX-License-Identifier: GPL-3.0-or-later
"""``generate`` with folders, patterns and several models: a mesh of each picture by each model, where it belongs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.engine.cli.shell import FAST, Shell
from tests.engine.orders import FAST_MODEL

pytestmark = pytest.mark.slow

OTHER_MODEL: Final = "model_meshy-img23d"
QUICK: Final = ("--model", FAST_MODEL, "--model", OTHER_MODEL)


def files(shell: Shell) -> set[str]:
    """The meshes by their paths in the output folder."""
    return {path.relative_to(shell.out).as_posix() for path in shell.out.rglob("*") if path.is_file()}


def test_a_folder_becomes_meshes_in_the_same_folders_below_the_output(shell: Shell) -> None:
    for number, name in enumerate(("r/a.png", "r/kitchen/a.png", "r/kitchen/pan.png")):
        shell.picture(name, colour=f"#be5a2{number}")
    (shell.folder / "r/Thumbs.db").write_bytes(b"no picture")

    answer, report = shell.report(shell.folder / "r")

    assert answer.code == 0, answer.err
    assert files(shell) == {"a.glb", "kitchen/a.glb", "kitchen/pan.glb"}
    names = [Path(item["image"]).relative_to(shell.folder).as_posix() for item in report["items"]]
    assert names == ["r/a.png", "r/kitchen/a.png", "r/kitchen/pan.png"]
    assert "1 file is hidden or no picture that can be sent, and left out: Thumbs.db." in answer.err
    assert len(shell.service.charges) == 3


def test_a_second_run_over_a_folder_makes_only_what_is_missing(shell: Shell) -> None:
    shell.picture("r/deep/a.png")
    assert shell.generate(shell.folder / "r").code == 0
    shell.picture("r/deep/b.png", colour="#2858be")
    assert shell.generate(shell.folder / "r").code == 0
    assert files(shell) == {"deep/a.glb", "deep/b.glb"}
    assert len(shell.service.charges) == 2


def test_what_a_run_leaves_in_the_folder_is_not_made_the_next_time(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.picture("a.png")
    shell.picture("meshes/preview.png", colour="#2858be")
    monkeypatch.chdir(shell.folder)
    answer = shell("generate", ".", *FAST, "--output", "meshes", "--dry-run")
    assert [line.split("\t")[0] for line in answer.lines] == ["a.png", "total"]


def test_a_pattern_that_the_shell_left_alone_is_matched(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("r/view2.png", "r/view10.png", "r/deep/view1.png", "r/.view3.png", "r/notes.txt"):
        shell.picture(name) if name.endswith("png") else (shell.folder / name).write_text("no picture")
    monkeypatch.chdir(shell.folder)
    answer = shell("generate", "r/*", "r/**/view1.*", *FAST, "--dry-run")
    assert answer.code == 0, answer.err
    named = [line.split("\t")[0] for line in answer.lines]
    assert named == ["r/deep/view1.png", "r/view2.png", "r/view10.png", "r/deep/view1.png", "total"]


def test_pictures_of_one_stem_are_counted_in_each_folder(shell: Shell) -> None:
    names = ("r/a.png", "r/a.webp", "r/deep/a.png", "s/a.png")
    for number, name in enumerate(names):
        shell.picture(name, colour=f"#be5a2{number}")
    answer, report = shell.report(shell.folder / "r", shell.folder / "s")
    assert answer.code == 0, answer.err
    made = [Path(item["glb"]).relative_to(shell.out).as_posix() for item in report["items"]]
    assert made == ["a.glb", "a-2.glb", "deep/a.glb", "a-3.glb"]


def test_a_damaged_picture_in_a_folder_is_told_before_anything_is_sent(shell: Shell) -> None:
    whole = shell.picture("r/a.png")
    (shell.folder / "r/cut.png").write_bytes(whole.read_bytes()[:-20])
    answer = shell.generate(shell.folder / "r")
    assert answer.code == 2
    assert "cut.png is cut short or damaged" in answer.err
    assert (shell.uploads, shell.service.charges) == (0, [])


def test_a_picture_whose_name_is_no_unicode_is_named(shell: Shell) -> None:
    data = shell.picture("r/a.png").read_bytes()
    (shell.folder / "r" / "caf\udce9.png").write_bytes(data)
    answer = shell.generate(shell.folder / "r")
    assert answer.code == 2
    assert r"caf\udce9.png' is not a name in UTF-8: rename the file" in answer.err
    assert shell.uploads == 0


def test_several_models_make_a_mesh_of_each_picture_which_is_sent_once(shell: Shell) -> None:
    pictures = [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]
    report_path = shell.folder / "report.json"

    answer = shell("generate", *pictures, *QUICK, "--output", shell.out, "--report", report_path)

    assert answer.code == 0, answer.err
    names = {f"{stem}-{model.removeprefix('model_')}.glb" for stem in "ab" for model in (FAST_MODEL, OTHER_MODEL)}
    assert files(shell) == names
    items = json.loads(report_path.read_text(encoding="utf-8"))["items"]
    asked = [(Path(item["image"]).name, item["model"]) for item in items]
    assert asked == [(name, model) for name in ("a.png", "b.png") for model in (FAST_MODEL, OTHER_MODEL)]
    assert len(shell.service.charges) == 4
    assert shell.uploads == 2


def test_a_picture_is_sent_once_however_many_want_it_at_the_same_moment(shell: Shell) -> None:
    picture = shell.picture()
    seeds = [shell.picture(f"same{number}.png") for number in range(6)]
    models = [text for model in (FAST_MODEL, OTHER_MODEL, "model_pixal3d") for text in ("--model", model)]
    answer = shell("generate", picture, *seeds, *models, "--jobs", "8", "--output", shell.out)
    assert answer.code == 0, answer.err
    assert shell.uploads == 1


def test_one_model_alone_is_not_in_the_name(shell: Shell) -> None:
    answer = shell("generate", shell.picture(), "--model", OTHER_MODEL, "--output", shell.out)
    assert answer.code == 0, answer.err
    assert files(shell) == {"photo.glb"}


def test_several_models_may_make_one_mesh_each_of_views_or_words(shell: Shell) -> None:
    models = ("--model", "model_rodin-hyper3d", "--model", "model_meshy-7-txt23d")
    answer = shell("generate", "--prompt", "a chair", *models, "--dry-run")
    assert answer.code == 0, answer.err
    assert [line.split("\t")[0] for line in answer.lines] == ["a chair", "a chair", "total"]
