# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes from what is in a .blend: which pictures are taken of what, for which models, and what that costs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenario_addon.engine.host import Host
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import RUNNING_S, Answer, QuickClock, Shell
from tests.engine.orders import FAST_MODEL
from tests.service import Fault, Service

pytestmark = pytest.mark.slow

MULTIVIEW = ("--model", "model_hunyuan-3d-pro-3-1-multiview")
YVO = ("--model", "model_yvo3d-image-to-3d")
AROUND = ("front", "left", "right", "back")


@pytest.fixture
def shell(service: Service, tmp_path: Path, capsys: pytest.CaptureFixture[str], blender: FakeBlender) -> Shell:
    """A shell around a Blender, in a folder with a .blend."""
    (tmp_path / "kit.blend").touch()
    host: Host = blender  # the protocol is kept
    return Shell(service, tmp_path, capsys, host=host)


@pytest.fixture
def blend(shell: Shell) -> Path:
    return shell.folder / "kit.blend"


def dry_run(shell: Shell, blend: Path, *args: str) -> Answer:
    """With a model of the test's choice, and what the picture is of."""
    return shell("generate", "--from-blend", blend, *args, "--dry-run")


def test_each_object_and_each_collection_makes_a_mesh_of_its_name(
    shell: Shell, blend: Path, blender: FakeBlender
) -> None:
    names = ("--object", "Table", "Chair", "--object", "Lamp", "--collection", "Room")
    answer, report = shell.report("--from-blend", blend, *names)
    assert answer.code == 0, answer.err
    assert set(answer.paths) == {shell.out / f"{name}.glb" for name in ("Table", "Chair", "Lamp", "Room")}
    assert [what for what, *_ in blender.blend.taken] == [
        "object Table",
        "object Chair",
        "object Lamp",
        "collection Room",
    ]
    assert [item["image"] for item in report["items"]] == [f"{blend}:{n}" for n in ("Table", "Chair", "Lamp", "Room")]
    assert len(shell.service.charges) == 4


def test_a_name_given_twice_is_made_once_and_two_of_one_name_are_counted(
    shell: Shell, blend: Path, blender: FakeBlender
) -> None:
    blender.blend.collections = ["Table"]
    names = ("--object", "Table", "Table", "--collection", "Table")
    assert shell.generate("--from-blend", blend, *names).code == 0
    assert shell.meshes == {"Table.glb", "Table-2.glb"}


def test_a_name_that_no_file_can_have_is_made_one(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    blender.blend.objects = ["wall/left:1", "größe 木"]
    assert shell.generate("--from-blend", blend, "--object", *blender.blend.objects).code == 0
    assert shell.meshes == {"wall_left_1.glb", "größe 木.glb"}


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        (("--model", FAST_MODEL), ("front",)),
        (("--model", FAST_MODEL, "--sides", "back"), ("back",)),
        (MULTIVIEW, AROUND),
        ((*MULTIVIEW, "--sides", "top,front, left"), ("front", "left", "top")),
        (YVO, ("front",)),
        ((*YVO, "--sides", "back,front"), ("front", "back")),
    ],
)
def test_a_model_is_shown_the_sides_that_are_asked_for_or_that_suit_it(
    shell: Shell, blend: Path, blender: FakeBlender, options: tuple[str, ...], taken: tuple[str, ...]
) -> None:
    answer = shell("generate", "--from-blend", blend, "--object", "Table", *options, "--output", shell.out)
    assert answer.code == 0, answer.err
    assert [sides for _, sides, *_ in blender.blend.taken] == [taken]
    [job] = shell.jobs
    assert len(job.order.images()) == len(taken)


def test_what_a_model_loses_by_several_pictures_is_said(shell: Shell, blend: Path) -> None:
    several = dry_run(shell, blend, "--object", "Table", "Chair", *YVO, "--sides", "front,back")
    loss = "YVO3D Image to 3D is shown 2 sides: with two or more pictures this model makes a shape without texture.\n"
    assert several.err.count(loss) == 1
    assert loss not in dry_run(shell, blend, "--object", "Table", *YVO).err


def test_models_that_want_the_same_pictures_share_them(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    models = [*MULTIVIEW, "--model", FAST_MODEL, "--model", "model_pixal3d", "--sides", "front"]
    answer = shell("generate", "--from-blend", blend, "--object", "Table", *models, "--output", shell.out)
    assert answer.code == 0, answer.err
    assert shell.meshes == {
        f"Table-{name}.glb" for name in ("hunyuan-3d-pro-3-1-multiview", "hunyuan-3d-v2-1", "pixal3d")
    }
    assert len(blender.blend.taken) == 1
    assert shell.uploads == 1


def test_the_same_command_again_costs_nothing(shell: Shell, blend: Path) -> None:
    command = ("--from-blend", blend, "--object", "Table", "Chair")
    first = shell.generate(*command)
    again = shell.generate(*command)
    assert (again.code, set(again.paths)) == (0, set(first.paths))
    assert len(shell.service.charges) == 2


def test_where_the_source_stood_is_kept_with_the_job(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    command = ("--from-blend", blend, "--object", "Table")
    assert shell.generate(*command, clock=QuickClock(RUNNING_S)).code == 130
    assert [job.order.placement["location"] for job in shell.jobs] == [[0.0, 0.0, 0.0]]
    blender.blend.at_m = 7.0  # it has been moved, and looks the same
    assert shell.generate(*command).code == 0
    [job] = shell.jobs
    assert job.order.placement == {"location": [7.0, 0.0, 0.0], "replaces": ["Table"]}
    assert not job.order.is_for_scene
    assert len(shell.service.charges) == 1


def test_a_job_whose_source_is_gone_is_resumed_all_the_same(shell: Shell, blend: Path) -> None:
    assert shell.generate("--from-blend", blend, "--object", "Table", clock=QuickClock(RUNNING_S)).code == 130
    blend.unlink()
    answer = shell("resume")
    assert (answer.code, answer.paths) == (0, [shell.out / "Table.glb"])
    assert [job.order.placement["replaces"] for job in shell.jobs] == [["Table"]]


def test_pictures_are_told_of_while_they_are_taken(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    blender.blend.warnings = ("The file of the image wood is missing: it is pink.",)
    told = shell.generate("--from-blend", blend, "--object", "Table", "Chair").err
    assert "1 of 2: taking pictures of the object Table (front).\n" in told
    assert "2 of 2: taking pictures of the object Chair (front).\n" in told
    assert "Table: The file of the image wood is missing: it is pink.\n" in told


def test_with_a_shard_only_its_pictures_are_taken(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    names = ("--object", "Table", "Chair", "Lamp")
    answer = shell.generate("--from-blend", blend, *names, "--shard", "2/2")
    assert answer.paths == [shell.out / "Chair.glb"]
    assert [what for what, *_ in blender.blend.taken] == ["object Chair"]


def test_a_dry_run_takes_no_pictures(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    answer = shell.generate("--from-blend", blend, "--object", "Table", "Chair", "--dry-run")
    assert answer.code == 0, answer.err
    *items, total = answer.lines
    assert [line.split("\t")[0] for line in items] == [f"{blend}:Table", f"{blend}:Chair"]
    prices = [float(line.split("\t")[1].removesuffix(" CU")) for line in items]
    assert all(prices), "no item is taken for another one"
    assert total == f"total\t{sum(prices):g} CU"
    assert (blender.blend.taken, shell.uploads, shell.service.charges) == ([], 0, [])


def test_a_dry_run_takes_the_pictures_that_the_service_wants_to_see(
    shell: Shell, blend: Path, blender: FakeBlender
) -> None:
    shell.service.fail("POST", "/generate/", Fault.STATUS, status=400, times=2)
    answer = shell.generate("--from-blend", blend, "--object", "Table", "--dry-run")
    assert (answer.code, len(answer.lines)) == (0, 2), answer.err
    assert len(blender.blend.taken) == 1
    assert shell.uploads == 1
    assert shell.service.charges == []


def test_a_dry_run_knows_what_is_made_already(shell: Shell, blend: Path) -> None:
    assert shell.generate("--from-blend", blend, "--object", "Table").code == 0
    answer = shell.generate("--from-blend", blend, "--object", "Table", "Chair", "--dry-run")
    table, chair, _ = answer.lines
    assert table == f"{blend}:Table\t0 CU"
    assert chair != f"{blend}:Chair\t0 CU"
    again = shell.generate("--from-blend", blend, "--object", "Table", "--again", "--dry-run")
    assert again.lines[0] != table


REFUSED = {
    "nothing named": ("", "it holds Table, Chair, Lamp."),
    "an object that is not there": ("--object Tabel", "There is no object Tabel in kit.blend (did you mean Table?)."),
    "a collection that is not there": (
        "--collection Rom",
        "There is no collection Rom in kit.blend (did you mean Room?)",
    ),
    "a collection as an object": ("--object Room", "no object Room in kit.blend, but a collection: use --collection."),
    "an object as a collection": ("--collection Lamp", "but an object of that name: use --object."),
    "several bad names": (
        "--object Tabel Sun Lamp --collection Rom",
        "no object Tabel in kit.blend (did you mean Table?). The object Sun has no surface. There is no collection Rom",
    ),
    "no surface": ("--object Sun", "The object Sun has no surface."),
    "a side that there is not": ("--object Table --sides front,behind", "behind is no side"),
    "an empty side": ("--object Table --sides front,", "--sides front,: write it as front,left,back,right"),
    "a side too many": ("--object Table --sides front,back", "takes one picture, not 2: choose fewer sides"),
    "sides without the needed one": (
        "--object Table --sides left --model model_hunyuan-3d-pro-3-1-multiview",
        "needs the front view: add it to the sides",
    ),
    "a picture besides": ("photo.png --object Table", "leave out IMAGE and --view"),
    "a view besides": ("--object Table --view front=photo.png", "leave out IMAGE and --view"),
    "a bad setting": ("--object Table --set steps=5", "steps: "),
}


@pytest.mark.parametrize(("options", "sentence"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("has_key", [True, False])
def test_what_cannot_be_made_is_refused_before_anything_is_rendered_or_sent(
    shell: Shell,
    blender: FakeBlender,
    monkeypatch: pytest.MonkeyPatch,
    options: str,
    sentence: str,
    has_key: bool,
) -> None:
    monkeypatch.chdir(shell.folder)
    environment = shell.environment if has_key else shell.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    image = [word for word in options.split() if word == "photo.png"]
    rest = [word for word in options.split() if word not in image]
    answer = shell("generate", *image, "--from-blend", "kit.blend", *rest, environment=environment)
    assert answer.code == 2, answer
    assert sentence in answer.err
    assert answer.err.startswith("scenario: ")
    assert answer.err.endswith(".\n")
    assert (blender.blend.taken, shell.service.charges, shell.uploads) == ([], [], 0)


def test_a_long_list_of_bad_names_is_cut(shell: Shell, blend: Path) -> None:
    answer = shell.generate("--from-blend", blend, "--object", *(f"zzz{n}" for n in range(30)))
    assert answer.code == 2
    assert answer.err.count("There is no object zzz") == 20
    assert answer.err.endswith("There are 10 more such names.\n")


def test_what_is_in_a_large_file_is_named_in_part(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    blender.blend.objects = [f"Wall {n}" for n in range(1005)]
    answer = shell.generate("--from-blend", blend)
    assert "it holds Wall 0, Wall 1, Wall 2, Wall 3, Wall 4 and 1,000 more.\n" in answer.err


@pytest.mark.parametrize("options", [("--object", "Table"), ("--collection", "Room"), ("--sides", "front")])
def test_what_is_of_a_blend_is_refused_without_one(shell: Shell, options: tuple[str, ...]) -> None:
    answer = shell("generate", shell.picture(), *options)
    assert answer.code == 2
    assert answer.err == f"scenario: {options[0]} says what of a .blend is meant: add --from-blend FILE.\n"


@pytest.mark.parametrize("option", ["--from-blend", "--blend-all"])
def test_without_blender_it_is_said_that_it_takes_one(shell: Shell, option: str) -> None:
    shell.host = None
    answer = shell("generate", option, "kit.blend")
    assert answer.code == 2
    assert answer.err.startswith(f"scenario: {option} needs Blender or the bpy module: ")


def test_without_a_key_nothing_is_rendered(shell: Shell, blend: Path, blender: FakeBlender) -> None:
    bare = shell.without("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")
    assert shell.generate("--from-blend", blend, "--object", "Table", environment=bare).code == 3
    assert blender.blend.taken == []


def test_each_has_a_blend_of_its_own_where_that_is_wanted(shell: Shell, blend: Path) -> None:
    answer, report = shell.report("--from-blend", blend, "--object", "Table", "Chair", "--blend")
    assert answer.code == 0, answer.err
    assert [Path(item["blend"]).name for item in report["items"]] == ["Table.blend", "Chair.blend"]
    json.dumps(report)
