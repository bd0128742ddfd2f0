# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of a job at a time: ``advance(job, env) -> job`` does exactly one thing that blocks.

There is one path from a picture to a mesh: the panel's timer, ``bpy.ops`` in a script and a batch of a thousand all
call this. A new state gets a function here, an entry in ``_STEPS`` and its moves in :mod:`.job`.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from .budget import Budget
from .client import ScenarioClient, placeholders
from .download import Destination, tidy
from .errors import (
    ApiError,
    AuthError,
    BudgetError,
    DiskError,
    DownloadError,
    GenerationFailed,
    InputError,
    NetworkError,
    NoCredits,
    NotFound,
    ProtocolError,
    RateLimited,
    Rejected,
    ServerError,
    Unanswered,
)
from .gltf import READABLE
from .job import Job, State
from .pricing import needs_pictures, send_pictures
from .reconcile import find_submission
from .results import NothingUsable, deliver, list_results
from .store import Store
from .text import amount
from .values import Activity, AssetId, JobId

__all__ = ["LOOKS", "Env", "advance", "poll_pause_s"]

_SUCCESS: Final = frozenset({"success", "succeeded", "completed"})
_FAILURE: Final = frozenset({"failure", "failed", "error", "canceled", "cancelled"})
"""The union of what the service's documents, its SDK and its own add-ons call the end. Other words mean: not yet."""

LOOKS: Final = 8
"""How often a lost job is looked for before the user is asked."""
_PATIENT_TRIES: Final = 3
"""After so many, which is some ten seconds, another door is tried to what is paid for."""
_DISK_TRIES: Final = 4
"""How often a file that is paid for is written again, within half a minute, before the user is asked."""
_PRICE_AGE_S: Final = 120.0
"""For so long a price holds; then it is asked for anew before anything is ordered."""
_TOLD_RISE: Final = Decimal("1.1")
"""A price that has risen by more than a tenth is told."""
_EMPTY_RESULTS: Final = 5
"""How often a finished job may come without files before it counts as failed."""


def _silent(job_id: JobId, activity: Activity | None) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Env:
    """What steps work with. Shared by all worker threads."""

    client: ScenarioClient
    store: Store
    budget: Budget
    wait: Callable[[float], None] = time.sleep
    """How to pause inside a step, in seconds."""
    now: Callable[[], float] = time.time
    readable: frozenset[str] = READABLE
    """The glTF extensions that whoever imports the models can read."""
    report: Callable[[JobId, Activity | None], None] = _silent
    """Told what a step is doing; ``None`` when it is over. Called from worker threads."""


def advance(job: Job, env: Env) -> Job:
    """Do a job's next step. Worker thread; blocks for as long as one request or one transfer takes.

    Errors do not leave: they become the job's ``error``, with a time for the next try, or none when it takes the user.
    The caller writes the result to the ledger before it asks for the next step.
    """
    try:
        return _STEPS[job.state](job, env)
    except BudgetError as error:
        return job.delayed(error, wait_s=None)
    except NoCredits as error:
        return _waiting_for_credits(job, env, error)
    except AuthError as error:  # the next try would end the same way
        return job.delayed(error, wait_s=None)
    except DiskError as error:  # what is paid for waits until whoever holds the folder lets go of it
        is_passing = job.is_paid and job.failures < _DISK_TRIES
        return job.delayed(error, wait_s=_back_off_s(job, None) if is_passing else None)
    except RateLimited as error:
        return job.delayed(error, wait_s=_back_off_s(job, error.retry_after_s))
    except (NetworkError, ServerError, ProtocolError) as error:
        return job.delayed(error, wait_s=_back_off_s(job, None))
    except (InputError, DownloadError, GenerationFailed) as error:
        return job.failed(error)
    except ApiError as error:
        # What is paid for is not given up because the service says no once: the user decides.
        return job.delayed(error, wait_s=None) if job.is_paid else job.failed(error)
    finally:
        env.report(job.id, None)


def poll_pause_s(elapsed_s: float, expected_s: float | None) -> float:
    """How long to wait before asking a running job again, in seconds.

    Seldom while it cannot be done yet, often around the time it usually takes, and less and less often after that.
    """
    if expected_s is None:
        return min(10.0, 3.0 + elapsed_s / 20)
    if elapsed_s < expected_s:
        # Wakes up shortly before the usual end, but shows progress meanwhile.
        return max(2.0, min(10.0, (expected_s - elapsed_s) / 3))
    return min(15.0, 2.0 + (elapsed_s - expected_s) / 20)


def _back_off_s(job: Job, asked_s: float | None) -> float:
    if asked_s is not None:
        return max(1.0, asked_s)
    return min(60.0, 2.0 * 2 ** min(job.failures, 6)) * random.uniform(0.75, 1.0)


def _start(job: Job, env: Env) -> Job:
    """NEW: ask for the price, then send the pictures."""
    if job.quoted_at is None:
        return _price(job, env)
    if job.quote_cu is not None:
        env.budget.reserve(job, env.store)
    known = {image.sha256: env.store.asset(job.scope, image.sha256) for image in job.order.images()}
    return job.moved(State.UPLOADED, assets=_send(job, env, known=known))


def _send(job: Job, env: Env, *, known: Mapping[str, AssetId | None]) -> dict[str, AssetId]:
    return send_pictures(
        job.order,
        client=env.client,
        store=env.store,
        scope=job.scope,
        known=known,
        progress=lambda activity: env.report(job.id, activity),
        wait=env.wait,
    )


def _price(job: Job, env: Env) -> Job:
    env.report(job.id, Activity("asking for the price"))
    try:
        quote_cu = env.client.quote(job.order.model_id, job.order.body(placeholders(job.order.images())))
    except Rejected as error:
        if not needs_pictures(error):
            raise
        # Perhaps it has to see the picture first: asked again when that is there.
        return job.moved(State.NEW, quoted_at=env.now(), quote_cu=None)
    priced = _quoted(job.moved(State.NEW), env, quote_cu)
    return priced if quote_cu is None else _reserved(priced, env)


def _quoted(job: Job, env: Env, quote_cu: Decimal | None) -> Job:
    """A job with the price of this moment, and a word about one that has risen."""
    last_cu, notice = job.quote_cu, job.notice
    if last_cu is not None and quote_cu is not None and quote_cu > last_cu * _TOLD_RISE:
        notice = f"The price has risen from {amount(last_cu)} to {amount(quote_cu)}."
    return replace(job, quote_cu=quote_cu, quoted_at=env.now(), notice=notice)


def _reserved(job: Job, env: Env) -> Job:
    """A job whose price is set aside, or that waits for the user because it must not cost so much."""
    try:
        env.budget.reserve(job, env.store)
    except (BudgetError, NoCredits) as error:
        return job.delayed(error, wait_s=None)
    return job


def _is_stale(job: Job, env: Env) -> bool:
    """Whether the price may be another one by now."""
    return job.quote_cu is None or job.quoted_at is None or abs(env.now() - job.quoted_at) > _PRICE_AGE_S


def _claim(job: Job, env: Env) -> Job:
    """UPLOADED: the intent to submit; it is in the ledger before anything is sent."""
    if _is_stale(job, env):
        try:
            quote_cu = env.client.quote(job.order.model_id, job.order.body(job.assets))
        except (NotFound, Rejected) as error:
            return _refused(job, env, error)
        job = _quoted(job, env, quote_cu)
    job = _reserved(job, env)
    if job.is_held:
        return job
    if not env.store.claim_input(job) and job.order.pictures:
        # Another job has asked for exactly this. Should the answer be lost, pictures of its own tell them apart.
        job = replace(job, assets=_send(job, env, known={}))
        if not env.store.claim_input(job):  # the service knows a picture by its content, and gave it the same id again
            env.store.share_input(job)
    env.budget.book(job, env.store)
    # Failures to reach the service are counted on, or nothing would ever lose patience with them.
    return job.moved(State.SUBMITTING, submitted_at=env.now(), failures=job.failures)


def _submit(job: Job, env: Env) -> Job:
    """SUBMITTING: the one request that is paid for. Sent once; a lost answer is never answered by sending again."""
    env.report(job.id, Activity("submitting"))
    try:
        done = env.client.submit(job.order.model_id, job.order.body(job.assets))
    except RateLimited as error:
        wait_s = error.retry_after_s if error.retry_after_s is not None else 30.0
        unsent = job.moved(State.UPLOADED, submitted_at=None, quoted_at=None)
        return unsent.delayed(error, wait_s=max(1.0, wait_s))
    except (Unanswered, ServerError, ProtocolError) as error:
        return job.moved(State.UNCERTAIN).delayed(error, wait_s=2.0)
    except NetworkError as error:  # it never left this machine
        unsent = job.moved(State.UPLOADED, failures=job.failures, submitted_at=None)
        return unsent.delayed(error, wait_s=_back_off_s(job, None))
    except AuthError as error:
        return job.moved(State.UPLOADED, submitted_at=None).delayed(error, wait_s=None)
    except NoCredits as error:
        return _waiting_for_credits(job.moved(State.UPLOADED, submitted_at=None), env, error)
    except (NotFound, Rejected) as error:
        return _refused(job, env, error)
    except ApiError as error:
        return job.failed(error)
    return job.moved(
        State.RUNNING, remote_id=done.remote_id, billed_cu=done.cost_cu, wait_s=poll_pause_s(0.0, job.order.expected_s)
    )


def _waiting_for_credits(job: Job, env: Env, error: NoCredits) -> Job:
    """A job that can be ordered once the account has credits again; others need not find out for themselves."""
    env.budget.empty = error
    return replace(job, quoted_at=None).delayed(error, wait_s=None)


def _refused(job: Job, env: Env, error: ApiError) -> Job:
    """A refusal may mean that the service no longer has a picture that was uploaded earlier."""
    for image in job.order.images():
        env.store.forget_asset(job.scope, image.sha256)
    return job.failed(error)


def _reconcile(job: Job, env: Env) -> Job:
    """UNCERTAIN: look for the job among the service's recent ones. Never submits."""
    env.report(job.id, Activity("looking for the job"))
    if (remote_id := find_submission(job, client=env.client, store=env.store)) is not None:
        return job.moved(State.RUNNING, remote_id=remote_id, billed_cu=job.quote_cu)
    looks = job.failures + 1
    lost = Unanswered(
        "No answer came when this was ordered, and it is not in Scenario's list of jobs: perhaps it never arrived. "
        "Look again, or submit it again, which may cost a second time."
    )
    return job.delayed(lost, wait_s=None if looks > LOOKS else min(60.0, 2.0 * 2**looks))


def _poll(job: Job, env: Env) -> Job:
    """RUNNING: ask how it is doing."""
    assert job.remote_id is not None
    remote = env.client.job(job.remote_id)
    word = remote.word.lower()
    billed_cu = remote.billed_cu if remote.billed_cu is not None else job.billed_cu
    if word in _FAILURE:
        charged_cu = Decimal(0) if remote.refundable else billed_cu
        reason = remote.error or f'The service ended the job without a model ("{remote.word}") and gave no reason.'
        failure = GenerationFailed(reason, hint=remote.hint)
        return job.failed(failure, remote_word=remote.word, billed_cu=charged_cu, result_ids=remote.asset_ids)
    if word in _SUCCESS:
        if not remote.asset_ids:
            nothing = ProtocolError("The service says that the job is done, but lists no files of it.")
            return job.delayed(nothing, wait_s=5.0) if job.failures < _EMPTY_RESULTS else job.failed(nothing)
        return job.moved(
            State.SUCCEEDED,
            remote_word=remote.word,
            progress=1.0,
            billed_cu=billed_cu,
            result_ids=remote.asset_ids,
            finished_at=env.now(),
        )
    elapsed_s = max(0.0, env.now() - (job.submitted_at or job.created_at))
    return job.moved(
        State.RUNNING,
        remote_word=remote.word,
        progress=remote.progress,
        billed_cu=billed_cu,
        wait_s=poll_pause_s(elapsed_s, job.order.expected_s),
    )


def _deliver(job: Job, env: Env) -> Job:
    """SUCCEEDED: choose the model among the job's files and download it."""
    env.report(job.id, Activity("looking at the results"))
    order, is_last_try = job.order, job.failures >= _PATIENT_TRIES
    try:
        delivery = deliver(
            list_results(job.result_ids, client=env.client, is_last_try=is_last_try),
            Destination(order.folder, order.name, job.id, order.number),
            client=env.client,
            readable=env.readable,
            progress=lambda activity: env.report(job.id, activity),
            refused=job.refused_ids,
            kept=job.kept,
            is_last_try=is_last_try,
        )
    except NothingUsable as error:
        if job.refused_ids and job.file is not None:  # then the file that is here has to do
            return job.moved(State.DOWNLOADED, other_files=(), notice=error.user_message)
        tidy(order.folder, job.id)
        return job.failed(error, kept=error.kept, error_kind=DownloadError.__name__)
    return job.moved(State.DOWNLOADED, file=delivery.file, other_files=delivery.other_formats, kept=None)


def _make_ready(job: Job, env: Env) -> Job:
    """DOWNLOADED: now that the ledger knows the file by its name, it needs no other."""
    if job.file is not None:
        tidy(job.file.path.parent, job.id)
    return job.moved(State.READY, wait_s=None if job.order.is_for_scene else 0.0)


_STEPS: Final[Mapping[State, Callable[[Job, Env], Job]]] = {
    State.NEW: _start,
    State.UPLOADED: _claim,
    State.SUBMITTING: _submit,
    State.UNCERTAIN: _reconcile,
    State.RUNNING: _poll,
    State.SUCCEEDED: _deliver,
    State.DOWNLOADED: _make_ready,
}
