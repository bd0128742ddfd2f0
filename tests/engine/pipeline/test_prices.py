# SPDX-License-Identifier: GPL-3.0-or-later
"""A price is asked for once for all that ask for the like, and never kept longer than it holds."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.errors import NetworkError, Rejected
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.pipeline.pricing import PRICE_AGE_S, Prices
from scenario_addon.engine.pipeline.runner import Runner
from scenario_addon.engine.values import Order
from tests.engine.orders import FAST_VALUES, draw_picture, sample_order
from tests.engine.workbench import FakeClock, Workbench

PRICE_CU = Decimal(7)


class Till:
    """Names the price, and counts how often it is asked."""

    def __init__(self, *answers: Decimal | Exception | None) -> None:
        self.asked = 0
        self.answers = list(answers or [PRICE_CU])

    def __call__(self) -> Decimal | None:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def prices(now: list[float]) -> Prices:
    return Prices(lambda: now[0])


def order_of(folder: Path, *, colour: str = "#be5a28", **more: object) -> Order:
    return sample_order(draw_picture(folder / f"{colour}.png", colour=colour), folder=folder, **more)


def test_of_the_like_one_is_asked_about(prices: Prices, now: list[float], tmp_path: Path) -> None:
    till = Till()
    for colour in ("#be5a28", "#2858be"):
        assert prices.price(order_of(tmp_path, colour=colour), till) == (PRICE_CU, now[0])
    assert till.asked == 1


@pytest.mark.parametrize(
    "change",
    [{"values": {**FAST_VALUES, "targetFaceNum": 200}}, {"model_id": "model_other"}, {"is_list": True}],
)
def test_what_is_not_alike_is_asked_about_by_itself(prices: Prices, tmp_path: Path, change: dict[str, object]) -> None:
    till, first, other = Till(), order_of(tmp_path), order_of(tmp_path, **change)
    if "is_list" in change:
        [entry] = other.pictures
        other = replace(other, pictures=(replace(entry, images=entry.images * 2),))
    prices.price(first, till)
    prices.price(other, till)
    assert till.asked == 2


def test_words_do_not_change_a_price(prices: Prices, tmp_path: Path) -> None:
    till = Till()
    for words in ("a chair", "a lamp"):
        prices.price(order_of(tmp_path, values={"prompt": words}, unpriced=("prompt",)), till)
    assert till.asked == 1


def test_a_price_holds_for_two_minutes(prices: Prices, now: list[float], tmp_path: Path) -> None:
    till = Till()
    for later_s in (0.0, PRICE_AGE_S, 1.0):
        now[0] += later_s
        prices.price(order_of(tmp_path), till)
    assert till.asked == 2


def test_where_a_limit_is_kept_to_a_price_is_shared_for_a_short_while(tmp_path: Path, clock: FakeClock) -> None:
    prices, till = Prices(hold_s=20.0, monotonic=clock.monotonic), Till()
    for later_s in (0.0, 20.0, 1.0):
        clock.now_s += later_s
        prices.price(order_of(tmp_path), till)
    assert till.asked == 2


def test_what_has_expired_is_asked_anew(prices: Prices, tmp_path: Path) -> None:
    till = Till()
    prices.price(order_of(tmp_path), till)
    prices.expire()
    prices.price(order_of(tmp_path), till)
    assert till.asked == 2


def test_a_price_that_nobody_knows_is_asked_again(prices: Prices, tmp_path: Path) -> None:
    till = Till(None, NetworkError("No answer."), PRICE_CU)
    assert prices.price(order_of(tmp_path), till)[0] is None
    with pytest.raises(NetworkError):
        prices.price(order_of(tmp_path), till)
    assert prices.price(order_of(tmp_path), till)[0] == PRICE_CU


def test_where_the_service_wants_to_see_the_pictures_each_has_its_own_price(prices: Prices, tmp_path: Path) -> None:
    till = Till(Rejected("No such asset.", status=400), PRICE_CU)
    with pytest.raises(Rejected):
        prices.price(order_of(tmp_path), till)
    for _ in range(2):
        prices.price(order_of(tmp_path), till)
    assert till.asked == 3


def test_many_at_once_ask_once(prices: Prices, tmp_path: Path) -> None:
    go, till, order = threading.Event(), Till(), order_of(tmp_path)
    threads = [threading.Thread(target=lambda: prices.price(order, lambda: (go.wait(10), till())[1])) for _ in range(8)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert till.asked == 1


def test_jobs_that_ask_for_the_like_make_one_dry_run(bench: Workbench, clock: FakeClock) -> None:
    runner = Runner(replace(bench.env, prices=Prices()), workers=4, clock=clock)
    jobs = [bench.new_job(colour=f"#{number}058be") for number in range(5)]
    for job in jobs:
        runner.add(job)
    ended = runner.run([job.id for job in jobs])
    assert {job.state for job in ended} == {State.READY}
    assert {job.quote_cu for job in ended} == {bench.service.charges[0].cost_cu}
    assert sum("dryRun" in request.query for request in bench.service.requests) == 1


def test_a_submission_that_cost_something_else_has_the_price_asked_anew(bench: Workbench, clock: FakeClock) -> None:
    prices = Prices()
    runner = Runner(replace(bench.env, prices=prices), workers=1, clock=clock)
    first, second = bench.new_job(), bench.new_job(colour="#2858be", max_cost_cu=Decimal(5))
    prices.price(first.order, lambda: Decimal("4.1"))
    bench.service.set_price_factor(2)
    for job in (first, second):
        runner.add(job)
        runner.run([job.id])
    assert len(bench.service.charges) == 1
    assert runner.jobs[second.id].error_kind == "BudgetError"


def test_a_price_that_rises_meanwhile_is_caught_for_all(bench: Workbench, clock: FakeClock) -> None:
    """As soon as what is known of it is older than it may be."""
    now = [1000.0]
    env = replace(bench.env, prices=Prices(lambda: now[0]), now=lambda: now[0])
    runner = Runner(env, workers=1, clock=clock)
    first, *others = [bench.new_job(colour=f"#{number}058be", max_cost_cu=Decimal(5)) for number in range(3)]
    runner.add(first)
    assert runner.run([first.id])[0].state is State.READY
    now[0] += PRICE_AGE_S + 1
    bench.service.set_price_factor(2)
    for job in others:
        runner.add(job)
    ended = runner.run([job.id for job in others])
    assert [job.error_kind for job in ended] == ["BudgetError"] * 2
    assert len(bench.service.charges) == 1
