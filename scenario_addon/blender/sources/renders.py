# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a scene has been rendered. Main thread only, but for :func:`note_render`.

There is an image named Render Result in every file of Blender 5.2, and its size is 0 whatever was rendered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import bpy

from ..app.session import session

__all__ = ["has_render", "note_render"]

_NOWHERE: Final = Path(__file__) / "nowhere.png"
"""No system can write this: what a file is in is a folder."""
_NOTHING: Final = "does not have any image data"

_rendered: set[tuple[str, int]] = set()


def has_render(scene: bpy.types.Scene) -> bool:
    """Whether there is a render of this scene. Cheap enough for a redraw: Blender is asked until there is one."""
    if _key(scene) in _rendered:
        return True
    image = next((image for image in bpy.data.images if image.type == "RENDER_RESULT"), None)
    if image is None or bpy.app.is_job_running("RENDER"):
        return False
    try:
        image.save_render(str(_NOWHERE), scene=scene)
    except RuntimeError as error:  # always: it says whether there was anything to write
        if _NOTHING in str(error):
            return False
    note_render(scene)
    return True


def note_render(scene: bpy.types.Scene) -> None:
    """Note that a scene has been rendered: Blender need not be asked. Any thread."""
    _rendered.add(_key(scene))
    session.renders += 1


def _key(scene: bpy.types.Scene) -> tuple[str, int]:
    return session.file_token, scene.session_uid
