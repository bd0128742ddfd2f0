# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong is told once, when it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scenario_addon.blender.app.announcements import Announcements
from scenario_addon.engine.errors import ServerError
from scenario_addon.engine.ledger.job import Job, State, new_job
from tests.engine.orders import sample_order

ERROR = ServerError("The service met an error", status=500)


def job(**changes: object) -> Job:
    return replace(new_job(replace(sample_order(folder=Path()), name="Chair"), scope="somebody"), **changes)


def look(told: Announcements, *jobs: Job, stuck: bool = True) -> list[tuple[str, str]]:
    told.look_at(jobs, is_stuck=lambda _: stuck)
    return told.take()


def test_what_had_gone_wrong_before_is_not_told() -> None:
    assert look(Announcements(), job(state=State.FAILED, error="no subject")) == []


def test_a_failure_is_told_once() -> None:
    told, one = Announcements(), job()
    look(told, one)
    failed = replace(one, state=State.FAILED, error="no subject is visible")
    assert look(told, failed) == [("WARNING", "Chair failed: no subject is visible")]
    assert look(told, failed) == []


def test_an_order_without_an_answer_is_told() -> None:
    told, one = Announcements(), job()
    look(told, one)
    ((level, text),) = look(told, replace(one, state=State.UNCERTAIN))
    assert level == "WARNING"
    assert "do not order again" in text


def test_what_is_tried_again_is_told_only_when_it_takes_the_user() -> None:
    told, one = Announcements(), job()
    look(told, one)
    delayed = one.delayed(ERROR, wait_s=3.0)
    assert look(told, delayed, stuck=False) == []
    assert look(told, delayed) == [("WARNING", "Chair: The service met an error")]


def test_of_very_many_the_last_are_told() -> None:
    told, jobs = Announcements(), [job() for _ in range(100)]
    look(told, *jobs)
    assert 1 < len(look(told, *(replace(one, state=State.FAILED) for one in jobs))) <= 20
