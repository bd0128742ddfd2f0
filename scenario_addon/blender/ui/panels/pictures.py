# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the pictures come from, and what will be sent: chosen, taken of the selected objects, or in slots."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ....engine.models.sides import sides_taken, usual_sides
from ....engine.service import VIEW_NAMES
from ...app.session import session
from ...form.properties import SCENARIO_PG_picture, SCENARIO_PG_scene
from ...form.stored import choice, text
from ...layout.names import draw_named
from ...layout.wrapping import draw_sentence
from ...request.reading import Form, shown_image
from ...request.thumbnails import shown
from ...sources.cutting import cut_of, is_under_way, wants_none
from ...sources.cutting import shown as shown_cut
from ...sources.pictures import DRAWN
from ...sources.plan import Shot, chosen_sides, main_view
from ...words.language import translated
from ..previews import icon_of_file, icon_of_image
from .making import draw_making

if TYPE_CHECKING:
    from ....engine.models.model import Model
    from ...studio.capture import Capture
    from ...studio.studio import Sitting

__all__ = ["draw_named", "draw_pictures"]

_THUMBNAIL_SCALE: Final = 5.0
_SMALL_SCALE: Final = 3.2
"""64 px: of more than two beside each other."""
_TINY_SCALE: Final = 2.4
"""Of more than fit beside each other, so that the button stays in sight."""
_BESIDE: Final = 4
_Slot = tuple[int, SCENARIO_PG_picture, str]
"""Its place among all, what is in it, and of which side it is; "" for one of a list."""


def draw_pictures(layout: Any, context: bpy.types.Context, settings: SCENARIO_PG_scene, form: Form) -> None:
    model = form.model
    if model is None or model.source is None:
        return
    image = shown_image(context)
    if image is not None:
        draw_named(layout, "Source").label(text=image.name, icon="IMAGE_DATA", translate=False)
    else:
        layout.prop(settings, "source")
        _draw_chosen(layout, settings)
    slots = _slots(settings, form)
    _draw_small_ones(layout, [0 if image else _chosen_icon(settings), *(_icon_of(entry) for _, entry, _ in slots)])
    if form.source.kind in DRAWN:
        _draw_thumbnail(layout, settings, form)
    draw_making(layout, context, form)
    if wants_none(model):
        _draw_cut_outs(layout, settings, form)
    if form.source.kind == "OBJECTS":
        _draw_shots(layout, form)
        _draw_sides(layout, settings, model)
        _draw_slots(layout, slots)
    elif model.views:
        _draw_views(layout, slots, model)
    elif model.max_pictures != 1:
        _draw_list(layout, slots, model)


def _draw_chosen(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene) -> None:
    """Draw the source's own widget, where it has one."""
    kind = choice(settings, "source")
    if kind == "IMAGE":
        layout.template_ID(settings, "image", new="image.new", open="image.open")
    elif kind == "FILE":
        layout.prop(settings, "filepath", text="")


def _chosen_icon(settings: SCENARIO_PG_scene) -> int:
    """A small picture of the source, where Blender has one; else 0."""
    kind = choice(settings, "source")
    if kind == "IMAGE":
        return icon_of_image(settings.image) if settings.image else 0
    return icon_of_file(Path(bpy.path.abspath(settings.filepath))) if kind == "FILE" and settings.filepath else 0


def _draw_small_ones(layout: bpy.types.UILayout, icons: Sequence[int]) -> None:
    """Draw small pictures of what was chosen, in the order of their slots: one large, several beside each other."""
    seen = [icon for icon in icons if icon]
    if len(seen) == 1:
        layout.template_icon(seen[0], scale=_THUMBNAIL_SCALE)
    elif seen:
        grid = layout.grid_flow(row_major=True, columns=_BESIDE, even_columns=True, align=True)
        for icon in seen:
            grid.template_icon(icon, scale=_TINY_SCALE if len(seen) > _BESIDE else _SMALL_SCALE)


def _draw_cut_outs(layout: Any, settings: SCENARIO_PG_scene, form: Form) -> None:
    """Draw what becomes of the background of pictures, for a model that wants none."""
    items = [item for item in form.planned.items if not isinstance(item, Shot)]
    if not items:
        return
    if not settings.cut_out:
        draw_named(layout, "Background").operator("scenario.cut_out", icon="IMAGE_ALPHA")
        return
    layout.prop(settings, "cut_out")
    known = [cut_of(item) for item in items]
    if None in known and not is_under_way():
        draw_named(layout, "").operator("scenario.cut_out", text="Show Cut Out", icon="IMAGE_ALPHA")
    for one in known:
        path = shown_cut(one) if one is not None and not one.is_as_it_was else None
        if path is not None and (icon := icon_of_file(path)):
            layout.template_icon(icon, scale=_THUMBNAIL_SCALE)
        elif one is not None and one.result is None:
            draw_sentence(layout, "Not plain: the service cuts it out, and the price has that in it", icon="INFO")


def _draw_thumbnail(layout: bpy.types.UILayout, settings: SCENARIO_PG_scene, form: Form) -> None:
    """Draw what would be sent of what Blender draws or has rendered, once it was looked at."""
    known = shown(form)
    if known is not None and known.path is not None and (icon := icon_of_file(known.path)):
        picture = layout.column()
        picture.active = known.is_current
        picture.template_icon(icon, scale=_THUMBNAIL_SCALE)
    elif known is not None and known.problem and form.problem is None:
        draw_sentence(layout, known.problem, icon="ERROR")
    if form.problem is None and (known is None or not known.is_current):
        draw_named(layout, "").operator("scenario.take_pictures", text="Show Picture", icon="IMAGE_DATA")
    layout.prop(settings, "whole_view")


def _draw_shots(layout: bpy.types.UILayout, form: Form) -> None:
    """Draw the pictures of the selected objects, or that they are being taken; there are none while nothing fits."""
    wanted, shots = form.wanted, session.shots
    if wanted is None:
        return
    capture = shots.latest(wanted.key) if shots else None
    sitting = shots.sitting(wanted.key) if shots else None
    is_fresh = shots is not None and shots.fresh(wanted.key) is not None
    if capture is not None:
        _draw_thumbnails(layout, form, capture, is_fresh=is_fresh)
    if sitting is not None:
        _draw_progress(layout, sitting)
    elif shots is not None and (problem := shots.problem(wanted.key)):
        draw_sentence(layout, problem, icon="ERROR")
    if sitting is None and not is_fresh:
        row = draw_named(layout, "" if capture else f"{len(form.planned.shots)} to Take")
        row.operator("scenario.take_pictures", text="Take Again" if capture else "Take Now", icon="RENDER_STILL")


def _draw_thumbnails(layout: bpy.types.UILayout, form: Form, capture: Capture, *, is_fresh: bool) -> None:
    items = [item.picture for item in form.planned.items if isinstance(item, Shot) and item.picture in capture.pictures]
    is_small = len(items) > 2
    grid = layout.grid_flow(row_major=True, columns=4 if is_small else 2, even_columns=True, align=True)
    grid.active = is_fresh
    for picture in items:
        path = capture.pictures[picture]
        cell = grid.column(align=True)
        if icon := icon_of_file(path):
            cell.template_icon(icon, scale=_SMALL_SCALE if is_small else _THUMBNAIL_SCALE)
        name = VIEW_NAMES.get(picture, "View")
        button: Any = cell.operator("scenario.look_at_picture", text=name)
        button.picture, button.filepath = picture, str(path)


def _draw_progress(layout: Any, sitting: Sitting) -> None:
    row = layout.row(align=True)
    row.progress(factor=sitting.progress, type="BAR", text="Taking Pictures")
    row.operator("scenario.cancel_pictures", text="", icon="X")


def _draw_sides(layout: Any, settings: SCENARIO_PG_scene, model: Model) -> None:
    """Draw from where pictures are taken: in words, and open what can be chosen."""
    sides = chosen_sides(settings, model)
    header, body = layout.panel("SCENARIO_sides", default_closed=True)
    words = ", ".join(VIEW_NAMES[side] for side in sides) or "As Seen in the Viewport"
    header.label(text=translated(f"Sides: {words}"))
    if body is None:
        return
    taken, usual = sides_taken(model), usual_sides(model)
    grid = body.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    for side in VIEW_NAMES:
        cell = grid.row(align=True)
        cell.enabled = side in taken
        cell.use_property_split = False
        cell.prop_enum(settings, "sides", side)
    if not settings.sides:
        around = ", ".join(VIEW_NAMES[side] for side in usual)
        draw_sentence(body, f"With none chosen: {around if sides else 'as seen in the viewport'}", icon="INFO")
    column = body.column()
    column.prop(settings.studio, "front")
    column.prop(settings.studio, "turn")
    column.prop(settings.studio, "look")
    column.prop(settings.studio, "light")


def _slots(settings: SCENARIO_PG_scene, form: Form) -> list[_Slot]:
    """The slots that the model has a use for: for its sides, or for a list."""
    model = form.model
    if model is None or model.max_pictures == 1:
        return []
    named = [(number, entry, text(entry, "name")) for number, entry in enumerate(settings.views)]
    if form.source.kind == "OBJECTS":
        return [slot for slot in named if not slot[2] or slot[2] in sides_taken(model)]
    if not model.views:
        return [slot for slot in named if not slot[2]]
    others = [view for view in model.views if view != main_view(model)]
    return sorted((slot for slot in named if slot[2] in others), key=lambda slot: others.index(slot[2]))


def _draw_slots(layout: bpy.types.UILayout, slots: Sequence[_Slot]) -> None:
    """Draw slots, each an Image or a file; of the empty ones the first alone asks for a file, so that all are seen."""
    empty = [number for number, entry, _ in slots if entry.image is None and not text(entry, "filepath")]
    for number, entry, name in slots:
        column = layout.column(align=True)
        row = draw_named(column, VIEW_NAMES.get(name, name)) if name else column.row(align=True)
        path = text(entry, "filepath")
        if path and entry.image is None:
            row.prop(entry, "filepath", text="")
        else:
            row.template_ID(entry, "image", open="image.open")
        if entry.image is None or path:
            row.operator("scenario.remove_picture", text="", icon="X").index = number
        if number in empty[:1]:
            column.prop(entry, "filepath", text="or File" if name else "")


def _icon_of(entry: SCENARIO_PG_picture) -> int:
    path = text(entry, "filepath")
    return icon_of_image(entry.image) if entry.image else icon_of_file(Path(bpy.path.abspath(path))) if path else 0


def _draw_views(layout: bpy.types.UILayout, slots: Sequence[_Slot], model: Model) -> None:
    """Draw a slot for each other side that the model takes and somebody wants; the source fills the main one."""
    main = main_view(model)
    taken = {main, *(name for _, _, name in slots)}
    free = [view for view in model.views if view not in taken]
    column = layout.column(align=True)
    words = [
        *([f"This is the {main} view."] if main else []),
        *(["Add others:" if main else "Add views:"] if free else []),
    ]
    if words:
        draw_sentence(column, " ".join(words), icon="NONE")
    _draw_slots(column, slots)
    grid = column.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    for view in free:
        grid.operator("scenario.add_picture", text=VIEW_NAMES[view]).view = view


def _draw_list(layout: bpy.types.UILayout, slots: Sequence[_Slot], model: Model) -> None:
    column = layout.column(align=True)
    _draw_slots(column, slots)
    if model.max_pictures is None or 1 + len(slots) < model.max_pictures:
        column.operator("scenario.add_picture", icon="ADD").view = ""
