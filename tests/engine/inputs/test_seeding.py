# SPDX-License-Identifier: GPL-3.0-or-later
"""An order several times: the same but for seed and name, and the same whenever it is asked for."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import InputError
from scenario_addon.engine.inputs.checking import Checker, Common
from scenario_addon.engine.inputs.folders import Found
from scenario_addon.engine.inputs.pictures import check_pictures
from scenario_addon.engine.inputs.rows import check_manifest
from scenario_addon.engine.inputs.seeding import MOST_SEEDS, seeded
from scenario_addon.engine.inputs.shard import Shard
from scenario_addon.engine.inputs.stock import Stock
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.models.order import Request, make_order
from scenario_addon.engine.values import Order
from tests.engine.model_samples import builtin, file_input, model_with
from tests.engine.orders import draw_picture

V2 = "model_hunyuan-3d-v2-1"
YVO = "model_yvo3d-image-to-3d"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return draw_picture(tmp_path / "chair.png", size_px=(160, 136)).path


@pytest.fixture
def stock() -> Iterator[Stock]:
    made = Stock()
    yield made
    made.close()


def wanted(model: Model, picture: Path, count: int | None, **values: Any) -> list[Order]:
    request = Request(images=(picture,), values=values, name="chair", folder=picture.parent)
    order, _ = make_order(model, request, work_folder=picture.parent)
    return list(seeded(order, model, request, count))


def model_of_seeds(**entry: Any) -> Model:
    return model_with(file_input("image"), {"name": "seed", "type": "number", **entry})


def test_the_orders_differ_by_seed_and_name_and_cost_the_same(picture: Path) -> None:
    orders = wanted(builtin(V2), picture, 3, seed=7, steps=20)
    assert [(order.name, dict(order.values)) for order in orders] == [
        (f"chair-seed{seed}", {"seed": seed, "steps": 20}) for seed in (7, 8, 9)
    ]
    assert len({order.identity for order in orders}) == 3
    assert len({order.price_key for order in orders}) == 1
    assert len({order.pictures for order in orders}) == 1


def test_each_is_the_order_that_it_would_be_if_its_seed_were_given(picture: Path) -> None:
    for order in wanted(model_of_seeds(default=3), picture, 4, seed=2):
        (alone,) = wanted(model_of_seeds(default=3), picture, None, seed=order.values["seed"])
        assert (alone.identity, alone.usual, alone.unpriced) == (order.identity, order.usual, order.unpriced)


def test_without_a_number_the_order_is_as_it_was_also_of_a_model_without_a_seed(picture: Path) -> None:
    (order,) = wanted(builtin(YVO), picture, None)
    assert (order.name, "seed" in order.values) == ("chair", False)


@pytest.mark.parametrize("entry", [{}, {"default": 42}, {"default": 42, "required": True}])
def test_a_seed_that_nobody_has_given_comes_of_the_order(picture: Path, entry: dict[str, Any]) -> None:
    model = model_of_seeds(**entry)
    found = [order.values["seed"] for order in wanted(model, picture, 3)]
    assert found == [order.values["seed"] for order in wanted(model, picture, 3)]
    assert found == list(range(found[0], found[0] + 3))
    assert found[0] != 42
    other = draw_picture(picture.with_name("other.png"), size_px=(160, 136), colour="#2858be").path
    assert found != [order.values["seed"] for order in wanted(model, other, 3)]
    renamed = picture.rename(picture.with_name("same.png"))
    assert found == [order.values["seed"] for order in wanted(model, renamed, 3)]


def test_a_model_without_a_seed_or_with_too_few_is_told(picture: Path) -> None:
    with pytest.raises(InputError, match="has no seed"):
        wanted(builtin(YVO), picture, 1)
    with pytest.raises(InputError, match="There are no 4 seeds from 0 to 2: ask for fewer"):
        wanted(model_of_seeds(min=0, max=2), picture, 4)


# -- rows and pictures

Check = Callable[..., None]


@pytest.fixture
def checker(tmp_path: Path) -> Checker:
    return Checker(builtin, work_folder=tmp_path / "w", host=None, tell=print)


def in_stock(stock: Stock) -> list[tuple[str, str, object]]:
    stock.seal()
    return [(item.label, item.order.name, item.order.values.get("seed")) for item in stock]


def test_seeds_of_a_picture_follow_one_another_and_a_shard_has_all_of_its_pictures(
    checker: Checker, stock: Stock, picture: Path
) -> None:
    others = [draw_picture(picture.with_name(f"{name}.png"), size_px=(160, 136)).path for name in "ab"]
    pictures = [Found(path, Path()) for path in (picture, *others)]
    common = Common(settings={"seed": "7"}, seeds=2, models=(V2,))
    check_pictures(pictures, common, checker, stock, shard=Shard(1, 2))
    assert in_stock(stock) == [(str(path), f"{path.stem}-seed{n}", n) for path in (picture, others[1]) for n in (7, 8)]


def rows(folder: Path, *texts: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("image,model,name,seed\n" + "".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


def test_a_row_is_counted_up_from_its_own_seed_or_makes_nothing(checker: Checker, stock: Stock, picture: Path) -> None:
    table = rows(picture.parent, "chair.png,,,100", f"chair.png,{YVO},x,", "chair.png,,stool,")
    findings = check_manifest(table, Common(settings={}, seeds=2, models=(V2,)), checker, stock)
    assert (findings.rows, findings.bad) == (3, 1)
    assert "rows.csv:3: YVO3D Image to 3D has no seed" in findings.told[0]
    stock.leave_out_refused()
    first, second, third, fourth = in_stock(stock)
    label = str(picture)
    assert (first, second) == ((label, "chair-seed100", 100), (label, "chair-seed101", 101))
    assert [name for _, name, _ in (third, fourth)] == [f"stool-seed{seed}" for _, _, seed in (third, fourth)]


@pytest.mark.slow
def test_ten_times_as_many_rows_take_no_more_memory(checker: Checker, picture: Path) -> None:
    def peak(count: int) -> int:
        table = rows(picture.parent, *(f"chair.png,,chair {number}," for number in range(count)))
        stock = Stock()
        tracemalloc.start()
        check_manifest(table, Common(seeds=MOST_SEEDS, models=(V2,)), checker, stock)
        stock.seal()
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(stock) == count * MOST_SEEDS
        stock.close()
        return most

    peak(10)  # what is loaded once
    assert peak(150) < peak(15) + 200_000


def test_the_last_ones_of_a_stock_are_read_as_they_are(checker: Checker, stock: Stock, picture: Path) -> None:
    common = Common(settings={"seed": "7"}, seeds=MOST_SEEDS, models=(V2,))
    check_pictures([Found(picture, Path())] * 3, common, checker, stock)
    stock.seal()
    found: Sequence[Any] = stock[-2:]
    assert [(item.order.name, item.order.number) for item in found] == [("chair-seed69", 3), ("chair-seed70", 3)]
