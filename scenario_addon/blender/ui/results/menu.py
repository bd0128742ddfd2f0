# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a result and is seldom done: behind one small button."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import Any

import bpy

from ..lazy import State, imports, session
from .jobs import JobOperator

__all__ = ["register", "unregister"]


class SCENARIO_OT_job_menu(JobOperator, bpy.types.Operator):
    """More that can be done with this"""

    bl_idname = "scenario.job_menu"
    bl_label = "More"
    bl_options = {"INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        job = self.job

        def draw(menu: Any, context: bpy.types.Context) -> None:
            layout = menu.layout
            layout.operator_context = "INVOKE_DEFAULT"

            def entry(operator: str, icon: str = "NONE", text: str | None = None) -> Any:
                button = (
                    layout.operator(operator, text=text, icon=icon) if text else layout.operator(operator, icon=icon)
                )
                button.job_id = job.id
                return button

            if job.state is State.IMPORTED:
                entry("scenario.show_result", "HIDE_OFF")
                entry("scenario.place_result", "OBJECT_ORIGIN")
            if imports.is_importable(job):
                entry("scenario.import_result", "IMPORT", "Import Again" if job.state is State.IMPORTED else None)
            layout.separator()
            entry("scenario.use_settings", "PRESET")
            entry("scenario.generate_again", "FILE_REFRESH")
            entry("scenario.generate_again", text="Generate with a New Seed").new_seed = True
            layout.separator()
            if job.file is not None:
                entry("scenario.show_file", "FILE_FOLDER")
                entry("scenario.save_copy")
            layout.operator("scenario.copy_text", text="Copy Details", icon="COPYDOWN").text = _details(job)
            if not session.jobs.is_active(job):
                layout.separator()
                entry("scenario.dismiss", "X")

        context.window_manager.popup_menu(draw, title=job.order.name)
        return {"FINISHED"}


def _details(job: Any) -> str:
    """What somebody who is to help has to know; holds no secret."""
    order = job.order
    facts = {
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
