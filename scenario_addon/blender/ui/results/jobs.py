# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a job in the list."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import bpy
from bpy.props import StringProperty

from .... import engine
from ....engine.errors import InputError
from ...words.language import translated_report, translated_tip
from ..dialog import Asking
from ..lazy import State, config, imports, placement, portraits, presence, pump, session, waiting
from ..reporting import Reporting, show_folder
from .placing import Placing

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ....engine.pipeline.runner import Step
    from ....engine.values import JobId

__all__ = ["JobOperator", "register", "unregister"]


class JobOperator(Reporting):
    """Does something with one job."""

    job_id: StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        job_id: JobId

    @property
    def job(self) -> "Job":
        """:raises InputError: no such job."""
        job = session.jobs.get(self.job_id)
        if job is None:
            raise InputError("There is no such job any more.")
        return job

    def ask(self, jobs: "Sequence[Job]", step: "Step", *, wanted: State) -> set[str]:
        """Have jobs changed. In the window the timer carries them on; in a script this blocks.

        :param wanted: where a script expects them in the end.
        :raises ScenarioError: there is no way to the service.
        """
        for job in jobs:
            session.ask(job.id, step)
        pump.arm()
        if not bpy.app.background:
            return {"FINISHED"}
        missing = [job for asked in jobs if (job := waiting.wait_for_job(asked.id)).state is not wanted]
        for job in missing:
            self.report({"ERROR"}, translated_report(waiting.why(job)))
        return {"CANCELLED"} if missing else {"FINISHED"}


class SCENARIO_OT_import_result(Placing, JobOperator, bpy.types.Operator):
    """Bring the mesh into this scene. From the kept file, or from the service once more"""

    bl_idname = "scenario.import_result"
    bl_label = "Import"
    bl_options = {"REGISTER", "UNDO"}

    scene: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    _may_wait = False

    if TYPE_CHECKING:
        scene: str
        """Where it goes, by name; empty for the one that is shown."""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Import from a button: Blender goes on while the mesh is converted."""
        self._may_wait = True
        return self.execute(context)

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        job = self.job
        if not imports.is_importable(job):
            raise InputError("This job has no mesh that could be imported.")
        if (home := imports.note_if_there(job)) is not None:
            presence.select_mesh(job.id, context.view_layer)
            self.report({"INFO"}, translated_report(f"{job.order.name} is in the scene {home.name} already."))
            return {"CANCELLED"} if self._may_wait else {"FINISHED"}  # nothing to undo, nothing to adjust
        scene = bpy.data.scenes.get(self.scene) or context.scene
        wanted = self.wanted(context, job, is_new=True)
        has_file = job.file_here is not None
        if has_file and not (self._may_wait and imports.can_wait(job)):
            arrival = imports.import_job(job, scene=scene, placement=wanted)
            if told := imports.lacks(job, arrival):
                self.report({"WARNING"}, translated_report(told))
            return {"FINISHED"}
        target = imports.target_here(job, context, wanted)
        if has_file:
            imports.import_when_converted(job, target)
            pump.arm()
            return {"CANCELLED"}  # nothing to undo yet
        return self.ask([job], partial(engine.fetch_again, target=target), wanted=State.IMPORTED)


class SCENARIO_OT_place_result(Placing, JobOperator, bpy.types.Operator):
    """Place the mesh that is in this scene anew: where, how large, which way it looks"""

    bl_idname = "scenario.place_result"
    bl_label = "Place"
    bl_options = {"REGISTER", "UNDO"}

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        wanted = self.wanted(context, self.job, is_new=False)
        placement.place(placement.standing(self.job_id, context.scene), wanted, context.scene)
        return {"FINISHED"}


class SCENARIO_OT_cancel(Asking, JobOperator, bpy.types.Operator):
    """Stop waiting for this job. The service cannot stop it: what it has charged stays charged"""

    bl_idname = "scenario.cancel"
    bl_label = "Cancel"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        job = session.jobs.get(self.job_id)
        charge = _charge_of(job) if job is not None and not job.is_settled else ""
        if not charge:
            return self.execute(context)
        return self.ask_first(context, title="Stop Waiting for This Job?", question=charge, yes="Stop Waiting")

    def run(self, context: bpy.types.Context) -> set[str]:
        if self.job.is_settled:
            raise InputError("This job has ended already.")
        return self.ask([self.job], engine.cancel, wanted=State.CANCELLED)


def _charge_of(job: "Job") -> str:
    """Say what becomes of the credits when nobody waits for a job any more; empty where nothing was ordered."""
    later = f"The {'picture' if job.order.gives_picture else 'mesh'} can still be imported later."
    if job.state in (State.SUCCEEDED, State.DOWNLOADED, State.READY):
        return f"It is made and paid already. {later}"
    if job.remote_id is not None:
        return f"The service cannot stop it, and charges it all the same. {later}"
    if job.is_paid:
        return "If the order arrived, it is charged all the same."
    return "If the first order arrived, it is charged all the same." if job.attempt > 1 else ""


class SCENARIO_OT_resume(JobOperator, bpy.types.Operator):
    """Try again what did not work out. Nothing is submitted a second time"""

    bl_idname = "scenario.resume"
    bl_label = "Try Again"

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        chosen = [self.job] if self.job_id else list(session.jobs.values())
        stuck = [job for job in chosen if session.jobs.is_stuck(job) or (self.job_id and job.state is State.UNCERTAIN)]
        if not stuck:
            raise InputError("There is nothing to try again.")
        meshes, told = config.meshes_folder()
        if told:
            self.report({"INFO"}, translated_report(told))
        return self.ask(stuck, partial(engine.retry, folder=meshes), wanted=State.IMPORTED)


class SCENARIO_OT_allow_price(JobOperator, bpy.types.Operator):
    """Order this at its price, though it is above the spend limit"""

    bl_idname = "scenario.allow_price"
    bl_label = "Order at This Price"

    def run(self, context: bpy.types.Context) -> set[str]:
        return self.ask([self.job], engine.allow_price, wanted=State.IMPORTED)


class SCENARIO_OT_submit_again(Asking, JobOperator, bpy.types.Operator):
    """Order this anew. Nobody knows whether the first order arrived, so it can cost a second time"""

    bl_idname = "scenario.submit_again"
    bl_label = "Submit Again"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        question = "The answer to the first order was lost. If it arrived all the same, this costs a second time."
        return self.ask_first(context, title="Order This Again?", question=question, yes="Order Again")

    def run(self, context: bpy.types.Context) -> set[str]:
        if self.job.state is not State.UNCERTAIN:
            raise InputError("Only a job that was ordered without an answer can be submitted again.")
        return self.ask([self.job], engine.submit_again, wanted=State.IMPORTED)


class SCENARIO_OT_dismiss(JobOperator, bpy.types.Operator):
    """Take this job off the list. Its file stays where it is"""

    bl_idname = "scenario.dismiss"
    bl_label = "Remove from List"

    def run(self, context: bpy.types.Context) -> set[str]:
        if session.jobs.is_active(self.job):
            raise InputError("This job is under way: cancel it first.")
        session.jobs.remove(self.job_id)
        portraits.portraits().remove(self.job_id)
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_show_file(JobOperator, bpy.types.Operator):
    """Open the folder that holds this job's file"""

    bl_idname = "scenario.show_file"
    bl_label = "Open Folder"

    def run(self, context: bpy.types.Context) -> set[str]:
        if (file := self.job.file_here) is None:
            raise InputError("The file is no longer there.")
        show_folder(file.path.parent)
        return {"FINISHED"}


class SCENARIO_OT_copy_text(bpy.types.Operator):
    """Copy this text"""

    bl_idname = "scenario.copy_text"
    bl_label = "Copy"
    bl_options = {"INTERNAL"}

    text: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        text: str

    @classmethod
    def description(cls, context: bpy.types.Context, properties: "SCENARIO_OT_copy_text") -> str:
        return translated_tip(f'Copy "{properties.text[:500]}"' if properties.text else "")

    def execute(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = self.text
        self.report({"INFO"}, translated_report("Copied"))
        return {"FINISHED"}


classes = (
    SCENARIO_OT_import_result,
    SCENARIO_OT_place_result,
    SCENARIO_OT_cancel,
    SCENARIO_OT_resume,
    SCENARIO_OT_allow_price,
    SCENARIO_OT_submit_again,
    SCENARIO_OT_dismiss,
    SCENARIO_OT_show_file,
    SCENARIO_OT_copy_text,
)
register, unregister = bpy.utils.register_classes_factory(classes)
