# SPDX-License-Identifier: GPL-3.0-or-later
"""The log says what happened, a line for each event, and gives nothing away."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from scenario_addon.engine.errors import DiskError
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.report.log import EventLog
from tests.engine.report.samples import outcome


def test_each_event_is_a_line_behind_those_that_are_there(tmp_path: Path) -> None:
    path = tmp_path / "night.log"
    job = outcome(0).job
    for state in (State.RUNNING, State.READY):
        log = EventLog(path)
        log.changed(replace(job, state=state))
        log.changed(replace(job, state=state, progress=0.5))
        log.close()
    events = [json.loads(line) for line in path.read_text().splitlines()]
    assert [event["state"] for event in events] == ["running", "ready"]
    assert {event["job_id"] for event in events} == {job.id}
    assert all(datetime.fromisoformat(event["time"]).tzinfo for event in events)


def test_what_became_of_an_item_is_an_event(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "night.log")
    log.concluded(outcome(7, error="No subject.", state=State.FAILED))
    log.close()
    event = json.loads((tmp_path / "night.log").read_text())
    assert (event["event"], event["number"], event["error"], event["cost_cu"]) == ("item", 7, "No subject.", 4.1)


def test_a_signed_address_is_not_written_down(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "night.log")
    log.changed(replace(outcome(0).job, error="https://cdn.example/a.glb?Signature=hush&Key=1 is gone."))
    log.close()
    text = (tmp_path / "night.log").read_text()
    assert "hush" not in text
    assert "https://cdn.example/a.glb is gone." in text


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match="cannot be written"):
        EventLog(tmp_path / "none" / "night.log")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    log = EventLog(Path("/dev/full"))
    with pytest.raises(DiskError, match="No space left"):
        log.write("begin")
    with pytest.raises(DiskError, match="No space left"):
        log.close()
