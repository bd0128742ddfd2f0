# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service lists of itself, as a table for people and as data for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..elsewhere.recent import Made
from ..ledger.job import Job
from ..text import ago, clean, sentences, shortened
from .listing import table

__all__ = ["made_data", "made_text"]


def made_text(made: Sequence[Made], ours: Mapping[Any, Job], *, names: Mapping[str, str], now: float) -> str:
    """:param ours: the ledger's jobs by the service's ids.

    :param names: of the models, by id.
    """
    rows: list[tuple[str, ...]] = []
    for one in made:
        age = ago(max(0.0, now - one.made_at)) if one.made_at is not None else ""
        model = names.get(one.model_id or "") or clean(one.model_id or "", longest=40)
        job = ours.get(one.id)
        here = f"job {job.id[:8]}" if job is not None else ""
        about = sentences(one.error, shortened(one.prompt or ""))
        rows.append((clean(one.id, longest=100), age, clean(one.name, longest=40), model, one.state, here, about))
    return table(("ID", "MADE", "NAME", "MODEL", "STATE", "HERE", "ABOUT"), rows)


def made_data(one: Made, job: Job | None) -> dict[str, Any]:
    """:param job: the ledger's, where it is in it."""
    return {
        "id": one.id,
        "name": one.name,
        "model": one.model_id,
        "state": one.state,
        "created_at": one.made_at,
        "job_id": job.id if job is not None else None,
        "assets": list(one.asset_ids),
        "prompt": one.prompt,
        "error": one.error,
        "project": one.project_id,
        "author": one.author_id,
    }
