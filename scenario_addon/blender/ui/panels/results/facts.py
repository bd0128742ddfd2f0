# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells one result from another, in few words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from ....engine.ledger.job import State
from ....engine.models.words.labels import title
from ....engine.text import ago, amount, shortened, thousands
from ...scene.presence import jobs_in_scenes

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ....engine.values import JobId

__all__ = ["cost_of", "facts_of", "is_in_scene", "predecessors", "result_of"]

_MOST: Final = 2
"""So many differences are named."""
_LETTERS: Final = 16
"""Of a value."""
_KEPT_S: Final = 0.5
"""So long it is not looked for anew which meshes are there: a large file takes 30 ms."""
_SEEN: Final[dict[str, Any]] = {"at_s": float("-inf"), "jobs": frozenset[str]()}


def is_in_scene(job: Job) -> bool:
    """Whether a mesh of a job is in any scene of the open file."""
    now_s = time.monotonic()
    if now_s - _SEEN["at_s"] > _KEPT_S:
        _SEEN.update(at_s=now_s, jobs=jobs_in_scenes())
    return job.id in _SEEN["jobs"]


def predecessors(jobs: Iterable[Job]) -> Mapping[JobId, Job]:
    """Give for each job the one before it that was made of the same.

    :param jobs: oldest first.
    """
    last: dict[str, Job] = {}
    found: dict[JobId, Job] = {}
    for job in jobs:
        source = str(job.order.target.get("source") or job.order.name)
        if source in last:
            found[job.id] = last[source]
        last[source] = job
    return found


def facts_of(job: Job, before: Job | None) -> str:
    """``Hunyuan 3D 2.1, Seed 7, 10.5 CU``: the model, what differs from the job before, what it costs."""
    return ", ".join(filter(None, (job.order.model_name, *_differences(job, before), cost_of(job))))


def result_of(job: Job) -> str:
    """``40k, 2 min ago``: how many triangles a mesh has, and since when it is there."""
    triangles = job.file.triangles if job.file is not None else None
    since_s = time.time() - job.finished_at if job.finished_at else None
    parts = (thousands(triangles) if triangles else "", ago(since_s) if since_s is not None else "")
    return ", ".join(filter(None, parts))


def _differences(job: Job, before: Job | None) -> list[str]:
    if before is None or before.order.model_id != job.order.model_id:
        return []
    own, others = job.order.values, before.order.values
    changed = [name for name in {**others, **own} if own.get(name) != others.get(name)]
    named = [f"{title(name)} {_shown(own.get(name))}" for name in changed[:_MOST]]
    more = len(changed) - len(named)
    return [*named, *([f"{more} more"] if more else [])]


def _shown(value: object) -> str:
    if value is None:
        return "as usual"
    if isinstance(value, bool):
        return "on" if value else "off"
    return shortened(str(value))[:_LETTERS]


def cost_of(job: Job) -> str:
    """What a job costs; when it came to nothing, what is gone for good."""
    cost_cu: Decimal | None = job.billed_cu if job.billed_cu is not None else job.quote_cu
    if job.state not in (State.FAILED, State.CANCELLED):
        return amount(cost_cu) if cost_cu is not None else ""
    was_refused = job.state is State.FAILED and job.remote_id is None and not job.cut_out_spent_cu
    if job.submitted_at is None or was_refused or cost_cu == 0:
        return "nothing charged"
    spent = "spent" if job.remote_id is not None else "perhaps spent"
    return f"{amount(cost_cu)} {spent}" if cost_cu is not None else ""
