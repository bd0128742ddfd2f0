# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing the source from elsewhere than the tab: a file dropped on the viewport, Blender's menus.

Nothing is ordered here: the form is filled in and shown, where Generate says what it costs.
"""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from ...form.properties import PATH_OPTIONS, scene_settings
from ...words.language import translated_report
from ..lazy import reading, sidebar

__all__ = ["register", "unregister"]


class _Choosing:
    """Shows the form once something was chosen."""

    if TYPE_CHECKING:
        report: Any
        """Of Blender's operators."""

    def show(self, context: bpy.types.Context) -> set[str]:
        source, model = reading.source_of(context), reading.model_in_use(context)
        follows = "Generate in the Scenario tab makes the mesh"
        if not sidebar.show_tab(context):
            follows = "in the sidebar of a 3D Viewport, Generate in the Scenario tab makes the mesh"
        if model is not None and model.source is None:
            follows = f"{model.name} takes no pictures, choose another model in the Scenario tab"
        self.report({"INFO"}, translated_report(f"The source is now {source.words}: {follows}"))
        return {"FINISHED"}


class SCENARIO_OT_use_file(_Choosing, bpy.types.Operator):
    """Take this picture file as the source in the Scenario tab"""

    bl_idname = "scenario.use_file"
    bl_label = "Use as Source in Scenario"
    bl_options = {"UNDO", "INTERNAL"}

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", *PATH_OPTIONS})

    if TYPE_CHECKING:
        filepath: str

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = scene_settings(context.scene)
        settings.source, settings.filepath = "FILE", self.filepath
        return self.show(context)


class SCENARIO_OT_use_image(_Choosing, bpy.types.Operator):
    """Take the image that is shown as the source, and go on in the Scenario tab"""

    bl_idname = "scenario.use_image"
    bl_label = "Image to Mesh..."
    bl_options = {"UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("Open an image first.")
        return reading.shown_image(context) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        settings = scene_settings(context.scene)
        settings.source = reading.source_of(context).kind
        if settings.source == "IMAGE":
            settings.image = reading.shown_image(context)
        return self.show(context)


class SCENARIO_OT_use_objects(_Choosing, bpy.types.Operator):
    """Take pictures of the selected objects as the source, and go on in the Scenario tab"""

    bl_idname = "scenario.use_objects"
    bl_label = "Selected Objects to Mesh..."
    bl_options = {"UNDO", "INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        cls.poll_message_set("Select an object first.")
        return bool(context.selected_objects)

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene_settings(context.scene).source = "OBJECTS"
        return self.show(context)


class SCENARIO_OT_show_tab(bpy.types.Operator):
    """Bring the Scenario tab to the front, in the sidebar"""

    bl_idname = "scenario.show_tab"
    bl_label = "Show Scenario Tab"

    def execute(self, context: bpy.types.Context) -> set[str]:
        if sidebar.show_tab(context):
            return {"FINISHED"}
        self.report(
            {"ERROR"}, translated_report("No editor that is shown has the tab: open a 3D Viewport or an Image Editor.")
        )
        return {"CANCELLED"}


class SCENARIO_FH_picture(bpy.types.FileHandler):
    bl_idname = "SCENARIO_FH_picture"
    bl_label = "Use as Source in Scenario"
    bl_import_operator = "scenario.use_file"
    bl_file_extensions = ".png;.jpg;.jpeg;.webp;.tif;.tiff;.bmp;.tga;.exr;.hdr"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        return context.area is not None and context.area.type == "VIEW_3D"


classes = (
    SCENARIO_OT_use_file,
    SCENARIO_OT_use_image,
    SCENARIO_OT_use_objects,
    SCENARIO_OT_show_tab,
    SCENARIO_FH_picture,
)
register, unregister = bpy.utils.register_classes_factory(classes)
