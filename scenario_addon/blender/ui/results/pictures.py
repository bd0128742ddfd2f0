# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a picture that came out."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty, StringProperty

from .... import engine
from ....engine.errors import InputError
from ...words.language import translated
from ..lazy import State, homes, imports, pictured, pump, session
from .jobs import JobOperator

if TYPE_CHECKING:
    from ....engine.ledger.job import Job

__all__ = ["draw_picture_entries", "register", "unregister"]


def draw_picture_entries(layout: Any, job: "Job", entry: Callable[..., Any]) -> None:
    """Draw what a result's menu has for a picture alone.

    :param entry: draws an operator about the job.
    """
    count = 1 + len(job.file.more) if job.file is not None else 0
    for number in range(count):
        text = "Use as Source" if count == 1 else f"Use Picture {number + 1} as Source"
        entry("scenario.use_picture", "IMAGE_DATA", translated(text)).number = number
    if not count and imports.is_obtainable(job):
        entry("scenario.use_picture", "IMAGE_DATA")
    layout.separator()
    entry("scenario.generate_again", "FILE_REFRESH")
    entry("scenario.generate_again", text="Generate with a New Seed").new_seed = True
    layout.separator()
    if job.file is not None:
        entry("scenario.show_file", "FILE_FOLDER")
        entry("scenario.save_copy", "FILE_TICK")


class SCENARIO_OT_use_picture(JobOperator, bpy.types.Operator):
    """Have this picture be the source. From the kept file, or from the service once more"""

    bl_idname = "scenario.use_picture"
    bl_label = "Use as Source"
    bl_options = {"REGISTER", "UNDO"}

    scene: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    number: IntProperty(name="Picture", description="Which of several, from 0", min=0, options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        scene: str
        """Whose source it is, by name; empty for the one that is shown."""
        number: int

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        job = self.job
        if not job.order.gives_picture or not imports.is_obtainable(job):
            raise InputError("This job has no picture that could be used.")
        if job.file_here is None:
            target = {**job.order.target, **homes.here(context)}
            return self.ask([job], partial(engine.fetch_again, target=target), wanted=State.IMPORTED)
        scene = bpy.data.scenes.get(self.scene) or context.scene
        pictured.bring_picture(job, scene, number=self.number)
        pump.arm()
        return {"FINISHED"}


register, unregister = bpy.utils.register_classes_factory((SCENARIO_OT_use_picture,))
