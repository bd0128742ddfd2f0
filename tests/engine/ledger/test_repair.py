# SPDX-License-Identifier: GPL-3.0-or-later
"""A hurt ledger is mended from itself and its backups; what cannot be is a doubt, and nothing is ordered then."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from scenario_addon.engine.errors import DiskError, LedgerInDoubt
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.ledger.repair import restore_backup
from scenario_addon.engine.values import RemoteJobId
from tests.engine.orders import sample_order

REMOTE: Final = RemoteJobId("job_1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite3"


@pytest.fixture
def opened(path: Path) -> Iterator[Callable[[], Ledger]]:
    """Opens the ledger anew, closing it first."""
    ledgers: list[Ledger] = []

    def again() -> Ledger:
        for ledger in ledgers:
            ledger.close()
        ledgers[:] = [Ledger(path.parent)]
        return ledgers[0]

    yield again
    for ledger in ledgers:
        ledger.close()


def sample_job(name: str = "chair", **changes: Any) -> Job:
    """A job that asks for something of its own."""
    order = sample_order(folder=Path("/models"), name=name, values={"faces": name})
    return replace(new_job(order, scope="s"), quote_cu=Decimal(3), **changes)


def ordered(ledger: Ledger, name: str = "chair") -> Job:
    """A job that was submitted, and is being made."""
    job = sample_job(name)
    ledger.add(job)
    job = job.moved(State.UPLOADED).moved(State.SUBMITTING, submitted_at=1.0)
    ledger.book(job, at=1.0, since=0.0, check=lambda spent_cu: None)
    ledger.save(job)
    ledger.back_up()
    job = job.moved(State.RUNNING, remote_id=REMOTE)
    ledger.save(job)
    ledger.back_up()
    return job


def execute(path: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement, values)


# -- the whole file


def spoil(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "drop":
        execute(path, "DROP TABLE jobs")
        return
    path.write_bytes(
        {"text": b"no database" * 500, "zeros": bytes(len(data)), "half": data[: len(data) // 2]}.get(
            how, data[:1024] + b"\xff" * (len(data) - 1024)
        )
    )


@pytest.mark.parametrize("how", ["text", "zeros", "half", "middle", "drop"])
def test_a_damaged_ledger_is_as_its_backup_was(path: Path, opened: Callable[[], Ledger], how: str) -> None:
    ledger = opened()
    jobs = [ordered(ledger, str(number)) for number in range(5)]
    ledger.close()
    spoil(path, how)
    ledger = opened()
    assert sorted(job.id for job in ledger.jobs()) == sorted(job.id for job in jobs)
    assert all(job.remote_id == REMOTE for job in ledger.jobs())
    assert ledger.notice is not None
    assert "damaged-1.sqlite3, and everything is as in its backup of 20" in ledger.notice
    assert ledger.doubt is None
    ledger.check_orderable(jobs[0].order, scope="s")


def test_what_a_damaged_ledger_still_says_is_newer_than_its_backup(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    for number in range(8):
        ordered(ledger, str(number))
    ledger.close()
    shutil.copytree(path.parent / "backups", path.parent / "kept")
    ledger = opened()
    late = ordered(ledger, "late")
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    (path.parent / "kept").rename(path.parent / "backups")
    with closing(sqlite3.connect(path)) as db:
        [(page,)] = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'assets'").fetchall()
    with path.open("rb+") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    assert late.id in [job.id for job in opened().jobs()]


@pytest.mark.parametrize("state", [State.NEW, State.UPLOADED])
def test_what_may_have_been_ordered_since_the_backup_is_looked_for_first(
    path: Path, opened: Callable[[], Ledger], state: State
) -> None:
    ledger, waiting = opened(), sample_job("waiting", state=state)
    ledger.add(waiting)
    ordered(ledger)
    ledger.close()
    spoil(path, "zeros")
    found = opened().get(waiting.id)
    assert found is not None
    assert found.state is State.UNCERTAIN


def test_a_damaged_backup_is_passed_over(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    newest, *_ = sorted((path.parent / "backups").iterdir(), reverse=True)
    newest.write_bytes(b"no database" * 500)
    spoil(path, "text")
    assert [found.id for found in opened().jobs()] == [job.id]


def test_without_a_whole_backup_nothing_is_ordered_until_the_user_says_so(
    path: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    spoil(path, "text")
    for _ in range(2):
        ledger = opened()
        with pytest.raises(LedgerInDoubt, match=r"was damaged, and there is no backup of it, so that nobody knows"):
            ledger.check_orderable()
        with pytest.raises(LedgerInDoubt):
            ledger.book(job, at=1.0, since=0.0, check=lambda spent_cu: None)
    ledger.settle_doubts()
    ledger.check_orderable(job.order, scope="s")
    opened().check_orderable(job.order, scope="s")


# -- the ledger is gone


def delete_all(path: Path) -> None:
    for table in ("jobs", "claims", "charges", "assets", "removed"):
        execute(path, f"DELETE FROM {table}")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (Path.unlink, "is gone"),
        (lambda path: path.write_bytes(b""), "is gone"),
        (lambda path: execute(path.with_name("new"), "CREATE TABLE x (y)") or path.unlink(), "is gone"),
        (delete_all, "is empty"),
    ],
)
def test_a_ledger_that_has_vanished_is_a_doubt_that_stays(
    path: Path, opened: Callable[[], Ledger], how: Callable[[Path], object], words: str
) -> None:
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    how(path)
    for _ in range(3):
        ledger = opened()
        assert ledger.doubt == f"The ledger {path} {words}, though there are backups of it in {path.parent / 'backups'}"
        with pytest.raises(LedgerInDoubt, match=words):
            ledger.check_orderable(job.order, scope="s")
    ledger.close()
    assert ledger.newest_backup is not None
    shutil.copy(ledger.newest_backup, path)
    ledger = opened()
    assert (ledger.doubt, [found.id for found in ledger.jobs()]) == (None, [job.id])


def test_what_the_user_has_decided_holds_until_the_ledger_is_lost_anew(
    path: Path, opened: Callable[[], Ledger]
) -> None:
    ordered(opened()), opened().close()
    for _ in range(2):
        path.unlink()
        opened().settle_doubts()
        for _ in range(3):
            assert opened().doubt is None
        ordered(opened(), "lamp")
        for _ in range(2):
            assert opened().doubt is None
        opened().close()
        delete_all(path)
        assert "is empty" in (opened().doubt or "")
        opened().close()


@pytest.mark.parametrize("how", [Path.unlink, delete_all])
def test_the_user_can_have_the_newest_backup_back(
    path: Path, opened: Callable[[], Ledger], how: Callable[[Path], object]
) -> None:
    ledger = opened()
    job, waiting = ordered(ledger), sample_job("lamp")
    ledger.add(waiting)
    ledger.back_up()
    ordered(ledger, "table")
    ledger.close()
    how(path)
    ledger = opened()
    assert ledger.doubt
    ledger.close()
    restore_backup(path.parent)
    ledger = opened()
    assert ledger.doubt is None
    kept = {found.id: found for found in ledger.jobs()}
    assert kept[job.id].remote_id == job.remote_id
    assert kept[waiting.id].state is State.UNCERTAIN  # it may have been ordered since
    assert len(kept) == 3


def test_where_no_backup_is_whole_the_ledger_stays_as_it_is(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ordered(ledger)
    ledger.close()
    for backup in (path.parent / "backups").glob("*.sqlite3"):
        backup.write_bytes(b"no database")
    before = path.read_bytes()
    with pytest.raises(DiskError, match=r"No backup of .* is whole"):
        restore_backup(path.parent)
    assert path.read_bytes() == before


def test_a_folder_that_never_held_a_ledger_is_no_doubt(opened: Callable[[], Ledger]) -> None:
    for _ in range(2):
        assert opened().doubt is None


def test_a_list_that_the_user_has_emptied_is_no_doubt(opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    ledger.remove(ordered(ledger).id)
    assert opened().doubt is None


def test_a_ledger_that_vanishes_while_it_is_used_is_told_at_the_next_write(
    path: Path, opened: Callable[[], Ledger]
) -> None:
    ledger = opened()
    ordered(ledger)
    away = path.rename(path.with_name("away"))
    with pytest.raises(DiskError, match="moved or replaced while it was in use: put it back and start again"):
        ledger.add(sample_job("lamp"))
    other = Ledger(path.parent)
    with pytest.raises(DiskError, match="moved or replaced"):
        ledger.add(sample_job("lamp"))
    other.close()
    away.rename(path)
    ledger.add(sample_job("lamp"))


# -- single jobs


@pytest.mark.parametrize("record", ["", "{", "{}", "[]", "null", "7", b"\xff\xfe", '{"id": 7}'])
def test_a_job_that_cannot_be_read_is_as_a_backup_has_it(
    path: Path, opened: Callable[[], Ledger], record: str | bytes
) -> None:
    ledger = opened()
    jobs = [ordered(ledger, name) for name in ("chair", "lamp")]
    ledger.close()
    execute(path, "UPDATE jobs SET record = ? WHERE id = ?", record, jobs[0].id)
    assert list(opened().jobs()) == jobs


def test_what_a_jobs_columns_know_is_not_forgotten(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger, job = opened(), sample_job()
    ledger.add(job)
    ledger.close()  # which makes a backup
    ledger = opened()
    assert ledger.claim(job.id)
    ledger.save(job.moved(State.UPLOADED))
    ledger.close()
    execute(path, "UPDATE jobs SET record = '{', state = 'running', remote_id = 'job_7' WHERE id = ?", job.id)
    [found] = opened().jobs()
    assert (found.id, found.state, found.remote_id) == (job.id, State.RUNNING, "job_7")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'molten'",
        "state = 'new'",
        "settled = 'x'",
        "scope = ''",
        "identity = NULL",
        "remote_id = NULL",
        "id = 'x'",
    ],
)
def test_columns_that_do_not_fit_their_record_are_put_right(
    path: Path, opened: Callable[[], Ledger], change: str
) -> None:
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    execute(path, f"UPDATE jobs SET {change}")
    ledger = opened()
    assert list(ledger.jobs(scope="s")) == list(ledger.same(job.order, scope="s")) == [job]
    assert ledger.claim(job.id) == job


def test_a_record_that_has_forgotten_what_was_paid_remembers_it(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    with closing(sqlite3.connect(path)) as db:
        record = json.loads(db.execute("SELECT record FROM jobs").fetchone()[0])
    execute(path, "UPDATE jobs SET record = ?", json.dumps({**record, "remote_id": None, "state": "uploaded"}))
    [found] = opened().jobs()
    assert (found.state, found.remote_id) == (State.RUNNING, job.remote_id)


def test_a_job_that_is_missing_is_back(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    jobs = [ordered(ledger, name) for name in ("chair", "lamp")]
    ledger.close()
    execute(path, "DELETE FROM jobs WHERE id = ?", jobs[0].id)
    assert sorted(job.id for job in opened().jobs()) == sorted(job.id for job in jobs)


def test_a_job_that_is_missing_everywhere_is_a_doubt(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    execute(path, "DELETE FROM jobs")
    ledger = opened()
    with pytest.raises(LedgerInDoubt, match="Jobs that were paid for are missing from the ledger"):
        ledger.check_orderable(job.order, scope="s")
    ledger.settle_doubts()
    opened().check_orderable(job.order, scope="s")


@pytest.fixture
def unreadable(path: Path, opened: Callable[[], Ledger]) -> tuple[Ledger, Job]:
    """A ledger with a job that was paid for and that nobody can read any more."""
    ledger = opened()
    job = ordered(ledger)
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    execute(path, "UPDATE jobs SET record = '{'")
    return opened(), job


def test_what_cannot_be_read_is_not_ordered_again_in_silence(unreadable: tuple[Ledger, Job]) -> None:
    ledger, job = unreadable
    assert ledger.jobs() == []
    with pytest.raises(LedgerInDoubt, match="cannot be read, and it may be this one: it is not ordered"):
        ledger.check_orderable(job.order, scope="s")


def test_what_cannot_be_read_is_in_nobody_elses_way(unreadable: tuple[Ledger, Job]) -> None:
    ledger, job = unreadable
    ledger.check_orderable()
    ledger.check_orderable(sample_job("lamp").order, scope="s")
    ledger.check_orderable(job.order, scope="t")
    lamp = ordered(ledger, "lamp")
    assert ledger.jobs() == [lamp]


def test_where_nothing_says_what_it_was_it_may_be_anything(
    unreadable: tuple[Ledger, Job], path: Path, opened: Callable[[], Ledger]
) -> None:
    unreadable[0].close()
    execute(path, "UPDATE jobs SET identity = NULL, scope = 'x'")
    with pytest.raises(LedgerInDoubt, match="may be this one"):
        opened().check_orderable(sample_job("lamp").order, scope="s")


@pytest.mark.parametrize(
    ("columns", "is_doubt"),
    [
        ("state = 'new', remote_id = NULL", True),  # it was charged for
        ("state = 'failed'", False),
        ("state = 'ready'", True),
        ("state = 'molten', remote_id = NULL", True),
    ],
)
def test_columns_say_whether_what_cannot_be_read_was_paid_for(
    unreadable: tuple[Ledger, Job], path: Path, opened: Callable[[], Ledger], columns: str, is_doubt: bool
) -> None:
    unreadable[0].close()
    execute(path, f"UPDATE jobs SET {columns}")
    ledger = opened()
    if is_doubt:
        with pytest.raises(LedgerInDoubt):
            ledger.check_orderable(unreadable[1].order, scope="s")
    else:
        ledger.check_orderable(unreadable[1].order, scope="s")


def test_an_order_that_never_left_is_no_doubt(path: Path, opened: Callable[[], Ledger]) -> None:
    ledger, job = opened(), sample_job()
    ledger.add(job)
    ledger.close()
    shutil.rmtree(path.parent / "backups")
    execute(path, "UPDATE jobs SET record = '{'")
    opened().check_orderable(job.order, scope="s")


def test_the_user_can_order_all_the_same(unreadable: tuple[Ledger, Job], opened: Callable[[], Ledger]) -> None:
    ledger, job = unreadable
    ledger.settle_doubts()
    ledger.check_orderable(job.order, scope="s")
    opened().check_orderable(job.order, scope="s")
