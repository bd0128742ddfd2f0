# SPDX-License-Identifier: GPL-3.0-or-later
"""What a batch will cost is said before any of it is ordered."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.batch.estimate import Estimate, item_prices
from scenario_addon.engine.batch.item import Item
from scenario_addon.engine.pipeline.connection import Connection, connect
from tests.engine.orders import FAST_VALUES, credentials_of, draw_picture, sample_order
from tests.service import Service


@pytest.mark.parametrize(
    ("costs", "limit", "told"),
    [
        (["5", "5", "0"], None, "2 of 3 items are ordered, for 10 CU."),
        (["5", "5"], "10", "2 of 2 items are ordered, for 10 CU."),
        (["5", "5"], "9", "2 of 2 items are ordered, for 10 CU; 9 CU may be spent, and what is above is left."),
        (["5", None], "9", "2 of 2 items are ordered; the service does not say of all of them what they cost."),
    ],
)
def test_it_is_said_in_a_sentence(costs: list[str | None], limit: str | None, told: str) -> None:
    estimate = Estimate()
    for cost in costs:
        estimate.add(Decimal(cost) if cost is not None else None)
    assert estimate.told(Decimal(limit) if limit is not None else None) == told


@pytest.mark.slow
def test_ten_times_as_many_orders_are_priced_in_no_more_memory(service: Service, tmp_path: Path) -> None:
    order = sample_order(draw_picture(tmp_path / "a.png"), folder=tmp_path, unpriced=("seed",))

    def peak(connection: Connection, count: int) -> int:
        seeds = (number // 2 for number in range(count))
        items = (Item("a.png", replace(order, values={**FAST_VALUES, "seed": seed})) for seed in seeds)
        tracemalloc.start()
        costs = Counter(cost for _, cost in item_prices(connection, items, again=False))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert costs == {Decimal("4.1"): count // 2, Decimal(0): count // 2}, "of two that are the same one costs"
        return most

    with closing(connect(credentials_of(service), tmp_path / "state")) as connection:
        peak(connection, 20)  # what is loaded once
        assert peak(connection, 4000) < peak(connection, 400) + 100_000
