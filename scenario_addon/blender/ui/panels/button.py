# SPDX-License-Identifier: GPL-3.0-or-later
"""The button that orders, with what it costs, and what keeps it from being pressed."""

from __future__ import annotations

import bpy

from ....engine.ledger.job import State
from ....engine.text import duration
from ...account.balance import shortfall
from ...app.session import session
from ...layout.wrapping import draw_sentence
from ...request.reading import Form, unsure_what_was_ordered

__all__ = ["draw_button"]


def draw_button(layout: bpy.types.UILayout, form: Form) -> None:
    words = ["Generate" if form.count == 1 else f"Generate {form.count}"]
    if (bill := form.bill) is not None:
        words.append(bill.label)
    if form.expected_s:
        words.append(f"about {duration(form.expected_s)}")
    column = layout.column()
    row = column.row()
    row.scale_y = 1.8
    row.operator_context = "INVOKE_DEFAULT"  # in this region: elsewhere it asks, since nobody sees the price there
    row.operator("scenario.generate", text="   ".join(words), icon="MESH_MONKEY")
    if form.problem and form.problem not in (session.offline_reason, unsure_what_was_ordered()):  # the top says those
        draw_sentence(column, form.problem, icon="INFO")
    if bill is not None and (told := shortfall(bill.known_cu)):  # no more than said: the service has the last word
        draw_sentence(column, told, icon="ERROR")
    _draw_unpriced(column, form)
    for job in session.jobs.values():
        if job.state is State.UNCERTAIN:
            draw_sentence(column, f"{job.order.name}: {job.words}.", icon="ERROR", is_alert=True)


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
