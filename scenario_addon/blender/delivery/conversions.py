# SPDX-License-Identifier: GPL-3.0-or-later
"""Which meshes are being made ready to be appended, in a Blender that has a window. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy

from ...engine.errors import ImportFailed
from ...engine.ledger.job import Job
from ...engine.models.words.refinements import Refinement
from ...engine.values import HeldMesh
from ..app.config import largest_texture_px
from ..app.session import session
from ..mesh.finish import Finish
from ..scene.refined import Refined
from .portraits import portraits

if TYPE_CHECKING:
    from ..converting.converter import Converter
    from ..importing.converted import Converted
    from ..importing.staging import Stage, Taken
    from ..refining.uv_map import Ready

__all__ = [
    "close",
    "convert",
    "converted",
    "drop_staged",
    "finish_of",
    "forget",
    "is_converting",
    "is_held",
    "look_ahead",
    "match_ahead",
    "matched",
    "stage",
    "staged",
]

_AHEAD: Final = 2
"""So many meshes are converted before they are in the scene; the others follow as these leave."""


def _converter() -> Converter:
    if session.converter is None:
        from ..converting.converter import Converter  # lazy: it is needed only once there are jobs

        session.converter = Converter(Path(bpy.app.tempdir) / "scenario")
    return session.converter


def _stage() -> Stage:
    if session.stage is None:
        from ..importing.staging import Stage

        session.stage = Stage()
    return session.stage


def look_ahead(*, is_expected: bool, waiting: Sequence[Job]) -> None:
    """Have the first of the ``waiting`` converted, and a process ready while there is something to come."""
    if not (is_expected or waiting or session.converter):
        return
    for job in islice(waiting, _AHEAD):
        convert(job)
    if is_expected:
        _converter().expect()
    elif not waiting:
        _converter().release()


def convert(job: Job) -> None:
    """Have a job's file converted, unless that is done or under way."""
    if job.file is not None and not job.order.gives_picture:
        portrait = portraits().path(job.id)
        _converter().begin(job.id, job.file.path, name=job.order.name, finish=finish_of(job), portrait=portrait)


def is_converting(job: Job) -> bool:
    """Whether a job's file has yet to be converted, where there is another Blender for that."""
    if job.order.gives_picture:
        return False
    return job.file is not None and _converter().is_available and _converter().result(job.id) is None


def converted(job: Job) -> Converted | None:
    """What was made of a job's file; ``None`` when it has to be imported directly.

    :raises ImportFailed: it cannot be imported, or would take this Blender down as it did the other.
    """
    from ..converting.converter import Refused
    from ..importing.converted import Converted

    outcome = _converter().result(job.id)
    if isinstance(outcome, Refused) and job.file is not None:
        raise ImportFailed(outcome.reason, path=job.file.path)
    return outcome if isinstance(outcome, Converted) else None


def stage(job: Job) -> bool:
    """Append what was made of a job's file, or make its next texture ready; says whether it can be shown.

    The context has to be a window's.
    """
    try:
        made = converted(job)
        return made is None or _stage().advance(made)
    except (ImportFailed, OSError):  # whoever imports it now finds another way, or says why there is none
        return True


def staged(job: Job) -> Taken | None:
    """The mesh as it was staged, to be used at once; ``None`` when it was not, or an undo took it away."""
    made = converted(job)
    return _stage().take(made) if made is not None else None


def match_ahead(job: Job, scene: bpy.types.Scene) -> bool:
    """Have a job's new UVs matched with the mesh that they are for; says whether there is nothing to wait for."""
    refined = Refined.of_target(job.order.target)
    if refined is None or refined.kind != Refinement.UVS:
        return True
    if session.ahead is None:
        from ..refining.ahead import Ahead

        session.ahead = Ahead(session.tasks.run)
    try:
        made = converted(job)
        return made is None or session.ahead.advance(made, refined, scene, is_held=is_held(job))
    except (ImportFailed, OSError):  # whoever imports it now finds another way, or says why there is none
        return True


def is_held(job: Job) -> bool:
    """Whether a job's model was given what the service had of an earlier job's mesh."""
    return any(isinstance(entry.mesh, HeldMesh) for entry in job.order.meshes)


def matched(job: Job) -> Ready | None:
    """What was found of a job's new UVs before they come in."""
    made = converted(job) if session.ahead is not None else None
    return session.ahead.ready(made) if session.ahead is not None and made is not None else None


def drop_staged() -> None:
    """Nothing is to be shown any more."""
    if session.stage is not None:
        session.stage.drop()


def forget(job: Job) -> None:
    """Something was wrong with it: the next time, convert it anew."""
    if session.converter is not None:
        session.converter.forget(job.id)


def finish_of(job: Job) -> Finish:
    """What is to be done to the job's meshes: what was asked for, and what a window can bear."""
    refined = Refined.of_target(job.order.target)
    kind = refined.kind if refined is not None else None
    wanted = Finish.from_json(job.order.target.get("finish"))
    if kind == Refinement.UVS:  # other faces would say nothing of those that they are for
        wanted = Finish()
    elif kind == Refinement.ANIMATION:
        wanted = replace(wanted, keep_animations=True)
    if bpy.app.background and not _converter().is_available:
        return wanted  # nobody is kept waiting
    return wanted.within(most_texture_px=largest_texture_px())


def close() -> None:
    """End what runs, and leave nothing behind, on disk or in the file."""
    drop_staged()
    session.ahead = None
    if session.converter is not None:
        session.converter.close()
        session.converter = None
