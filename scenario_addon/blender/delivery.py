# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing finished jobs into the scene they were asked for. Main thread only."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from .. import engine
from ..engine.errors import ImportFailed, ProtocolError, ScenarioError
from ..engine.job import MOVES, Job, State
from .access import shows_materials
from .assets import asset_tags, mark_as_asset
from .bounds import triple
from .homes import here, keep_marks, scene_of
from .placement import Placement
from .preparing import drop_staged, finish_of, forget, is_preparing, look_ahead, prepared, stage, staged
from .presence import count_models, scene_with
from .session import session
from .shading import show_materials, shows_textures

if TYPE_CHECKING:
    from .importer import ImportedModel

__all__ = [
    "awaits_delivery",
    "can_wait",
    "deliver_ready",
    "hands_are_free",
    "import_job",
    "import_when_prepared",
    "is_importable",
    "modal_operators",
    "note_if_there",
    "target_here",
]

log = logging.getLogger(__name__)


def deliver_ready() -> bool:
    """Import one job that is ready, if its scene is open and the artist's hands are free; says whether it did."""
    keep_marks(job for job in session.jobs.values() if not job.is_settled)
    coming = [job for job in session.jobs.active if job.order.is_for_scene and scene_of(job)]
    ready = [(job, scene) for job in session.jobs.ready if (scene := scene_of(job))]
    look_ahead(
        is_expected=any(job.state in (State.RUNNING, State.SUCCEEDED) for job in coming),
        waiting=[*(job for job, _ in ready), *(job for job in coming if job.state is State.DOWNLOADED)],
    )
    for job, scene in ready:
        if _is_welcome() and not is_preparing(job):
            if is_staged := _is_staged(job, scene):
                _deliver(job, scene)
            return is_staged
    if not ready:
        drop_staged()
    return False


def awaits_delivery(job: Job) -> bool:
    """Whether a job will be imported by itself as soon as nobody is in the way."""
    return job in session.jobs.ready and scene_of(job) is not None


def _is_staged(job: Job, scene: bpy.types.Scene) -> bool:
    """Whether the model can be shown. Where a viewport will show its textures, one more is made ready first."""
    if bpy.app.background or not shows_textures(scene, solid_too=shows_materials()):
        return True
    return stage(job)


def _deliver(job: Job, scene: bpy.types.Scene) -> None:
    """Import a job where it was asked for; whatever goes wrong becomes the job's error."""
    try:
        if _is_there(job):
            session.jobs.finish(job)
        elif bpy.app.background:
            import_job(job, scene=scene, placement=Placement.of_target(job.order.target))
        else:
            _import_for_the_artist(job, scene)
    except Exception:  # an error of ours must stop neither the timer nor the other jobs
        if job in session.jobs.ready:  # else it is held for a reason that is known
            log.exception("job %s could not be imported", job.id)
            session.jobs.hold(
                job, ProtocolError("Something unexpected happened at the import; see the system console.")
            )


def _is_there(job: Job) -> bool:
    """Whether the model came in already, which the ledger has not heard of, and no further copy was asked for."""
    return count_models(job.id) > job.order.target.get("copies", 0)


def note_if_there(job: Job) -> bpy.types.Scene | None:
    """Write down that the model of a job that is ready has come in before; gives the scene that has it.

    :return: ``None`` when it is not there, or all of it was deleted.
    """
    scene = scene_with(job.id) if job.state is State.READY and _is_there(job) else None
    if scene is not None:
        session.jobs.finish(job)
    return scene


def _import_for_the_artist(job: Job, scene: bpy.types.Scene) -> None:
    """By the operator, as if a button had been pressed: then Blender makes an undo step, and offers to adjust it.

    :raises RuntimeError: it did not work.
    """
    windows = list(bpy.context.window_manager.windows)
    window = next((window for window in windows if window.scene == scene), windows[0])
    view = next((area for area in window.screen.areas if area.type == "VIEW_3D"), window.screen.areas[0])
    region = next(region for region in view.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=view, region=region):
        operator: Any = bpy.ops.scenario.import_result  # pyright: ignore[reportAttributeAccessIssue]
        operator("EXEC_DEFAULT", True, job_id=job.id, scene=scene.name)


def import_job(job: Job, *, scene: bpy.types.Scene, placement: Placement) -> ImportedModel:
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
    if (tags := asset_tags(job.order.target)) is not None:
        collection, root = bpy.data.collections[imported.collection], bpy.data.objects[imported.objects[0]]
        mark_as_asset(collection, root, job.order, tags=tags)
    if shows_materials():
        show_materials(scene)
    session.jobs.finish(job)
    return imported


def _try_other_file(job: Job) -> None:
    """What Blender cannot read in one format it may in another, and that is paid for, too."""
    has_file = job.file is not None and job.file.path.exists()
    if has_file and job.other_files and session.jobs.can_ask(job):
        session.ask(job.id, engine.try_other_file)


def can_wait(job: Job) -> bool:
    """Whether the import of a job's file is better left to the timer: another Blender has yet to convert it."""
    return State.READY in MOVES[job.state] and is_preparing(job)


def import_when_prepared(job: Job, target: Mapping[str, Any]) -> None:
    """Have the timer import a job's file into where ``target`` says."""
    session.jobs.write(job.moved(State.READY, order=replace(job.order, target=target), wait_s=None))


def target_here(job: Job, context: bpy.types.Context, placement: Placement) -> dict[str, Any]:
    """A job's target moved to the scene and the 3D cursor that are shown, for one more model than there are of it."""
    point = placement.location or triple(context.scene.cursor.location)
    return {
        **job.order.target,
        **here(context),
        "placement": replace(placement, location=point).to_json(),
        "copies": count_models(job.id),
    }


def _imported(job: Job, *, scene: bpy.types.Scene, placement: Placement) -> ImportedModel:
    from .importer import import_model  # late: numpy takes longer than enabling an add-on may

    if job.file is None or not job.file.path.exists():
        raise ImportFailed("The file is no longer there.", path=job.file.path if job.file else Path())
    return import_model(
        job.file.path,
        name=job.order.name,
        job_id=job.id,
        model_id=job.order.model_id,
        placement=placement,
        finish=finish_of(job),
        prepared=prepared(job),
        staged=staged(job),
        scene=scene,
    )


def is_importable(job: Job) -> bool:
    """Whether there is, or may be, a model to import: here, or at the service."""
    return bool(job.file or job.result_ids or (job.state is State.CANCELLED and job.remote_id))


def hands_are_free() -> bool:
    """Whether no operator but ours is under way: nobody is dragging or typing anything."""
    return set(modal_operators()) <= {"SCENARIO_OT_watch", None}


def modal_operators() -> list[str | None]:
    """Names of the operators under way; ``None`` for one that ended with its add-on: it stays until the next event."""
    windows = bpy.context.window_manager.windows
    return [_name(operator) for window in windows for operator in window.modal_operators]


def _name(operator: bpy.types.Operator | None) -> str | None:
    try:
        return operator.bl_idname if operator else None
    except ValueError:  # Blender 4.3 has an empty one where later ones have none
        return None


def _is_welcome() -> bool:
    """Whether an import would not get in the way."""
    return bpy.app.background or (hands_are_free() and not bpy.app.is_job_running("RENDER"))
