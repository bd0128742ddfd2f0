# SPDX-License-Identifier: GPL-3.0-or-later
"""What would be sent of a render, a viewport or a camera, to be seen in the tab before it is paid for.

Main thread only. It is taken when nothing has moved for a moment, and by itself only where that takes no longer than a
redraw: in a larger scene a button asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ...engine.errors import ScenarioError
from ..app.config import pictures_folder
from ..app.session import session
from ..form.properties import scene_settings
from ..form.stored import choice
from ..sources.cutting import note_backgrounds
from ..sources.pictures import DRAWN, Pictures
from ..sources.plan import plan
from .reading import Form, model_in_use, source_of

if TYPE_CHECKING:
    from ...engine.models.model import Model

__all__ = ["Thumbnail", "refresh", "shown", "take"]

_PAUSE_S: Final = 0.4
"""How often it is looked whether anything has moved."""
_SHORT_S: Final = 0.15
"""What may be done without being asked."""
_SIMPLE: Final = ("", "WIREFRAME", "SOLID")
"""Shadings that compile nothing: the others may take many seconds the first time."""


@dataclass
class Thumbnail:
    """A picture as it would be sent."""

    kind: str
    """Of its source."""
    key: Hashable
    """What it shows."""
    path: Path | None = None
    problem: str | None = None
    """Why there is none."""
    shading: str = ""
    """Of the viewport that it was drawn with."""
    seconds: float = 0.0
    """How long it took."""
    is_current: bool = True
    """Whether it would look the same now."""


def shown(form: Form) -> Thumbnail | None:
    """Give the picture of a form's source, if one was taken."""
    known: Thumbnail | None = session.thumbnail
    return known if known is not None and known.kind == form.source.kind else None


def refresh() -> bool:
    """Take it anew if it shows something else now, nothing moves, and that takes no time; says whether that changed it.

    For the timer: it finds the tab by itself.
    """
    now_s = time.monotonic()
    if bpy.app.background or now_s - session.looked_at_s < _PAUSE_S:
        return False
    session.looked_at_s = now_s
    place = _tab()
    if place is None:
        return False
    with bpy.context.temp_override(**place):
        return _note_backgrounds(bpy.context) | _refresh(bpy.context)


def take(context: bpy.types.Context) -> None:
    """Take it now, however long that takes."""
    model = model_in_use(context)
    kind = source_of(context).kind
    if model is not None and kind in DRAWN:
        session.thumbnail = _taken(context, model, kind)


def _refresh(context: bpy.types.Context) -> bool:
    model, kind = model_in_use(context), source_of(context).kind
    if model is None or kind not in DRAWN or bpy.app.is_job_running("RENDER"):
        return False
    known: Thumbnail | None = session.thumbnail
    key = _key(context, kind)
    was_still, session.seen_key = session.seen_key == key, key
    if known is not None and known.kind == kind:
        is_current = known.key == key
        if is_current or not was_still or not _is_quick(context, kind, known):
            has_changed, known.is_current = known.is_current != is_current, is_current
            return has_changed
    elif not was_still or not _is_quick(context, kind, None):
        return False
    session.thumbnail = _taken(context, model, kind)
    return True


def _note_backgrounds(context: bpy.types.Context) -> bool:
    model, settings = model_in_use(context), scene_settings(context.scene)
    return model is not None and note_backgrounds(plan(settings, model, source_of(context)), model)


def _is_quick(context: bpy.types.Context, kind: str, last: Thumbnail | None) -> bool:
    """Whether it may be taken without being asked: it was quick before, or nothing that is slow is drawn."""
    shading = _shading(context, kind)
    if last is not None and last.shading == shading:
        return last.seconds <= _SHORT_S
    return shading in _SIMPLE


def _shading(context: bpy.types.Context, kind: str) -> str:
    space: Any = context.space_data
    return "" if kind == "RENDER" or space is None else space.shading.type


def _taken(context: bpy.types.Context, model: Model, kind: str) -> Thumbnail:
    began_s = time.monotonic()
    made = Thumbnail(kind, _key(context, kind), shading=_shading(context, kind))
    work_folder = pictures_folder()
    try:
        work_folder.mkdir(parents=True, exist_ok=True)
        made.path = Pictures(context, work_folder, model).take(source_of(context))
    except (ScenarioError, OSError) as error:
        made.problem = error.user_message if isinstance(error, ScenarioError) else str(error)
    made.seconds = time.monotonic() - began_s
    return made


def _key(context: bpy.types.Context, kind: str) -> Hashable:
    """Tell apart what would be seen: cheaply, so that some of it may look the same all the same."""
    scene = context.scene
    settings = scene_settings(scene)
    common = (session.file_token, scene.name, kind, settings.whole_view, choice(settings, "model"))
    if kind == "RENDER":
        return (*common, session.renders)
    region: Any = context.region_data
    camera = scene.camera
    looks = [camera.matrix_world] if kind == "CAMERA" and camera else []
    if kind == "VIEWPORT" and region is not None:
        looks = [region.view_matrix, region.window_matrix]
    numbers = tuple(round(value, 5) for matrix in looks for row in matrix for value in row)
    size_px = (context.region.width, context.region.height) if context.region else ()
    return (*common, numbers, size_px, _shading(context, kind), session.changes)


def _tab() -> dict[str, Any] | None:
    """Find a 3D viewport whose sidebar shows the tab, and its window."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "VIEW_3D" and _shows_tab(area):
                region = next(region for region in area.regions if region.type == "WINDOW")
                return {"window": window, "area": area, "region": region}
    return None


def _shows_tab(area: Any) -> bool:
    sidebar = next((region for region in area.regions if region.type == "UI"), None)
    try:
        return sidebar is not None and sidebar.width > 1 and sidebar.active_panel_category == "Scenario"
    except AttributeError:  # no tab was drawn yet
        return False
