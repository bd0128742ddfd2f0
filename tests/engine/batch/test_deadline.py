# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the service takes is counted from when it took the order, also by an earlier run."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from scenario_addon.engine.batch.deadline import Deadline
from scenario_addon.engine.ledger.job import Job, State, new_job
from tests.engine.orders import sample_order
from tests.engine.workbench import FakeClock


def running(*, age_s: float = 0.0) -> Job:
    job = new_job(sample_order(folder=Path("out")), scope="scope")
    return replace(job, state=State.RUNNING, submitted_at=time.time() - age_s)


def test_what_takes_longer_is_over(clock: FakeClock) -> None:
    deadline, job = Deadline(clock, 60.0), running()
    deadline.note(job)
    assert not deadline.is_over(job.id)
    clock.now_s = 30.0
    deadline.note(job)
    clock.now_s = 59.0
    assert not deadline.is_over(job.id)
    clock.now_s = 60.0
    assert deadline.is_over(job.id)


def test_the_time_in_an_earlier_run_counts_but_it_is_looked_at_once(clock: FakeClock) -> None:
    deadline, job = Deadline(clock, 60.0), running(age_s=3600.0)
    assert not deadline.is_over(job.id)
    deadline.note(job)
    assert deadline.is_over(job.id)


def test_a_clock_that_was_set_does_not_make_it_early_or_late(clock: FakeClock) -> None:
    deadline, job = Deadline(clock, 60.0), running(age_s=-3600.0)
    deadline.note(job)
    clock.now_s = 60.0
    assert deadline.is_over(job.id)


def test_what_the_service_is_through_with_is_never_over(clock: FakeClock) -> None:
    deadline, job = Deadline(clock, 60.0), running()
    deadline.note(job)
    deadline.note(replace(job, state=State.SUCCEEDED))
    clock.now_s = 1000.0
    assert not deadline.is_over(job.id)


def test_without_a_limit_nothing_is_ever_over(clock: FakeClock) -> None:
    deadline, job = Deadline(clock), running(age_s=1e6)
    deadline.note(job)
    assert not deadline.is_over(job.id)
