# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody means by a mesh: a file, or what a job brought, which the service has already. Any thread."""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..elsewhere.meant import meant
from ..errors import DownloadError, MeshError, NotFound, ScenarioError
from ..fetch.results import list_results, rank
from ..ledger.job import Job
from ..meshes.file import MIMES
from ..meshes.held import held_by
from ..names import fitting_name
from ..values import PLACEHOLDER, AssetId, HeldMesh, JobId, Order, RemoteJobId

if TYPE_CHECKING:
    from ..pipeline.connection import Connection

__all__ = ["GivenMesh", "MeshFinder", "held_by"]

_REMOTE_ID: Final = re.compile(r"job_[A-Za-z0-9_-]+")
_OUR_ID: Final = re.compile(r"[0-9a-f]{1,32}")


@dataclass(frozen=True, slots=True)
class GivenMesh:
    label: str
    """As it was given."""
    mesh: Path | tuple[HeldMesh, ...]

    @property
    def stem(self) -> str:
        """What its result is called where nobody says: as the file, or as the job."""
        return (self.mesh.stem if isinstance(self.mesh, Path) else self.mesh[0].name) or "model"


class MeshFinder:
    """:param connection: ``None`` where nobody can be asked: then a job is taken at its word."""

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection
        self._held: dict[str, tuple[HeldMesh, ...]] = {}
        self._jobs: Sequence[Job] | None = None
        """The ledger's, read when the first is meant: a manifest may name very many."""

    def find(self, text: str, folder: Path = Path()) -> GivenMesh:
        """Find out what is meant: a file where there is one, else a job where it may be the id of one.

        :param folder: what the path of a file is relative to.
        :raises MeshError: there is no such file or job, or the job has no mesh.
        :raises ScenarioError: the service could not be asked.
        """
        path = folder / text
        may_be_a_job = _OUR_ID.fullmatch(text) or _REMOTE_ID.fullmatch(text)
        if not may_be_a_job or (os.path.lexists(path) and not path.is_dir()):
            return GivenMesh(str(path), path)
        if text not in self._held:
            self._held[text] = self._of_job(text)
        return GivenMesh(text, self._held[text])

    def _of_job(self, text: str) -> tuple[HeldMesh, ...]:
        if self._connection is None:
            return (HeldMesh(asset_id=PLACEHOLDER, name=text),)
        if self._jobs is None:
            self._jobs = self._connection.ledger.jobs()
        if (job := meant(self._jobs, text, scope=self._connection.scope)) is not None:
            return self._of_ours(job, text)
        if not _REMOTE_ID.fullmatch(text):
            raise MeshError(f"There is neither a file nor a job {text}: check the path, or see `jobs`.")
        return self._of_elsewhere(RemoteJobId(text))

    def _of_ours(self, job: Job, text: str) -> tuple[HeldMesh, ...]:
        if job.order.gives_picture:
            raise MeshError(f"The job {text} ({job.order.name}) brought a picture, not a mesh: choose another one.")
        known = held_by(job)
        if known is not None and not job.other_files:
            return (known,)
        if not job.result_ids:
            raise MeshError(f"The job {text} ({job.order.name}) has brought no mesh ({job.words}): choose another one.")
        try:
            return self._asked(job.result_ids, job.order.name, job_id=job.id, first=known)
        except ScenarioError:
            if known is None:
                raise
            return (known,)  # in one format at least

    def _of_elsewhere(self, remote_id: RemoteJobId) -> tuple[HeldMesh, ...]:
        assert self._connection is not None
        try:
            status = self._connection.client.job(remote_id)
        except NotFound:
            raise MeshError(f"The service knows no job {remote_id}: check the id, or see `jobs`.") from None
        if status.has_failed:
            raise MeshError(f"The job {remote_id} has brought no mesh (failed): choose another one.")
        if not status.is_done:
            raise MeshError(f"The job {remote_id} is still being made: try again when it is done.")
        return self._asked(status.asset_ids, str(remote_id))

    def _asked(
        self,
        asset_ids: Sequence[AssetId],
        name: str,
        *,
        job_id: JobId | None = None,
        first: HeldMesh | None = None,
    ) -> tuple[HeldMesh, ...]:
        """Ask what files the service has, the best first.

        :param first: what is known already.
        """
        assert self._connection is not None
        client = self._connection.client
        try:
            ranked = rank(list_results(asset_ids, client=client, is_last_try=True), client=client, is_last_try=True)
        except DownloadError as error:
            raise MeshError(error.user_message) from error
        found = [
            HeldMesh(
                asset_id=asset.id,
                name=name,
                mime=MIMES.get(suffix[1:], asset.mime),
                size_bytes=asset.size_bytes,
                faces=asset.faces,
                job_id=job_id,
            )
            for asset, suffix in ranked
            if first is None or asset.id != first.asset_id
        ]
        if not found and first is None:
            raise MeshError(f"The job {name} has brought no mesh: choose another one.")
        return (*([first] if first else []), *found)

    def named(self, order: Order, *, otherwise: str) -> Order:
        """Give an order the name that its result has already, or ``otherwise`` where its own is somebody else's file.

        A file of the same name is often the very mesh that is changed.
        """
        if self._connection is None:
            return order
        jobs = self._connection.ledger.same(order, scope=self._connection.scope)
        for job in jobs:
            if job.order.folder == order.folder and job.order.name in (order.name, otherwise):
                return order if job.order.name == order.name else replace(order, name=otherwise)
        try:
            there = order.folder / f"{fitting_name(order.name, order.folder)}.glb"
            is_taken = os.path.lexists(there) and not any(_is_of(job, there) for job in jobs)
        except (OSError, ValueError):  # the folder is looked at later
            return order
        return replace(order, name=otherwise) if is_taken else order


def _is_of(job: Job, path: Path) -> bool:
    """Whether a file is what a job brought, or a copy of it."""
    file = job.file_here
    return file is not None and filecmp.cmp(path, file.path, shallow=False)
