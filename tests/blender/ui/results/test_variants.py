# SPDX-License-Identifier: GPL-3.0-or-later
"""Variants are compared and one is kept, by buttons."""

from __future__ import annotations

import bpy
import pytest

from scenario_addon.engine.ledger.job import State
from tests.blender.fake_layout import drawn
from tests.blender.live import Live

PANEL = "SCENARIO_PT_variants"


def seen() -> list[str]:
    return [obj["scenario_job_id"] for obj in bpy.data.objects if "scenario_job_id" in obj and obj.visible_get()]


@pytest.fixture
def jobs(live: Live) -> list[str]:
    """Three meshes of one picture with a seed each."""
    live.image()
    ids: list[str] = []
    for seed in (1, 2, 3):
        live.choose("model_hunyuan-3d-v2-1", {"paint": False, "targetFaceNum": 100, "seed": seed})
        job = live.begin()
        live.pump_until_state(State.IMPORTED, job)
        ids.append(job.id)
    return ids


def test_meshes_of_one_picture_are_variants_and_those_of_another_place_are_not(live: Live, jobs: list[str]) -> None:
    assert seen() == [jobs[-1]]
    bpy.context.scene.cursor.location.x += 5.0
    live.choose("model_hunyuan-3d-v2-1", {"paint": False, "targetFaceNum": 100, "seed": 4})
    other = live.begin()
    live.pump_until_state(State.IMPORTED, other)
    assert sorted(seen()) == sorted([jobs[-1], other.id])


def test_the_switch_goes_round_and_the_shown_one_is_selected(live: Live, jobs: list[str]) -> None:
    assert "3 of 3" in str(drawn(PANEL))
    order = []
    for _ in range(3):
        bpy.ops.scenario.switch_variant()
        order += seen()
        assert [obj["scenario_job_id"] for obj in bpy.context.selected_objects] == seen()
    assert order == [jobs[0], jobs[1], jobs[2]]
    bpy.ops.scenario.switch_variant(step=-1)
    assert seen() == [jobs[1]]


def test_one_is_kept(live: Live, jobs: list[str]) -> None:
    bpy.ops.scenario.switch_variant()
    bpy.ops.scenario.keep_variant()
    assert seen() == [jobs[0]]
    assert len([obj for obj in bpy.data.objects if "scenario_job_id" in obj]) == 1
    assert all(job.file.path.exists() for job in live.jobs)
    with pytest.raises(RuntimeError, match="no other variant"):
        bpy.ops.scenario.keep_variant()


def test_in_a_row_and_back(live: Live, jobs: list[str]) -> None:
    bpy.ops.scenario.lay_out_variants()
    assert sorted(seen()) == sorted(jobs)
    bpy.ops.scenario.lay_out_variants()
    assert len(seen()) == 1


def test_without_anything_to_choose_from_it_says_so(live: Live) -> None:
    bpy.ops.mesh.primitive_cube_add()
    with pytest.raises(RuntimeError, match="came from Scenario"):
        bpy.ops.scenario.switch_variant()
    assert not bpy.types.SCENARIO_PT_variants.poll(bpy.context)


def test_a_result_is_shown_in_the_scene_instead_of_its_sister(live: Live, jobs: list[str]) -> None:
    bpy.ops.scenario.show_result(job_id=jobs[0])
    assert seen() == [jobs[0]]
    assert [obj["scenario_job_id"] for obj in bpy.context.selected_objects] == [jobs[0]]


def test_a_result_that_is_gone_or_elsewhere_cannot_be_shown_and_that_is_said(live: Live, jobs: list[str]) -> None:
    bpy.context.window.scene = bpy.data.scenes.new("Away")
    with pytest.raises(RuntimeError, match="in the scene Scene"):
        bpy.ops.scenario.show_result(job_id=jobs[0])
    bpy.data.batch_remove([obj for obj in bpy.data.objects if "scenario_job_id" in obj])
    with pytest.raises(RuntimeError, match="import it again"):
        bpy.ops.scenario.show_result(job_id=jobs[0])


def test_materials_are_shown_by_a_button(live: Live) -> None:
    bpy.ops.scenario.show_materials()
    areas = [area for area in bpy.context.window.screen.areas if area.type == "VIEW_3D"]
    assert {area.spaces.active.shading.type for area in areas} == {"MATERIAL"}
