# SPDX-License-Identifier: GPL-3.0-or-later
"""A model's parameters; asking the service about itself."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import EnumProperty, StringProperty

from ....engine.errors import DiskError
from ...form.properties import scene_settings
from ...words.language import translated_report, translated_tip
from ..lazy import balance, config, parameters, pump, quotes, reading, session
from ..reporting import Reporting, show_folder

__all__ = ["register", "unregister"]


class SCENARIO_OT_ask_price(Reporting, bpy.types.Operator):
    """Upload the picture, which is free, and ask what its mesh costs. Nothing is ordered"""

    bl_idname = "scenario.ask_price"
    bl_label = "Upload the Picture for the Price"

    def run(self, context: bpy.types.Context) -> set[str]:
        quotes.ask_price(context)
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_refresh_models(Reporting, bpy.types.Operator):
    """Fetch the list of models anew, and ask what is left of the account"""

    bl_idname = "scenario.refresh_models"
    bl_label = "Refresh Models"

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        told = balance.line() if session.is_ready else ""
        return translated_tip(f"{cls.__doc__}. {told}" if told else str(cls.__doc__))

    def run(self, context: bpy.types.Context) -> set[str]:
        session.refresh_models()
        balance.balance().want()
        pump.arm()
        if bpy.app.background:
            session.tasks.wait("models")
            if problem := session.notices.get("models"):
                self.report({"ERROR"}, translated_report(problem))
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


class SCENARIO_OT_refresh_account(Reporting, bpy.types.Operator):
    """Ask anew what is left, and add up anew what was spent"""

    bl_idname = "scenario.refresh_account"
    bl_label = "Refresh Account"

    def run(self, context: bpy.types.Context) -> set[str]:
        balance.ask_now()
        pump.arm()
        if bpy.app.background:
            session.tasks.wait("account")
        return {"FINISHED"}


class SCENARIO_OT_test_connection(Reporting, bpy.types.Operator):
    """Find out whether the service can be reached and accepts the key. Costs nothing"""

    bl_idname = "scenario.test_connection"
    bl_label = "Test Connection"

    def run(self, context: bpy.types.Context) -> set[str]:
        session.test_connection()
        balance.ask_now()  # whose the key is: a team's needs a project to be chosen
        pump.arm()
        if bpy.app.background:
            session.tasks.wait("test")
        if session.test_result:
            ok, text = session.test_result
            self.report({"INFO"} if ok else {"ERROR"}, translated_report(text))
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
        return translated_tip(_KEPT[properties.kept])

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
    SCENARIO_OT_refresh_models,
    SCENARIO_OT_dismiss_notice,
    SCENARIO_OT_refresh_account,
    SCENARIO_OT_test_connection,
    SCENARIO_OT_open_folder,
    SCENARIO_OT_reset_parameters,
)
register, unregister = bpy.utils.register_classes_factory(classes)
