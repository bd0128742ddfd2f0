# SPDX-License-Identifier: GPL-3.0-or-later
"""From a result to the next one: the same again, another seed, its settings as a start, a copy of its file."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.live import Live

HUNYUAN = "model_hunyuan-3d-v2-1"


@pytest.fixture
def job(live: Live) -> Job:
    live.image()
    live.choose(HUNYUAN, {"paint": False, "targetFaceNum": 100, "seed": 7})
    return live.generate()


def test_the_same_is_ordered_again_and_costs_again(live: Live, job: Job) -> None:
    bpy.ops.scenario.generate_again(job_id=job.id)
    _, other = live.jobs
    assert other.state is State.IMPORTED
    assert other.order.identity == job.order.identity
    assert len(live.service.charges) == 2


def test_with_a_new_seed_only_that_differs_and_the_mesh_stands_where_the_first_does(live: Live, job: Job) -> None:
    bpy.ops.scenario.generate_again(job_id=job.id, new_seed=True)
    _, other = live.jobs
    differing = {name for name in other.order.values if other.order.values[name] != job.order.values.get(name)}
    assert differing == {"seed"}
    seen = [obj["scenario_job_id"] for obj in bpy.data.objects if "scenario_job_id" in obj and obj.visible_get()]
    assert seen == [other.id], "a variant of the first"


def test_a_model_without_a_seed_says_so_and_nothing_is_ordered(live: Live) -> None:
    live.image()
    live.choose("model_yvo3d-image-to-3d", {})
    job = live.generate()
    with pytest.raises(RuntimeError, match="has no seed"):
        bpy.ops.scenario.generate_again(job_id=job.id, new_seed=True)
    assert len(live.service.charges) == 1


def test_what_has_become_dearer_waits_for_a_yes(live: Live, job: Job) -> None:
    live.service.set_price_factor(3)
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.generate_again(job_id=job.id)
    assert len(live.service.charges) == 1


def test_the_settings_of_a_job_fill_the_form(live: Live, job: Job) -> None:
    live.choose("model_pixal3d", {})
    image = live.settings.image
    assert bpy.ops.scenario.use_settings(job_id=job.id) == {"FINISHED"}
    assert (live.settings.model, live.settings.image) == (HUNYUAN, image)
    model = session.models.look_up(HUNYUAN)
    stored = parameters.settings_of(live.settings.models, HUNYUAN)
    assert parameters.values(stored, model) == {"paint": False, "targetFaceNum": 100, "seed": 7}


def test_a_copy_is_saved_and_nothing_else_is_touched(live: Live, job: Job, tmp_path: Path) -> None:
    copy = tmp_path / "Kopie é.glb"
    assert bpy.ops.scenario.save_copy(job_id=job.id, filepath=str(copy)) == {"FINISHED"}
    assert copy.read_bytes() == job.file.path.read_bytes()
    with pytest.raises(RuntimeError, match="could not be written"):
        bpy.ops.scenario.save_copy(job_id=job.id, filepath=str(tmp_path / "gone" / "copy.glb"))
