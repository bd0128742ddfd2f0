# SPDX-License-Identifier: GPL-3.0-or-later
"""How a job stands, in words, and what is being done about it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from .....engine.errors import NoCredits, Unanswered
from .....engine.ledger.job import Job, State
from .....engine.pipeline.steps import LOOKS
from .....engine.text import duration, sentences, shortened
from ....app.config import account_name, is_online_allowed
from ....app.session import session
from ....delivery.conversions import is_converting
from ....delivery.delivery import awaits_delivery
from ....delivery.homes import is_homeless, scene_of

if TYPE_CHECKING:
    from .....engine.values import Activity

__all__ = ["error_of", "has_no_place", "progress_of", "search_of", "settled_words", "waiting_words"]

_SHOWN_BYTES: Final = 100_000
"""Smaller transfers are over before anybody reads how far they are."""
_STILL_S: Final = 60.0
"""So long a progress may stand before that is worth a word."""
_QUEUED: Final = frozenset({"pending", "queued"})
"""The service's words for what it has not begun."""


def progress_of(job: Job) -> tuple[str, float]:
    """Words and a fraction for a job under way."""
    activity = session.jobs.activity(job.id)
    if activity is not None and activity.fraction is not None:
        return _transfer(activity), activity.fraction
    if job.state is State.RUNNING:
        return _running(job)
    return job.words.capitalize(), 0.0


def _transfer(activity: Activity) -> str:
    words, total_bytes = activity.text.capitalize(), activity.total_bytes or 0
    if total_bytes < _SHOWN_BYTES:
        return words
    return f"{words}, {activity.done_bytes / 1e6:.1f} of {total_bytes / 1e6:.1f} MB"


def _running(job: Job) -> tuple[str, float]:
    """The same for a job at the service; progress that is not told is estimated from the usual time."""
    remaining_s = job.remaining_s(time.time())
    left = f", about {duration(remaining_s)} left" if remaining_s else ""
    if (job.remote_word or "").lower() in _QUEUED and not job.progress:
        return "Waits in the service's queue", 0.0
    if job.progress and (heard := _last_heard(job)):
        return f"{job.progress:.0%}, {heard}", job.progress
    if job.progress:
        return f"{job.progress:.0%}{left}", job.progress
    if remaining_s and job.order.expected_s:
        return f"Being made{left}", max(0.0, 1.0 - remaining_s / job.order.expected_s)
    return "Being made", 0.0


def _last_heard(job: Job) -> str:
    """Say of a job whose progress stands still that it is alive all the same; "" where it moves, or nobody knows."""
    now = time.time()
    if job.progress_at is None or job.heard_at is None or now - job.progress_at < _STILL_S:
        return ""
    return f"last heard of {duration(now - job.heard_at)} ago"


def settled_words(job: Job) -> str:
    """How a job stands that came to nothing, or whose mesh has yet to come in."""
    if job.state is State.READY:
        here = "Being prepared" if awaits_delivery(job) and is_converting(job) else "Ready to import"
        elsewhere = "Its scene is gone" if is_homeless(job) else "Ready, made for another file"
        return elsewhere if has_no_place(job) else here
    return job.words.capitalize()


def waiting_words(job: Job) -> str:
    """Why nothing is being done here about a job that is under way."""
    if session.jobs.can_ask(job):
        return "Carried on by another Blender"
    if not is_online_allowed():
        return session.offline_reason or ""
    if name := account_name(job.scope):
        return f"Waits for the account {name}, which is not in use"
    unknown = "Waits for the key and project that it was ordered with: add them as an account in the preferences"
    return session.access_problem or unknown


def has_no_place(job: Job) -> bool:
    """Whether it waits for its file to be opened, or for somebody to say where it goes now that its scene is gone."""
    return job.state is State.READY and not job.error and scene_of(job) is None


def error_of(job: Job) -> str:
    """What went wrong, and what is being done about it."""
    told = shortened(sentences(job.error, job.hint))
    if job.error_kind == NoCredits.__name__ and session.empty_account:  # the top says it
        told = "Waits for credits: Try Again goes on with it."
    elif session.jobs.is_active(job):
        told = sentences(told, _what_follows(job))
    elif not job.is_settled and is_online_allowed() and not session.jobs.can_ask(job):
        told = sentences(told, waiting_words(job))
    return told


def search_of(job: Job) -> str:
    """What is being done to find an order that got no answer."""
    looking = None
    if session.jobs.is_active(job):
        was_reached = job.error_kind == Unanswered.__name__ and job.failures
        end = f"({job.failures + 1} of {LOOKS + 1})" if was_reached else "until the service answers"
        looking = f"Looking again {_when(job)} {end}." if job.error else "Looking for it."
    return sentences(shortened(job.error or ""), looking)


def _what_follows(job: Job) -> str:
    if job.state is State.READY:
        return "Another of its formats is tried."
    return f"Trying again {_when(job)}, until it works."


def _when(job: Job) -> str:
    due_in_s = session.jobs.due_in_s(job.id)
    return f"in {duration(due_in_s)}" if due_in_s else "now"
