# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes of the main thread: in order, each once, and all of them before anybody lets go of the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from scenario_addon.blender.app.tasks import Tasks
from scenario_addon.blender.app.writes import Writes
from scenario_addon.engine.errors import DiskError, ScenarioError
from scenario_addon.engine.values import JobId

A, B, C = JobId("a"), JobId("b"), JobId("c")


class Ledger:
    """Remembers what is written, after ``go`` only."""

    def __init__(self) -> None:
        self.tasks, self.written, self.told = Tasks(), list[str](), list[tuple[str, str | None]]()
        self.writes = Writes(self.tasks, self._tell)
        self.go = threading.Event()

    def _tell(self, job_id: JobId, error: ScenarioError | None) -> None:
        self.told.append((job_id, error.user_message if error else None))

    def write(self, text: str) -> Callable[[], None]:
        def work() -> None:
            assert self.go.wait(10)
            if "fails" in text:
                raise DiskError(f"{text}.")
            if "breaks" in text:
                raise ZeroDivisionError("a bug")
            self.written.append(text)

        return work

    def settle(self) -> None:
        while self.tasks.any_running:
            self.tasks.collect()
            time.sleep(0.001)


def test_writes_land_in_the_order_in_which_they_were_made() -> None:
    for _ in range(50):
        ledger = Ledger()
        ledger.go.set()
        for number in range(4):
            for job_id in (A, B):
                ledger.writes.put(job_id, ledger.write(f"{job_id}{number}"))
        ledger.writes.flush()
        for job_id in (A, B):
            mine = [text for text in ledger.written if text[0] == job_id]
            assert mine == sorted(mine) and mine[-1] == f"{job_id}3"


def test_of_two_that_wait_only_the_later_one_is_written() -> None:
    ledger = Ledger()
    for text in ("a0", "b1", "b2", "a3", "c4", "b5"):
        ledger.writes.put(JobId(text[0]), ledger.write(text))
    ledger.go.set()
    ledger.settle()
    assert ledger.written == ["a0", "a3", "c4", "b5"]
    assert ledger.told == [(A, None), (A, None), (C, None), (B, None)]


def test_one_that_fails_is_told_and_keeps_no_other_back() -> None:
    ledger = Ledger()
    ledger.go.set()
    for text in ("a0", "b fails", "c2"):
        ledger.writes.put(JobId(text[0]), ledger.write(text))
    ledger.settle()
    assert ledger.written == ["a0", "c2"]
    assert ledger.told == [(A, None), (B, "b fails."), (C, None)]


def test_a_bug_in_one_is_logged_and_told_and_keeps_no_other_back(caplog: pytest.LogCaptureFixture) -> None:
    ledger = Ledger()
    ledger.go.set()
    for text in ("a0", "b breaks", "c2"):
        ledger.writes.put(JobId(text[0]), ledger.write(text))
    ledger.writes.flush()
    assert ledger.written == ["a0", "c2"]
    assert ledger.told == [(A, None), (B, "Something unexpected happened; see the system console."), (C, None)]
    assert "a bug" in caplog.text
    assert ledger.writes.last(B) is None


def test_flushing_waits_for_all_and_tells_of_all() -> None:
    ledger = Ledger()
    threading.Timer(0.05, ledger.go.set).start()
    ledger.writes.put(A, ledger.write("a0"))
    ledger.writes.put(B, ledger.write("b fails"))
    ledger.writes.flush()
    assert (ledger.written, ledger.told) == (["a0"], [(A, None), (B, "b fails.")])
    assert not ledger.tasks.any_running
