# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of each item besides its mesh file."""

from __future__ import annotations

from dataclasses import dataclass

from ..host import AS_DELIVERED, Detail

__all__ = ["NOTHING", "Extras"]


@dataclass(frozen=True, slots=True)
class Extras:
    """Files that a Blender writes beside each mesh."""

    blend: bool = False
    detail: Detail = AS_DELIVERED
    """Of the mesh in the .blend."""
    preview: bool = False

    @property
    def are_wanted(self) -> bool:
        return self.blend or self.preview


NOTHING = Extras()
