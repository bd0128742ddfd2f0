# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything in the open file, whatever its kind. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import bpy

__all__ = ["datablocks", "ids_of", "ids_of_all", "of_type"]

_ID = TypeVar("_ID", bound=bpy.types.ID)


def datablocks(*, other_than: frozenset[int] = frozenset()) -> list[bpy.types.ID]:
    """Everything in the open file, but for the blocks with these ids."""
    kinds = [kind.identifier for kind in bpy.data.bl_rna.properties if kind.type == "COLLECTION"]
    kinds = ["all_ids"] if "all_ids" in kinds else kinds  # Blender 5.2 has it
    blocks = {block.session_uid: block for kind in kinds for block in getattr(bpy.data, kind)}
    return [block for uid, block in blocks.items() if uid not in other_than]


def ids_of(blocks: Iterable[bpy.types.ID]) -> frozenset[int]:
    """The ids of datablocks; they outlive undo, but no other file."""
    return frozenset(block.session_uid for block in blocks)


def ids_of_all() -> frozenset[int]:
    """The ids of everything that is there now."""
    return ids_of(datablocks())


def of_type(blocks: Iterable[bpy.types.ID], kind: type[_ID]) -> list[_ID]:
    """Those datablocks that are of one type."""
    return [block for block in blocks if isinstance(block, kind)]
