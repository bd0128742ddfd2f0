# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that is killed, at whatever instant, loses nothing and has nothing paid for twice.

A fixed choice of what ``scripts/torture.py`` does hundreds of times.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hunter import ANY, Hunter, Instant
from torture import SUBMISSION, Siege

from tests.limits import LONG
from tests.service import Service

REQUESTS = 6
"""For an item, at the least."""

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a kill has no signal there to be told by"),
    pytest.mark.slow,  # each case starts processes, which die alike with every library
]


@pytest.fixture
def siege(tmp_path: Path) -> Iterator[Siege]:
    hunter = Hunter()
    with Service(job_polls=1, on_request=hunter.saw) as service:
        yield Siege(service, hunter, tmp_path, random.Random(4))


@pytest.mark.parametrize("number", range(1, 8))
def test_a_process_that_dies_at_any_request_of_a_job_is_made_good(siege: Siege, number: int) -> None:
    batch = siege.batch(1)
    assert not siege.round(batch, Instant(ANY, number))
    assert siege.tally["kills"] == 1
    siege.relieve(batch)
    siege.check_ledger()
    assert siege.tally["asked"] == 0


def test_a_process_that_dies_at_every_submission_of_a_batch_pays_for_each_once(siege: Siege) -> None:
    batch = siege.batch()
    while not siege.round(batch, Instant(SUBMISSION)):
        assert siege.tally["kills"] <= len(batch.pictures)
    assert siege.tally["kills"]
    siege.check(batch)
    siege.check_ledger()


def test_the_same_batch_twice_at_once_makes_everything_once(siege: Siege) -> None:
    batch = siege.batch()
    siege.round(batch, None, None)
    siege.relieve(batch)
    siege.check_ledger()


@pytest.mark.parametrize("processes", [1, 2])
def test_whatever_is_killed_in_the_end_everything_is_there_and_paid_for_once(siege: Siege, processes: int) -> None:
    siege.besiege(kills=5, processes=processes)
    assert len(siege.service.charges) == siege.items


@pytest.mark.parametrize(("items", "kills"), [(12, 3), pytest.param(1000, 20, marks=[LONG, pytest.mark.timeout(2400)])])
def test_a_batch_that_is_killed_again_and_again_is_complete_for_one_charge_an_item(
    siege: Siege, items: int, kills: int
) -> None:
    siege.round_s, batch, chance = 1200.0, siege.batch(items), random.Random(11)
    most = REQUESTS * items // (2 * kills)
    for _ in range(kills):
        siege.round(batch, Instant(ANY, chance.randint(most // 3, most)))
    assert siege.tally["kills"] == kills
    siege.relieve(batch)
    siege.check_ledger()
    report = json.loads(batch.report.read_text(encoding="utf-8"))
    assert [item["image"] for item in report["items"]] == [str(picture) for picture in batch.pictures]
    costs = [Decimal(str(item["cost_cu"])) for item in report["items"]]
    assert sum(costs) == Decimal(str(report["cost_cu"])) == sum(charge.cost_cu for charge in siege.service.charges)
    assert len(siege.service.charges) == items
