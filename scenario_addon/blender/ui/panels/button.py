# SPDX-License-Identifier: GPL-3.0-or-later
"""The button that orders, with what it costs, and what keeps it from being pressed."""

from __future__ import annotations

from typing import Final

import bpy

from ....engine.ledger.job import State
from ....engine.text import duration
from ...account.balance import shortfall
from ...app.session import session
from ...layout.names import content_px
from ...layout.wrapping import draw_sentence, scale, text_px
from ...request.reading import Form, unsure_what_was_ordered
from ...words.language import translated

__all__ = ["draw_button"]

_GAP: Final = "   "
_BESIDE_PX: Final = 44
"""What the button has beside its text, at a scale of 1: the icon, edges."""


def draw_button(layout: bpy.types.UILayout, form: Form) -> None:
    column = layout.column()
    row = column.row()
    row.scale_y = 1.8
    row.operator_context = "INVOKE_DEFAULT"  # in this region: elsewhere it asks, since nobody sees the price there
    row.operator("scenario.generate", text=_label(form), icon="MESH_MONKEY")
    if form.problem and form.problem not in (session.offline_reason, unsure_what_was_ordered()):  # the top says those
        draw_sentence(column, form.problem, icon="INFO")
    bill = form.bill
    if bill is not None and (told := shortfall(bill.known_cu)):  # no more than said: the service has the last word
        draw_sentence(column, told, icon="ERROR")
    _draw_unpriced(column, form)
    for job in session.jobs.values():
        if job.state is State.UNCERTAIN:
            draw_sentence(column, f"{job.order.name}: {job.words}.", icon="ERROR", is_alert=True)


def _label(form: Form) -> str:
    """Say what is made and what all of it costs, and for how long one waits where there is room for that."""
    made = "Generate" if form.count == 1 else f"Generate {form.count}"
    price = [form.bill.label] if form.bill is not None else []
    words = [f"{made} + {form.step.name}" if form.step else made, *price]
    words = [translated(text) for text in words]
    told = [*words, translated(f"about {duration(form.expected_s)}")] if form.expected_s else words
    if form.step is None:
        return _GAP.join(told)
    room_px = content_px() - _BESIDE_PX * scale()
    return next((text for one in (told, words) if text_px(text := _GAP.join(one)) <= room_px), _GAP.join(words))


def _draw_unpriced(layout: bpy.types.UILayout, form: Form) -> None:
    """Say why prices are not known."""
    unpriced = [one for one in form.forms if one.model is not None and one.price is not None]
    if any(one.price is not None and one.price.wants_pictures for one in unpriced):
        draw_sentence(layout, "The service names the price once it has the picture, before it charges.", icon="INFO")
        if session.prices.wants_pictures:
            layout.operator("scenario.ask_price", icon="EXPORT")
    for one in unpriced:
        problem = one.price.error if one.price is not None and not one.price.wants_pictures else None
        if problem and problem != session.refused_key:  # which the top says
            name = f"{one.model.name}: " if form.others and one.model is not None else ""
            draw_sentence(layout, f"{name}{problem}", icon="ERROR")
