# SPDX-License-Identifier: GPL-3.0-or-later
"""From an id to a job that brings the mesh: the ledger's own, or one that is adopted, which costs nothing.

An adopted job begins where the service's job stands, and goes the way of all jobs from there: what a download, another
try and an expired address take is said once. Worker threads.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final

from ..api.remote import RemoteFile, RemoteJob
from ..errors import Forbidden, MeshError, NotCarried, NotFound, UnknownModel
from ..fetch.formats import FORMATS, OTHER_FORMATS, suffix_of_mime
from ..ledger.job import Job, State
from ..ledger.ledger import Ledger
from ..locks import exclusive
from ..models.catalogue import Catalogue
from ..models.model import Model
from ..pipeline.connection import Connection
from ..pipeline.reconcile import find_submission, has_input
from ..text import clean, sentences
from ..values import AssetId, JobId, ModelId, Order, RemoteJobId
from .meant import meant
from .names import called, names_of, prompt_of, sent_files
from .origin import Origin

__all__ = ["adopt", "find", "is_an_id", "makes_3d", "take_in"]

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,200}")
_OUR_ID: Final = re.compile(r"[0-9a-f]{1,32}")
_FILE: Final = "asset_"


def is_an_id(text: str) -> bool:
    """Whether a text can be the id of anything."""
    return _ID.fullmatch(text) is not None


def find(text: str, connection: Connection, *, folder: Path) -> Job:
    """Find the job that is meant, or make one of what the service says. Blocks for a few requests.

    :param text: an id of the ledger's, or how it begins; an id of a job or a file of the service.
    :param folder: where the mesh of a new one goes.
    :return: a job of the ledger's, or a new one, for :func:`adopt`.
    :raises MeshError: there is no such thing, or it is no mesh.
    :raises ScenarioError: the service cannot be asked.
    """
    jobs, scope = connection.ledger.jobs(), connection.scope
    if (job := meant(jobs, text, scope=scope)) is not None:
        return job
    if _OUR_ID.fullmatch(text):
        raise MeshError(f"No job begins with {text}: `jobs` and `jobs --remote` list them.")
    try:
        if not text.startswith(_FILE):
            return _of_job(connection.client.whole_job(RemoteJobId(text)), connection, folder)
        file = connection.client.file(AssetId(text))
    except NotFound:
        what = "file" if text.startswith(_FILE) else "job"
        told = f"The service knows no {what} {text}, or it belongs to another project"
        raise MeshError(f"{told}: check the id, or use that project's key.") from None
    except Forbidden as error:
        raise MeshError(sentences(f"This key may not read {text}", error.user_message)) from error
    return _of_file(file, connection, folder)


def take_in(text: str, connection: Connection, *, folder: Path) -> Job:
    """Find what is meant, and have it in the ledger; it is at the service, and never ordered by going on with it.

    :raises MeshError: as :func:`find` does; it has never been ordered.
    """
    job = adopt(find(text, connection, folder=folder), connection.ledger)
    if job.remote_id is None:
        raise MeshError(f"{job.order.name} is not at the service ({job.words}): `resume` goes on with it.")
    return job


def adopt(job: Job, ledger: Ledger) -> Job:
    """Take what :func:`find` has given into the ledger, unless it is there already; gives it as it stands there.

    :raises DiskError: it could not be written.
    """
    with exclusive(ledger.path.with_name("batch.lock")):  # nobody else adopts the same meanwhile
        if (kept := ledger.get(job.id)) is not None:
            return kept
        same = [other for other in ledger.jobs(scope=job.scope) if other.remote_id == job.remote_id]
        if not same:
            ledger.add(job)
        return same[0] if same else job


def makes_3d(catalogue: Catalogue) -> Mapping[str, Model]:
    """The models that are known to make meshes, by id."""
    return {model.id: model for model in catalogue.models()}


def _of_file(file: RemoteFile, connection: Connection, folder: Path) -> Job:
    """The job that a file is of; the file alone, where none is told or can be read."""
    if not _may_be_a_mesh(file):
        kind = clean(file.mime or file.kind or "", longest=60)
        raise MeshError(f"{file.id} is no mesh ({kind}): give the id of a mesh, or of the job that made it.")
    if file.job_id is not None:
        if (job := meant(connection.ledger.jobs(), file.job_id, scope=connection.scope)) is not None:
            return job
        try:
            return _of_job(connection.client.whole_job(file.job_id), connection, folder)
        except (NotFound, Forbidden):
            pass
    names = names_of([file.parent_id] if file.parent_id else [], connection.client)
    remote = RemoteJob(
        RemoteJobId(file.id),  # by which it is known again
        file.created_at,
        {"modelId": file.model_id, **({"prompt": file.prompt} if file.prompt else {})},
        project_id=file.project_id,
        author_id=file.author_id,
    )
    name = called(file, [], names, file.prompt)
    return _adopted(remote, connection, name=name, folder=folder, result_ids=(file.id,))


def _of_job(remote: RemoteJob, connection: Connection, folder: Path) -> Job:
    """:raises MeshError: it has brought, or will bring, no mesh."""
    if (job := _lost_one(remote, connection)) is not None:
        return job
    status, client = remote.status, connection.client
    if status.has_failed:
        reason = sentences(f"The job {remote.id} has brought no mesh (failed): choose another one", status.error)
        raise MeshError(reason if reason.endswith(".") else f"{reason}.")
    files = client.files(status.asset_ids) if status.is_done else []
    meshes = [file for file in files if _may_be_a_mesh(file)]
    if (status.is_done and not status.asset_ids) or (files and not meshes):
        kinds = ", ".join(sorted({clean(file.mime or file.kind or "", longest=60) for file in files})) or "no files"
        raise MeshError(f"The job {remote.id} has brought no mesh ({kinds}): choose another one.")
    if not status.is_done and remote.model_id is not None:
        _check_makes_3d(remote, connection)
    sent = sent_files(remote.input)
    parents = [file.parent_id for file in meshes[:1] if file.parent_id]
    names = names_of(list(dict.fromkeys([*parents, *sent])), client)
    name = called(meshes[0] if meshes else None, sent, names, prompt_of(remote.input))
    result_ids = status.asset_ids if status.is_done else ()
    return _adopted(remote, connection, name=name, folder=folder, result_ids=result_ids)


def _check_makes_3d(remote: RemoteJob, connection: Connection) -> None:
    """:raises MeshError: the model of a job that is under way is known to make no meshes."""
    try:
        model = connection.catalogue.fetch(remote.model_id or "", connection.client)
    except UnknownModel:  # such as one that only its owner sees
        return
    if model.capabilities and not model.is_3d:
        raise MeshError(f"The job {remote.id} will bring no mesh: {model.name} makes none.")


def _lost_one(remote: RemoteJob, connection: Connection) -> Job | None:
    """Give the job of the ledger that asked for this and never heard of it; it knows now.

    :raises NotCarried: another process carries it.
    """
    ledger = connection.ledger
    for job in ledger.jobs(scope=connection.scope):
        if job.state is not State.UNCERTAIN or job.cut_out or not job.is_sendable or not has_input(remote, job):
            continue
        if (ours := ledger.claim(job.id)) is None:
            raise NotCarried(
                f"{job.order.name} may be this, and another Blender or a script looks for it: wait for it."
            )
        if ours.state is not State.UNCERTAIN:
            continue
        # Of several that ask for the same it may be another one's: that is found out as ever.
        if (remote_id := find_submission(ours, client=connection.client, ledger=ledger)) is not None:
            found = ours.running(remote_id, billed_cu=ours.ordered_cu)
            ledger.save(found)
            if remote_id == remote.id:
                return found
    return None


def _adopted(
    remote: RemoteJob, connection: Connection, *, name: str, folder: Path, result_ids: tuple[AssetId, ...]
) -> Job:
    model = makes_3d(connection.catalogue).get(remote.model_id or "")
    model_id = remote.model_id or "unknown"
    order = Order(
        model_id=ModelId(model_id),
        model_name=model.name if model is not None else clean(model_id.removeprefix("model_"), longest=100),
        pictures=(),
        values={key: value for key, value in remote.input.items() if key != "modelId"},
        name=name,
        folder=folder,
        expected_s=model.expected_s if model is not None else None,
    )
    return Job(
        id=JobId(uuid.uuid4().hex),
        order=order,
        scope=connection.scope,
        created_at=time.time(),
        origin=Origin(remote.project_id, remote.author_id).record,
        state=State.SUCCEEDED if result_ids else State.RUNNING,
        submitted_at=remote.made_at,
        remote_id=remote.id,
        remote_word=remote.status.word or None,
        progress=1.0 if result_ids else remote.status.progress,
        billed_cu=Decimal(0),
        result_ids=result_ids,
    )


def _may_be_a_mesh(file: RemoteFile) -> bool:
    suffix = suffix_of_mime(file.mime)
    if suffix in FORMATS or suffix in OTHER_FORMATS or file.kind == "3d":
        return True
    return file.kind is None and not file.mime.startswith(("image/", "video/", "audio/", "text/"))
