# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells one result from another, in few words."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .....engine.account.costs import told_cu
from .....engine.elsewhere.origin import whose
from .....engine.ledger.job import State
from .....engine.models.seeds import seed_of
from .....engine.models.words.labels import title
from .....engine.text import ago, amount, shortened, thousands
from ....app.config import account_name
from ....app.session import session
from ....variants.whereabouts import Whereabouts, whereabouts
from ....words.language import translated

if TYPE_CHECKING:
    import bpy

    from .....engine.ledger.job import Job
    from .....engine.values import JobId

__all__ = ["cost_of", "differences", "facts_of", "owner_of", "predecessors", "size_and_age", "source_of", "where"]

_MOST: Final = 2
"""So many differences are named."""
_LETTERS: Final = 16
"""Of a value."""
_KEPT_S: Final = 0.5
"""So long it is not looked for anew which meshes are there: a large file takes 30 ms."""
_SEEN: Final[dict[str, Any]] = {"at_s": float("-inf"), "scene": 0, "found": {}}


def where(job: Job, scene: bpy.types.Scene) -> Whereabouts | None:
    """Find where a job's mesh is in the open file; ``None`` where it is not.

    :param scene: that is shown.
    """
    now_s, number = time.monotonic(), scene.session_uid
    if now_s - _SEEN["at_s"] > _KEPT_S or _SEEN["scene"] != number:
        _SEEN.update(at_s=now_s, scene=number, found=whereabouts(scene))
    return _SEEN["found"].get(job.id)


def source_of(job: Job) -> str:
    """Name what a job was made of: the same for all that were made of the same."""
    return str(job.order.target.get("source") or job.order.name)


def predecessors(jobs: Iterable[Job]) -> Mapping[JobId, Job]:
    """Give for each job the one before it that was made of the same.

    :param jobs: oldest first.
    """
    last: dict[str, Job] = {}
    found: dict[JobId, Job] = {}
    for job in jobs:
        source = source_of(job)
        if source in last:
            found[job.id] = last[source]
        last[source] = job
    return found


def facts_of(job: Job, before: Job | None) -> str:
    """``Texture Size 2K, 40k, 2 min ago, 10.5 CU``: what differs from the job before, what came out, what it costs."""
    said = (*size_and_age(job), cost_of(job), owner_of(job))
    return ", ".join(filter(None, (*differences(job, before), *map(translated, said))))


def size_and_age(job: Job) -> tuple[str, ...]:
    """``40k``, ``2 min ago``: how many triangles a mesh has, and since when it is there."""
    triangles = job.file.triangles if job.file is not None else None
    since_s = time.time() - job.finished_at if job.finished_at and job.state is not State.FAILED else None
    parts = (thousands(triangles) if triangles else "", ago(since_s) if since_s is not None else "")
    return tuple(filter(None, parts))


def differences(job: Job, before: Job | None) -> list[str]:
    """Name parameters in which a job differs from the one before, where both were made by one model.

    The seed is left out: a result is named after it.
    """
    if before is None or before.order.model_id != job.order.model_id:
        return []
    own, others = job.order.values, before.order.values
    changed = [name for name in {**others, **own} if own.get(name) != others.get(name) and name.lower() != "seed"]
    named = [f"{translated(title(name))} {_shown(own.get(name))}" for name in changed[:_MOST]]
    if seed_of(job.order) is None and seed_of(before.order) is not None:
        named.insert(0, translated("no seed"))
    more = len(changed) - _MOST
    return [*named, *([translated(f"{more} more")] if more > 0 else [])]


def _shown(value: object) -> str:
    if value is None:
        return translated("as usual")
    if isinstance(value, bool):
        return translated("on" if value else "off")
    return shortened(str(value))[:_LETTERS]


def owner_of(job: Job) -> str:
    """Say whose a job is that was not ordered here with this key, as far as that is known."""
    connection = session.connection
    scope, project_id = (connection.scope, connection.project_id) if connection is not None else (None, None)
    if job.scope != scope and (name := account_name(job.scope)):
        return f"of the account {name}"
    return whose(job, scope=scope, project_id=project_id)


def cost_of(job: Job) -> str:
    """What a job costs; when it came to nothing, what is gone for good."""
    if job.origin:  # it costs whoever has ordered it
        return ""
    cost_cu = told_cu(job)
    if job.state not in (State.FAILED, State.CANCELLED):
        return amount(cost_cu) if cost_cu is not None else ""
    was_refused = job.state is State.FAILED and job.remote_id is None and not job.cut_out_spent_cu
    if job.submitted_at is None or was_refused or cost_cu == 0:
        return "nothing charged"
    spent = "spent" if job.remote_id is not None else "perhaps spent"
    return f"{amount(cost_cu)} {spent}" if cost_cu is not None else ""
