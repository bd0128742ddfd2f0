# SPDX-License-Identifier: GPL-3.0-or-later
"""The popup with what was made elsewhere, and what brings one of it in."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty

from .... import engine
from ....engine.errors import InputError, ScenarioError
from ...words.language import translated_report, translated_tip
from ..lazy import State, bringing, imports, pump, session, waiting
from ..reporting import Reporting
from .popup import search_open_list, show

if TYPE_CHECKING:
    from ....engine.ledger.job import Job

__all__ = ["register", "unregister"]


class SCENARIO_OT_made_elsewhere(bpy.types.Operator):
    """Look at the meshes of this project, whoever made them, and bring one in for nothing"""

    bl_idname = "scenario.made_elsewhere"
    bl_label = "Made Elsewhere"

    search: StringProperty(
        name="Search",
        description="Words of a mesh's name, of its prompt or model, or of whose it is, in any order",
        options={"SKIP_SAVE", "HIDDEN", "TEXTEDIT_UPDATE"},
        update=search_open_list,
    )

    if TYPE_CHECKING:
        layout: bpy.types.UILayout
        search: str

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        from ...elsewhere.listing import listing  # lazy: it takes longer than enabling an add-on may
        from . import opening
        from .made_list import MadeList

        try:
            session.load_now()
            if session.connection is not None:
                listing().refresh()
        except ScenarioError as error:
            self.report({"ERROR"}, translated_report(error.user_message))
            return {"CANCELLED"}
        opening.begin(MadeList(self))
        return show(self, context)

    def draw(self, context: bpy.types.Context) -> None:
        from .made_drawing import draw_made  # lazy, likewise

        if session.model_list is not None:
            session.model_list.note_region(context.region_popup)
            draw_made(self.layout, self, session.model_list)

    def cancel(self, context: bpy.types.Context) -> None:
        from . import opening

        opening.end()

    def execute(self, context: bpy.types.Context) -> set[str]:
        self.report(
            {"ERROR"},
            translated_report("This list needs a window: scenario.fetch(remote_id=...) brings in what you know of."),
        )
        return {"CANCELLED"}


class SCENARIO_OT_fetch(Reporting, bpy.types.Operator):
    """Bring this mesh into the scene, for nothing"""

    bl_idname = "scenario.fetch"
    bl_label = "Bring In"
    bl_options = {"UNDO", "INTERNAL"}

    remote_id: StringProperty(
        name="Job or Mesh",
        description="Id of a job or a mesh as the service has it, or of a job of this computer",
        options={"SKIP_SAVE"},
    )

    _found = None

    if TYPE_CHECKING:
        remote_id: str
        _found: "Job | ScenarioError | None"

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        rows = session.model_list.found if properties.remote_id and session.model_list else ()
        return translated_tip(next((row.about for row in rows if row.id == properties.remote_id), ""))

    def run(self, context: bpy.types.Context) -> set[str]:
        """Bring it in. From a script: blocks until it is in the scene. In a window: returns at once."""
        from ....engine.elsewhere.finding import is_an_id

        text = self.remote_id.strip()
        if not is_an_id(text):
            raise InputError("Say which job or mesh: remote_id=ID.")
        session.online()
        job = bringing.known_job(text)
        if job is not None:
            return self._again(job)
        task = bringing.bring(text, context, self._wait if bpy.app.background else _tell)
        pump.arm()
        if not bpy.app.background:
            return {"CANCELLED"}  # nothing to undo yet
        session.tasks.wait(task)
        if self._found is None or isinstance(self._found, ScenarioError):
            raise self._found or InputError(f"Nothing was heard of {text}: try again.")
        return self._waited(self._found)

    def _again(self, job: "Job") -> set[str]:
        """Bring in what the ledger has.

        :raises InputError: nothing will come of it.
        """
        if imports.is_importable(job):
            way = "EXEC_DEFAULT" if bpy.app.background else "INVOKE_DEFAULT"
            try:
                return bpy.ops.scenario.import_result(way, job_id=job.id)  # pyright: ignore[reportAttributeAccessIssue]
            except RuntimeError as error:  # what it reports as an error
                raise InputError(str(error).strip().removeprefix("Error: ")) from error
        if session.jobs.is_active(job):
            self.report({"INFO"}, translated_report(f"{job.order.name} is on its way ({job.words})."))
        elif session.jobs.is_stuck(job):
            session.ask(job.id, engine.retry)
            pump.arm()
        else:
            raise InputError(f"Nothing came of {job.order.name}: {waiting.why(job)}")
        return self._waited(job) if bpy.app.background else {"CANCELLED"}

    def _wait(self, result: "Job | ScenarioError") -> None:
        self._found = result

    def _waited(self, job: "Job") -> set[str]:
        job = waiting.wait_for_job(job.id)
        if job.state is State.IMPORTED:
            return {"FINISHED"}
        self.report({"ERROR"}, translated_report(waiting.why(job)))
        return {"CANCELLED"}


def _tell(result: "Job | ScenarioError") -> None:
    """Say in the tab why nothing comes."""
    session.tell("elsewhere", result.user_message if isinstance(result, ScenarioError) else None)
    pump.redraw()


classes = (SCENARIO_OT_made_elsewhere, SCENARIO_OT_fetch)
register, unregister = bpy.utils.register_classes_factory(classes)
