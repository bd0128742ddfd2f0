# SPDX-License-Identifier: GPL-3.0-or-later
"""``scenario.make_picture``: a model makes a picture, which is the source then; and going back."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import BoolProperty, EnumProperty, StringProperty

from ....engine.errors import InputError, ScenarioError
from ...form.making import WORKS
from ...form.properties import PATH_OPTIONS, scene_settings
from ...words.language import translated_report, translated_tip
from ..dialog import Asking
from ..lazy import (
    State,
    duplicates,
    making,
    making_orders,
    overrides,
    parameters,
    paths,
    picture_models,
    pictured,
    pictures,
    pump,
    session,
    submission,
    waiting,
)
from ..reporting import Reporting
from ..upkeep import Upkeep

if TYPE_CHECKING:
    from ....engine.models.model import Model
    from ...request.form import Form
    from ...request.submission import Filled
    from ...sources.pictures import Source

__all__ = ["register", "unregister"]

_WIDTH_PX: Final = 420
"""Of the form, at a scale of 1."""
_HIDDEN: Final[set[Any]] = {"SKIP_SAVE", "HIDDEN"}


def _go_on() -> bool:
    from . import opening  # lazy: it takes longer than enabling an add-on may

    return opening.go_on()


_UPKEEP: Final = Upkeep(_go_on)


class SCENARIO_OT_make_picture(Asking, bpy.types.Operator):
    """Have a model make a picture: of words, without a background, larger or changed. What it costs is said first"""

    bl_idname = "scenario.make_picture"
    bl_label = "Make Picture"

    work: EnumProperty(name="Picture", items=WORKS, options=_HIDDEN)
    model: StringProperty(name="Model", description="Id of the model that makes it", options=_HIDDEN)
    prompt: StringProperty(name="Prompt", options=_HIDDEN)
    parameters: StringProperty(name="Parameters", description="As a JSON object", options=_HIDDEN)
    source: StringProperty(name="Source", description="As the scene's own", options=_HIDDEN)
    image: StringProperty(name="Image", options=_HIDDEN)
    filepath: StringProperty(name="File", subtype="FILE_PATH", options=_HIDDEN | PATH_OPTIONS)
    output: StringProperty(
        name="Output",
        description="The folder where the picture is kept",
        subtype="DIR_PATH",
        options=_HIDDEN | PATH_OPTIONS,
    )
    again: BoolProperty(
        name="Order Again", description="Order it even if the same is being made already", options=_HIDDEN
    )
    is_pressed: BoolProperty(options=_HIDDEN)
    is_confirmed: BoolProperty(options=_HIDDEN)

    if TYPE_CHECKING:
        work: str
        model: str
        prompt: str
        parameters: str
        source: str
        image: str
        filepath: str
        output: str
        again: bool
        is_pressed: bool
        is_confirmed: bool
        properties: Any

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        return translated_tip(
            next((told for name, _, told, *_ in WORKS if name == properties.work), "") or cls.__doc__ or ""
        )

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open the form; its button orders."""
        if self.is_pressed:
            return self.execute(context)
        from . import opening  # lazy: it takes longer than enabling an add-on may

        settings = scene_settings(context.scene)
        try:
            session.load_now()
            if session.connection is not None and session.models.is_stale:
                session.refresh_models()
        except ScenarioError as error:
            return self.complain(error.user_message)
        if self.properties.is_property_set("work"):
            settings.making.work = self.work
        settings.making.prompt = settings.making.prompt or settings.prompt
        opening.begin(context, self, self._source(context))
        _UPKEEP.begin()
        return context.window_manager.invoke_popup(self, width=_WIDTH_PX)  # pyright: ignore[reportReturnType]

    def draw(self, context: bpy.types.Context) -> None:
        from .drawing import draw_form  # lazy, likewise

        if self.is_confirmed:
            super().draw(context)
        elif session.making is not None:
            session.making.note_region(context.region_popup)
            draw_form(self.layout, context, session.making)

    def cancel(self, context: bpy.types.Context) -> None:
        from . import opening

        opening.end()

    def run(self, context: bpy.types.Context) -> set[str]:
        """Order a picture. From the form: returns at once. From a script: blocks until it is the source."""
        if (self.is_pressed or self.is_confirmed) and not bpy.app.background:
            return self._press(context)
        session.online()  # first of all: what is known of models is loaded with it
        settings = scene_settings(context.scene)
        model = self._model(settings)
        work = self.work if self.properties.is_property_set("work") else self._work(model)
        chosen = overrides.chosen(settings.making, work=work, model=model.id, prompt=self.prompt or None)  # pyright: ignore[reportArgumentType]
        with chosen, overrides.with_parameters(settings, model, self.parameters):
            form = making.with_price_now(making.read_making(context, self._source(context)))
            (job,) = submission.submit(self._filled(context, form), again=self.again, is_agreed=False)
        done = waiting.wait_for_job(job.id)
        return {"FINISHED"} if done.state is State.IMPORTED else self.complain(waiting.why(done))

    def _model(self, settings: Any) -> "Model":
        """Get a model as it is today, and its parameters in the scene in step with it. Waits.

        :raises ScenarioError: there is no such model, or no way to the service.
        """
        model_id = self.model or picture_models.chosen_model(settings.making)
        if not model_id:
            raise InputError("Say which model makes the picture: model=ID.")
        model = session.models.fetch(model_id, session.online().client)
        if not model.makes_pictures:
            raise InputError(f"{model.name} gives no picture: choose a model that does.")
        if not parameters.is_synced(settings.models, model):
            note = parameters.catch_up(settings.models, model)
            self.report({"INFO"}, translated_report(note)) if note else None
        return model

    def _work(self, model: "Model") -> str:
        """What is meant where nobody says: what the model does, of the picture that is named, if any is."""
        names = {name: identifier for identifier, name, *_ in WORKS}
        work = names[str(picture_models.work_of(model))]
        is_of_picture = bool(self.source or self.image or self.filepath)
        return "CHANGE" if work == "WORDS" and is_of_picture and model.source is not None else work

    def _source(self, context: bpy.types.Context) -> "Source":
        if self.filepath and self.source in ("", "FILE"):
            return pictures.Source("FILE", filepath=self.filepath)
        if self.image and self.source in ("", "IMAGE"):
            return pictures.Source("IMAGE", image=self.image)
        return pictures.Source(self.source) if self.source else making.source_of(context)

    def _filled(self, context: bpy.types.Context, form: "Form") -> "Filled":
        """Take the picture, and see whether the same is being made.

        :raises ScenarioError: it cannot be asked for.
        """
        output = paths.path_asked_for(self.output) if self.output else None
        return making_orders.fill_in_making(context, form, output=output)

    def _press(self, context: bpy.types.Context) -> set[str]:
        """Order it in the window: returns at once, and the timer carries the job on.

        :raises ScenarioError: it cannot be asked for.
        """
        from . import opening

        opening.end()
        if duplicates.is_double_click():
            return {"CANCELLED"}
        form, _ = making.prices_told(context, making.read_making(context, self._source(context)))
        wanted = self._filled(context, form)
        if not self.is_confirmed and (question := _question(form, wanted)):
            self.is_confirmed = True
            return self.ask_first(context, **question)
        for note in wanted.notes:
            self.report({"INFO"}, translated_report(note))
        submission.submit(wanted, again=self.again or wanted.is_under_way, is_agreed=self.is_confirmed)
        duplicates.note_press()
        pump.arm()
        pump.redraw()
        return {"FINISHED"}


def _question(form: "Form", wanted: "Filled") -> dict[str, str] | None:
    """What to ask before this is ordered; ``None`` where the button says the price and the limit allows it."""
    if wanted.is_under_way:
        told = f"{submission.told_of(wanted.twins)} {form.limit_question}"
        return {"title": "Order It Again?", "question": told, "yes": "Order Again"}
    if form.is_over_limit:
        return {"title": "Above the Spend Limit", "question": form.limit_question, "yes": "Order Anyway"}
    return None


class SCENARIO_OT_choose_picture_model(Reporting, bpy.types.Operator):
    """Have this model make the picture"""

    bl_idname = "scenario.choose_picture_model"
    bl_label = "Choose"
    bl_options = {"INTERNAL"}

    model: StringProperty(options=_HIDDEN)

    if TYPE_CHECKING:
        model: str

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        known = session.models.picture_models() if session.is_ready else ()
        return translated_tip(
            next((model.description for model in known if model.id == properties.model), "") or cls.__doc__ or ""
        )

    def run(self, context: bpy.types.Context) -> set[str]:
        scene_settings(context.scene).making.model = self.model
        pump.arm()
        return {"FINISHED"}


class SCENARIO_OT_picture_back(Reporting, bpy.types.Operator):
    """Have the source be again what it was before the last picture came. The picture stays in the file"""

    bl_idname = "scenario.picture_back"
    bl_label = "Back"
    bl_options = {"UNDO", "INTERNAL"}

    def run(self, context: bpy.types.Context) -> set[str]:
        if not pictured.earlier_words(context.scene):
            raise InputError("There is no earlier source to go back to.")
        pictured.go_back(context.scene)
        return {"FINISHED"}


classes = (
    SCENARIO_OT_make_picture,
    SCENARIO_OT_choose_picture_model,
    SCENARIO_OT_picture_back,
)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()


def unregister() -> None:
    _UPKEEP.end()
    _unregister()
