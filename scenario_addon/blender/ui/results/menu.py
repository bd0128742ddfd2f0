# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that can be done with a result: behind one small button."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy

from ..lazy import State, imports, presence, pump, session
from .jobs import JobOperator
from .pictures import draw_picture_entries

if TYPE_CHECKING:
    from ....engine.ledger.job import Job

__all__ = ["draw_menu", "register", "unregister"]


class SCENARIO_OT_job_menu(JobOperator, bpy.types.Operator):
    """More that can be done with this"""

    bl_idname = "scenario.job_menu"
    bl_label = "More"
    bl_options = {"INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        job = self.job
        if session.connection is not None:
            session.models.freshen(session.connection.client)  # who refines it chooses from the list
            pump.arm()
        context.window_manager.popup_menu(lambda menu, context: draw_menu(menu.layout, job), title=job.order.name)
        return {"FINISHED"}


def draw_menu(layout: Any, job: "Job") -> None:
    """Draw what applies to a job, as it is when the menu opens."""
    from ....engine.text import sentences  # not before it is needed; likewise the next
    from ...app.session import session as known

    layout.operator_context = "INVOKE_DEFAULT"

    def entry(operator: str, icon: str = "NONE", text: str | None = None) -> Any:
        button = layout.operator(operator, text=text, icon=icon) if text else layout.operator(operator, icon=icon)
        button.job_id = job.id
        return button

    if presence.scene_with(job.id) is not None:
        entry("scenario.show_result", "HIDE_OFF")
        entry("scenario.place_result", "OBJECT_ORIGIN")
        entry("scenario.clean_up", "BRUSH_DATA")
    if imports.is_importable(job):
        entry("scenario.import_result", "IMPORT", "Import Again" if job.state is State.IMPORTED else None)
    if session.jobs.is_stuck(job) or job.state is State.UNCERTAIN:
        entry("scenario.resume", "FILE_REFRESH")
    if job.file is not None and not job.order.gives_picture:
        known.menu_job_id = job.id
        layout.menu("SCENARIO_MT_refine_result", icon="MOD_REMESH")
    layout.separator()
    (draw_picture_entries if job.order.gives_picture else _draw_mesh_entries)(layout, job, entry)
    if job.error:
        said = sentences(job.error, job.hint)
        layout.operator("scenario.copy_text", text="Copy Message", icon="COPYDOWN").text = said
    layout.operator("scenario.copy_text", text="Copy Details", icon="COPYDOWN").text = _details(job)
    layout.separator()
    if session.jobs.is_active(job):
        entry("scenario.cancel", "X")
    else:
        entry("scenario.dismiss", "X")


def _is_failed_step(job: "Job") -> bool:
    """Whether it is the step that failed of several at one press: what came before is there, and not paid for again."""
    return job.state is State.FAILED and bool(job.order.meshes)


def _draw_mesh_entries(layout: Any, job: "Job", entry: Any) -> None:
    """Draw what is done with the order of a mesh, and with its file."""
    entry("scenario.use_settings", "PRESET")
    entry("scenario.generate_again", "FILE_REFRESH", "Try Again" if _is_failed_step(job) else None)
    entry("scenario.generate_again", text="Generate with a New Seed").new_seed = True
    layout.separator()
    if job.file is not None:
        entry("scenario.show_file", "FILE_FOLDER")
        entry("scenario.save_copy", "FILE_TICK")
        entry("scenario.contact_sheet", "IMAGE_REFERENCE")


def _details(job: "Job") -> str:
    """What somebody who is to help has to know; holds no secret."""
    order = job.order
    facts: dict[str, object] = {
        "job": job.remote_id or job.id,
        "model": order.model_id,
        "state": str(job.state),
        "error": job.error,
        "file": job.file.path.name if job.file else None,
        **order.values,
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items() if value is not None)


classes = (SCENARIO_OT_job_menu,)
register, unregister = bpy.utils.register_classes_factory(classes)
