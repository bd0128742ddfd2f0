# SPDX-License-Identifier: GPL-3.0-or-later
"""The meshes and 3D jobs of a project, newest first, whoever started them. Worker threads; all of it is free."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from ..api.client import ScenarioClient
from ..api.remote import RemoteFile, RemoteJob
from ..errors import Forbidden, NotFound
from ..text import sentences
from ..values import AssetId, RemoteJobId
from .names import called, names_of, prompt_of, sent_files

__all__ = ["BEING_MADE", "DONE", "FAILED", "Made", "Recent"]

DONE: Final = "done"
BEING_MADE: Final = "being made"
FAILED: Final = "failed"
_FILES: Final = 50
_JOBS: Final = 100
"""So many of each are taken at a time: a page of the service."""
_MOST_PAGES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is, or will be, there to bring in."""

    id: str
    """Of the service's job; of the file where no job is told."""
    name: str
    state: str
    """:data:`DONE`, :data:`BEING_MADE` or :data:`FAILED`."""
    model_id: str | None = None
    made_at: float | None = None
    """When it was started, in seconds since the epoch; ``None`` where nobody says."""
    prompt: str | None = None
    error: str | None = None
    project_id: str | None = None
    author_id: str | None = None
    asset_ids: tuple[AssetId, ...] = ()
    """Its files, as far as they are known."""
    picture_urls: tuple[str, ...] = field(default=(), repr=False)


class Recent:
    """A project's meshes and 3D jobs, asked for as they are wanted.

    Meshes come of the list of files, in which nothing else is, and what is under way or has failed of that of jobs,
    where what makes pictures or videos is left out.

    :param makes_3d: whether a model is known to make meshes.
    """

    def __init__(self, client: ScenarioClient, makes_3d: Callable[[str], bool]) -> None:
        self._client, self._makes_3d = client, makes_3d
        self._files = client.recent_meshes(pages=_MOST_PAGES)
        self._jobs = client.recent_jobs(pages=_MOST_PAGES)
        self._known: dict[RemoteJobId, RemoteJob] = {}
        """Jobs of which nothing has been listed yet."""
        self._told: set[str] = set()
        self.is_through = False

    def more(self) -> list[Made]:
        """Ask for the next of them, newest first. Blocks for a few requests; nothing comes where there is nothing more.

        :raises ScenarioError: the service cannot be asked, or the key may not read it.
        """
        try:
            jobs, files = list(islice(self._jobs, _JOBS)), list(islice(self._files, _FILES))
        except (Forbidden, NotFound) as error:
            told = sentences("This key may not list what was made", error.user_message)
            raise type(error)(told, status=error.status, trace_id=error.trace_id) from error
        self.is_through = len(files) < _FILES and len(jobs) < _JOBS
        self._known |= {job.id: job for job in jobs}
        by_file = {asset_id: job.id for job in self._known.values() for asset_id in job.status.asset_ids}
        groups: dict[str, list[RemoteFile]] = {}
        for file in files:
            groups.setdefault(file.job_id or by_file.get(file.id) or file.id, []).append(file)
        groups = {key: group for key, group in groups.items() if key not in self._told}
        others = [job for job in jobs if job.id not in groups and job.id not in self._told and self._is_listed(job)]
        names = names_of(_senders(groups.values(), others, self._known), self._client)
        found = [self._mesh(key, group, names) for key, group in groups.items()]
        found += [_unfinished(job, names) for job in others]
        self._told |= {made.id for made in found}
        return sorted(found, key=lambda made: -(made.made_at or 0.0))

    def _is_listed(self, job: RemoteJob) -> bool:
        """Whether a job without a mesh is told of: one that is to bring, or should have brought, one."""
        return not job.status.is_done and job.model_id is not None and self._makes_3d(job.model_id)

    def _mesh(self, key: str, group: list[RemoteFile], names: dict[AssetId, str]) -> Made:
        file, job = group[0], self._known.get(RemoteJobId(key))
        values: Mapping[str, Any] = job.input if job is not None else {}
        prompt = prompt_of(values) or file.prompt
        dates = [job.made_at if job is not None else None, *(other.made_at for other in group)]
        return Made(
            id=key,
            name=called(file, sent_files(values), names, prompt),
            state=DONE,
            model_id=file.model_id or (job.model_id if job is not None else None),
            made_at=next((date for date in dates if date is not None), None),
            prompt=prompt,
            project_id=file.project_id,
            author_id=file.author_id,
            asset_ids=job.status.asset_ids if job is not None else tuple(other.id for other in group),
            picture_urls=next((other.picture_urls for other in group if other.picture_urls), ()),
        )


def _unfinished(job: RemoteJob, names: dict[AssetId, str]) -> Made:
    prompt = prompt_of(job.input)
    return Made(
        id=job.id,
        name=called(None, sent_files(job.input), names, prompt),
        state=FAILED if job.status.has_failed else BEING_MADE,
        model_id=job.model_id,
        made_at=job.made_at,
        prompt=prompt,
        error=job.status.error if job.status.has_failed else None,
        project_id=job.project_id,
        author_id=job.author_id,
        asset_ids=job.status.asset_ids,
    )


def _senders(
    groups: Iterable[list[RemoteFile]], jobs: Iterable[RemoteJob], known: dict[RemoteJobId, RemoteJob]
) -> list[AssetId]:
    """The files whose names tell what something was made from."""

    def each() -> Iterator[AssetId]:
        for group in groups:
            yield from (file.parent_id for file in group[:1] if file.parent_id)
            job = known.get(group[0].job_id) if group[0].job_id else None
            yield from sent_files(job.input) if job is not None else ()
        for job in jobs:
            yield from sent_files(job.input)

    return list(dict.fromkeys(each()))
