# SPDX-License-Identifier: GPL-3.0-or-later
"""``scenario.generate``: the one operator that orders something new."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty

from ...engine.errors import ScenarioError
from ..late import State, access, jobs, parameters, session, waiting, watch
from ..late import form as forms
from ..properties import scene_settings
from .asking import Asking

if TYPE_CHECKING:
    from ...engine.job import Job
    from ..form import Form, Source

__all__ = ["register", "unregister"]


class SCENARIO_OT_generate(Asking, bpy.types.Operator):
    """Turn the picture into a mesh. What it costs is on the button; several can run at once"""

    bl_idname = "scenario.generate"
    bl_label = "Generate"

    filepath: StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE", "HIDDEN"})
    image: StringProperty(name="Image", options={"SKIP_SAVE", "HIDDEN"})
    is_confirmed: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})
    _asked = None

    if TYPE_CHECKING:
        filepath: str
        image: str
        is_confirmed: bool
        _asked: "Form | None"
        """What the artist saw the price of."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if bpy.app.background:
            return True  # a script gets the reason as an error, not as a button that is grey
        problem = forms.read(context).problem
        if problem:
            cls.poll_message_set(problem)
        return problem is None

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        form = forms.read(context, self._source(context))
        if form.problem:
            return self._complain(form.problem)
        if question := _question(context, form):
            self.is_confirmed, self._asked = True, form
            return self.ask_first(context, **question)
        return self._begin(context, form)

    def run(self, context: bpy.types.Context) -> set[str]:
        """From a script: blocks until the mesh is in the scene. After a confirmation: returns at once."""
        if self.is_confirmed and not bpy.app.background:
            return self._begin(context, forms.read(context, self._source(context)))
        settings, client = scene_settings(context.scene), session.online().client
        model = session.models.fetch(forms.model_id(settings), client)
        if not parameters.is_synced(settings.models, model) and (note := parameters.catch_up(settings.models, model)):
            self.report({"INFO"}, note)
        job = waiting.wait_for_job(self._submit(context, forms.read(context, self._source(context))).id)
        return {"FINISHED"} if job.state is State.IMPORTED else self._complain(waiting.why(job))

    def _source(self, context: bpy.types.Context) -> "Source | None":
        if self.filepath:
            return forms.Source("FILE", filepath=self.filepath)
        return forms.Source("IMAGE", image=self.image) if self.image else None

    def _begin(self, context: bpy.types.Context, form: "Form") -> set[str]:
        """In the window: returns at once, and the timer carries the job on."""
        try:
            self._submit(context, form)
        except ScenarioError as error:
            return self._complain(error.user_message)
        watch.arm()
        watch.redraw()
        return {"FINISHED"}

    def _submit(self, context: bpy.types.Context, form: "Form") -> "Job":
        """:raises ScenarioError: it cannot be asked for."""
        order, notes = forms.fill_in(context, form)
        limit_cu = (self._asked or form).cost_cu if self.is_confirmed else access.max_cost_cu()
        job = jobs.new_job(order, scope=session.online().scope, max_cost_cu=limit_cu)
        session.submit(job)
        for note in notes:
            self.report({"INFO"}, note)
        return job

    def _complain(self, text: str) -> set[str]:
        self.report({"ERROR"}, text)
        return {"CANCELLED"}


def _question(context: bpy.types.Context, form: "Form") -> dict[str, str] | None:
    """What to ask before this is ordered; ``None`` where the button says the price and the limit allows it."""
    if form.is_over_limit:
        return {"title": "Above the Spend Limit", "question": form.limit_question, "yes": "Order Anyway"}
    if context.region is None or context.region.type != "UI":  # a shortcut, Quick Favorites or the search: no price
        return {"title": "Generate a Mesh?", "question": form.summary, "yes": "Order"}
    return None


classes = (SCENARIO_OT_generate,)
register, unregister = bpy.utils.register_classes_factory(classes)
