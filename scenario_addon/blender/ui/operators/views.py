# SPDX-License-Identifier: GPL-3.0-or-later
"""Having the viewports show what came out."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from ....engine.errors import InputError
from ..lazy import imports, presence, session, shading, views
from .common import Reporting

if TYPE_CHECKING:
    from ....engine.values import JobId

__all__ = ["register", "unregister"]


class SCENARIO_OT_show_materials(bpy.types.Operator):
    """Switch the viewports that show this scene in Solid to Material Preview"""

    bl_idname = "scenario.show_materials"
    bl_label = "Show Materials"

    def execute(self, context: bpy.types.Context) -> set[str]:
        shading.show_materials(context.scene)
        session.tell(imports.MATERIALS, None)
        return {"FINISHED"}


class SCENARIO_OT_show_result(Reporting, bpy.types.Operator):
    """Select this mesh, and have the viewports look at it"""

    bl_idname = "scenario.show_result"
    bl_label = "Show in Scene"
    bl_options = {"REGISTER", "UNDO"}

    job_id: StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        job_id: JobId

    def run(self, context: bpy.types.Context) -> set[str]:
        home = presence.scene_with(self.job_id)
        if home is None:
            raise InputError("This mesh is in no scene any more: import it again.")
        if home != context.scene:
            raise InputError(f"This mesh is in the scene {home.name}: show that first.")
        if not presence.select_mesh(self.job_id, context.view_layer):
            raise InputError("This mesh is hidden, or somebody is at work in another mode.")
        views.look_at_selected(context.scene)
        return {"FINISHED"}


classes = (SCENARIO_OT_show_materials, SCENARIO_OT_show_result)
register, unregister = bpy.utils.register_classes_factory(classes)
