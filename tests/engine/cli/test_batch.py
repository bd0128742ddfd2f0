# SPDX-License-Identifier: GPL-3.0-or-later
"""``batch``: from the rows of a manifest to meshes, all of them checked before the first is paid for."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.manifests.manifest import EXAMPLES
from tests.engine.cli.shell import FAST, Answer, QuickClock, Shell
from tests.engine.orders import FAST_MODEL

CHEAP: Final = {"model": FAST_MODEL, "paint": False, "targetFaceNum": 100}
COLOURS: Final = ("#be5a28", "#2858be", "#28be58", "#be28b4", "#b4be28")


def manifest(shell: Shell, *rows: Mapping[str, Any], name: str = "rows.json") -> Path:
    path = shell.folder / name
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def table(shell: Shell, text: str, name: str = "rows.csv") -> Path:
    path = shell.folder / name
    path.write_bytes(text.encode())
    return path


def run(shell: Shell, path: Path, *more: str | Path, **others: Any) -> tuple[Answer, list[dict[str, Any]]]:
    """A batch into ``out`` with a report, whose items are given too."""
    report = shell.folder / "report.json"
    answer = shell("batch", path, *FAST, "--output", shell.out, "--report", report, *more, **others)
    items = json.loads(report.read_text(encoding="utf-8"))["items"] if report.exists() else []
    return answer, items


def pictures(shell: Shell, count: int = 3) -> list[Path]:
    return [shell.picture(f"in/{number}.png", colour=COLOURS[number]) for number in range(count)]


def sent(shell: Shell) -> int:
    """How much went to the service but questions."""
    return sum(request.method != "GET" for request in shell.service.requests)


def test_each_row_becomes_a_mesh_in_the_order_of_the_rows(shell: Shell) -> None:
    pictures(shell)
    text = "image;name;seed\r\nin/2.png;;\r\nin/0.png;chair;5\r\nin/1.png;;\r\n"
    answer, items = run(shell, table(shell, text))
    assert answer.code == 0, answer.err
    assert shell.meshes == {"2.glb", "chair.glb", "1.glb"}
    assert [Path(item["image"]).name for item in items] == ["2.png", "0.png", "1.png"]
    assert [Path(item["glb"]).name for item in items] == ["2.glb", "chair.glb", "1.glb"]
    assert sorted(request.json().get("seed", 0) for request in shell.submissions) == [0, 0, 5]
    assert len(shell.service.charges) == 3


def test_rows_may_be_of_different_models_and_kinds(shell: Shell) -> None:
    pictures(shell)
    rows = [
        {"image": "in/0.png", **CHEAP},
        {
            "front": "in/0.png",
            "back": "in/1.png",
            "model": "model_hunyuan-3d-pro-3-1-multiview",
            "faceCount": 40000,
            "generateType": "Geometry",
        },
        {"prompt": "a chair", "model": "model_meshy-7-txt23d", "name": "words"},
    ]
    answer = shell("batch", manifest(shell, *rows), "--output", shell.out)
    assert answer.code == 0, answer.err
    assert shell.meshes == {"0.glb", "0-2.glb", "words.glb"}
    assert shell.uploads == 2


@pytest.mark.parametrize("kind", EXAMPLES)
def test_an_example_can_be_run_as_it_is(shell: Shell, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("chair", "renders/lamp", "shoe", "shoe-left", "shoe-back"):
        shell.picture(f"{name}.png")
    example = shell("batch", "--example", kind)
    assert (example.code, example.err, example.out) == (0, "", EXAMPLES[kind])
    path = table(shell, example.out, f"rows.{kind}")
    monkeypatch.chdir(shell.folder.parent)
    answer = shell("batch", path, "--dry-run")
    assert answer.code == 0, answer.err
    assert len(answer.lines) == 5


def test_an_example_needs_neither_a_key_nor_a_state_folder(shell: Shell) -> None:
    assert shell("batch", "--example", "csv", environment={}).code == 0
    assert not shell.state.exists()


@pytest.mark.parametrize("order", ["rows.csv {0}", "{0} rows.csv"])
def test_the_manifest_may_stand_before_and_after_the_options(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    pictures(shell, 1)
    table(shell, "image\nin/0.png\n")
    monkeypatch.chdir(shell.folder)
    answer = shell("batch", *shlex.split(order.format("--dry-run --jobs 2")))
    assert answer.code == 0, answer.err


# -- bad rows


BAD: Final = "image,steps,colour\nin/0.png,20,\nnone.png,20,\nin/1.png,many,\nin/2.png,20,red\n"


@pytest.mark.parametrize("options", ["", "--dry-run", "--shard 1/4", "--again"])
def test_every_bad_row_is_named_and_nothing_is_sent(shell: Shell, options: str) -> None:
    pictures(shell)
    path = table(shell, BAD)
    answer, items = run(shell, path, *shlex.split(options))
    assert answer.code == 2
    assert answer.out == ""
    first, second, third, last = answer.err.splitlines()
    assert first == f"{path}:3: {shell.folder / 'none.png'} does not exist: check the path."
    assert second == f'{path}:4: steps: takes a number, not "many".'
    assert third.startswith(f"{path}:5: colour is neither a column of a manifest nor a parameter of ")
    assert last == (
        f"scenario: 3 of 4 rows of {path} are bad, so nothing was sent: mend them, or add --skip-bad to go on without "
        "them."
    )
    assert (sent(shell), items, shell.jobs) == (0, [], [])
    assert not shell.out.exists()


def test_what_is_wrong_is_told_before_missing_credentials(shell: Shell) -> None:
    pictures(shell)
    environment = shell.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    answer, _ = run(shell, table(shell, BAD), environment=environment)
    assert answer.code == 2
    assert answer.err.count("rows.csv:") == 3
    answer, _ = run(shell, table(shell, "image\nin/0.png\n"), environment=environment)
    assert answer.code == 3


def test_bad_rows_can_be_left_out_and_are_in_the_report_in_their_places(shell: Shell) -> None:
    pictures(shell)
    path = table(shell, BAD)
    answer, items = run(shell, path, "--skip-bad")
    assert answer.code == 1
    assert shell.meshes == {"0.glb"}
    assert answer.lines == [str(shell.out / "0.glb")]
    assert f"3 of 4 rows of {path} are bad and left out." in answer.err
    assert answer.err.count(f"{path}:4: ") == 1
    assert [item["state"] for item in items] == ["ready", "failed", "failed", "failed"]
    assert [Path(item["image"]).name for item in items] == ["0.png", "none.png", "1.png", "2.png"]
    assert items[2]["error"] == f'{path}:4: steps: takes a number, not "many".'
    assert {item["model"] for item in items} == {FAST_MODEL}
    assert (items[1]["cost_cu"], items[1]["glb"], items[1]["remote_id"]) == (None, None, None)
    assert len(shell.service.charges) == 1
    assert len(shell.jobs) == 1  # what was never a job is no job of the ledger


def test_a_batch_of_bad_rows_alone_makes_nothing(shell: Shell) -> None:
    answer, items = run(shell, table(shell, "image\nnone.png\n"), "--skip-bad")
    assert (answer.code, len(items), shell.service.charges) == (1, 1, [])
    assert "1 of 1 rows of" in answer.err


def test_mended_rows_are_made_by_the_same_command_and_the_others_are_left_alone(shell: Shell) -> None:
    pictures(shell)
    assert run(shell, table(shell, BAD), "--skip-bad")[0].code == 1
    answer, _ = run(shell, table(shell, "image,steps\nin/0.png,20\nin/1.png,20\nin/2.png,20\n"))
    assert answer.code == 0, answer.err
    assert shell.meshes == {"0.glb", "1.glb", "2.glb"}
    assert len(shell.service.charges) == 3


def test_prices_are_of_what_can_be_made(shell: Shell) -> None:
    pictures(shell)
    path = table(shell, BAD)
    answer = shell("batch", path, *FAST, "--dry-run", "--skip-bad", "--output", shell.out)
    assert answer.code == 1
    assert [line.split("\t")[0] for line in answer.lines] == [str(shell.folder / "in/0.png"), "total"]
    assert shell("batch", path, *FAST, "--dry-run", "--skip-bad", "--max-cost", "0.1").code == 4


def test_of_very_many_bad_rows_the_first_hundred_are_named(shell: Shell) -> None:
    path = table(shell, "image\n" + "none.png\n" * 1500)
    answer, _ = run(shell, path)
    assert answer.code == 2
    assert answer.err.count(": check the path.\n") == 100
    assert f"{path}: ... and 1,400 more.\n" in answer.err
    assert "1,500 of 1,500 rows of" in answer.err


@dataclass
class Meanwhile(QuickClock):
    """Something happens when it is first waited for the service: the check is over, the first item is under way."""

    happens: Callable[[], object] | None = None

    def sleep(self, seconds: float) -> None:
        if self.happens is not None:
            self.happens()
            self.happens = None
        super().sleep(seconds)


def test_a_picture_that_changes_after_the_check_fails_alone(shell: Shell) -> None:
    first, second, _ = pictures(shell)
    path = table(shell, "image\nin/0.png\nin/1.png\n")
    clock = Meanwhile(happens=lambda: second.write_bytes(first.read_bytes()))
    answer, items = run(shell, path, "--jobs", "1", clock=clock)
    assert answer.code == 1
    assert [item["state"] for item in items] == ["ready", "failed"]
    assert "1.png has changed since it was chosen" in items[1]["error"]
    assert len(shell.service.charges) == 1


def test_how_far_a_long_check_is_is_said_now_and_then(shell: Shell) -> None:
    class Slow(QuickClock):
        def monotonic(self) -> float:
            self.now_s += 1.5
            return self.now_s

    pictures(shell, 1)
    path = table(shell, "image\n" + "in/0.png\n" * 20)
    answer = shell("batch", path, "--dry-run", clock=Slow())
    assert answer.err == f"{path}: 7 rows are checked.\n{path}: 14 rows are checked.\n"


def test_a_manifest_that_changes_meanwhile_is_made_as_it_was(shell: Shell) -> None:
    pictures(shell)
    path = table(shell, "image\nin/0.png\nin/1.png\n")
    clock = Meanwhile(happens=lambda: path.write_text(""))
    answer, _ = run(shell, path, "--jobs", "1", clock=clock)
    assert answer.code == 0, answer.err
    assert (path.read_text(), shell.meshes) == ("", {"0.glb", "1.glb"})


# -- what is wrong with the command or the file

WRONG: Final = {
    "no manifest": ("", "give a manifest; `batch --example csv` prints one"),
    "an unknown example": ("--example xml", "xml is no kind of manifest: use csv, json, jsonl"),
    "a manifest that is not there": ("none.csv", "none.csv does not exist"),
    "a folder": ("in.csv", "in.csv is a folder"),
    "a picture": ("in/0.png", "in/0.png is no manifest"),
    "two manifests": ("rows.csv rows.csv", "rows.csv cannot be used here"),
    "no rows": ("empty.csv", "empty.csv holds no rows"),
    "no list": ("object.json", "object.json is no list"),
    "another encoding": ("latin.csv", "latin.csv is not in UTF-8 (line 2)"),
    "columns twice": ("twice.csv", "twice.csv:1: the column image is there twice"),
    "an unknown model": ("rows.csv --model model_x", "1 of 1 rows of rows.csv is bad"),
    "no shard": ("rows.csv --shard 1", "1 is not a shard: write it as K/N, with K from 1 to N"),
    "shard nought": ("rows.csv --shard 0/3", "0/3 is not a shard"),
    "a shard beyond the last": ("rows.csv --shard 4/3", "4/3 is not a shard"),
    "a negative shard": ("rows.csv --shard=-1/3", "-1/3 is not a shard"),
    "a shard of none": ("rows.csv --shard 1/0", "1/0 is not a shard"),
    "a shard in words": ("rows.csv --shard one/three", "one/three is not a shard"),
    "a shard in other digits": ("rows.csv --shard \u0661/\u0663", "is not a shard"),
    "half a shard": ("rows.csv --shard 1.5/3", "1.5/3 is not a shard"),
    "a model twice": ("rows.csv --model model_pixal3d --model model_pixal3d", "each model can be given once"),
    "again and resume": ("rows.csv --again --resume", "give one of them"),
    "blend without Blender": ("rows.csv --blend", "--blend needs Blender"),
    "no output": ("rows.csv --output rows.csv", "rows.csv cannot be written"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_command_or_file_is_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    options, sentence = WRONG[case]
    pictures(shell, 1)
    monkeypatch.chdir(shell.folder)
    for name, text in (
        ("rows.csv", "image\nin/0.png\n"),
        ("empty.csv", "image\n"),
        ("object.json", "{}"),
        ("twice.csv", "image,image\nin/0.png,\n"),
    ):
        table(shell, text, name)
    Path("latin.csv").write_bytes("image\nstühle.png\n".encode("latin-1"))
    Path("in.csv").mkdir()
    answer = shell("batch", *shlex.split(options))
    assert answer.code == 2
    assert sentence in answer.err
    assert answer.err.splitlines()[-1].startswith("scenario: ")
    assert answer.err.endswith(".\n")
    assert (answer.out, sent(shell)) == ("", 0)


# -- parts


def parts(shell: Shell, path: Path, count: int) -> list[Sequence[Mapping[str, Any]]]:
    found: list[Sequence[Mapping[str, Any]]] = []
    for number in range(1, count + 1):
        answer, items = run(shell, path, "--shard", f"{number}/{count}")
        assert answer.code == 0, answer.err
        found.append(items)
    return found


def test_the_parts_make_all_of_it_and_each_row_once(shell: Shell) -> None:
    pictures(shell, 5)
    path = table(shell, "image\n" + "".join(f"in/{number}.png\n" for number in range(5)))
    found = parts(shell, path, 3)
    assert [[Path(item["image"]).stem for item in items] for items in found] == [["0", "3"], ["1", "4"], ["2"]]
    assert shell.meshes == {f"{number}.glb" for number in range(5)}
    assert len(shell.service.charges) == 5


def test_a_part_without_a_row_is_done_at_once(shell: Shell) -> None:
    pictures(shell, 1)
    answer, items = run(shell, table(shell, "image\nin/0.png\n"), "--shard", "7/9")
    assert (answer.code, items, sent(shell)) == (0, [], 0)


def test_names_are_the_same_however_it_is_divided(shell: Shell) -> None:
    for number in range(4):
        shell.picture(f"{number}/chair.png", colour=COLOURS[number])
    path = table(shell, "image\n" + "".join(f"{number}/chair.png\n" for number in range(4)))
    second, first = (run(shell, path, "--shard", f"{number}/2")[1] for number in (2, 1))
    assert [Path(item["glb"]).name for item in first] == ["chair.glb", "chair-3.glb"]
    assert [Path(item["glb"]).name for item in second] == ["chair-2.glb", "chair-4.glb"]


def test_a_bad_row_of_another_part_is_told_by_each_and_left_to_it(shell: Shell) -> None:
    pictures(shell)
    path = table(shell, "image\nin/0.png\nnone.png\nin/1.png\n")
    assert run(shell, path, "--shard", "1/2")[0].code == 2
    first, items = run(shell, path, "--shard", "1/2", "--skip-bad")
    assert (first.code, len(items)) == (0, 2)
    second, items = run(shell, path, "--shard", "2/2", "--skip-bad")
    assert (second.code, [item["state"] for item in items]) == (1, ["failed"])


def test_pictures_of_the_command_line_can_be_divided_too(shell: Shell) -> None:
    pictures(shell)
    answer = shell("generate", shell.folder / "in", *FAST, "--dry-run", "--shard", "2/2")
    assert [line.split("\t")[0] for line in answer.lines] == [str(shell.folder / "in/1.png"), "total"]
