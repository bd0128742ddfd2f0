# SPDX-License-Identifier: GPL-3.0-or-later
"""``scenario.generate``: the one operator that orders something new."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty

from ....engine.errors import InputError, ScenarioError
from ...form.properties import MAX_SEEDS, PATH_OPTIONS, SCENARIO_PG_scene, scene_settings
from ...words.language import translated_report, translated_tip
from ..dialog import Asking
from ..lazy import (
    State,
    awaiting,
    balance,
    chosen,
    duplicates,
    filling,
    overrides,
    parameters,
    paths,
    pump,
    seeds,
    session,
    subjects,
    submission,
    waiting,
)
from ..lazy import reading as forms

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ....engine.models.model import Model
    from ...request.reading import Form, Source
    from ...request.submission import Filled

__all__ = ["register", "unregister"]

_NONE = "none"
"""In place of a model."""


class SCENARIO_OT_generate(Asking, bpy.types.Operator):
    """Turn the picture into a mesh, by each model that is chosen. What it costs is on the button"""

    bl_idname = "scenario.generate"
    bl_label = "Generate"

    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN", *PATH_OPTIONS})
    image: StringProperty(name="Image", options={"SKIP_SAVE", "HIDDEN"})
    again: BoolProperty(
        name="Order Again",
        description="Order it even if the same is being made already",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    model: StringProperty(
        name="Model",
        description="Id of the 3D model, in place of all that the scene has",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    more_models: StringProperty(
        name="More Models",
        description="Ids of further 3D models, apart by spaces",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    seeds: IntProperty(
        name="Seeds",
        description="How many meshes each 3D model makes. 0 for as many as the scene says",
        min=0,
        options={"SKIP_SAVE", "HIDDEN"},
    )
    then: StringProperty(
        name="Then",
        description="Id of the model that changes each mesh once it is there, or none",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    source: StringProperty(name="Source", description="As the scene's own", options={"SKIP_SAVE", "HIDDEN"})
    prompt: StringProperty(name="Prompt", options={"SKIP_SAVE", "HIDDEN"})
    parameters: StringProperty(
        name="Parameters",
        description="Of the first model, as a JSON object",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    output: StringProperty(
        name="Output",
        description="The folder where the mesh is kept",
        subtype="DIR_PATH",
        options={"SKIP_SAVE", "HIDDEN", *PATH_OPTIONS},
    )
    is_confirmed: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})
    _asked = None

    if TYPE_CHECKING:
        filepath: str
        image: str
        again: bool
        model: str
        more_models: str
        seeds: int
        then: str
        source: str
        prompt: str
        parameters: str
        output: str
        is_confirmed: bool
        _asked: "Filled | Form | None"
        """What the artist saw, and the price of it."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            return True  # a script gets the reason as an error, not as a button that is grey
        problem = forms.read(context).problem
        if problem:
            cls.poll_message_set(translated_tip(problem))
        return problem is None

    @classmethod
    def description(cls, context: bpy.types.Context, properties: "SCENARIO_OT_generate") -> str:
        about = str(cls.__doc__)
        is_the_forms = not (properties.filepath or properties.image or properties.model)
        bill = forms.read(context).bill if is_the_forms and session.is_ready else None
        told = balance.price_words(bill.known_cu) if bill is not None else ""
        return translated_tip(f"{about}. {told}" if told else about)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if duplicates.is_double_click():
            return {"CANCELLED"}
        try:
            form = self._form(context)
            wanted = self._filled(context, form) if _is_complete(form) else None
        except ScenarioError as error:
            return self.complain(error.user_message)
        if question := _question(context, form, wanted):
            self.is_confirmed, self._asked = True, wanted or form
            return self.ask_first(context, **question)
        return self._begin(context, wanted or form, again=False)

    def run(self, context: bpy.types.Context) -> set[str]:
        """Order meshes. From a script: blocks until all are in the scene. After a confirmation: returns at once."""
        if self.is_confirmed and not bpy.app.background:
            wanted = self._asked or self._filled(context, self._form(context))
            is_once_more = wanted is self._asked and not isinstance(wanted, forms.Form) and wanted.is_under_way
            return self._begin(context, wanted, again=self.again or is_once_more)
        settings = scene_settings(context.scene)
        session.online()  # first of all: what is known of models is loaded with it
        with overrides.chosen(settings, **self._overrides()):
            models = [self._model(settings, model_id) for model_id in chosen.chosen_models(settings)]
            if follows := chosen.chosen_step(settings):
                self._model(settings, follows)
            with overrides.with_parameters(settings, models[0], self.parameters):
                jobs = self._submit(self._wanted(context), again=self.again)
        missing = [job for asked in jobs if (job := awaiting.wait_for_all(asked.id)).state is not State.IMPORTED]
        for job in missing:
            self.complain(waiting.why(job) if len(jobs) == 1 else f"{seeds.maker_of(job.order)}: {waiting.why(job)}")
        return {"CANCELLED"} if missing else {"FINISHED"}

    def _overrides(self) -> dict[str, str | int | None]:
        """What a script wants for this once.

        :raises InputError: so many seeds are for the command line.
        """
        if self.seeds > MAX_SEEDS:
            raise InputError(f"One press makes at most {MAX_SEEDS} meshes by a model: ask for fewer seeds.")
        return {
            "model": self.model or None,
            "more_models": self.more_models or ("" if self.model else None),
            "seeds": self.seeds or None,
            "then": "" if self.then == _NONE else self.then or None,
            "source": self.source or None,
            "prompt": self.prompt or None,
        }

    def _model(self, settings: SCENARIO_PG_scene, model_id: str) -> "Model":
        """Get a model as it is today, and its parameters in the scene in step with it. Waits.

        :raises ScenarioError: there is no such model, or no way to the service.
        """
        model = session.models.fetch(model_id, session.online().client)
        if not parameters.is_synced(settings.models, model):
            note = parameters.catch_up(settings.models, model)
            self.report({"INFO"}, translated_report(note)) if note else None
        return model

    def _wanted(self, context: bpy.types.Context) -> "Filled":
        """Take all pictures and get the price of several, however long that takes."""
        form = self._form(context)
        for one in form.forms:
            if one.wanted is not None and not _is_complete(one):
                subjects.take(one.wanted)
        if (form.count > 1 or form.step is not None) and form.problem is None:
            form = forms.with_prices_now(context, form)
        return self._filled(context, form)

    def _source(self, context: bpy.types.Context) -> "Source | None":
        if self.filepath:
            return forms.Source("FILE", filepath=self.filepath)
        return forms.Source("IMAGE", image=self.image) if self.image else None

    def _form(self, context: bpy.types.Context) -> "Form":
        return forms.read(context, self._source(context))

    def _filled(self, context: bpy.types.Context, form: "Form") -> "Filled":
        """Take the pictures, and see whether the same is being made.

        :raises ScenarioError: it cannot be asked for.
        """
        output = paths.path_asked_for(self.output) if self.output else None
        return submission.filled(form, *filling.fill_in_all(context, form, output=output))

    def _begin(self, context: bpy.types.Context, wanted: "Filled | Form", *, again: bool) -> set[str]:
        """Order a mesh in the window: returns at once, and the timer carries the job on.

        :param wanted: a form alone, where pictures have to be taken first.
        """
        try:
            if isinstance(wanted, forms.Form):
                submission.order_with_pictures(context, wanted, is_agreed=self.is_confirmed)
            else:
                self._submit(wanted, again=again)
        except ScenarioError as error:
            return self.complain(error.user_message)
        duplicates.note_press()
        pump.arm()
        pump.redraw()
        return {"FINISHED"}

    def _submit(self, wanted: "Filled", *, again: bool) -> "list[Job]":
        """Have the jobs written down and carried on.

        :raises ScenarioError: they cannot be asked for.
        """
        jobs = submission.submit(wanted, again=again, is_agreed=self.is_confirmed)
        for note in wanted.told(again=again):
            self.report({"INFO"}, translated_report(note))
        return jobs


def _is_complete(form: "Form") -> bool:
    """Whether no pictures have to be taken that take longer than a press may."""
    wanted = [one.wanted for one in form.forms if one.wanted is not None]
    return form.problem is not None or all(subjects.fresh(one) is not None for one in wanted)


def _question(context: bpy.types.Context, form: "Form", wanted: "Filled | None") -> dict[str, str] | None:
    """What to ask before this is ordered; ``None`` where the button says the price and the limit allows it."""
    if wanted is not None and wanted.is_under_way:
        about = form.limit_question if form.is_over_limit else form.summary
        twins = submission.told_of(wanted.twins)
        title = "Order It Again?" if len(wanted.twins) == 1 else "Order Them Again?"
        return {"title": title, "question": f"{twins} {about}", "yes": "Order Again"}
    bill = wanted.bill(again=False) if wanted is not None else form
    if bill.is_over_limit:
        return {"title": "Above the Spend Limit", "question": bill.limit_question, "yes": "Order Anyway"}
    if context.region is None or context.region.type != "UI":  # a shortcut, Quick Favorites or the search: no price
        what = "a Mesh" if form.count == 1 else f"{form.count} Meshes"
        return {"title": f"Generate {what}?", "question": form.summary, "yes": "Order"}
    return None


classes = (SCENARIO_OT_generate,)
register, unregister = bpy.utils.register_classes_factory(classes)
