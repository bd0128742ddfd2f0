# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh that a model is to change: what a job has brought, what is active in the scene, or a file kept before.

Main thread only. Holds no reference to Blender's data.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from ....engine.errors import InputError, MeshError
from ....engine.inputs.meshes import held_by
from ....engine.values import HeldMesh, SourceMesh
from ...app.session import session
from ...delivery.homes import scene_of
from ...exporting.outgoing import Outgoing, check_count, format_for, of_active, of_objects
from ...scene.bounds import triple
from ...scene.placement import Placement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....engine.ledger.job import Job
    from ....engine.models.model import Model

    Mesh = Path | SourceMesh | Sequence[HeldMesh]

__all__ = ["Given", "given_active", "given_by", "given_like"]

_SOMEWHERE: Final = Path("mesh")
"""Stands for a file that has not been exported yet."""


@dataclass(frozen=True)
class Given:
    """A mesh to be changed."""

    name: str
    objects: tuple[str, ...] = ()
    """In the scene, the one first whose place it has; none where it is in no scene, or not in this one."""
    triangles: int | None = None
    """``None`` where nobody knows; likewise the next."""
    polygons: int | None = None
    held: HeldMesh | None = None
    """What the service has of it."""
    kept: SourceMesh | None = None
    """A file of it that was sent before."""
    job_id: str | None = None
    """Our job that had made it."""
    placement: Placement = field(default_factory=Placement)
    source: str = ""
    """What it is in words that never change: what is made of the same are variants of one thing."""

    def mesh_for(self, model: Model) -> Mesh:
        """Give what a model would get: what needs no export where it takes that, else what stands for an export.

        :raises MeshError: the model does not take it.
        """
        if self.held is not None and self._is_taken(self.held.suffix, model):
            return (self.held,)
        if self.held is not None and not self.objects:
            wanted = " or ".join(suffix.upper() for suffix in sorted(model.mesh_limits.formats))
            what = f"{model.name} takes {wanted}, and {self.name} is {self.held.suffix.upper()}"
            raise MeshError(f"{what}: import it into this scene first, so that it can be exported.")
        if self.kept is not None and (self._is_taken(self.kept.suffix, model) or not self.objects):
            return self.kept
        if self.triangles is not None and self.polygons is not None:
            check_count(self.name, self.triangles, self.polygons, model.mesh_limits, model.name)
        return _SOMEWHERE

    def is_exported_for(self, model: Model) -> bool:
        """Whether it is exported and uploaded."""
        return self.mesh_for(model) is _SOMEWHERE

    @staticmethod
    def _is_taken(suffix: str, model: Model) -> bool:
        return not suffix or suffix in model.mesh_limits.formats

    def words(self, model: Model) -> str:
        """Say what goes in, without a full stop.

        :raises MeshError: the model does not take it.
        """
        count = f"{self.triangles:,} triangles, " if self.triangles is not None else ""
        mesh = self.mesh_for(model)
        if mesh is _SOMEWHERE:
            has_textures = format_for(model.mesh_limits, model.name) != "obj"
            how = f"exported {'with' if has_textures else 'without'} its textures"
        else:
            how = "sent as it was" if isinstance(mesh, SourceMesh) else "nothing is uploaded"
        return f"{self.name}: {count}{how}"

    def outgoing(self, context: bpy.types.Context) -> Outgoing:
        """Find the objects again.

        :raises MeshError: they are not there any more, or there is nothing to be exported.
        """
        objects = [obj for name in self.objects if (obj := context.scene.objects.get(name)) is not None]
        meshes = [obj for obj in objects if obj.type == "MESH"]
        if not meshes:
            raise MeshError(f"{self.name} is not in this scene any more: choose another mesh.")
        return of_objects(meshes, context)


def given_active(context: bpy.types.Context) -> Given:
    """Take the active mesh of the scene, and the other meshes that are selected.

    :raises MeshError: there is none.
    """
    return _standing(of_active(context))


def given_by(job: Job, context: bpy.types.Context) -> Given:
    """Take what a job has brought.

    :raises InputError: it has brought no mesh, or the service does not show it to the key in use.
    """
    held = held_by(job)
    if held is None:
        raise InputError(f"{job.order.name} has brought no mesh: choose another one.")
    found = _in_scene(job.id, context)
    given = _standing(found) if found is not None else Given(job.order.name, placement=_home_of(job, context))
    source, objects = job.order.target.get("source"), _family(job.id, context)
    is_theirs = session.is_of_another(job)
    if is_theirs and not objects:
        how = "import it into this scene first, so that it can be exported"
        raise MeshError(f"{job.order.name} was made with another account or project: {how}.")
    return replace(
        given,
        name=job.order.name,
        objects=objects,
        triangles=given.triangles if is_theirs else held.faces,
        held=None if is_theirs else held,
        job_id=job.id,
        source=source if isinstance(source, str) and source else f"mesh {held.asset_id}",
    )


def given_like(job: Job, context: bpy.types.Context, earlier: Job | None) -> Given:
    """Take what a job began with.

    :param earlier: the job that had made that, where there is one.
    :raises InputError: it began with no mesh, or that is gone.
    """
    mesh = next((entry.mesh for entry in job.order.meshes), None)
    if mesh is None:
        raise InputError(f"{job.order.name} did not begin with a mesh.")
    if earlier is not None and held_by(earlier) is not None:
        return given_by(earlier, context)
    placement = Placement.of_target(job.order.target)
    names = tuple(name for name in placement.replaces if name in context.scene.objects)
    source = str(job.order.target.get("source") or "")
    triangles = mesh.faces if mesh.suffix == "glb" else None  # in other formats polygons are counted
    given = Given(job.order.name, names, triangles=triangles, placement=placement, source=source)
    return replace(given, held=mesh) if isinstance(mesh, HeldMesh) else replace(given, kept=mesh)


def _standing(outgoing: Outgoing) -> Given:
    return Given(
        outgoing.name,
        outgoing.names,
        outgoing.triangles,
        outgoing.polygons,
        placement=outgoing.placement(),
        source=f"objects {', '.join(sorted(outgoing.names))}",
    )


def _family(job_id: str, context: bpy.types.Context) -> tuple[str, ...]:
    """The objects of a job's mesh in the scene, what they hang on first: of several, those of the active one."""
    own = {obj for obj in context.scene.objects if obj.get("scenario_job_id") == job_id}
    roots = sorted((obj for obj in own if obj.parent not in own), key=lambda obj: obj.name)
    active: Any = context.view_layer.objects.active
    root = next((obj for obj in roots if active in (obj, *obj.children_recursive)), next(iter(roots), None))
    if root is None:
        return ()
    return tuple(obj.name for obj in (root, *root.children_recursive) if obj in own)


def _in_scene(job_id: str, context: bpy.types.Context) -> Outgoing | None:
    found = [context.scene.objects[name] for name in _family(job_id, context)]
    meshes = [obj for obj in found if obj.type == "MESH"]
    try:
        return of_objects(meshes, context) if meshes else None
    except MeshError:  # what the artist has made of it since does not matter: what the job brought is given
        return None


def _home_of(job: Job, context: bpy.types.Context) -> Placement:
    """Where the result goes that is in no scene: where it would have stood itself, else at the 3D cursor."""
    if scene_of(job) == context.scene and "placement" in job.order.target:
        return replace(Placement.of_target(job.order.target), hide_source=False)
    return Placement(triple(context.scene.cursor.location), steps_aside=True)
