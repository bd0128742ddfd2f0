# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to get a picture, and the models that do it, as menus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy

from ...form.making import WORKS
from ...form.properties import scene_settings
from ...words.language import translated
from ..lazy import picture_models, session

__all__ = ["register", "unregister"]


class SCENARIO_MT_picture_models(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_picture_models"
    bl_label = "Model"

    if TYPE_CHECKING:
        layout: Any

    def draw(self, context: bpy.types.Context) -> None:
        work = scene_settings(context.scene).making.work
        found = picture_models.fitting_models(work) if session.is_ready else []
        for model in found:
            self.layout.operator("scenario.choose_picture_model", text=model.name).model = model.id
        if not found:
            self.layout.label(text="The service lists no model that does this", icon="INFO")


class SCENARIO_MT_make_picture(bpy.types.Menu):
    """Have a model make a picture, which is the source then"""

    bl_idname = "SCENARIO_MT_make_picture"
    bl_label = "Make Picture"

    if TYPE_CHECKING:
        layout: Any

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.operator_context = "INVOKE_DEFAULT"
        for work, name, _, icon, _ in WORKS:
            self.layout.operator("scenario.make_picture", text=f"{translated(name)}...", icon=icon).work = work


register, unregister = bpy.utils.register_classes_factory((SCENARIO_MT_picture_models, SCENARIO_MT_make_picture))
