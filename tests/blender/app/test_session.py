# SPDX-License-Identifier: GPL-3.0-or-later
"""What lives while Blender runs: getting ready, prices, models, jobs of earlier sessions."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app import models, prices
from scenario_addon.blender.app.prices import Price, Priced
from scenario_addon.blender.app.session import session
from scenario_addon.blender.request.reading import read
from scenario_addon.engine.errors import DiskError, OfflineError
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.values import ModelId
from tests.blender.live import FAST_VALUES, Live, preferences
from tests.limits import shorten
from tests.service import Fault


def dry_runs(live: Live) -> int:
    return sum("dryRun" in request.query for request in live.service.requests)


# -- getting ready


def test_it_gets_ready_in_a_thread_and_goes_online_for_nothing(live: Live) -> None:
    session.load()
    assert not session.is_ready
    live.pump_until(lambda: session.is_ready)
    assert live.service.requests == []


def test_a_script_that_comes_while_it_gets_ready_opens_no_second_ledger(live: Live) -> None:
    session.load()
    session.load_now()
    assert len(list((session.ledger.path.parent / "owners").iterdir())) == 1


def test_a_ledger_that_cannot_be_opened_is_said_and_tried_again(live: Live, state_dir: Path) -> None:
    state_dir.write_text("in the way")
    with pytest.raises(DiskError, match="cannot be used"):
        session.load_now()
    session.load()
    live.pump_until(lambda: session.problem)
    assert "cannot be used" in read(bpy.context).problem
    state_dir.unlink()
    session.reconnect()
    live.pump_until(lambda: session.is_ready)
    assert session.problem is None


def test_a_blender_without_requests_says_what_it_lacks(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenario_addon import engine

    def lack(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'requests'", name="requests")

    monkeypatch.setattr(engine, "Ledger", lack, raising=False)
    session.load()
    live.pump_until(lambda: session.problem)
    assert "lacks the Python module requests" in session.problem


def test_offline_an_operator_hears_the_reason(live: Live) -> None:
    live.ask_for_permission(allowed=False)
    with pytest.raises(OfflineError, match="Allow Online Access"):
        session.online()
    assert live.service.requests == []


def test_closing_leaves_no_thread_and_no_lock(live: Live) -> None:
    live.generate()
    owners = session.ledger.path.parent / "owners"
    session.close()
    assert list(owners.iterdir()) == []
    for thread in threading.enumerate():
        if thread.name.startswith("scenario-"):
            thread.join(5)
            assert not thread.is_alive(), thread.name


# -- prices


def price_of(model_id: str, body: Mapping[str, Any]) -> Price | None:
    (price,) = session.prices.look_up(Priced(ModelId(model_id), body))
    return price


def test_the_price_is_asked_once_for_each_change(live: Live) -> None:
    live.ready_to_generate()
    assert live.price().cost_cu is not None
    for _ in range(5):
        read(bpy.context)
        live.pump_until(lambda: not session.is_busy)
    assert dry_runs(live) == 1
    live.choose("model_hunyuan-3d-v2-1", {**FAST_VALUES, "paint": True})
    assert price_of("model_hunyuan-3d-v2-1", {}) is None
    live.price()
    assert dry_runs(live) == 2


def test_the_price_waits_for_the_last_change(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(prices.time, "monotonic", lambda: clock[0])
    shorten(monkeypatch, prices, _DELAY_S=0.6)
    asked: list[str] = []
    client = type("Client", (), {"quote": lambda self, model_id, body: asked.append(body["text"]) or Decimal(5)})()
    for text in ("a", "ab", "abc"):
        price_of("model_1", {"text": text})
        session.prices.ask(client)
        clock[0] += 0.5
    assert asked == []
    clock[0] += 0.2
    session.prices.ask(client)
    live.pump_until(lambda: not session.tasks.any_running)
    assert asked == ["abc"]
    assert price_of("model_1", {"text": "abc"}) == Price(Decimal(5), known_at_s=clock[0])


def test_a_price_under_way_is_not_asked_again(live: Live) -> None:
    gate, asked = threading.Event(), list[int]()

    def quote(self: object, model_id: str, body: object) -> Decimal:
        asked.append(1)
        gate.wait(10)
        return Decimal(5)

    client = type("Client", (), {"quote": quote})()
    for _ in range(5):
        price_of("model_1", {"text": "a"})
        session.prices.ask(client)
    gate.set()
    live.pump_until(lambda: not session.tasks.any_running)
    assert asked == [1]


def test_several_prices_are_asked_at_once_and_each_once(live: Live) -> None:
    wanted = [Priced(ModelId(f"model_{number}"), {}) for number in (1, 2, 3)]
    asked: list[str] = []

    def quote(self: object, model_id: str, body: object) -> Decimal:
        asked.append(model_id)
        return Decimal(model_id[-1])

    client = type("Client", (), {"quote": quote})()
    for _ in range(3):
        session.prices.look_up(*wanted)
        session.prices.ask(client)
    live.pump_until(lambda: not session.tasks.any_running)
    found = session.prices.look_up(*wanted)
    assert [price and price.cost_cu for price in found] == [1, 2, 3]
    assert sorted(asked) == ["model_1", "model_2", "model_3"]
    assert not session.prices.is_wanted


def test_of_several_prices_only_what_has_changed_waits_anew(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(prices.time, "monotonic", lambda: clock[0])
    shorten(monkeypatch, prices, _DELAY_S=0.6)
    asked: list[tuple[str, str]] = []

    def quote(self: object, model_id: str, body: Mapping[str, Any]) -> Decimal:
        asked.append((model_id, body["text"]))
        return Decimal(5)

    client = type("Client", (), {"quote": quote})()
    for text in ("a", "ab"):
        session.prices.look_up(Priced(ModelId("model_1"), {"text": text}), Priced(ModelId("model_2"), {"text": ""}))
        clock[0] += 0.5
    clock[0] -= 0.3
    session.prices.ask(client)
    live.pump_until(lambda: not session.tasks.any_running)
    assert asked == [("model_2", "")]
    clock[0] += 0.5
    session.prices.ask(client)
    live.pump_until(lambda: not session.tasks.any_running)
    assert asked == [("model_2", ""), ("model_1", "ab")]


def test_a_script_gets_the_prices_that_it_waits_for(live: Live) -> None:
    client = type("Client", (), {"quote": lambda self, model_id, body: Decimal(model_id[-1])})()
    wanted = [Priced(ModelId(f"model_{number}"), {}) for number in (1, 2)]
    session.prices.look_up(wanted[0])
    assert [price.cost_cu for price in session.prices.ask_now(client, *wanted)] == [1, 2]


def test_a_price_that_cannot_be_asked_is_said_and_tried_again_later(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.ready_to_generate()
    live.service.fail("POST", r"/generate/custom", Fault.STATUS, status=403, body={"reason": "Needs the Pro plan"})
    price = live.price()
    assert (price.cost_cu, price.error) == (None, "Needs the Pro plan")
    live.pump_until(lambda: not session.is_busy)
    assert read(bpy.context).price.error
    assert dry_runs(live) == 1
    shorten(monkeypatch, prices, _RETRY_S=0.0)
    live.pump_until(lambda: read(bpy.context).cost_cu is not None)
    assert dry_runs(live) == 2


def test_above_the_limit_or_of_unknown_price_a_form_asks(live: Live) -> None:
    saved = preferences()
    live.ready_to_generate()
    assert read(bpy.context).is_over_limit, "the price is not known yet"
    cost_cu = live.price().cost_cu
    saved.max_cost = float(cost_cu)
    assert not read(bpy.context).is_over_limit
    saved.max_cost = float(cost_cu) - 0.5
    assert read(bpy.context).is_over_limit
    saved.max_cost = 0
    assert not read(bpy.context).is_over_limit


def test_no_price_is_asked_offline(live: Live) -> None:
    live.ready_to_generate()
    live.ask_for_permission(allowed=False)
    for _ in range(3):
        assert read(bpy.context).price is None
        session.tick()
    assert live.service.requests == []
    assert not session.is_busy


def test_a_refused_key_is_known_until_the_service_accepts_it(live: Live) -> None:
    live.service.fail("GET", "/models/", Fault.STATUS, status=401)
    session.load_now()
    session.models.look_up("model_rodin-hyper3d")
    live.pump_until(lambda: session.refused_key)
    assert "key" in session.refused_key
    bpy.ops.scenario.test_connection()
    assert session.refused_key is None


def test_a_price_that_is_named_shows_that_the_key_is_accepted(live: Live) -> None:
    live.ready_to_generate()
    session.load_now()
    session.refused_key = "The API key or secret was refused."
    live.price()
    assert session.refused_key is None


def test_another_key_starts_with_a_clean_slate(live: Live) -> None:
    session.load_now()
    session.refused_key = "The API key or secret was refused."
    session.reconnect()
    assert session.refused_key is None


def test_only_so_many_prices_are_kept(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, prices, _MOST_KNOWN=3)
    live.ready_to_generate()
    session.load_now()
    for number in range(5):
        live.pump_until(lambda number=number: price_of("model_hunyuan-3d-v2-1", {"steps": number}))
    assert price_of("model_hunyuan-3d-v2-1", {"steps": 4}) is not None
    assert price_of("model_hunyuan-3d-v2-1", {"steps": 0}) is None


# -- models


def test_a_model_that_could_not_be_asked_for_is_asked_for_again(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    session.load_now()

    def asked() -> int:
        return live.service.count("GET", r"/models/model_pixal3d$")

    live.service.fail("GET", r"/models/model_pixal3d$", Fault.STATUS, times=None, status=403)
    session.models.look_up("model_pixal3d")
    live.pump_until(lambda: session.models.problem("model_pixal3d"))
    for _ in range(5):
        session.models.look_up("model_pixal3d")
        session.tick()
    assert asked() == 1
    live.service.forget_faults()
    shorten(monkeypatch, models, _RETRY_S=0.0)
    live.pump_until(lambda: session.models.look_up("model_pixal3d") and asked() == 2)
    live.pump_until(lambda: not session.tasks.any_running)
    assert session.models.problem("model_pixal3d") is None


def test_what_a_model_takes_today_is_asked_once(live: Live) -> None:
    live.ready_to_generate()
    for _ in range(3):
        read(bpy.context)
        live.pump_until(lambda: not session.is_busy)
    assert live.service.count("GET", r"/models/model_hunyuan-3d-v2-1$") == 1


def test_a_model_that_cannot_be_fetched_says_why(live: Live) -> None:
    session.load_now()
    live.settings.model = "model_tripo-v3-1-image-to-3d"
    assert read(bpy.context).problem == "Asking the service what this model takes."
    live.service.fail("GET", r"/models/", Fault.STATUS, times=None, status=403, body={"reason": "Not in your plan"})
    live.pump_until(lambda: not session.is_busy)
    assert read(bpy.context).problem == "Not in your plan"


# -- jobs of earlier sessions


def test_unfinished_jobs_go_on_after_a_restart_with_one_charge(live: Live) -> None:
    job = live.begin()
    live.pump_until_state(State.RUNNING, job)
    live.restart()
    live.pump_until(lambda: session.jobs.active)  # at once, unless a step of before the restart has yet to end
    live.pump_until_state(State.READY, job)
    assert len(live.service.charges) == 1


def test_jobs_of_earlier_sessions_are_listed_oldest_first(live: Live) -> None:
    made = [live.generate().id for _ in range(3)]
    live.restart()
    assert [job.id for job in live.jobs] == made
    assert [job.state for job in live.jobs] == [State.IMPORTED] * 3


def test_jobs_of_another_project_keep_nobody_busy(live: Live) -> None:
    job = live.begin()
    live.pump_until_state(State.RUNNING, job)
    live.say(SCENARIO_PROJECT_ID="project_other")
    live.restart()
    assert [j.id for j in live.jobs] == [job.id]
    assert session.jobs.active == []
    assert not session.is_busy


def test_a_mesh_that_waits_for_another_file_keeps_nobody_busy(live: Live) -> None:
    job = live.begin()
    bpy.ops.wm.read_homefile(use_empty=True)
    live.pump_until_state(State.READY, job)
    live.pump_until(lambda: not session.is_busy)


def test_losing_the_permission_stops_everything_and_getting_it_back_goes_on(live: Live) -> None:
    job = live.begin()
    live.pump_until_state(State.RUNNING, job)
    live.ask_for_permission(allowed=False)
    assert not session.is_busy
    assert session.jobs.active == []
    bpy.context.preferences.system.use_online_access = True
    live.pump_until_state(State.IMPORTED, job)
    assert len(live.service.charges) == 1
