# SPDX-License-Identifier: GPL-3.0-or-later
"""Where jobs belong: which scene of which file, in words that outlive both being renamed or closed. Main thread only.

A scene is known by its number while its file stays open, and by a mark of its own that is saved with it. A copy of a
scene has the marks of the original, and is given another one when something is asked for in it.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy

from ...engine.files import is_same_place
from ...engine.ledger.job import Job
from ..app.session import session
from ..form.properties import scene_settings
from ..form.stored import text

__all__ = ["here", "is_homeless", "keep_marks", "scene_of"]


def here(context: bpy.types.Context) -> dict[str, Any]:
    """Which scene of which file is shown. Marks the scene; not for drawing."""
    scene = context.scene
    return {
        "blend": bpy.data.filepath,
        "file_token": session.file_token,
        "scene": scene.name,
        "scene_mark": _own_mark(scene),
        "scene_uid": scene.session_uid,
    }


def _is_at_home(job: Job) -> bool:
    """Whether the file that the job was asked for in is the one that is open."""
    target = job.order.target
    blend, opened = target.get("blend"), bpy.data.filepath
    return _is_of_this_session(job) or bool(blend and opened and _is_same_file(blend, opened))


@lru_cache(maxsize=1024)
def _is_same_file(one: str, other: str) -> bool:
    """Whether two paths are those of one file: they may be spelled in several ways, or go through links and drives.

    The disk is asked once, and only where both end alike: this is also asked for drawing.
    """
    alike = {unicodedata.normalize("NFC", Path(path).name).casefold() for path in (one, other)}
    return one == other or (len(alike) == 1 and is_same_place(Path(one), Path(other)))


def scene_of(job: Job) -> bpy.types.Scene | None:
    """The scene that the job was asked for in, whatever it is called by now; ``None`` when it is not there."""
    if not _is_at_home(job):
        return None
    target = job.order.target
    name, mark = target.get("scene", ""), target.get("scene_mark")
    if (same := _by_number(job)) is not None:
        return same
    marked = [scene for scene in bpy.data.scenes if mark in _marks(scene)]
    named = bpy.data.scenes.get(name)
    if marked:
        return named if named in marked else marked[0]
    # While the file stays open, its number would have found it: another one has come to that name.
    was_deleted = _is_of_this_session(job) and "scene_uid" in target
    return None if was_deleted else named


def is_homeless(job: Job) -> bool:
    """Whether the job's file is open, but its scene was deleted."""
    return _is_at_home(job) and scene_of(job) is None


def keep_marks(jobs: Iterable[Job]) -> None:
    """Mark again the scenes of jobs whose marks an undo took away."""
    for job in jobs:
        scene, mark = _by_number(job), job.order.target.get("scene_mark")
        if scene is not None and mark and mark not in _marks(scene):
            _add_mark(scene, mark)


def _is_of_this_session(job: Job) -> bool:
    return job.order.target.get("file_token") == session.file_token


def _by_number(job: Job) -> bpy.types.Scene | None:
    """By what Blender calls it for as long as the file stays open: undo and redo change nothing about that."""
    if not _is_of_this_session(job):
        return None
    number = job.order.target.get("scene_uid")
    return next((scene for scene in bpy.data.scenes if scene.session_uid == number), None)


def _own_mark(scene: bpy.types.Scene) -> str:
    """Give the scene a mark that no other scene has, unless it has one."""
    others = {mark for other in bpy.data.scenes if other != scene for mark in _marks(other)}
    mark = next((mark for mark in _marks(scene) if mark not in others), None)
    return mark or _add_mark(scene, uuid.uuid4().hex)


def _marks(scene: bpy.types.Scene) -> list[str]:
    return text(scene_settings(scene), "marks").split()


def _add_mark(scene: bpy.types.Scene, mark: str) -> str:
    if scene.is_editable:  # else it belongs to another file
        scene_settings(scene).marks = " ".join([mark, *_marks(scene)])
    return mark
