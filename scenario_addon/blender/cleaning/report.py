# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found wrong with a mesh, and what was done about it, in numbers and in words. Loads without numpy."""

from __future__ import annotations

from dataclasses import asdict, astuple, dataclass, field
from typing import Any, Self

__all__ = ["Counts", "Report"]


@dataclass(frozen=True)
class Counts:
    """How a surface is. Vertices at one place count as one, as they do for whoever looks at it."""

    triangles: int = 0
    pieces: int = 0
    open_edges: int = 0
    """Of one face only."""
    holes: int = 0
    """What open edges run around; the rim of a sheet is none."""
    inward: int = 0
    """Faces that look to the wrong side."""
    non_manifold: int = 0
    """Edges of more than two faces."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(*map(sum, zip(astuple(self), astuple(other), strict=True)))

    @property
    def is_watertight(self) -> bool:
        """Whether it is open nowhere."""
        return bool(self.triangles) and not self.open_edges


@dataclass(frozen=True)
class Report:
    """Of one mesh, or of several as their sum."""

    before: Counts = field(default_factory=Counts)
    after: Counts = field(default_factory=Counts)
    removed: int = 0
    """Loose pieces."""
    closed: int = 0
    """Holes."""
    turned: int = 0
    """Faces."""

    def __add__(self, other: Report) -> Report:
        return Report(
            self.before + other.before,
            self.after + other.after,
            self.removed + other.removed,
            self.closed + other.closed,
            self.turned + other.turned,
        )

    @property
    def is_changed(self) -> bool:
        return bool(self.removed or self.closed or self.turned)

    @property
    def words(self) -> str:
        """Say it in one line: "watertight, 2 loose pieces removed, 14 faces turned"."""
        edges, holes, knots = self.after.open_edges, self.after.holes, self.after.non_manifold
        removed, closed, turned = self.removed, self.closed, self.turned
        parts = {  # each as a whole, since a language inflects it as a whole
            "watertight": self.after.is_watertight,
            f"{edges:,} open edges" if edges != 1 else "1 open edge": edges and not self.after.is_watertight,
            f"{removed:,} loose pieces removed" if removed != 1 else "1 loose piece removed": removed,
            f"{closed:,} holes closed" if closed != 1 else "1 hole closed": closed,
            f"{holes:,} holes left open" if holes != 1 else "1 hole left open": holes,
            f"{turned:,} faces turned" if turned != 1 else "1 face turned": turned,
            f"{knots:,} non-manifold edges" if knots != 1 else "1 non-manifold edge": knots,
        }
        return ", ".join(text for text, is_so in parts.items() if is_so) or "no faces"

    def to_json(self) -> dict[str, Any]:
        """As plain numbers, for a custom property."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` of the same version wrote."""
        return cls(**{**data, "before": Counts(**data["before"]), "after": Counts(**data["after"])})
