# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a mesh stands, asked of the operators that put it there: from the job, from a script, and once more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.scene.bounds import Box
from scenario_addon.blender.scene.placement import Placement, standing
from scenario_addon.engine.ledger.job import Job
from tests.blender.live import Live

CUBE_BOX = (2.0, 2.0, 2.0)


@pytest.fixture
def cube() -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(location=(5, 6, 7))
    return bpy.context.active_object


@pytest.fixture
def job(live: Live, cube: bpy.types.Object) -> Job:
    """A job whose mesh took the cube's place."""
    live.ready_to_generate()
    live.settings.placement, live.settings.hide_source = "SOURCE", True
    return live.generate()


def box(job: Job) -> Box:
    """The mesh of a job that is in the scene, unturned."""
    arrival = standing(job.id, bpy.context.scene)
    return Box.between(arrival.low, arrival.high).seen_from(arrival.root.matrix_world)


def near(*numbers: float) -> object:
    return pytest.approx(numbers, abs=1e-3)


def put(job: Job, **options: object) -> None:
    assert bpy.ops.scenario.place_result(job_id=job.id, **options) == {"FINISHED"}


def test_a_mesh_takes_the_place_of_what_was_selected(job: Job, cube: bpy.types.Object) -> None:
    assert box(job).base[:] == near(5, 6, 6)
    assert max(box(job).size[:]) == pytest.approx(2.0, abs=1e-3)
    assert cube.hide_get()
    assert cube.hide_render


def test_stretched_it_fills_the_place(job: Job) -> None:
    put(job, stretch=True)
    assert (box(job).base[:], box(job).size[:]) == (near(5, 6, 6), near(*CUBE_BOX))


@pytest.mark.parametrize(
    ("options", "base"),
    [
        ({"placement": "LOCATION", "location": (1, 2, 3)}, (1, 2, 3)),
        ({"placement": "ORIGIN"}, (0, 0, 0)),
        ({"placement": "CURSOR"}, (4, 4, 4)),
        ({}, (5, 6, 6)),
    ],
)
def test_it_can_be_placed_anew(job: Job, options: dict[str, object], base: Sequence[float]) -> None:
    bpy.context.scene.cursor.location = (4, 4, 4)
    put(job, placement="LOCATION", location=(9, 9, 9), height=9.0)
    put(job, turn=0.0, **options)
    assert box(job).base[:] == near(*base)


def test_height_turn_and_origin_can_be_given(job: Job) -> None:
    put(job, placement="ORIGIN", height=5.0, turn=math.pi, origin="CENTER")
    root = standing(job.id, bpy.context.scene).root
    assert box(job).size.z == pytest.approx(5.0, abs=1e-3)
    assert (root.rotation_euler.z, root.location.z) == near(math.pi, 2.5)


def test_what_was_given_once_is_not_remembered_for_the_next(job: Job) -> None:
    put(job, placement="ORIGIN", height=5.0)
    put(job)
    assert box(job).base[:] == near(5, 6, 6)


def test_a_further_import_comes_to_the_cursor_and_one_that_replaces_something_to_its_place(
    live: Live, job: Job
) -> None:
    live.settings.placement, live.settings.height = "ORIGIN", 3.0
    other = live.generate()
    bpy.context.scene.cursor.location = (4, 4, 4)
    for one, base in ((job, (5, 6, 6)), (other, (4, 4, 4))):
        bpy.ops.scenario.import_result(job_id=one.id)  # selected and active, so it is the one that is measured
        assert box(one).base[:] == near(*base)
    assert box(other).size.z == pytest.approx(3.0, abs=1e-3)


def test_in_another_file_it_comes_to_the_cursor(job: Job) -> None:
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.context.scene.cursor.location = (4, 4, 4)
    bpy.ops.scenario.import_result(job_id=job.id)
    assert box(job).base[:] == near(4, 4, 4)


def test_a_renamed_scene_is_no_hindrance(job: Job) -> None:
    bpy.context.scene.name = "renamed"
    put(job, placement="ORIGIN")
    assert box(job).base[:] == near(0, 0, 0)


def test_a_mesh_that_was_deleted_is_said_to_be_gone(job: Job) -> None:
    for obj in standing(job.id, bpy.context.scene).objects:
        bpy.data.objects.remove(obj)
    with pytest.raises(RuntimeError, match="import it again"):
        put(job)


def test_without_a_job_nothing_is_placed(live: Live) -> None:
    with pytest.raises(RuntimeError, match="no such job"):
        bpy.ops.scenario.place_result(job_id="nothing")


def test_what_replaced_nothing_cannot_be_put_in_place_of_it(live: Live) -> None:
    job = live.generate()
    with pytest.raises(RuntimeError, match="not made in place of anything"):
        put(job, placement="SOURCE")


def test_a_ledger_with_rubbish_in_it_leads_to_the_cursor(live: Live) -> None:
    job = live.generate()
    target = {**job.order.target, "placement": {"location": [math.nan] * 3, "box": ["a"], "turn": None}}
    session.jobs.write(replace(job, order=replace(job.order, target=target)))
    bpy.context.scene.cursor.location = (4, 4, 4)
    put(job)
    assert box(job).base[:] == near(4, 4, 4)


def test_the_job_of_an_older_add_on_still_has_its_place(live: Live) -> None:
    job = live.generate()
    target = {name: value for name, value in job.order.target.items() if name != "placement"}
    old = replace(job, order=replace(job.order, target={**target, "location": [1, 2, 3], "height": 1.5}))
    session.jobs.write(old)
    put(job)
    assert (box(job).base[:], box(job).size.z) == (near(1, 2, 3), pytest.approx(1.5, abs=1e-3))
    assert Placement.of_target(old.order.target).height == 1.5
