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

from scenario_addon import engine
from scenario_addon.engine.errors import DiskError, NetworkError, NotCarried
from scenario_addon.engine.ledger.job import Job, State, new_job
from scenario_addon.engine.ledger.ledger import Ledger
from scenario_addon.engine.values import AssetId, MeshFile, ModelId, PictureInput, RemoteJobId, SourceImage
from tests.engine.orders import sample_order

OpenLedger = Callable[[], Ledger]
ASSET, SHA = AssetId("asset_1"), "ab" * 32


@pytest.fixture
def open_ledger(tmp_path: Path) -> Iterator[OpenLedger]:
    """Opens the same ledger as often as wanted, each time as another owner."""
    opened: list[Ledger] = []

    def make() -> Ledger:
        opened.append(Ledger(tmp_path / "my state ü"))
        return opened[-1]

    yield make
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(open_ledger: OpenLedger) -> Ledger:
    return open_ledger()


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
        expected_p75_s=110.25,
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
        asked_at=1_700_000_098.5,
        remote_id=RemoteJobId("job_1"),
        remote_word="success",
        progress=1.0,
        billed_cu=Decimal("7.250"),
        result_ids=(ASSET, AssetId("asset_2")),
        file=MeshFile(Path("/models/ü/chair.glb"), 99, ASSET, 12),
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
def test_a_job_comes_back_as_it_was(ledger: Ledger, open_ledger: OpenLedger, job: Job) -> None:
    ledger.add(job)
    assert open_ledger().get(job.id) == job
    assert str(ledger.get(job.id).quote_cu) == str(job.quote_cu)


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
def test_any_job_comes_back_as_it_was(ledger: Ledger, values: dict[str, Any], **changes: Any) -> None:
    job = sample_job(**changes)
    job = replace(job, order=replace(job.order, values=values))
    ledger.add(job)
    assert ledger.get(job.id) == job


def test_a_move_is_on_disk_when_save_returns(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job(state=State.UPLOADED)
    ledger.add(job)
    ledger.save(job.moved(State.SUBMITTING))
    assert open_ledger().get(job.id).state is State.SUBMITTING


def test_jobs_are_listed_oldest_first_and_by_project(ledger: Ledger) -> None:
    jobs = [sample_job(created_at=float(age), scope=scope) for age, scope in [(3, "a"), (1, "b"), (2, "a")]]
    for job in jobs:
        ledger.add(job)
    assert [job.created_at for job in ledger.jobs()] == [1.0, 2.0, 3.0]
    assert [job.created_at for job in ledger.jobs(scope="a")] == [2.0, 3.0]


def test_jobs_are_found_by_what_they_ask_for(ledger: Ledger) -> None:
    wanted = sample_order(folder=Path("/models"))
    other = replace(wanted, values={**wanted.values, "steps": 12})
    named = replace(wanted, name="it's 椅子", folder=Path("/elsewhere"), target={"scene": "Scene"})
    jobs = [sample_job(order=order) for order in (wanted, other, named)]
    for job in [*jobs, sample_job(order=wanted, scope="t")]:
        ledger.add(job)
    assert ledger.same(wanted, scope="s") == [jobs[0], jobs[2]]
    assert ledger.same(other, scope="s") == [jobs[1]]
    assert ledger.same(other, scope="t") == []


def test_the_last_meshes_of_a_model_are_found_among_many_jobs(ledger: Ledger) -> None:
    for number in range(40):
        state = State.FAILED if number % 2 else State.READY
        ledger.add(sample_job(state=state, remote_word=str(number)))
    other = replace(sample_order(folder=Path("/models")), model_id=ModelId("model_of_another"))
    ledger.add(sample_job(state=State.IMPORTED, order=other))
    ledger.add(sample_job(state=State.RUNNING))
    model_id = sample_job().order.model_id
    assert [job.remote_word for job in ledger.lately_made(model_id)] == [str(number) for number in range(0, 40, 2)]
    assert len(ledger.lately_made(other.model_id)) == 1
    assert not ledger.lately_made(ModelId("model_nobody_used"))


def test_a_default_that_was_sent_makes_no_other_order(ledger: Ledger) -> None:
    plain = sample_order(folder=Path("/models"), values={"faces": 9})
    spelled = replace(plain, values={"faces": 9, "paint": True}, usual=("paint",))
    asked = replace(plain, values={"faces": 9, "paint": True})  # by a version that did not know what is usual
    jobs = [sample_job(order=order) for order in (plain, spelled, asked)]
    for job in jobs:
        ledger.add(job)
    assert ledger.same(plain, scope="s") == jobs[:2]
    assert ledger.same(spelled, scope="s") == jobs


def test_a_removed_job_is_gone(ledger: Ledger) -> None:
    job = sample_job()
    ledger.add(job)
    ledger.remove(job.id)
    assert ledger.get(job.id) is None
    with pytest.raises(NotCarried):
        ledger.save(job)


@pytest.mark.parametrize("record", ["", "{}", "not json", "[]", '{"id": 7}', None])
def test_a_record_that_cannot_be_read_costs_no_other_and_is_left_alone(
    ledger: Ledger, open_ledger: OpenLedger, record: str | None
) -> None:
    good, bad = sample_job(), sample_job()
    ledger.add(good)
    ledger.add(bad)
    damaged = json.dumps({**json.loads(dumped(ledger, bad)), "state": "molten"}) if record is None else record
    overwrite(ledger, "UPDATE jobs SET record = ?, owner = NULL WHERE id = ?", damaged, bad.id)
    assert [job.id for job in ledger.jobs()] == [good.id]
    assert open_ledger().claim(bad.id) is None
    assert dumped(ledger, bad) == damaged


def dumped(ledger: Ledger, job: Job) -> str:
    with sqlite3.connect(ledger.path) as db:
        [(record,)] = db.execute("SELECT record FROM jobs WHERE id = ?", (job.id,)).fetchall()
    db.close()
    return str(record)


def overwrite(ledger: Ledger, statement: str, *values: Any) -> None:
    with sqlite3.connect(ledger.path) as db:
        db.execute(statement, values)
    db.close()


@pytest.mark.parametrize("name", ["bad\udcff", "\ud800"])
def test_a_job_that_cannot_be_written_down_is_told(ledger: Ledger, name: str) -> None:
    job = sample_job()
    with pytest.raises(DiskError, match="cannot be written down"):
        ledger.add(replace(job, order=replace(job.order, folder=Path(f"/models/{name}"))))
    assert ledger.jobs() == []


# -- who carries a job


def test_a_living_owners_job_is_not_taken(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job()
    ledger.add(job)
    other = open_ledger()
    assert other.claim(job.id) is None
    with pytest.raises(NotCarried, match="another process"):
        other.save(job)
    assert ledger.claim(job.id) == job


def test_a_living_owners_job_is_not_removed_by_others(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    ledger.add(job)
    other = open_ledger()
    with pytest.raises(NotCarried, match="another Blender or a script: remove it there"):
        other.remove(job.id)
    ledger.save(job.moved(State.RUNNING, progress=0.5))
    ledger.save(job.moved(State.CANCELLED))
    other.remove(job.id)
    assert ledger.get(job.id) is None


def test_what_nobody_living_carries_can_be_removed_by_anybody(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    ledger.add(job)
    ledger.close()
    other = open_ledger()
    other.remove(job.id)
    assert other.get(job.id) is None


def test_a_gone_owners_job_is_taken_over(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job(state=State.RUNNING, remote_id=RemoteJobId("job_1"))
    ledger.add(job)
    ledger.close()
    other = open_ledger()
    assert other.claim(job.id) == job
    other.save(job.moved(State.RUNNING, progress=0.5))


def test_an_intent_that_is_found_is_uncertain(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job(state=State.SUBMITTING)
    ledger.add(job)
    ledger.close()
    other = open_ledger()
    found = other.claim(job.id)
    assert found is not None
    assert found.state is other.get(job.id).state is State.UNCERTAIN


def test_ones_own_intent_stays_what_it_is(ledger: Ledger) -> None:
    job = sample_job(state=State.SUBMITTING)
    ledger.add(job)
    assert ledger.claim(job.id) == job


def test_an_unknown_job_is_nobodys(ledger: Ledger) -> None:
    assert ledger.claim(sample_job().id) is None


# -- what outlives a job


def test_a_remote_job_belongs_to_one_job(ledger: Ledger, open_ledger: OpenLedger) -> None:
    first, second, remote = sample_job(), sample_job(), RemoteJobId("job_1")
    ledger.add(first)
    ledger.add(second)
    assert ledger.claim_remote(first, remote)
    assert ledger.claim_remote(first, remote)
    assert not open_ledger().claim_remote(second, remote)


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_saved_remote_id_is_taken_for_ever(ledger: Ledger, is_removed: bool) -> None:
    done, lost = sample_job(state=State.SUBMITTING), sample_job()
    ledger.add(done)
    ledger.add(lost)
    ledger.save(done.moved(State.RUNNING, remote_id=RemoteJobId("job_1")))
    if is_removed:
        ledger.remove(done.id)
    assert not ledger.claim_remote(lost, RemoteJobId("job_1"))


def test_what_is_learnt_of_a_removed_job_is_kept(ledger: Ledger) -> None:
    gone, lost = sample_job(state=State.SUBMITTING), sample_job()
    ledger.add(gone)
    ledger.remove(gone.id)
    with pytest.raises(NotCarried):
        ledger.save(gone.moved(State.RUNNING, remote_id=RemoteJobId("job_1")))
    assert not ledger.claim_remote(lost, RemoteJobId("job_1"))


def test_an_input_belongs_to_one_job_of_a_project(ledger: Ledger, open_ledger: OpenLedger) -> None:
    first, second, elsewhere = sample_job(), sample_job(), sample_job(scope="t")
    assert ledger.claim_input(first)
    assert not open_ledger().claim_input(second)
    assert (ledger.owns_input(first), ledger.owns_input(second)) == (True, False)
    assert ledger.claim_input(elsewhere)
    ledger.share_input(second)
    assert not ledger.owns_input(first)
    assert ledger.owns_input(elsewhere)


# -- taking over


def test_a_dead_processes_unfinished_jobs_are_rescued(ledger: Ledger, open_ledger: OpenLedger) -> None:
    dying = open_ledger()
    running, sending = sample_job(state=State.RUNNING, created_at=1.0), sample_job(state=State.SUBMITTING)
    done, elsewhere = sample_job(state=State.READY), sample_job(state=State.RUNNING, scope="t")
    for job in (running, sending, done, elsewhere):
        dying.add(job)
    assert ledger.rescue("s") == []
    dying.close()
    assert ledger.rescue("s") == [running, sending.moved(State.UNCERTAIN)]
    assert ledger.rescue("s") == []
    ledger.save(running.moved(State.RUNNING, progress=0.5))
    assert open_ledger().claim(done.id) == done


def test_of_two_rescuers_each_job_has_one(ledger: Ledger, open_ledger: OpenLedger) -> None:
    dying, other = open_ledger(), open_ledger()
    for _ in range(20):
        dying.add(sample_job(state=State.RUNNING))
    dying.close()
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda rescuer: rescuer.rescue("s"), [ledger, other]))
    assert sorted(job.id for jobs in taken for job in jobs) == sorted(job.id for job in ledger.jobs())


def test_a_record_that_cannot_be_read_is_not_rescued(ledger: Ledger, open_ledger: OpenLedger) -> None:
    dying, job = open_ledger(), sample_job()
    dying.add(job)
    dying.close()
    overwrite(ledger, "UPDATE jobs SET record = '{}'")
    assert ledger.rescue("s") == []
    assert dumped(ledger, job) == "{}"


# -- pictures


def test_a_picture_is_remembered_for_its_project_only(ledger: Ledger, open_ledger: OpenLedger) -> None:
    ledger.remember_asset("s", SHA, ASSET)
    other = open_ledger()
    assert other.asset("s", SHA) == ASSET
    assert other.asset("t", SHA) is None
    assert other.asset("s", "cd" * 32) is None
    ledger.remember_asset("s", SHA, AssetId("asset_2"))
    assert other.asset("s", SHA) == "asset_2"
    ledger.forget_asset("s", SHA)
    assert other.asset("s", SHA) is None


def test_a_delay_is_kept_over_a_restart(ledger: Ledger, open_ledger: OpenLedger) -> None:
    job = sample_job(state=State.RUNNING)
    ledger.add(job)
    delayed = job.delayed(NetworkError("Lost."), wait_s=12.5)
    ledger.save(delayed)
    assert open_ledger().get(job.id) == delayed


def test_scripts_find_the_ledger_by_its_former_name() -> None:
    assert engine.Store is engine.Ledger is Ledger
    assert {"Ledger", "Store"} <= set(engine.__all__)
