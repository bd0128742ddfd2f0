# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits to be made comes out as it went in, in its order, whatever its number."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.errors import InputError
from scenario_addon.engine.inputs.stock import BadRow, Stock
from scenario_addon.engine.values import ModelId, Order, PictureInput, SourceImage

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = st.dictionaries(
    TEXTS,
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.lists(TEXTS),
)


@pytest.fixture
def stock() -> Iterator[Stock]:
    made = Stock()
    yield made
    made.close()


def order(name: str = "chair", folder: str = "/out", **more: Any) -> Order:
    picture = SourceImage(Path("/in") / f"{name}.png", "image/png", 64, 48, 1000, "ab" * 32)
    pictures = (PictureInput("image", is_list=False, images=(picture,)),)
    given: dict[str, Any] = {"values": {"steps": 20}, "expected_s": 47.5, "usual": ("steps",), **more}
    return Order(
        model_id=ModelId("model_x"), model_name="X", pictures=pictures, name=name, folder=Path(folder), **given
    )


def test_nothing_is_a_stock_as_well(stock: Stock) -> None:
    stock.seal()
    assert (len(stock), list(stock), stock.longest_names()) == (0, [], [])


def test_items_come_out_in_their_order_and_by_number(stock: Stock) -> None:
    orders = [order(f"chair {number}") for number in range(250)]
    for each in orders:
        stock.add(f"{each.name}.png", each)
    stock.seal()
    assert [item.order for item in stock] == orders
    assert [item.label for item in stock[248:]] == ["chair 248.png", "chair 249.png"]
    assert stock[-1].order == stock[249].order == orders[249]
    assert list(enumerate(stock))[123][1].order == orders[123]
    with pytest.raises(IndexError):
        stock[250]


@settings(max_examples=40, deadline=None)
@given(names=st.lists(TEXTS, min_size=1, max_size=5), values=VALUES, label=TEXTS)
def test_an_order_is_the_same_as_before(names: list[str], values: dict[str, Any], label: str) -> None:
    stock = Stock()
    orders = [order(f"{number}{name}", values=values) for number, name in enumerate(names)]
    for each in orders:
        stock.add(label, each)
    stock.seal()
    assert [(item.label, item.order, item.error) for item in stock] == [(label, each, None) for each in orders]
    assert [item.order.identity for item in stock] == [each.identity for each in orders]
    stock.close()


def test_names_are_counted_in_each_folder_and_chosen_ones_come_first(stock: Stock) -> None:
    stock.add("1", order("chair"))
    stock.add("2", order("chair", folder="/other"))
    stock.add("3", order("chair"), is_named=True)
    stock.add("4", order("chair"))
    stock.add("5", order("Chair"))
    stock.seal()
    assert [item.order.number for item in stock] == [2, 1, 1, 3, 1]


def test_what_is_made_elsewhere_is_only_counted(stock: Stock) -> None:
    stock.add("1", order("chair"), is_ours=False)
    stock.add("2", order("chair"))
    stock.add("3", order("a long name", folder="/other"), is_ours=False)
    stock.seal()
    (item,) = stock
    assert (item.label, item.order.number) == ("2", 2)
    assert stock.longest_names() == [(Path("/out"), "chair")]


def test_what_cannot_be_made_stays_in_its_place(stock: Stock) -> None:
    stock.add("1", order("chair"))
    stock.refuse("2", order("chair"), "rows.csv:3: steps is wrong.")
    stock.add("3", order("chair"))
    stock.seal()
    first, bad, last = stock
    assert isinstance(bad.error, BadRow)
    assert bad.error.user_message == "rows.csv:3: steps is wrong."
    assert (first.order.number, last.order.number, last.error) == (1, 2, None)


def test_the_longest_name_is_known_for_each_folder(stock: Stock) -> None:
    for name, folder in (("aaaa", "/out"), ("雪雪", "/out"), ("b", "/other")):
        stock.add(name, order(name, folder=folder))
    stock.seal()
    assert sorted(stock.longest_names()) == [(Path("/other"), "b"), (Path("/out"), "雪雪")]


def test_a_name_is_given_once(stock: Stock) -> None:
    assert stock.reserve("chair", 2) is None
    assert stock.reserve("chair", 7) == 2
    assert stock.reserve("Chair", 8) is None


@pytest.mark.parametrize("where", ["label", "name", "folder", "picture"])
def test_what_is_no_unicode_is_refused(stock: Stock, where: str) -> None:
    bad = "caf\udce9"
    wrong = order(**{where: bad}) if where in ("name", "folder") else order()
    if where == "picture":
        image = replace(wrong.images()[0], path=Path(bad))
        wrong = replace(wrong, pictures=(PictureInput("image", is_list=False, images=(image,)),))
    with pytest.raises(InputError, match="is not a name in UTF-8: rename the file"):
        stock.add(bad if where == "label" else "x", wrong)


@pytest.mark.slow
def test_ten_times_as_many_take_no_more_memory(stock: Stock) -> None:
    def peak(count: int) -> int:
        filled = Stock()
        tracemalloc.start()
        for number in range(count):
            filled.add(str(number), order(f"chair {number}"))
        filled.seal()
        assert sum(item.order.number for item in filled) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        filled.close()
        return most

    assert peak(10_000) < peak(1_000) + 8_000_000  # texts that are read are kept for a while; orders would be 20 MB
