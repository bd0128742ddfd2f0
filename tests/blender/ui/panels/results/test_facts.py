# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are told apart in few words."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import bpy

from scenario_addon.blender.ui.panels.facts import facts_of, predecessors, result_of
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.values import AssetId, MeshFile
from tests.blender.fake_layout import drawn
from tests.blender.live import Live
from tests.engine.orders import sample_order


def job(source: str = "picture", **values: object) -> Job:
    order = replace(sample_order(folder=Path()), model_name="Hunyuan", values=values, target={"source": source})
    return new_job(order, scope="somebody", quote_cu=Decimal("10.5"))


def told(*jobs: Job) -> list[str]:
    before = predecessors(jobs)
    return [facts_of(one, before.get(one.id)) for one in jobs]


def test_what_differs_from_the_one_before_of_the_same_picture_is_named() -> None:
    first, other, second = job(seed=1, steps=30), job("another", seed=5), job(seed=7, steps=30)
    assert told(first, other, second) == ["Hunyuan, 10.5 CU", "Hunyuan, 10.5 CU", "Hunyuan, Seed 7, 10.5 CU"]


def test_very_much_is_counted() -> None:
    assert told(job(a=1, b=1, c=1, d=True), job(a=2, b=2, c=2, d=False))[1] == "Hunyuan, A 2, B 2, 2 more, 10.5 CU"


def test_size_and_age_are_told() -> None:
    file = MeshFile(Path("chair.glb"), 1, AssetId("asset_1"), triangles=40164)
    done = replace(job(), file=file, state=State.IMPORTED, finished_at=time.time() - 130.0)
    assert result_of(done) == "40k, 2 min ago"


def test_in_the_scene_is_said_only_where_it_is_true(live: Live, monkeypatch: object) -> None:
    live.generate()
    assert any(text.startswith("In the scene, ") for text in drawn("SCENARIO_PT_jobs").texts)
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until(lambda: any(text.startswith("Was brought in") for text in drawn("SCENARIO_PT_jobs").texts))
