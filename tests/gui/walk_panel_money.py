# SPDX-License-Identifier: GPL-3.0-or-later
"""The walks of test_panel_money.py: what keeps an artist from paying twice. Runs inside Blender."""

from __future__ import annotations

from tests.gui.eyes import click_operator, find_operator, shot
from tests.gui.hands import double_click, press, tick, wait_until
from tests.gui.inside import Walk
from tests.gui.scenario_tab import (
    choose_picture,
    consent,
    open_tab,
    past_a_double_click,
    session,
    texts,
    wait_for_price,
    wait_for_state,
)


def orders_twice(picture: str) -> Walk:
    """Click Generate twice in a row, then again while the mesh is being made."""
    yield from open_tab()
    yield from choose_picture(picture)
    yield from wait_for_price()
    spot = yield from find_operator("scenario.generate")
    yield from double_click(spot.x, spot.y)
    yield from wait_for_state("running")
    yield from past_a_double_click()
    found = {"double click": len(session().jobs)}
    yield from click_operator("scenario.generate")
    yield from tick(20)
    shot("asks")
    yield from press("RET")
    yield from tick(10)
    found["Return"] = len(session().jobs)
    yield from click_operator("scenario.generate")
    yield from consent("O")
    yield from wait_until(lambda: len(session().jobs) == 2, what="the second job")
    yield from wait_for_state("running")
    shot("twice")
    found["yes"] = len(session().jobs)
    return found


def finds_the_ledger_gone() -> Walk:
    """Look at the tab, try to order, and have the backup restored."""
    yield from open_tab()
    said = yield from texts()
    shot("gone")
    yield from click_operator("scenario.generate")
    yield from tick(20)
    ordered = len(session().jobs)
    yield from click_operator("scenario.restore_backup")
    yield from wait_until(lambda: session().is_ready and session().jobs, what="the jobs of the backup")
    yield from tick(5)
    shot("restored")
    return {"said": said, "ordered": ordered, "jobs": len(session().jobs), "then": (yield from texts())}


def goes_on_without() -> Walk:
    """Decline to go on without the lost ledger, then do so."""
    yield from open_tab()
    yield from click_operator("scenario.order_all_the_same")
    yield from tick(20)
    shot("asks")
    yield from press("RET")
    yield from tick(10)
    declined = bool(session().doubt)
    yield from click_operator("scenario.order_all_the_same")
    yield from consent("O")
    yield from wait_until(lambda: session().is_ready and not session().doubt, what="the doubt to be over")
    return {"declined": declined, "doubt": session().doubt}
