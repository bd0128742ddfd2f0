# SPDX-License-Identifier: GPL-3.0-or-later
"""All that was made of one source, on a sheet: the picture, then each result with its model, price and time."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy

from ....engine.errors import InputError, ScenarioError
from ...words.language import translated_report
from ..lazy import pump, session, sheets
from .jobs import JobOperator

if TYPE_CHECKING:
    from ....engine.ledger.job import Job

__all__ = ["register", "unregister"]


class SCENARIO_OT_contact_sheet(JobOperator, bpy.types.Operator):
    """Draw a sheet of all that was made of the same: the picture, and each mesh with its model, price and time"""

    bl_idname = "scenario.contact_sheet"
    bl_label = "Contact Sheet"

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        if sheets.is_under_way():
            raise InputError("A contact sheet is being drawn: it is shown in a moment.")
        job = self.job if self.job_id else self._last()
        told: list[tuple[str, str]] = []

        def done(result: "bytes | ScenarioError") -> None:
            told.append(_shown(result, f"Contact Sheet {job.order.name}"))
            if not bpy.app.background:
                session.announcements.add(*told[-1])

        sheets.begin(sheets.of_source(job), done)
        if not bpy.app.background:
            pump.arm()
            self.report({"INFO"}, translated_report("The contact sheet is being drawn"))
            return {"FINISHED"}
        sheets.wait()
        ((level, text),) = told
        self.report({"INFO" if level == "INFO" else "ERROR"}, translated_report(text))
        return {"FINISHED" if level == "INFO" else "CANCELLED"}

    def _last(self) -> "Job":
        """:raises InputError: there is none."""
        if not session.jobs:
            raise InputError("Nothing was made yet.")
        return list(session.jobs.values())[-1]


def _shown(result: "bytes | ScenarioError", name: str) -> tuple[str, str]:
    """Show a sheet; gives what to say of it, and how loudly."""
    if isinstance(result, ScenarioError):
        return "WARNING", result.user_message
    name, is_seen = sheets.show(result, name)
    if is_seen:
        return "INFO", f"{name} is in the Image Editor"
    return "INFO", f'The image "{name}" is in this file: open it in an Image Editor'


classes = (SCENARIO_OT_contact_sheet,)
register, unregister = bpy.utils.register_classes_factory(classes)
