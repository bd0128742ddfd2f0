# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a picture while it is open: drawn anew where something has come. Main thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ...app.session import session
from ...form import parameters
from ...form.properties import scene_settings
from ...request.making.models import chosen_model
from ...request.making.reading import prices_told, read_making

if TYPE_CHECKING:
    from ...request.form import Form
    from ...sources.pictures import Source

__all__ = ["Opening", "begin", "catch_up", "end", "go_on"]


def begin(context: bpy.types.Context, operator: Any, source: Source) -> None:
    """Open the form.

    :param operator: what Blender shows.
    :param source: where the picture comes from that is changed.
    """
    catch_up(context)
    session.making = Opening(operator, source)


def end() -> None:
    """Note that it is closed."""
    session.making = None


def go_on() -> bool:
    """Keep the open form up to date; says whether it is still open."""
    if session.making is not None and not session.making.look():
        end()
    return session.making is not None


def catch_up(context: bpy.types.Context) -> str:
    """Give the scene the settings that the chosen model has: drawing may not write. Says for which it has them."""
    settings = scene_settings(context.scene)
    model_id = chosen_model(settings.making)
    model = session.models.look_up(model_id) if model_id else None
    if model is None:
        return ""
    if not parameters.is_synced(settings.models, model) and (note := parameters.catch_up(settings.models, model)):
        session.tell("settings", note)
    return model_id


class Opening:
    """One opening of the form.

    :param operator: what Blender shows; it is known to be closed once it is gone.
    :param source: where the picture comes from that is changed: the popup has no editor of its own.
    """

    def __init__(self, operator: Any, source: Source) -> None:
        self._operator, self.source = operator, source
        self._region: Any = None
        self._shown: object = None

    def form(self, context: bpy.types.Context) -> tuple[Form, str]:
        """Read what would be asked for, and the prices in words. Cheap enough for a redraw."""
        return prices_told(context, read_making(context, self.source))

    def note_region(self, region: bpy.types.Region | None) -> None:
        """Remember where it is drawn, so that it can be drawn anew."""
        self._region = region

    def look(self) -> bool:
        """Have it drawn anew where there is something new; says whether it is still open."""
        try:
            self._operator.name  # noqa: B018 - raises once Blender has freed the operator, and the region with it
            form, told = self.form(bpy.context)
            shown = (catch_up(bpy.context), form.problem, told, session.models.revision)
            if shown != self._shown and self._region is not None:
                self._shown = shown
                self._region.tag_refresh_ui()
        except ReferenceError:
            return False
        return True
