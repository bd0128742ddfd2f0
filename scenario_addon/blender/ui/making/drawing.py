# SPDX-License-Identifier: GPL-3.0-or-later
"""How the form of a picture looks."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ....engine.text import duration
from ...app.session import session
from ...form import parameters
from ...form.properties import scene_settings
from ...layout.wrapping import draw_sentence
from ...request.form import Bill, Form
from ...request.making.models import chosen_model
from ...words.language import translated
from .opening import Opening

__all__ = ["draw_form"]

_ROOM_PX: Final = 370


def draw_form(layout: Any, context: bpy.types.Context, opening: Opening) -> None:
    """Draw all of the popup: what is done, by which model, with what, and the button with its price."""
    settings = scene_settings(context.scene)
    form, told = opening.form(context)
    layout.prop(settings.making, "work", text="")
    layout.menu("SCENARIO_MT_picture_models", text=_model_name(settings, form), icon="IMAGE_DATA")
    if form.model is None:
        draw_sentence(layout, form.problem or "", icon="INFO", room_px=_ROOM_PX)
        return
    if form.planned.items:
        layout.label(text=translated(f"Of {form.source.words}"), icon="IMAGE_REFERENCE")
    if form.model.prompt is not None:
        layout.prop(settings.making, "prompt")
    stored, wanted = parameters.settings_of(settings.models, form.model.id), parameters.drawable(form.model)
    if stored is not None and wanted:
        count = len(form.planned.items)
        parameters.draw(layout.column(), stored, form.model, wanted, picture_count=count)
    _draw_button(layout, form, told)


def _model_name(settings: Any, form: Form) -> str:
    if form.model is not None:
        return form.model.name
    wanted = chosen_model(settings.making)
    return next((model.name for model in session.models.picture_models() if model.id == wanted), "No Model")


def _draw_button(layout: Any, form: Form, told: str) -> None:
    """Draw what it costs and the button, or why there is none."""
    if form.problem:
        draw_sentence(layout, form.problem, icon="INFO", room_px=_ROOM_PX)
    price = form.price
    if price is not None and price.error and not price.wants_pictures:
        draw_sentence(layout, price.error, icon="ERROR", room_px=_ROOM_PX)
    layout.label(text=translated(told) or "Asking for the price", icon="NONE")
    if form.problem:
        return
    words = ["Make Picture"]
    if price is not None:
        words.append(Bill.of([(form, 1)]).label)
    if form.expected_s:
        words.append(f"about {duration(form.expected_s)}")
    row = layout.row()
    row.scale_y = 1.4
    # Blender closes the popup when this is pressed.
    button = row.template_popup_confirm(
        "scenario.make_picture", text="   ".join(map(translated, words)), cancel_text="", cancel_default=True
    )
    button.is_pressed = True
    button.source, button.image, button.filepath = form.source.kind, form.source.image, form.source.filepath
