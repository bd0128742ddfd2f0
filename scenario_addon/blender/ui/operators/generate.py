# SPDX-License-Identifier: GPL-3.0-or-later
"""``scenario.generate``: the one operator that orders something new."""

# Annotations are no strings here: Blender would compile every one of them when a class is registered.

from dataclasses import dataclass
from typing import TYPE_CHECKING

import bpy
from bpy.props import BoolProperty, StringProperty

from ....engine.errors import AlreadyOrdered, ScenarioError
from ...form.properties import scene_settings
from ..lazy import State, config, duplicates, jobs, parameters, pump, session, waiting
from ..lazy import reading as forms
from .dialog import Asking

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ....engine.values import Order
    from ...request.reading import Form, Source

__all__ = ["register", "unregister"]


@dataclass(frozen=True)
class Wanted:
    """What a press asks for."""

    form: "Form"
    order: "Order"
    notes: tuple[str, ...]
    """What the artist should know of it."""
    twin: "Job | None"
    """A job that makes the same already."""


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
    is_confirmed: BoolProperty(options={"SKIP_SAVE", "HIDDEN"})
    _asked = None

    if TYPE_CHECKING:
        filepath: str
        image: str
        again: bool
        is_confirmed: bool
        _asked: "Wanted | None"
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
            wanted = self._wanted(context)
        except ScenarioError as error:
            return self._complain(error.user_message)
        if question := _question(context, wanted):
            self.is_confirmed, self._asked = True, wanted
            return self.ask_first(context, **question)
        return self._begin(wanted, again=False)

    def run(self, context: bpy.types.Context) -> set[str]:
        """Order a mesh. From a script: blocks until it is in the scene. After a confirmation: returns at once."""
        if self.is_confirmed and not bpy.app.background:
            wanted = self._asked or self._wanted(context)
            return self._begin(wanted, again=self.again or (wanted is self._asked and wanted.twin is not None))
        settings, client = scene_settings(context.scene), session.online().client
        model = session.models.fetch(forms.model_id(settings), client)
        if not parameters.is_synced(settings.models, model) and (note := parameters.catch_up(settings.models, model)):
            self.report({"INFO"}, note)
        job = waiting.wait_for_job(self._submit(self._wanted(context), again=self.again).id)
        return {"FINISHED"} if job.state is State.IMPORTED else self._complain(waiting.why(job))

    def _source(self, context: bpy.types.Context) -> "Source | None":
        if self.filepath:
            return forms.Source("FILE", filepath=self.filepath)
        return forms.Source("IMAGE", image=self.image) if self.image else None

    def _wanted(self, context: bpy.types.Context) -> "Wanted":
        """Take the pictures, and see whether the same is being made.

        :raises ScenarioError: it cannot be asked for.
        """
        form = forms.read(context, self._source(context))
        order, notes = forms.fill_in(context, form)
        return Wanted(form, order, tuple(notes), duplicates.job_under_way(order))

    def _begin(self, wanted: "Wanted", *, again: bool) -> set[str]:
        """Order a mesh in the window: returns at once, and the timer carries the job on."""
        try:
            self._submit(wanted, again=again)
        except ScenarioError as error:
            return self._complain(error.user_message)
        duplicates.note_press()
        pump.arm()
        pump.redraw()
        return {"FINISHED"}

    def _submit(self, wanted: "Wanted", *, again: bool) -> "Job":
        """Have the job written down and carried on.

        :raises ScenarioError: it cannot be asked for.
        """
        if wanted.twin is not None and not again:
            raise AlreadyOrdered(f"{_told(wanted.twin)} Wait for it, or order it again with again=True.")
        for job in duplicates.waiting_for_user(wanted.order):
            session.jobs.remove(job.id)  # this press is the answer that it waited for
        price_cu = wanted.form.cost_cu
        is_agreed = self.is_confirmed and (price_cu is not None or wanted.form.is_over_limit)
        limit_cu = price_cu if is_agreed else config.max_cost_cu()
        job = jobs.new_job(wanted.order, scope=session.online().scope, max_cost_cu=limit_cu, quote_cu=price_cu)
        session.submit(job, again=again)
        for note in wanted.notes:
            self.report({"INFO"}, note)
        return job

    def _complain(self, text: str) -> set[str]:
        self.report({"ERROR"}, text)
        return {"CANCELLED"}


def _told(twin: "Job") -> str:
    """Say in a sentence what is being done already."""
    if twin.error_kind == AlreadyOrdered.__name__:
        return f"The same ({twin.order.name}) is being made by another Blender or a script."
    if twin.state is State.UNCERTAIN:
        return f"The same ({twin.order.name}) was ordered, and no answer has come yet."
    if twin.is_held:
        return f"The same ({twin.order.name}) was ordered already, and Try Again goes on with it."
    return f"The same ({twin.order.name}) is being made."


def _question(context: bpy.types.Context, wanted: Wanted) -> dict[str, str] | None:
    """What to ask before this is ordered; ``None`` where the button says the price and the limit allows it."""
    form = wanted.form
    if wanted.twin is not None:
        about = form.limit_question if form.is_over_limit else form.summary
        return {"title": "Order It Again?", "question": f"{_told(wanted.twin)} {about}", "yes": "Order Again"}
    if form.is_over_limit:
        return {"title": "Above the Spend Limit", "question": form.limit_question, "yes": "Order Anyway"}
    if context.region is None or context.region.type != "UI":  # a shortcut, Quick Favorites or the search: no price
        return {"title": "Generate a Mesh?", "question": form.summary, "yes": "Order"}
    return None


classes = (SCENARIO_OT_generate,)
register, unregister = bpy.utils.register_classes_factory(classes)
