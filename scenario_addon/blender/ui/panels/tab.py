# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab, top to bottom: the picture, the model, its parameters, where the mesh goes, the button, the jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ....engine.ledger.job import State
from ....engine.text import amount, duration
from ...app.session import session
from ...form import parameters
from ...form.properties import SCENARIO_PG_finish, SCENARIO_PG_scene, scene_settings
from ...form.wrapping import draw_sentence
from ...request.reading import Form, is_in_place, read, replaced, unsure_what_was_ordered
from .notices import draw_notices
from .pictures import draw_named, draw_pictures

if TYPE_CHECKING:
    from ....engine.models.model import Model

__all__ = ["draw_tab"]


def draw_tab(layout: Any, context: bpy.types.Context) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    draw_notices(layout)
    settings, form = scene_settings(context.scene), read(context)
    if form.model is None:
        if form.problem != session.problem:  # which the top says
            draw_sentence(layout, form.problem or "", icon="INFO")
        _draw_model(layout, None)
        return
    draw_pictures(layout, context, settings, form)
    _draw_model(layout, form.model)
    for note in form.notes:
        draw_sentence(layout, note, icon="INFO")
    if form.model.prompt is not None:
        layout.prop(settings, "prompt")
    _draw_parameters(layout, settings, form)
    _draw_placement(layout, context, settings, form)
    _draw_finish(layout, settings.finish)
    _draw_button(layout, form)


def _draw_model(layout: bpy.types.UILayout, model: Model | None) -> None:
    row = draw_named(layout, "Model")
    row.operator("scenario.choose_model", text=model.name if model else "Choose a Model")
    if model is not None and model.caution:
        draw_sentence(layout, model.caution.capitalize(), icon="INFO")


def _draw_parameters(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, form: Form) -> None:
    """Draw the few important ones, and the others folded away."""
    model = form.model
    stored = parameters.settings_of(settings.models, model.id) if model else None
    if model is None or stored is None:
        return
    count = len(form.planned.items)
    shown = parameters.important(model)
    parameters.draw(layout, stored, model, shown, picture_count=count)
    others = [p for p in parameters.drawable(model) if p not in shown]
    header, body = layout.panel("SCENARIO_parameters", default_closed=True)
    header.label(text="More Parameters" if others else "Parameters")
    if body is not None:
        parameters.draw(body, stored, model, others, picture_count=count)
        body.operator("scenario.reset_parameters", icon="LOOP_BACK")


def _draw_placement(
    layout: bpy.types.UILayout, context: bpy.types.Context, settings: SCENARIO_PG_scene, form: Form
) -> None:
    """Draw where the mesh goes; only what applies."""
    column = layout.column()
    column.prop(settings, "placement")
    originals = replaced(context, form) if is_in_place(form, settings) else None
    if originals is not None:
        draw_sentence(column, originals.sentence, icon="INFO")
    if originals is not None and originals.names:
        column.prop(settings, "stretch")
        column.prop(settings, "hide_source")
    else:
        column.prop(settings, "height")
    column.prop(settings, "origin")


def _draw_finish(layout: bpy.types.UILayout, finish: SCENARIO_PG_finish) -> None:
    header, body = layout.panel("SCENARIO_finish", default_closed=True)
    header.label(text="After Import")
    if body is None:
        return
    column = body.column()
    column.prop(finish, "target_triangles")
    column.prop(finish, "lods")
    row = column.row()
    row.enabled = not finish.shade_smooth  # which merges anyway
    row.prop(finish, "merge_vertices")
    column.prop(finish, "shade_smooth")
    column.prop(finish, "texture_limit")
    column.prop(finish, "keep_animations")
    column = body.column()
    column.prop(finish, "mark_as_asset")
    row = column.row()
    row.enabled = finish.mark_as_asset
    row.prop(finish, "asset_tags")


def _draw_button(layout: bpy.types.UILayout, form: Form) -> None:
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
    elif form.price is not None and form.price.error:
        draw_sentence(column, form.price.error, icon="ERROR")
    for job in session.jobs.values():
        if job.state is State.UNCERTAIN:
            draw_sentence(column, f"{job.order.name}: {job.words}.", icon="ERROR", is_alert=True)
