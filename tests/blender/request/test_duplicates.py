# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate, pressed once too often."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.engine.ledger.job import State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from tests.blender.live import Live, preferences
from tests.service import Fault

if TYPE_CHECKING:
    from scenario_addon.engine.ledger.job import Job


def begin(live: Live) -> Job:
    """A press that is answered with yes, as far as the service."""
    live.ready_to_generate()
    assert live.press()[0] == {"FINISHED"}
    return live.pump_until_state(State.RUNNING, live.job)


def test_a_second_press_within_a_second_is_the_first_one(live: Live) -> None:
    live.ready_to_generate()
    orders = 0
    for after_s, counts in ((10.0, True), (0.0, False), (0.3, False), (0.6, False), (0.5, True), (0.9, False)):
        done, question = live.press(after_s=after_s)
        orders += counts
        assert (done, bool(question), len(live.jobs)) == ({"FINISHED" if counts else "CANCELLED"}, counts, orders)


def test_what_is_being_made_is_ordered_again_only_after_a_question(live: Live) -> None:
    begin(live)
    done, question = live.press(answer=False)
    assert done == {"CANCELLED"}
    assert len(live.jobs) == len(live.service.charges) == 1
    assert question.startswith("Order It Again? The same (Chair) is being made.")
    assert "It costs 4.1 CU." in question
    assert question.endswith("[Order Again]")


def test_who_means_it_orders_the_same_again(live: Live) -> None:
    begin(live)
    assert live.press()[0] == {"FINISHED"}
    live.pump_until(lambda: all(job.state is State.IMPORTED for job in live.jobs))
    assert len(live.jobs) == len(live.service.charges) == 2


def test_an_order_without_an_answer_is_the_same_order(live: Live) -> None:
    live.lose_the_answer()
    live.service.fail("GET", r"/jobs", Fault.STATUS, times=None, status=503)
    live.press()
    live.pump_until_state(State.UNCERTAIN, live.job)
    assert "no answer has come yet" in live.press(answer=False)[1]
    assert len(live.jobs) == 1


def test_a_script_has_to_say_that_it_means_it(live: Live) -> None:
    begin(live)
    with pytest.raises(RuntimeError, match=r"is being made\. Wait for it, or order it again with again=True"):
        bpy.ops.scenario.generate()
    bpy.ops.scenario.generate(again=True)
    assert len(live.jobs) == len(live.service.charges) == 2


def test_what_is_made_may_be_made_again_at_once(live: Live) -> None:
    live.generate()
    assert live.press(answer=False)[1].startswith("Generate a Mesh?")


def test_another_picture_is_another_order(live: Live) -> None:
    begin(live)
    live.image("Lamp", size_px=32)
    assert live.press(answer=False)[1].startswith("Generate a Mesh?")


def test_what_was_never_ordered_makes_room_for_the_press_that_orders_it(live: Live) -> None:
    live.ready_to_generate()
    chosen = preferences()
    chosen.max_cost = 0.5
    with pytest.raises(RuntimeError, match="at most 0"):
        bpy.ops.scenario.generate()
    chosen.max_cost = 50.0
    bpy.ops.scenario.generate()
    assert live.job.state is State.IMPORTED
    live.restart()
    assert live.job.state is State.IMPORTED
    assert len(live.service.charges) == 1


def test_what_another_process_is_making_waits_for_the_user(live: Live) -> None:
    live.ready_to_generate()
    live.press()
    mine = live.pump_until_state(State.IMPORTED, live.job)
    with closing(Ledger(config.folder())) as other:
        other.add(new_job(mine.order, scope=mine.scope))
        live.press()
        live.pump_until(lambda: live.jobs[-1].is_held)
        assert "by another Blender or a script" in (live.jobs[-1].error or "")
        assert len(live.service.charges) == 1
        _, question = live.press()
        assert "Order It Again? The same (Chair) is being made by another Blender or a script." in question
        live.pump_until_state(State.IMPORTED, live.jobs[-1])
    assert len(live.jobs) == len(live.service.charges) == 2
