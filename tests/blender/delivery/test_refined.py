# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that refines a mesh brings its result into the place of that, or says why it does not."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery import conversions, delivery, homes
from scenario_addon.blender.delivery.conversions import finish_of
from scenario_addon.blender.refining import uv_map
from scenario_addon.blender.request import filling
from scenario_addon.blender.scene import views
from scenario_addon.blender.scene.refined import Refined
from scenario_addon.blender.variants.group import key_of, members
from scenario_addon.blender.variants.whereabouts import whereabouts
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.delivery.test_conversions import Use, use
from tests.blender.live import Live

__all__ = ["use"]

Refine = Callable[..., Job]


@pytest.fixture
def refine(live: Live, monkeypatch: pytest.MonkeyPatch) -> Refine:
    """Have a mesh made, as of objects by these names."""

    def made(*objects: str, job_id: str | None = None, kind: str = "Retopology", until: State = State.IMPORTED) -> Job:
        more = Refined(kind, objects, job_id).in_target()
        live.ready_to_generate()
        with monkeypatch.context() as patch:
            patch.setattr(filling, "here", lambda context: {**homes.here(context), **more})
            job = live.begin()
        session.announcements.take()
        live.pump_until_state(until, job)
        return session.jobs[job.id]

    return made


def result_of(job: Job) -> Any:
    return next(obj for obj in bpy.data.objects if obj.get("scenario_job_id") == job.id and obj.parent is None)


@pytest.fixture
def cube() -> Any:
    bpy.ops.mesh.primitive_cube_add(location=(4.0, 5.0, 6.0))
    return bpy.context.active_object


def test_it_comes_in_the_place_of_its_source_and_that_is_told(refine: Refine, cube: Any) -> None:
    job = refine("Cube")
    ((level, text),) = session.announcements.take()
    assert level == "INFO" and "in place of Cube" in text
    root = result_of(job)
    assert not cube.visible_get() and len(members(key_of(root), bpy.context.scene)) == 2
    assert root.matrix_world == cube.matrix_world


def test_what_a_job_had_made_gives_its_place_to_what_is_made_of_it_then(live: Live, refine: Refine) -> None:
    live.ready_to_generate()
    live.settings.target_height = 3.0
    first = live.begin()
    live.pump_until_state(State.IMPORTED, first)
    root = result_of(first)
    root.location = (7.0, 0.0, 0.0)
    second = refine(job_id=first.id)
    assert not root.visible_get() and key_of(result_of(second)) == key_of(root)
    assert result_of(second).matrix_world == root.matrix_world


@pytest.mark.parametrize("fate", ["deleted", "renamed", "in another scene"])
def test_a_source_that_is_gone_is_told_and_the_mesh_stands_as_any_other(refine: Refine, cube: Any, fate: str) -> None:
    if fate == "deleted":
        bpy.data.objects.remove(cube)
    elif fate == "renamed":
        cube.name = "Box"
    else:
        bpy.context.scene.collection.objects.unlink(cube)
        bpy.data.scenes.new("Other").collection.objects.link(cube)
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    job = refine("Cube")
    ((level, text),) = session.announcements.take()
    told = "Cube is not in this scene any more: the result stands where a new mesh would."
    assert level == "WARNING" and told in text and told in (job.notice or "")
    assert tuple(round(part, 4) for part in result_of(job).location) == (1.0, 2.0, 3.0)


def test_where_an_earlier_result_is_gone_what_was_made_of_it_stands_where_that_was_put(
    live: Live, refine: Refine
) -> None:
    live.ready_to_generate()
    bpy.context.scene.cursor.location = (3.0, 3.0, 0.0)
    first = live.begin()
    live.pump_until_state(State.IMPORTED, first)
    bpy.data.objects.remove(result_of(first))
    bpy.context.scene.cursor.location = (9.0, 9.0, 9.0)
    job = refine("Chair", job_id=first.id)
    assert tuple(round(part, 4) for part in result_of(job).location) == (3.0, 3.0, 0.0)


def test_an_earlier_result_that_is_gone_is_told_by_its_name(live: Live, refine: Refine) -> None:
    live.ready_to_generate()
    first = live.begin()
    live.pump_until_state(State.IMPORTED, first)
    bpy.data.objects.remove(result_of(first))
    refine(job_id=first.id)
    assert f"{first.order.name} is not in this scene any more" in session.announcements.take()[0][1]


def test_a_further_copy_comes_to_the_cursor(refine: Refine, cube: Any) -> None:
    job = refine("Cube")
    first = result_of(job)
    bpy.context.scene.cursor.location = (-9.0, 0.0, 0.0)
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    (second,) = [obj for obj in bpy.context.scene.objects if obj.get("scenario_job_id") == job.id and obj != first]
    assert second.visible_get() and round(second.location.x, 3) == -9.0


def test_new_uvs_are_told_found_shown_and_not_added_twice(live: Live, refine: Refine) -> None:
    live.ready_to_generate()
    first = live.begin()
    live.pump_until_state(State.IMPORTED, first)
    mesh = result_of(first).data
    before = [layer.name for layer in mesh.uv_layers]
    job = refine(job_id=first.id, kind="UVs")  # of the same picture: the same mesh
    ((level, text),) = session.announcements.take()
    name = job.order.model_name
    assert level == "INFO" and f"UV map '{name}' added, 100 % of faces matched" in text
    assert [layer.name for layer in mesh.uv_layers] == [*before, name]
    assert not [obj for obj in bpy.data.objects if obj.get("scenario_job_id") == job.id]
    assert whereabouts(bpy.context.scene)[job.id].words == "in the scene"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(views, "look_at_selected", lambda scene: None)
        assert bpy.ops.scenario.show_result(job_id=job.id) == {"FINISHED"}
    assert bpy.context.view_layer.objects.active == result_of(first)
    with pytest.raises(RuntimeError, match="there is nothing to place"):
        bpy.ops.scenario.place_result(job_id=job.id)
    session.jobs.write(replace(session.jobs[job.id], state=State.READY))
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}  # it is in the scene already
    assert session.jobs[job.id].state is State.IMPORTED
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}  # anew
    assert [layer.name for layer in mesh.uv_layers] == [*before, name]


def test_what_is_wanted_after_an_import_is_not_done_to_a_mesh_that_only_brings_uvs(refine: Refine, live: Live) -> None:
    live.settings.finish.target_triangles = 20
    job = refine("Cube", kind="UVs")
    assert finish_of(job).triangles == 0 and finish_of(refine("Cube")).triangles == 20


def test_an_animation_that_was_asked_for_is_kept(refine: Refine) -> None:
    kept = [finish_of(refine("Cube", kind=kind)).keep_animations for kind in ("Animation", "Rig")]
    assert kept == [True, False]


def test_new_uvs_are_matched_once_and_in_a_worker_thread_before_they_come_in(
    live: Live, refine: Refine, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    use()
    live.ready_to_generate()
    first = live.begin()
    live.pump_until_state(State.IMPORTED, first)
    threads: list[str] = []
    matched = uv_map.match

    def match(*faces: Any) -> Any:
        threads.append(threading.current_thread().name)
        return matched(*faces)

    monkeypatch.setattr(uv_map, "match", match)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "is_converting", lambda job: True)  # it does not come in yet
        job = refine(job_id=first.id, kind="UVs", until=State.READY)
        live.pump_until(lambda: not conversions.is_converting(job))
        assert not conversions.match_ahead(job, bpy.context.scene)
        live.pump_until(lambda: conversions.match_ahead(job, bpy.context.scene))
    live.pump_until_state(State.IMPORTED, job)
    assert job.order.model_name in result_of(first).data.uv_layers
    assert threads == ["scenario-uv map"]
