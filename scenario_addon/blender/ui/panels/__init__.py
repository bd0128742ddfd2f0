# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scenario tab in the sidebars of the 3D viewport and the Image Editor. Draws: no I/O, no writing.

The panels are registered here; what is in them is imported when they are first drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import EnumProperty, IntProperty, StringProperty

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
    bl_label = "Results"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_in_use() and bool(session.jobs)

    def draw_header_preset(self, context: bpy.types.Context) -> None:
        self.layout.operator("scenario.made_elsewhere", text="", icon="WORLD", emboss=False)

    def draw(self, context: bpy.types.Context) -> None:
        from .results.results import draw_results

        draw_results(self.layout, context)


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
        from .results.variants import draw_variants

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


_FILTERS: Final = (
    ("ALL", "All", "Every result, and what is under way"),
    ("HERE", "In This Scene", "Those of which a mesh is in this scene"),
    ("RUNNING", "Under Way", "Those that are being made, or wait for it"),
    ("FAILED", "Failed", "Those of which nothing came, or that cannot go on"),
)
_SHOWN: Final = {
    "scenario_results_search": StringProperty(
        name="Search",
        description="Show results with all of these words in their name, model, seed, parameters or error",
        options={"TEXTEDIT_UPDATE", "SKIP_SAVE"},
    ),
    "scenario_results_filter": EnumProperty(
        name="Show", description="Which results are shown", items=_FILTERS, options={"SKIP_SAVE"}
    ),
    "scenario_results_groups": IntProperty(name="Groups", default=5, min=1, options={"SKIP_SAVE", "HIDDEN"}),
    "scenario_results_group": StringProperty(name="Group", options={"SKIP_SAVE", "HIDDEN"}),
    "scenario_results_rows": IntProperty(name="Rows", default=6, min=1, options={"SKIP_SAVE", "HIDDEN"}),
}
"""What of the results is shown, in the window manager: it is no part of a file."""


def register() -> None:
    _register()
    for name, prop in _SHOWN.items():
        setattr(bpy.types.WindowManager, name, prop)


def unregister() -> None:
    if is_in_use():
        previews.forget()
    for name in _SHOWN:
        delattr(bpy.types.WindowManager, name)
    _unregister()
