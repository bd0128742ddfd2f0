# SPDX-License-Identifier: GPL-3.0-or-later
"""Work off the main thread: delivered on it, once, and only while somebody wants it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from scenario_addon.blender.app.tasks import Tasks
from scenario_addon.engine.errors import DiskError, ProtocolError, ScenarioError


def test_the_result_is_delivered_on_the_main_thread_and_not_before_it_is_collected() -> None:
    tasks, seen = Tasks(), list[tuple[Any, threading.Thread]]()
    tasks.run("price", threading.current_thread, lambda result: seen.append((result, threading.current_thread())))
    assert seen == []
    assert tasks.is_running("price")
    tasks.wait("price")
    ((worker, deliverer),) = seen
    assert worker is not threading.current_thread()
    assert deliverer is threading.current_thread()
    assert worker.daemon, "quitting Blender must not wait for it"
    assert not tasks.any_running


def test_of_two_of_one_name_only_the_later_one_counts() -> None:
    tasks, gate, seen = Tasks(), threading.Event(), list[str]()
    tasks.run("price", lambda: gate.wait(10) and "old", seen.append)
    tasks.run("price", lambda: "new", seen.append)
    tasks.wait("price")
    gate.set()
    tasks.run("other", lambda: None, lambda result: None)
    tasks.wait("other")
    tasks.collect()
    assert seen == ["new"]


def test_an_error_of_the_project_is_delivered_as_it_is() -> None:
    tasks, seen = Tasks(), list[ScenarioError]()
    error = DiskError("No space.")

    def work() -> None:
        raise error

    tasks.run("load", work, seen.append)
    tasks.wait("load")
    assert seen == [error]


def test_a_bug_is_logged_and_whoever_waits_hears_of_it(caplog: pytest.LogCaptureFixture) -> None:
    tasks, seen = Tasks(), list[ScenarioError]()
    tasks.run("load", lambda: 1 / 0, seen.append)
    tasks.wait("load")
    assert isinstance(seen[0], ProtocolError)
    assert "ZeroDivisionError" in caplog.text


def test_what_is_dropped_is_never_delivered() -> None:
    tasks, gate, seen = Tasks(), threading.Event(), list[str]()
    tasks.run("price", lambda: gate.wait(10) and "late", seen.append)
    tasks.drop()
    gate.set()
    tasks.run("other", lambda: None, lambda result: None)
    tasks.wait("other")
    assert tasks.collect() is False
    assert seen == []


def test_what_has_to_end_is_waited_for() -> None:
    tasks, gate, seen = Tasks(), threading.Event(), list[str]()
    tasks.run("note", lambda: gate.wait(10) and "written", seen.append, must_end=True)
    threading.Timer(0.02, gate.set).start()
    tasks.drop()
    assert seen == ["written"]


def test_collecting_says_whether_anything_came() -> None:
    tasks = Tasks()
    assert tasks.collect() is False
    tasks.run("price", lambda: 1, lambda result: None)
    while tasks.any_running:
        came = tasks.collect()
    assert came is True
