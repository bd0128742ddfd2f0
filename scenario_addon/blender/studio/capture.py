# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of pictures that were taken. Any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from mathutils import Matrix, Vector

from ..scene.bounds import Box, Triple, triple
from ..scene.placement import Placement
from .sides import Facing

__all__ = ["Capture"]


@dataclass(frozen=True)
class Capture:
    """Pictures of a subject, and what is needed to put a mesh in its place, also when it is gone by then."""

    pictures: Mapping[str, Path]
    """By the side's name, or ``VIEW``, in order."""
    names: tuple[str, ...]
    """Of the objects that were taken."""
    facing: Facing
    low: Triple
    """Lowest corner of all that was seen, in the subject's frame: in metres from the world's origin, turned."""
    high: Triple
    m_per_px: float | None
    """One for all pictures; there is none in perspective."""
    warnings: tuple[str, ...] = ()
    """Sentences for people: what could not be shown."""

    def placement(self) -> Placement:
        """Say where a mesh of it stands, how large it is, where it looks, and what it takes the place of."""
        box = Box.between(self.low, self.high)
        base: Vector = self.facing.matrix @ box.base
        return Placement(location=triple(base), turn=self.facing.turn, box=triple(box.size), replaces=self.names)

    def to_json(self) -> dict[str, Any]:
        pictures = {side: str(path) for side, path in self.pictures.items()}
        return {**vars(self), "pictures": pictures, "facing": [self.facing.matrix[row][:] for row in range(4)]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` of the same version wrote."""
        lists = {key: tuple(data[key]) for key in ("names", "low", "high", "warnings")}
        pictures = MappingProxyType({side: Path(path) for side, path in data["pictures"].items()})
        return cls(**{**data, **lists, "pictures": pictures, "facing": Facing.of_object(Matrix(data["facing"]))})
