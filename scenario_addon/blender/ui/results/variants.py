# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at what came out, and choosing among variants of one thing."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Callable
from typing import TYPE_CHECKING

import bpy
from bpy.props import IntProperty, StringProperty

from ....engine.errors import InputError
from ...words.language import translated_report
from ..lazy import group, imports, presence, row, session, shading, switch, views
from ..reporting import Reporting

if TYPE_CHECKING:
    from ....engine.values import JobId
    from ...variants.group import Variant

__all__ = ["register", "unregister"]


class SCENARIO_OT_show_materials(bpy.types.Operator):
    """Switch the viewports that show this scene in Solid to Material Preview"""

    bl_idname = "scenario.show_materials"
    bl_label = "Show Materials"

    def execute(self, context: bpy.types.Context) -> set[str]:
        shading.show_materials(context.scene)
        session.tell(imports.MATERIALS, None)
        return {"FINISHED"}


class SCENARIO_OT_show_result(Reporting, bpy.types.Operator):
    """Select this mesh, and have the viewports look at it"""

    bl_idname = "scenario.show_result"
    bl_label = "Show in Scene"
    bl_options = {"REGISTER", "UNDO"}

    job_id: StringProperty(name="Job", options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        job_id: JobId

    def run(self, context: bpy.types.Context) -> set[str]:
        home = presence.scene_with(self.job_id)
        if home is None:
            raise InputError("This mesh is in no scene any more: import it again.")
        if home != context.scene:
            raise InputError(f"This mesh is in the scene {home.name}: show that first.")
        self._show_variant(context)
        if not presence.select_mesh(self.job_id, context.view_layer):
            raise InputError("This mesh is hidden, or somebody is at work in another mode.")
        views.look_at_selected(context.scene)
        return {"FINISHED"}

    def _show_variant(self, context: bpy.types.Context) -> None:
        """Show a variant that is hidden, instead of its sister."""
        one = group.of_job(self.job_id, context.scene)
        key = group.key_of(one.root) if one is not None else None
        if one is not None and key is not None and one.is_hidden:
            switch.show_alone(one, group.members(key, context.scene))
            context.view_layer.update()


class _Choosing(Reporting):
    """Acts on the thing that the active object is a variant of."""

    bl_options = {"REGISTER", "UNDO"}

    if TYPE_CHECKING:
        poll_message_set: Callable[[str], None]
        """Of Blender's operators."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            return context.mode == "OBJECT"  # a script gets the reason as an error, not as a button that is grey
        cls.poll_message_set("Make a mesh that came from Scenario the active object first, in Object Mode.")
        return context.mode == "OBJECT" and group.key_of(context.view_layer.objects.active) is not None

    def variants(self, context: bpy.types.Context) -> "tuple[str, list[Variant]]":
        """What it is a variant of, and all that are.

        :raises InputError: there is nothing to choose from.
        """
        active = context.view_layer.objects.active
        key = group.key_of(active)
        if key is None:
            raise InputError("Make a mesh that came from Scenario the active object first.")
        found = group.members(key, context.scene, first=active)
        if len(found) < 2:
            raise InputError("There is no other variant of this mesh in this scene.")
        return key, found


def _select(context: bpy.types.Context, variant: "Variant") -> None:
    """Make a variant the active object, alone selected."""
    for obj in list(context.view_layer.objects.selected):
        obj.select_set(False)
    context.view_layer.update()
    for obj in variant.objects:
        if obj.visible_get():
            obj.select_set(True)
    context.view_layer.objects.active = variant.root


class SCENARIO_OT_switch_variant(_Choosing, bpy.types.Operator):
    """Show another variant of this mesh in its place"""

    bl_idname = "scenario.switch_variant"
    bl_label = "Switch Variant"

    step: IntProperty(name="Step", default=1, description="How many further; below 0 for back")

    if TYPE_CHECKING:
        step: int

    def run(self, context: bpy.types.Context) -> set[str]:
        key, found = self.variants(context)
        if row.is_laid_out(key, context.scene):
            row.stack(key, context.scene)
        wanted = switch.neighbour(found, self.step)
        switch.show_alone(wanted, found)
        _select(context, wanted)
        return {"FINISHED"}


class SCENARIO_OT_keep_variant(_Choosing, bpy.types.Operator):
    """Keep the variant that is shown and remove the others from this file. Their downloaded files stay"""

    bl_idname = "scenario.keep_variant"
    bl_label = "Keep This One"

    def run(self, context: bpy.types.Context) -> set[str]:
        _, found = self.variants(context)
        active = context.view_layer.objects.active
        own = [variant for variant in found if active in variant.objects]
        wanted = own[0] if own else group.shown(found) or found[-1]
        switch.keep(wanted, found, context.scene)
        _select(context, wanted)
        self.report({"INFO"}, translated_report(f"{wanted.root.name} is kept"))  # pyright: ignore[reportAttributeAccessIssue]
        return {"FINISHED"}


class SCENARIO_OT_lay_out_variants(_Choosing, bpy.types.Operator):
    """Show all variants side by side with their names, or put them back on one spot"""

    bl_idname = "scenario.lay_out_variants"
    bl_label = "Lay Out in a Row"

    def run(self, context: bpy.types.Context) -> set[str]:
        key, found = self.variants(context)
        if row.is_laid_out(key, context.scene):
            row.stack(key, context.scene)
            _select(context, group.shown(found) or found[-1])
        else:
            row.lay_out(key, context.scene)
        return {"FINISHED"}


classes = (
    SCENARIO_OT_show_materials,
    SCENARIO_OT_show_result,
    SCENARIO_OT_switch_variant,
    SCENARIO_OT_keep_variant,
    SCENARIO_OT_lay_out_variants,
)
register, unregister = bpy.utils.register_classes_factory(classes)
