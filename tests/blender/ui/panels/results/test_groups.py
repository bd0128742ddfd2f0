# SPDX-License-Identifier: GPL-3.0-or-later
"""Many results stay a short list: grouped, a few at a time, searched."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui.panels.results.groups import chosen, listing
from scenario_addon.engine.ledger.job import Job, State
from scenario_addon.engine.values import JobId
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.listed_jobs import enter
from tests.blender.live import Live

JOBS = "SCENARIO_PT_jobs"


@pytest.fixture
def job(live: Live) -> Job:
    """A job that nobody carries on while it is looked at."""
    made = live.generate()
    live.pump_until(lambda: not session.is_busy)
    return made


def further(job: Job, number: int, source: str, **changes: Any) -> Job:
    """One more job, made of some source."""
    name, seed = changes.pop("name", source), changes.pop("seed", number)
    order = replace(job.order, name=name, target={**job.order.target, "source": source}, values={"seed": seed})
    return enter(job, id=JobId(f"job{number}"), order=order, **changes)


def look(**shown: object) -> FakeLayout:
    for name, value in shown.items():
        setattr(bpy.context.window_manager, f"scenario_results_{name}", value)
    return drawn(JOBS)


def makers(layout: FakeLayout) -> list[int]:
    """The seeds that are drawn, from the top."""
    words = str(layout).replace(",", "").split()  # at spaces of any kind
    return [int(after) for word, after in pairwise(words) if word == "seed"]


def test_what_was_made_of_one_picture_stands_together_the_latest_first(live: Live, job: Job) -> None:
    for number, source in enumerate(("lamp", "robot", "lamp", "robot", "lamp")):
        further(job, number, source)
    shown = drawn(JOBS)
    assert makers(shown) == [4, 2, 0, 3, 1]
    assert shown.texts.index("lamp") < shown.texts.index("robot") < shown.texts.index("Chair")
    assert "3" in shown.texts and "2" in shown.texts


def test_of_a_large_group_the_latest_are_shown_and_more_on_request_a_few_at_a_time(live: Live, job: Job) -> None:
    for number in range(30):
        further(job, number, "lamp")
    shown = drawn(JOBS)
    assert makers(shown) == [29, 28, 27, 26, 25, 24]
    more = shown.button("scenario.show_more", "24 More")
    bpy.ops.scenario.show_more(**more.values)
    shown = drawn(JOBS)
    assert len(makers(shown)) == 16
    bpy.ops.scenario.show_more(**shown.button("scenario.show_more", "14 More").values)
    assert len(makers(drawn(JOBS))) == 26


def test_earlier_groups_are_shown_on_request_a_few_at_a_time(live: Live, job: Job) -> None:
    for number in range(12):
        further(job, number, f"lamp {number}")
    shown = drawn(JOBS)
    assert [text for text in shown.texts if text.startswith("lamp")] == [
        f"lamp {number}" for number in range(11, 6, -1)
    ]
    bpy.ops.scenario.show_more(**shown.button("scenario.show_more", "Show Earlier (8)").values)
    assert sum(text.startswith("lamp") for text in drawn(JOBS).texts) == 10


def test_a_few_results_need_no_search(live: Live, job: Job) -> None:
    for number in range(19):
        further(job, number, "lamp")
    assert "scenario_results_search" not in drawn(JOBS).properties
    further(job, 19, "lamp")
    assert {"scenario_results_search", "scenario_results_filter"} <= set(drawn(JOBS).properties)


def test_results_are_found_by_all_of_several_words(live: Live, job: Job) -> None:
    for number in range(25):
        further(job, number, "robot" if number % 2 else "lamp")
    further(job, 25, "robot", state=State.FAILED, error="No visible subject.")
    assert makers(look(search="ROBOT 23")) == [23]
    assert makers(look(search="visible")) == [25]
    assert makers(look(search="hunyuan lamp")) == [24, 22, 20, 18, 16, 14]
    assert "Nothing matches" in look(search="unicorn").texts
    assert "scenario_results_search" in drawn(JOBS).properties


def test_a_filter_shows_what_is_here_under_way_or_failed(live: Live, job: Job) -> None:
    further(job, 1, "robot", state=State.FAILED, error="Too dark.")
    further(job, 2, "lamp", state=State.RUNNING, wait_s=None)
    assert makers(look(filter="FAILED")) == [1]
    assert makers(look(filter="RUNNING")) == [2]
    shown = look(filter="HERE")
    assert "Chair" in shown.texts and not makers(shown)
    assert len(makers(look(filter="ALL"))) == 2


def test_a_change_of_a_job_is_seen_at_once(live: Live, job: Job) -> None:
    further(job, 1, "lamp", seed=1)
    assert makers(drawn(JOBS)) == [1]
    further(job, 1, "lamp", seed=2)
    assert makers(drawn(JOBS)) == [2]
    session.jobs.remove(JobId("job1"))
    assert makers(drawn(JOBS)) == []


def test_a_thousand_jobs_are_not_worked_out_anew_with_each_redraw(live: Live, job: Job) -> None:
    jobs = [
        replace(job, id=JobId(f"job{n}"), order=replace(job.order, target={"source": str(n % 40)})) for n in range(1000)
    ]
    first = listing(jobs)
    assert listing(list(jobs)) is first
    assert sum(len(group.jobs) for group in chosen(first, "hunyuan", "ALL", bpy.context.scene)) == 1000


def test_several_that_are_stuck_can_be_tried_again_at_once(live: Live, job: Job) -> None:
    enter(job, state=State.SUCCEEDED, error="The API key was refused.", wait_s=None)
    assert "Try All Again" not in drawn(JOBS).texts
    enter(job, id=JobId("other"), state=State.SUCCEEDED, error="The API key was refused.", wait_s=None)
    assert drawn(JOBS).button("scenario.resume", "Try All Again").values == {}


def test_variants_are_switched_in_the_group_of_the_active_object(live: Live, job: Job) -> None:
    bpy.ops.scenario.generate_again(job_id=job.id, new_seed=True)
    further(job, 1, "lamp")
    shown = drawn(JOBS)
    (label,) = [text for text in shown.texts if text.endswith(" of 2")]
    assert shown.texts.index("lamp") < shown.texts.index("Chair") < shown.texts.index(label)
    shown.button("scenario.keep_variant")
