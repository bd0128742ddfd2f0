# SPDX-License-Identifier: GPL-3.0-or-later
"""The button that orders, with what it costs, and what keeps it from being pressed."""

from __future__ import annotations

import bpy

from ....engine.ledger.job import State
from ....engine.text import amount, duration
from ...app.session import session
from ...layout.wrapping import draw_sentence
from ...request.reading import Form, unsure_what_was_ordered

__all__ = ["draw_button"]


def draw_button(layout: bpy.types.UILayout, form: Form) -> None:
    words = ["Generate"]
    if form.price is not None:
        words.append(amount(form.price.cost_cu) if form.price.cost_cu is not None else "(price unknown)")
    if form.model is not None and form.model.expected_s:
        words.append(f"about {duration(form.model.expected_s)}")
    column = layout.column()
    row = column.row()
    row.scale_y = 1.8
    row.operator_context = "INVOKE_DEFAULT"  # in this region: elsewhere it asks, since nobody sees the price there
    row.operator("scenario.generate", text="   ".join(words), icon="MESH_MONKEY")
    if form.problem and form.problem not in (session.offline_reason, unsure_what_was_ordered()):  # the top says those
        draw_sentence(column, form.problem, icon="INFO")
    elif form.price is not None and form.price.wants_pictures:
        draw_sentence(column, "The service names the price once it has the picture, before it charges.", icon="INFO")
        if session.prices.wants_pictures:
            column.operator("scenario.ask_price", icon="EXPORT")
    elif form.price is not None and form.price.error and form.price.error != session.refused_key:
        draw_sentence(column, form.price.error, icon="ERROR")
    for job in session.jobs.values():
        if job.state is State.UNCERTAIN:
            draw_sentence(column, f"{job.order.name}: {job.words}.", icon="ERROR", is_alert=True)
