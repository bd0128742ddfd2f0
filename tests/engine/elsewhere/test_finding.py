# SPDX-License-Identifier: GPL-3.0-or-later
"""From an id to a job: found, adopted, and known again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.elsewhere.finding import adopt, find, is_an_id
from scenario_addon.engine.elsewhere.origin import Origin, is_of_another, origin_of, whose
from scenario_addon.engine.errors import NotCarried
from scenario_addon.engine.ledger.job import State, new_job
from scenario_addon.engine.pipeline.connection import Connection, connect
from tests.engine.colleague import Colleague
from tests.engine.orders import credentials_of, sample_order
from tests.service import Service

WORDS = "model_meshy-7-txt23d"


@pytest.fixture
def connection(service: Service, tmp_path: Path) -> Iterator[Connection]:
    opened = connect(credentials_of(service), tmp_path / "state", sleep=lambda seconds: None)
    yield opened
    opened.close()


@pytest.fixture
def colleague(service: Service) -> Colleague:
    return Colleague(service)


def test_two_who_find_the_same_before_either_has_adopted_it_get_one_job(
    connection: Connection, colleague: Colleague, tmp_path: Path
) -> None:
    remote_id = colleague.make()
    first, second = (find(remote_id, connection, folder=tmp_path) for _ in range(2))
    assert first.id != second.id
    kept = adopt(first, connection.ledger)
    assert adopt(second, connection.ledger) == kept and adopt(kept, connection.ledger) == kept
    assert connection.ledger.jobs() == [kept]
    assert find(remote_id, connection, folder=tmp_path) == kept


def test_an_adopted_job_begins_where_the_services_stands_and_costs_nothing(
    connection: Connection, colleague: Colleague, tmp_path: Path
) -> None:
    running = find(colleague.order(), connection, folder=tmp_path)
    done = find(colleague.make(), connection, folder=tmp_path)
    assert (running.state, running.result_ids) == (State.RUNNING, ())
    assert done.state is State.SUCCEEDED and len(done.result_ids) == 1
    for job in (running, done):
        adopt(job, connection.ledger)
        assert (job.billed_cu, job.counted_cu, job.spent(Decimal(7))) == (0, 0, 0)
        assert connection.ledger.spent_cu(job, since=0.0) == 0
        assert not job.is_in_doubt and job.submitted_at is not None


def test_what_was_asked_for_is_kept_with_the_models_name(
    connection: Connection, colleague: Colleague, tmp_path: Path
) -> None:
    order = find(colleague.make(), connection, folder=tmp_path).order
    assert (order.model_name, order.values["targetFaceNum"], order.name) == ("Hunyuan 3D 2.1", 100, "Sessel")


def test_words_that_somebody_else_gave_before_are_not_taken_for_a_lost_order_of_ours(
    connection: Connection, colleague: Colleague, service: Service, tmp_path: Path
) -> None:
    words = {"prompt": "an oak chair"}
    theirs = colleague.make(**words, model=WORDS)
    service.jobs[theirs]["createdAt"] = "2026-01-01T10:00:00.000Z"
    order = sample_order(folder=tmp_path, model_id=WORDS, values=words)
    lost = new_job(order, scope=connection.scope)
    connection.ledger.add(lost)
    asked = replace(lost, state=State.UPLOADED, submitted_at=time.time()).moved(State.SUBMITTING)
    assert connection.ledger.claim_input(asked)
    ours = connection.client.submit(order.model_id, order.body({})).remote_id
    connection.ledger.save(asked.moved(State.UNCERTAIN))
    adopted = adopt(find(theirs, connection, folder=tmp_path), connection.ledger)
    assert adopted.origin and adopted.remote_id == theirs
    known = connection.ledger.get(lost.id)
    assert known is not None and known.remote_id == ours and not known.origin


def test_a_lost_order_that_another_process_looks_for_is_left_to_that_one(
    connection: Connection, service: Service, tmp_path: Path
) -> None:
    order = sample_order(folder=tmp_path, model_id=WORDS, values={"prompt": "an oak chair"})
    lost = replace(new_job(order, scope=connection.scope), state=State.UNCERTAIN, submitted_at=time.time())
    connection.ledger.add(lost)
    remote_id = connection.client.submit(order.model_id, order.body({})).remote_id
    other = connect(credentials_of(service), tmp_path / "state", sleep=lambda seconds: None)
    with pytest.raises(NotCarried, match="another Blender or a script looks for it"):
        find(remote_id, other, folder=tmp_path)
    other.close()
    assert connection.ledger.jobs() == [lost]


def test_what_a_model_makes_that_nobody_knows_is_waited_for(
    connection: Connection, colleague: Colleague, service: Service, tmp_path: Path
) -> None:
    remote_id = colleague.order()
    service.jobs[remote_id]["metadata"]["input"]["modelId"] = "model_of_a_friend"
    job = find(remote_id, connection, folder=tmp_path)
    assert (job.state, job.order.model_id, job.order.model_name) == (State.RUNNING, "model_of_a_friend", "of_a_friend")


@pytest.mark.parametrize(
    ("text", "is_one"), [("job_A-1", True), ("0a", True), ("", False), ("a b", False), ("a\n", False), ("../a", False)]
)
def test_ids_are_letters_digits_and_dashes(text: str, is_one: bool) -> None:
    assert is_an_id(text) is is_one


def test_whose_a_job_is_is_said_as_far_as_it_is_known(
    connection: Connection, colleague: Colleague, tmp_path: Path
) -> None:
    job = find(colleague.make(), connection, folder=tmp_path)
    origin = origin_of(job)
    assert origin is not None and origin.project_id and origin.author_id
    assert whose(job, scope=job.scope, project_id=None) == "made elsewhere"
    assert whose(job, scope=job.scope, project_id=origin.project_id) == "made elsewhere"
    assert whose(job, scope=job.scope, project_id="proj_mine") == f"made in project {origin.project_id}"
    assert whose(job, scope="another", project_id=None) == f"of project {origin.project_id}"
    assert whose(job, scope=None, project_id=None) == "made elsewhere"
    assert is_of_another(job, project_id="proj_mine") and not is_of_another(job, project_id=None)
    assert Origin().record, "an origin of which nothing is known is one all the same"
