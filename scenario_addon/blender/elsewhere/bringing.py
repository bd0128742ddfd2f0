# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings in what was made elsewhere, as a job that costs nothing and comes in as all do. Main thread only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import engine
from ...engine.errors import ScenarioError
from ..app.config import meshes_folder
from ..app.session import session
from ..delivery.homes import here
from ..form.properties import scene_settings
from ..form.stored import choice, number, text
from ..mesh.finish import Finish
from ..scene.bounds import triple
from ..scene.placement import Placement

if TYPE_CHECKING:
    import bpy

    from ...engine.ledger.job import Job
    from ...engine.pipeline.connection import Connection

__all__ = ["bring", "known_job"]

_ORIGIN = (0.0, 0.0, 0.0)


def known_job(text: str) -> Job | None:
    """The job of the ledger that is meant by an id of the service's or its own; ``None`` where there is none yet."""
    jobs = [job for job in session.jobs.values() if session.jobs.can_ask(job)]
    return next((job for job in jobs if text in (job.remote_id, job.id) or text in job.result_ids), None)


def bring(text: str, context: bpy.types.Context, then: Callable[[Job | ScenarioError], None]) -> str:
    """Have a worker find what an id stands for, and its mesh come to where the scene's form says. Does not block.

    :param then: called with the job once it is being carried, or with why there is none.
    :return: the name of the task.
    :raises ScenarioError: the service cannot be asked.
    """
    connection = session.online()
    name, target = f"fetch {text}", _target(context)

    def found(result: tuple[Job, bool] | ScenarioError) -> None:
        if isinstance(result, ScenarioError):
            then(result)
            return
        try:
            then(_carried(*result, target=target))
        except ScenarioError as error:
            then(error)

    session.tasks.run(name, partial(_found, text, connection, meshes_folder()[0]), found)
    return name


def _found(text: str, connection: Connection, folder: Path) -> tuple[Job, bool]:
    """The job, and whether the ledger has it already. Worker thread."""
    from ...engine.elsewhere.finding import find

    job = find(text, connection, folder=folder)
    return job, connection.ledger.get(job.id) is not None


def _carried(job: Job, is_known: bool, *, target: Mapping[str, Any]) -> Job:
    """:raises ScenarioError: there is no way to the service."""
    if not is_known:
        source = {"source": f"elsewhere {job.remote_id}"}
        job = replace(job, order=replace(job.order, target={**target, **source}))
        session.submit(job, again=True)  # it orders nothing
        return job
    # Another process has taken it in meanwhile, or it is an order of ours that was lost.
    step = partial(engine.fetch_again, target={**job.order.target, **target}) if job.result_ids else engine.retry
    session.online().runner.ask(job, step)
    return job


def _target(context: bpy.types.Context) -> dict[str, Any]:
    """Where it goes, as of now, and what is done to it after the import."""
    settings = scene_settings(context.scene)
    is_fixed = choice(settings, "placement") == "ORIGIN"
    place = Placement(
        _ORIGIN if is_fixed else triple(context.scene.cursor.location),
        height=number(settings, "height"),
        origin=choice(settings, "origin"),
        steps_aside=not is_fixed,
    )
    return {
        **here(context),
        "placement": place.to_json(),
        "finish": Finish.wanted_in(context.scene).to_json(),
        "asset": {"tags": text(settings.finish, "asset_tags")} if settings.finish.mark_as_asset else None,
    }
