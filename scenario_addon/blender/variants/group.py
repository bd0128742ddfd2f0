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
from ..scene.presence import has_mesh_of

__all__ = [
    "KEY",
    "LABEL",
    "PART",
    "Kinship",
    "Variant",
    "hide",
    "identity",
    "is_hidden",
    "is_same",
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
    "stand_at",
]

KEY: Final = "scenario_variants"
"""Property of a root: the same for all that are variants of one thing."""
LABEL: Final = "scenario_label"
"""Property of a root: what it is called beside its sisters."""
PART: Final = "scenario_variant_part"
"""Property of the objects of a variant that do not all hang on its root: what of which variant each is."""
_NUMBER: Final = "scenario_variant"
"""Property of a root: which of them it is, from 1, in the order in which they came."""
_PLACED: Final = "scenario_placed"
"""Property of a root: its matrix where it was put, before anybody moved it."""
_JOB: Final = "scenario_job_id"
_HIDDEN: Final = "scenario_hidden"
"""Property of an object that is hidden as part of a variant: whether it was before, in viewports and in renders."""
_SLIGHT: Final = 1e-6
"""Of a matrix: single precision's fault."""


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
    """The root comes first; with all that hangs on it and came with it. An artist's own mesh is no more than what was
    given to a model."""

    @classmethod
    def at(cls, root: bpy.types.Object) -> Variant:
        job_id = root.get(_JOB)
        own = [obj for obj in root.children_recursive if obj.get(_JOB) == job_id] if job_id else []
        return cls(root, tuple(dict.fromkeys((root, *own, *_parts(root)))))

    @property
    def job_id(self) -> str:
        return str(self.root.get(_JOB, ""))

    @property
    def number(self) -> int:
        return int(self.root.get(_NUMBER, 0))

    @property
    def is_hidden(self) -> bool:
        return is_hidden(self.root)


def identity(root: bpy.types.Object) -> str:
    """What tells a variant from its sisters: its job, or for the artist's own mesh its number. A copy has the same."""
    return str(root.get(_JOB) or root.get(_NUMBER, root.name))


def _parts(root: bpy.types.Object) -> list[bpy.types.Object]:
    """What belongs to a variant without hanging on its root. A copy that the artist has made of it does not."""
    mark = root.get(PART)
    if not isinstance(mark, str):
        return []
    own, found = mark.rpartition(" ")[0], dict[str, bpy.types.Object]()
    everything = {obj for scene in root.users_scene for obj in scene.objects if obj != root}
    for obj in sorted(everything, key=lambda obj: obj.name):
        other = obj.get(PART)
        if isinstance(other, str) and other != mark and other.rpartition(" ")[0] == own:
            found.setdefault(other, obj)
    return list(found.values())


def is_hidden(obj: bpy.types.Object) -> bool:
    """Whether an object is hidden as part of a variant, so that another one is seen."""
    return _HIDDEN in obj


def key_of(obj: bpy.types.Object | None) -> str | None:
    """Find what an object, or what it hangs on, is a variant of."""
    while obj is not None:
        if isinstance(key := obj.get(KEY), str):
            return key
        if isinstance(part := obj.get(PART), str):
            return part.split()[0]
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
        found.setdefault(identity(root), Variant.at(root))
    return sorted(found.values(), key=lambda variant: variant.number)


def of_job(job_id: str, scene: bpy.types.Scene) -> Variant | None:
    """Find the mesh of a job among all variants of a scene, or the one that has got a UV map of it."""
    roots = [obj for obj in scene.objects if KEY in obj and obj.get(_JOB) == job_id]
    if not roots:
        mapped = [obj for obj in scene.objects if has_mesh_of(obj, job_id)]
        roots = [one for obj in mapped for one in _line(obj) if KEY in one]
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


def note_place(
    root: bpy.types.Object, kinship: Kinship, others: Iterable[Variant], *, moved: Matrix | None = None
) -> None:
    """Make a mesh that has just been placed one more variant.

    :param moved: how the artist has moved its sisters since they were placed, where it stands among them already.
    """
    root[KEY], root[LABEL] = kinship.key, kinship.label
    root[_NUMBER] = 1 + max((variant.number for variant in others), default=0)
    world: Any = root.matrix_world
    root[_PLACED] = [value for row in (moved.inverted_safe() @ world if moved else world) for value in row]


def placed(variant: Variant) -> Matrix:
    """Its matrix where it was put."""
    numbers = list(cast("Iterable[float]", variant.root.get(_PLACED, ())))
    world = cast("Matrix", variant.root.matrix_world)
    return Matrix([numbers[at : at + 4] for at in range(0, 16, 4)]) if len(numbers) == 16 else world.copy()


def shared_move(variant: Variant) -> Matrix:
    """How the artist has moved, turned and scaled a variant since: its sisters go along."""
    world: Any = variant.root.matrix_world
    return world @ placed(variant).inverted_safe()


def stand_at(variant: Variant, matrix: Matrix) -> None:
    """Have all of it stand with its root there. What does so already is left as the artist has set it."""
    root: Any = variant.root
    before: Any = root.matrix_world.copy()
    if is_same(matrix, before):
        return
    move, own = matrix @ before.inverted_safe(), set(variant.objects)
    others: list[Any] = [obj for obj in variant.objects[1:] if own.isdisjoint(_line(obj)[1:])]
    places = [move @ obj.matrix_world for obj in others]
    root.matrix_world = matrix
    for obj, place in zip(others, places, strict=True):
        obj.matrix_world = place


def is_same(first: Matrix, second: Matrix) -> bool:
    """Whether two matrices are the same but for what single precision makes of them."""
    turns = [(first[row][column], second[row][column]) for row in range(3) for column in range(3)]
    shifts = [(first[row][3], second[row][3]) for row in range(3)]
    sizes = max(abs(one) for one, _ in turns), max(1.0, *(abs(one) for one, _ in shifts))
    return all(
        abs(one - other) <= _SLIGHT * size
        for pairs, size in zip((turns, shifts), sizes, strict=True)
        for one, other in pairs
    )


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
