# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a picture that the service cuts out before the mesh is ordered.

It is ordered as a mesh is, by the steps of :mod:`.ordering`, with the same guarantees. What differs is what comes of
it: a file of the service that is sent in the picture's place.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from typing import Final

from ..api.status import RemoteStatus
from ..errors import (
    ApiError,
    AuthError,
    DiskError,
    DownloadError,
    GenerationFailed,
    NetworkError,
    NotFound,
    ProtocolError,
    RateLimited,
    ScenarioError,
    ServerError,
)
from ..fetch.cut_out import fetch_cut_out
from ..fetch.download import tidy
from ..fetch.formats import mime_of
from ..fetch.results import list_results
from ..ledger.job import Job, State
from ..values import Activity, AssetId, ResultAsset
from .env import Env

__all__ = ["LOOK_AGAIN_S", "begin_cut_out", "could_not", "forget_lost", "poll_cut_out", "take_cut_out"]

log = logging.getLogger(__name__)

_PATIENT_TRIES: Final = 3
"""After so many, the mesh is ordered without the file to be looked at."""
_EMPTY_RESULTS: Final = 5
"""How often it may have ended well without a file before it counts as failed."""
LOOK_AGAIN_S: Final = 3.0
"""How often it is looked what has become of a picture that another job has cut out."""


def begin_cut_out(job: Job, env: Env) -> Job | None:
    """UPLOADED: turn to the next thing to be ordered: the first picture that has yet to be cut out, or the mesh.

    :return: the job, which is RUNNING where another one has ordered it; ``None``: another one is about to.
    :raises LedgerInDoubt: another job may have ordered the same, and nobody knows.
    """
    to_cut_out = job.order.to_cut_out(job.assets)
    if not to_cut_out:
        return replace(job, cut_out=None)
    cut_out = env.ledger.cut_outs.take(job, to_cut_out[0].sha256)
    if cut_out is None:
        return None
    job = replace(job, cut_out=cut_out)
    return job if cut_out.remote_id is None else job.running(cut_out.remote_id, submitted_at=env.now())


def poll_cut_out(job: Job, env: Env) -> Job:
    """RUNNING: ask how far the picture is."""
    assert job.cut_out is not None
    assert job.cut_out.remote_id is not None
    asked_at = env.now()
    try:
        remote = env.client.job(job.cut_out.remote_id)
    except NotFound as error:
        if not job.cut_out.is_shared:
            raise
        return _failed(job, GenerationFailed(error.user_message))
    billed_cu = job.spent(remote.billed_cu) if remote.billed_cu is not None else job.billed_cu
    if remote.has_failed:
        charged_cu = job.spent(Decimal(0)) if remote.refundable else billed_cu
        return replace(_failed(job, _reason(remote)), remote_word=remote.word, billed_cu=charged_cu)
    if remote.is_done and not remote.asset_ids:
        nothing = ProtocolError("The service says that the picture is cut out, but lists no file of it.")
        return job.delayed(nothing, wait_s=5.0) if job.failures < _EMPTY_RESULTS else _failed(job, nothing)
    told = {"remote_word": remote.word, "billed_cu": billed_cu}
    if remote.is_done:
        env.asking.learn(job, env.now())
        return job.moved(State.RUNNING, cut_out=replace(job.cut_out, result_ids=remote.asset_ids), **told)
    asked = job.moved(State.RUNNING, progress=remote.progress, asked_at=asked_at, **told)
    return replace(asked, wait_s=env.asking.pause_s(asked, env.now()))


def take_cut_out(job: Job, env: Env) -> Job:
    """RUNNING: have the file that came of it take the picture's place, and keep a copy to be looked at."""
    assert job.cut_out is not None
    env.report(job.id, Activity("looking at the picture that was cut out"))
    is_last_try = job.failures >= _PATIENT_TRIES
    found = list_results(job.cut_out.result_ids, client=env.client, is_last_try=is_last_try)
    picture = next((asset for asset in found if mime_of(asset).startswith("image/")), None)
    if picture is None:
        nothing = replace(job, cut_out=replace(job.cut_out, result_ids=()))
        return _failed(nothing, GenerationFailed("The service brought no picture."))
    if not _keep(picture, job, env, is_last_try=is_last_try):
        return _failed(job, GenerationFailed("Nothing is left of it: choose another picture, or order it as it is."))
    env.ledger.cut_outs.remember(job, job.cut_out.sha256, picture.id)
    return _cut_out(job, picture.id)


def forget_lost(job: Job, env: Env) -> None:
    """Forget what was cut out for a job that was refused, if the service says that it no longer has it: it cost."""
    for image in job.order.images():
        asset_id = job.assets.get(image.asset_key)
        if not image.is_to_be_cut_out or asset_id is None:
            continue
        try:
            env.client.asset(asset_id)
        except NotFound:
            env.ledger.cut_outs.forget(job.scope, image.sha256)
        except ScenarioError as error:
            log.warning("job %s: nobody knows whether what was cut out is still there: %s", job.id, error)


def _keep(picture: ResultAsset, job: Job, env: Env, *, is_last_try: bool) -> bool:
    """Keep a copy; says whether anything is to be seen on it, as far as that is known.

    :raises ScenarioError: it cannot be had yet.
    """
    assert job.cut_out is not None
    path = env.ledger.cut_outs.path(job.scope, job.cut_out.sha256)
    try:
        return fetch_cut_out(
            picture, path, job_id=job.id, client=env.client, progress=lambda activity: env.report(job.id, activity)
        )
    except AuthError:
        raise
    except (NetworkError, ProtocolError, RateLimited, ServerError, DiskError) as error:
        if not is_last_try:
            raise
        lost: ScenarioError = error
    except (ApiError, DownloadError) as error:  # a host of files knows nothing of accounts and plans
        if not is_last_try:
            raise NetworkError(error.user_message) from error
        lost = error
    tidy(path.parent, job.id)
    log.warning("job %s: there is no copy of what was cut out: %s", job.id, lost)
    return True


def _cut_out(job: Job, asset_id: AssetId) -> Job:
    """The job once a picture is cut out, with what that has cost."""
    assert job.cut_out is not None
    sha256, is_own, spent_cu, quote_cu = job.cut_out.sha256, not job.cut_out.is_shared, job.counted_cu, job.quote_cu
    if is_own and quote_cu is not None and job.cut_out_cu is not None:
        quote_cu += spent_cu - job.cut_out_spent_cu - job.cut_out_cu  # what it has cost, instead of its price
    keys = {image.asset_key for image in job.order.images() if image.is_to_be_cut_out and image.sha256 == sha256}
    return job.moved(
        State.UPLOADED,
        assets={**job.assets, **dict.fromkeys(keys, asset_id)},
        cut_out=None,
        cut_outs_done=job.cut_outs_done + is_own,
        cut_out_count=max(0, job.cut_out_count - is_own),
        cut_out_spent_cu=spent_cu,
        quote_cu=quote_cu,
        billed_cu=spent_cu,
        submitted_at=None,
        remote_word=None,
        progress=None,
    )


def _failed(job: Job, error: ScenarioError) -> Job:
    """The job whose picture cannot be cut out: nothing more is ordered for it."""
    hint = error.hint if isinstance(error, GenerationFailed) else None
    return job.failed(GenerationFailed(could_not(job, error), hint=hint))


def could_not(job: Job, error: ScenarioError) -> str:
    """Say why the present picture could not be cut out."""
    assert job.cut_out is not None
    sha256 = job.cut_out.sha256
    name = next(image.path.name for image in job.order.images() if image.sha256 == sha256)
    return f"{name} could not be cut out: {error.user_message}"


def _reason(remote: RemoteStatus) -> GenerationFailed:
    told = remote.error or f'The service ended it without a picture ("{remote.word}") and gave no reason.'
    return GenerationFailed(told, hint=remote.hint)
