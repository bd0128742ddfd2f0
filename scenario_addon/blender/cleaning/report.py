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
        parts = [
            "watertight" if self.after.is_watertight else _number(self.after.open_edges, "open edge"),
            _number(self.removed, "loose piece", "removed"),
            _number(self.closed, "hole", "closed"),
            _number(self.after.holes, "hole", "left open"),
            _number(self.turned, "face", "turned"),
            _number(self.after.non_manifold, "non-manifold edge"),
        ]
        return ", ".join(filter(None, parts)) or "no faces"

    def to_json(self) -> dict[str, Any]:
        """As plain numbers, for a custom property."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Read what :meth:`to_json` of the same version wrote."""
        return cls(**{**data, "before": Counts(**data["before"]), "after": Counts(**data["after"])})


def _number(count: int, noun: str, *what: str) -> str:
    """Say how many, "" for none."""
    return " ".join((f"{count:,} {noun}{'' if count == 1 else 's'}", *what)) if count else ""
