# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing a model and its parameters; asking the service about itself."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, StringProperty

from ....engine.errors import DiskError, ScenarioError
from ...form.properties import scene_settings
from ..lazy import config, parameters, previews, pump, quotes, reading, session
from ..reporting import Reporting, show_folder

__all__ = ["register", "unregister"]


def _model_items(self: Any, context: bpy.types.Context | None) -> Sequence[tuple[str, str, str, str | int, int]]:
    used = session.recent_models
    models = sorted(session.models.offered(), key=lambda m: used.index(m.id) if m.id in used else len(used))
    items = []
    for number, model in enumerate(models):
        about = ". ".join(text for text in (model.description.rstrip("."), model.caution) if text)
        label = f"{model.name}  ({model.plan} plan)" if model.plan else model.name
        picture = session.models.thumbnail(model.id)
        icon = previews.icon_of_file(picture) if picture else 0
        items.append((model.id, label, about, icon or "MESH_MONKEY", number))
    return session.kept(items)


class SCENARIO_OT_ask_price(Reporting, bpy.types.Operator):
    """Upload the picture, which is free, and ask what its mesh costs. Nothing is ordered"""

    bl_idname = "scenario.ask_price"
    bl_label = "Upload the Picture for the Price"

    def run(self, context: bpy.types.Context) -> set[str]:
        quotes.ask_price(context)
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_choose_model(Reporting, bpy.types.Operator):
    """Choose the 3D model that makes the mesh"""

    bl_idname = "scenario.choose_model"
    bl_label = "Choose a Model"
    bl_property = "model"
    bl_options = {"UNDO", "INTERNAL"}

    model: EnumProperty(name="Model", items=_model_items)  # pyright: ignore[reportArgumentType] - icons may be numbers

    if TYPE_CHECKING:
        model: str

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        try:
            session.load_now()
            if session.connection is not None and session.models.is_stale:
                session.refresh_models()
                pump.arm()
        except ScenarioError as error:
            self.report({"ERROR"}, error.user_message)
            return {"CANCELLED"}
        context.window_manager.invoke_search_popup(self)
        return {"FINISHED"}

    def run(self, context: bpy.types.Context) -> set[str]:
        settings = scene_settings(context.scene)
        settings.model = self.model
        model = session.models.look_up(self.model)
        if model is not None and (note := parameters.catch_up(settings.models, model)):
            self.report({"INFO"}, note)
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_refresh_models(Reporting, bpy.types.Operator):
    """Fetch the list of 3D models anew"""

    bl_idname = "scenario.refresh_models"
    bl_label = "Refresh Models"

    def run(self, context: bpy.types.Context) -> set[str]:
        session.refresh_models()
        pump.arm()
        if bpy.app.background:
            session.tasks.wait("models")
            if problem := session.notices.get("models"):
                self.report({"ERROR"}, problem)
                return {"CANCELLED"}
        return {"FINISHED"}


class SCENARIO_OT_dismiss_notice(bpy.types.Operator):
    """This has been read"""

    bl_idname = "scenario.dismiss_notice"
    bl_label = "Dismiss"
    bl_options = {"INTERNAL"}

    about: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        about: str

    def execute(self, context: bpy.types.Context) -> set[str]:
        session.tell(self.about, None)
        return {"FINISHED"}


class SCENARIO_OT_test_connection(Reporting, bpy.types.Operator):
    """Find out whether the service can be reached and accepts the key. Costs nothing"""

    bl_idname = "scenario.test_connection"
    bl_label = "Test Connection"

    def run(self, context: bpy.types.Context) -> set[str]:
        session.test_connection()
        pump.arm()
        if bpy.app.background:
            session.tasks.wait("test")
        if session.test_result:
            ok, text = session.test_result
            self.report({"INFO"} if ok else {"ERROR"}, text)
            return {"FINISHED"} if ok else {"CANCELLED"}
        return {"FINISHED"}


_KEPT = {
    "MESHES": "Open the folder in which the downloaded meshes are kept",
    "JOBS": "Open the folder with the record of all jobs, its backups and the pictures that were sent",
}


class SCENARIO_OT_open_folder(Reporting, bpy.types.Operator):
    """Open a folder of this extension's"""

    bl_idname = "scenario.open_folder"
    bl_label = "Open Folder"
    bl_options = {"INTERNAL"}

    kept: EnumProperty(
        items=[(kind, kind.capitalize(), about) for kind, about in _KEPT.items()], options={"SKIP_SAVE", "HIDDEN"}
    )

    if TYPE_CHECKING:
        kept: str
        """What is in the folder."""

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        return _KEPT[properties.kept]

    def run(self, context: bpy.types.Context) -> set[str]:
        from ....engine.files import make_private_folder  # not before it is needed

        folder = config.folder() if self.kept == "JOBS" else config.meshes_folder()[0]
        try:
            make_private_folder(folder)
        except OSError as error:
            remedy = "check its permissions" if self.kept == "JOBS" else "choose another folder"
            raise DiskError(f"{folder} cannot be opened ({error.strerror or error}): {remedy}.") from error
        show_folder(folder)
        return {"FINISHED"}


class SCENARIO_OT_reset_parameters(Reporting, bpy.types.Operator):
    """Set the parameters of this model to their defaults"""

    bl_idname = "scenario.reset_parameters"
    bl_label = "Reset to Defaults"
    bl_options = {"UNDO", "INTERNAL"}

    parameter: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        parameter: str
        """The only one, as the service spells it; empty for all."""

    def run(self, context: bpy.types.Context) -> set[str]:
        model = reading.model_in_use(context)
        stored = parameters.settings_of(scene_settings(context.scene).models, model.id) if model else None
        if model is not None and stored is not None:
            parameters.reset(stored, model, self.parameter)
        return {"FINISHED"}


classes = (
    SCENARIO_OT_ask_price,
    SCENARIO_OT_choose_model,
    SCENARIO_OT_refresh_models,
    SCENARIO_OT_dismiss_notice,
    SCENARIO_OT_test_connection,
    SCENARIO_OT_open_folder,
    SCENARIO_OT_reset_parameters,
)
register, unregister = bpy.utils.register_classes_factory(classes)
