# SPDX-License-Identifier: GPL-3.0-or-later
"""Which scene a job belongs to, whatever becomes of the scene meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery import waiting
from scenario_addon.blender.delivery.homes import here, is_homeless, scene_of
from scenario_addon.blender.ui import pump
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import drawn
from tests.blender.live import Live

OTHER_KEYS = ("scene_uid", "scene_mark")


def asked_for(live: Live) -> Job:
    """A job that was asked for in the scene that is shown, and is not carried on."""
    return live.begin()


def reopen(path: Path) -> None:
    """Save the file and start Blender again with it."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True)
    session.file_changed()
    bpy.ops.wm.open_mainfile(filepath=str(path))
    session.file_changed()


def at_home(job: Job) -> Job:
    """The job as if its file had been saved when it was asked for."""
    return replace(job, order=replace(job.order, target={**job.order.target, "blend": bpy.data.filepath}))


def meshes_in(scene: bpy.types.Scene) -> int:
    return len([obj for obj in scene.objects if "scenario_job_id" in obj])


def copied(scene: bpy.types.Scene) -> bpy.types.Scene:
    """A copy of it, which is shown now."""
    copy = scene.copy()
    copy.use_fake_user = True  # the menu sees to it that a copy is saved; the operator crashes some without a window
    bpy.context.window.scene = copy
    assert copy.scenario.marks == scene.scenario.marks != ""
    return copy


def test_a_scene_that_was_renamed_gets_its_mesh(live: Live) -> None:
    job = live.begin()
    bpy.context.scene.name = "Renamed"
    bpy.data.scenes.new("Scene")
    live.pump_until_state(State.IMPORTED, job)
    assert (meshes_in(bpy.data.scenes["Renamed"]), meshes_in(bpy.data.scenes["Scene"])) == (1, 0)


def test_a_scene_that_was_renamed_is_known_after_a_restart(live: Live, tmp_path: Path) -> None:
    job = asked_for(live)
    bpy.context.scene.name = "Renamed"
    bpy.data.scenes.new("Scene")
    reopen(tmp_path / "home.blend")
    assert scene_of(at_home(job)).name == "Renamed"


def test_a_file_is_known_by_what_it_is_and_not_by_how_its_path_is_spelled(
    live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "drive").mkdir()
    (tmp_path / "share").symlink_to(tmp_path / "drive")
    job = asked_for(live)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "drive" / "room \u00e9.blend"))
    job = at_home(job)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "share" / "room \u00e9.blend"))
    session.file_changed()
    assert bpy.data.filepath != job.order.target["blend"]
    looked: list[Path] = []
    samefile = Path.samefile
    monkeypatch.setattr(Path, "samefile", lambda one, other: (looked.append(one), samefile(one, other))[1])
    assert [scene_of(job), scene_of(job)] == [bpy.context.scene] * 2
    assert len(looked) == 1, "it is asked for drawing, too"
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "room \u00e9.blend"))
    assert scene_of(job) is None, "a copy elsewhere is another file"


@pytest.mark.parametrize("is_redone", [False, True])
def test_an_undo_that_takes_the_mark_away_loses_nothing(live: Live, tmp_path: Path, *, is_redone: bool) -> None:
    live.ready_to_generate()
    bpy.context.preferences.edit.use_global_undo = True
    bpy.ops.ed.undo_push(message="before")
    live.settings.height = 1.0
    bpy.ops.ed.undo_push(message="after")
    job = live.begin()
    bpy.ops.ed.undo()
    if is_redone:
        bpy.ops.ed.redo()
    assert live.settings.height == float(is_redone)
    bpy.context.scene.name = "Renamed"
    assert scene_of(job) == bpy.context.scene
    pump.pump()
    reopen(tmp_path / "home.blend")
    assert scene_of(at_home(job)).name == "Renamed"


def test_of_a_scene_and_its_copy_the_name_decides(live: Live, tmp_path: Path) -> None:
    job, original = asked_for(live), bpy.context.scene
    copy = copied(original)
    original.name, copy.name = "Zoo", "Aviary"
    assert scene_of(job).name == "Zoo", "as long as the file is open"
    original.name = "Scene"
    reopen(tmp_path / "home.blend")
    assert scene_of(at_home(job)).name == "Scene"


def test_what_is_asked_for_in_a_copy_belongs_to_the_copy_alone(live: Live, tmp_path: Path) -> None:
    first = asked_for(live)
    copy = copied(bpy.context.scene)
    second = asked_for(live)
    copy.name = "Aviary"
    assert (scene_of(first).name, scene_of(second).name) == ("Scene", "Aviary")
    reopen(tmp_path / "home.blend")
    assert (scene_of(at_home(first)).name, scene_of(at_home(second)).name) == ("Scene", "Aviary")


def test_a_scene_has_one_mark_however_often_something_is_asked_for(live: Live) -> None:
    marks = {here(bpy.context)["scene_mark"] for _ in range(3)}
    assert len(marks) == 1
    assert {live.settings.marks} == marks


def test_a_scene_of_another_file_is_not_written_to(live: Live, tmp_path: Path) -> None:
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, wanted):
        wanted.scenes = ["Scene"]
    (linked,) = wanted.scenes
    with bpy.context.temp_override(scene=linked):
        target = here(bpy.context)
    assert linked.scenario.marks == ""
    job = replace(asked_for(live), id="linked")
    assert scene_of(replace(job, order=replace(job.order, target=target))) == linked


def test_a_job_of_an_older_version_knows_its_scene_by_name(live: Live) -> None:
    job = asked_for(live)
    target = {name: value for name, value in job.order.target.items() if name not in OTHER_KEYS}
    assert scene_of(replace(job, order=replace(job.order, target=target))) == bpy.context.scene


def delete_the_scene(live: Live) -> Job:
    """Have a job made whose scene is deleted meanwhile; another one has the name."""
    other = bpy.data.scenes.new("Other")
    job = live.begin()
    gone = bpy.context.scene
    bpy.context.window.scene = other
    bpy.data.scenes.remove(gone)
    other.name = "Scene"
    return live.pump_until_state(State.READY, job)


def test_a_scene_that_was_deleted_leaves_the_mesh_in_the_list_and_says_so(live: Live) -> None:
    job = delete_the_scene(live)
    for _ in range(3):
        pump.pump()
    assert session.jobs[job.id].state is State.READY
    assert is_homeless(job)
    shown = drawn("SCENARIO_PT_jobs")
    assert "Its scene is gone" in str(shown)
    assert shown.button("scenario.import_result").values == {"job_id": job.id}
    assert waiting.why(job).startswith("Its scene is gone: ")
    assert meshes_in(bpy.context.scene) == 0


def test_the_mesh_of_a_scene_that_is_gone_comes_to_the_cursor(live: Live) -> None:
    job = delete_the_scene(live)
    bpy.context.scene.cursor.location = (4.0, 5.0, 6.0)
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    assert session.jobs[job.id].state is State.IMPORTED
    (mesh,) = [obj for obj in bpy.context.scene.objects if "scenario_job_id" in obj]
    assert tuple(mesh.location)[:2] == (4.0, 5.0)


def test_another_file_is_not_called_a_scene_that_is_gone(live: Live) -> None:
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    assert not is_homeless(session.jobs[job.id])
    assert "another file" in waiting.why(session.jobs[job.id])


@pytest.mark.parametrize("changes", [{"scene": ""}, {"scene_mark": None}, {"scene_mark": "", "scene_uid": None}, {}])
def test_a_home_that_makes_no_sense_is_no_error(live: Live, changes: dict[str, Any]) -> None:
    job = asked_for(live)
    scene_of(replace(job, order=replace(job.order, target={**job.order.target, **changes, "file_token": "other"})))
