# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing the model that changes each mesh once it is there."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from ....engine.errors import UnknownModel
from ...form.properties import scene_settings
from ...words.language import translated_report
from ..lazy import parameters, pump, session
from ..reporting import Reporting

if TYPE_CHECKING:
    pass

__all__ = ["register", "unregister"]


class SCENARIO_OT_choose_then(Reporting, bpy.types.Operator):
    """Choose a model that changes each mesh once it is there: faces, UVs, texture, bones. The button has the price"""

    bl_idname = "scenario.choose_then"
    bl_label = "Then"
    bl_options = {"UNDO", "INTERNAL"}

    model: StringProperty(name="Model", description="Its id", options={"SKIP_SAVE"})

    if TYPE_CHECKING:
        model: str

    def run(self, context: bpy.types.Context) -> set[str]:
        """Take the model that is named; without one, show the menu."""
        session.load_now()
        if not self.model and not bpy.app.background:
            return _offer()
        settings = scene_settings(context.scene)
        if not any(model.id == self.model for model in session.models.refiners()):
            raise UnknownModel(f"There is no model {self.model} that changes a mesh.")
        settings.then = self.model
        model = session.models.look_up(self.model)
        if model is not None and (note := parameters.catch_up(settings.models, model)):
            self.report({"INFO"}, translated_report(note))
        pump.arm()
        return {"FINISHED"}


def _offer() -> set[str]:
    """Open the menu; what it shows is fetched anew where that is old.

    :raises ScenarioError: it cannot be asked for.
    """
    if session.connection is not None and session.models.is_stale:
        session.refresh_models()
        pump.arm()
    bpy.ops.wm.call_menu(name=SCENARIO_MT_then.bl_idname)
    return {"CANCELLED"}  # nothing to undo yet


class SCENARIO_MT_then(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_then"
    bl_label = "Then"

    if TYPE_CHECKING:
        layout: Any

    def draw(self, context: bpy.types.Context) -> None:
        known = session.models.refiners()
        if not known:
            asking = "Asking which models there are: open it again" if session.tasks.is_running("models") else ""
            self.layout.label(text=asking or "No model that changes a mesh is known", icon="INFO")
            return
        for kind, models in session.models.refiners_by_kind().items():
            self.layout.label(text=str(kind))
            for model in models:
                self.layout.operator("scenario.choose_then", text=model.name).model = model.id


classes = (SCENARIO_OT_choose_then, SCENARIO_MT_then)
register, unregister = bpy.utils.register_classes_factory(classes)
