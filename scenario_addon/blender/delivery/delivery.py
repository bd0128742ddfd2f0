# SPDX-License-Identifier: GPL-3.0-or-later
"""When a finished job comes into the scene it was asked for; the operator does it. Main thread only."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import bpy

from ...engine.errors import ProtocolError
from ...engine.ledger.job import Job, State
from ..app.session import session
from ..scene.shading import shows_textures
from .conversions import drop_staged, is_converting, look_ahead, match_ahead, stage
from .homes import keep_marks, scene_of
from .imports import is_there, switches_to_materials

__all__ = ["awaits_delivery", "deliver_ready", "hands_are_free", "modal_operators"]

log = logging.getLogger(__name__)


def deliver_ready() -> bool:
    """Import one job that is ready, if its scene is open and the artist's hands are free; says whether it did."""
    keep_marks(job for job in session.jobs.values() if not job.is_settled)
    coming = [job for job in session.jobs.active if job.order.is_for_scene and scene_of(job)]
    ready = [(job, scene) for job in session.jobs.ready if (scene := scene_of(job))]
    look_ahead(
        is_expected=any(job.state in (State.RUNNING, State.SUCCEEDED) for job in coming if _is_of_mesh(job)),
        waiting=[
            *(job for job, _ in ready if _is_of_mesh(job)),
            *(job for job in coming if job.state is State.DOWNLOADED and _is_of_mesh(job)),
        ],
    )
    for job, scene in ready:
        if _is_welcome() and not is_converting(job):
            if is_staged := not _is_of_mesh(job) or _is_staged(job, scene):
                _deliver(job, scene)
            return is_staged
    if not ready:
        drop_staged()
    return False


def _is_of_mesh(job: Job) -> bool:
    """Whether a mesh has to be made ready for the scene; a picture is at once."""
    return not job.order.gives_picture


def awaits_delivery(job: Job) -> bool:
    """Whether a job will be imported by itself as soon as nobody is in the way."""
    return job in session.jobs.ready and scene_of(job) is not None


def _is_staged(job: Job, scene: bpy.types.Scene) -> bool:
    """Whether the mesh can be shown. Where a viewport will show its textures, one more is made ready first."""
    if not (bpy.app.background or match_ahead(job, scene)):
        return False
    if bpy.app.background or not shows_textures(scene, solid_too=switches_to_materials(scene)):
        return True
    return stage(job)


def _deliver(job: Job, scene: bpy.types.Scene) -> None:
    """Have a job imported where it was asked for; whatever goes wrong becomes the job's error.

    As if a button had been pressed: then Blender makes an undo step, and offers to adjust it.
    """
    operators: Any = bpy.ops.scenario  # pyright: ignore[reportAttributeAccessIssue]
    operator = operators.import_result if _is_of_mesh(job) else operators.use_picture
    try:
        if is_there(job):
            session.jobs.finish(job)
            return
        with _in_view_of(scene):
            operator("EXEC_DEFAULT", not bpy.app.background, job_id=job.id, scene=scene.name)
    except Exception:  # an error of ours must stop neither the timer nor the other jobs
        if job in session.jobs.ready:  # else it is held for a reason that is known
            log.exception("job %s could not be imported", job.id)
            session.jobs.hold(
                job, ProtocolError("Something unexpected happened at the import; see the system console.")
            )


def _in_view_of(scene: bpy.types.Scene) -> AbstractContextManager[object]:
    """Act in a window that shows a scene, if there is any window, as an operator's undo step wants it."""
    if bpy.app.background:
        return nullcontext()
    windows = list(bpy.context.window_manager.windows)
    window = next((window for window in windows if window.scene == scene), windows[0])
    view = next((area for area in window.screen.areas if area.type == "VIEW_3D"), window.screen.areas[0])
    region = next(region for region in view.regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window, area=view, region=region)


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
