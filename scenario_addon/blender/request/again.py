# SPDX-License-Identifier: GPL-3.0-or-later
"""What was ordered, ordered once more or changed first. Main thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...engine.account.costs import told_cu
from ...engine.errors import InputError, MeshError
from ...engine.ledger.job import new_job
from ...engine.meshes.fitting import held_that_fits
from ...engine.models.seeds import another_seed, seed_parameter
from ...engine.values import HeldMesh
from ..app.config import max_cost_cu
from ..app.session import session
from ..chains.order import rechained
from ..delivery.homes import here
from ..form import parameters
from ..form.properties import scene_settings

if TYPE_CHECKING:
    import bpy

    from ...engine.ledger.job import Job
    from ...engine.models.model import Model

__all__ = ["order_again", "use_settings"]


def order_again(context: bpy.types.Context, job: Job, *, new_seed: bool) -> Job:
    """Order what a job was ordered for, into the scene that is shown, where the first one was to stand.

    It may cost as much as it did, and what the preferences allow, whatever the service asks by now.

    :raises InputError: a new seed is wanted of a model without, or it does not take the mesh.
    :raises ScenarioError: it cannot be asked for.
    """
    if session.is_of_another(job) and any(isinstance(entry.mesh, HeldMesh) for entry in job.order.meshes):
        how = "use that one, or refine the mesh in the scene"
        raise MeshError(f"{job.order.name} began with a mesh of another account or project: {how}.")
    _check_mesh(job)
    order = replace(job.order, target={**job.order.target, **here(context)})
    if new_seed:
        parameter = seed_parameter(_model(job))
        seed = another_seed(parameter, order.values.get(parameter.name))
        order = replace(
            order, values={**order.values, parameter.name: seed}, unpriced=(*order.unpriced, parameter.name)
        )
    cost_cu, limit_cu = told_cu(job), max_cost_cu()
    limits = [limit for limit in (cost_cu, limit_cu) if limit is not None]
    made = new_job(order, scope=session.online().scope, max_cost_cu=max(limits, default=None), quote_cu=cost_cu)
    made = rechained(made)
    session.submit(made, again=True)
    return made


def use_settings(context: bpy.types.Context, job: Job) -> None:
    """Fill the form with model, parameters and prompt of a job. The picture stays what it is.

    A model that changes a mesh has a form of its own: in the tab another model stays chosen.

    :raises InputError: the model is not known any more, takes such values no more, or gives a picture.
    """
    if job.order.gives_picture:
        raise InputError("Its model gives a picture: choose it in Make Picture.")
    settings, model = scene_settings(context.scene), _model(job)
    wanted = dict(job.order.values)
    if model.prompt is not None:
        prompt = wanted.pop(model.prompt.name, "")
        settings.prompt = prompt if isinstance(prompt, str) else ""
    if not job.order.meshes:
        settings.model = model.id
    stored = parameters.sync(settings.models, model)
    parameters.reset(stored, model)
    pictures = {entry.name for entry in job.order.pictures}
    parameters.assign(stored, model, {name: value for name, value in wanted.items() if name not in pictures})


def _check_mesh(job: Job) -> None:
    """Look whether a mesh that the service has fits today, before it is asked for in vain.

    :raises MeshError: it does not.
    """
    model = session.models.look_up(job.order.model_id) if job.order.meshes else None
    for entry in job.order.meshes if model is not None else ():
        if isinstance(entry.mesh, HeldMesh):
            held_that_fits((entry.mesh,), limits=model.mesh_limits, model_name=model.name)


def _model(job: Job) -> Model:
    """:raises InputError: nothing is known of it."""
    model = session.models.look_up(job.order.model_id)
    if model is None:
        raise InputError(f"{job.order.model_name} is not in the list of models any more: choose another one.")
    return model
