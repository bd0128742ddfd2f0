# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows a job by itself: a model that changes its mesh, chosen and priced before anything was ordered.

It is kept with the order's target. The job that follows has an id that comes of the one before, and gets into the
ledger together with that one's mesh: whatever dies in between, it is there once, and never twice.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final, Self

from pydantic import TypeAdapter, ValidationError

from ..errors import MeshError
from ..ledger.job import Job, State
from ..meshes.fitting import held_that_fits
from ..meshes.held import held_by
from ..meshes.limits import MeshLimits
from ..text import sentences
from ..values import JobId, Order

__all__ = ["Then", "follower_id", "follower_of", "with_follower", "without_then"]

log = logging.getLogger(__name__)

_KEY: Final = "then"
_BEFORE: Final = "made_before_by"
"""Of a target: the model of the job before."""


@dataclass(frozen=True, slots=True)
class Then:
    """One step."""

    order: Order
    """What is asked for, but for the mesh: in its place stands a stand-in. Its target may have what follows then."""
    limits: MeshLimits = field(default_factory=MeshLimits)
    """What the model asks of the mesh."""
    quote_cu: Decimal | None = None
    """What the user was told that it costs."""
    budget_cu: Decimal | None = None
    """What the job before and all that follows it may cost together; ``None``: whatever they do."""

    def in_target(self) -> dict[str, Any]:
        """What the target says of it of the order that comes before."""
        return {_KEY: _THEN.dump_python(self, mode="json")}

    @classmethod
    def of_target(cls, target: Mapping[str, Any]) -> Self | None:
        """Read it; ``None`` where nothing follows, or nobody can say what."""
        if (data := target.get(_KEY)) is None:
            return None
        try:
            return _THEN.validate_python(data, strict=False)  # pyright: ignore[reportReturnType]
        except ValidationError as error:
            log.error("what follows a job cannot be read: %s", error.errors()[0]["msg"])
            return None


_THEN: Final = TypeAdapter(Then)


def follower_id(job_id: JobId) -> JobId:
    """Name the job that follows another one."""
    return JobId(hashlib.sha256(f"{job_id} {_KEY}".encode()).hexdigest()[:32])


def without_then(order: Order) -> Order:
    """Give the same order, after which nothing follows."""
    if _KEY not in order.target:
        return order
    return replace(order, target={name: value for name, value in order.target.items() if name != _KEY})


def follower_of(job: Job) -> Job | None:
    """Make the job that follows one whose mesh is there; ``None`` where none does, or not yet.

    Where the model does not take that mesh the job has failed, and costs nothing.
    """
    then, mesh = Then.of_target(job.order.target), held_by(job)
    if then is None or mesh is None or job.state is not State.READY:
        return None
    left_cu = None if then.budget_cu is None else max(Decimal(0), then.budget_cu - job.counted_cu)
    order, entry = then.order, then.order.meshes[0]
    target = {**order.target, _BEFORE: job.order.model_name}
    if (last := Then.of_target(target)) is not None:
        target |= replace(last, budget_cu=left_cu).in_target()
    made = Job(
        id=follower_id(job.id),
        order=replace(order, meshes=(replace(entry, mesh=mesh),), target=target),
        scope=job.scope,
        created_at=time.time(),
        quote_cu=then.quote_cu,
        max_cost_cu=left_cu,
    )
    try:
        held_that_fits((mesh,), limits=then.limits, model_name=order.model_name)
    except MeshError as error:
        return _told_what_stays(made.failed(error))
    return made


def with_follower(before: Job, after: Job) -> tuple[Job, Job | None]:
    """Give a job after a step, and the one that follows it, if any.

    One that has just failed says that the mesh of the job before it stays.
    """
    has_failed = after.state is State.FAILED and before.state is not State.FAILED
    return (_told_what_stays(after), None) if has_failed else (after, follower_of(after))


def _told_what_stays(after: Job) -> Job:
    maker = after.order.target.get(_BEFORE)
    if not maker:
        return after
    return replace(after, error=sentences(after.error, f"{after.order.name} stays as {maker} made it."))
