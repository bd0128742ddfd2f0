# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenario 3D: a picture in, a mesh in the scene.

Importing this package does nothing and needs no Blender; ``register()`` brings in the Blender side.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ADDON", "__version__", "register", "unregister"]

__version__: Final = "0.1.0"
ADDON: Final = __name__
"""The extension's own name, as Blender knows it."""


def register() -> None:
    """Make the extension known to Blender. Called by Blender when the extension is enabled."""
    from . import blender

    blender.register()


def unregister() -> None:
    """Undo ``register()``. Called by Blender when the extension is disabled."""
    from . import blender

    blender.unregister()
