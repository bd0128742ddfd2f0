# SPDX-License-Identifier: GPL-3.0-or-later
"""The popup that helps to choose: what each model takes, costs and needs; one to choose, or several to tick."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import IntProperty, StringProperty

from ....engine.errors import InputError, ScenarioError, UnknownModel
from ...form.properties import scene_settings
from ...words.language import translated_report, translated_tip
from ..lazy import chosen, config, parameters, pump, session
from ..reporting import Reporting
from ..upkeep import Upkeep

__all__ = ["register", "search_open_list", "show", "unregister"]

_WIDTH_PX = 600
_MARGIN_PX = 40


def search_open_list(self: Any, context: bpy.types.Context) -> None:
    """Show what is typed into the field of the list that is open."""
    if session.model_list is not None:
        session.model_list.search(self.search)


def _go_on() -> bool:
    from . import opening  # lazy: it takes longer than enabling an add-on may

    return opening.go_on()


_UPKEEP = Upkeep(_go_on)


def show(operator: Any, context: bpy.types.Context) -> set[str]:
    """Show a list that has been opened, and keep it up to date."""
    _UPKEEP.begin()
    widest_px = context.window.width / context.preferences.system.ui_scale - _MARGIN_PX
    return context.window_manager.invoke_popup(operator, width=int(min(_WIDTH_PX, widest_px)))  # pyright: ignore[reportReturnType]


class SCENARIO_OT_choose_model(Reporting, bpy.types.Operator):
    """Choose the 3D model that makes the mesh, or several"""

    bl_idname = "scenario.choose_model"
    bl_label = "Choose a Model"
    bl_options = {"UNDO", "INTERNAL"}

    model: StringProperty(name="Model", description="Its id", options={"SKIP_SAVE"})
    search: StringProperty(
        name="Search",
        description="Words of a model's name, description, provider or of what it takes, in any order",
        options={"SKIP_SAVE", "HIDDEN", "TEXTEDIT_UPDATE"},
        update=search_open_list,
    )

    if TYPE_CHECKING:
        layout: bpy.types.UILayout
        model: str
        search: str

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        rows = session.model_list.found if properties.model and session.model_list else ()
        return translated_tip(next((row.about for row in rows if row.id == properties.model), ""))

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if self.model:
            return self.execute(context)
        from . import opening  # lazy: it takes longer than enabling an add-on may

        try:
            _have_all_fetched()
        except ScenarioError as error:
            self.report({"ERROR"}, translated_report(error.user_message))
            return {"CANCELLED"}
        opening.begin(opening.Opening(self))
        return show(self, context)

    def draw(self, context: bpy.types.Context) -> None:
        from .drawing import draw_list  # lazy, likewise

        if session.model_list is not None:
            session.model_list.note_region(context.region_popup)
            draw_list(self.layout, self, session.model_list, scene_settings(context.scene))

    def cancel(self, context: bpy.types.Context) -> None:
        from . import opening

        opening.end()

    def run(self, context: bpy.types.Context) -> set[str]:
        session.load_now()
        settings = scene_settings(context.scene)
        if not any(model.id == self.model for model in session.models.offered()):
            raise UnknownModel(f"There is no 3D model {self.model}." if self.model else "Say which model: model=ID.")
        chosen.choose(settings, self.model)
        model = session.models.look_up(self.model)
        if model is not None and (note := parameters.catch_up(settings.models, model)):
            self.report({"INFO"}, translated_report(note))
        pump.arm()
        return {"FINISHED"}


def _have_all_fetched() -> None:
    """Send for what the list shows, where it may be asked for.

    :raises ScenarioError: nothing can be known of any model.
    """
    session.load_now()
    if session.connection is None:
        return
    if session.models.is_stale:
        session.refresh_models()
    session.models.complete(session.connection.client, session.connection.project_id)


class SCENARIO_OT_tick_model(Reporting, bpy.types.Operator):
    """Have this model make a mesh of the same, too, at the same press: up to four"""

    bl_idname = "scenario.tick_model"
    bl_label = "One of Several"
    bl_options = {"UNDO", "INTERNAL"}

    model: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        model: str

    def run(self, context: bpy.types.Context) -> set[str]:
        settings = scene_settings(context.scene)
        try:
            if self.model in chosen.chosen_models(settings):
                chosen.untick(settings, self.model)
            else:
                chosen.tick(settings, self.model)
        except InputError as error:
            if session.model_list is None:
                raise
            session.model_list.note = error.user_message  # a report of Blender's would close the popup
            return {"CANCELLED"}
        if session.model_list is not None:
            session.model_list.note = ""
        session.models.look_up(settings.model)
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_star_model(bpy.types.Operator):
    """Keep this model at the top of the list, or do so no longer"""

    bl_idname = "scenario.star_model"
    bl_label = "Favourite"
    bl_options = {"INTERNAL"}

    model: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        model: str

    def execute(self, context: bpy.types.Context) -> set[str]:
        stars = config.favourite_models()
        if stars is None:
            return {"CANCELLED"}
        others = [name for name in stars if name != self.model]
        config.keep_favourite_models(others if self.model in stars else [*stars, self.model])
        return {"FINISHED"}


class SCENARIO_OT_turn_page(bpy.types.Operator):
    """Show more models"""

    bl_idname = "scenario.turn_page"
    bl_label = "Turn Over"
    bl_options = {"INTERNAL"}

    pages: IntProperty(default=1, options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        pages: int

    def execute(self, context: bpy.types.Context) -> set[str]:
        if session.model_list is not None:
            session.model_list.turn(self.pages)
        return {"FINISHED"}


classes = (SCENARIO_OT_choose_model, SCENARIO_OT_tick_model, SCENARIO_OT_star_model, SCENARIO_OT_turn_page)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()


def unregister() -> None:
    _UPKEEP.end()
    _unregister()
