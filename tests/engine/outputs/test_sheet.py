# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on a contact sheet, of what is known of each item."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.outputs.outputs import Outputs
from scenario_addon.engine.report.outcome import Outcome
from scenario_addon.engine.values import AssetId, HeldMesh, MeshFile
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.mesh_samples import mesh_order
from tests.engine.orders import draw_picture, sample_order


@pytest.fixture
def job(tmp_path: Path) -> Job:
    job = new_job(sample_order(draw_picture(tmp_path / "chair.png"), folder=tmp_path), scope="ours")
    return replace(job, state=State.READY, billed_cu=Decimal("10.50"), submitted_at=1000.0, finished_at=1047.4)


def made(job: Job, number: int = 0, **more: Any) -> Outcome:
    file = MeshFile(Path("chair.glb"), 10, AssetId("asset_1"), triangles=40164)
    return Outcome(number, more.pop("label", "some/where/chair.png"), job, 0.0, more.pop("file", file), **more)


def strips(folder: Path, *outcomes: Outcome) -> Any:
    blender = FakeBlender(folder)
    outputs = Outputs(folder / "state", sheet=folder / "sheet.png")
    for outcome in outcomes:
        outputs.note(outcome)
    assert outputs.write(blender, None, print)
    return blender.sheets[0] if blender.sheets else None


def test_a_result_is_shown_by_its_preview_with_model_price_time_and_triangles(tmp_path: Path, job: Job) -> None:
    [strip] = strips(tmp_path, made(job, preview=tmp_path / "preview.png"))
    assert strip.source.title == "chair.png"
    [result] = strip.results
    assert (result.title, result.picture) == ("chair", tmp_path / "preview.png")
    assert result.lines == ("hunyuan-3d-v2-1", "10.5 CU · 47 s", "40,164 triangles")


@pytest.mark.parametrize("name", ["seed", "Seed"])
def test_the_seed_is_named_also_of_what_failed(tmp_path: Path, job: Job, name: str) -> None:
    job = replace(job, order=replace(job.order, values={**job.order.values, name: 0}))
    [strip] = strips(tmp_path, made(job), made(job, 1, file=None, error="It is too dark."))
    assert [result.lines[0] for result in strip.results] == ["hunyuan-3d-v2-1 · seed 0"] * 2


def test_what_nobody_knows_is_left_out(tmp_path: Path, job: Job) -> None:
    bare = MeshFile(Path("chair.fbx"), 10, AssetId("asset_1"))
    job = replace(job, billed_cu=None, submitted_at=None)
    [strip] = strips(tmp_path, made(job, file=bare))
    assert strip.results[0].lines == ("hunyuan-3d-v2-1",)


def test_the_same_picture_under_two_names_is_one(tmp_path: Path, job: Job) -> None:
    other = replace(job, order=replace(job.order, name="stool", number=2))
    [strip] = strips(tmp_path, made(job), made(other, 1, label="stool.png"))
    assert (strip.source.title, [result.title for result in strip.results]) == ("chair.png", ["chair", "stool-2"])


def test_several_views_are_counted_and_the_first_is_shown(tmp_path: Path, job: Job) -> None:
    views = [draw_picture(tmp_path / f"{n}.png", colour=f"#00000{n}") for n in range(3)]
    order = sample_order(*views, folder=tmp_path, is_list=True)
    [strip] = strips(tmp_path, made(replace(job, order=order)))
    assert (strip.source.picture, strip.source.lines) == (views[0].path, ("3 pictures",))


def test_words_stand_for_a_picture_where_none_was_sent(tmp_path: Path, job: Job) -> None:
    orders = [sample_order(folder=tmp_path, values={"prompt": prompt}) for prompt in ("a lamp", "a chair", "a lamp")]
    shown = strips(tmp_path, *(made(replace(job, order=order), n, label="?") for n, order in enumerate(orders)))
    assert [(strip.source.words, len(strip.results)) for strip in shown] == [("a lamp", 2), ("a chair", 1)]


def test_meshes_that_were_changed_are_told_apart_and_named(tmp_path: Path, job: Job) -> None:
    names = ("a", "b", "a")
    held = [HeldMesh(asset_id=AssetId(f"asset_{name}"), name=name) for name in names]
    orders = [mesh_order(mesh, folder=tmp_path, values={"prompt": "rusty"}) for mesh in held]
    shown = strips(
        tmp_path,
        *(made(replace(job, order=order), n, label=f"in/{names[n]}.glb") for n, order in enumerate(orders)),
    )
    assert [(strip.source.title, strip.source.words, len(strip.results)) for strip in shown] == [
        ("a.glb", "rusty", 2),
        ("b.glb", "rusty", 1),
    ]


def test_what_is_there_and_cannot_be_read_is_a_failure(tmp_path: Path, job: Job) -> None:
    [strip] = strips(tmp_path, made(job, error="It is\ntoo modern."))
    assert (strip.results[0].is_failure, strip.results[0].words) == (True, "It is too modern.")


def test_of_very_many_the_first_are_shown(tmp_path: Path, job: Job, capsys: pytest.CaptureFixture[str]) -> None:
    [strip] = strips(tmp_path, *(made(job, number) for number in range(4100)))
    assert len(strip.results) == 4096
    assert "shows 4,096 results; there is no room for 4 more." in capsys.readouterr().out


def test_nothing_is_no_sheet(tmp_path: Path) -> None:
    assert strips(tmp_path) is None
    assert not (tmp_path / "sheet.png").exists()
