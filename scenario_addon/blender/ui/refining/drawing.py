# SPDX-License-Identifier: GPL-3.0-or-later
"""How the form of a mesh that is to be changed looks."""

from __future__ import annotations

from typing import Any, Final

import bpy

from ....engine.errors import ScenarioError
from ....engine.text import duration
from ...form import parameters
from ...form.properties import scene_settings
from ...layout.wrapping import draw_sentence
from ...request.form import Form
from ...words.language import translated
from .opening import Opening

__all__ = ["draw_form"]

_ROOM_PX: Final = 370


def draw_form(layout: Any, context: bpy.types.Context, operator: Any, opening: Opening) -> None:
    """Draw all of the popup: the model, what goes in, what it is asked for, what that costs.

    :param operator: holds whether the picture goes in.
    """
    form, settings, model = opening.form(context), scene_settings(context.scene), opening.model
    layout.menu("SCENARIO_MT_refine_models", text=model.name if model else "Choose a Model", icon="MESH_MONKEY")
    if form.model is None:
        draw_sentence(layout, form.problem or "", icon="INFO", room_px=_ROOM_PX)
        return
    try:
        draw_sentence(layout, f"{opening.given.words(form.model)}.", icon="MESH_DATA", room_px=_ROOM_PX)
    except ScenarioError:  # which is said below
        layout.label(text=opening.given.name, icon="MESH_DATA", translate=False)
    _draw_picture(layout, operator, form)
    if form.model.prompt is not None:
        layout.prop(settings, "prompt")
    stored = parameters.settings_of(settings.models, form.model.id)
    wanted = parameters.drawable(form.model)
    if stored is not None and wanted:
        count = len(form.planned.items)
        parameters.draw(layout.column(), stored, form.model, wanted, picture_count=count)
    for note in form.notes:
        draw_sentence(layout, note, icon="INFO", room_px=_ROOM_PX)
    _draw_price(layout, form)


def _draw_picture(layout: Any, operator: Any, form: Form) -> None:
    """Draw which picture goes in, where the model takes one."""
    source = form.model.source if form.model is not None else None
    if source is None:
        return
    row = layout.row()
    words = form.source.words if form.planned.items else "none"
    if not source.need.always:
        row.prop(operator, "with_picture", text="")
    row.label(text=f"{translated(source.label)}: {translated(words)}", icon="IMAGE_DATA")


def _draw_price(layout: Any, form: Form) -> None:
    """Draw what it costs, or why it cannot be ordered."""
    if form.problem:
        draw_sentence(layout, form.problem, icon="ERROR", is_alert=True, room_px=_ROOM_PX)
        return
    assert form.model is not None
    bill = form.bill
    words = [str(form.model.refinement), bill.label if bill is not None else "asking for the price"]
    if form.expected_s:
        words.append(f"about {duration(form.expected_s)}")
    layout.label(text="   ".join(map(translated, words)), icon="PLAY")
    price = form.price
    if price is not None and price.wants_pictures:
        told = "The service names the price once it has the mesh, before it charges."
        draw_sentence(layout, told, icon="INFO", room_px=_ROOM_PX)
    elif price is not None and price.error:
        draw_sentence(layout, price.error, icon="ERROR", room_px=_ROOM_PX)
    if form.is_over_limit:
        draw_sentence(layout, form.limit_question, icon="INFO", room_px=_ROOM_PX)
