# SPDX-License-Identifier: GPL-3.0-or-later
"""How it is told how jobs are doing: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import io
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.cut_out import CutOut
from scenario_addon.engine.ledger.job import WORDS, Job, State, new_job
from scenario_addon.engine.terminal.progress import Progress, describe
from scenario_addon.engine.text import cells, duration
from scenario_addon.engine.values import Activity
from tests.engine.cli.shell import Shell
from tests.engine.orders import sample_order


class Terminal(io.StringIO):
    """Keeps what is written, and what a person would see."""

    def isatty(self) -> bool:
        return True

    @property
    def seen(self) -> list[str]:
        """The lines as they end up on the screen: a carriage return goes back to the first column."""
        return [_written_over(line) for line in self.getvalue().split("\n")]


def _written_over(line: str) -> str:
    seen: list[str] = []
    for text in line.split("\r"):
        columns = [part for char in text for part in (char, *"\0" * (cells(char) - 1))]
        seen[: len(columns)] = columns
    return "".join(seen).replace("\0", "").rstrip(" ")


@pytest.fixture(autouse=True)
def width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((80, 24)))
    monkeypatch.setenv("TERM", "xterm")


def job_in(state: State, **changes: Any) -> Job:
    order = replace(sample_order(folder=Path("out"), name="chair"), expected_s=100.0)
    job = replace(new_job(order, scope="scope"), state=state)
    return replace(job, **changes)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1 s"), (1.4, "1 s"), (89, "89 s"), (90, "2 min"), (600, "10 min"), (5400, "1 h 30 min"), (7260, "2 h 1 min")],
)
def test_a_duration_is_as_exact_as_an_estimate_deserves(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("job", "activity", "text"),
    [
        (job_in(State.NEW), None, "waiting to start"),
        (
            job_in(State.RUNNING, cut_out=CutOut(sha256="ab"), submitted_at=0.0),
            None,
            "its picture is being cut out, about 2 min left",
        ),
        (job_in(State.NEW), Activity("asking for the price"), "asking for the price"),
        (job_in(State.NEW), Activity("uploading a.png", 500_000, 2_000_000), "uploading a.png, 0.5 of 2.0 MB"),
        (job_in(State.RUNNING, submitted_at=0.0), None, "being made, about 60 s left"),
        (job_in(State.RUNNING, submitted_at=0.0, progress=0.4), None, "being made, 40%, about 60 s left"),
        (job_in(State.RUNNING), Activity("polling"), "being made"),
        (job_in(State.SUCCEEDED), Activity("downloading", 1_000_000, None), "downloading"),
        (
            job_in(State.RUNNING, error="No answer.", failures=1, wait_s=4.0, remote_id="job_1"),
            None,
            "being made: No answer. Next try in 4 s (2 of 14).",
        ),
        (
            job_in(State.NEW, error="No answer.", failures=1, wait_s=4.0),
            None,
            "waiting to start: No answer. Next try in 4 s (2 of 4).",
        ),
        (
            job_in(State.UPLOADED, error="Too many.", error_kind="RateLimited", failures=1, wait_s=700.0),
            None,
            "ready to be ordered: Too many. Next try in 12 min.",
        ),
        (job_in(State.RUNNING, error="No answer.", wait_s=None), None, "being made: No answer."),
        (
            job_in(State.UNCERTAIN, error="The service cannot be reached.", failures=2, wait_s=7.0),
            None,
            "ordered, no answer yet: do not order again, looking again in 7 s (3 of 9)",
        ),
        (
            job_in(State.UNCERTAIN, wait_s=2.0),
            None,
            "ordered, no answer yet: do not order again, looking in 2 s (1 of 9)",
        ),
        (
            job_in(State.UNCERTAIN, error="It is not there.", failures=9, wait_s=None),
            None,
            "ordered, no answer yet: do not order again, not found in Scenario's list of jobs",
        ),
    ],
)
def test_what_a_job_does_is_said_in_words(job: Job, activity: Activity | None, text: str) -> None:
    assert describe(job, activity, now=40.0) == text


@pytest.mark.parametrize("state", State)
def test_every_state_has_words(state: State) -> None:
    assert describe(job_in(state), None, now=0.0).startswith(WORDS[state])


def test_in_a_log_there_is_a_line_for_each_change_and_none_for_the_same_again() -> None:
    log = io.StringIO()
    progress = Progress(log)
    job = job_in(State.NEW)
    for _ in range(3):
        progress.changed(job)
    progress.changed(replace(job, state=State.UPLOADED))
    progress.draw({job.id: job}, {})
    progress.close()
    assert log.getvalue() == "chair: waiting to start\nchair: ready to be ordered\n"


def test_in_a_log_progress_is_told_in_tenths() -> None:
    log = io.StringIO()
    progress = Progress(log)
    job = job_in(State.RUNNING)
    for percent in range(0, 101, 2):
        progress.changed(replace(job, progress=percent / 100))
    assert 10 <= len(log.getvalue().splitlines()) <= 11


def test_what_the_outcome_says_is_not_said_twice() -> None:
    log = io.StringIO()
    progress = Progress(log)
    progress.changed(job_in(State.FAILED, error="No subject."))
    progress.changed(job_in(State.NEW, error="Over budget.", wait_s=None))
    assert log.getvalue() == ""


def test_on_a_terminal_one_job_has_a_bar_that_gives_way_to_lines() -> None:
    terminal = Terminal()
    progress = Progress(terminal)
    job = job_in(State.SUCCEEDED)
    progress.draw({job.id: job}, {job.id: Activity("downloading", 5_000_000, 10_000_000)})
    assert terminal.seen[-1] == f"[{'#' * 12}{'.' * 12}] chair: downloading, 5.0 of 10.0 MB"
    progress.line("Something to say.")
    progress.close()
    assert terminal.seen == ["Something to say.", ""]


def test_on_a_terminal_the_bar_of_a_running_job_follows_the_usual_time() -> None:
    terminal = Terminal()
    job = job_in(State.RUNNING, submitted_at=time.time() - 50)
    Progress(terminal).draw({job.id: job}, {})
    assert terminal.seen[-1].startswith(f"[{'#' * 12}{'.' * 12}] chair: being made")


def test_on_a_terminal_many_jobs_share_one_line_that_fits() -> None:
    terminal = Terminal()
    jobs = [job_in(State.RUNNING) for _ in range(12)]
    Progress(terminal).draw({job.id: job for job in jobs}, {})
    assert "chair: being made | chair: being made" in terminal.seen[-1]
    assert len(terminal.seen[-1]) < 80


def test_letters_that_take_two_columns_are_counted_as_two() -> None:
    terminal = Terminal()
    job = job_in(State.RUNNING)
    job = replace(job, order=replace(job.order, name="椅子🪑" * 30))
    progress = Progress(terminal)
    progress.draw({job.id: job}, {})
    assert 78 <= cells(terminal.seen[-1]) <= 79, "one letter more would go on in the next line"
    progress.line("椅 done")
    progress.close()
    assert terminal.seen == ["椅 done", ""], "nothing is left of what was longer"


def test_nothing_is_written_that_a_plain_terminal_would_print() -> None:
    terminal, job = Terminal(), job_in(State.RUNNING)
    progress = Progress(terminal)
    progress.draw({job.id: job}, {})
    progress.line("Something to say.")
    assert "\x1b" not in terminal.getvalue()


def test_a_terminal_that_cannot_go_back_in_a_line_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal, job = Terminal(), job_in(State.RUNNING)
    progress = Progress(terminal)
    progress.draw({job.id: job}, {})
    progress.changed(job)
    assert terminal.getvalue() == "chair: being made\n"


def test_on_a_terminal_nothing_is_drawn_for_jobs_that_are_through() -> None:
    terminal = Terminal()
    jobs = [job_in(State.READY), job_in(State.FAILED), job_in(State.NEW, wait_s=None)]
    Progress(terminal).draw({job.id: job for job in jobs}, {})
    assert terminal.getvalue() == ""


def test_on_a_terminal_a_line_is_not_redrawn_all_the_time() -> None:
    terminal = Terminal()
    progress = Progress(terminal)
    job = job_in(State.RUNNING)
    for _ in range(50):
        progress.draw({job.id: job}, {})
    assert terminal.getvalue().count("\r") <= 2


def test_a_command_on_a_terminal_leaves_only_whole_lines_behind(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    assert shell.generate(shell.picture()).code == 0
    assert terminal.seen[-1] == ""
    assert "photo: done" in terminal.seen


class Library:
    """A `tqdm` that notes what it is to show."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.n = 0

    def tqdm(self, *, total: int, file: Any, **_: Any) -> Library:
        self.total, self.file = total, file
        return self

    def set_description_str(self, text: str, *, refresh: bool) -> None:
        self.text = text

    def refresh(self) -> None:
        self.shown.append(f"{self.n}/{self.total} {self.text}")

    def clear(self) -> None:
        self.shown.append("clear")

    def close(self) -> None:
        self.shown.append("close")


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setitem(sys.modules, "tqdm", made)  # type: ignore[arg-type]
    return made


def test_on_a_terminal_a_batch_has_the_bar_of_a_library_that_is_there(library: Library) -> None:
    progress = Progress(Terminal())
    progress.begin(10)
    progress.draw({}, {}, "3 of 10, 9 CU", 3)
    progress.line("Something to say.")
    progress.end()
    progress.line("The end.")
    assert library.shown == ["3/10 3 of 10, 9 CU", "clear", "close"]


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_there_is_no_bar_in_a_log_or_for_one_item(library: Library, stream: io.StringIO) -> None:
    progress = Progress(stream)
    progress.begin(1 if isinstance(stream, Terminal) else 10)
    progress.draw({}, {}, "3 of 10", 3)
    assert library.shown == []


def test_without_the_library_a_batch_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    terminal, job = Terminal(), job_in(State.RUNNING)
    progress = Progress(terminal)
    progress.begin(10)
    progress.draw({job.id: job}, {}, "3 of 10, 9 CU", 3)
    assert terminal.seen[-1] == "3 of 10, 9 CU | chair: being made"
