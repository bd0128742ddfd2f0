# SPDX-License-Identifier: GPL-3.0-or-later
"""Prices that the service names only once it has seen the picture."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.request.reading import read
from scenario_addon.engine.ledger.job import State
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live, preferences
from tests.service import Fault


def refuse_stand_ins(live: Live, *, times: int = 1) -> None:
    refusal = {"status": 400, "body": {"reason": "Parameter image: asset not found"}}
    live.service.fail("POST", r"/generate/custom", Fault.STATUS, times=times, **refusal)


def refused(live: Live) -> FakeLayout:
    """The tab once the service has refused to name a price."""
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and price.wants_pictures)
    return drawn("SCENARIO_PT_main")


def uploads(live: Live) -> int:
    return live.service.count("POST", r"/v1/(assets|uploads)$")


@pytest.fixture
def file(live: Live, tmp_path: Path) -> str:
    live.ready_to_generate()
    path = str(tmp_path / "Lamp.png")
    live.settings.image.save(filepath=path)
    return path


def test_a_picture_that_is_a_file_is_uploaded_for_the_price(live: Live, file: str) -> None:
    refuse_stand_ins(live)
    live.settings.source, live.settings.filepath = "FILE", file
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and price.cost_cu)
    assert "4.1 CU" in str(drawn("SCENARIO_PT_main").button("scenario.generate").text)
    assert (uploads(live), live.service.charges) == (1, [])
    live.settings.source, live.settings.image = "IMAGE", bpy.data.images.load(file)
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and price.cost_cu)
    assert uploads(live) == 1


def test_one_that_has_to_be_written_first_waits_for_a_button(live: Live) -> None:
    live.ready_to_generate()
    refuse_stand_ins(live)
    shown = refused(live)
    assert "names the price once it has the picture" in str(shown)
    for _ in range(3):
        live.pump_until(lambda: not session.tasks.any_running)
    assert uploads(live) == 0
    assert bpy.ops.scenario.ask_price() == {"FINISHED"}
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and price.cost_cu)
    assert (uploads(live), live.service.charges) == (1, [])
    assert "scenario.ask_price" not in [b.operator for b in drawn("SCENARIO_PT_main").operators]


def test_another_picture_has_another_price(live: Live) -> None:
    live.ready_to_generate()
    refuse_stand_ins(live)
    refused(live)
    bpy.ops.scenario.ask_price()
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and price.cost_cu)
    live.image("Lamp", size_px=32)
    price = read(bpy.context).price
    assert price is not None and price.wants_pictures


def test_a_price_that_stays_unknown_is_explained_and_asked_once(live: Live, file: str) -> None:
    refuse_stand_ins(live, times=2)
    live.settings.source, live.settings.filepath = "FILE", file
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and not price.wants_pictures)
    assert "asset not found" in str(drawn("SCENARIO_PT_main"))
    live.pump_until(lambda: not session.tasks.any_running)  # drawing has asked for the account, too
    asked = len(live.service.requests)
    for _ in range(5):
        drawn("SCENARIO_PT_main")
        live.pump_until(lambda: not session.tasks.any_running)
    assert len(live.service.requests) == asked


def test_a_picture_that_cannot_be_used_is_said_instead_of_a_price(live: Live, tmp_path: Path) -> None:
    live.ready_to_generate()
    refuse_stand_ins(live)
    live.settings.source, live.settings.filepath = "FILE", str(tmp_path / "nobody.png")
    live.pump_until(lambda: (price := read(bpy.context).price) is not None and not price.wants_pictures)
    assert "nobody.png" in str(drawn("SCENARIO_PT_main"))


def test_the_limit_holds_without_a_question(live: Live) -> None:
    live.ready_to_generate()
    preferences().max_cost = 1.0
    refuse_stand_ins(live)
    refused(live)
    _, question = live.press()
    assert not question.startswith("Above")
    live.pump_until(lambda: live.job.is_held)
    assert live.service.charges == []
    assert "at most 1 CU" in (live.job.error or "")
    assert bpy.ops.scenario.allow_price(job_id=live.job.id) == {"FINISHED"}
    assert live.job.state is State.IMPORTED
