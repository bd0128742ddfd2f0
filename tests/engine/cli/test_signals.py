# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever ends a batch finds everything where it can be gone on with, and a report that says how it stands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.ledger.job import State
from tests.engine.cli.child import hurried
from tests.engine.cli.shell import FAST, Shell
from tests.service import Fault, Request, Service

SLOW_S: Final = 60.0
ITEMS: Final = 6

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="a signal cannot be sent to another process there"),
    pytest.mark.usefixtures("minds_ctrl_c"),
]


class Waiter:
    """Sees requests, and tells when enough of a kind have been."""

    def __init__(self) -> None:
        self._seen: list[Request] = []
        self._news = threading.Condition()

    def saw(self, request: Request) -> None:
        with self._news:
            self._seen.append(request)
            self._news.notify_all()

    def wait_for(self, count: int, what: Callable[[Request], bool]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: sum(map(what, self._seen)) >= count, SLOW_S)


def is_submission(request: Request) -> bool:
    return request.method == "POST" and "/generate/" in request.path and "dryRun" not in request.query


def is_download(request: Request) -> bool:
    return request.origin == "files" and request.path.startswith("/assets/")


@pytest.fixture
def waiter() -> Waiter:
    return Waiter()


@pytest.fixture
def service(waiter: Waiter) -> Iterator[Service]:
    with Service(job_polls=1, on_request=waiter.saw) as running:
        yield running


def started(shell: Shell, *options: str | Path, items: int = ITEMS) -> subprocess.Popen[str]:
    pictures = [shell.picture(f"{number}.png", colour=f"#{number}{number}58be") for number in range(items)]
    line = ["generate", *pictures, *FAST, "--output", shell.out, "--report", shell.folder / "report.json", *options]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(**hurried(shell, *line), **pipes, start_new_session=True)


def report_of(shell: Shell) -> dict[str, Any]:
    return json.loads((shell.folder / "report.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_stops_submitting_and_says_what_still_runs(shell: Shell, waiter: Waiter, name: str) -> None:
    shell.service.set_statuses(["in-progress"])
    with started(shell, "--jobs", "2") as process:
        waiter.wait_for(2, is_submission)
        os.kill(process.pid, getattr(signal, name))
        out, told = process.communicate(timeout=SLOW_S)
    assert process.returncode == 130, told
    assert out == ""
    assert "Interrupted: 2 items go on at the service; the same command again or `resume` fetches it." in told
    assert "Traceback" not in told
    assert len(shell.service.charges) == 2
    report = report_of(shell)
    assert [(item["state"], item["cost_cu"]) for item in report["items"]] == [("running", 4.1)] * 2
    assert report["cost_cu"] == 8.2

    for run in shell.service._runs.by_id.values():
        run.words = ()
    shell.service.set_statuses([])
    pictures = [shell.folder / f"{number}.png" for number in range(ITEMS)]
    answer, report = shell.report(*pictures)

    assert answer.code == 0, answer.err
    assert len(shell.service.charges) == ITEMS
    assert report["cost_cu"] == pytest.approx(4.1 * ITEMS)
    assert len(report["items"]) == ITEMS


def test_files_that_are_arriving_are_written_first(shell: Shell, waiter: Waiter) -> None:
    shell.service.fail("GET", "^/assets/", Fault.DRIP, bytes_per_s=4000)
    with started(shell, "--jobs", "1") as process:
        waiter.wait_for(1, is_download)
        os.kill(process.pid, signal.SIGTERM)
        out, told = process.communicate(timeout=SLOW_S)
    assert process.returncode == 130, told
    assert out.splitlines() == [str(shell.out / "0.glb")]
    assert len(shell.service.charges) == 1
    assert "nothing goes on at the service" in told
    assert [item["state"] for item in report_of(shell)["items"]] == ["ready"]


def test_a_second_signal_ends_it_at_once(shell: Shell, waiter: Waiter) -> None:
    shell.service.fail("GET", "^/assets/", Fault.TIMEOUT, seconds=120)
    with started(shell, "--jobs", "1") as process:
        waiter.wait_for(1, lambda request: request.path.endswith("/get-bulk"))
        time.sleep(1)  # what is on its way there is seen by nobody: it is held without an answer
        os.kill(process.pid, signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=2)
        began_s = time.monotonic()
        os.kill(process.pid, signal.SIGINT)
        _, told = process.communicate(timeout=SLOW_S)
    assert time.monotonic() - began_s < 10
    assert process.returncode == 130
    assert "Traceback" not in told
    shell.service.let_go()


def test_an_intent_is_not_left_between_the_ledger_and_the_service(shell: Shell, waiter: Waiter) -> None:
    """A submission whose answer is on its way is waited for; none is begun."""
    shell.service.fail("POST", "/generate/", Fault.DRIP, bytes_per_s=400, after=1)
    with started(shell, "--jobs", "1") as process:
        waiter.wait_for(1, is_submission)
        os.kill(process.pid, signal.SIGTERM)
        process.communicate(timeout=SLOW_S)
    assert process.returncode == 130
    assert len(shell.service.charges) == 1
    [job] = shell.jobs
    assert (job.state, job.remote_id) == (State.RUNNING, shell.service.charges[0].job_id)


def test_who_ignores_a_signal_is_not_ended_by_it(shell: Shell, waiter: Waiter) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = started(shell, items=1)
    finally:
        signal.signal(signal.SIGHUP, before)
    with process:
        waiter.wait_for(1, is_submission)
        os.kill(process.pid, signal.SIGHUP)
        _, told = process.communicate(timeout=SLOW_S)
    assert process.returncode == 0, told


def test_a_signal_before_anything_was_ordered_ends_it_at_once(shell: Shell, waiter: Waiter) -> None:
    shell.service.fail("POST", "/generate/", Fault.TIMEOUT, seconds=120)
    with started(shell) as process:
        waiter.wait_for(1, lambda request: "/models/" in request.path)
        time.sleep(1)  # what asks for the price is held without an answer
        os.kill(process.pid, signal.SIGTERM)
        _, told = process.communicate(timeout=SLOW_S)
    assert process.returncode == 130, told
    assert shell.service.charges == []
    shell.service.let_go()
