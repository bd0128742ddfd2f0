# SPDX-License-Identifier: GPL-3.0-or-later
"""What the timer does: it moves everything on, never raises and never blocks."""

from __future__ import annotations

import time

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery.delivery import modal_operators
from scenario_addon.blender.form import parameters
from scenario_addon.blender.ui import pump
from scenario_addon.engine.ledger.job import State
from tests.blender.live import Live
from tests.service import Fault

QUICK_S = 5.0
"""Far more than a tick takes on the busiest machine and far less than any answer in this test."""


def test_a_tick_does_not_wait_for_the_service(live: Live) -> None:
    live.ready_to_generate()
    live.service.fail("GET", r"/models", Fault.TIMEOUT, seconds=30)
    jobs = [live.begin() for _ in range(3)]
    longest_s = 0.0
    while any(session.jobs[job.id].state not in (State.READY, State.IMPORTED) for job in jobs):
        began_s = time.perf_counter()
        session.tick()
        longest_s = max(longest_s, time.perf_counter() - began_s)
        time.sleep(0.001)
    print(f"longest tick with three jobs: {longest_s * 1000:.2f} ms")
    assert longest_s < QUICK_S


@pytest.mark.parametrize("broken", ["tick", "deliver", "form"])
def test_a_bug_is_logged_and_the_rest_goes_on(
    live: Live, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    job, told = live.begin(), list[str]()
    while session.jobs[job.id].state is not State.READY:
        session.tick()
        time.sleep(0.001)
    model, is_synced = live.choose("model_pixal3d", {}), parameters.is_synced
    live.settings.models.clear()
    session.tasks.run("task", lambda: "done", told.append)
    is_done = {
        "tick": lambda: told == ["done"],
        "deliver": lambda: session.jobs[job.id].state is State.IMPORTED,
        "form": lambda: is_synced(live.settings.models, session.models.in_use(model.id)),
    }

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    where, name = {
        "tick": (session, "tick"),
        "deliver": (pump, "deliver_ready"),
        "form": (parameters, "is_synced"),
    }[broken]
    monkeypatch.setattr(where, name, fail)
    live.pump_until(lambda: all(check() for part, check in is_done.items() if part != broken))
    assert not is_done[broken]()
    assert "a bug" in caplog.text


def test_a_shown_scene_gets_the_settings_of_its_model(live: Live) -> None:
    session.load_now()
    model = session.models.look_up("model_pixal3d")
    live.settings.model = model.id
    assert not parameters.is_synced(live.settings.models, model)
    live.pump_until(lambda: parameters.is_synced(live.settings.models, session.models.in_use(model.id)))


def test_there_is_nothing_to_come_back_for_when_all_is_done(live: Live) -> None:
    live.generate()
    with live.watching() as operator:
        live.pump_until(lambda: not pump.go_on(operator))
    assert not session.is_busy


def test_it_is_needed_while_a_mesh_waits_to_be_imported_here(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    job = live.begin()
    with live.watching() as operator, monkeypatch.context() as patch:
        patch.setattr(pump, "deliver_ready", lambda: False)  # as while somebody drags something
        while session.jobs[job.id].state is not State.READY or session.is_busy:
            assert pump.go_on(operator)
            time.sleep(0.001)
        assert pump.go_on(operator)
        patch.undo()
        live.pump_until(lambda: not pump.go_on(operator))
    assert session.jobs[job.id].state is State.IMPORTED


def test_what_came_in_and_what_failed_is_reported_whichever_tab_is_open(live: Live) -> None:
    session.load_now()
    with live.watching() as operator:
        job = live.begin()
        live.pump_until(lambda: not pump.go_on(operator))
        assert session.jobs[job.id].state is State.IMPORTED
        ((levels, text),) = operator.told
        assert levels == {"INFO"} and text.startswith("Chair is in the scene: ")
    with live.watching() as operator:
        live.service.fail_job("Nothing is to be seen.")
        live.begin()
        live.pump_until(lambda: not pump.go_on(operator))
        ((levels, text),) = operator.told
        assert levels == {"WARNING"} and text == "Chair failed: Nothing is to be seen."


def test_another_file_is_another_home(live: Live) -> None:
    before = session.file_token
    bpy.ops.wm.read_homefile(use_empty=True)
    assert session.file_token != before


def test_no_modal_operator_starts_without_a_window(live: Live) -> None:
    live.begin()
    pump.arm()
    assert modal_operators() == []
