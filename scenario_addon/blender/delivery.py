# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing finished jobs into the scene they were asked for. Main thread only."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy

from ..engine.errors import ImportFailed, ProtocolError, ScenarioError
from ..engine.job import Job, State
from .access import shows_materials
from .finish import Finish
from .placement import Placement
from .session import session
from .shading import show_materials

if TYPE_CHECKING:
    from .importer import ImportedModel

__all__ = [
    "awaits_delivery",
    "deliver_ready",
    "hands_are_free",
    "here",
    "import_job",
    "is_at_home",
    "is_importable",
    "modal_operators",
]

log = logging.getLogger(__name__)


def deliver_ready() -> bool:
    """Import one job that is ready, if its scene is open and the artist's hands are free; says whether it did."""
    for job in session.ready_jobs:
        scene = _scene_of(job)
        if scene is not None and _is_welcome():
            _deliver(job, scene)
            return True
    return False


def awaits_delivery(job: Job) -> bool:
    """Whether a job will be imported by itself as soon as nobody is in the way."""
    return job in session.ready_jobs and _scene_of(job) is not None


def _deliver(job: Job, scene: bpy.types.Scene) -> None:
    """Import a job where it was asked for; whatever goes wrong becomes the job's error."""
    try:
        import_job(job, scene=scene, placement=Placement.of_target(job.order.target))
    except ScenarioError as error:
        log.warning("job %s: %s", job.id, error)
        session.hold(job, error)
    except Exception:  # an error of ours must stop neither the timer nor the other jobs
        log.exception("job %s could not be imported", job.id)
        session.hold(job, ProtocolError("Something unexpected happened at the import; see the system console."))


def import_job(job: Job, *, scene: bpy.types.Scene, placement: Placement) -> ImportedModel:
    """Import a job's file as one undo step, and note in the ledger that it is there.

    :raises ImportFailed: the scene is as it was.
    """
    from .importer import import_model  # late: numpy takes longer than enabling an add-on may

    if job.file is None or not job.file.path.exists():
        raise ImportFailed("The file is no longer there.", path=job.file.path if job.file else Path())
    imported = import_model(
        job.file.path,
        name=job.order.name,
        job_id=job.id,
        model_id=job.order.model_id,
        placement=placement,
        finish=Finish.from_json(job.order.target.get("finish")),
        scene=scene,
    )
    if shows_materials():
        show_materials(scene)
    session.finish(job)
    return imported


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


def here(context: bpy.types.Context) -> dict[str, Any]:
    """Which scene of which file something belongs to, in words that outlive the file being closed."""
    return {
        "blend": bpy.data.filepath,
        "file_token": session.file_token,
        "scene": context.scene.name,
    }


def is_at_home(job: Job) -> bool:
    """Whether the file that the job was asked for in is the one that is open."""
    target = job.order.target
    same_file = bool(target.get("blend")) and target["blend"] == bpy.data.filepath
    return same_file or target.get("file_token") == session.file_token


def _scene_of(job: Job) -> bpy.types.Scene | None:
    return bpy.data.scenes.get(job.order.target.get("scene", "")) if is_at_home(job) else None
