# SPDX-License-Identifier: GPL-3.0-or-later
"""Which meshes of a scene are variants of one thing, and which of them is shown. Main thread only.

Everything is in the objects' own properties, so that it goes with the file wherever that goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import bpy
from mathutils import Matrix

from ...engine.names import token
from ..scene.bounds import Triple
from ..scene.placement import Placement

__all__ = [
    "KEY",
    "LABEL",
    "Kinship",
    "Variant",
    "hide",
    "is_hidden",
    "job_of",
    "key_at",
    "key_of",
    "members",
    "note_place",
    "of_job",
    "placed",
    "shared_move",
    "show",
    "shown",
]

KEY: Final = "scenario_variants"
"""Property of a root: the same for all that are variants of one thing."""
LABEL: Final = "scenario_label"
"""Property of a root: what it is called beside its sisters."""
_NUMBER: Final = "scenario_variant"
"""Property of a root: which of them it is, from 1, in the order in which they came."""
_PLACED: Final = "scenario_placed"
"""Property of a root: its matrix where it was put, before anybody moved it."""
_JOB: Final = "scenario_job_id"
_HIDDEN: Final = "scenario_hidden"
"""Property of an object that is hidden as part of a variant: whether it was before, in viewports and in renders."""


@dataclass(frozen=True)
class Kinship:
    """What a mesh that comes in is a variant of."""

    key: str
    """The same for whatever was made of one source for one place."""
    label: str
    """What it is called beside its sisters."""


def key_at(placement: Placement, point: Triple, *source: str) -> str:
    """Name what is made of a source, in place of the same objects, at a point: for :attr:`Kinship.key`."""
    return token(json.dumps([*source, [round(part, 4) for part in point], sorted(placement.replaces)]))


@dataclass(frozen=True)
class Variant:
    """Holds live objects: for use within one call."""

    root: bpy.types.Object
    objects: tuple[bpy.types.Object, ...]
    """The root comes first; with all that hangs on it and came with it."""

    @classmethod
    def at(cls, root: bpy.types.Object) -> Variant:
        own = (obj for obj in root.children_recursive if obj.get(_JOB) == root.get(_JOB))
        return cls(root, (root, *own))

    @property
    def job_id(self) -> str:
        return str(self.root.get(_JOB, ""))

    @property
    def number(self) -> int:
        return int(self.root.get(_NUMBER, 0))

    @property
    def is_hidden(self) -> bool:
        return is_hidden(self.root)


def is_hidden(obj: bpy.types.Object) -> bool:
    """Whether an object is hidden as part of a variant, so that another one is seen."""
    return _HIDDEN in obj


def key_of(obj: bpy.types.Object | None) -> str | None:
    """Find what an object, or what it hangs on, is a variant of."""
    while obj is not None:
        if isinstance(key := obj.get(KEY), str):
            return key
        obj = obj.parent
    return None


def job_of(obj: bpy.types.Object | None) -> str | None:
    """Find the job of the variant that an object is, or hangs on."""
    while obj is not None:
        if KEY in obj:
            return str(obj.get(_JOB, ""))
        obj = obj.parent
    return None


def members(key: str, scene: bpy.types.Scene, *, first: bpy.types.Object | None = None) -> list[Variant]:
    """Find the variants of a thing, in the order in which they came.

    A copy that the artist has made of one stands for itself. Of several of one job it is the one that ``first`` belongs
    to, else the first by name.
    """
    roots = sorted((obj for obj in scene.objects if obj.get(KEY) == key), key=lambda obj: obj.name)
    line = _line(first)
    roots.sort(key=lambda obj: obj not in line)
    found: dict[str, Variant] = {}
    for root in roots:
        found.setdefault(str(root.get(_JOB, root.name)), Variant.at(root))
    return sorted(found.values(), key=lambda variant: variant.number)


def of_job(job_id: str, scene: bpy.types.Scene) -> Variant | None:
    """Find the mesh of a job among all variants of a scene."""
    roots = (obj for obj in scene.objects if KEY in obj and obj.get(_JOB) == job_id)
    root = min(roots, key=lambda obj: obj.name, default=None)
    return Variant.at(root) if root is not None else None


def _line(obj: bpy.types.Object | None) -> list[bpy.types.Object]:
    """An object and what it hangs on."""
    line: list[bpy.types.Object] = []
    while obj is not None:
        line.append(obj)
        obj = obj.parent
    return line


def shown(variants: Sequence[Variant]) -> Variant | None:
    """Give the one that is shown; of several the last that came, ``None`` when all are hidden."""
    return next((variant for variant in reversed(variants) if not variant.is_hidden), None)


def note_place(root: bpy.types.Object, kinship: Kinship, others: Iterable[Variant]) -> None:
    """Make a mesh that has just been placed one more variant."""
    root[KEY], root[LABEL] = kinship.key, kinship.label
    root[_NUMBER] = 1 + max((variant.number for variant in others), default=0)
    root[_PLACED] = [value for row in cast("Matrix", root.matrix_world) for value in row]


def placed(variant: Variant) -> Matrix:
    """Its matrix where it was put."""
    numbers = list(cast("Iterable[float]", variant.root.get(_PLACED, ())))
    world = cast("Matrix", variant.root.matrix_world)
    return Matrix([numbers[at : at + 4] for at in range(0, 16, 4)]) if len(numbers) == 16 else world.copy()


def shared_move(variant: Variant) -> Matrix:
    """How the artist has moved, turned and scaled a variant since: its sisters go along."""
    world: Any = variant.root.matrix_world
    return world @ placed(variant).inverted_safe()


def hide(variant: Variant) -> None:
    """Hide it in viewports and renders; nothing of it is lost."""
    for obj in variant.objects:
        if _HIDDEN not in obj:
            obj[_HIDDEN] = [obj.hide_viewport, obj.hide_render]
        obj.hide_viewport = obj.hide_render = True


def show(variant: Variant) -> None:
    """Show what :func:`hide` has hidden, as it was."""
    for obj in variant.objects:
        if _HIDDEN in obj:
            obj.hide_viewport, obj.hide_render = map(bool, cast("Iterable[int]", obj[_HIDDEN]))
            del obj[_HIDDEN]
