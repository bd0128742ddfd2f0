# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written as a .blend by a Blender without a window. Main thread only.

Whatever the process has loaded is given up, which is why there must be no window to it.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Final

import bpy

from ..engine.errors import ConfigError, DiskError
from ..engine.files import discard, publish
from .importing.importer import import_mesh
from .scene.placement import Placement

__all__ = ["give_up_what_is_open", "refuse_window", "write_mesh"]

_ORIGIN: Final = Placement((0.0, 0.0, 0.0))


def give_up_what_is_open() -> None:
    """Start from an empty file.

    :raises ConfigError: there is a window, so there may be an artist's work in it.
    """
    refuse_window()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)


def refuse_window() -> None:
    """:raises ConfigError: there is a window, so there may be an artist's work in it."""
    if not bpy.app.background:
        raise ConfigError("This takes a Blender without a window: use blender --command scenario.")


def write_mesh(mesh: Path, blend: Path, *, name: str, job_id: str, model_id: str) -> tuple[str, ...]:
    """Write a .blend that holds the mesh at the origin, its textures packed, and nothing else.

    :return: what the mesh is without, as phrases.
    :raises ConfigError: there is a window.
    :raises DiskError: ``blend`` is taken, or cannot be written.
    :raises ImportFailed: the mesh cannot be imported.
    """
    refuse_window()
    if blend.exists():
        raise DiskError(f"{blend} is already there: move it away or choose another output folder.")
    give_up_what_is_open()
    arrival = import_mesh(mesh, name=name, job_id=job_id, model_id=model_id, placement=_ORIGIN)
    bpy.context.scene.name = name
    _save(blend)
    return arrival.flaws


def _save(blend: Path) -> None:
    """Save what is open, compressed, first under another name in the same folder."""
    part = blend.with_name(f".{uuid.uuid4().hex}.blend")
    try:
        blend.parent.mkdir(parents=True, exist_ok=True)
        bpy.ops.wm.save_as_mainfile(filepath=str(part.absolute()), copy=True, compress=True)
        publish(part, [blend])
    except (OSError, RuntimeError) as error:
        reason = str(error).removeprefix("Error: ").strip()
        raise DiskError(f"{blend} could not be written: {reason}") from error
    finally:
        discard(part)
