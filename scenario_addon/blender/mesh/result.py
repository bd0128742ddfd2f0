# SPDX-License-Identifier: GPL-3.0-or-later
"""The meshes of one result in the scene, cleaned up later on. Main thread only. Loads without numpy.

It always starts from what was delivered, unless the artist has worked on what is shown: so options can be tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import bpy

from ...engine.errors import InputError
from .delivered import is_kept, restore
from .findings import note, report_of
from .mesh import has_faces, mesh_of, total_triangles, triangle_count

if TYPE_CHECKING:
    from ..cleaning.clean import Cleaning
    from ..cleaning.report import Report

__all__ = ["CleanUp", "Result"]

_OWN: Final = ("scenario_job_id", "scenario_model")
"""Properties of everything that a job has brought."""


@dataclass(frozen=True)
class CleanUp:
    """What came of it."""

    before: int
    """Triangles that were shown."""
    after: int
    target: int
    """What was the aim; 0: none."""
    report: Report
    is_edited: bool
    """Whether it started from what the artist has made of it."""


@dataclass(frozen=True)
class Result:
    """Holds live objects: for use within one call."""

    root: bpy.types.Object
    meshes: tuple[bpy.types.Object, ...]
    """The objects whose meshes are shown."""
    collection: bpy.types.Collection

    @classmethod
    def of(cls, obj: bpy.types.Object | None) -> Self:
        """Find what an object belongs to: all that its job has brought, or the object alone.

        :raises InputError: it has no mesh, somebody is at work on that, or it belongs to another file.
        """
        if obj is None:
            raise InputError("Make a mesh the active object first.")
        job, root = obj.get(_OWN[0]), obj
        while root.parent is not None and (is_kept(root) or (job and root.parent.get(_OWN[0]) == job)):
            root = root.parent
        family = [root, *(o for o in root.children_recursive if job and o.get(_OWN[0]) == job)]
        meshes = tuple(o for o in family if has_faces(o) and not is_kept(o))
        if not meshes:
            raise InputError("There is no mesh with faces in it: make another one the active object.")
        if any(o.mode != "OBJECT" for o in meshes):
            raise InputError("The mesh is being edited: go back to Object Mode, then clean it up.")
        if any(not block.is_editable or block.override_library for o in meshes for block in (o, mesh_of(o))):
            raise InputError("The mesh is linked from another file: make it local, then clean it up.")
        homes = root.users_collection
        return cls(root, meshes, next((home for home in homes if job and home.get(_OWN[0]) == job), homes[0]))

    @property
    def triangles(self) -> int:
        """As shown."""
        return total_triangles(self.meshes)

    def clean_up(self, cleaning: Cleaning, *, triangles: int | None) -> CleanUp:
        """Clean the meshes, and show fewer triangles; what was delivered stays, hidden.

        :param triangles: of all together, 0 for all that are left, ``None`` for as few as are shown now.
        """
        from .lod import Detail, add_lods  # lazy: numpy takes longer than enabling an add-on may

        before, unique = self.triangles, self._unique_triangles()
        had_normals = any(mesh_of(obj).has_custom_normals for obj in self.meshes)
        earlier = report_of(self.root)
        edited = restore(self.meshes)
        full = earlier.after.triangles if earlier is not None else self._unique_triangles()
        target = (before if unique < full else 0) if triangles is None else triangles
        is_smoothed = not had_normals and any(mesh_of(obj).has_custom_normals for obj in self.meshes)
        made, report = add_lods(self.meshes, self.collection, Detail(target, smooth=is_smoothed), cleaning)
        assert report is not None
        note(self.root, report)
        self._tag(made)
        return CleanUp(before, self.triangles, target, report, bool(edited))

    def _unique_triangles(self) -> int:
        """Of each mesh once, however many objects have it."""
        return sum(map(triangle_count, set(map(mesh_of, self.meshes))))

    def _tag(self, made: list[bpy.types.Object]) -> None:
        """Have what is new belong to the same job."""
        for name in _OWN:
            if name in self.root:
                for obj in (*self.meshes, *made):
                    obj[name] = mesh_of(obj)[name] = self.root[name]
