# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a mesh that is to be changed, while it is open: mesh, model, what still comes. Main thread only."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import bpy

from ....engine.errors import InputError
from ....engine.models.words.refinements import Refinement
from ...app.session import session
from ...form import parameters
from ...form.properties import scene_settings
from ...request.overrides import read_parameters
from ...request.refining.ordering import read_wish
from ...request.refining.quads import quads_of

if TYPE_CHECKING:
    from ....engine.models.model import Model
    from ...request.form import Form
    from ...request.refining.given import Given

__all__ = ["Opening", "begin", "end", "first_model", "go_on", "with_quads"]


def with_quads(model: Model, kind: Refinement) -> str:
    """Give the parameters with which a model makes quads, as a JSON object; "" where no choice of it is known."""
    known = session.models.in_use(model.id) if kind is Refinement.RETOPOLOGY else None
    quads = quads_of(known) if known is not None else {}
    return json.dumps(quads) if quads else ""


def first_model(wanted: str) -> str:
    """Give the model that a form opens with: the one that is wanted, the one used last, or the first of the menu.

    :raises InputError: none is known.
    """
    known = [model.id for models in session.models.refiners_by_kind().values() for model in models]
    used = (model_id for model_id in session.recent_models if model_id in known)
    if not (chosen := wanted or next(used, next(iter(known), ""))):
        raise InputError("The service lists no model that changes a mesh: press Refresh Models first.")
    return chosen


def begin(operator: Any, given: Given, model_id: str) -> None:
    """Open the form.

    :param operator: what Blender shows.
    """
    session.refining = Opening(operator, given)
    session.refining.choose(model_id)


def end() -> Opening | None:
    """Note that the form is closed; gives what was open."""
    opened, session.refining = session.refining, None
    return opened


def go_on() -> bool:
    """Keep the open form up to date; says whether it is still open."""
    if session.refining is not None and not session.refining.look():
        end()
    return session.refining is not None


class Opening:
    """One opening of the form.

    :param operator: what Blender shows; it is known to be closed once it is gone.
    """

    def __init__(self, operator: Any, given: Given) -> None:
        self._operator, self.given = operator, given
        self._region: bpy.types.Region | None = None
        self._shown: object = None
        self.model_id = ""

    @property
    def model(self) -> Model | None:
        """As far as it is known."""
        listed = (model for model in session.models.refiners() if model.id == self.model_id)
        return session.models.in_use(self.model_id) or next(listed, None)

    def form(self, context: bpy.types.Context) -> Form:
        """Read what would be asked for. Cheap enough for a redraw."""
        return read_wish(context, self.model_id, self.given, with_pictures=self._operator.with_picture)

    def choose(self, model_id: str) -> None:
        """Have another model change the mesh."""
        self.model_id = model_id
        self._catch_up()
        self._draw_anew()

    def fill(self, text: str) -> None:
        """Have the model's parameters hold other values, as if they had been typed.

        :param text: a JSON object, by the service's names.
        :raises InputError: the model does not take that, or nobody knows yet what it takes.
        """
        model, collection = session.models.in_use(self.model_id), scene_settings(bpy.context.scene).models
        if model is None or (stored := parameters.settings_of(collection, model.id)) is None:
            raise InputError("What this model takes is not known here yet: try again in a moment.")
        parameters.assign(stored, model, read_parameters(text, model))

    def note_region(self, region: bpy.types.Region | None) -> None:
        """Remember where it is drawn, so that it can be drawn anew."""
        self._region = region

    def look(self) -> bool:
        """Have it drawn anew where there is something new; says whether it is still open."""
        try:
            form = self.form(bpy.context)
        except ReferenceError:  # Blender has freed the operator, and the region with it
            return False
        shown = (self._catch_up(), form.problem, form.price, session.models.revision)
        if shown != self._shown:
            self._shown = shown
            self._draw_anew()
        return True

    def _catch_up(self) -> str:
        """Give the scene the settings that the model has: drawing may not write. Says for which it has them."""
        model, collection = session.models.look_up(self.model_id), scene_settings(bpy.context.scene).models
        is_behind = model is not None and not parameters.is_synced(collection, model)
        if model is not None and is_behind and (note := parameters.catch_up(collection, model)):
            session.tell("settings", note)
        return self.model_id if model is not None else ""

    def _draw_anew(self) -> None:
        if self._region is not None:
            self._region.tag_refresh_ui()
