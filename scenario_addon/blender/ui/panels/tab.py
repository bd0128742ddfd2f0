# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab, top to bottom: the picture, the model, its parameters, where the mesh goes, the button, the jobs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ....engine.ledger.job import WORDS, State
from ....engine.text import amount, duration
from ...app.session import session
from ...form import parameters
from ...form.properties import SCENARIO_PG_finish, SCENARIO_PG_scene, scene_settings
from ...form.stored import choice, text
from ...form.wrapping import draw_sentence
from ...request.reading import Form, main_view, picture_count, read, replaced, shown_image, unsure_what_was_ordered
from ..previews import icon_of_file, icon_of_image
from .notices import draw_notices

if TYPE_CHECKING:
    from ....engine.models.model import Model

__all__ = ["draw_tab"]

_THUMBNAIL_SCALE: Final = 5.0
_NAME_PART: Final = 0.4
"""Of the width, where use_property_split has the names end."""


def draw_tab(layout: Any, context: bpy.types.Context) -> None:
    layout.use_property_split = True
    layout.use_property_decorate = False
    draw_notices(layout)
    settings, form = scene_settings(context.scene), read(context)
    if form.model is None:
        draw_sentence(layout, form.problem or "", icon="INFO")
        _draw_model(layout, None)
        return
    _draw_source(layout, context, settings, form.model)
    _draw_model(layout, form.model)
    for note in form.notes:
        draw_sentence(layout, note, icon="INFO")
    if form.model.prompt is not None:
        layout.prop(settings, "prompt")
    _draw_parameters(layout, settings, form)
    _draw_placement(layout, context, settings, form)
    _draw_finish(layout, settings.finish)
    _draw_button(layout, form)


def _draw_source(
    layout: bpy.types.UILayout, context: bpy.types.Context, settings: SCENARIO_PG_scene, model: Model
) -> None:
    if model.source is None:
        return
    image = shown_image(context)
    if image is not None:
        _draw_named(layout, "Source").label(text=image.name, icon="IMAGE_DATA")
    else:
        layout.prop(settings, "source")
        _draw_chosen(layout, settings)
    if model.views:
        _draw_views(layout, settings, model)
    elif model.max_pictures != 1:
        _draw_list(layout, settings, model)


def _draw_chosen(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene) -> None:
    """Draw the source's own widget, with a small picture where Blender has one."""
    icon = 0
    kind = choice(settings, "source")
    if kind == "IMAGE":
        layout.template_ID(settings, "image", new="image.new", open="image.open")
        icon = icon_of_image(settings.image) if settings.image else 0
    elif kind == "FILE":
        layout.prop(settings, "filepath", text="")
        icon = icon_of_file(Path(bpy.path.abspath(settings.filepath))) if settings.filepath else 0
    if icon:
        layout.template_icon(icon, scale=_THUMBNAIL_SCALE)


def _draw_views(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, model: Model) -> None:
    """Draw a slot for each other side that the model takes and somebody wants; the source fills the main one."""
    main = main_view(model)
    column = layout.column(align=True)
    draw_sentence(column, f"This is the {main} view. Add others:" if main else "Add views:", icon="NONE")
    slots = {text(entry, "name"): (number, entry) for number, entry in enumerate(settings.views)}
    others = [view for view in model.views if view != main]
    for view in others:
        if view in slots:
            number, entry = slots[view]
            row = _draw_named(column, view.title())
            row.template_ID(entry, "image", open="image.open")
            if entry.image is None:
                row.operator("scenario.remove_picture", text="", icon="X").index = number
    grid = column.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    for view in others:
        if view not in slots:
            grid.operator("scenario.add_picture", text=view.title(), icon="ADD").view = view


def _draw_list(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, model: Model) -> None:
    column = layout.column(align=True)
    used = 1
    for number, entry in enumerate(settings.views):
        if text(entry, "name"):
            continue
        used += 1
        row = column.row(align=True)
        row.template_ID(entry, "image", open="image.open")
        row.operator("scenario.remove_picture", text="", icon="X").index = number
    if model.max_pictures is None or used < model.max_pictures:
        column.operator("scenario.add_picture", icon="ADD").view = ""


def _draw_model(layout: bpy.types.UILayout, model: Model | None) -> None:
    row = _draw_named(layout, "Model")
    row.operator("scenario.choose_model", text=model.name if model else "Choose a Model")
    if model is not None and model.caution:
        draw_sentence(layout, model.caution.capitalize(), icon="INFO")


def _draw_named(layout: bpy.types.UILayout, name: str) -> bpy.types.UILayout:
    """Draw a name, as Blender does for a property; gives the row beside it."""
    split = layout.split(factor=_NAME_PART)
    names = split.row()
    names.alignment = "RIGHT"
    names.label(text=name)
    return split.row(align=True)


def _draw_parameters(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, form: Form) -> None:
    """Draw the few important ones, and the others folded away."""
    model = form.model
    stored = parameters.settings_of(settings.models, model.id) if model else None
    if model is None or stored is None:
        return
    count = picture_count(settings, model, form.source)
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
    originals = replaced(context, form) if choice(settings, "placement") == "SOURCE" else None
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
            draw_sentence(column, f"{job.order.name}: {WORDS[job.state]}.", icon="ERROR", is_alert=True)
