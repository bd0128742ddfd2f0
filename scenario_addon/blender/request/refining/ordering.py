# SPDX-License-Identifier: GPL-3.0-or-later
"""Ordering that a mesh is changed: at once, or when it has been exported. Main thread only."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ....engine.errors import PictureError, ScenarioError
from ....engine.values import HeldMesh
from ...app.config import folder
from ...app.session import session
from ...exporting.exporter import Exported, Exporter
from ...scene.refined import Refined
from ...sources import subjects
from ..filling import complete, prepare
from ..reading import Form, read_refining
from ..submission import Filled, filled, follow

if TYPE_CHECKING:
    from ....engine.ledger.job import Job
    from ....engine.models.model import Model
    from ....engine.values import SourceMesh
    from ...exporting.exporter import Export
    from ...studio.capture import Capture
    from ..filling import Prepared
    from .given import Given

__all__ = ["Wish", "begun_with", "close", "order_when_there", "read_wish"]

log = logging.getLogger(__name__)

_ABOUT: Final = "refine"
"""What the notices are about."""


class Wish:
    """A model that is to change a mesh, as the form has it now.

    :param form: as :func:`read_wish` gives it.
    :param output: the folder where the result is kept; ``None``: where all are.
    """

    def __init__(self, form: Form, given: Given, *, output: Path | None = None) -> None:
        self.form, self.given, self._output = form, given, output

    @property
    def model(self) -> Model:
        """:raises PictureError: it cannot be asked for; the sentence says why."""
        if self.form.model is None or self.form.problem:
            raise PictureError(self.form.problem or "There is no model to ask.")
        return self.form.model

    @property
    def summary(self) -> str:
        """What would be done and what it costs."""
        bill = self.form.bill
        cost = f" {bill.words}." if bill is not None else ""
        return f"{self.model.name} changes {self.given.name}.{cost}"

    @property
    def is_complete(self) -> bool:
        """Whether nothing has to be exported or rendered first, which takes longer than a press may."""
        has_pictures = self.form.wanted is None or subjects.fresh(self.form.wanted) is not None
        return has_pictures and not self.given.is_exported_for(self.model)

    def prepare(self, context: bpy.types.Context) -> Prepared:
        """Take the pictures that are there at once, and remember what else the form says.

        :raises ScenarioError: it cannot be asked for.
        """
        given, model = self.given, self.model
        prepared = prepare(context, self.form)
        refined = Refined(model.refinement, given.objects, given.job_id)
        request = replace(prepared.request, name=given.name, folder=self._output or prepared.request.folder)
        return replace(
            prepared,
            request=request,
            target={**prepared.target, "source": given.source, **refined.in_target()},
            place=given.placement,
            is_in_place=False,
        )

    def begin_export(self, context: bpy.types.Context) -> Export:
        """Have the objects exported as the model takes them.

        :raises ScenarioError: they cannot be.
        """
        outgoing, model = self.given.outgoing(context), self.model
        kept = folder() / "sources"
        return _exporter().begin(outgoing, model.mesh_limits, model_name=model.name, kept=kept)

    def filled(self, prepared: Prepared, capture: Capture | None, exported: Exported | None = None) -> Filled:
        """Check everything, now that all is there.

        :raises ScenarioError: it cannot be asked for.
        """
        mesh: Any = exported.mesh if exported is not None else self.given.mesh_for(self.model)
        ready = replace(prepared, request=replace(prepared.request, mesh=mesh))
        order, notes = complete(ready, capture)
        return filled(self.form, [(self.form, order)], [*notes, *(exported.notes if exported is not None else ())])

    def filled_now(self, context: bpy.types.Context) -> Filled:
        """Do all of it, however long that takes.

        :raises ScenarioError: it cannot be asked for.
        """
        prepared, wanted = self.prepare(context), self.form.wanted
        going = self.begin_export(context) if self.given.is_exported_for(self.model) else None
        if wanted is not None and subjects.fresh(wanted) is None:
            subjects.take(wanted)
        capture = subjects.fresh(wanted) if wanted is not None else None
        return self.filled(prepared, capture, going.result() if going is not None else None)


def read_wish(context: bpy.types.Context, model_id: str, given: Given, *, with_pictures: bool = True) -> Form:
    """Read what would be asked of a model. Cheap enough for every redraw."""
    model = session.models.look_up(model_id)
    mesh: Path | SourceMesh | tuple[HeldMesh, ...] = Path("mesh")
    problem: str | None = None
    try:
        mesh = given.mesh_for(model) if model is not None else mesh  # pyright: ignore[reportAssignmentType]
    except ScenarioError as error:
        problem = error.user_message
    form = read_refining(context, model_id, mesh, with_pictures=with_pictures)
    return replace(form, problem=problem) if problem else form


def begun_with(job: Job) -> Job | None:
    """Our job whose mesh another one began with."""
    held = [entry.mesh.job_id for entry in job.order.meshes if isinstance(entry.mesh, HeldMesh)]
    return session.jobs.get(held[0]) if held and held[0] is not None else None


def order_when_there(context: bpy.types.Context, wish: Wish, *, is_agreed: bool) -> None:
    """Have the mesh exported and pictures taken as everything is now, and what the form says ordered once it is there.

    :raises ScenarioError: it cannot be asked for.
    """
    prepared, wanted = wish.prepare(context), wish.form.wanted
    outcomes: dict[str, Any] = {}
    waited = [
        *(["mesh"] if wish.given.is_exported_for(wish.model) else []),
        *(["capture"] if wanted is not None and subjects.fresh(wanted) is None else []),
    ]

    def note(what: str, outcome: Any) -> None:
        outcomes[what] = outcome
        if all(name in outcomes for name in waited):
            captured = outcomes.get("capture", subjects.fresh(wanted) if wanted is not None else None)

            def fill() -> Filled:
                return wish.filled(prepared, _checked(captured), _checked(outcomes.get("mesh")))

            follow(fill, about=_ABOUT, is_agreed=is_agreed)

    if "mesh" in waited:
        going = wish.begin_export(context)
        session.tell(_ABOUT, f"{wish.given.name} is being exported for {wish.model.name}.")
        session.tasks.run(f"export {id(going)}", going.result, partial(note, "mesh"))
    if "capture" in waited and wanted is not None:
        subjects.take_in_background(wanted, partial(note, "capture"))


def _checked(outcome: Any) -> Any:
    if isinstance(outcome, ScenarioError):
        raise outcome
    return outcome


def _exporter() -> Exporter:
    if session.exporter is None:
        session.exporter = Exporter(Path(bpy.app.tempdir) / "scenario-exports")
    return session.exporter


def close() -> None:
    """End what is under way, and remove every file in use."""
    if session.exporter is not None:
        session.exporter.close()
        session.exporter = None
