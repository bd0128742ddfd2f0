# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps up to a request that is paid for: price, pictures, intent, submission.

There is one for each picture that is cut out first, see :mod:`.cutting`, and one for the mesh.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

from ..cut_out import CUT_OUT_MODEL
from ..errors import (
    ApiError,
    AuthError,
    BudgetError,
    DiskError,
    NetworkError,
    NoCredits,
    NotFound,
    ProtocolError,
    RateLimited,
    Rejected,
    ServerError,
    Unanswered,
)
from ..files import probe
from ..ledger.job import Job, State
from ..names import longest_name
from ..text import amount
from ..values import PLACEHOLDER, Activity, AssetId, SourceImage
from .cutting import LOOK_AGAIN_S, begin_cut_out, could_not, forget_lost
from .env import Env, back_off_s
from .pricing import PRICE_AGE_S, cut_out_price, cut_outs_to_pay, needs_pictures, price_of, send_pictures

__all__ = ["claim", "hold_back", "sent_to", "start", "submit", "waiting_for_credits"]

_TOLD_RISE: Final = Decimal("1.1")
"""A price that has risen by more than a tenth is told."""


def start(job: Job, env: Env) -> Job:
    """NEW: ask for the price, then send the pictures and the mesh."""
    if job.quoted_at is None:
        return _price(job, env)
    if job.quote_cu is not None:
        env.budget.reserve(job, env.ledger)
    return job.moved(State.UPLOADED, assets=_send(job, env))


def _send(job: Job, env: Env, *, afresh: bool = False) -> dict[str, AssetId]:
    return send_pictures(
        job.order,
        client=env.client,
        ledger=env.ledger,
        scope=job.scope,
        progress=lambda activity: env.report(job.id, activity),
        wait=env.wait,
        afresh=afresh,
    )


def _price(job: Job, env: Env) -> Job:
    env.report(job.id, Activity("asking for the price"))
    try:
        priced = _priced(job, env)
    except Rejected as error:
        if not needs_pictures(error):
            raise
        # Perhaps it has to see the picture first: asked again when that is there.
        return job.moved(State.NEW, quoted_at=env.now(), quote_cu=None)
    priced = priced.moved(State.NEW)
    return priced if priced.quote_cu is None else _reserved(priced, env)


def _priced(job: Job, env: Env) -> Job:
    """Ask what a job costs, unless the like has just been asked, and note it.

    :raises Rejected: the service may want to see the pictures first.
    """
    order, to_pay = job.order, _to_pay(job, env)
    quote_cu, quoted_at = _asked(env, order.price_key, lambda: price_of(order, env.client, assets=job.assets or None))
    each_cu: Decimal | None = None
    if to_pay:
        image = job.assets.get(to_pay[0].sha256, PLACEHOLDER)
        each_cu, at = _asked(env, CUT_OUT_MODEL, lambda: cut_out_price(env.client, image=image))
        quote_cu = None if quote_cu is None or each_cu is None else quote_cu + len(to_pay) * each_cu
        quoted_at = min(quoted_at, at)
    if quote_cu is not None:
        quote_cu += job.cut_out_spent_cu
    return _quoted(replace(job, cut_out_cu=each_cu, cut_out_count=len(to_pay)), quote_cu, quoted_at)


def _to_pay(job: Job, env: Env) -> tuple[SourceImage, ...]:
    return cut_outs_to_pay(job.order, env.ledger, scope=job.scope, assets=job.assets)


def _asked(env: Env, key: str, ask: Callable[[], Decimal | None]) -> tuple[Decimal | None, float]:
    return (ask(), env.now()) if env.prices is None else env.prices.price_of(key, ask)


def _with_a_folder(job: Job, env: Env) -> Job:
    """Give the job a folder that can be written, looked at before it is paid for.

    :raises DiskError: it cannot, and there is no other.
    """
    folder = job.order.folder
    try:
        probe(folder, longest_name(job.order.name, folder))
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        if env.own_folder in (None, folder):
            raise DiskError(f"{folder} cannot be written ({reason}): choose another folder.") from error
        return sent_to(job, env.own_folder, f"{folder} cannot be written ({reason})")
    return job


def _quoted(job: Job, quote_cu: Decimal | None, quoted_at: float) -> Job:
    """Note the price of this moment, and a word about one that has risen."""
    last_cu, notice = job.quote_cu, job.notice
    if last_cu is not None and quote_cu is not None and quote_cu > last_cu * _TOLD_RISE:
        notice = f"The price has risen from {amount(last_cu)} to {amount(quote_cu)}."
    return replace(job, quote_cu=quote_cu, quoted_at=quoted_at, notice=notice)


def _reserved(job: Job, env: Env) -> Job:
    """Set the price of a job aside, or have it wait for the user because it must not cost so much."""
    try:
        env.budget.reserve(job, env.ledger)
    except (BudgetError, NoCredits) as error:
        return job.delayed(error, wait_s=None)
    return job


def _is_stale(job: Job, env: Env) -> bool:
    """Whether the price may be another one by now, or the service may be gone: nothing is sent blindly then."""
    if env.prices is not None and job.quoted_at is not None and env.prices.has_expired(job.quoted_at):
        return True
    return job.quote_cu is None or job.quoted_at is None or abs(env.now() - job.quoted_at) > PRICE_AGE_S


def claim(job: Job, env: Env) -> Job:
    """UPLOADED: the intent to submit; it is in the ledger before anything is sent."""
    job = _completed(job, env)
    if _is_stale(job, env) or len(_to_pay(job, env)) != job.cut_out_count:
        try:
            job = _priced(job, env)
        except (NotFound, Rejected) as error:
            return _refused(job, env, error)
    job = _reserved(_with_a_folder(job, env), env)
    if job.is_held:
        return job
    if (begun := begin_cut_out(job, env)) is None:
        return job.moved(State.UPLOADED, wait_s=LOOK_AGAIN_S, failures=job.failures)
    if begun.state is State.RUNNING:
        return begun
    job = begun
    if not env.ledger.claim_input(job) and job.order.files():
        # Another job has asked for exactly this. Should the answer be lost, files of its own tell them apart.
        job = replace(job, assets={**job.assets, **_send(job, env, afresh=True)})
        if not env.ledger.claim_input(job):  # the service knows a file by its content, and gave it the same id again
            env.ledger.share_input(job)
    env.budget.book(job, env.ledger)
    # Failures to reach the service are counted on, or nothing would ever lose patience with them.
    return job.moved(State.SUBMITTING, submitted_at=env.now(), failures=job.failures)


def _completed(job: Job, env: Env) -> Job:
    """The job with all that the service has of its files, also what others have had cut out meanwhile."""
    known = {i.asset_key: env.ledger.cut_outs.asset(job.scope, i.sha256) for i in job.order.to_cut_out(job.assets)}
    assets = {**job.assets, **{key: asset_id for key, asset_id in known.items() if asset_id is not None}}
    if any(file.sha256 not in assets and file.asset_key not in assets for file in job.order.files()):
        assets.update(_send(job, env))
    return replace(job, assets=assets)


def submit(job: Job, env: Env) -> Job:
    """SUBMITTING: the one request that is paid for. Sent once; a lost answer is never answered by sending again."""
    env.report(job.id, Activity("submitting"))
    try:
        done = env.client.submit(*job.request)
    except RateLimited as error:
        env.throttle.hear(error)
        env.expire_prices()
        wait_s = error.retry_after_s if error.retry_after_s is not None else 30.0
        unsent = job.moved(State.UPLOADED, submitted_at=None, quoted_at=None)
        return unsent.delayed(error, wait_s=max(1.0, wait_s))
    except (Unanswered, ServerError, ProtocolError) as error:
        env.expire_prices()
        return job.moved(State.UNCERTAIN).delayed(error, wait_s=2.0)
    except NetworkError as error:  # it never left this machine
        unsent = job.moved(State.UPLOADED, failures=job.failures, submitted_at=None)
        return unsent.delayed(error, wait_s=back_off_s(job, None))
    except AuthError as error:
        return job.moved(State.UPLOADED, submitted_at=None).delayed(error, wait_s=None)
    except NoCredits as error:
        return waiting_for_credits(job.moved(State.UPLOADED, submitted_at=None), env, error)
    except (NotFound, Rejected) as error:
        return _refused(job, env, error)
    except ApiError as error:
        return _given_up(job, error)
    if done.cost_cu not in (None, job.due_cu):
        env.expire_prices()
    running = job.running(done.remote_id, billed_cu=job.spent(done.cost_cu))
    return replace(running, wait_s=env.asking.pause_s(running, env.now()))


def hold_back(job: Job, env: Env) -> Job:
    """SUBMITTING: take the intent back, because nothing may be sent for a while. Nothing was."""
    return job.moved(State.UPLOADED, submitted_at=None, failures=job.failures)


def waiting_for_credits(job: Job, env: Env, error: NoCredits) -> Job:
    """Have a job wait until the account has credits again; others need not find out for themselves."""
    env.budget.empty = error
    return replace(job, quoted_at=None).delayed(error, wait_s=None)


def _refused(job: Job, env: Env, error: ApiError) -> Job:
    """Fail the job and forget its files: the service may no longer have one that was uploaded earlier."""
    for file in job.order.files():
        env.ledger.forget_asset(job.scope, file.sha256)
    forget_lost(job, env)
    return _given_up(job, error)


def _given_up(job: Job, error: ApiError) -> Job:
    """Fail the job, and say so if it is a picture that is the reason."""
    if job.cut_out is None:
        return job.failed(error)
    return replace(job.failed(error), error=could_not(job, error))


def sent_to(job: Job, folder: Path, why: str) -> Job:
    """Send a job's file to another folder, and say so."""
    return replace(job, order=replace(job.order, folder=folder), notice=f"{why}: the mesh is kept in {folder}.")
