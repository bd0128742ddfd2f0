# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done about a ledger that cannot be used, or does not know what was ordered before."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

import bpy

from ....engine.errors import InputError
from ..dialog import Asking
from ..lazy import pump, session
from ..reporting import Reporting

__all__ = ["register", "unregister"]


def _look_for_doubt() -> None:
    """Look whether there is a doubt to decide about.

    :raises ScenarioError: there is none, or the ledger cannot be used.
    """
    session.load_now()
    if not session.doubt:
        raise InputError("It is known what was ordered.")


class SCENARIO_OT_open_ledger(Reporting, bpy.types.Operator):
    """Look again whether the list of jobs can be used now"""

    bl_idname = "scenario.open_ledger"
    bl_label = "Try Again"
    bl_options = {"INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        session.reconnect()
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_restore_backup(Reporting, bpy.types.Operator):
    """Have the list of jobs as its newest backup was. Jobs that it does not know the end of are looked for"""

    bl_idname = "scenario.restore_backup"
    bl_label = "Restore the Backup"

    def run(self, context: bpy.types.Context) -> set[str]:
        _look_for_doubt()
        session.restore_backup()
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_order_all_the_same(Asking, bpy.types.Operator):
    """Go on with what the list of jobs has. What is missing from it can cost a second time"""

    bl_idname = "scenario.order_all_the_same"
    bl_label = "Order All the Same"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        question = "What was ordered before may be missing from the list: ordering it anew costs a second time."
        return self.ask_first(context, title="Go On Without?", question=question, yes="Order All the Same")

    def run(self, context: bpy.types.Context) -> set[str]:
        _look_for_doubt()
        session.settle_doubt()
        pump.arm()
        return {"FINISHED"}


classes = (SCENARIO_OT_open_ledger, SCENARIO_OT_restore_backup, SCENARIO_OT_order_all_the_same)
register, unregister = bpy.utils.register_classes_factory(classes)
