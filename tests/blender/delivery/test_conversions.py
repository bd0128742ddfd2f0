# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes are converted by another process before they come in; when that fails, it depends on whose fault it is."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.children.process import blender_with
from scenario_addon.blender.converting import converter
from scenario_addon.blender.converting.converter import WORK
from scenario_addon.blender.delivery import conversions
from scenario_addon.blender.importing import importer
from scenario_addon.blender.ui import pump
from scenario_addon.blender.ui.results import jobs
from scenario_addon.engine.ledger.job import State
from tests.blender.converting.test_converter import BEGUN
from tests.blender.delivery.test_delivery import imported
from tests.blender.fake_layout import drawn
from tests.blender.live import Live, preferences
from tests.blender.processes import Processes

pytestmark = pytest.mark.slow

Use = Callable[..., Processes]


@pytest.fixture
def use(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Have meshes converted, by a child or by what is said instead; gives the children."""
    numbers = itertools.count()

    def begin(*command: str) -> Processes:
        conversions.close()
        children = Processes(tmp_path / f"children {next(numbers)}", *blender_with(WORK))
        monkeypatch.setattr(converter, "this_blender", lambda: command or children.command)
        return children

    yield begin
    conversions.close()


def refuse(*given: object, **options: object) -> None:
    raise AssertionError("imported directly")


def test_a_job_comes_in_as_it_was_converted(live: Live, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    use()
    monkeypatch.setattr(importer, "read_into", refuse)
    job = live.begin()
    live.pump_until_state(State.IMPORTED, job)
    (obj,) = imported()
    assert obj["scenario_job_id"] == job.id


def test_a_process_is_ready_before_the_mesh_is_and_gone_when_nothing_follows(live: Live, use: Use) -> None:
    children = use()
    job = live.begin()
    live.pump_until(lambda: children.started or session.jobs[job.id].state is State.IMPORTED)
    assert session.jobs[job.id].state is not State.IMPORTED
    live.pump_until_state(State.IMPORTED, job)
    live.pump_until(lambda: not children.living)


def test_what_was_staged_does_not_outlive_the_add_on(live: Live, use: Use) -> None:
    use()
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    conversions.convert(session.jobs[job.id])
    live.pump_until(lambda: not conversions.is_converting(session.jobs[job.id]))
    conversions.stage(session.jobs[job.id])
    assert bpy.data.objects
    conversions.close()
    assert not (bpy.data.objects or bpy.data.meshes)


def test_while_it_is_converted_a_job_waits_and_says_so(live: Live, use: Use) -> None:
    use(sys.executable, "-c", BEGUN + "import time; time.sleep(100)")
    job = live.begin()
    live.pump_until_state(State.READY, job)
    for _ in range(3):
        pump.pump()
    assert session.jobs[job.id].state is State.READY
    assert "Being prepared" in str(drawn("SCENARIO_PT_jobs"))
    use()
    live.pump_until_state(State.IMPORTED, job)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("os.abort()", "crashed Blender's importer"),
        ("print('{\"exhausted\": true}', flush=True)", "needs more memory than"),
    ],
)
def test_a_file_that_was_too_much_for_the_other_blender_is_kept_from_this_one(
    live: Live, use: Use, monkeypatch: pytest.MonkeyPatch, end: str, reason: str
) -> None:
    use(sys.executable, "-c", BEGUN + end)
    with monkeypatch.context() as patch:
        patch.setattr(importer, "read_into", refuse)
        job = live.begin()
        live.pump_until(lambda: session.jobs[job.id].error)
    held = session.jobs[job.id]
    assert (held.state, held.file.path.exists()) == (State.READY, True)
    assert reason in held.error
    assert imported() == []
    use()
    with live.in_window():
        assert bpy.ops.scenario.resume(job_id=job.id) == {"FINISHED"}
    live.pump_until_state(State.IMPORTED, job)
    assert len(live.service.charges) == 1


def test_textures_are_no_larger_than_the_preferences_say_where_somebody_would_wait(live: Live, use: Use) -> None:
    job = live.begin()
    as_delivered = conversions.finish_of(job)
    assert (as_delivered.most_texture_px, as_delivered.most_pixels) == (0, 0), "there is neither window nor child"
    use()
    assert conversions.finish_of(job).most_texture_px == 4096
    preferences().largest_texture = "8192"
    found = conversions.finish_of(job)
    assert found == as_delivered.within(most_texture_px=8192)
    assert 4 * 8192**2 <= found.most_pixels < 100 * 4096**2


def test_without_another_blender_the_import_is_direct(live: Live, use: Use) -> None:
    use("/nowhere/blender")
    job = live.begin()
    live.pump_until_state(State.IMPORTED, job)
    assert len(imported()) == 1


def test_after_a_restart_what_was_ready_is_converted_anew(live: Live, use: Use, tmp_path: Path) -> None:
    home = tmp_path / "home.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(home))
    use(sys.executable, "-c", BEGUN + "import time; time.sleep(100)")
    job = live.begin()
    live.pump_until_state(State.READY, job)
    session.close()
    children = use()
    bpy.ops.wm.open_mainfile(filepath=str(home))
    session.load_now()
    live.pump_until_state(State.IMPORTED, job)
    assert children.started


def test_the_button_has_it_converted_and_placed_at_the_cursor_of_the_moment(
    live: Live, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = live.generate()
    use()
    monkeypatch.setattr(importer, "read_into", refuse)
    bpy.context.scene.cursor.location = (5.0, 0.0, 0.0)
    monkeypatch.setattr(jobs.SCENARIO_OT_import_result, "_may_wait", True)  # nothing is pressed without a window
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"CANCELLED"}
    bpy.context.scene.cursor.location = (9.0, 9.0, 9.0)
    assert session.jobs[job.id].state is State.READY
    live.pump_until_state(State.IMPORTED, job)
    first, second = sorted(imported(), key=lambda obj: obj.name)
    assert first.location.x != pytest.approx(second.location.x)
    assert second.location.x == pytest.approx(5.0, abs=0.01)


def test_what_was_converted_is_used_for_a_further_import(live: Live, use: Use) -> None:
    children = use()
    job = live.begin()
    live.pump_until_state(State.IMPORTED, job)
    started = children.started
    assert bpy.ops.scenario.import_result(job_id=job.id) == {"FINISHED"}
    assert len(imported()) == 2
    assert children.started == started
