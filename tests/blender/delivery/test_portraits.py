# SPDX-License-Identifier: GPL-3.0-or-later
"""Results get a picture each; nothing is asked and no disk is looked at while a panel is drawn."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.blender.delivery import portraits as portraits_module
from scenario_addon.blender.delivery.portraits import portraits
from scenario_addon.blender.ui import pump
from scenario_addon.engine.fetch.portraits import portrait_path
from scenario_addon.engine.ledger.job import Job
from scenario_addon.engine.values import JobId
from tests.blender.fake_layout import drawn
from tests.blender.listed_jobs import enter
from tests.blender.live import Live
from tests.service import Fault

JOBS = "SCENARIO_PT_jobs"


@pytest.fixture
def job(live: Live) -> Job:
    made = live.generate()
    live.pump_until(lambda: not session.is_busy)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The time in seconds at which the service is asked."""
    found = SimpleNamespace(now_s=1000.0)
    monkeypatch.setattr(portraits_module, "time", SimpleNamespace(monotonic=lambda: found.now_s))
    yield found


def settled(live: Live) -> None:
    """Draw, and do what comes of it, until there is nothing to do."""
    for _ in range(3):
        drawn(JOBS)
        pump.pump()
        live.pump_until(lambda: not session.is_busy)


def asked(live: Live) -> int:
    """How often for addresses of files."""
    return sum(request.path.endswith("/assets/get-bulk") for request in live.service.requests)


def test_a_result_is_shown_by_the_services_picture_of_it(live: Live, job: Job) -> None:
    assert portraits().of(job) is None
    settled(live)
    assert portraits().of(job) == portrait_path(config.folder(), job.id)
    before = asked(live)
    settled(live)
    assert asked(live) == before


def test_what_is_never_drawn_is_never_asked_for(live: Live, job: Job) -> None:
    before = asked(live)
    pump.pump()
    live.pump_until(lambda: not session.is_busy)
    assert asked(live) == before and not portrait_path(config.folder(), job.id).exists()


def test_until_there_is_one_the_picture_it_was_made_of_stands_for_it(live: Live, job: Job) -> None:
    live.service.fail("POST", r"/assets/get-bulk", Fault.STATUS, times=None, status=403)
    settled(live)
    assert portraits().of(job) is None
    assert portraits().source(job) == job.order.images()[0].path


def test_the_service_is_asked_again_a_little_later_and_not_for_ever(
    live: Live, job: Job, clock: SimpleNamespace
) -> None:
    live.service.fail("GET", r"/thumbnails/", Fault.STATUS, times=None, status=404)
    before, counts = asked(live), []
    for later_s in (0.0, 1.0, 30.0, 1.0, 300.0, 1000.0, 100_000.0):
        clock.now_s += later_s
        settled(live)
        counts.append(asked(live) - before)
    assert counts == [1, 1, 2, 2, 3, 3, 3]


def test_a_job_of_another_project_is_not_asked_about(live: Live, job: Job) -> None:
    enter(job, scope="another")
    before = asked(live)
    settled(live)
    assert asked(live) == before


def test_one_that_is_there_is_known_in_the_next_session(live: Live, job: Job) -> None:
    settled(live)
    live.restart()
    before = asked(live)
    settled(live)
    assert portraits().of(session.jobs[job.id]) is not None
    assert asked(live) == before


def test_a_job_that_is_taken_off_the_list_takes_its_portrait_with_it(live: Live, job: Job) -> None:
    settled(live)
    path = portrait_path(config.folder(), job.id)
    assert path.exists()
    bpy.ops.scenario.dismiss(job_id=job.id)
    live.pump_until(lambda: not path.exists())


@pytest.mark.parametrize("harm", ["removed", "spoiled", "a folder"])
def test_one_that_is_harmed_while_it_is_shown_costs_nothing_but_itself(live: Live, job: Job, harm: str) -> None:
    settled(live)
    path = portrait_path(config.folder(), job.id)
    path.unlink()
    if harm == "spoiled":
        path.write_bytes(b"nothing")
    elif harm == "a folder":
        path.mkdir()
    assert "Chair" in drawn(JOBS).texts
    live.restart()
    settled(live)
    assert "Chair" in drawn(JOBS).texts


def test_a_redraw_looks_at_no_disk(live: Live, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = replace(job.order.images()[0], path=Path("/nowhere/chair.png"))
    pictures = (replace(job.order.pictures[0], images=(gone,)),)
    enter(job, id=JobId("other"), order=replace(job.order, pictures=pictures))
    settled(live)
    looked: list[Any] = []
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, *rest, **named: looked.append(path) or real(path, *rest, **named))
    for _ in range(3):
        drawn(JOBS)
    assert looked == []
