# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to the meshes of a model after the import, if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import bpy

__all__ = ["Finish", "finish_objects"]


@dataclass(frozen=True)
class Finish:
    """What is wanted. The defaults leave a model as it was delivered."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        return cls()


def finish_objects(
    objects: Sequence[bpy.types.Object], collection: bpy.types.Collection, finish: Finish
) -> tuple[bpy.types.Object, ...]:
    """Do what is wanted; the shown objects stay the same, their meshes may be new ones.

    :return: all objects of the model, the hidden ones last.
    """
    return tuple(objects)
