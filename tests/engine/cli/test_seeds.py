# SPDX-License-Identifier: GPL-3.0-or-later
"""``--seeds N``: the same several times with other seeds, which are the same seeds whenever the command is the same."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.host import Host
from scenario_addon.engine.ledger.job import State
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import FAST, RUNNING_S, QuickClock, Shell
from tests.engine.orders import FAST_MODEL

pytestmark = pytest.mark.slow

SEEDLESS: Final = "model_yvo3d-image-to-3d"
PRICE_CU: Final = Decimal("4.1")
"""Of the fast settings."""


@pytest.fixture
def in_blender(shell: Shell, blender: FakeBlender) -> Shell:
    """The shell, in a Blender."""
    host: Host = blender  # the protocol is kept
    shell.host = host
    return shell


def seeds(shell: Shell) -> list[int]:
    """The seeds that were ordered, as the service got them."""
    return sorted(json.loads(request.body)["seed"] for request in shell.submissions)


def manifest(shell: Shell, *rows: dict[str, Any]) -> Path:
    path = shell.folder / "rows.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    return path


def test_they_are_counted_up_from_the_one_that_is_given(shell: Shell) -> None:
    answer = shell.generate(shell.picture(), "--set", "seed=7", "--seeds", "3")
    assert answer.code == 0, answer.err
    assert shell.meshes == {f"photo-seed{seed}.glb" for seed in (7, 8, 9)}
    assert seeds(shell) == [7, 8, 9]
    assert shell.uploads == 1
    for job in shell.jobs:
        assert job.order.name == f"photo-seed{job.order.values['seed']}"


def test_where_none_is_given_the_same_command_is_the_same_order_and_more_of_it_makes_what_is_missing(
    shell: Shell,
) -> None:
    picture = shell.picture()
    assert shell.generate(picture, "--seeds", "2").code == 0
    first = seeds(shell)
    assert first[1] == first[0] + 1
    assert shell.meshes == {f"photo-seed{seed}.glb" for seed in first}
    for count, charges in (("2", 2), ("1", 2), ("3", 3)):
        answer = shell.generate(picture, "--seeds", count)
        assert (answer.code, len(answer.paths)) == (0, int(count)), answer.err
        assert len(shell.service.charges) == charges
    assert seeds(shell) == [*first, first[1] + 1]


def test_another_picture_or_another_setting_has_other_seeds(shell: Shell) -> None:
    pictures = [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]
    assert shell.generate(*pictures, "--seeds", "1").code == 0
    assert shell.generate(pictures[0], "--seeds", "1", "--set", "steps=20").code == 0
    assert len(set(seeds(shell))) == 3


def test_the_limit_of_the_model_is_kept_and_the_first_comes_after_its_last(shell: Shell) -> None:
    last = 2**31 - 1
    answer = shell.generate(shell.picture(), "--set", f"seed={last}", "--seeds", "2")
    assert answer.code == 0, answer.err
    assert seeds(shell) == [0, last]


def test_several_models_make_so_many_each(shell: Shell) -> None:
    models = ("--model", FAST_MODEL, "--model", "model_pixal3d")
    command = ("generate", shell.picture(), *models, "--set", "seed=7", "--seeds", "2", "--output", shell.out)
    answer = shell(*command, "--report", shell.folder / "report.json")
    assert answer.code == 0, answer.err
    names = [f"photo-{model}-seed{seed}.glb" for model in ("hunyuan-3d-v2-1", "pixal3d") for seed in (7, 8)]
    items = json.loads((shell.folder / "report.json").read_text(encoding="utf-8"))["items"]
    assert [Path(item["glb"]).name for item in items] == names
    assert shell.meshes == set(names)
    assert len(shell.service.charges) == 4


@pytest.mark.parametrize("count", ["1", "2"])
def test_a_model_without_a_seed_is_told_before_anything_is_sent(shell: Shell, count: str) -> None:
    models = ("--model", FAST_MODEL, "--model", SEEDLESS)
    answer = shell("generate", shell.picture(), *models, "--seeds", count, "--output", shell.out)
    assert answer.code == 2
    assert "YVO3D Image to 3D has no seed: change another of its parameters, or choose another model.\n" in answer.err
    assert (shell.uploads, shell.service.charges) == (0, [])


def test_that_is_also_known_without_a_key(shell: Shell) -> None:
    environment = shell.without("SCENARIO_SDK_API_KEY")
    command = ("generate", shell.picture(), "--model", SEEDLESS, "--seeds", "2")
    answer = shell(*command, environment=environment)
    assert (answer.code, "has no seed" in answer.err) == (2, True), answer.err


@pytest.mark.parametrize("count", ["0", "-1", "65", "many", "2.0", "", "²"])
def test_a_number_that_is_none_is_refused(shell: Shell, count: str) -> None:
    answer = shell.generate(shell.picture(), f"--seeds={count}")
    assert answer.code == 2
    assert f"{count} is not a number from 1 to 64" in answer.err
    assert shell.service.requests == []


@pytest.mark.parametrize(
    ("seed", "said"), [("-1", "seed: -1 is out of range"), ("2.5", "seed: takes a whole number"), ("x", "a number")]
)
def test_a_seed_that_is_none_is_refused(shell: Shell, seed: str, said: str) -> None:
    answer = shell.generate(shell.picture(), "--set", f"seed={seed}", "--seeds", "2")
    assert (answer.code, said in answer.err) == (2, True), answer.err
    assert shell.service.charges == []


# -- money


def test_all_of_them_are_priced_with_one_question_and_a_dry_run_orders_nothing(shell: Shell) -> None:
    pictures = [shell.picture("a.png"), shell.picture("b.png", colour="#2858be")]
    answer = shell.generate(*pictures, "--seeds", "3", "--dry-run")
    assert answer.code == 0, answer.err
    *items, total = answer.lines
    assert items == [f"{path}\t{PRICE_CU} CU" for path in pictures for _ in range(3)]
    assert total == f"total\t{PRICE_CU * 6} CU"
    assert shell.service.charges == []
    asked = [request for request in shell.service.requests if "dryRun" in request.query]
    assert len(asked) == 1
    assert shell.generate(*pictures, "--seeds", "3", "--dry-run", "--max-cost", "24").code == 4


def test_a_dry_run_knows_which_are_made_already(shell: Shell) -> None:
    picture = shell.picture()
    assert shell.generate(picture, "--seeds", "2").code == 0
    answer = shell.generate(picture, "--seeds", "3", "--dry-run")
    assert answer.lines == [f"{picture}\t0 CU"] * 2 + [f"{picture}\t{PRICE_CU} CU", f"total\t{PRICE_CU} CU"]


def test_what_is_above_the_limit_is_left_and_made_by_the_next_run(shell: Shell) -> None:
    command = (shell.picture(), "--seeds", "3", "--jobs", "1")
    answer = shell.generate(*command, "--max-cost", "9")
    assert answer.code == 4
    assert "3 of 3 items are ordered, for 12.3 CU; 9 CU may be spent, and what is above is left." in answer.err
    assert len(shell.service.charges) == 2
    answer = shell.generate(*command, "--max-cost", "9")
    assert (answer.code, len(answer.paths)) == (0, 3), answer.err
    assert len(shell.service.charges) == 3


def test_all_are_made_anew_where_that_is_wanted(shell: Shell) -> None:
    command = (shell.picture(), "--set", "seed=7", "--seeds", "2")
    assert shell.generate(*command).code == 0
    assert shell.generate(*command, "--again").code == 0
    assert seeds(shell) == [7, 7, 8, 8]


def test_the_same_seed_asked_for_without_counting_is_the_same_order(shell: Shell) -> None:
    picture = shell.picture()
    assert shell.generate(picture, "--set", "seed=7").code == 0
    answer = shell.generate(picture, "--set", "seed=6", "--seeds", "3")
    assert answer.code == 0, answer.err
    assert seeds(shell) == [6, 7, 8]
    assert shell.meshes == {"photo.glb", *(f"photo-seed{seed}.glb" for seed in (6, 7, 8))}


@pytest.mark.parametrize("command", ["generate", "resume"])
def test_what_is_interrupted_goes_on(shell: Shell, command: str) -> None:
    asked = (shell.picture(), "--seeds", "3", "--jobs", "3")
    assert shell.generate(*asked, clock=QuickClock(RUNNING_S)).code == 130
    answer = shell.generate(*asked) if command == "generate" else shell("resume")
    assert answer.code == 0, answer.err
    assert len(answer.paths) == len(shell.service.charges) == 3
    assert shell.meshes == {f"photo-seed{seed}.glb" for seed in seeds(shell)}


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_a_report_has_each_with_its_own_price_however_often_it_is_run(shell: Shell, suffix: str) -> None:
    path = shell.folder / f"report{suffix}"
    command = (shell.picture(), "--set", "seed=7", "--report", path)

    def reported() -> list[tuple[str, float]]:
        text = path.read_text(encoding="utf-8")
        items = json.loads(text)["items"] if suffix == ".json" else csv.DictReader(text.splitlines())
        return [(Path(item["glb"]).name, float(item["cost_cu"])) for item in items]

    for count in ("2", "2", "3", "3"):
        assert shell.generate(*command, "--seeds", count).code == 0
        expected = [(f"photo-seed{seed}.glb", float(PRICE_CU)) for seed in range(7, 7 + int(count))]
        assert reported() == expected


# -- rows, folders, objects


def test_a_row_has_its_own_first_seed_and_its_own_name(shell: Shell) -> None:
    shell.picture("a.png")
    rows = manifest(
        shell,
        {"image": "a.png", "name": "chair", "seed": 100},
        {"image": "a.png", "name": "stool"},
        {"image": "a.png", "seed": "5"},
    )
    answer = shell("batch", rows, *FAST, "--seeds", "2", "--set", "seed=40", "--output", shell.out)
    assert answer.code == 0, answer.err
    names = ("chair-seed100", "chair-seed101", "stool-seed40", "stool-seed41", "a-seed5", "a-seed6")
    assert shell.meshes == {f"{name}.glb" for name in names}


def test_a_row_whose_model_has_no_seed_is_named(shell: Shell) -> None:
    shell.picture("a.png")
    rows = manifest(shell, {"image": "a.png", "model": SEEDLESS}, {"image": "a.png"})
    command = ("batch", rows, "--model", FAST_MODEL, "--seeds", "2", "--set", "seed=7", "--output", shell.out)
    answer = shell(*command)
    assert answer.code == 2
    assert re.search(r"rows\.json:1: seed is not a parameter|rows\.json:1: .* has no seed", answer.err)
    assert shell.service.charges == []
    assert shell(*command, "--skip-bad").code == 1
    assert shell.meshes == {"a-seed7.glb", "a-seed8.glb"}


def test_a_shard_has_all_seeds_of_its_rows(shell: Shell) -> None:
    names = ("a.png", "b.png", "c.png")
    pictures = [shell.picture(name, colour=f"#be5a2{n}") for n, name in enumerate(names)]
    for part, wanted in (("1/2", "ac"), ("2/2", "b")):
        answer = shell.generate(*pictures, "--set", "seed=7", "--seeds", "2", "--shard", part)
        assert [path.name for path in sorted(answer.paths)] == [f"{n}-seed{s}.glb" for n in wanted for s in (7, 8)]


def test_pictures_of_one_stem_are_counted_by_seed(shell: Shell) -> None:
    pictures = [shell.picture("r/a.png"), shell.picture("s/a.png", colour="#2858be")]
    assert shell.generate(*pictures, "--set", "seed=7", "--seeds", "2").code == 0
    assert shell.meshes == {"a-seed7.glb", "a-seed8.glb", "a-seed7-2.glb", "a-seed8-2.glb"}


def test_a_name_that_is_too_long_loses_no_seed(shell: Shell) -> None:
    shell.picture("a.png")
    rows = manifest(shell, {"image": "a.png", "name": "椅" * 100, "seed": 7})
    answer = shell("batch", rows, *FAST, "--seeds", "2", "--output", shell.out)
    assert answer.code == 0, answer.err
    assert sorted(re.sub("椅+", "x", name) for name in shell.meshes) == ["x-seed7.glb", "x-seed8.glb"]


def test_pictures_of_an_object_are_taken_once_and_its_price_is_known_before_and_after(
    in_blender: Shell, blender: FakeBlender
) -> None:
    shell, blend = in_blender, in_blender.folder / "kit.blend"
    blend.touch()
    command = ("--from-blend", blend, "--object", "Table", "--seeds", "2")
    dry = shell.generate(*command, "--dry-run")
    assert dry.lines == [f"{blend}:Table\t{PRICE_CU} CU"] * 2 + [f"total\t{PRICE_CU * 2} CU"]
    assert blender.blend.taken == []
    for _ in range(2):
        answer = shell.generate(*command)
        assert answer.code == 0, answer.err
    assert shell.meshes == {f"Table-seed{seed}.glb" for seed in seeds(shell)}
    assert (len(blender.blend.taken), len(shell.service.charges)) == (2, 2)
    assert all(job.order.placement["replaces"] == ["Table"] for job in shell.jobs)
    assert shell.generate(*command, "--dry-run").lines[-1] == "total\t0 CU"


def test_of_an_object_nothing_is_rendered_where_there_are_no_seeds(in_blender: Shell, blender: FakeBlender) -> None:
    blend = in_blender.folder / "kit.blend"
    blend.touch()
    command = ("generate", "--from-blend", blend, "--object", "Table", "--model", SEEDLESS, "--seeds", "2")
    answer = in_blender(*command)
    assert (answer.code, "has no seed" in answer.err, blender.blend.taken) == (2, True, [])


# -- what is written of everything


def test_a_sheet_names_the_seed_under_each(in_blender: Shell, blender: FakeBlender) -> None:
    shell = in_blender
    shell.service.fail_job("The subject is too dark.")
    command = (shell.picture(), "--set", "seed=7", "--seeds", "3", "--jobs", "1")
    assert shell.generate(*command, "--sheet", shell.folder / "sheet.png").code == 1
    [[strip]] = blender.sheets
    assert [result.title for result in strip.results] == [f"photo-seed{seed}" for seed in (7, 8, 9)]
    assert [result.lines[0] for result in strip.results] == [f"Hunyuan 3D 2.1 · seed {seed}" for seed in (7, 8, 9)]
    assert [result.is_failure for result in strip.results] == [True, False, False]


def test_a_library_and_a_kit_have_all_of_them(in_blender: Shell, blender: FakeBlender) -> None:
    shell = in_blender
    outputs = ("--library", shell.folder / "library", "--blend-all", shell.folder / "all.blend")
    answer = shell.generate(shell.picture(), "--set", "seed=7", "--seeds", "2", *outputs)
    assert answer.code == 0, answer.err
    names = ["photo-seed7", "photo-seed8"]
    assert [(p.name, p.label) for p in blender.kits[0]] == [
        (name, f"Hunyuan 3D 2.1, seed {seed}") for name, seed in zip(names, (7, 8), strict=True)
    ]
    assert sorted(path.stem.rpartition("-")[0] for path in (shell.folder / "library").glob("*.blend")) == names


def test_of_those_that_fail_the_others_are_made(shell: Shell) -> None:
    shell.service.fail_job("The subject is too dark.")
    answer, report = shell.report(shell.picture(), "--set", "seed=7", "--seeds", "2", "--jobs", "1")
    assert answer.code == 1
    assert f"{shell.folder / 'photo.png'}, seed 7: The subject is too dark." in answer.err
    assert [item["state"] for item in report["items"]] == [State.FAILED, State.READY]
    answer, report = shell.report(shell.picture(), "--set", "seed=7", "--seeds", "2", "--jobs", "1")
    assert (answer.code, seeds(shell)) == (0, [7, 7, 8])
    assert f"{shell.folder / 'photo.png'}, seed 8: The same was made on " in answer.err
    assert report["cost_cu"] == float(PRICE_CU * 2), "what failed was given back"
