# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a job's mesh into a scene, as the operator does. Main thread only."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ... import engine
from ...engine.account.costs import told_cu
from ...engine.errors import ImportFailed, ScenarioError
from ...engine.ledger.job import MOVES, Job, State
from ...engine.models.seeds import maker_of
from ...engine.models.words.refinements import Refinement
from ...engine.text import COMES, amount, lacking, sentences
from ...engine.values import JobId
from ..app.config import brings_into_view, shows_materials
from ..app.session import session
from ..assets.assets import asset_tags, mark_as_asset
from ..scene.bounds import triple
from ..scene.placement import Placement
from ..scene.presence import count_meshes, scene_with
from ..scene.refined import Refined
from ..scene.shading import is_factory_scene, show_materials, shows_solid
from ..scene.views import bring_into_view
from ..variants.group import Kinship, key_at
from .conversions import converted, finish_of, forget, is_converting, is_held, matched, staged
from .homes import here

if TYPE_CHECKING:
    from ..scene.arrival import Arrival

__all__ = [
    "MATERIALS",
    "can_wait",
    "import_job",
    "import_when_converted",
    "is_importable",
    "is_obtainable",
    "is_there",
    "lacks",
    "note_if_there",
    "switches_to_materials",
    "target_here",
]

MATERIALS: Final = "materials"
"""What the offer to show them is about."""

log = logging.getLogger(__name__)


def is_importable(job: Job) -> bool:
    """Whether there is, or may be, a mesh to import: here, or at the service."""
    return is_obtainable(job) and not job.order.gives_picture


def is_obtainable(job: Job) -> bool:
    """Whether there is, or may be, a mesh or a picture: here, or at the service."""
    return bool(job.file or job.result_ids or (job.state is State.CANCELLED and job.remote_id))


def is_there(job: Job) -> bool:
    """Whether the mesh came in already, which the ledger has not heard of, and no further copy was asked for."""
    return count_meshes(job.id) > job.order.target.get("copies", 0)


def note_if_there(job: Job) -> bpy.types.Scene | None:
    """Write down that the mesh of a job that is ready has come in before; gives the scene that has it.

    :return: ``None`` when it is not there, or all of it was deleted.
    """
    scene = scene_with(job.id) if job.state is State.READY and is_there(job) else None
    if scene is not None:
        session.jobs.finish(job)
    return scene


def import_job(job: Job, *, scene: bpy.types.Scene, placement: Placement) -> Arrival:
    """Import a job's file, and note in the ledger that it is there.

    A job that was due and failed is held, or goes on with another of its formats where the service has one.

    :raises ImportFailed: the scene is as it was.
    """
    try:
        imported = _imported(job, scene=scene, placement=placement)
    except ScenarioError as error:
        log.warning("job %s: %s", job.id, error)
        forget(job)
        if job in session.jobs.ready:
            session.jobs.hold(job, error)
            _try_other_file(job)
        raise
    is_new = job.state is not State.IMPORTED
    if is_flawed := bool(imported.flaws or imported.told):
        job = replace(job, notice=_notice(job, imported))
    session.jobs.finish(job)  # before what follows, which can fail without the mesh being any less there
    switched = False
    try:
        switched = _present(job, imported, scene)
    except Exception as error:
        log.exception("job %s: what follows the import broke", job.id)
        told = f"It is in the scene, but not all that was wanted after the import worked ({error})."
        session.jobs.write(replace(session.jobs[job.id], notice=sentences(job.notice, told)))
    if is_new:
        session.announcements.add("WARNING" if is_flawed else "INFO", _news(job, imported, is_switched=switched))
    return imported


def _news(job: Job, imported: Arrival, *, is_switched: bool) -> str:
    """Say that a mesh is there, and what of it the artist would otherwise look for."""
    cost_cu = told_cu(job) if not job.origin else None  # it costs whoever has ordered it
    facts = (f"{imported.triangles:,} triangles", amount(cost_cu) if cost_cu is not None else "", imported.where)
    told = f"{job.order.name} is in the scene: {', '.join(filter(None, facts))}"
    switched = "The viewports show materials now" if is_switched else ""
    cleaned = f"After the clean-up: {imported.cleaned}" if imported.cleaned else ""
    if imported.report:
        told = ", ".join(filter(None, (imported.report, facts[1])))
    return sentences(told, lacking("It comes", imported.flaws), imported.told, cleaned, switched)


def lacks(job: Job, imported: Arrival) -> str:
    """Say what a mesh that came in is without, or is not as it was to be; "" when that is nothing."""
    return sentences(lacking(f"{job.order.name} is in the scene,", imported.flaws), imported.told)


def _notice(job: Job, imported: Arrival) -> str:
    """What has to be known of a mesh that came in: what it lacks, instead of what its file does."""
    of_file = lacking(COMES, job.file.flaws) if job.file else ""
    others = (job.notice or "").replace(of_file, "") if of_file else job.notice
    told = lacks(job, imported)
    return others if others and told in others else sentences(others, told)


def switches_to_materials(scene: bpy.types.Scene) -> bool:
    """Whether viewports in Solid will show what has come in with its materials: never by itself in a scene at work."""
    return shows_materials() or is_factory_scene(scene)


def _present(job: Job, imported: Arrival, scene: bpy.types.Scene) -> bool:
    """Show a mesh that has come in, and have it found again.

    :return: whether viewports show materials now that did not.
    """
    if (tags := asset_tags(job.order.target)) is not None and not imported.report:
        mark_as_asset(imported.collection, imported.root, job.order, tags=tags)
    is_switched = switches_to_materials(scene) and show_materials(scene)
    if imported.textures and not session.has_offered_materials and shows_solid(scene):
        session.has_offered_materials = True
        session.tell(MATERIALS, "Solid viewports show no textures")
    if brings_into_view() and imported.root.select_get():
        bring_into_view(imported, scene)
    return is_switched


def _imported(job: Job, *, scene: bpy.types.Scene, placement: Placement) -> Arrival:
    from ..importing.importer import import_mesh  # lazy: numpy takes longer than enabling an add-on may
    from ..refining.refining import seat_of

    if (file := job.file_here) is None:
        raise ImportFailed("The file is no longer there.", path=job.file.path if job.file else Path())
    refined = _refined(job)
    seat = None
    if refined is not None:
        label, map_name = maker_of(job.order), job.order.model_name
        ready, held = matched(job), is_held(job)
        seat = seat_of(refined, scene, label=label, map_name=map_name, is_held=held, ready=ready)
        placement = placement if seat is not None else _earlier_place(refined) or placement
    arrival = import_mesh(
        file.path,
        name=job.order.name,
        job_id=job.id,
        model_id=job.order.model_id,
        placement=placement,
        finish=finish_of(job),
        converted=converted(job),
        staged=staged(job),
        variant=_kinship(job, placement, scene),
        seat=seat,
        scene=scene,
    )
    gone = _gone(refined) if refined is not None and seat is None else ""
    told = f"{gone} is not in this scene any more: the result stands where a new mesh would."
    return replace(arrival, told=told) if gone else arrival


def _refined(job: Job) -> Refined | None:
    """What a job's mesh takes the place of; ``None`` for what was made of pictures, and for a further copy."""
    refined = Refined.of_target(job.order.target)
    is_further = refined is not None and refined.kind != Refinement.UVS and count_meshes(job.id) > 0
    return None if is_further else refined


def _gone(refined: Refined) -> str:
    """Name what was in the scene and is not; "" for what never was."""
    if refined.objects:
        return refined.objects[0]
    job = session.jobs.get(JobId(refined.job_id)) if refined.job_id else None
    return job.order.name if job is not None and job.state is State.IMPORTED else ""


def _earlier_place(refined: Refined) -> Placement | None:
    """Where the mesh was put that a job of ours had made and that is gone."""
    job = session.jobs.get(JobId(refined.job_id)) if refined.job_id else None
    return Placement.of_target(job.order.target) if job is not None else None


def _kinship(job: Job, placement: Placement, scene: bpy.types.Scene) -> Kinship | None:
    """Say what a mesh is a variant of: what was made of the same source for the same place."""
    source = job.order.target.get("source")
    if not source:  # an order of an older version
        return None
    point = placement.location or triple(scene.cursor.location)
    return Kinship(key_at(placement, point, source), maker_of(job.order))


def _try_other_file(job: Job) -> None:
    """Ask for another format: what Blender cannot read in one it may in another, and that is paid for, too."""
    if job.file_here is not None and job.other_files and session.jobs.can_ask(job):
        session.ask(job.id, engine.try_other_file)


def can_wait(job: Job) -> bool:
    """Whether the import of a job's file is better left to the timer: another Blender has yet to convert it."""
    return State.READY in MOVES[job.state] and is_converting(job)


def import_when_converted(job: Job, target: Mapping[str, Any]) -> None:
    """Have the timer import a job's file into where ``target`` says."""
    session.jobs.write(job.moved(State.READY, order=replace(job.order, target=target), wait_s=None))


def target_here(job: Job, context: bpy.types.Context, placement: Placement) -> dict[str, Any]:
    """A job's target moved to the scene and the 3D cursor that are shown, for one more mesh than there are of it."""
    point = placement.location or triple(context.scene.cursor.location)
    return {
        **job.order.target,
        **here(context),
        "placement": replace(placement, location=point).to_json(),
        "copies": count_meshes(job.id),
    }
