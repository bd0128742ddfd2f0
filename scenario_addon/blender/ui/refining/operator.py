# SPDX-License-Identifier: GPL-3.0-or-later
"""``scenario.refine``: a model changes a mesh, that of a job or the active one."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

import time
from typing import TYPE_CHECKING, Any, Final

import bpy
from bpy.props import BoolProperty, StringProperty

from ....engine.errors import AlreadyOrdered, InputError, ScenarioError
from ...form.properties import PATH_OPTIONS, scene_settings
from ...words.language import translated_report, translated_tip
from ..dialog import Asking
from ..lazy import State, duplicates, givens, orders, overrides, parameters, paths, pump, session, submission, waiting
from ..reporting import Reporting
from ..upkeep import Upkeep

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ....engine.models.model import Model
    from ....engine.values import JobId
    from ...request.refining.given import Given
    from ...request.refining.ordering import Wish
    from ...request.submission import Filled

__all__ = ["register", "unregister"]

_WIDTH_PX: Final = 420
"""Of the form, at a scale of 1."""
_HIDDEN: Final[Any] = {"SKIP_SAVE", "HIDDEN"}


def _go_on() -> bool:
    from . import opening  # lazy: it takes longer than enabling an add-on may

    return opening.go_on()


_UPKEEP: Final = Upkeep(_go_on)


class SCENARIO_OT_refine(Asking, bpy.types.Operator):
    """Have a model change a mesh: fewer faces, UVs, another texture, bones or parts. What it costs is said first"""

    bl_idname = "scenario.refine"
    bl_label = "Refine"

    job_id: StringProperty(name="Job", description="Whose mesh; empty for the active one", options=_HIDDEN)
    model: StringProperty(name="Model", description="Id of the model that changes it", options=_HIDDEN)
    like: StringProperty(name="Like", description="A job whose mesh and values are taken", options=_HIDDEN)
    prompt: StringProperty(name="Prompt", options=_HIDDEN)
    parameters: StringProperty(name="Parameters", description="As a JSON object", options=_HIDDEN)
    output: StringProperty(
        name="Output",
        description="The folder where the result is kept",
        subtype="DIR_PATH",
        options=_HIDDEN | PATH_OPTIONS,
    )
    again: BoolProperty(
        name="Order Again", description="Order it even if the same is being made already", options=_HIDDEN
    )
    with_picture: BoolProperty(
        name="With the Picture",
        description="Give the model the picture that is chosen in the tab, too",
        default=True,
        options={"SKIP_SAVE"},
    )
    is_confirmed: BoolProperty(options=_HIDDEN)
    _is_form = False

    if TYPE_CHECKING:
        job_id: JobId
        model: str
        like: JobId
        prompt: str
        parameters: str
        output: str
        again: bool
        with_picture: bool
        is_confirmed: bool

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        known = session.models.in_use(properties.model) if properties.model else None
        return translated_tip((known and known.description) or cls.__doc__ or "")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Open the form, or ask before what it says is ordered."""
        from . import opening  # lazy: it takes longer than enabling an add-on may

        try:
            if self.is_confirmed:
                return self._ask(context)
            session.load_now()
            given = self._given(context)
            opening.begin(self, given, opening.first_model(self.model))
            if self.parameters:
                session.refining.fill(self.parameters)
        except ScenarioError as error:
            return self.complain(error.user_message)
        _UPKEEP.begin()
        # Not before it could be read: it may come from a key that is still held down.
        self._is_form, self._asked_at_s = True, time.monotonic()
        manager: Any = context.window_manager
        title = f"Refine {given.name}"
        return manager.invoke_props_dialog(
            self, width=_WIDTH_PX, title=title, confirm_text="Order", cancel_default=True
        )

    def draw(self, context: bpy.types.Context) -> None:
        from .drawing import draw_form  # lazy, likewise

        if not self._is_form:
            super().draw(context)
        elif session.refining is not None:
            session.refining.note_region(context.region_popup)
            draw_form(self.layout, context, self, session.refining)

    def cancel(self, context: bpy.types.Context) -> None:
        from . import opening  # lazy, likewise

        opening.end()

    def run(self, context: bpy.types.Context) -> set[str]:
        """Order it. From a script: blocks until the result is in the scene. From the form: returns at once."""
        if self._is_form:
            return self._ordered_from_form(context)
        if self.is_confirmed and not bpy.app.background:
            return self._begin(context, self._wish(context, self._given(context)), is_agreed=True)
        session.online()  # first of all: what is known of models is loaded with it
        if not self.model:
            raise InputError("Say which model changes the mesh: model=ID.")
        given, settings = self._given(context), scene_settings(context.scene)
        model = session.models.fetch(self.model, session.online().client)
        if not model.begins_with_mesh and model.mesh is None:
            raise InputError(f"{model.name} changes no mesh: choose one of those that Refine lists.")
        if not parameters.is_synced(settings.models, model):
            note = parameters.catch_up(settings.models, model)
            self.report({"INFO"}, translated_report(note)) if note else None
        prompt = overrides.chosen(settings, prompt=self.prompt or None)
        with prompt, overrides.with_parameters(settings, model, self.parameters):
            wanted = self._wish(context, given).filled_now(context)
            (job,) = self._submit(wanted, is_agreed=False)
        done = waiting.wait_for_job(job.id)
        if done.state is not State.IMPORTED:
            return self.complain(waiting.why(done))
        return {"FINISHED"}

    def _ordered_from_form(self, context: bpy.types.Context) -> set[str]:
        """Order what the open form says, or ask about it first."""
        from . import opening  # lazy, likewise

        opened = opening.end()
        if opened is None or duplicates.is_double_click():
            return {"CANCELLED"}
        self.model = opened.model_id
        wish = self._wish(context, opened.given)
        if self._question(wish, wish.filled_now(context) if wish.is_complete else None):
            bpy.ops.scenario.refine(  # pyright: ignore[reportAttributeAccessIssue]
                "INVOKE_DEFAULT",
                job_id=self.job_id,
                like=self.like,
                model=self.model,
                with_picture=self.with_picture,
                is_confirmed=True,
            )
            return {"FINISHED"}
        return self._begin(context, wish, is_agreed=False)

    def _ask(self, context: bpy.types.Context) -> set[str]:
        wish = self._wish(context, self._given(context))
        question = self._question(wish, wish.filled_now(context) if wish.is_complete else None)
        if question is None:
            return self._begin(context, wish, is_agreed=False)
        self.again = question["yes"] == "Order Again"
        return self.ask_first(context, **question)

    def _question(self, wish: "Wish", wanted: "Filled | None") -> dict[str, str] | None:
        """What to ask before this is ordered; ``None`` where the form has said the price and the limit allows it."""
        form = wish.form
        if wanted is not None and wanted.is_under_way:
            about = form.limit_question if form.is_over_limit else wish.summary
            told = submission.told_of(wanted.twins)
            return {"title": "Order It Again?", "question": f"{told} {about}", "yes": "Order Again"}
        if form.problem is None and form.is_over_limit:
            return {"title": "Above the Spend Limit", "question": form.limit_question, "yes": "Order Anyway"}
        return None

    def _begin(self, context: bpy.types.Context, wish: "Wish", *, is_agreed: bool) -> set[str]:
        """Order it in the window: returns at once, and the timer carries the job on.

        :raises ScenarioError: it cannot be asked for.
        """
        if wish.is_complete:
            self._submit(wish.filled_now(context), is_agreed=is_agreed)
        else:
            orders.order_when_there(context, wish, is_agreed=is_agreed)
        duplicates.note_press()
        pump.arm()
        pump.redraw()
        return {"FINISHED"}

    def _submit(self, wanted: "Filled", *, is_agreed: bool) -> "list[Job]":
        if wanted.is_under_way and not self.again:
            raise AlreadyOrdered(f"{submission.told_of(wanted.twins)} Order it again with again=True.")
        for note in wanted.told(again=self.again):
            self.report({"INFO"}, translated_report(note))
        return submission.submit(wanted, again=self.again, is_agreed=is_agreed)

    def _wish(self, context: bpy.types.Context, given: "Given") -> "Wish":
        form = orders.read_wish(context, self.model, given, with_pictures=self.with_picture)
        output = paths.path_asked_for(self.output) if self.output else None
        return orders.Wish(form, given, output=output)

    def _given(self, context: bpy.types.Context) -> "Given":
        """:raises ScenarioError: there is no such mesh."""
        if not (self.job_id or self.like):
            return givens.given_active(context)
        job = session.jobs.get(self.like or self.job_id)
        if job is None:
            raise InputError("There is no such job any more.")
        if not self.like:
            return givens.given_by(job, context)
        return givens.given_like(job, context, orders.begun_with(job))


class SCENARIO_OT_refine_model(Reporting, bpy.types.Operator):
    """Have this model change the mesh"""

    bl_idname = "scenario.refine_model"
    bl_label = "Choose"
    bl_options = {"INTERNAL"}

    model: StringProperty(options={"SKIP_SAVE", "HIDDEN"})

    if TYPE_CHECKING:
        model: str

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        known: Model | None = session.models.in_use(properties.model)
        return translated_tip((known and known.description) or cls.__doc__ or "")

    def run(self, context: bpy.types.Context) -> set[str]:
        if session.refining is None:
            return {"CANCELLED"}
        session.refining.choose(self.model)
        return {"FINISHED"}


classes = (SCENARIO_OT_refine, SCENARIO_OT_refine_model)
_register, _unregister = bpy.utils.register_classes_factory(classes)


def register() -> None:
    _register()


def unregister() -> None:
    _UPKEEP.end()
    _unregister()
