# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing more of a long list, a few at a time."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

__all__ = ["register", "unregister"]

_GROUPS = 5
_FIRST_ROWS = 6
_ROWS = 10
"""So many more come with a press."""


class SCENARIO_OT_show_more(bpy.types.Operator):
    """Show some more results"""

    bl_idname = "scenario.show_more"
    bl_label = "Show More"
    bl_options = {"INTERNAL"}

    group: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        group: str
        """Of whose results more are shown; empty for more groups."""

    def execute(self, context: bpy.types.Context) -> set[str]:
        manager: Any = context.window_manager
        if not self.group:
            manager.scenario_results_groups += _GROUPS
        else:
            rows = manager.scenario_results_rows if manager.scenario_results_group == self.group else _FIRST_ROWS
            manager.scenario_results_group, manager.scenario_results_rows = self.group, rows + _ROWS
        return {"FINISHED"}


classes = (SCENARIO_OT_show_more,)
register, unregister = bpy.utils.register_classes_factory(classes)
