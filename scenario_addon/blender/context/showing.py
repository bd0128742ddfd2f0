# SPDX-License-Identifier: GPL-3.0-or-later
"""Acting in a scene, with no more of an override than that takes.

With Python 3.11, that is in Blender 4.2 to 5.0, an override of more than a window is looked up by C code that takes any
thread's hold on the interpreter for its own: it crashes now and then while other threads work. Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

__all__ = ["showing"]


@contextmanager
def showing(
    scene: bpy.types.Scene, layer: bpy.types.ViewLayer, window: bpy.types.Window | None = None
) -> Iterator[None]:
    """Have the context show a scene with a view layer, in a window where there is one that shows them."""

    def is_shown() -> bool:
        context = bpy.context
        return context.scene == scene and context.view_layer == layer

    if is_shown() and window in (None, bpy.context.window):
        yield
        return
    with bpy.context.temp_override(window=window or bpy.context.window):
        if is_shown():
            yield
            return
        with bpy.context.temp_override(scene=scene, view_layer=layer):  # the caller may have overridden them, too
            yield
