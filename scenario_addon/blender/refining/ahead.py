# SPDX-License-Identifier: GPL-3.0-or-later
"""New UVs matched with the mesh that they are for, before they come in, while the artist goes on. Main thread only.

Matching 300,000 triangles takes half a second, which a worker thread has. Between two calls anything may happen to the
scene: only arrays are kept, and what was found is used only where the mesh is still the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

import bpy

from ..importing.append import append
from ..importing.converted import Converted
from ..importing.datablocks import datablocks, ids_of_all
from ..scene.refined import Refined
from .corners import Corners
from .source import find
from .uv_map import Ready, corners_given, corners_made, hindrance, match_any

__all__ = ["Ahead"]

Run: TypeAlias = Callable[[str, Callable[[], Any], Callable[[Any], None]], None]

_TASK: Final = "uv map"


class Ahead:
    """Looks after one mesh at a time.

    :param run: has work done in a worker thread, and its result handed over on the main thread.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._of: Converted | None = None
        self._ready: Ready | None = None
        self._is_over = False

    def advance(self, converted: Converted, refined: Refined, scene: bpy.types.Scene, *, is_held: bool = False) -> bool:
        """Have a mesh matched with what it was made of; says whether there is nothing to wait for.

        :raises OSError: the .blend is gone or cannot be read.
        """
        if self._of == converted:
            return self._is_over
        self._of, self._ready, self._is_over = converted, None, True
        source = find(refined, scene, is_held=is_held)
        if source is None or source.hindrance() or hindrance(source):
            return True
        given, made = corners_given(source), _read(converted)
        if made is None or not given:
            return True
        self._is_over = False
        self._run(_TASK, partial(match_any, given, made), partial(self._take, converted))
        return False

    def ready(self, converted: Converted) -> Ready | None:
        """Give what was found for a mesh; ``None`` where nothing was, or not yet."""
        return self._ready if self._of == converted else None

    def _take(self, converted: Converted, found: Any) -> None:
        if self._of == converted:
            self._ready, self._is_over = found if isinstance(found, Ready) else None, True


def _read(converted: Converted) -> Corners | None:
    """Append a mesh, read it, and remove it again."""
    before = ids_of_all()
    try:
        return corners_made(append(converted))
    finally:
        bpy.data.batch_remove(datablocks(other_than=before))
