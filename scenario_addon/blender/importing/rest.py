# SPDX-License-Identifier: GPL-3.0-or-later
"""Armatures as they are without a pose. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import bpy

__all__ = ["put_to_rest"]

_ALMOST: Final = 1e-3
"""What a bone's size may differ by from its rest's."""


def put_to_rest(objects: Iterable[bpy.types.Object]) -> None:
    """Take the bones out of the pose in which they were when the file was written.

    A file can hold its units in the size of its bones, and Blender has no such thing at rest: they stay as they are.
    """
    for obj in objects:
        bones = list(obj.pose.bones) if obj.pose else []
        if all(abs(size - 1) < _ALMOST for bone in bones for size in bone.matrix_basis.to_scale()):
            for bone in bones:
                bone.matrix_basis.identity()
