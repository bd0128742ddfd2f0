# SPDX-License-Identifier: GPL-3.0-or-later
"""The service is asked seldom, and what is done is noticed soon: simulated on a clock of its own, seeds fixed."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from benchmarks.asking import BEAT_S, STAGGER_S, Beat, Case, Tally, simulate

from scenario_addon.engine.cut_out import CUT_OUT_MODEL, CutOut
from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.pace.asking import Asking
from scenario_addon.engine.values import ModelId, RemoteJobId
from tests.engine.orders import sample_order

NOW = 1_700_000_000.0
MEDIANS_S = (12.0, 20.0, 47.0, 120.0, 300.0)
SIMULATED = pytest.mark.slow
"""Hundreds of jobs from beginning to end, of which no library knows."""


def asking(**options: Any) -> Asking:
    return Asking(chance=random.Random(1), **options)


def side_by_side(case: Case) -> tuple[Tally, Tally]:
    return simulate(asking(), case, seed=7), _beat(replace(case, record_s=None, progress="no progress"))


@cache
def _beat(case: Case) -> Tally:
    """The same whatever is recorded or told of a job."""
    return simulate(Beat(), case, seed=7)


def running(*, expected_s: float | None = 60.0, ago_s: float = 0.0, **changes: Any) -> Job:
    """A job that was ordered some time ago."""
    order = replace(sample_order(folder=Path("/models")), expected_s=expected_s)
    given: dict[str, Any] = {"state": State.RUNNING, "submitted_at": NOW - ago_s, **changes}
    return replace(new_job(order, scope="s"), **given)


def made(time_s: float, *, asked_s: float | None = None) -> Job:
    """A job that has taken so long, and was not done a second before, or after so many seconds."""
    asked_at = NOW + (time_s - 1 if asked_s is None else asked_s)
    return running(state=State.READY, asked_at=asked_at, finished_at=NOW + time_s)


# -- the goals


@SIMULATED
@pytest.mark.parametrize("spread", [0.35, 0.1])
@pytest.mark.parametrize("median_s", MEDIANS_S)
def test_with_a_right_record_and_no_progress_seven_tenths_of_the_beats_requests_are_enough(
    median_s: float, spread: float
) -> None:
    ours, beat = side_by_side(Case(median_s, spread, median_s))
    assert ours.delay_s <= max(1.5, 0.015 * ours.job_s)
    assert ours.requests <= 0.7 * beat.requests


@SIMULATED
@pytest.mark.parametrize("spread", [0.35, 0.1])
@pytest.mark.parametrize("median_s", MEDIANS_S)
def test_with_a_progress_that_moves_half_of_them_are_enough(median_s: float, spread: float) -> None:
    ours, beat = side_by_side(Case(median_s, spread, median_s, "moving", jobs=200))
    assert ours.delay_s <= max(1.5, 0.015 * ours.job_s)
    assert ours.requests <= 0.5 * beat.requests


@SIMULATED
@pytest.mark.parametrize("factor", [0.05, 0.5, 2, 20])
@pytest.mark.parametrize("median_s", MEDIANS_S)
def test_a_wrong_record_is_no_worse_than_the_beat_after_a_few_jobs(median_s: float, factor: float) -> None:
    ours, beat = side_by_side(Case(median_s, 0.35, factor * median_s, jobs=200, unlearned=5))
    assert ours.delay_s <= 1.03 * BEAT_S / 2
    assert ours.requests <= beat.requests


@SIMULATED
@pytest.mark.parametrize("progress", ["stuck at 0.95", "after a queue"])
@pytest.mark.parametrize("median_s", [20.0, 120.0])
def test_a_progress_that_cannot_be_trusted_does_no_harm(median_s: float, progress: str) -> None:
    ours, beat = side_by_side(Case(median_s, 0.35, median_s, progress, jobs=200, unlearned=5))
    assert ours.delay_s <= 1.03 * BEAT_S / 2
    assert ours.requests <= 0.75 * beat.requests


@SIMULATED
@pytest.mark.parametrize("record_s", [1.0, 20.0, 400.0, None])
def test_many_at_once_are_through_as_soon_as_can_be_whatever_the_record_says(record_s: float | None) -> None:
    case = Case(20.0, 0.0, record_s, at_once=32, jobs=192)
    ours, beat = side_by_side(case)
    assert ours.whole_s - 32 * STAGGER_S < 1.045 * 120
    assert ours.requests < 0.8 * beat.requests


def test_without_a_record_it_begins_with_a_beat_that_slows_down() -> None:
    plan, job, pauses, now = asking(), running(expected_s=None), list[float](), NOW
    while now < NOW + 600:
        pauses.append(plan.pause_s(job, now))
        now += pauses[-1]
    assert 1.5 < pauses[0] < 6
    assert sum(pauses[-5:]) > 2 * sum(pauses[:5])


# -- what is known of a model


def test_what_earlier_runs_showed_is_known_at_the_start() -> None:
    def recall(model_id: ModelId) -> Iterable[Job]:
        asked.append(model_id)
        return [made(20.0 + number / 10) for number in range(6)]

    asked: list[ModelId] = []
    plan, job = asking(recall=recall), running(expected_s=1000.0)
    pauses = [plan.pause_s(job, NOW), plan.pause_s(job, NOW + 10)]
    assert sum(pauses) / 2 > 5
    assert plan.pause_s(job, NOW + 19.5) < 2.5
    assert asked == [job.order.model_id], "once"


def test_jobs_that_were_looked_at_late_or_by_an_older_version_teach_nothing_wrong() -> None:
    late = [made(5000.0, asked_s=3.0), replace(made(5000.0), asked_at=None), replace(made(9.0), finished_at=None)] * 3
    knowing, ignorant = asking(recall=lambda model_id: late), asking()
    job = running()
    for elapsed_s in (0, 30, 60):
        assert knowing.pause_s(job, NOW + elapsed_s) == pytest.approx(ignorant.pause_s(job, NOW + elapsed_s), rel=0.5)


def test_a_ledger_that_cannot_be_read_is_no_obstacle() -> None:
    def recall(model_id: ModelId) -> Iterable[Job]:
        raise DiskError("The disk is gone.")

    assert 0.8 <= asking(recall=recall).pause_s(running(), NOW) <= 15


def test_the_first_that_is_done_has_those_asked_about_that_began_with_it() -> None:
    plan = asking()
    jobs = [running(expected_s=4000.0) for _ in range(8)]
    planned = {job.id: 25.0 + plan.pause_s(job, NOW + 25) for job in jobs}
    for job in jobs[:4]:
        plan.learn(replace(job, asked_at=NOW + 24), NOW + 26)
    sooner = dict(plan.sooner())  # the last word counts
    assert {job.id for job in jobs[4:]} <= set(sooner)
    assert all(26 + wait_s < planned[job_id] for job_id, wait_s in sooner.items())
    assert not dict(plan.sooner())


def test_what_is_watched_no_more_is_not_asked_about() -> None:
    plan = asking()
    jobs = [running(expected_s=4000.0) for _ in range(6)]
    for job in jobs:
        plan.pause_s(job, NOW + 25)
    plan.forget(jobs[5].id)
    for job in jobs[:4]:
        plan.learn(replace(job, asked_at=NOW + 24), NOW + 26)
    told = {job_id for job_id, _ in plan.sooner()}
    assert jobs[4].id in told
    assert jobs[5].id not in told


def test_a_picture_that_is_cut_out_is_another_matter_than_the_mesh() -> None:
    cut_out = CutOut(sha256="ab", remote_id=RemoteJobId("job_1"))
    plan, asked = asking(recall=lambda model_id: asked.append(model_id) or ()), list[ModelId]()
    mesh = running(expected_s=300.0)
    assert plan.pause_s(replace(mesh, cut_out=cut_out), NOW) < plan.pause_s(mesh, NOW)
    assert asked == [CUT_OUT_MODEL, mesh.order.model_id]


def test_what_another_job_had_ordered_before_teaches_nothing() -> None:
    shared = CutOut(sha256="ab", remote_id=RemoteJobId("job_1"), is_shared=True)
    plan, other = asking(), asking()
    for _ in range(6):
        job = running(cut_out=shared)
        plan.pause_s(job, NOW)
        plan.learn(replace(job, asked_at=NOW + 0.5), NOW + 1)
    fresh = running(cut_out=replace(shared, is_shared=False))
    assert plan.pause_s(fresh, NOW) == pytest.approx(other.pause_s(fresh, NOW), rel=0.6)


def test_a_clock_that_was_set_back_is_no_obstacle() -> None:
    plan, job = asking(), running(ago_s=-1000.0)
    assert 0.8 <= plan.pause_s(job, NOW) <= 15
    plan.learn(replace(job, asked_at=NOW), NOW - 50)
