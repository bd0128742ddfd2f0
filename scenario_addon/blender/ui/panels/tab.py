# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab, top to bottom: what goes in, with what, the button, then folded what is seldom touched."""

from __future__ import annotations

from typing import Any

import bpy

from ...app.session import session
from ...form import parameters
from ...form.folds import differences, draw_fold, heading, plain_heading, wishes
from ...form.properties import SCENARIO_PG_scene, scene_settings
from ...form.stored import choice, number
from ...layout.names import columns_for, draw_named, draw_property
from ...layout.wrapping import draw_sentence
from ...request.reading import Form, is_in_place, read, replaced
from .button import draw_button
from .model import draw_model
from .notices import draw_notices
from .pictures import draw_pictures
from .results.balance import draw_balance
from .several import draw_several
from .then import THEN, draw_then

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
    if form.model.prompt is not None or (form.step is not None and form.step.wants_words):
        layout.prop(settings, "prompt")
    draw_several(layout, settings, form)
    draw_button(layout, form)
    _draw_parameters(layout, settings, form)
    _draw_placement(layout, context, settings, form)
    _draw_finish(layout, settings, form)
    if not session.jobs:  # else it stands below the results
        draw_balance(layout)


def _draw_parameters(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, form: Form) -> None:
    """Draw the few important ones at hand, and the others in folds of their own."""
    model = form.model
    stored = parameters.settings_of(settings.models, model.id) if model else None
    if model is None or stored is None or not parameters.drawable(model):
        return
    count = len(form.planned.items)
    changed = differences(stored, model, picture_count=count)
    header, body = draw_fold(layout, "parameters", heading("Settings", changed, icons=1), is_open=True)
    header.operator("scenario.presets", text="", icon="PRESET", emboss=False)
    if body is None:
        return
    parameters.draw(body, stored, model, parameters.drawable(model), picture_count=count)
    if changed:
        body.operator("scenario.reset_parameters", icon="LOOP_BACK")


def _draw_placement(
    layout: bpy.types.UILayout, context: bpy.types.Context, settings: SCENARIO_PG_scene, form: Form
) -> None:
    """Draw where the mesh goes; only what applies."""
    originals = replaced(context, form) if is_in_place(form, settings) else None
    fills = originals is not None and bool(originals.names)
    if originals is not None:
        words = originals.sentence
    else:
        words = "At the world origin" if choice(settings, "placement") == "ORIGIN" else "At the 3D cursor"
    height = [] if fills or settings.keeps_height else [f"{number(settings, 'height'):.3g} m tall"]
    _, body = draw_fold(layout, "placement", plain_heading("Placement", [words, *height]))
    if body is None:
        return
    names = [settings.bl_rna.properties[name].name for name in ("placement", "height", "origin")]
    columns, column = columns_for(names), body.column()
    column.use_property_split = False
    draw_property(column, settings, "placement", columns)
    if originals is not None:
        draw_sentence(column, originals.sentence, icon="INFO")
    if fills:
        draw_property(column, settings, "stretch", columns)
        draw_property(column, settings, "hide_source", columns)
    else:
        draw_named(column, "Height", columns).prop(settings, "keeps_height")
        if not settings.keeps_height:
            draw_named(column, "", columns).prop(settings, "height", text="")
    draw_property(column, settings, "origin", columns)


def _draw_finish(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, form: Form) -> None:
    finish, step = settings.finish, form.step
    _, body = draw_fold(layout, "finish", plain_heading("After Import", wishes(finish, then=step.name if step else "")))
    if body is None:
        return
    named = ("target_triangles", "lods", "loose_size", "hole_edges", "texture_limit", "asset_tags")
    names = [finish.bl_rna.properties[name].name for name in named]
    columns, column = columns_for([THEN, *names]), body.column()
    draw_then(column, settings, step, columns)
    draw_property(column, finish, "target_triangles", columns)
    draw_property(column, finish, "lods", columns)
    row = column.column()
    row.enabled = not finish.shade_smooth  # which merges anyway
    draw_property(row, finish, "merge_vertices", columns)
    draw_property(column, finish, "shade_smooth", columns)
    draw_property(column, finish, "texture_limit", columns)
    draw_property(column, finish, "keep_animations", columns)
    draw_property(column, finish, "mark_as_asset", columns)
    row = column.column()
    row.enabled = finish.mark_as_asset
    draw_property(row, finish, "asset_tags", columns)
    for switch, size in (("remove_loose", "loose_size"), ("close_holes", "hole_edges")):
        draw_property(body, finish, switch, columns)
        if getattr(finish, switch):
            draw_property(body, finish, size, columns)
    draw_property(body, finish, "turn_outward", columns)
