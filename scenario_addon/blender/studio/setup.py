# SPDX-License-Identifier: GPL-3.0-or-later
"""How pictures are to be taken. Any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from mathutils import Matrix

from .sides import Facing, Rows, View, axes_of

__all__ = ["ENGINES", "VIEW", "Setup"]

ENGINES: Final = ("CYCLES", "EEVEE", "WORKBENCH")
"""The first that works: Cycles needs no graphics card, and shows all that can be shown."""
VIEW: Final = "view"
"""Instead of a side's name, for the picture from the artist's own view."""


@dataclass(frozen=True)
class Setup:
    """What pictures are wanted."""

    sides: tuple[str, ...] = ("front",)
    """Of the eight, by the engine's names."""
    view: View | None = None
    """One picture from here instead of all sides."""
    facing: Facing = field(default_factory=Facing)
    size_px: int = 1024
    """Of each side of the square."""
    ground: str = "TRANSPARENT"
    """Nothing behind the subject, or ``OPAQUE``: plain white."""
    look: str = "MATERIALS"
    """The materials as they are, or ``CLAY``: one grey for all."""
    light: str = "STUDIO"
    """One that belongs to the camera and leaves no side dark, or ``SCENE``: the scene's own lights and world."""
    samples: int | None = None
    """A pixel; by default what looks good with what this Blender can do."""

    @property
    def pictures(self) -> tuple[str, ...]:
        """Names of what will be taken, in order."""
        return (VIEW,) if self.view is not None else self.sides

    def axes(self, picture: str) -> Matrix:
        """Give the axes in the world, 3x3, of the camera that takes a picture: its columns, right, up, backwards."""
        if self.view is not None:
            return self.view.matrix.to_3x3().normalized()
        return self.facing.matrix.to_3x3() @ axes_of(picture)

    def to_json(self) -> dict[str, Any]:
        view = self.view and {"rows": self.view.rows, "is_perspective": self.view.is_perspective}
        return {**vars(self), "facing": self.facing.turn, "view": view}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` of the same version wrote."""
        view = data["view"] and View(_rows(data["view"]["rows"]), data["view"]["is_perspective"])
        return cls(**{**data, "sides": tuple(data["sides"]), "facing": Facing(data["facing"]), "view": view})


def _rows(rows: Any) -> Rows:
    return tuple(tuple(row) for row in rows)
