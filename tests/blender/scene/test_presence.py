# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that is in the file already does not come in a second time by itself, whatever the ledger knows of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui import pump
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.ledger.ledger import Ledger
from tests.blender.live import Live


def meshes() -> list[bpy.types.Object]:
    """In all scenes."""
    return [obj for scene in bpy.data.scenes for obj in scene.objects if "scenario_job_id" in obj]


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Nothing can be written down about an import any more, until it is called."""
    save = Ledger.save

    def refuse(ledger: Ledger, job: Job, *, follower: Job | None = None) -> bool:
        if job.state is State.IMPORTED:
            raise DiskError("The disk is full.")
        return save(ledger, job, follower=follower)

    monkeypatch.setattr(Ledger, "save", refuse)
    return lambda: monkeypatch.setattr(Ledger, "save", save)


@pytest.fixture
def blend(tmp_path: Path) -> str:
    """Where the artist saves."""
    path = str(tmp_path / "home.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    return path


def restart(live: Live, blend: str) -> None:
    """Save, end Blender, start it again and open the file."""
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    session.tasks.drop()
    live.restart()
    bpy.ops.wm.open_mainfile(filepath=blend)


def unnoticed(live: Live, blend: str, full_disk: Callable[[], None]) -> Job:
    """A job whose mesh came in without a word to the ledger, in the next session."""
    job = live.generate()
    restart(live, blend)
    full_disk()
    assert session.jobs[job.id].state is State.READY
    return session.jobs[job.id]


def in_another_scene(mesh: bpy.types.Object) -> None:
    other = bpy.data.scenes.new("Other")
    other.use_fake_user = True
    other.collection.objects.link(mesh)
    bpy.data.collections.remove(mesh.users_collection[0])


def out_of_its_collection(mesh: bpy.types.Object) -> None:
    home = mesh.users_collection[0]
    bpy.context.scene.collection.objects.link(mesh)
    bpy.data.collections.remove(home)


def hidden(mesh: bpy.types.Object) -> None:
    mesh.hide_viewport = True
    mesh.name = "Mine"


def nothing(mesh: bpy.types.Object) -> None: ...


@pytest.mark.parametrize("change", [nothing, hidden, out_of_its_collection, in_another_scene])
def test_what_came_in_unnoticed_is_only_noted(
    live: Live, blend: str, full_disk: Callable[[], None], change: Callable[[bpy.types.Object], None]
) -> None:
    live.generate()
    change(meshes()[0])
    restart(live, blend)
    full_disk()
    (job,) = live.jobs
    assert job.state is State.READY
    live.pump_until_state(State.IMPORTED, job)
    assert len(meshes()) == 1
    live.restart()
    assert live.job.state is State.IMPORTED, "now the ledger knows"


def test_what_the_artist_has_deleted_does_not_come_back_by_itself(
    live: Live, blend: str, full_disk: Callable[[], None]
) -> None:
    live.generate()
    bpy.data.objects.remove(meshes()[0])
    restart(live, blend)
    full_disk()
    live.pump_until_state(State.IMPORTED, live.job)
    assert meshes() == []


def test_the_button_notes_it_too_and_selects_it(live: Live, blend: str, full_disk: Callable[[], None]) -> None:
    job = unnoticed(live, blend, full_disk)
    bpy.ops.mesh.primitive_cube_add()
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    assert session.jobs[job.id].state is State.IMPORTED
    (mesh,) = meshes()
    assert list(bpy.context.view_layer.objects.selected) == [mesh]
    assert bpy.context.view_layer.objects.active == mesh
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    assert len(meshes()) == 2, "who presses it for what is in the scene wants another copy"


def test_the_button_leaves_an_artist_in_edit_mode_alone(live: Live, blend: str, full_disk: Callable[[], None]) -> None:
    job = unnoticed(live, blend, full_disk)
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    cube = bpy.context.active_object
    bpy.ops.scenario.import_result(job_id=job.id)
    assert (bpy.context.active_object, bpy.context.mode) == (cube, "EDIT_MESH")
    assert session.jobs[job.id].state is State.IMPORTED


def test_the_button_brings_back_what_was_deleted(live: Live, blend: str, full_disk: Callable[[], None]) -> None:
    job = unnoticed(live, blend, full_disk)
    bpy.data.objects.remove(meshes()[0])
    bpy.ops.scenario.import_result(job_id=job.id)
    assert len(meshes()) == 1


def test_a_further_copy_that_came_in_unnoticed_is_no_reason_for_a_third(
    live: Live, blend: str, full_disk: Callable[[], None]
) -> None:
    job = live.generate()
    session.jobs[job.id].file.path.unlink()  # so that the copy is fetched, and imported by itself
    bpy.ops.scenario.import_result(job_id=job.id)
    assert len(meshes()) == 2
    restart(live, blend)
    full_disk()
    live.pump_until_state(State.IMPORTED, live.job)
    for _ in range(3):
        pump.pump()
    assert len(meshes()) == 2
