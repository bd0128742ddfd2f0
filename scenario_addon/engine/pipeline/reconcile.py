# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding a submission whose answer was lost in the service's own list of jobs.

A job is recognized by its whole input. Files are uploaded anew for a submission that would otherwise ask for
exactly what an earlier one did (see ``claim_input`` in :mod:`.ledger`), so their ids make the input ours alone: then no
clock is needed, and what is found is right. Without files of ours, or where the service gives known files known ids,
the same input may have come from another machine or another job: then what is nearest in time is taken, which at worst
swaps two equal jobs. A job of the service that ever was another one's is never taken.
"""

from __future__ import annotations

from typing import Final

from ..api.client import ScenarioClient
from ..api.remote import RemoteJob
from ..ledger.job import Job, State
from ..ledger.ledger import Ledger
from ..values import RemoteJobId

__all__ = ["find_submission", "has_input"]

_PAGES: Final = 10
_CLOCK_SLACK_S: Final = 24 * 3600.0
"""How far the service's clock and ours may be apart."""


def find_submission(job: Job, *, client: ScenarioClient, ledger: Ledger) -> RemoteJobId | None:
    """Find the service's job that was started for this one, and note which it is; ``None`` when there is none yet.

    Blocks for a few requests. Errors as :class:`ScenarioClient` raises them.
    """
    if not job.is_sendable:  # it is older than what it may have sent since, and does not know that
        return None
    listed = [remote for remote in client.recent_jobs(pages=_PAGES) if has_input(remote, job)]
    if not (job.order.files() and ledger.owns_input(job)):
        listed = _nearest_first(listed, job)
        # In this order: what a twin has just started is in the list before the twin knows of it.
        if _has_twin(job, ledger):
            return None
    return next((remote.id for remote in listed if ledger.claim_remote(job, remote.id)), None)


def has_input(remote: RemoteJob, job: Job) -> bool:
    """Whether it was asked for the same; the service may have filled in more, and left out what is empty."""
    model_id, body = job.request
    if remote.input.get("modelId") not in (None, model_id):
        return False
    return all(remote.input.get(name, "") == value for name, value in body.items())


def _nearest_first(listed: list[RemoteJob], job: Job) -> list[RemoteJob]:
    """Those that are not older than our attempt, by how far from it they were made."""
    attempted_at = job.submitted_at or job.created_at
    # A date that cannot be read is no reason to lose what is paid for.
    later_s = {r.id: (attempted_at if r.made_at is None else r.made_at) - attempted_at for r in listed}
    recent = [remote for remote in listed if later_s[remote.id] >= -_CLOCK_SLACK_S]
    return sorted(recent, key=lambda remote: abs(later_s[remote.id]))


def _has_twin(job: Job, ledger: Ledger) -> bool:
    """Whether the same is being submitted for another job right now: what is found may be that one's."""
    rivals = [other for other in ledger.jobs(scope=job.scope) if other.state is State.SUBMITTING and other.id != job.id]
    return any(other.input_digest == job.input_digest for other in rivals)
