# SPDX-License-Identifier: GPL-3.0-or-later
"""A small picture of each result, as panels need it: known at once or not at all. Main thread only.

A portrait is our own picture of the mesh as it came in, where another Blender converts it and takes one on the way:
all of those are seen from the same side in the same light. Else it is the service's. Workers look at the disk and ask.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...engine.errors import ScenarioError
from ...engine.fetch.portraits import fetch_portrait, portrait_path
from ...engine.files import discard
from ...engine.values import JobId
from ..app.config import folder
from ..app.session import session

if TYPE_CHECKING:
    from ...engine.ledger.job import Job

__all__ = ["Portraits", "portraits", "refresh"]

_PAUSES_S: Final = (0.0, 30.0, 300.0)
"""Before each time that the service is asked: it makes its pictures a little later than the mesh."""
_LOOK: Final = "portraits"
"""The task that looks at the disk."""


@dataclass(frozen=True)
class _Seen:
    portrait: Path | None
    source: Path | None
    """The first picture of the order, where it is still there."""


_NOTHING: Final = _Seen(None, None)


def portraits() -> Portraits:
    """Give those of the ledger in use."""
    if session.portraits is None:
        session.portraits = Portraits(folder())
    return session.portraits


def refresh() -> bool:
    """Look for what was to be drawn and is not known yet; says whether there is anything new to see. For the timer."""
    return session.portraits is not None and session.portraits.refresh()


class Portraits:
    """:param state: the folder of the ledger."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._seen: dict[JobId, _Seen] = {}
        self._unseen: dict[JobId, Job] = {}
        self._asking: dict[JobId, Job] = {}
        """Of which the service may have a picture."""
        self._asked: dict[JobId, tuple[int, float]] = {}
        """How often it was asked, and when it may be again, monotonic."""

    def of(self, job: Job) -> Path | None:
        """A result's portrait, as far as it is known. For drawing: looks at no disk."""
        seen = self._look_up(job)
        if seen is not _NOTHING and seen.portrait is None and job.file is not None and job.result_ids:
            self._asking[job.id] = job
        return seen.portrait

    def source(self, job: Job) -> Path | None:
        """The picture that a job was made of, likewise."""
        return self._look_up(job).source

    def _look_up(self, job: Job) -> _Seen:
        seen = self._seen.get(job.id)
        if seen is None:
            self._unseen[job.id] = job
            return _NOTHING
        return seen

    def path(self, job_id: JobId) -> Path:
        """Where a job's portrait is kept."""
        return portrait_path(self._state, job_id)

    def note(self, job_id: JobId) -> None:
        """A portrait has been made."""
        known = self._seen.get(job_id, _NOTHING)
        self._seen[job_id] = _Seen(self.path(job_id), known.source)
        self._asking.pop(job_id, None)

    def remove(self, job_id: JobId) -> None:
        """A job is taken off the list: its portrait goes, too."""
        for known in (self._seen, self._unseen, self._asking, self._asked):
            known.pop(job_id, None)
        session.tasks.run(f"portrait {job_id}", partial(discard, self.path(job_id)), lambda done: None)

    def refresh(self) -> bool:
        """Take what has been made, and hand out what there is to do; says whether there is anything new to see."""
        made = 0
        while session.converter is not None and not session.converter.portrayed.empty():
            self.note(JobId(session.converter.portrayed.get()))
            made += 1
        is_looking = session.tasks.is_running(_LOOK)
        if self._unseen and not is_looking:
            unseen, self._unseen = self._unseen, {}
            session.tasks.run(_LOOK, partial(_look, self._state, list(unseen.values())), self._take_looks)
        if self._asking:
            self._ask()
        return made > 0

    def _take_looks(self, found: Mapping[JobId, _Seen] | ScenarioError) -> None:
        if not isinstance(found, ScenarioError):
            self._seen.update(found)

    def _ask(self) -> None:
        """Ask the service for one picture, where it is time to."""
        now_s = time.monotonic()
        wanted, self._asking = self._asking, {}
        for job_id, job in wanted.items():
            count, due_s = self._asked.get(job_id, (0, 0.0))
            name = f"portrait {job_id}"
            is_being_made = session.converter is not None and session.converter.portrays(job_id)
            way = session.jobs.way_to(job)
            if is_being_made or now_s < due_s or session.tasks.is_running(name) or way is None:
                continue
            pause_s = _PAUSES_S[count + 1] if count + 1 < len(_PAUSES_S) else math.inf
            self._asked[job_id] = count + 1, now_s + pause_s
            work = partial(fetch_portrait, job.result_ids, self.path(job_id), client=way.client)
            session.tasks.run(name, work, partial(self._take, job_id))

    def _take(self, job_id: JobId, came: bool | ScenarioError) -> None:
        if came is True:
            self.note(job_id)


def _look(state: Path, jobs: Iterable[Job]) -> dict[JobId, _Seen]:
    """Look which pictures of jobs are there. Worker thread."""
    found: dict[JobId, _Seen] = {}
    for job in jobs:
        portrait, images = portrait_path(state, job.id), job.order.images()
        source = images[0].path if images else None
        with suppress(OSError):  # such as a name that this system cannot have
            found[job.id] = _Seen(
                portrait if portrait.is_file() else None, source if source is not None and source.is_file() else None
            )
        found.setdefault(job.id, _Seen(None, None))
    return found
