# SPDX-License-Identifier: GPL-3.0-or-later
"""One result: its picture, what it is, how it stands, the two things most likely to be done with it, and the menu."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .....engine.ledger.job import Job, State
from .....engine.models.seeds import maker_of
from .....engine.pipeline.actions import is_above_limit
from .....engine.text import amount
from ....app.session import session
from ....delivery.imports import is_obtainable
from ....delivery.pictured import is_chosen
from ....delivery.portraits import portraits
from ....layout.wrapping import room_px, without_stop, wrapped
from ....words.language import translated
from ...previews import icon_of_file
from .facts import cost_of, differences, facts_of, where
from .words import error_of, has_no_place, progress_of, search_of, settled_words, waiting_words

if TYPE_CHECKING:
    import bpy

    from ....variants.whereabouts import Whereabouts

__all__ = ["draw_result", "draw_source"]

_PICTURE: Final = 2.0
"""Heights of a button."""
_LINE: Final = 0.8
"""The height of a line of words, in heights of a button."""
_ICONS: Final = {
    State.IMPORTED: "CHECKMARK",
    State.READY: "IMPORT",
    State.FAILED: "ERROR",
    State.CANCELLED: "CANCEL",
    State.UNCERTAIN: "QUESTION",
}


def draw_result(layout: Any, context: bpy.types.Context, job: Job, before: Job | None, *, is_alone: bool) -> None:
    """Draw a result.

    :param before: the job before it that was made of the same.
    :param is_alone: whether it stands for itself: then its name comes first.
    """
    place = where(job, context.scene)
    row = layout.row()
    side = row.column()
    side.ui_units_x = _PICTURE
    _draw_picture(side, job)
    column = row.column(align=True)
    first = column.row(align=True)
    buttons = _buttons(job, place)
    maker = translated(maker_of(job.order)).replace(", seed ", ", seed\N{NO-BREAK SPACE}")
    if is_alone:
        first.label(text=job.order.name, translate=False)
        _draw_lines(column, maker, is_faint=True)
    else:
        lines = wrapped(maker, room_px(_PICTURE + len(buttons)), room_px(_PICTURE))
        first.label(text=lines[0], translate=False)
        for line in lines[1:]:
            _draw_lines(column, line)
    for name, icon in buttons:
        button = first.operator(name, text="", icon=icon, emboss=False)
        button.job_id = job.id
    _draw_state(column, job, before, place)
    if job.order.gives_picture and is_chosen(job, context.scene):
        _draw_lines(column, "Chosen as the source")


def draw_source(layout: Any, job: Job, name: str) -> None:
    """Draw what a job was made of, and its name."""
    path = portraits().source(job)
    icon = icon_of_file(path) if path is not None else 0
    if icon:
        layout.label(text=name, icon_value=icon, translate=False)
    else:
        layout.label(text=name, icon="IMAGE_DATA" if job.order.images() else "TEXT", translate=False)


def _draw_picture(layout: Any, job: Job) -> None:
    """Draw the picture of a result: its own, else that of what it was made of, else how it stands."""
    shown = portraits()
    own = job.file.path if job.file is not None and job.order.gives_picture else None
    path = shown.of(job) or own or shown.source(job)
    icon = icon_of_file(path) if path is not None else 0
    if icon:
        layout.template_icon(icon, scale=_PICTURE)
    else:
        layout.label(text="", icon=_ICONS.get(job.state, "MESH_MONKEY"))


def _buttons(job: Job, place: Whereabouts | None) -> list[tuple[str, str]]:
    """The operators at a row's end, with their icons: two at most, and the menu."""
    menu = ("scenario.job_menu", "DOWNARROW_HLT")
    again, remove = ("scenario.generate_again", "FILE_REFRESH"), ("scenario.dismiss", "X")
    if session.jobs.is_active(job):
        return [("scenario.cancel", "X"), menu]
    if job.state is State.UNCERTAIN:
        return [menu]
    is_picture, can_come = job.order.gives_picture, is_obtainable(job)
    importing = ("scenario.use_picture", "IMAGE_DATA") if is_picture else ("scenario.import_result", "IMPORT")
    if session.jobs.is_stuck(job):
        first = [importing] if job.state is State.READY and can_come else [remove]
        return [("scenario.resume", "FILE_REFRESH"), *first, menu]
    if job.state in (State.FAILED, State.CANCELLED):
        return [importing if can_come else again, remove, menu]
    if place is not None and place.is_here:
        return [("scenario.show_result", "HIDE_ON" if place.is_hidden else "HIDE_OFF"), again, menu]
    return [*([importing] if can_come else []), again, menu]


def _draw_state(column: Any, job: Job, before: Job | None, place: Whereabouts | None) -> None:
    if job.state is State.UNCERTAIN:
        _draw_uncertain(column, job)
    elif job.state is State.FAILED or job.error:
        _draw_lines(column, error_of(job), is_alert=not session.jobs.is_active(job))
        _draw_lines(column, cost_of(job), is_faint=True)
        _draw_offer(column, job)
    elif job.is_settled or job.state is State.READY:
        there = place.words if place is not None and job.state is State.IMPORTED else ""
        _draw_lines(column, ", ".join(filter(None, (facts_of(job, before), translated(there)))), is_faint=True)
        if job.state is not State.IMPORTED:
            _draw_lines(column, settled_words(job), is_faint=not has_no_place(job))
    else:
        _draw_progress(column, job, before)
    if job.notice:
        _draw_lines(column, job.notice)


def _draw_progress(column: Any, job: Job, before: Job | None) -> None:
    words, factor = progress_of(job)
    column.progress(factor=factor, type="BAR", text=translated(words))
    _draw_lines(column, ", ".join(filter(None, (*differences(job, before), translated(cost_of(job))))), is_faint=True)
    if not session.jobs.is_active(job):
        _draw_lines(column, waiting_words(job))


def _draw_uncertain(column: Any, job: Job) -> None:
    """Draw that it may have been paid for: that comes first, whatever keeps from finding out."""
    _draw_lines(column, job.words.capitalize(), is_alert=True)
    _draw_lines(column, search_of(job))
    _draw_lines(column, cost_of(job), is_faint=True)
    row = column.row(align=True)
    row.enabled = session.jobs.can_ask(job) and not session.jobs.is_asked(job.id)
    row.operator("scenario.resume", text="Look Again", icon="VIEWZOOM").job_id = job.id
    row.operator("scenario.submit_again", icon="FILE_REFRESH").job_id = job.id


def _draw_offer(column: Any, job: Job) -> None:
    """Offer to order at a price above the limit, where that is what keeps it."""
    if is_above_limit(job):
        text = translated(f"Order for {amount(job.quote_cu or Decimal(0))}")
        column.operator("scenario.allow_price", text=text, icon="PLAY").job_id = job.id


def _draw_lines(column: Any, text: str, *, is_alert: bool = False, is_faint: bool = False) -> None:
    """Draw all of a text, in red or in grey."""
    if not text:
        return
    room = room_px(_PICTURE)
    part = column.column(align=True)
    part.alert, part.active, part.scale_y = is_alert, not is_faint, _LINE
    for line in wrapped(without_stop(translated(text)), room, room):
        part.label(text=line, translate=False)
