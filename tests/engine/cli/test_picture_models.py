# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures out of the command line: drawn from words, changed, enlarged; by the same way as meshes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Shell
from tests.engine.picture_jobs import RESTYLE, UPSCALE, WORDS
from tests.service import Service


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def test_words_become_a_picture_with_its_price_told_before(shell: Shell) -> None:
    command = ("generate", "--prompt", "an owl", "--model", WORDS, "--output", shell.out)
    assert shell(*command, "--dry-run").lines == ["an owl\t5 CU", "total\t5 CU"]
    answer = shell(*command)
    assert (answer.code, answer.paths) == (0, [shell.out / "model.png"]), answer.err
    (charge,) = shell.service.charges
    assert (charge.model_id, charge.cost_cu) == (WORDS, 5)
    assert (shell.out / "model.png").read_bytes() == shell.service.result_bytes(charge.job_id, "picture-1")
    again = shell(*command)
    assert (again.code, again.paths, len(shell.service.charges)) == (0, answer.paths, 1)


def test_a_picture_is_enlarged_beside_itself_and_never_overwritten(shell: Shell) -> None:
    chair = shell.picture("chair.png")
    before, command = chair.read_bytes(), ("generate", chair, "--model", UPSCALE, "--output", shell.folder)
    for _ in range(2):
        answer = shell(*command)
        assert (answer.code, answer.paths) == (0, [shell.folder / "chair-clear-upscaler.png"]), answer.err
    assert size_of(answer.paths[0]) == (320, 272)
    assert (chair.read_bytes(), len(shell.service.charges)) == (before, 1)
    elsewhere = shell(*command[:-1], shell.out)
    assert (elsewhere.code, elsewhere.paths) == (0, [shell.out / "chair.png"])
    assert len(shell.service.charges) == 1


def test_what_is_made_is_the_picture_of_the_next_command(shell: Shell) -> None:
    drawn = shell("generate", "--prompt", "an owl", "--model", WORDS, "--output", shell.folder / "a").paths[0]
    large = shell("generate", drawn, "--model", UPSCALE, "--output", shell.folder / "b").paths[0]
    assert size_of(large) == (1024, 1024)
    mesh = shell.generate(large)
    assert (mesh.code, mesh.paths) == (0, [shell.out / "model.glb"]), mesh.err


def test_several_pictures_of_one_job_stand_on_its_line(shell: Shell) -> None:
    command = ("generate", "--prompt", "an owl", "--model", WORDS, "--set", "numOutputs=4", "--output")
    answer = shell(*command, shell.out)
    names = ["model.png", "model-2.png", "model-3.png", "model-4.png"]
    assert answer.lines == ["\t".join(str(shell.out / name) for name in names)]
    other = shell(*command, shell.folder / "other")
    assert [Path(text).name for text in other.lines[0].split("\t")] == names
    assert {path.name for path in (shell.folder / "other").iterdir()} == set(names)
    (job,) = json.loads(shell("jobs", "--json").out)
    assert job["more"] == [str(shell.out / name) for name in names[1:]]
    assert len(shell.service.charges) == 1


def test_a_mesh_and_a_picture_of_one_picture_in_one_command(shell: Shell) -> None:
    answer = shell(
        "generate", shell.picture("chair.png"), "--model", "model_tripo-v3-1-image-to-3d", "--model", RESTYLE,
        "--output", shell.out,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert shell.meshes == {"chair-tripo-v3-1-image-to-3d.glb", "chair-picture-restyler.png"}
    assert shell.uploads == 1


def test_seeds_make_a_picture_several_times(shell: Shell) -> None:
    answer = shell(
        "generate", "--prompt", "an owl", "--model", WORDS, "--seeds", "3", "--set", "seed=7", "--output", shell.out
    )
    assert shell.meshes == {f"model-seed{seed}.png" for seed in (7, 8, 9)}
    assert len({path.read_bytes() for path in answer.paths}) == 3


def test_a_manifest_may_name_models_of_both_kinds(shell: Shell) -> None:
    shell.picture("chair.png")
    manifest = shell.folder / "rows.csv"
    manifest.write_text(f"image,model,name,prompt\nchair.png,{UPSCALE},large,\n,{WORDS},owl,an owl\n")
    report = shell.folder / "report.json"
    answer = shell("batch", manifest, "--output", shell.out, "--report", report)
    assert answer.code == 0, answer.err
    assert shell.meshes == {"large.png", "owl.png"}
    rows = json.loads(report.read_text(encoding="utf-8"))["items"]
    assert [(Path(row["glb"]).name, row["cost_cu"], row["error"]) for row in rows] == [
        ("large.png", 3, None),
        ("owl.png", 5, None),
    ]


@pytest.mark.parametrize(
    "option",
    [
        ("--blend",),
        ("--preview",),
        ("--blend-all", "all.blend"),
        ("--library", "lib"),
        ("--sheet", "sheet.png"),
        ("--blend", "--triangles", "500"),
    ],
)
def test_what_only_meshes_have_is_refused_before_anything_is_sent(
    service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: tuple[str, ...]
) -> None:
    shell = Shell(service, tmp_path, capsys, host=FakeBlender(tmp_path))
    given = [str(tmp_path / word) if "." in word or word == "lib" else word for word in option]
    answer = shell("generate", "--prompt", "an owl", "--model", WORDS, *given, "--output", shell.out)
    assert answer.code == 2
    assert f"{option[0]} is for meshes, and Sketch from Words gives a picture: leave it out." in answer.err
    assert shell.submissions == []


def test_a_mesh_is_nothing_that_a_picture_model_takes(shell: Shell) -> None:
    mesh = shell.generate(shell.picture("chair.png")).paths[0]
    answer = shell("generate", "--mesh", mesh, "--model", UPSCALE, "--output", shell.out)
    assert (answer.code, len(shell.service.charges)) == (2, 1)
    assert "Clear Upscaler takes no mesh" in answer.err


def test_a_picture_is_nothing_that_a_mesh_model_changes(shell: Shell) -> None:
    assert shell("generate", "--prompt", "an owl", "--model", WORDS, "--output", shell.out).code == 0
    answer = shell("generate", "--mesh", shell.jobs[0].id, "--model", "model_meshy-remesh", "--output", shell.out)
    assert (answer.code, len(shell.service.charges)) == (2, 1)
    assert "brought a picture, not a mesh" in answer.err


def test_a_limit_holds_for_pictures_too(shell: Shell) -> None:
    answer = shell("generate", "--prompt", "an owl", "--model", WORDS, "--max-cost", "4", "--output", shell.out)
    assert (answer.code, shell.submissions) == (4, [])


def test_what_was_interrupted_is_fetched_by_resume(shell: Shell) -> None:
    stopped = shell("generate", "--prompt", "an owl", "--model", WORDS, "--output", shell.out, "--timeout", "0.001")
    assert stopped.code == 1
    answer = shell("resume")
    assert (answer.code, answer.paths, len(shell.service.charges)) == (0, [shell.out / "model.png"], 1), answer.err


def test_picture_models_are_listed_when_asked_for_and_say_what_they_take(shell: Shell) -> None:
    lines = {line.split()[0]: line for line in shell("models", "--pictures").lines if line.startswith("model_")}
    assert {WORDS, UPSCALE, RESTYLE} <= set(lines)
    assert "words" in lines[WORDS]
    assert "pictures" in lines[UPSCALE]
    assert "model_pixal3d" not in lines
    listed = json.loads(shell("models", "--pictures", "--json").out)
    assert {model["gives"] for model in listed} == {"picture"}
    assert {model["gives"] for model in json.loads(shell("models", "--json").out)} == {"mesh"}
    assert "Gives a picture." in shell("models", UPSCALE).out


def test_without_the_service_no_picture_model_is_made_up(shell: Shell) -> None:
    answer = shell("models", "--pictures", "--json", environment=shell.without("SCENARIO_SDK_API_KEY"))
    assert (answer.code, json.loads(answer.out)) == (0, [])
