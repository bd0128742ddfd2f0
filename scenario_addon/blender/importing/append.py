# SPDX-License-Identifier: GPL-3.0-or-later
"""A converted mesh, appended to the open file, with nothing else left behind by that. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

import bpy

from ..scene.arrival import Arrival
from .converted import Converted
from .datablocks import ids_of

__all__ = ["append"]

_SHARED_GROUP: Final = "glTF Material Output"
"""Blender's glTF importer makes one such node group in a file, for all materials."""


def append(converted: Converted) -> Arrival:
    """Append a mesh; its collection belongs to no scene yet. No mode, selection or scene is touched.

    :raises OSError: the .blend is gone or cannot be read, and nothing came in.
    """
    arrival = converted.arrival
    libraries, groups = ids_of(bpy.data.libraries), ids_of(bpy.data.node_groups)
    load: Any = bpy.data.libraries.load
    with load(str(converted.blend), link=False) as (_, wanted):
        wanted.collections, wanted.objects = [arrival.collection_name], [arrival.root_name]
    bpy.data.batch_remove([library for library in bpy.data.libraries if library.session_uid not in libraries])
    _share([group for group in bpy.data.node_groups if group.session_uid not in groups])
    collection, root = cast("bpy.types.Collection", wanted.collections[0]), cast("bpy.types.Object", wanted.objects[0])
    collection.use_fake_user = False  # once its last object is gone, so is it
    return arrival.named_after(collection, (root, *(obj for obj in collection.all_objects if obj != root)))


def _share(new: Iterable[bpy.types.NodeTree]) -> None:
    """Use the importer's node group that is there already, as an import would, unless somebody changed it."""
    known = bpy.data.node_groups.get(_SHARED_GROUP)
    if known is None:
        return
    for group in new:
        if group != known and group.name.startswith(_SHARED_GROUP) and _anatomy(known) == _anatomy(group):
            group.user_remap(known)
            bpy.data.node_groups.remove(group)


def _anatomy(group: bpy.types.NodeTree) -> tuple[object, ...]:
    """What a node group does, as far as its users can tell."""
    items: Any = group.interface.items_tree
    nodes = sorted(node.bl_idname for node in group.nodes)
    return group.bl_idname, [(item.item_type, item.name) for item in items], nodes, len(group.links)
