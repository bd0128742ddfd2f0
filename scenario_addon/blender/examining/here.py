# SPDX-License-Identifier: GPL-3.0-or-later
"""This Blender itself: quick to look at, for the main thread only."""

from __future__ import annotations

from typing import Final

import bpy
import gpu

from ...engine.host import Check
from ..app.config import is_online_allowed

__all__ = ["here_checks"]

_OLDEST: Final = (4, 2, 13)
"""As in the manifest: older ones install the wrong wheels."""


def here_checks() -> list[Check]:
    """Say what this Blender is, what it may do, and what draws for it."""
    return [_version(), _online_access(), _graphics_card()]


def _version() -> Check:
    ok = bpy.app.version >= _OLDEST
    fix = "" if ok else f"Install Blender {'.'.join(map(str, _OLDEST))} or newer."
    return Check("Blender", ok, bpy.app.version_string, fix)


def _online_access() -> Check:
    if is_online_allowed():
        return Check("online access", True, "allowed")
    fix = "Start Blender with --online-mode, or tick Preferences > System > Allow Online Access."
    return Check("online access", False, "not allowed", fix)


def _graphics_card() -> Check:
    """Name the graphics card. Without one, everything works but what a window draws."""
    if bpy.app.background:
        text = "not used without a window; pictures of objects are rendered by the processor in any case"
        return Check("graphics card", True, text)
    try:
        card = f"{gpu.platform.renderer_get()} ({gpu.platform.backend_type_get()}, {gpu.platform.version_get()})"
        is_software = gpu.platform.device_type_get() == "SOFTWARE"
    except SystemError as error:  # as gpu has it where nothing draws
        return Check("graphics card", True, f"not known ({error})")
    fix = (
        "Install the driver of the graphics card: without one, large meshes make the window slow."
        if is_software
        else ""
    )
    return Check("graphics card", True, f"none: {card} draws by the processor" if is_software else card, fix)
