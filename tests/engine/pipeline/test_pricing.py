# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures on their way to the service before an order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from scenario_addon.engine.errors import ScenarioError
from scenario_addon.engine.pipeline.pricing import send_pictures
from scenario_addon.engine.values import Activity, AssetId, Order
from tests.engine.orders import draw_picture, sample_order
from tests.engine.workbench import Workbench
from tests.service import Fault


def send(bench: Workbench, order: Order, *, afresh: bool = False) -> dict[str, AssetId]:
    def ignore(activity: Activity) -> None:
        pass

    return send_pictures(
        order,
        client=bench.client,
        ledger=bench.ledger,
        scope=bench.credentials.scope,
        progress=ignore,
        wait=bench.pauses.append,
        afresh=afresh,
    )


@pytest.fixture
def order(bench: Workbench) -> Order:
    return sample_order(draw_picture(bench.folder / "chair.png"), folder=bench.output)


def test_a_picture_that_many_want_at_the_same_moment_is_sent_once(bench: Workbench, order: Order) -> None:
    bench.service.fail("POST", r"/assets$", Fault.DRIP, bytes_per_s=2000.0)  # long enough for all to come meanwhile
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: send(bench, order), range(6)))
    assert bench.service.count("POST", r"/v1/assets$") == 1
    assert all(each == found[0] for each in found)


def test_a_picture_that_did_not_arrive_is_sent_by_whoever_waited(bench: Workbench, order: Order) -> None:
    bench.service.fail("POST", r"/assets$", Fault.STATUS, status=400, body={"reason": "no"})

    def attempt(_: int) -> bool:
        try:
            return bool(send(bench, order))
        except ScenarioError:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, True, True, True]
    assert bench.service.count("POST", r"/v1/assets$") == 2


def test_a_picture_that_is_there_is_sent_again_where_that_is_asked_for(bench: Workbench, order: Order) -> None:
    send(bench, order)
    send(bench, order, afresh=True)
    assert bench.service.count("POST", r"/v1/assets$") == 2
