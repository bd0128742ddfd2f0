# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scenario tab in the sidebars of the 3D viewport and the Image Editor. Draws: no I/O, no writing.

The panels are registered here; what is in them is imported when they are first drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty

from .... import ADDON
from ..lazy import is_in_use, previews, session

__all__ = ["register", "unregister"]


class _Tab:
    """What the panels of both editors share."""

    bl_region_type = "UI"
    bl_category = "Scenario"

    if TYPE_CHECKING:
        layout: Any


class _Main(_Tab):
    bl_label = "Scenario"

    def draw(self, context: bpy.types.Context) -> None:
        from .tab import draw_tab

        draw_tab(self.layout, context)

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        row = self.layout.row(align=True)
        row.operator("scenario.refresh_models", text="", icon="FILE_REFRESH", emboss=False)
        row.operator("preferences.addon_show", text="", icon="PREFERENCES", emboss=False).module = ADDON


class _Jobs(_Tab):
    bl_label = "Jobs"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_in_use() and bool(session.jobs)

    def draw(self, context: bpy.types.Context) -> None:
        from .job_list import draw_jobs

        draw_jobs(self.layout, context)


class SCENARIO_PT_main(_Main, bpy.types.Panel):
    bl_space_type = "VIEW_3D"


class SCENARIO_PT_jobs(_Jobs, bpy.types.Panel):
    bl_space_type = "VIEW_3D"


class SCENARIO_PT_variants(bpy.types.Panel):
    """In the tab of the active object's own facts, whichever tab else is open."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Item"
    bl_label = "Scenario Variants"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        active: Any = context.view_layer.objects.active
        while active is not None and "scenario_variants" not in active:
            active = active.parent
        return active is not None

    def draw(self, context: bpy.types.Context) -> None:
        from .variants import draw_variants

        draw_variants(self.layout, context)


class SCENARIO_PT_image_main(_Main, bpy.types.Panel):
    bl_space_type = "IMAGE_EDITOR"


class SCENARIO_PT_image_jobs(_Jobs, bpy.types.Panel):
    bl_space_type = "IMAGE_EDITOR"


classes = (
    SCENARIO_PT_main,
    SCENARIO_PT_jobs,
    SCENARIO_PT_variants,
    SCENARIO_PT_image_main,
    SCENARIO_PT_image_jobs,
)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()
    bpy.types.WindowManager.scenario_shows_all_jobs = BoolProperty(name="Show Earlier Jobs")  # pyright: ignore[reportAttributeAccessIssue]


def unregister() -> None:
    if is_in_use():
        previews.forget()
    del bpy.types.WindowManager.scenario_shows_all_jobs  # pyright: ignore[reportAttributeAccessIssue]
    _unregister()
