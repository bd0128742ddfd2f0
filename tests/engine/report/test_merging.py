# SPDX-License-Identifier: GPL-3.0-or-later
"""Several reports as one: every item once, what it cost once, and nothing of it lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.report.merging import Merger

QUICK = settings(max_examples=100, deadline=None)
Item = Mapping[str, Any]


def made(image: str, job: str | None = None, *, glb: str | None = None, **more: Any) -> Item:
    """An item that is there."""
    name = image.removesuffix(".png")
    given: dict[str, Any] = {"state": "ready", "job_id": job or f"job of {name}", "glb": glb or f"{name}.glb", **more}
    return {"image": image, "model": "m", "cost_cu": Decimal(5), "seconds": Decimal(10), "error": None, **given}


def open_(image: str, job: str | None = None, **more: Any) -> Item:
    """An item that was under way when the run ended."""
    return {**made(image, job), "state": "running", "glb": None, "error": "interrupted", **more}


def failed(image: str, job: str | None = None, **more: Any) -> Item:
    given = {"cost_cu": Decimal(0), "error": "no subject", **more}
    return {**made(image, job), "state": "failed", "glb": None, **given}


def merged(*reports: Sequence[Item], seconds: float = 100.0) -> tuple[list[dict[str, Any]], Merger]:
    merger = Merger()
    for report in reports:
        merger.add(report, seconds=seconds)
    return list(merger.items()), merger


def told(*reports: Sequence[Item]) -> list[tuple[Any, ...]]:
    """Each item's picture, state and cost."""
    return [(item["image"], item["state"], item["cost_cu"]) for item in merged(*reports)[0]]


def test_parts_become_one_in_the_order_given() -> None:
    items, merger = merged([made("a.png"), failed("c.png")], [made("b.png")], [])
    assert [(item["image"], item["state"], item["cost_cu"], item["seconds"]) for item in items] == [
        ("a.png", "ready", 5, 10.0),
        ("c.png", "failed", 0, 10.0),
        ("b.png", "ready", 5, 10.0),
    ]
    assert merger.seconds == 300.0
    assert merger.summary == "3 items of 3 reports: 2 done, 1 not, 10 CU."


def test_nothing_is_a_report_as_well() -> None:
    assert merged()[0] == merged([])[0] == []


def test_a_part_that_was_begun_again_counts_once_with_what_came_of_it() -> None:
    first = [made("a.png"), open_("b.png"), open_("c.png", cost_cu=None)]
    second = [made("a.png", cost_cu=Decimal(0)), made("b.png"), failed("c.png", cost_cu=None), made("d.png")]
    items, merger = merged(first, second)
    assert [(item["image"], item["state"], item["cost_cu"], item["seconds"]) for item in items] == [
        ("a.png", "ready", 5, 20.0),
        ("b.png", "ready", 5, 20.0),
        ("c.png", "failed", None, 20.0),
        ("d.png", "ready", 5, 10.0),
    ]
    assert merger.seconds == 200.0
    assert items[1]["error"] is None


def test_the_order_of_the_attempts_makes_no_difference_to_what_is_done() -> None:
    first, second = [open_("a.png"), made("b.png")], [made("a.png"), open_("b.png", error="cannot be copied")]
    for reports in ((first, second), (second, first)):
        assert told(*reports) == [("a.png", "ready", 5), ("b.png", "ready", 5)]


def test_what_an_earlier_attempt_did_not_come_to_stands_where_it_belongs() -> None:
    first = [made("a.png"), made("d.png")]
    second = [made("a.png"), made("b.png"), made("c.png"), made("d.png"), made("e.png")]
    other = [made("x.png")]
    assert [item["image"][0] for item in merged(first, other, second)[0]] == ["a", "b", "c", "d", "e", "x"]


def test_what_failed_and_was_ordered_anew_is_one_item_that_cost_what_both_cost() -> None:
    first = [made("a.png"), failed("b.png", "job 1", cost_cu=Decimal(3))]
    second = [made("a.png", cost_cu=Decimal(0)), made("b.png", "job 2")]
    assert told(first, second) == [("a.png", "ready", 5), ("b.png", "ready", 8)]


def test_the_same_picture_of_two_parts_is_two_items() -> None:
    """A batch may make it with several seeds."""
    first = [made("a.png", "job 1"), failed("b.png", "job 2")]
    second = [made("a.png", "job 3", glb="a-2.glb"), made("b.png", "job 4", glb="b-2.glb")]
    assert told(first, second) == [*told(first), *told(second)]
    assert told(first)[1] == ("b.png", "failed", 0)


def test_the_same_order_of_two_parts_is_two_items_of_one_cost() -> None:
    first = [made("a.png", "job 1")]
    second = [made("a.png", "job 1", glb="a-2.glb", cost_cu=Decimal(0))]
    assert told(first, second) == [("a.png", "ready", 5), ("a.png", "ready", 0)]
    taken_over = [made("a.png", "job 1", glb="a-2.glb")]
    assert told(first, taken_over) == [("a.png", "ready", 5), ("a.png", "ready", 0)]


def test_the_same_order_twice_in_one_report_is_two_items() -> None:
    report = [made("a.png", "job 1"), made("a.png", "job 1", glb="a-2.glb", cost_cu=Decimal(0))]
    expected = [("a.png", "ready", 5), ("a.png", "ready", 0)]
    assert told(report) == told(report, report) == expected
    under_way = [open_("a.png", "job 1"), open_("a.png", "job 1", cost_cu=None)]
    assert told(under_way, report) == told(under_way, under_way, report) == expected


def test_items_without_a_job_are_known_by_their_place() -> None:
    first = [failed("a.png", job_id=None), failed("a.png", job_id=None)]
    second = [made("a.png", job_id=None), failed("a.png", job_id=None)]
    assert told(first, second) == [("a.png", "ready", 5), ("a.png", "failed", 0)]


def test_one_report_given_twice_is_one() -> None:
    report = [made("a.png"), failed("b.png", cost_cu=None), open_("c.png")]
    assert told(report, report) == told(report)


STATES = st.sampled_from([made, open_, failed])


@QUICK
@given(
    rows=st.lists(st.tuples(st.sampled_from("abc"), STATES), max_size=12),
    count=st.integers(1, 4),
    ends=st.lists(st.integers(0, 12), min_size=4, max_size=4),
)
def test_every_row_is_there_once_and_its_cost_is_what_its_job_cost(
    rows: list[tuple[str, Any]], count: int, ends: list[int]
) -> None:
    """Parts that were killed after some of their rows were ordered, and begun again to their ends."""
    final = [
        made(f"{image}.png", f"job {number}", glb=f"{number}.glb", row=number) for number, (image, _) in enumerate(rows)
    ]
    begun = [
        item if kind is made else kind(item["image"], item["job_id"], cost_cu=Decimal(5), row=item["row"])
        for item, (_, kind) in zip(final, rows, strict=True)
    ]
    parts = [final[number::count] for number in range(count)]
    killed = [begun[number::count][: ends[number]] for number in range(count)]
    items, merger = merged(*killed, *parts)
    assert sorted(item["row"] for item in items) == list(range(len(rows)))
    assert sum(item["cost_cu"] for item in items) == 5 * len(rows)
    assert {item["state"] for item in items} <= {"ready"}
    assert merger.seconds == 200.0 * count
