# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleaning up a mesh that is in the scene already; adjusted in Adjust Last Operation."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import BoolProperty, FloatProperty, IntProperty, StringProperty

from ....engine.errors import InputError, ScenarioError
from ...form.finishing import CLOSE_HOLES, HOLE_EDGES, LOOSE_SIZE, REMOVE_LOOSE, TURN_OUTWARD
from ...words.language import translated, translated_report
from ..lazy import presence
from ..reporting import Reporting

if TYPE_CHECKING:
    from ....engine.values import JobId
    from ...mesh.result import CleanUp, Result

__all__ = ["register", "unregister"]

_WIDTH_PX: Final = 400
"""Of the dialog, at a scale of 1."""
_MANY: Final = 200_000
"""Triangles for which Blender stops for so long that it is asked first: a million take some three seconds."""
_EDITED: Final = "It starts from the mesh as you have edited it"


class SCENARIO_OT_clean_up(Reporting, bpy.types.Operator):
    """Remove loose pieces, close holes and turn faces outward. The mesh as delivered stays, hidden under its own"""

    bl_idname = "scenario.clean_up"
    bl_label = "Clean Up"
    bl_options = {"REGISTER", "UNDO"}

    remove_loose: BoolProperty(**REMOVE_LOOSE, default=True)
    loose_size: FloatProperty(**LOOSE_SIZE)
    close_holes: BoolProperty(**CLOSE_HOLES, default=True)
    hole_edges: IntProperty(**HOLE_EDGES)
    turn_outward: BoolProperty(**TURN_OUTWARD, default=True)
    target_triangles: IntProperty(
        name="Target Triangles",
        description="How many triangles are shown. 0 shows all that are left. Rigged meshes keep theirs",
        min=0,
        soft_max=1_000_000,
        step=1000,
        options={"SKIP_SAVE"},
    )
    job_id: StringProperty(
        name="Job",
        description="The job whose mesh is cleaned up, in place of the active object",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    told: StringProperty(description="What came of it, a line each", options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        layout: Any
        properties: Any
        remove_loose: bool
        loose_size: float
        close_holes: bool
        hole_edges: int
        turn_outward: bool
        target_triangles: int
        job_id: JobId
        told: str

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return bool(context.scene.objects)

    def invoke(self, context: bpy.types.Context, event: Any) -> set[str]:
        try:
            count = self._result(context).triangles
        except ScenarioError:  # which is said there
            return self.execute(context)
        if count <= _MANY:
            return self.execute(context)
        self.told = f"{count:,} triangles: Blender stops for a moment,\nand for some seconds where fewer are wanted"
        manager: Any = context.window_manager
        return manager.invoke_props_dialog(self, width=_WIDTH_PX)

    def run(self, context: bpy.types.Context) -> set[str]:
        from ...cleaning.clean import Cleaning  # lazy: numpy takes longer than enabling an add-on may

        result = self._result(context)
        is_aimed = self.properties.is_property_set("target_triangles")
        wanted = Cleaning(
            loose=self.loose_size / 100 if self.remove_loose else 0.0,
            hole_edges=self.hole_edges if self.close_holes else 0,
            outward=self.turn_outward,
        )
        with _busy(context.window):
            done = result.clean_up(wanted, triangles=self.target_triangles if is_aimed else None)
        self.target_triangles = done.target
        self.told = "\n".join(_lines(done))
        self.report({"INFO"}, translated_report(f"{result.root.name}: {done.report.words}"))  # pyright: ignore[reportAttributeAccessIssue]
        return {"FINISHED"}

    def _result(self, context: bpy.types.Context) -> "Result":
        """:raises InputError: there is nothing that could be cleaned up."""
        from ...mesh.result import Result  # lazy: as above

        if not self.job_id:
            return Result.of(context.active_object)
        if (root := presence.root_in(self.job_id, context.scene)) is None:
            raise InputError("The mesh is not in this scene any more: import it again, then clean it up.")
        return Result.of(root)

    def draw(self, context: bpy.types.Context) -> None:
        layout = self.layout
        layout.use_property_decorate = False
        for switch, size in (("remove_loose", "loose_size"), ("close_holes", "hole_edges")):
            column = layout.column(align=True)
            column.prop(self, switch)  # on the whole width: half of it cuts the words
            row = column.row()
            row.use_property_split = True
            row.enabled = getattr(self, switch)
            row.prop(self, size)
        layout.prop(self, "turn_outward")
        row = layout.row()
        row.use_property_split = True
        row.prop(self, "target_triangles")
        column = layout.column(align=True)
        for line in self.told.splitlines():
            column.label(text=translated(line))


@contextmanager
def _busy(window: bpy.types.Window | None) -> Iterator[None]:
    """Show that something is being done: a large mesh takes its time."""
    if window is None or bpy.app.background:
        yield
        return
    window.cursor_modal_set("WAIT")
    try:
        yield
    finally:
        window.cursor_modal_restore()


def _lines(done: "CleanUp") -> list[str]:
    """Say what came of it, with numbers before and after."""
    before, after = done.report.before, done.report.after
    numbers = {
        f"{before.pieces:,} \N{RIGHTWARDS ARROW} {after.pieces:,} pieces": before.pieces != after.pieces,
        f"{before.holes:,} \N{RIGHTWARDS ARROW} {after.holes:,} holes": before.holes or after.holes,
        f"{before.inward:,} \N{RIGHTWARDS ARROW} {after.inward:,} faces inside out": before.inward or after.inward,
        f"{before.non_manifold:,} \N{RIGHTWARDS ARROW} {after.non_manifold:,} non-manifold edges": before.non_manifold
        or after.non_manifold,
    }
    words = done.report.words
    return [
        f"{done.before:,} \N{RIGHTWARDS ARROW} {done.after:,} triangles",
        words[0].upper() + words[1:],
        *(text for text, is_so in numbers.items() if is_so),
        *([_EDITED] if done.is_edited else []),
    ]


classes = (SCENARIO_OT_clean_up,)
register, unregister = bpy.utils.register_classes_factory(classes)
