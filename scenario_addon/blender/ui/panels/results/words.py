# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs in the panel: what each one is doing, in words, and what can be done with it."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import bpy

from ....engine.errors import NoCredits, Unanswered
from ....engine.ledger.job import Job, State
from ....engine.pipeline.actions import is_above_limit
from ....engine.pipeline.steps import LOOKS
from ....engine.text import amount, duration, sentences, shortened
from ...app.session import session
from ...delivery.conversions import is_converting
from ...delivery.delivery import awaits_delivery
from ...delivery.homes import is_homeless, scene_of
from ...delivery.imports import is_importable
from ...layout.wrapping import draw_sentence
from ..previews import icon_of_file
from .facts import facts_of, is_in_scene, predecessors, result_of
from .variants import draw_variants

if TYPE_CHECKING:
    from ....engine.values import Activity

__all__ = ["draw_jobs"]

_SHOWN_JOBS: Final = 5
"""How many of the latest are shown until all are asked for."""
_SHOWN_BYTES: Final = 100_000
"""Smaller transfers are over before anybody reads how far they are."""
_STILL_S: Final = 60.0
"""So long a progress may stand before that is worth a word."""
_QUEUED: Final = frozenset({"pending", "queued"})
"""The service's words for what it has not begun."""
_ICONS: Final = {
    State.IMPORTED: "CHECKMARK",
    State.READY: "IMPORT",
    State.FAILED: "ERROR",
    State.CANCELLED: "CANCEL",
    State.UNCERTAIN: "QUESTION",
}


def draw_jobs(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the jobs, the latest first, and above them the variants of the active object."""
    draw_variants(layout, context)
    manager: Any = context.window_manager
    jobs = list(session.jobs.values())[::-1]
    before = predecessors(session.jobs.values())
    if sum(session.jobs.is_stuck(job) for job in jobs) > 1:
        layout.operator("scenario.resume", text="Try All Again", icon="FILE_REFRESH")
    for job in jobs if manager.scenario_shows_all_jobs else jobs[:_SHOWN_JOBS]:
        _draw_job(layout.box().column(align=True), job, before.get(job.id))
    if len(jobs) > _SHOWN_JOBS:
        layout.prop(manager, "scenario_shows_all_jobs", toggle=True)


def _draw_job(column: bpy.types.UILayout, job: Job, before: Job | None) -> None:
    row = column.row(align=True)
    images = job.order.images()
    icon = icon_of_file(images[0].path) if images else 0
    if icon:
        row.label(text=job.order.name, icon_value=icon)
    else:
        row.label(text=job.order.name, icon=_ICONS.get(job.state, "MESH_MONKEY"))  # pyright: ignore[reportArgumentType]
    _draw_buttons(row, job)
    if job.state is State.UNCERTAIN:
        _draw_uncertain(column, job)
    elif job.state is State.FAILED or job.error:
        _draw_error(column, job)
    elif job.is_settled or job.state is State.READY:
        column.label(text=_settled_words(job), icon=_ICONS.get(job.state, "NONE"))  # pyright: ignore[reportArgumentType]
        _draw_facts(column, job, before)
        if _has_no_place(job):
            column.operator("scenario.import_result", text="Import Here", icon="IMPORT").job_id = job.id
    else:
        _draw_progress(column, job, before)
    if job.notice:
        draw_sentence(column, job.notice, icon="INFO")


def _draw_buttons(row: bpy.types.UILayout, job: Job) -> None:
    row = row.row(align=True)
    row.alignment = "RIGHT"
    if session.jobs.is_stuck(job):
        _button(row, "scenario.resume", job, "FILE_REFRESH")
    if is_importable(job) and not _has_no_place(job):
        _button(row, "scenario.import_result", job, "IMPORT")
    if job.state is State.IMPORTED:
        _button(row, "scenario.place_result", job, "OBJECT_ORIGIN")
    if job.file is not None:
        _button(row, "scenario.show_file", job, "FILE_FOLDER")
    _button(row, "scenario.job_menu", job, "DOWNARROW_HLT")
    if session.jobs.is_active(job):
        _button(row, "scenario.cancel", job, "CANCEL")
    else:
        _button(row, "scenario.dismiss", job, "X")


def _button(row: bpy.types.UILayout, operator: str, job: Job, icon: str) -> None:
    row.operator(operator, text="", icon=icon).job_id = job.id  # pyright: ignore[reportArgumentType]


def _draw_progress(column: bpy.types.UILayout, job: Job, before: Job | None) -> None:
    activity = session.jobs.activity(job.id)
    words, factor = job.words.capitalize(), 0.0
    if activity is not None and activity.fraction is not None:
        words, factor = _transfer(activity), activity.fraction
    elif job.state is State.RUNNING:
        words, factor = _running(job)
    column.progress(factor=factor, type="BAR", text=words)
    _draw_facts(column, job, before)
    if not session.jobs.is_active(job):
        reason = session.offline_reason or "Carried on by another Blender, or with another key"
        draw_sentence(column, reason, icon="INFO")


def _transfer(activity: Activity) -> str:
    words, total_bytes = activity.text.capitalize(), activity.total_bytes or 0
    if total_bytes < _SHOWN_BYTES:
        return words
    return f"{words}, {activity.done_bytes / 1e6:.1f} of {total_bytes / 1e6:.1f} MB"


def _running(job: Job) -> tuple[str, float]:
    """Words and a fraction for a job at the service; progress that is not told is estimated from the usual time."""
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


def _settled_words(job: Job) -> str:
    words = job.words.capitalize()
    if job.state is State.IMPORTED:
        there = words if is_in_scene(job) else "Was brought in before"
        return ", ".join(filter(None, (there, result_of(job))))
    if job.state is State.READY:
        here = "Being prepared" if awaits_delivery(job) and is_converting(job) else "Ready to import"
        elsewhere = "Its scene is gone" if is_homeless(job) else "Ready, made for another file"
        words = elsewhere if _has_no_place(job) else here
    return words


def _has_no_place(job: Job) -> bool:
    """Whether it waits for its file to be opened, or for somebody to say where it goes now that its scene is gone."""
    return job.state is State.READY and not job.error and scene_of(job) is None


def _draw_facts(column: bpy.types.UILayout, job: Job, before: Job | None = None) -> None:
    row = column.row()
    row.active = False
    row.label(text=facts_of(job, before), icon="BLANK1")


def _draw_error(column: bpy.types.UILayout, job: Job) -> None:
    is_active = session.jobs.is_active(job)
    said = sentences(job.error, job.hint)
    told = sentences(shortened(said), _what_follows(job) if is_active else None)
    if job.error_kind == NoCredits.__name__ and session.empty_account:  # the top says it
        told = "Waits for credits: Try Again goes on with it."
    draw_sentence(column, told, icon="ERROR", is_alert=not is_active)
    _draw_facts(column, job)
    if is_above_limit(job):
        text = f"Order for {amount(job.quote_cu or Decimal(0))}"
        column.operator("scenario.allow_price", text=text, icon="PLAY").job_id = job.id
    _draw_copy(column, said)


def _draw_uncertain(column: bpy.types.UILayout, job: Job) -> None:
    """Draw that it may have been paid for: that comes first, whatever keeps from finding out."""
    draw_sentence(column, job.words.capitalize(), icon="ERROR", is_alert=True)
    looking = None
    if session.jobs.is_active(job):
        was_reached = job.error_kind == Unanswered.__name__ and job.failures
        end = f"({job.failures + 1} of {LOOKS + 1})" if was_reached else "until the service answers"
        looking = f"Looking again {_when(job)} {end}." if job.error else "Looking for it."
    draw_sentence(column, sentences(shortened(job.error or ""), looking), icon="INFO")
    _draw_facts(column, job)
    row = column.row(align=True)
    row.enabled = session.jobs.can_ask(job) and not session.jobs.is_asked(job.id)
    row.operator("scenario.resume", text="Look Again", icon="VIEWZOOM").job_id = job.id
    row.operator("scenario.submit_again", icon="FILE_REFRESH").job_id = job.id
    if job.error:
        _draw_copy(column, job.error)


def _draw_copy(column: bpy.types.UILayout, said: str) -> None:
    """Offer the whole of a message, which the list may cut."""
    column.operator("scenario.copy_text", text="Copy Message", icon="COPYDOWN").text = said


def _what_follows(job: Job) -> str:
    """Say what is being done about an error."""
    if job.state is State.READY:
        return "Another of its formats is tried."
    return f"Trying again {_when(job)}, until it works."


def _when(job: Job) -> str:
    due_in_s = session.jobs.due_in_s(job.id)
    return f"in {duration(due_in_s)}" if due_in_s else "now"
