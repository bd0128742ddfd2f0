# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows come back in order, whatever order they came in, and take little memory meanwhile."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from scenario_addon.engine.report.rows import Rows


@pytest.mark.parametrize("count", [0, 1, 127, 128, 129, 1000])
def test_rows_are_in_order_whatever_order_they_came_in(count: int) -> None:
    numbers = list(range(count))
    random.Random(count).shuffle(numbers)
    rows = Rows()
    for number in numbers:
        rows.add(number, f"row {number}\nü")
    assert list(rows.in_order({})) == [f"row {number}\nü" for number in range(count)]
    assert rows.count == count


def test_what_is_not_final_stands_among_the_others() -> None:
    rows = Rows()
    for number in (0, 1, 3, 300):
        rows.add(number, str(number))
    assert list(rows.in_order({2: "two", 200: "later", 900: "last"})) == ["0", "1", "two", "3", "later", "300", "last"]


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_little_memory() -> None:
    rows, chance = Rows(), random.Random(1)
    tracemalloc.start()
    for number in range(100_000):
        ids = f"{chance.getrandbits(128):032x} {chance.getrandbits(128):032x}"
        rows.add(number, f'{{"image": "pictures/{number}.png", "model": "model_a", "ids": "{ids}", "error": null}}' * 2)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < 12_000_000
