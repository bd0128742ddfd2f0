# SPDX-License-Identifier: GPL-3.0-or-later
"""One job's trouble is given up after a while; a batch waits for the end of everybody's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.batch.patience import Patience
from scenario_addon.engine.ledger.job import Job, State, new_job
from tests.engine.orders import sample_order
from tests.engine.workbench import FakeClock

TROUBLES = ["NetworkError", "TlsError", "Unanswered", "ServerError", "ProtocolError"]


def job(failures: int = 0, kind: str | None = None, **changes: Any) -> Job:
    made = new_job(sample_order(folder=Path("out")), scope="scope")
    return replace(made, failures=failures, error_kind=kind, **changes)


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_batch_waits_for_a_service_that_nobody_reaches(clock: FakeClock, kind: str) -> None:
    patience, stuck = Patience(clock, is_batch=True), job()
    patience.note(stuck)
    clock.now_s = 1.0
    for failures in range(1, 50):
        assert patience.has(replace(stuck, failures=failures, error_kind=kind))
        clock.now_s += 60
    clock.now_s += 3600
    assert not patience.has(replace(stuck, failures=50, error_kind=kind))
    assert not patience.has(job(4, kind)), "nobody else waits for so long again"
    patience.note(job())
    assert patience.has(job(4, kind))


def test_a_job_that_alone_has_trouble_is_given_up_soon(clock: FakeClock) -> None:
    patience, stuck, other = Patience(clock, is_batch=True), job(), job()
    for failures in range(1, 4):
        assert patience.has(replace(stuck, failures=failures, error_kind="ServerError"))
        clock.now_s += 5
        patience.note(other)
    assert not patience.has(replace(stuck, failures=4, error_kind="ServerError"))


def test_where_somebody_sits_beside_it_nobody_waits_long(clock: FakeClock) -> None:
    patience, stuck = Patience(clock), job()
    assert patience.has(replace(stuck, failures=3, error_kind="NetworkError"))
    assert not patience.has(replace(stuck, failures=4, error_kind="NetworkError"))


@pytest.mark.parametrize(("state", "most"), [(State.NEW, 4), (State.UNCERTAIN, 9)])
def test_trouble_that_is_no_outage_is_given_up_in_a_batch_too(clock: FakeClock, state: State, most: int) -> None:
    patience, stuck = Patience(clock, is_batch=True), job(state=state)
    assert patience.has(replace(stuck, failures=most - 1, error_kind="DiskError"))
    assert not patience.has(replace(stuck, failures=most, error_kind="DiskError"))


def test_a_wait_that_the_service_asks_for_has_no_end(clock: FakeClock) -> None:
    patience, told = Patience(clock), job()
    for failures in range(1, 100):
        assert patience.has(replace(told, failures=failures, error_kind="RateLimited"))
