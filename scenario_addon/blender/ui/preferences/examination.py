# SPDX-License-Identifier: GPL-3.0-or-later
"""Doctor in the preferences: a line for each thing that was looked at, and the same as a report to paste."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy

from ....engine.errors import ScenarioError
from ....engine.service import HELP_PAGE
from ...words.language import translated, translated_with_head
from ..lazy import examination, pump
from ..reporting import Reporting

if TYPE_CHECKING:
    from ....engine.host import Check

__all__ = ["draw_examination", "register", "unregister"]


class SCENARIO_OT_doctor(Reporting, bpy.types.Operator):
    """Find out what does not work, from the key to the disk, and how to mend it. Costs nothing"""

    bl_idname = "scenario.doctor"
    bl_label = "Run Doctor"

    def run(self, context: bpy.types.Context) -> set[str]:
        examination.begin()
        pump.arm()
        if bpy.app.background:
            examination.wait()
            bad = [check.name for check in examination.latest().checks if not check.ok]
            if bad:
                return self.complain(f"Doctor has found something to mend: {', '.join(bad)}.")
        return {"FINISHED"}


class SCENARIO_OT_copy_report(Reporting, bpy.types.Operator):
    """Copy what Doctor has found, without keys, passwords, names and folders of yours"""

    bl_idname = "scenario.copy_report"
    bl_label = "Copy Report"

    def run(self, context: bpy.types.Context) -> set[str]:
        context.window_manager.clipboard = examination.report()
        self.report({"INFO"}, "The report is on the clipboard")
        return {"FINISHED"}


class SCENARIO_OT_report_bug(Reporting, bpy.types.Operator):
    """Open the page for help in the browser. What Doctor has found is copied, to be pasted there"""

    bl_idname = "scenario.report_bug"
    bl_label = "Report a Bug"

    def run(self, context: bpy.types.Context) -> set[str]:
        try:
            context.window_manager.clipboard = examination.report()
        except ScenarioError:
            self.report({"INFO"}, "Run Doctor first to have its report on the clipboard")
        bpy.ops.wm.url_open(url=HELP_PAGE)
        return {"FINISHED"}


def draw_examination(layout: bpy.types.UILayout) -> None:
    """Draw the button, and below it what was found so far."""
    found = examination.latest()
    row = layout.row()
    row.operator("scenario.doctor", icon="VIEWZOOM")
    if found is None:
        return
    from ...layout.wrapping import draw_sentence  # lazy: it takes longer than enabling an add-on may

    if found.missing:
        row.progress(text=translated(f"Looking at {', '.join(found.missing)}"), factor=found.progress, type="BAR")
    else:
        row.operator("scenario.copy_report", icon="COPYDOWN")
    box = layout.box().column(align=True)
    for check in sorted(found.checks, key=lambda check: check.ok):  # what is to be mended comes first
        icon = "ERROR" if not check.ok else "INFO" if check.fix else "CHECKMARK"
        draw_sentence(box, _line(check), icon=icon, is_alert=not check.ok, breaks_words=True, is_translated=True)


def _line(check: "Check") -> str:
    from ....engine.text import sentences  # likewise

    name = check.name if check.name.startswith("glTF") else check.name[:1].upper() + check.name[1:]
    return translated_with_head(name, sentences(check.text, check.fix))


classes = (SCENARIO_OT_doctor, SCENARIO_OT_copy_report, SCENARIO_OT_report_bug)
register, unregister = bpy.utils.register_classes_factory(classes)
