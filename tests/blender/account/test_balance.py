# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left and what was spent: asked for off the main thread and seldom, drawn where it is known."""

from __future__ import annotations

import threading
import time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.account import balance
from scenario_addon.blender.app.session import session
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.ui import pump
from scenario_addon.blender.ui.operators.generate import SCENARIO_OT_generate
from scenario_addon.blender.ui.operators.settings import SCENARIO_OT_refresh_models
from scenario_addon.engine.ledger.job import State
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live, preferences
from tests.service import Fault

MAIN, JOBS = "SCENARIO_PT_main", "SCENARIO_PT_jobs"
END = "2099-12-15T12:00:00.000Z"
LEFT = "1,240 CU left until 15 Dec 2099"


class Purse:
    """A team with a known balance, and the time by which it is asked for."""

    def __init__(self, live: Live) -> None:
        self.live, self.now_s = live, 10_000.0
        self.set(1240)
        live.service.team.period_end = END

    def set(self, left_cu: int) -> None:
        team = self.live.service.team
        spent_cu = sum((charge.cost_cu for charge in self.live.service.charges), Decimal(0))
        team.granted_cu, team.used_before_cu = left_cu + spent_cu + 1, Decimal(1)

    @property
    def asked(self) -> int:
        """How often the service was asked what is left."""
        return self.live.service.count("GET", "/limits$")

    def look(self, after_s: float = 0.0) -> FakeLayout:
        """Have the tab drawn, and again once there is nothing more to wait for."""
        self.now_s += after_s
        drawn(MAIN)
        self.settle()
        return drawn(MAIN)

    def settle(self) -> None:
        pump.pump()
        self.live.pump_until(lambda: not session.is_busy)


@pytest.fixture
def purse(live: Live, monkeypatch: pytest.MonkeyPatch) -> Purse:
    made = Purse(live)
    monkeypatch.setattr(balance, "time", SimpleNamespace(monotonic=lambda: made.now_s, time=time.time))
    live.ready_to_generate()
    return made


def test_drawing_asks_nothing_and_the_timer_asks_off_the_main_thread(
    purse: Purse, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set[bool]()
    limits = session.online().client.limits
    monkeypatch.setattr(
        type(session.online().client),
        "limits",
        lambda self, team: threads.add(threading.current_thread() is threading.main_thread()) or limits(team),
    )
    for _ in range(3):
        assert "left" not in str(drawn(MAIN))
    assert purse.live.service.count("GET", "/teams") == 0
    purse.settle()
    assert (purse.asked, threads) == (1, {False})
    assert LEFT in drawn(MAIN).texts


def test_where_nobody_looks_nobody_asks(purse: Purse) -> None:
    for _ in range(3):
        pump.pump()
    purse.live.generate()
    purse.settle()
    assert purse.live.service.count("GET", "/teams") == 0


def test_it_is_asked_at_most_every_five_minutes_while_somebody_looks(purse: Purse) -> None:
    purse.look()
    for after_s in (1.0, 100.0, 198.0):
        purse.look(after_s)
    assert purse.asked == 1
    purse.set(70)
    purse.now_s += 2.0
    pump.pump()
    assert purse.asked == 1, "nobody has looked since"
    assert "70 CU left until 15 Dec 2099" in purse.look().texts
    assert purse.asked == 2


def test_after_a_charge_it_is_asked_again_and_the_day_is_told(purse: Purse) -> None:
    purse.look()
    purse.now_s += 60.0
    purse.live.generate()
    purse.look(6.0)
    [charge] = purse.live.service.charges
    left, spent = Decimal(1240) - charge.cost_cu, charge.cost_cu.normalize()
    assert f"{left.normalize():,f} CU left until 15 Dec 2099, {spent:f} spent today" in drawn(JOBS).texts
    assert "left" not in str(drawn(MAIN)), "it is the last line of all"
    asked = purse.asked
    purse.look(60.0)
    assert purse.asked == asked


def test_what_is_paid_back_is_asked_for_too(purse: Purse) -> None:
    purse.look()
    purse.live.service.fail_job()
    purse.now_s += 60.0
    job = purse.live.begin()
    purse.live.pump_until_state(State.FAILED, job)
    purse.look(60.0)
    assert LEFT in drawn(JOBS).texts


def test_with_another_key_nothing_is_shown_before_it_is_asked_anew(purse: Purse) -> None:
    assert LEFT in purse.look().texts
    purse.live.service.team.granted_cu = Decimal(8)
    session.reconnect()
    session.load_now()
    assert "left" not in str(drawn(MAIN))
    assert "7 CU left until 15 Dec 2099" in purse.look(1.0).texts


def test_an_answer_for_the_key_before_is_not_shown(purse: Purse, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, client = threading.Event(), type(session.online().client)
    teams = client.teams
    monkeypatch.setattr(client, "teams", lambda self: gate.wait(10) and teams(self))
    drawn(MAIN)
    pump.pump()
    assert session.is_busy
    session.reconnect()
    gate.set()
    session.load_now()
    purse.settle()
    assert balance.balance().known is None


def test_offline_nothing_is_asked(purse: Purse) -> None:
    purse.live.ask_for_permission(allowed=False)
    drawn(MAIN)
    pump.pump()
    with pytest.raises(RuntimeError, match="may not go online"):
        bpy.ops.scenario.refresh_account()
    assert purse.live.service.requests == []


@pytest.mark.parametrize("status", [401, 403, 404])
@pytest.mark.parametrize("path", ["/teams", "/limits$"])
def test_what_the_key_may_not_read_is_left_out_quietly(purse: Purse, path: str, status: int) -> None:
    purse.live.service.fail("GET", path, Fault.STATUS, status=status, times=None)
    shown = purse.look()
    assert "left" not in str(shown)
    assert (shown.alerts, session.refused_key, session.notices) == ([], None, {})


def test_where_the_service_is_in_trouble_what_was_known_has_to_do(purse: Purse) -> None:
    purse.look()
    purse.live.service.fail("GET", "/teams", Fault.STATUS, status=503, times=None)
    assert LEFT in purse.look(301.0).texts
    asked = purse.live.service.count("GET", "/teams")
    purse.look(60.0)
    assert purse.live.service.count("GET", "/teams") == asked


def test_what_costs_more_than_is_left_is_said_and_can_be_ordered(purse: Purse) -> None:
    purse.live.price()
    assert "More than" not in str(purse.look())
    purse.set(3)
    shown = purse.look(301.0)
    assert "More than the 3 CU that are left until 15 Dec 2099" in shown.texts
    assert shown.alerts == []
    assert purse.live.generate().state is State.IMPORTED


def test_the_buttons_tooltip_tells_the_price_beside_what_is_left(purse: Purse) -> None:
    purse.live.price()
    about = str(SCENARIO_OT_generate.__doc__)
    assert tooltip() == about
    purse.look()
    bill = read(bpy.context).bill
    assert bill is not None
    assert tooltip() == f"{about}. {bill.label} of 1,240 left"
    assert tooltip(model="model_pixal3d") == about, "that is another price"


def tooltip(**values: str) -> str:
    """What the button says when it is pointed at."""
    properties: Any = SimpleNamespace(**({"filepath": "", "image": "", "model": ""} | values))
    return SCENARIO_OT_generate.description(bpy.context, properties)


def test_the_tooltip_in_the_tabs_heading_tells_what_is_left_and_refresh_asks_anew(purse: Purse) -> None:
    about = str(SCENARIO_OT_refresh_models.__doc__)
    assert SCENARIO_OT_refresh_models.description(bpy.context, None) == about
    purse.look()
    assert SCENARIO_OT_refresh_models.description(bpy.context, None) == f"{about}. {LEFT}"
    purse.set(77)
    assert bpy.ops.scenario.refresh_models() == {"FINISHED"}
    assert "77 CU left until 15 Dec 2099" in purse.look(10.0).texts


def test_refresh_asks_whenever_it_was_asked_last(purse: Purse) -> None:
    for number in (1, 2):
        assert bpy.ops.scenario.refresh_account() == {"FINISHED"}
        assert purse.asked == number
    known = balance.balance().known
    assert known is not None and known.account.credits_left_cu == 1240


def test_without_a_key_refresh_says_so(keyless: Live) -> None:
    preferences()
    with pytest.raises(RuntimeError, match="API key"):
        bpy.ops.scenario.refresh_account()
    assert balance.balance().known is None
