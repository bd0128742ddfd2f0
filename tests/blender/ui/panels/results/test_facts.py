# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are told apart in few words, and what is said of them is true."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import bpy

from scenario_addon.blender.ui.panels.results.facts import facts_of, predecessors, size_and_age, where
from scenario_addon.blender.variants.whereabouts import whereabouts
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
    first, other, second = job(seed=1, steps=30), job("another", seed=5), job(seed=7, steps=40)
    assert told(first, other, second) == ["10.5 CU", "10.5 CU", "Steps 40, 10.5 CU"]


def test_a_seed_that_is_gone_is_said_since_it_is_not_in_the_name_any_more() -> None:
    assert told(job(seed=1), job()) == ["10.5 CU", "no seed, 10.5 CU"]


def test_very_much_is_counted() -> None:
    assert told(job(a=1, b=1, c=1, d=True), job(a=2, b=2, c=2, d=False))[1] == "A 2, B 2, 2 more, 10.5 CU"


def test_size_and_age_are_told() -> None:
    file = MeshFile(Path("chair.glb"), 1, AssetId("asset_1"), triangles=40164)
    done = replace(job(), file=file, state=State.IMPORTED, finished_at=time.time() - 130.0)
    assert size_and_age(done) == ("40k", "2 min ago")


def test_in_the_scene_is_said_only_where_it_is_true(live: Live) -> None:
    live.generate()
    assert "in the scene" in str(drawn("SCENARIO_PT_jobs"))
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until(lambda: "in the scene" not in str(drawn("SCENARIO_PT_jobs")))


def test_a_mesh_in_another_scene_is_said_to_be_there(live: Live) -> None:
    made = live.generate()
    other = bpy.data.scenes.new("Attic")
    assert where(made, bpy.context.scene).words == "in the scene"
    assert where(made, other).words == "in Scene"


def test_of_two_meshes_of_one_job_the_one_that_is_seen_counts() -> None:
    scene, attic = bpy.context.scene, bpy.data.scenes.new("Attic")

    def mesh(home: bpy.types.Scene, *, is_hidden: bool = False) -> None:
        obj = bpy.data.objects.new("Chair", None)
        obj["scenario_job_id"] = "job1"
        if is_hidden:
            obj["scenario_hidden"] = [False, False]
        home.collection.objects.link(obj)

    mesh(attic)
    assert whereabouts(scene)["job1"].words == "in Attic"
    mesh(scene, is_hidden=True)
    assert whereabouts(scene)["job1"].words == "hidden variant"
    mesh(scene)
    assert whereabouts(scene)["job1"].words == "in the scene"
    bpy.data.objects.new("Nowhere", None)["scenario_job_id"] = "job2"
    assert "job2" not in whereabouts(scene)
