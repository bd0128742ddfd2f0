# SPDX-License-Identifier: GPL-3.0-or-later
"""Where what was made of a mesh goes. Main thread only."""

from __future__ import annotations

import bpy

from ..scene.refined import Refined
from .seat import Seat
from .source import find
from .uv_map import Ready

__all__ = ["seat_of"]


def seat_of(
    refined: Refined,
    scene: bpy.types.Scene,
    *,
    label: str,
    map_name: str,
    is_held: bool = False,
    ready: Ready | None = None,
) -> Seat | None:
    """Find the place of what a job refines; ``None`` when that is not in the scene.

    :param label: what the result is called beside its sisters.
    :param map_name: what a UV map is called.
    :param is_held: the model was given a job's own file, and not what is in the scene.
    :param ready: what was found of UVs before.
    """
    source = find(refined, scene, is_held=is_held)
    if source is None:
        return None
    return Seat(source, kind=refined.kind, label=label, map_name=map_name, ready=ready)
