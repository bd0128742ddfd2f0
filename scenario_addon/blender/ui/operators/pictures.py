# SPDX-License-Identifier: GPL-3.0-or-later
"""Taking pictures of the selected objects, and what can be done with each; slots for further ones."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty, StringProperty

from ....engine.errors import PictureError
from ....engine.service import VIEW_NAMES
from ...form.properties import scene_settings
from ...words.language import translated, translated_tip
from ..lazy import cutting, pictures, previews, pump, reading, session, sides, subjects, thumbnails
from ..reporting import Reporting

if TYPE_CHECKING:
    from ...request.reading import Form

__all__ = ["register", "unregister"]

_NOTHING_TO_TAKE = "This source needs no pictures taken: choose Selected Objects, a viewport, a camera or a render."
_SCALE = 14.0
"""Of a picture that is looked at closely: times the height of a button."""


class SCENARIO_OT_take_pictures(Reporting, bpy.types.Operator):
    """Take the pictures now, to see them before anything is ordered. Costs nothing"""

    bl_idname = "scenario.take_pictures"
    bl_label = "Take Pictures"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            return True  # a script gets the reason as an error
        form = reading.read(context)
        problem = None if form.wanted else form.problem or ("" if _is_drawn(form) else _NOTHING_TO_TAKE)
        if problem:
            cls.poll_message_set(translated_tip(problem))
        return not problem

    def run(self, context: bpy.types.Context) -> set[str]:
        form = reading.read(context)
        if form.wanted is None:
            if form.problem or not _is_drawn(form):
                raise PictureError(form.problem or _NOTHING_TO_TAKE)
            thumbnails.take(context)
        elif bpy.app.background:
            subjects.take(form.wanted)
        else:
            subjects.take_in_background(form.wanted)
            pump.arm()
        return {"FINISHED"}


def _is_drawn(form: "Form") -> bool:
    """Whether Blender makes a picture of the source."""
    return form.source.kind in pictures.DRAWN


class SCENARIO_OT_cut_out(Reporting, bpy.types.Operator):
    """Take away what is behind the subject: here and for nothing where it is plain, else by the service"""

    bl_idname = "scenario.cut_out"
    bl_label = "Cut Out"
    bl_options = {"UNDO", "INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        form = reading.read(context)
        if form.model is None or not cutting.wants_none(form.model):
            raise PictureError(form.problem or "This model does not mind what is behind the subject.")
        cutting.begin(context, form.planned, form.model)
        scene_settings(context.scene).cut_out = True
        if bpy.app.background:
            cutting.wait()
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_cancel_pictures(bpy.types.Operator):
    """Stop taking pictures. Nothing is ordered with them"""

    bl_idname = "scenario.cancel_pictures"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        if session.shots is not None:
            session.shots.cancel()
        return {"FINISHED"}


class SCENARIO_OT_look_at_picture(bpy.types.Operator):
    """Look at this picture closely, take it again, have it be another side, or put another one in its place"""

    bl_idname = "scenario.look_at_picture"
    bl_label = "Picture"
    bl_options = {"INTERNAL"}

    picture: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    filepath: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        picture: str
        """The side that it shows."""
        filepath: str

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        picture, path = self.picture, Path(self.filepath)
        others = [side for side in sides.AROUND if side != picture] if picture in sides.AROUND else []

        def draw(menu: Any, context: bpy.types.Context) -> None:
            layout = menu.layout
            if icon := previews.icon_of_file(path):
                layout.template_icon(icon, scale=_SCALE)
            layout.operator("scenario.take_pictures", text="Take Again", icon="FILE_REFRESH")
            for other in others:
                side = VIEW_NAMES[other]
                button = layout.operator("scenario.turn_picture", text=translated(f"This Is the {side}"))
                button.picture, button.to = picture, other
            if picture in VIEW_NAMES:
                layout.operator(
                    "scenario.add_picture", text="Replace by Image or File", icon="FILEBROWSER"
                ).view = picture

        context.window_manager.popup_menu(draw, title=translated(VIEW_NAMES.get(picture, "View")), icon="IMAGE_DATA")
        return {"FINISHED"}


class SCENARIO_OT_turn_picture(Reporting, bpy.types.Operator):
    """Have what this picture shows be another side of the subject. The others turn with it"""

    bl_idname = "scenario.turn_picture"
    bl_label = "Turn Picture"
    bl_options = {"UNDO", "INTERNAL"}

    picture: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    to: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        picture: str
        to: str

    def run(self, context: bpy.types.Context) -> set[str]:
        if not {self.picture, self.to} <= set(sides.AROUND):
            raise PictureError(f"Only {', '.join(sides.AROUND)} can be turned into each other.")
        settings = scene_settings(context.scene).studio
        turn = settings.turn + sides.angle(self.picture) - sides.angle(self.to)
        settings.turn = math.remainder(turn, math.tau)
        form = reading.read(context)
        if form.wanted is not None and not bpy.app.background:
            subjects.take_in_background(form.wanted)
            pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_add_picture(bpy.types.Operator):
    """Add a slot for one more picture"""

    bl_idname = "scenario.add_picture"
    bl_label = "Add Picture"
    bl_options = {"UNDO", "INTERNAL"}

    view: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        view: str

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene_settings(context.scene).views.add().name = self.view
        return {"FINISHED"}


class SCENARIO_OT_remove_picture(bpy.types.Operator):
    """Remove this picture"""

    bl_idname = "scenario.remove_picture"
    bl_label = "Remove Picture"
    bl_options = {"UNDO", "INTERNAL"}

    index: IntProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        index: int

    def execute(self, context: bpy.types.Context) -> set[str]:
        scene_settings(context.scene).views.remove(self.index)
        return {"FINISHED"}


classes = (
    SCENARIO_OT_take_pictures,
    SCENARIO_OT_cut_out,
    SCENARIO_OT_cancel_pictures,
    SCENARIO_OT_look_at_picture,
    SCENARIO_OT_turn_picture,
    SCENARIO_OT_add_picture,
    SCENARIO_OT_remove_picture,
)
register, unregister = bpy.utils.register_classes_factory(classes)
