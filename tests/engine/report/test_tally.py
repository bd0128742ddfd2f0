# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a batch is, in a line for people."""

from __future__ import annotations

from dataclasses import replace

from scenario_addon.engine.cut_out import CutOut
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.report.tally import Tally
from scenario_addon.engine.values import RemoteJobId
from tests.engine.report.samples import outcome
from tests.engine.workbench import FakeClock


def test_how_far_it_is_is_said_in_a_line(clock: FakeClock) -> None:
    tally = Tally(clock, 1000)
    for number in range(137):
        error = {"error": "No subject.", "state": State.FAILED} if number < 2 else {}
        tally.note(outcome(number, cost_cu="10", **error))
    clock.now_s = 137 * 13.2
    assert tally.text == "137 of 1000, 2 failed, 1,370 CU, 3 h 10 min left"


def test_what_the_service_goes_on_with_has_not_failed(clock: FakeClock) -> None:
    tally = Tally(clock, 2)
    tally.note(outcome(0))
    tally.note(outcome(1, error="Still being made.", state=State.RUNNING))
    assert tally.text == "2 of 2, 1 still being made, 8.2 CU"


def test_what_the_service_still_cuts_a_picture_out_for_has_not_failed(clock: FakeClock) -> None:
    cut_out = CutOut(sha256="ab", remote_id=RemoteJobId("job_2"))
    left = outcome(0, cost_cu="1.5", error="Still being made.", state=State.RUNNING)
    tally = Tally(clock, 1)
    tally.note(replace(left, job=replace(left.job, cut_out=cut_out, remote_id=None, submitted_at=1.0)))
    assert tally.text == "1 of 1, 1 still being made, 1.5 CU"


def test_what_was_made_before_says_nothing_about_the_pace(clock: FakeClock) -> None:
    tally = Tally(clock, 100)
    for number in range(50):
        tally.note(outcome(number, cost_cu="0", note="left as it is"))
    assert tally.text == "50 of 100, 0 CU"
    clock.now_s = 60.0
    tally.note(outcome(50))
    assert tally.text == "51 of 100, 4.1 CU, 49 min left"


def test_where_nobody_knows_how_many_there_are_only_those_through_are_counted(clock: FakeClock) -> None:
    tally = Tally(clock)
    tally.note(outcome(0))
    assert tally.text == "1, 4.1 CU"
