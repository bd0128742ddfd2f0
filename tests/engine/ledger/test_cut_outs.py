# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pictures were cut out: known to every job and process, and after anything that can happen to the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.cut_out import CutOut
from scenario_addon.engine.errors import GenerationFailed, LedgerInDoubt
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.ledger.migrations import VERSION
from scenario_addon.engine.ledger.repair import restore_backup
from scenario_addon.engine.values import AssetId, RemoteJobId
from tests.engine.orders import draw_picture, sample_order

REMOTE, ASSET = RemoteJobId("job_1"), AssetId("asset_9")
CUT_OUT_CU: Final = Decimal("1.5")

Open = Callable[[], Ledger]


@pytest.fixture
def open_ledger(tmp_path: Path) -> Iterator[Open]:
    """Opens the same ledger as often as wanted, each time as another owner."""
    opened: list[Ledger] = []

    def make() -> Ledger:
        opened.append(Ledger(tmp_path / "state"))
        return opened[-1]

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: Open) -> Ledger:
    return open_ledger()


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Job]:
    """A job whose picture is uploaded and has yet to be cut out."""
    picture = replace(draw_picture(tmp_path / "chair.png"), is_to_be_cut_out=True)

    def make(**changes: Any) -> Job:
        job = new_job(sample_order(picture, folder=tmp_path), scope="s")
        assets = {picture.sha256: AssetId("asset_1")}
        price = {"quote_cu": Decimal(5), "cut_out_cu": CUT_OUT_CU, "cut_out_count": 1}
        return replace(job, **{"state": State.UPLOADED, "assets": assets, **price, **changes})

    return make


def sha_of(job: Job) -> str:
    return job.order.images()[0].sha256


def intent(ledger: Ledger, job: Job) -> Job:
    """The job with the intent to have its picture cut out written down."""
    ledger.add(job)
    cut_out = ledger.cut_outs.take(job, sha_of(job))
    job = replace(job, cut_out=cut_out)
    ledger.book(job, at=1.0, since=0.0, check=lambda spent_cu: None)
    job = job.moved(State.SUBMITTING, submitted_at=1.0)
    ledger.save(job)
    return job


def running(ledger: Ledger, job: Job) -> Job:
    job = intent(ledger, job).running(REMOTE, billed_cu=CUT_OUT_CU)
    ledger.save(job)
    return job


# -- whose it is


def test_a_picture_is_ordered_by_who_comes_first(ledger: Ledger, make_job: Callable[..., Job]) -> None:
    first, second = make_job(), make_job()
    assert intent(ledger, first).cut_out == CutOut(sha256=sha_of(first))
    ledger.add(second)
    assert ledger.cut_outs.take(second, sha_of(second)) is None
    assert not ledger.cut_outs.is_ordered("s", sha_of(second))


def test_what_is_being_cut_out_is_shared(ledger: Ledger, make_job: Callable[..., Job]) -> None:
    running(ledger, make_job())
    second = make_job()
    ledger.add(second)
    found = ledger.cut_outs.take(second, sha_of(second))
    assert found == CutOut(sha256=sha_of(second), remote_id=REMOTE, is_shared=True)
    assert ledger.cut_outs.is_ordered("s", sha_of(second))


def test_what_was_cut_out_is_known_to_all_of_the_project_and_to_no_other(
    ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job]
) -> None:
    job = running(ledger, make_job())
    ledger.cut_outs.remember(job, sha_of(job), ASSET)
    assert open_ledger().cut_outs.asset("s", sha_of(job)) == ASSET
    assert ledger.cut_outs.asset("other", sha_of(job)) is None
    ledger.cut_outs.forget("s", sha_of(job))
    assert ledger.cut_outs.asset("s", sha_of(job)) is None


def test_a_cut_out_that_failed_is_nobodys(ledger: Ledger, make_job: Callable[..., Job]) -> None:
    job = running(ledger, make_job())
    ledger.save(job.failed(GenerationFailed("No.")))
    second = make_job()
    ledger.add(second)
    assert ledger.cut_outs.take(second, sha_of(second)) == CutOut(sha256=sha_of(second))


@pytest.mark.parametrize(
    "end",
    [
        lambda ledger, job: ledger.remove(job.id),
        lambda ledger, job: ledger.save(job.moved(State.UPLOADED, submitted_at=None, wait_s=None)),
        lambda ledger, job: ledger.save(job.failed(GenerationFailed("No."))),
        lambda ledger, job: ledger.save(job.moved(State.CANCELLED, wait_s=None)),
    ],
    ids=["removed", "held", "failed", "cancelled"],
)
def test_an_intent_that_came_to_nothing_is_in_nobodys_way(
    ledger: Ledger, make_job: Callable[..., Job], end: Callable[[Ledger, Job], None]
) -> None:
    end(ledger, intent(ledger, make_job()))
    second = make_job()
    ledger.add(second)
    assert ledger.cut_outs.take(second, sha_of(second)) == CutOut(sha256=sha_of(second))


def test_what_a_dead_process_may_have_sent_is_a_doubt(
    ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job]
) -> None:
    lost = intent(ledger, make_job())
    ledger.close()
    ledger, second = open_ledger(), make_job()
    ledger.add(second)
    with pytest.raises(LedgerInDoubt, match="may be paid for"):
        ledger.cut_outs.take(second, sha_of(second))
    taken = ledger.claim(lost.id)
    assert taken is not None
    assert (taken.state, taken.cut_out) == (State.UNCERTAIN, lost.cut_out)
    ledger.save(taken.running(REMOTE))
    found = ledger.cut_outs.take(second, sha_of(second))
    assert found is not None
    assert found.remote_id == REMOTE


def test_what_a_job_out_of_a_backup_may_have_sent_is_a_doubt(
    tmp_path: Path, ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job]
) -> None:
    intent(ledger, make_job())
    ledger.back_up()
    ledger.close()
    restore_backup(tmp_path / "state")
    ledger, second = open_ledger(), make_job()
    ledger.add(second)
    with pytest.raises(LedgerInDoubt, match="may be paid for"):
        ledger.cut_outs.take(second, sha_of(second))


# -- what it cost


def test_each_submission_of_a_job_is_a_charge_of_its_own(ledger: Ledger, make_job: Callable[..., Job]) -> None:
    job = running(ledger, make_job())
    other = make_job()
    assert ledger.spent_cu(other, since=0.0) == CUT_OUT_CU
    job = job.moved(State.UPLOADED, cut_out=None, cut_outs_done=1, cut_out_spent_cu=CUT_OUT_CU, submitted_at=None)
    ledger.save(job)
    assert ledger.spent_cu(job, since=0.0) == CUT_OUT_CU
    job = job.moved(State.SUBMITTING, submitted_at=2.0)
    ledger.book(job, at=2.0, since=0.0, check=lambda spent_cu: None)
    ledger.save(job)
    assert ledger.spent_cu(other, since=0.0) == Decimal(5)
    assert (job.attempt, job.due_cu, job.counted_cu) == (1, Decimal("3.5"), Decimal(5))


# -- ledgers of other days


def test_a_ledger_of_the_version_before_is_brought_up_to_date(
    tmp_path: Path, ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job]
) -> None:
    before = make_job(cut_out_cu=None, cut_out_count=0)
    ledger.add(before)
    ledger.close()
    with closing(sqlite3.connect(tmp_path / "state" / "ledger.sqlite3")) as db, db:
        db.execute("DROP TABLE cut_outs")
        for name in ("cut_out", "cut_out_cu", "cut_out_count", "cut_out_spent_cu", "cut_outs_done"):
            db.execute("UPDATE jobs SET record = json_remove(record, ?)", (f"$.{name}",))
        db.execute(f"PRAGMA user_version = {VERSION - 1}")
    ledger = open_ledger()
    assert (ledger.notice, ledger.doubt) == (None, None)
    assert list(ledger.jobs()) == [before]
    assert ledger.cut_outs.asset("s", sha_of(before)) is None


def test_a_backup_from_before_the_mesh_was_ordered_is_a_doubt_about_the_mesh(
    tmp_path: Path, ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job]
) -> None:
    running(ledger, make_job())
    ledger.back_up()
    ledger.close()
    restore_backup(tmp_path / "state")
    [job] = open_ledger().jobs()
    assert (job.state, job.cut_out, job.is_sendable) == (State.UNCERTAIN, None, False)


@pytest.mark.parametrize("has_mesh", [True, False])
def test_a_row_that_was_lost_since_is_a_doubt_about_the_mesh_unless_that_is_known(
    tmp_path: Path, ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job], has_mesh: bool
) -> None:
    job = running(ledger, make_job())
    ledger.back_up()
    if has_mesh:
        assert ledger.claim_remote(replace(job, cut_out=None), RemoteJobId("job_mesh"))
    with closing(sqlite3.connect(tmp_path / "state" / "ledger.sqlite3")) as db, db:
        db.execute("DELETE FROM jobs")
    [back] = open_ledger().jobs()
    assert back.cut_out is None
    known = (State.RUNNING, "job_mesh") if has_mesh else (State.UNCERTAIN, None)
    assert (back.state, back.remote_id) == known


def test_a_damaged_ledger_still_knows_what_was_cut_out(
    tmp_path: Path, ledger: Ledger, open_ledger: Open, make_job: Callable[..., Job]
) -> None:
    job = running(ledger, make_job())
    ledger.back_up()
    ledger.cut_outs.remember(job, sha_of(job), ASSET)
    ledger.close()
    path = tmp_path / "state" / "ledger.sqlite3"
    with path.open("rb+") as file:
        file.truncate(path.stat().st_size - 4096)
    ledger = open_ledger()
    assert ledger.notice is not None
    assert ledger.cut_outs.is_ordered("s", sha_of(job))
