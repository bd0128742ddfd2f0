# SPDX-License-Identifier: GPL-3.0-or-later
"""Going on from a result: the same again, with another seed, or with its settings as a start."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

import shutil
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ....engine.errors import DiskError, InputError
from ...form.properties import PATH_OPTIONS
from ...words.language import translated_report, translated_tip
from ..lazy import State, again, duplicates, files, paths, pump, session, waiting
from .jobs import JobOperator

__all__ = ["register", "unregister"]


class SCENARIO_OT_generate_again(JobOperator, bpy.types.Operator):
    """Order this once more: the same picture, model and parameters. It costs again"""

    bl_idname = "scenario.generate_again"
    bl_label = "Generate Again"

    new_seed: BoolProperty(
        name="New Seed", description="With another seed, so that another mesh comes of it", options={"SKIP_SAVE"}
    )

    if TYPE_CHECKING:
        new_seed: bool

    @classmethod
    def description(cls, context: bpy.types.Context, properties: "SCENARIO_OT_generate_again") -> str:
        if properties.new_seed:
            return translated_tip(
                "Order this once more with another seed, so that another mesh comes of it. It costs again"
            )
        return translated_tip("Order this once more: the same picture, model and parameters. It costs again")

    def run(self, context: bpy.types.Context) -> set[str]:
        if not bpy.app.background and duplicates.is_double_click():
            return {"CANCELLED"}
        session.load_now()
        made = again.order_again(context, self.job, new_seed=self.new_seed)
        duplicates.note_press()
        pump.arm()
        if not bpy.app.background:
            pump.redraw()
            return {"FINISHED"}
        done = waiting.wait_for_job(made.id)
        if done.state is not State.IMPORTED:
            self.report({"ERROR"}, translated_report(waiting.why(done)))
            return {"CANCELLED"}
        return {"FINISHED"}


class SCENARIO_OT_use_settings(JobOperator, bpy.types.Operator):
    """Choose the model, parameters and prompt of this job, to change what is to be different"""

    bl_idname = "scenario.use_settings"
    bl_label = "Use These Settings"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        job = self.job
        again.use_settings(context, job)
        if job.order.meshes and not bpy.app.background:
            bpy.ops.scenario.refine("INVOKE_DEFAULT", like=job.id, model=job.order.model_id)  # pyright: ignore[reportAttributeAccessIssue]
        return {"FINISHED"}


class SCENARIO_OT_save_copy(JobOperator, bpy.types.Operator):
    """Save the file that came from the service somewhere else, too"""

    bl_idname = "scenario.save_copy"
    bl_label = "Save Copy As..."

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", *PATH_OPTIONS})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})

    if TYPE_CHECKING:
        filepath: str

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        job = session.jobs.get(self.job_id)
        if job is not None and job.file_here is not None:
            self.filepath = job.file_here.path.name
        select: Any = context.window_manager.fileselect_add
        select(self)
        return {"RUNNING_MODAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        if (file := self.job.file_here) is None:
            raise InputError("The file is no longer there.")
        if not self.filepath:
            raise InputError("Give the name of a file.")
        path = paths.path_asked_for(self.filepath)
        try:
            with file.path.open("rb") as source, files.whole(path) as copy:
                shutil.copyfileobj(source, copy)
        except OSError as error:
            raise DiskError(f"{path} could not be written: {error.strerror or error}.") from error
        return {"FINISHED"}


classes = (SCENARIO_OT_generate_again, SCENARIO_OT_use_settings, SCENARIO_OT_save_copy)
register, unregister = bpy.utils.register_classes_factory(classes)
