# SPDX-License-Identifier: GPL-3.0-or-later
"""One step of a job at a time: ``advance(job, env) -> job`` does exactly one thing that blocks.

There is one path from a picture to a mesh: the panel's timer, ``bpy.ops`` in a script and a batch of a thousand all
call this. A new state gets a function here, an entry in ``_STEPS`` and its moves in :mod:`.job`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from ..api.status import RemoteStatus
from ..errors import (
    ApiError,
    AuthError,
    BudgetError,
    DiskError,
    DownloadError,
    GenerationFailed,
    InputError,
    NetworkError,
    NoCredits,
    ProtocolError,
    RateLimited,
    ScenarioError,
    ServerError,
    Unanswered,
)
from ..fetch.download import Destination, tidy
from ..fetch.pictures import deliver_pictures
from ..fetch.results import Delivery, NothingUsable, deliver, list_results
from ..ledger.job import Job, State
from ..text import COMES, lacking, sentences
from ..values import Activity
from .cutting import poll_cut_out, take_cut_out
from .env import Env, back_off_s
from .ordering import claim, sent_to, start, submit, waiting_for_credits
from .reconcile import find_submission

__all__ = ["LOOKS", "Step", "advance", "broken"]

Step = Callable[[Job, Env], Job]

LOOKS: Final = 8
"""How often a lost job is looked for before the user is asked."""
_PATIENT_TRIES: Final = 3
"""After so many, which is some ten seconds, another door is tried to what is paid for."""
_DISK_TRIES: Final = 4
"""How often a file that is paid for is written again, within half a minute, before the user is asked."""
_EMPTY_RESULTS: Final = 5
"""How often a finished job may come without files before it counts as failed."""


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
        return waiting_for_credits(job, env, error)
    except AuthError as error:  # the next try would end the same way
        return job.delayed(error, wait_s=None)
    except DiskError as error:
        return _out_of_disk(job, env, error)
    except RateLimited as error:
        env.throttle.hear(error)
        return job.delayed(error, wait_s=back_off_s(job, error.retry_after_s))
    except (NetworkError, ServerError, ProtocolError) as error:
        env.expire_prices()
        return job.delayed(error, wait_s=back_off_s(job, None))
    except (InputError, DownloadError, GenerationFailed) as error:
        return job.failed(error)
    except ApiError as error:
        # What is paid for is not given up because the service says no once: the user decides.
        return job.delayed(error, wait_s=None) if job.is_paid else job.failed(error)
    finally:
        env.report(job.id, None)


def broken(job: Job, error: ScenarioError, *, is_asked: bool) -> Job:
    """The job after a step that ended where none should. The request that is paid for may have been sent by then.

    :param is_asked: whether it was a step that somebody asked for, none of which sends that.
    """
    is_in_doubt = job.state is State.SUBMITTING and not is_asked
    return (job.moved(State.UNCERTAIN) if is_in_doubt else job).delayed(error, wait_s=None)


def _out_of_disk(job: Job, env: Env, error: DiskError) -> Job:
    """Have what is paid for wait until whoever holds the folder lets go of it, then go elsewhere."""
    if job.is_paid and job.failures < _DISK_TRIES:
        return job.delayed(error, wait_s=back_off_s(job, None))
    folder = env.own_folder
    if job.state is State.SUCCEEDED and folder is not None and folder != job.order.folder:
        return sent_to(job.moved(State.SUCCEEDED), folder, error.user_message.partition(":")[0])
    return job.delayed(error, wait_s=None)


def _reconcile(job: Job, env: Env) -> Job:
    """UNCERTAIN: look for the job among the service's recent ones. Never submits."""
    env.report(job.id, Activity("looking for the job"))
    if (remote_id := find_submission(job, client=env.client, ledger=env.ledger)) is not None:
        return job.running(remote_id, billed_cu=job.ordered_cu)
    looks = job.failures + 1
    lost = Unanswered(
        "No answer came when this was ordered, and it is not in Scenario's list of jobs: perhaps it never arrived. "
        "Look again, or submit it again, which may cost a second time."
    )
    return job.delayed(lost, wait_s=None if looks > LOOKS else min(60.0, 2.0 * 2**looks))


def _poll(job: Job, env: Env) -> Job:
    """RUNNING: ask how it is doing."""
    if job.cut_out is not None:
        return take_cut_out(job, env) if job.cut_out.result_ids else poll_cut_out(job, env)
    assert job.remote_id is not None
    asked_at = env.now()
    remote = env.client.job(job.remote_id)
    billed_cu = job.spent(remote.billed_cu) if remote.billed_cu is not None else job.billed_cu
    if remote.has_failed:
        charged_cu = job.spent(Decimal(0)) if remote.refundable else billed_cu
        wanted = "picture" if job.order.gives_picture else "mesh"
        reason = remote.error or f'The service ended the job without a {wanted} ("{remote.word}") and gave no reason.'
        failure = GenerationFailed(reason, hint=remote.hint)
        return job.failed(failure, remote_word=remote.word, billed_cu=charged_cu, result_ids=remote.asset_ids)
    if remote.is_done:
        if not remote.asset_ids:
            nothing = ProtocolError("The service says that the job is done, but lists no files of it.")
            return job.delayed(nothing, wait_s=5.0) if job.failures < _EMPTY_RESULTS else job.failed(nothing)
        env.asking.learn(job, env.now())
        return job.moved(
            State.SUCCEEDED,
            remote_word=remote.word,
            progress=1.0,
            billed_cu=billed_cu,
            result_ids=remote.asset_ids,
            finished_at=env.now(),
        )
    asked = job.moved(
        State.RUNNING,
        remote_word=remote.word,
        progress=remote.progress,
        billed_cu=billed_cu,
        asked_at=asked_at,
        **_signs_of_life(job, remote, asked_at),
    )
    return replace(asked, wait_s=env.asking.pause_s(asked, env.now()))


def _signs_of_life(job: Job, remote: RemoteStatus, now: float) -> dict[str, Any]:
    """What tells a job that is slow from one that is stuck: some stand at a tenth for twenty minutes, and are alive."""
    signs: dict[str, Any] = {}
    if remote.progress != job.progress or job.progress_at is None:
        signs["progress_at"] = now
    if remote.updated_at is not None and remote.updated_at != job.remote_update:
        signs |= {"remote_update": remote.updated_at, "heard_at": now}
    return signs


def _deliver(job: Job, env: Env) -> Job:
    """SUCCEEDED: choose the mesh, or the pictures, among the job's files and download it."""
    env.report(job.id, Activity("looking at the results"))
    order = job.order
    try:
        delivery = _delivery(job, env)
    except NothingUsable as error:
        if job.refused_ids and job.file is not None:  # then the file that is here has to do
            return job.moved(State.DOWNLOADED, other_files=(), notice=error.user_message)
        tidy(order.folder, job.id, kept=error.kept)
        return job.failed(error, kept=error.kept, error_kind=DownloadError.__name__)
    file = delivery.file
    notice, told = job.notice or "", lacking(COMES, file.flaws)
    if told not in notice:
        notice = sentences(notice, told)
    return job.moved(State.DOWNLOADED, file=file, other_files=delivery.other_formats, kept=None, notice=notice or None)


def _delivery(job: Job, env: Env) -> Delivery:
    def progress(activity: Activity) -> None:
        env.report(job.id, activity)

    order, is_last_try = job.order, job.failures >= _PATIENT_TRIES
    assets = list_results(job.result_ids, client=env.client, is_last_try=is_last_try)
    to = Destination(order.folder, order.name, job.id, order.number)
    how: dict[str, Any] = {
        "client": env.client,
        "progress": progress,
        "kept": job.kept,
        "is_last_try": is_last_try,
    }
    if order.gives_picture:
        return Delivery(deliver_pictures(assets, to, **how), ())
    return deliver(assets, to, readable=env.readable, refused=job.refused_ids, **how)


def _make_ready(job: Job, env: Env) -> Job:
    """DOWNLOADED: now that the ledger knows the file by its name, it needs no other."""
    if job.file is not None:
        tidy(job.file.path.parent, job.id)
    return job.moved(State.READY, wait_s=None if job.order.is_for_scene else 0.0)


_STEPS: Final[Mapping[State, Step]] = {
    State.NEW: start,
    State.UPLOADED: claim,
    State.SUBMITTING: submit,
    State.UNCERTAIN: _reconcile,
    State.RUNNING: _poll,
    State.SUCCEEDED: _deliver,
    State.DOWNLOADED: _make_ready,
}
