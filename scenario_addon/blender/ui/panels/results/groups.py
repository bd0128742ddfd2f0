# SPDX-License-Identifier: GPL-3.0-or-later
"""Results by what they were made of, and those among them that are looked for.

What is worked out is kept for as long as no job has changed: a sidebar is drawn with every move of the mouse.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy

from .....engine.ledger.job import Job, State
from .....engine.models.seeds import maker_of
from .....engine.models.words.labels import title
from ....app.session import session
from .facts import predecessors, source_of, where

if TYPE_CHECKING:
    from .....engine.values import JobId

__all__ = ["Group", "Listing", "chosen", "listing"]


@dataclass(frozen=True)
class Group:
    """What was made of the same."""

    key: str
    jobs: tuple[Job, ...]
    """The latest first."""

    @property
    def name(self) -> str:
        return self.jobs[0].order.name


@dataclass(frozen=True)
class Listing:
    """All jobs, as they are drawn."""

    groups: tuple[Group, ...]
    """The one with the latest job first."""
    before: Mapping[JobId, Job]
    """For each job the one before it that was made of the same."""
    unsettled: tuple[Job, ...]
    jobs: Sequence[Job]
    """Oldest first."""
    words: dict[JobId, tuple[Job, str]]
    """What a job is found by, and of which state of it that is; filled in by searches."""


def listing(jobs: Collection[Job]) -> Listing:
    """Group jobs.

    :param jobs: oldest first.
    """
    now, known = list(jobs), session.listing
    if known is not None and len(known.jobs) == len(now) and all(map(operator.is_, known.jobs, now)):
        return known
    groups: dict[str, list[Job]] = {}
    for job in reversed(now):
        groups.setdefault(source_of(job), []).append(job)
    words = {job.id: known.words[job.id] for job in now if job.id in known.words} if known is not None else {}
    session.listing = Listing(
        groups=tuple(Group(key, tuple(own)) for key, own in groups.items()),
        before=predecessors(now),
        unsettled=tuple(job for job in now if not job.is_settled),
        jobs=now,
        words=words,
    )
    return session.listing


def chosen(every: Listing, wanted: str, kind: str, scene: bpy.types.Scene) -> Sequence[Group]:
    """Pick what is looked for.

    :param wanted: words, all of which a result has to have: of its name, model, seed, parameters or error.
    :param kind: ``ALL``, ``HERE``, ``RUNNING`` or ``FAILED``.
    """
    words = wanted.casefold().split()
    if not words and kind == "ALL":
        return every.groups
    found: list[Group] = []
    for group in every.groups:
        jobs = tuple(
            job
            for job in group.jobs
            if _is_of(job, kind, scene) and all(w in _text_of(job, every.words) for w in words)
        )
        if jobs:
            found.append(Group(group.key, jobs))
    return found


def _is_of(job: Job, kind: str, scene: bpy.types.Scene) -> bool:
    if kind == "HERE":
        place = where(job, scene)
        return place is not None and place.is_here
    if kind == "RUNNING":
        return not (job.is_settled or job.state is State.READY)
    if kind == "FAILED":
        return job.state is State.FAILED or (bool(job.error) and job.is_held)
    return True


def _text_of(job: Job, known_words: dict[JobId, tuple[Job, str]]) -> str:
    """Everything by which a job is found."""
    known = known_words.get(job.id)
    if known is not None and known[0] is job:
        return known[1]
    values = (f"{name} {title(name)} {value}" for name, value in job.order.values.items())
    parts = (job.order.name, maker_of(job.order), job.order.model_id, job.words, job.error, job.hint, *values)
    text = " ".join(filter(None, parts)).casefold()
    known_words[job.id] = job, text
    return text
