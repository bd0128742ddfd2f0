# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a model stands and how large it is. Main thread only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import bpy
from mathutils import Matrix, Vector

if TYPE_CHECKING:
    from .intake import Arrival

__all__ = ["Placement", "place"]


@dataclass(frozen=True)
class Placement:
    """Where and how a model stands, in world space. Holds no reference to Blender's data, so it can be kept as JSON."""

    location: tuple[float, float, float] | None = None
    """Where its base goes, the bottom centre of its bounding box; ``None`` is the 3D cursor at the time."""
    height: float = 0.0
    """Metres; 0 keeps the file's size."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        place = data.get("location")
        return cls((place[0], place[1], place[2]) if place else None, data.get("height", 0.0))

    @classmethod
    def of_target(cls, target: Mapping[str, Any]) -> Self:
        """Read it from an order's target; older ones have location and height at their top level."""
        return cls.from_json(target.get("placement", target))


def place(arrival: Arrival, placement: Placement, scene: bpy.types.Scene) -> Arrival:
    """Scale and move the model, as one, until the bottom centre of its bounding box is where it belongs."""
    root, (low, high) = arrival.root, (Vector(arrival.low), Vector(arrival.high))
    rest = Matrix.Identity(4) if not arrival.is_rigged else root.matrix_basis.to_3x3().to_4x4()
    corners = [rest @ Vector((x, y, z)) for x in (low.x, high.x) for y in (low.y, high.y) for z in (low.z, high.z)]
    low, high = (Vector([pick(corner[axis] for corner in corners) for axis in range(3)]) for pick in (min, max))
    factor = placement.height / (high.z - low.z) if placement.height > 0 and high.z > low.z else 1.0
    location = scene.cursor.location if placement.location is None else Vector(placement.location)
    base = Vector(((low.x + high.x) / 2, (low.y + high.y) / 2, low.z))
    root.matrix_world = Matrix.Translation((location - base * factor)[:]) @ Matrix.Scale(factor, 4) @ rest
    return arrival
