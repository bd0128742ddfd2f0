# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of a batch that are cut out first: their prices are in the estimate, the limits and each item's cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.batch.batch import Item, run_items
from scenario_addon.engine.batch.estimate import item_prices
from scenario_addon.engine.cut_out import CUT_OUT_MODEL
from scenario_addon.engine.pipeline.connection import Connection, connect
from scenario_addon.engine.pipeline.pricing import Prices
from tests.engine.batch.test_batch import Notes
from tests.engine.orders import FAST_VALUES, credentials_of, draw_picture, sample_order
from tests.engine.workbench import FakeClock
from tests.service import Fault, Service

CUT_OUT_CU, MESH_CU = Decimal("1.5"), Decimal("4.1")
Connect = Callable[..., Connection]


@pytest.fixture
def connected(service: Service, tmp_path: Path) -> Iterator[Connect]:
    made: list[Connection] = []

    def make(limit_cu: Decimal | None = None) -> Connection:
        clock = FakeClock()
        options = {"workers": 4, "clock": clock, "sleep": clock.sleep, "limit_cu": limit_cu, "prices": Prices()}
        made.append(connect(credentials_of(service), tmp_path / "state", **options))
        return made[-1]

    yield make
    for connection in made:
        with closing(connection):
            pass


@pytest.fixture
def items(tmp_path: Path) -> list[Item]:
    """Two meshes of one picture, and one of another."""

    def item(number: int, colour: str) -> Item:
        picture = draw_picture(tmp_path / f"{colour}.png", colour=colour, ground="#e6e6e1")
        values = {**FAST_VALUES, "seed": number}
        cut = replace(picture, is_to_be_cut_out=True)
        return Item(f"{number}", sample_order(cut, folder=tmp_path / "out", name=f"{number}", values=values))

    return [item(0, "#be5a28"), item(1, "#be5a28"), item(2, "#285abe")]


def run(connection: Connection, items: list[Item]) -> Notes:
    notes = Notes()
    run_items(connection, items, at_once=3, again=False, host=None, watcher=notes)
    return notes


def test_what_is_said_before_is_what_is_paid(connected: Connect, items: list[Item], service: Service) -> None:
    connection = connected()
    costs = [cost for _, cost in item_prices(connection, items, again=False)]
    assert costs == [CUT_OUT_CU + MESH_CU, MESH_CU, CUT_OUT_CU + MESH_CU]
    assert service.charges == []
    notes = run(connection, items)
    assert [outcome.error for outcome in notes.outcomes] == [None] * 3
    paid = [charge.cost_cu for charge in service.charges]
    assert sum(paid) == sum(cost for cost in costs if cost) == sum(o.cost_cu or 0 for o in notes.outcomes)
    assert [charge.model_id for charge in service.charges].count(CUT_OUT_MODEL) == 2


def test_a_picture_that_was_cut_out_before_costs_nothing_more(
    connected: Connect, items: list[Item], service: Service
) -> None:
    connection = connected()
    run(connection, items[:1])
    assert [cost for _, cost in item_prices(connection, items, again=False)] == [0, MESH_CU, CUT_OUT_CU + MESH_CU]


def test_a_price_that_wants_to_see_the_picture_is_asked_with_it(
    connected: Connect, items: list[Item], service: Service
) -> None:
    refusal = {"status": 400, "body": {"reason": "Asset not found"}}
    service.fail("POST", f"/generate/custom/{CUT_OUT_MODEL}", Fault.STATUS, **refusal)
    [(_, cost_cu)] = item_prices(connected(), items[:1], again=False)
    assert cost_cu == CUT_OUT_CU + MESH_CU
    assert service.count("POST", "/assets$") == 1


def test_a_limit_holds_for_cut_outs_and_meshes_together(
    connected: Connect, items: list[Item], service: Service
) -> None:
    notes = run(connected(CUT_OUT_CU + 2 * MESH_CU), items[::2])
    assert sorted(outcome.is_done for outcome in notes.outcomes) == [False, True]
    assert [charge.model_id for charge in service.charges].count(CUT_OUT_MODEL) == 1


def test_the_same_order_twice_is_made_once(connected: Connect, items: list[Item], service: Service) -> None:
    notes = run(connected(), [items[0], items[0]])
    assert [outcome.error for outcome in notes.outcomes] == [None, None]
    assert len(service.charges) == 2
