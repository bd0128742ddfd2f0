# SPDX-License-Identifier: GPL-3.0-or-later
"""Any run of luck at all: a job walks the table of moves, and is never paid for twice without the user's word."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine import errors
from scenario_addon.engine.budget import Budget
from scenario_addon.engine.client import RemoteJob, Submission
from scenario_addon.engine.job import MOVES, Job, State, new_job
from scenario_addon.engine.steps import Env, advance
from scenario_addon.engine.store import Store
from scenario_addon.engine.values import AssetId, RemoteJobId, RemoteStatus
from tests.engine.orders import draw_picture, sample_order

NOT_STARTED = (errors.RateLimited, errors.AuthError, errors.Forbidden, errors.NotFound, errors.Rejected)
"""What the service says when it has started nothing."""
LUCK = st.sampled_from(
    [
        None,
        errors.NetworkError("Out of reach."),
        errors.Unanswered("Lost."),
        errors.ProtocolError("Nonsense."),
        errors.RateLimited("Wait.", status=429, retry_after_s=5.0),
        errors.ServerError("Trouble.", status=500),
        errors.AuthError("Who?", status=401),
        errors.Forbidden("No.", status=403),
        errors.NotFound("None.", status=404),
        errors.Rejected("Bad.", status=400),
    ]
)
WORDS = st.sampled_from(["queued", "in-progress", "a new word", "success", "failure", "canceled"])


class FickleService:
    """Stands where the client stands; what happens is drawn from ``luck``."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data
        self.charged: list[RemoteJobId] = []
        self.inputs: dict[RemoteJobId, dict[str, Any]] = {}

    def _meet(self) -> None:
        if error := self._data.draw(LUCK):
            raise error

    def quote(self, model_id: str, body: dict[str, Any]) -> Decimal | None:
        self._meet()
        return self._data.draw(st.sampled_from([None, Decimal("4.1"), Decimal(20)]))

    def upload_small(self, image: object, data: bytes) -> AssetId:
        self._meet()
        return AssetId("asset_1")

    def submit(self, model_id: str, body: dict[str, Any]) -> Submission:
        error = self._data.draw(LUCK)
        heard = error is None or not (isinstance(error, NOT_STARTED) or type(error) is errors.NetworkError)
        if heard and (error is None or self._data.draw(st.booleans())):
            self.charged.append(RemoteJobId(f"job_{len(self.charged)}"))
            self.inputs[self.charged[-1]] = {"modelId": model_id, **body}
        if error:
            raise error
        return Submission(self.charged[-1], Decimal("4.1"))

    def recent_jobs(self, *, pages: int) -> Iterator[RemoteJob]:
        self._meet()
        yield RemoteJob(RemoteJobId("job_other"), None, {"image": "asset_other"})
        yield from (RemoteJob(remote_id, None, body) for remote_id, body in self.inputs.items())

    def job(self, remote_id: RemoteJobId) -> RemoteStatus:
        self._meet()
        word = self._data.draw(WORDS)
        ids = (AssetId("asset_2"),) if self._data.draw(st.booleans()) else ()
        return RemoteStatus(word, progress=self._data.draw(st.none() | st.floats(0.01, 1)), asset_ids=ids)

    def assets(self, ids: object) -> list[Any]:
        self._meet()
        return []


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Job, Store]]:
    folder = tmp_path_factory.mktemp("walk")
    store = Store(folder)
    store._db.execute("PRAGMA synchronous = OFF")
    yield new_job(sample_order(draw_picture(folder / "chair.png"), folder=folder), scope="s"), store
    store.close()


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_no_luck_whatever_pays_twice_or_leaves_the_table(start: tuple[Job, Store], data: st.DataObject) -> None:
    template, store = start
    job = new_job(template.order, scope="s", max_cost_cu=Decimal(10))
    store.add(job)
    store.forget_asset(job.scope, job.order.images()[0].sha256)  # each walk begins anew
    service = FickleService(data)
    env = Env(client=service, store=store, budget=Budget(), wait=lambda pause_s: None)  # type: ignore[arg-type]
    for _ in range(data.draw(st.integers(1, 25))):
        if job.is_settled or job.state is State.DOWNLOADED:
            break
        after = advance(job, env)
        assert after.state is job.state or after.state in MOVES[job.state]
        assert after.wait_s is None or 0.0 <= after.wait_s <= 3600.0
        assert (after.error is None) == (after.error_kind is None)
        store.save(after)
        assert store.get(after.id) == after
        job = after
    assert len(service.charged) <= 1
    assert job.remote_id in (None, *service.charged)
    assert job.is_paid or not service.charged
    store.remove(job.id)
