# SPDX-License-Identifier: GPL-3.0-or-later
"""``scenario.generate``: the one operator that orders something new."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from pathlib import Path
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty

from ....engine.errors import ScenarioError
from ...form.properties import scene_settings
from ..dialog import Asking
from ..lazy import State, duplicates, filling, overrides, parameters, pump, session, subjects, submission, waiting
from ..lazy import reading as forms

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ...request.reading import Form, Source
    from ...request.submission import Filled

__all__ = ["register", "unregister"]


class SCENARIO_OT_generate(Asking, bpy.types.Operator):
    """Turn the picture into a mesh. What it costs is on the button; several can run at once"""

    bl_idname = "scenario.generate"
    bl_label = "Generate"

    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    image: StringProperty(name="Image", options={"SKIP_SAVE", "HIDDEN"})
    again: BoolProperty(
        name="Order Again",
        description="Order it even if the same is being made already",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    model: StringProperty(name="Model", description="Id of the 3D model", options={"SKIP_SAVE", "HIDDEN"})
    source: StringProperty(name="Source", description="As the scene's own", options={"SKIP_SAVE", "HIDDEN"})
    prompt: StringProperty(name="Prompt", options={"SKIP_SAVE", "HIDDEN"})
    parameters: StringProperty(
        name="Parameters",
        description="Of the model, as a JSON object",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    output: StringProperty(
        name="Output",
        description="The folder where the mesh is kept",
        subtype="DIR_PATH",
        options={"SKIP_SAVE", "HIDDEN"},
    )
    is_confirmed: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})
    _asked = None

    if TYPE_CHECKING:
        filepath: str
        image: str
        again: bool
        model: str
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
            cls.poll_message_set(problem)
        return problem is None

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        if duplicates.is_double_click():
            return {"CANCELLED"}
        try:
            form = self._form(context)
            wanted = self._filled(context, form) if _is_complete(form) else None
        except ScenarioError as error:
            return self._complain(error.user_message)
        if question := _question(context, form, wanted.twin if wanted else None):
            self.is_confirmed, self._asked = True, wanted or form
            return self.ask_first(context, **question)
        return self._begin(context, wanted or form, again=False)

    def run(self, context: bpy.types.Context) -> set[str]:
        """Order a mesh. From a script: blocks until it is in the scene. After a confirmation: returns at once."""
        if self.is_confirmed and not bpy.app.background:
            wanted = self._asked or self._filled(context, self._form(context))
            twin = None if isinstance(wanted, forms.Form) else wanted.twin
            return self._begin(context, wanted, again=self.again or (wanted is self._asked and twin is not None))
        settings, client = scene_settings(context.scene), session.online().client
        with overrides.chosen(settings, model=self.model, source=self.source, prompt=self.prompt):
            model = session.models.fetch(forms.model_id(settings), client)
            if not parameters.is_synced(settings.models, model):
                note = parameters.catch_up(settings.models, model)
                self.report({"INFO"}, note) if note else None
            with overrides.with_parameters(settings, model, self.parameters):
                job = self._submit(self._wanted(context), again=self.again)
        job = waiting.wait_for_job(job.id)
        return {"FINISHED"} if job.state is State.IMPORTED else self._complain(waiting.why(job))

    def _wanted(self, context: bpy.types.Context) -> "Filled":
        """Take all pictures, however long that takes."""
        form = self._form(context)
        if form.wanted is not None and not _is_complete(form):
            subjects.take(form.wanted)
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
        output = Path(bpy.path.abspath(self.output)).absolute() if self.output else None
        return submission.filled(form, *filling.fill_in(context, form, output=output))

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
            return self._complain(error.user_message)
        duplicates.note_press()
        pump.arm()
        pump.redraw()
        return {"FINISHED"}

    def _submit(self, wanted: "Filled", *, again: bool) -> "Job":
        """Have the job written down and carried on.

        :raises ScenarioError: it cannot be asked for.
        """
        job = submission.submit(wanted, again=again, is_agreed=self.is_confirmed)
        for note in wanted.notes:
            self.report({"INFO"}, note)
        return job

    def _complain(self, text: str) -> set[str]:
        self.report({"ERROR"}, text)
        return {"CANCELLED"}


def _is_complete(form: "Form") -> bool:
    """Whether no pictures have to be taken that take longer than a press may."""
    return form.problem is not None or form.wanted is None or subjects.fresh(form.wanted) is not None


def _question(context: bpy.types.Context, form: "Form", twin: "Job | None") -> dict[str, str] | None:
    """What to ask before this is ordered; ``None`` where the button says the price and the limit allows it."""
    if twin is not None:
        about = form.limit_question if form.is_over_limit else form.summary
        return {"title": "Order It Again?", "question": f"{submission.told_of(twin)} {about}", "yes": "Order Again"}
    if form.is_over_limit:
        return {"title": "Above the Spend Limit", "question": form.limit_question, "yes": "Order Anyway"}
    if context.region is None or context.region.type != "UI":  # a shortcut, Quick Favorites or the search: no price
        return {"title": "Generate a Mesh?", "question": form.summary, "yes": "Order"}
    return None


classes = (SCENARIO_OT_generate,)
register, unregister = bpy.utils.register_classes_factory(classes)
