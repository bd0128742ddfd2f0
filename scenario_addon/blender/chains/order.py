# SPDX-License-Identifier: GPL-3.0-or-later
"""A job with what follows it written into its order. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ... import engine
from ...engine.ledger.job import State
from ..app.config import pictures_folder
from ..app.session import session
from ..mesh.finish import Finish
from ..scene.refined import Refined

if TYPE_CHECKING:
    from ...engine.chains.then import Then
    from ...engine.ledger.job import Job
    from .step import Step

__all__ = ["chained", "expected_cu", "follower", "rechained"]

_PLACES: Final = ("blend", "file_token", "scene", "scene_mark", "scene_uid")
"""Of a target: which scene of which file it is for."""


def chained(job: Job, step: Step | None, *, budget_cu: Decimal | None) -> Job:
    """Have a model change the mesh of a new job once it is there.

    Cleaning up and marking as an asset are for what comes out at the end.

    :param budget_cu: what both may cost together; ``None``: whatever they do.
    :raises InputError: the model cannot be asked for that.
    """
    if step is None or step.model is None or step.request is None:
        return job
    from ...engine.chains.then import Then  # lazy: pydantic takes longer than a panel may

    order, model = job.order, step.model
    images = (order.images()[0].path,) if step.request.images else ()
    request = replace(step.request, images=images, name=order.name, folder=order.folder)
    follows, _ = engine.make_order(model, request, work_folder=pictures_folder())
    kind = model.refinement
    target = {**order.target, **Refined(kind=kind, job_id=job.id).in_target()}
    then = Then(replace(follows, target=target), model.mesh_limits, step.cost_cu, budget_cu)
    as_it_is = Finish.from_json(order.target.get("finish")).without_cleaning().to_json()
    return _before({**order.target, "finish": as_it_is, "asset": None}, then, job)


def rechained(job: Job) -> Job:
    """Have what follows a job that is ordered anew refer to it, and not to the one it was first meant for."""
    if (then := _then(job)) is None:
        return job
    order = then.order
    refined = Refined.of_target(order.target)
    target = {**order.target, **(replace(refined, job_id=job.id).in_target() if refined else {})}
    places = {name: job.order.target[name] for name in _PLACES if name in job.order.target}
    return _before(job.order.target, replace(then, order=replace(order, target={**target, **places})), job)


def _before(target: Mapping[str, Any], then: Then, job: Job) -> Job:
    return replace(job, order=replace(job.order, target={**target, **then.in_target()}))


def _then(job: Job) -> Then | None:
    if "then" not in job.order.target:
        return None
    from ...engine.chains.then import Then  # lazy, likewise

    return Then.of_target(job.order.target)


def follower(job: Job) -> Job | None:
    """Find the job that follows another one, once there is one; ``None`` where nothing follows."""
    if "then" not in job.order.target:
        return None
    from ...engine.chains.then import follower_id  # lazy, likewise

    return session.jobs.get(follower_id(job.id))


def expected_cu(jobs: Iterable[Job]) -> Decimal:
    """Add up what is still to follow jobs that are under way, as far as its price is known."""
    on_their_way = [
        job for job in jobs if job.state not in (State.FAILED, State.CANCELLED) and session.jobs.is_active(job)
    ]
    steps = [then for job in on_their_way if follower(job) is None and (then := _then(job)) is not None]
    return sum((then.quote_cu or Decimal(0) for then in steps), Decimal(0))
