# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh that another Blender has converted, as a .blend to append from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..scene.arrival import Arrival

__all__ = ["Converted"]


@dataclass(frozen=True)
class Converted:
    """A .blend that holds a mesh and nothing else."""

    blend: Path
    arrival: Arrival
    """As it is in there."""
