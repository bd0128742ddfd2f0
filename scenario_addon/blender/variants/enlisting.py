# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in a scene already as the first of variants: an artist's own mesh, or an earlier result.

Main thread only.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import bpy

from .group import KEY, PART, Kinship, Variant, identity, note_place

__all__ = ["enlist", "root_of"]


def enlist(objects: Sequence[bpy.types.Object], scene: bpy.types.Scene) -> Variant:
    """Make what was given to a model a variant, unless it is one. Names, data and places stay as they are.

    :param objects: the active one first; all in the scene and editable.
    """
    root = root_of(objects)
    if not isinstance(root.get(KEY), str) or _is_copy(root, scene):
        root.pop(PART, None)
        note_place(root, Kinship(uuid.uuid4().hex, root.name), ())
    variant = Variant.at(root)
    if any(obj not in variant.objects for obj in objects):
        parts = [root, *(obj for obj in dict.fromkeys((*variant.objects, *objects)) if obj != root)]
        for number, obj in enumerate(parts):
            obj[PART] = f"{root[KEY]} {root.name} {number}"
    return Variant.at(root)


def root_of(objects: Sequence[bpy.types.Object]) -> bpy.types.Object:
    """Give what the active object hangs on, of what came with it or was given with it."""
    root, given = objects[0], set(objects)
    job_id, above = root.get("scenario_job_id"), root.parent
    while above is not None:
        if above in given or (job_id and above.get("scenario_job_id") == job_id):
            root = above
        above = above.parent
    return root


def _is_copy(root: bpy.types.Object, scene: bpy.types.Scene) -> bool:
    """Whether the artist has made it of a variant, which comes first: it stands for itself."""
    twins = [obj for obj in scene.objects if obj.get(KEY) == root[KEY] and identity(obj) == identity(root)]
    return min(twins, key=lambda obj: obj.name) != root
