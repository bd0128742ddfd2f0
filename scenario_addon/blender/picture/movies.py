# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame of a movie, by Blender's video sequencer in a scene of its own. Main thread only."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import bpy

from .pixels import set_png, standard_scene

__all__ = ["movie_frame"]


def movie_frame(movie: bpy.types.Image, *, frame: int, output: Path) -> Path:
    """Write a frame as PNG, at the movie's own size.

    :param frame: from 1; before the first frame it is the first, after the last the last.
    """
    path = bpy.path.abspath(movie.filepath, library=movie.library)
    with standard_scene() as scene:
        editor: Any = scene.sequence_editor_create()
        strips = editor.strips if hasattr(editor, "strips") else editor.sequences  # until 4.3
        strips.new_movie("movie", path, channel=1, frame_start=1)
        render, size_px = scene.render, cast(Any, movie.size)
        render.resolution_x, render.resolution_y, render.resolution_percentage = *size_px, 100
        render.filepath, render.use_file_extension = str(output.absolute()), False
        set_png(render.image_settings)
        scene.frame_set(min(max(frame, 1), movie.frame_duration))
        with bpy.context.temp_override(scene=scene):  # the operator takes the frame from the context's scene
            bpy.ops.render.render(write_still=True)
    return output
