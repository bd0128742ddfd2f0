# SPDX-License-Identifier: GPL-3.0-or-later
"""What of that which Blender has worked out anew can be seen. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import bpy

__all__ = ["ANYTHING", "changed"]

ANYTHING: Final = ""
"""Instead of an object's name, for what may belong to any object."""
_LOOKS: Final = (
    bpy.types.Image,
    bpy.types.Light,
    bpy.types.Material,
    bpy.types.NodeTree,
    bpy.types.Texture,
    bpy.types.World,
)
"""Any of these may belong to anything: finding out would take longer than taking the pictures anew."""


def changed(updates: Iterable[Any]) -> frozenset[str]:
    """Name the objects that look another way now, or :data:`ANYTHING`; nothing where no picture would differ.

    :param updates: ``Depsgraph.updates``.
    """
    return frozenset(name for update in updates if (name := _changed(update)) is not None)


def _changed(update: Any) -> str | None:
    block = update.id.original
    if isinstance(block, bpy.types.Object):
        has_changed = update.is_updated_geometry or update.is_updated_transform
        return (ANYTHING if block.type == "LIGHT" else block.name) if has_changed else None
    return ANYTHING if isinstance(block, _LOOKS) and update.is_updated_shading else None
