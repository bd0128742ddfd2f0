# SPDX-License-Identifier: GPL-3.0-or-later
"""One mesh as a clean one, as far as is wanted, and a report of it. Main thread only."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np

from .editing import edited
from .facing import faces_to_turn
from .holes import Rim, lids, rims
from .pieces import Pieces
from .report import Counts, Report
from .surface import Surface

__all__ = ["Cleaning", "cleaned"]


@dataclass(frozen=True)
class Cleaning:
    """What is wanted. The defaults look at a mesh and change nothing."""

    loose: float = 0.0
    """Pieces go whose diagonal is a smaller share of the whole mesh's; 0: none. The largest piece always stays."""
    hole_edges: int = 0
    """Holes are closed that have no more edges; 0: none."""
    outward: bool = False
    """Faces that look inward are turned."""


def cleaned(mesh: bpy.types.Mesh, wanted: Cleaning) -> tuple[bpy.types.Mesh | None, Report]:
    """Clean a mesh; a million triangles take a few seconds. The mesh that is given stays as it is.

    :return: a new mesh, or ``None`` where nothing has to be done.
    """
    found = _Findings.of(mesh)
    surface = found.surface
    gone = found.pieces.smaller_than(wanted.loose)
    is_gone = gone[found.pieces.of_face]
    turned = found.inward & ~is_gone if wanted.outward else np.zeros_like(is_gone)
    holes = [rim for rim in found.holes(turned) if not is_gone[surface.face[rim[0]]] and len(rim) <= wanted.hole_edges]
    done = Report(found.counts, found.counts, int(gone.sum()), len(holes), int(turned.sum()))
    if not done.is_changed:
        return None, done
    new = edited(mesh, gone=is_gone, turned=turned, lids=lids(surface, turned, holes))
    return new, Report(found.counts, _Findings.of(new).counts, done.removed, done.closed, done.turned)


@dataclass(frozen=True)
class _Findings:
    """What is wrong with a mesh."""

    surface: Surface
    pieces: Pieces
    inward: np.ndarray
    """Which faces look inward, (faces,)."""
    counts: Counts

    @classmethod
    def of(cls, mesh: bpy.types.Mesh) -> _Findings:
        surface = Surface.of(mesh)
        pieces, inward = Pieces.of(surface), faces_to_turn(surface)
        counts = Counts(
            triangles=int((surface.counts - 2).sum()),
            pieces=pieces.count,
            open_edges=len(surface.open_edges),
            holes=len(rims(surface, inward)),
            inward=int(inward.sum()),
            non_manifold=len(surface.non_manifold_edges),
        )
        return cls(surface, pieces, inward, counts)

    def holes(self, turned: np.ndarray) -> list[Rim]:
        """The holes once some faces are turned: a rim runs all around only where the faces along it agree."""
        return rims(self.surface, turned)
