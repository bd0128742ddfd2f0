# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that somebody asks for, where :mod:`.steps` has those that follow by themselves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..chains.then import without_then
from ..errors import AlreadyOrdered, InputError, LedgerInDoubt, NotCarried, ScenarioError
from ..ledger.job import Job, State
from ..ledger.ledger import Ledger
from ..text import sentences
from ..values import JobId
from .env import Env
from .reconcile import find_submission

__all__ = [
    "Together",
    "allow_price",
    "cancel",
    "fetch_again",
    "is_above_limit",
    "is_under_way",
    "mark_imported",
    "retry",
    "submit_again",
    "take_over",
    "taking_over",
    "try_other_file",
    "write_down",
]


class Together:
    """New jobs that belong together: all are in the ledger before one of them goes on. Any thread."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._waiting = {job.id: job for job in jobs}
        self._errors: dict[JobId, ScenarioError] = {}
        self._lock = threading.Lock()

    def write_down(self, job: Job, ledger: Ledger) -> None:
        """Put all into the ledger, unless they are there; one that cannot be keeps no other back.

        :raises DiskError: this one could not be written.
        """
        with self._lock:
            while self._waiting:
                job_id, one = next(iter(self._waiting.items()))
                try:
                    ledger.add(one)
                except ScenarioError as error:
                    self._errors[job_id] = error
                finally:
                    del self._waiting[job_id]
        if (error := self._errors.get(job.id)) is not None:
            raise error


def write_down(job: Job, env: Env, *, together: Together | None = None, again: bool = False) -> Job:
    """Put a new job into the ledger; it waits for the user if another process is making the same.

    :param together: what is put there with it; ``None``: nothing.
    :param again: order it all the same.
    """
    env.budget.empty = None  # whoever orders again may have filled the account
    (together or Together([job])).write_down(job, env.ledger)
    if again:
        return job
    others = [other for other in env.ledger.same_elsewhere(job) if is_under_way(other)]
    if others:
        since = time.strftime("%H:%M", time.localtime(others[0].created_at))
        told = (
            f"The same is being made by another Blender or a script since {since}: try again to order it all the same."
        )
        return job.delayed(AlreadyOrdered(told), wait_s=None)
    try:
        env.ledger.check_orderable(job.order, scope=job.scope)
    except LedgerInDoubt as error:
        told = sentences(error.user_message, "Try again to order it all the same.")
        return job.delayed(LedgerInDoubt(told), wait_s=None)
    return job


def is_under_way(job: Job) -> bool:
    """Whether a job is on its way to a mesh. One that waits for the user and was never ordered is not."""
    return not job.is_settled and job.state is not State.READY and (job.was_ordered or not job.is_held)


def is_above_limit(job: Job) -> bool:
    """Whether a job waits for the user because it costs more than it may, and was never ordered."""
    if job.was_ordered or job.quote_cu is None or job.max_cost_cu is None:
        return False
    return job.is_held and job.quote_cu > job.max_cost_cu


def allow_price(job: Job, env: Env) -> Job:
    """Order at the price that the user has agreed to, which was above what the job could cost.

    :raises InputError: it has been ordered, or it is not its price that keeps it.
    """
    if not is_above_limit(job):
        raise InputError("There is no price to agree to.")
    return replace(retry(job, env), max_cost_cu=job.quote_cu)


def take_over(job: Job, env: Env) -> Job:
    """Carry a job that nobody carries.

    :raises DiskError: somebody does.
    """
    current = env.ledger.claim(job.id)
    if current is None:
        raise NotCarried("This job is carried on by another Blender, or was removed there.")
    return current


def taking_over(step: Callable[[Job, Env], Job]) -> Callable[[Job, Env], Job]:
    """A step that is done to a job as it is taken over."""
    return lambda job, env: step(take_over(job, env), env)


def cancel(job: Job, env: Env) -> Job:
    """Stop waiting for a job. The service cannot be made to stop: what it charged stays charged."""
    if job.is_settled:
        return job
    # What may have been charged goes on counting; what was about to be sent will not be.
    billed_cu = job.ordered_cu if job.state is State.UNCERTAIN else job.billed_cu
    submitted_at = None if job.state is State.SUBMITTING else job.submitted_at
    order = without_then(job.order)  # nor is anything ordered that would follow, should its mesh be fetched later
    return job.moved(State.CANCELLED, wait_s=None, billed_cu=billed_cu, submitted_at=submitted_at, order=order)


def retry(job: Job, env: Env, *, folder: Path | None = None) -> Job:
    """Try again what did not work out; a lost submission is looked for again, never repeated.

    :param folder: where its file goes, if it is not here yet; ``None`` for where it was wanted.
    """
    env.budget.empty = None
    if folder is not None and job.file is None:
        job = replace(job, order=replace(job.order, folder=folder))
    waits_for_import = job.state is State.READY and job.order.is_for_scene
    fresh = replace(job.retried(), error=None, error_kind=None)
    return replace(fresh, wait_s=None) if waits_for_import else fresh


def submit_again(job: Job, env: Env) -> Job:
    """Order anew what may have been ordered already, unless a last look finds it. It may cost a second time.

    :raises InputError: there is no doubt about this job.
    """
    if job.submission_id is not None:  # the answer has come meanwhile
        return job
    if job.state is not State.UNCERTAIN:
        raise InputError("Only a job that was ordered without an answer can be submitted again.")
    if (remote_id := find_submission(job, client=env.client, ledger=env.ledger)) is not None:
        return job.running(remote_id, billed_cu=job.ordered_cu)
    return job.moved(State.UPLOADED, attempt=job.attempt + 1)


def fetch_again(job: Job, env: Env, *, target: Mapping[str, Any]) -> Job:
    """Get a paid mesh from the service once more.

    :param target: where it belongs this time.
    :raises InputError: the service never had anything of it.
    """
    order = replace(job.order, target=target)
    if job.result_ids:
        return job.moved(State.SUCCEEDED, order=order, file=None)
    if job.remote_id is not None and job.state is State.CANCELLED:
        return job.moved(State.RUNNING, order=order)
    raise InputError("This job has no mesh to fetch.")


def try_other_file(job: Job, env: Env) -> Job:
    """Fetch another of a job's files, because Blender cannot read the one that is here. That one stays.

    :raises InputError: there is no other.
    """
    if job.file is None or not job.other_files:
        raise InputError("The service has this mesh in no other format.")
    return job.moved(State.SUCCEEDED, refused_ids=(*job.refused_ids, job.file.asset_id))


def mark_imported(job: Job, env: Env) -> Job:
    """Note that the job's mesh is in the scene."""
    return job.moved(State.IMPORTED, wait_s=None)
