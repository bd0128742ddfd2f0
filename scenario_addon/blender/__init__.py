# SPDX-License-Identifier: GPL-3.0-or-later
"""The Blender side: the only folder that imports ``bpy``. What it registers is listed here, in order."""

from __future__ import annotations

from . import command
from .form import properties
from .ui import choosing, handlers, making, menus, operators, panels, preferences, refining, results

__all__ = ["register", "unregister"]

_MODULES = (properties, preferences, handlers, operators, choosing, making, refining, results, panels, menus, command)


def register() -> None:
    """Register every module of the Blender side, in order."""
    for module in _MODULES:
        module.register()


def unregister() -> None:
    """Unregister them in the opposite order."""
    for module in reversed(_MODULES):
        module.unregister()
