# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab, top to bottom: the picture, the model, its parameters, where the mesh goes, the button, the jobs."""

from __future__ import annotations

from typing import Any

import bpy

from ...app.session import session
from ...form import parameters
from ...form.properties import SCENARIO_PG_finish, SCENARIO_PG_scene, scene_settings
from ...form.wrapping import draw_sentence
from ...request.reading import Form, is_in_place, read, replaced
from .button import draw_button
from .model import draw_model
from .notices import draw_notices
from .pictures import draw_pictures

__all__ = ["draw_tab"]


def draw_tab(layout: Any, context: bpy.types.Context) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    draw_notices(layout)
    settings, form = scene_settings(context.scene), read(context)
    if form.model is None:
        if form.problem != session.problem:  # which the top says
            draw_sentence(layout, form.problem or "", icon="INFO")
        draw_model(layout, None)
        return
    draw_pictures(layout, context, settings, form)
    draw_model(layout, form.model)
    for note in form.notes:
        draw_sentence(layout, note, icon="INFO")
    if form.model.prompt is not None:
        layout.prop(settings, "prompt")
    _draw_parameters(layout, settings, form)
    _draw_placement(layout, context, settings, form)
    _draw_finish(layout, settings.finish)
    draw_button(layout, form)


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
