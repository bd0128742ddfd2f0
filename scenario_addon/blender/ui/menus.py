# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender's own menus offer of this, so that they and the menu search lead here."""

from __future__ import annotations

from typing import Any

import bpy

from ... import ADDON

__all__ = ["register", "unregister"]


def _draw_common(layout: Any) -> None:
    """Draw what is the same in every editor."""
    layout.operator_context = "INVOKE_DEFAULT"
    layout.operator("scenario.generate", icon="MESH_MONKEY")
    layout.operator("scenario.choose_model")
    layout.operator("scenario.made_elsewhere", icon="WORLD")
    layout.operator("scenario.show_tab", icon="MENU_PANEL")
    layout.separator()
    layout.operator("scenario.contact_sheet", icon="IMAGE_REFERENCE")
    layout.operator("scenario.resume", text="Try All Again")
    layout.operator("scenario.refresh_models")
    layout.operator("scenario.test_connection")
    layout.operator("preferences.addon_show", text="Scenario Preferences...", icon="PREFERENCES").module = ADDON


class SCENARIO_MT_object(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_object"
    bl_label = "Scenario"

    def draw(self, context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.operator("scenario.use_objects", icon="OBJECT_DATA")
        layout.separator()
        layout.operator("scenario.switch_variant", text="Next Variant", icon="TRIA_RIGHT").step = 1
        layout.operator("scenario.switch_variant", text="Previous Variant", icon="TRIA_LEFT").step = -1
        layout.operator("scenario.keep_variant")
        layout.operator("scenario.lay_out_variants")
        layout.operator("scenario.show_materials")
        layout.operator("scenario.clean_up")
        refine = layout.row()
        refine.operator_context = "INVOKE_DEFAULT"
        refine.operator("scenario.refine", text="Refine Active Mesh", icon="MOD_REMESH")
        layout.separator()
        _draw_common(layout)


class SCENARIO_MT_image(bpy.types.Menu):
    bl_idname = "SCENARIO_MT_image"
    bl_label = "Scenario"

    def draw(self, context: bpy.types.Context) -> None:
        layout: Any = self.layout
        layout.operator("scenario.use_image", icon="IMAGE_DATA")
        layout.menu("SCENARIO_MT_make_picture", icon="BRUSH_DATA")
        layout.separator()
        _draw_common(layout)


def _draw_object_menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.separator()
    self.layout.menu(SCENARIO_MT_object.bl_idname, icon="MESH_MONKEY")


def _draw_image_menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    self.layout.separator()
    self.layout.menu(SCENARIO_MT_image.bl_idname, icon="MESH_MONKEY")


_PLACES = ((bpy.types.VIEW3D_MT_object, _draw_object_menu), (bpy.types.IMAGE_MT_image, _draw_image_menu))
"""Blender's menus, and what is added to each."""
classes = (SCENARIO_MT_object, SCENARIO_MT_image)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()
    for menu, draw in _PLACES:
        menu.append(draw)  # pyright: ignore[reportArgumentType]


def unregister() -> None:
    for menu, draw in _PLACES:
        menu.remove(draw)  # pyright: ignore[reportArgumentType]
    _unregister()
