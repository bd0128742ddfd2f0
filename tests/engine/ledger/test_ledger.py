# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: what is written is there for the next process, and only one carries a job."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scenario_addon.engine.errors import DiskError, NetworkError, NotCarried
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Store
from scenario_addon.engine.values import AssetId, ModelFile, PictureInput, RemoteJobId, SourceImage
from tests.engine.orders import sample_order

OpenStore = Callable[[], Store]
ASSET, SHA = AssetId("asset_1"), "ab" * 32


@pytest.fixture
def open_store(tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same ledger as often as wanted, each time as another owner."""
    opened: list[Store] = []

    def make() -> Store:
        opened.append(Store(tmp_path / "my state ü"))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store: OpenStore) -> Store:
    return open_store()


def sample_job(**changes: Any) -> Job:
    return replace(new_job(sample_order(folder=Path("/models")), scope="s"), **changes)


def full_job() -> Job:
    """A job with something in every field."""
    image = SourceImage(Path("/pictures/Stuhl ü.png"), "image/png", 64, 48, 1234, SHA)
    order = replace(
        sample_order(folder=Path("/models/ü")),
        pictures=(PictureInput("image", is_list=True, images=(image, image)),),
        values={"a": 0.85, "b": [1, 2.5], "c": {"d": None}, "e": "ü", "f": True, "g": 40_000},
        target={"scene": "Scene", "height_m": 1.5},
        expected_s=90.5,
    )
    return Job(
        id=sample_job().id,
        order=order,
        scope="s",
        created_at=1_700_000_000.25,
        state=State.READY,
        quote_cu=Decimal("7.25"),
        quoted_at=1_700_000_000.5,
        max_cost_cu=Decimal("10.10"),
        assets={SHA: ASSET},
        submitted_at=1_700_000_001.5,
        remote_id=RemoteJobId("job_1"),
        remote_word="success",
        progress=1.0,
        billed_cu=Decimal("7.250"),
        result_ids=(ASSET, AssetId("asset_2")),
        file=ModelFile(Path("/models/ü/chair.glb"), 99, ASSET, 12),
        blend=Path("/models/chair.blend"),
        other_files=(".obj",),
        finished_at=1_700_000_100.0,
        error="Lost.",
        error_kind="NetworkError",
        hint="Again.",
        notice="It has risen.",
        failures=3,
        wait_s=None,
    )


# -- what is written is there


@pytest.mark.parametrize("job", [sample_job(), full_job()], ids=["new", "full"])
def test_a_job_comes_back_as_it_was(store: Store, open_store: OpenStore, job: Job) -> None:
    store.add(job)
    assert open_store().get(job.id) == job
    assert str(store.get(job.id).quote_cu) == str(job.quote_cu)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False),
        max_size=4,
    ),
    state=st.sampled_from(list(State)),
    quote_cu=st.none() | st.decimals(0, 10**6, places=4),
    error=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    progress=st.none() | st.floats(0, 1),
)
def test_any_job_comes_back_as_it_was(store: Store, values: dict[str, Any], **changes: Any) -> None:
    job = sample_job(**changes)
    job = replace(job, order=replace(job.order, values=values))
    store.add(job)
    assert store.get(job.id) == job


def test_a_move_is_on_disk_when_save_returns(store: Store, open_store: OpenStore) -> None:
    job = sample_job(state=State.UPLOADED)
    store.add(job)
    store.save(job.moved(State.SUBMITTING))
    assert open_store().get(job.id).state is State.SUBMITTING


def test_jobs_are_listed_oldest_first_and_by_project(store: Store) -> None:
    jobs = [sample_job(created_at=float(age), scope=scope) for age, scope in [(3, "a"), (1, "b"), (2, "a")]]
    for job in jobs:
        store.add(job)
    assert [job.created_at for job in store.jobs()] == [1.0, 2.0, 3.0]
    assert [job.created_at for job in store.jobs(scope="a")] == [2.0, 3.0]


def test_jobs_are_found_by_what_they_ask_for(store: Store) -> None:
    wanted = sample_order(folder=Path("/models"))
    other = replace(wanted, values={**wanted.values, "steps": 12})
    named = replace(wanted, name="it's 椅子", folder=Path("/elsewhere"), target={"scene": "Scene"})
    jobs = [sample_job(order=order) for order in (wanted, other, named)]
    for job in [*jobs, sample_job(order=wanted, scope="t")]:
        store.add(job)
    assert store.same(wanted, scope="s") == [jobs[0], jobs[2]]
    assert store.same(other, scope="s") == [jobs[1]]
    assert store.same(other, scope="t") == []


def test_a_default_that_was_sent_makes_no_other_order(store: Store) -> None:
    plain = sample_order(folder=Path("/models"), values={"faces": 9})
    spelled = replace(plain, values={"faces": 9, "paint": True}, usual=("paint",))
    asked = replace(plain, values={"faces": 9, "paint": True})  # by a version that did not know what is usual
    jobs = [sample_job(order=order) for order in (plain, spelled, asked)]
    for job in jobs:
        store.add(job)
    assert store.same(plain, scope="s") == jobs[:2]
    assert store.same(spelled, scope="s") == jobs


def test_a_removed_job_is_gone(store: Store) -> None:
    job = sample_job()
    store.add(job)
    store.remove(job.id)
    assert store.get(job.id) is None
    with pytest.raises(NotCarried):
        store.save(job)


@pytest.mark.parametrize("record", ["", "{}", "not json", "[]", '{"id": 7}', None])
def test_a_record_that_cannot_be_read_costs_no_other_and_is_left_alone(
    store: Store, open_store: OpenStore, record: str | None
) -> None:
    good, bad = sample_job(), sample_job()
    store.add(good)
    store.add(bad)
    damaged = json.dumps({**json.loads(dumped(store, bad)), "state": "molten"}) if record is None else record
    overwrite(store, "UPDATE jobs SET record = ?, owner = NULL WHERE id = ?", damaged, bad.id)
    assert [job.id for job in store.jobs()] == [good.id]
    assert open_store().claim(bad.id) is None
    assert dumped(store, bad) == damaged


def dumped(store: Store, job: Job) -> str:
    with sqlite3.connect(store.path) as db:
        [(record,)] = db.execute("SELECT record FROM jobs WHERE id = ?", (job.id,)).fetchall()
    db.close()
    return str(record)


def overwrite(store: Store, statement: str, *values: Any) -> None:
    with sqlite3.connect(store.path) as db:
        db.execute(statement, values)
    db.close()


@pytest.mark.parametrize("name", ["bad\udcff", "\ud800"])
def test_a_job_that_cannot_be_written_down_is_told(store: Store, name: str) -> None:
    job = sample_job()
    with pytest.raises(DiskError, match="cannot be written down"):
        store.add(replace(job, order=replace(job.order, folder=Path(f"/models/{name}"))))
    assert store.jobs() == []


# -- who carries a job


def test_a_living_owners_job_is_not_taken(store: Store, open_store: OpenStore) -> None:
    job = sample_job()
    store.add(job)
    other = open_store()
    assert other.claim(job.id) is None
    with pytest.raises(NotCarried, match="another process"):
        other.save(job)
    assert store.claim(job.id) == job


def test_a_living_owners_job_is_not_removed_by_others(store: Store, open_store: OpenStore) -> None:
    job = sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    store.add(job)
    other = open_store()
    with pytest.raises(NotCarried, match="another Blender or a script: remove it there"):
        other.remove(job.id)
    store.save(job.moved(State.RUNNING, progress=0.5))
    store.save(job.moved(State.CANCELLED))
    other.remove(job.id)
    assert store.get(job.id) is None


def test_what_nobody_living_carries_can_be_removed_by_anybody(store: Store, open_store: OpenStore) -> None:
    job = sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    store.add(job)
    store.close()
    other = open_store()
    other.remove(job.id)
    assert other.get(job.id) is None


def test_a_gone_owners_job_is_taken_over(store: Store, open_store: OpenStore) -> None:
    job = sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    store.add(job)
    store.close()
    other = open_store()
    assert other.claim(job.id) == job
    other.save(job.moved(State.RUNNING, progress=0.5))


def test_an_intent_that_is_found_is_uncertain(store: Store, open_store: OpenStore) -> None:
    job = sample_job(state=State.SUBMITTING)
    store.add(job)
    store.close()
    other = open_store()
    found = other.claim(job.id)
    assert found is not None
    assert found.state is other.get(job.id).state is State.UNCERTAIN


def test_ones_own_intent_stays_what_it_is(store: Store) -> None:
    job = sample_job(state=State.SUBMITTING)
    store.add(job)
    assert store.claim(job.id) == job


def test_an_unknown_job_is_nobodys(store: Store) -> None:
    assert store.claim(sample_job().id) is None


# -- what outlives a job


def test_a_remote_job_belongs_to_one_job(store: Store, open_store: OpenStore) -> None:
    first, second, remote = sample_job(), sample_job(), RemoteJobId("job_1")
    store.add(first)
    store.add(second)
    assert store.claim_remote(first, remote)
    assert store.claim_remote(first, remote)
    assert not open_store().claim_remote(second, remote)


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_saved_remote_id_is_taken_for_ever(store: Store, is_removed: bool) -> None:
    done, lost = sample_job(state=State.SUBMITTING), sample_job()
    store.add(done)
    store.add(lost)
    store.save(done.moved(State.RUNNING, remote_id=RemoteJobId("job_1")))
    if is_removed:
        store.remove(done.id)
    assert not store.claim_remote(lost, RemoteJobId("job_1"))


def test_what_is_learnt_of_a_removed_job_is_kept(store: Store) -> None:
    gone, lost = sample_job(state=State.SUBMITTING), sample_job()
    store.add(gone)
    store.remove(gone.id)
    with pytest.raises(NotCarried):
        store.save(gone.moved(State.RUNNING, remote_id=RemoteJobId("job_1")))
    assert not store.claim_remote(lost, RemoteJobId("job_1"))


def test_an_input_belongs_to_one_job_of_a_project(store: Store, open_store: OpenStore) -> None:
    first, second, elsewhere = sample_job(), sample_job(), sample_job(scope="t")
    assert store.claim_input(first)
    assert not open_store().claim_input(second)
    assert (store.owns_input(first), store.owns_input(second)) == (True, False)
    assert store.claim_input(elsewhere)
    store.share_input(second)
    assert not store.owns_input(first)
    assert store.owns_input(elsewhere)


# -- taking over


def test_a_dead_processes_unfinished_jobs_are_rescued(store: Store, open_store: OpenStore) -> None:
    dying = open_store()
    running, sending = sample_job(state=State.RUNNING, created_at=1.0), sample_job(state=State.SUBMITTING)
    done, elsewhere = sample_job(state=State.READY), sample_job(state=State.RUNNING, scope="t")
    for job in (running, sending, done, elsewhere):
        dying.add(job)
    assert store.rescue("s") == []
    dying.close()
    assert store.rescue("s") == [running, sending.moved(State.UNCERTAIN)]
    assert store.rescue("s") == []
    store.save(running.moved(State.RUNNING, progress=0.5))
    assert open_store().claim(done.id) == done


def test_of_two_rescuers_each_job_has_one(store: Store, open_store: OpenStore) -> None:
    dying, other = open_store(), open_store()
    for _ in range(20):
        dying.add(sample_job(state=State.RUNNING))
    dying.close()
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda rescuer: rescuer.rescue("s"), [store, other]))
    assert sorted(job.id for jobs in taken for job in jobs) == sorted(job.id for job in store.jobs())


def test_a_record_that_cannot_be_read_is_not_rescued(store: Store, open_store: OpenStore) -> None:
    dying, job = open_store(), sample_job()
    dying.add(job)
    dying.close()
    overwrite(store, "UPDATE jobs SET record = '{}'")
    assert store.rescue("s") == []
    assert dumped(store, job) == "{}"


# -- pictures


def test_a_picture_is_remembered_for_its_project_only(store: Store, open_store: OpenStore) -> None:
    store.remember_asset("s", SHA, ASSET)
    other = open_store()
    assert other.asset("s", SHA) == ASSET
    assert other.asset("t", SHA) is None
    assert other.asset("s", "cd" * 32) is None
    store.remember_asset("s", SHA, AssetId("asset_2"))
    assert other.asset("s", SHA) == "asset_2"
    store.forget_asset("s", SHA)
    assert other.asset("s", SHA) is None


def test_a_delay_is_kept_over_a_restart(store: Store, open_store: OpenStore) -> None:
    job = sample_job(state=State.RUNNING)
    store.add(job)
    delayed = job.delayed(NetworkError("Lost."), wait_s=12.5)
    store.save(delayed)
    assert open_store().get(job.id) == delayed
