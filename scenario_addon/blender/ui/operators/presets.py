# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of parameters under a name: those that the service recommends for a model, and the artist's own."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import BoolProperty, StringProperty

from ....engine.errors import InputError
from ...form.properties import scene_settings
from ...words.language import translated, translated_report
from ..lazy import parameters, presets, pump, reading
from ..reporting import Reporting

__all__ = ["draw_presets", "register", "unregister"]

_NAMED = 3
"""So many of what is left out are named."""
_WIDTH = 12
"""Of the list, in Blender's units."""


def _model(context: bpy.types.Context) -> Any:
    model = reading.model_in_use(context)
    if model is None:
        raise InputError("What this model takes is not known yet: wait a moment.")
    return model


def draw_presets(layout: Any, model: Any, own: Sequence[str]) -> None:
    """Draw a list to choose from: the service's presets, then the artist's own, which can be removed and added to."""
    layout.emboss = "PULLDOWN_MENU"
    layout.operator_context = "EXEC_DEFAULT"
    for preset in model.presets:
        _draw_choice(layout, preset.name, is_own=False)
    if model.presets and own:
        layout.separator()
    for name in own:
        row = layout.row(align=True)
        _draw_choice(row, name, is_own=True)
        row.operator("scenario.remove_preset", text="", icon="REMOVE").name = name
    if model.presets or own:
        layout.separator()
    column = layout.column()
    column.operator_context = "INVOKE_DEFAULT"  # which asks for the name
    column.operator("scenario.save_preset", icon="ADD")


def _draw_choice(layout: Any, name: str, *, is_own: bool) -> None:
    button = layout.operator("scenario.use_preset", text=translated(name))
    button.name, button.is_own = name, is_own


class SCENARIO_OT_presets(Reporting, bpy.types.Operator):
    """Fill the form with values that go together, or keep those in it under a name"""

    bl_idname = "scenario.presets"
    bl_label = "Presets"
    bl_options = {"INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        model = _model(context)
        own = presets.own(model.id)

        def draw(popover: bpy.types.UIPopover, context: bpy.types.Context) -> None:
            draw_presets(popover.layout, model, own)

        context.window_manager.popover(draw, ui_units_x=_WIDTH, from_active_button=True)
        return {"FINISHED"}


class SCENARIO_OT_use_preset(Reporting, bpy.types.Operator):
    """Fill the form with these values. Costs nothing"""

    bl_idname = "scenario.use_preset"
    bl_label = "Use Preset"
    bl_options = {"UNDO", "INTERNAL"}

    name: StringProperty(options={"SKIP_SAVE", "HIDDEN"})
    is_own: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        name: str
        is_own: bool
        """Whether it is the artist's own, or one of the service's."""

    def run(self, context: bpy.types.Context) -> set[str]:
        model, settings = _model(context), scene_settings(context.scene)
        values, about = self._values(model)
        if model.prompt is not None and isinstance(words := values.pop(model.prompt.name, None), str):
            settings.prompt = words
        stored = parameters.settings_of(settings.models, model.id) or parameters.sync(settings.models, model)
        left_out = parameters.fill(stored, model, values, about=about, may_name_files=self.is_own)
        if left_out:
            self.report({"WARNING"}, translated_report(_note_on(left_out, model.name)))
        pump.arm()
        return {"FINISHED"}

    def _values(self, model: Any) -> tuple[dict[str, Any], Sequence[str]]:
        """What the preset sets, and which parameters it is about."""
        if self.is_own:
            return dict(presets.load(model.id, self.name)), [p.name for p in parameters.drawable(model)]
        found = next((preset for preset in model.presets if preset.name == self.name), None)
        if found is None:
            raise InputError(f"{model.name} has no preset {self.name} any more: choose another.")
        return dict(found.values), found.fields


def _note_on(left_out: Sequence[str], model_name: str) -> str:
    named = [*left_out[:_NAMED], *([f"{len(left_out) - _NAMED} more"] if len(left_out) > _NAMED else [])]
    if len(named) == 1:
        return f"{named[0]} is left out: {model_name} does not take it so."
    return f"{', '.join(named[:-1])} and {named[-1]} are left out: {model_name} does not take them so."


class SCENARIO_OT_save_preset(Reporting, bpy.types.Operator):
    """Keep what the form says under this name, for this model and every file"""

    bl_idname = "scenario.save_preset"
    bl_label = "Save as Preset"
    bl_options = {"INTERNAL"}

    name: StringProperty(name="Name", default="New Preset", maxlen=64, options={"SKIP_SAVE"})

    if TYPE_CHECKING:
        layout: Any
        name: str

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        return context.window_manager.invoke_props_dialog(self)  # pyright: ignore[reportReturnType]

    def draw(self, context: bpy.types.Context) -> None:
        self.layout.activate_init = True
        self.layout.prop(self, "name")

    def run(self, context: bpy.types.Context) -> set[str]:
        model = _model(context)
        stored = parameters.settings_of(scene_settings(context.scene).models, model.id)
        values = parameters.values(stored, model) if stored is not None else {}
        name = presets.save(model.id, self.name, values)
        self.report({"INFO"}, translated_report(f"Kept as {name}."))
        return {"FINISHED"}


class SCENARIO_OT_remove_preset(Reporting, bpy.types.Operator):
    """Remove this preset of yours"""

    bl_idname = "scenario.remove_preset"
    bl_label = "Remove Preset"
    bl_options = {"INTERNAL"}

    name: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        name: str

    def run(self, context: bpy.types.Context) -> set[str]:
        presets.take_away(_model(context).id, self.name)
        return {"FINISHED"}


classes = (SCENARIO_OT_presets, SCENARIO_OT_use_preset, SCENARIO_OT_save_preset, SCENARIO_OT_remove_preset)
register, unregister = bpy.utils.register_classes_factory(classes)
