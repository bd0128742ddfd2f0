# SPDX-License-Identifier: GPL-3.0-or-later
"""A subject in a file of its own, with all that it is made of, for another Blender. Main thread only.

Textures stay on the disk where they are. The artist's data is not touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy

from ...engine.errors import DiskError
from .painted import Painted, read_painted
from .subject import Subject

__all__ = ["Duplicate", "duplicate"]

_SIMPLIFIED: Final = {
    "simplify_subdivision_render": "simplify_subdivision",
    "simplify_child_particles_render": "simplify_child_particles",
    "simplify_volumes": "simplify_volumes",
}
"""Settings of a render, by those of the viewport that are to count."""


@dataclass(frozen=True)
class Duplicate:
    """A copy of a subject."""

    about: dict[str, Any]
    """What has to be known about it, for JSON."""
    painted: tuple[Painted, ...]

    def finish(self) -> None:
        """Write the images that belong to it, before another Blender looks at it. Any thread but the one that draws.

        :raises DiskError: one cannot be written.
        """
        for image in self.painted:
            try:
                image.write()
            except OSError as error:
                raise DiskError(f"{image.path} cannot be written: {error.strerror or error}.") from error


def duplicate(subject: Subject, folder: Path, *, with_light: bool = False) -> Duplicate:
    """Write it into ``folder``, but for the images that :meth:`Duplicate.finish` writes.

    :param with_light: and what lights its scene, unless that belongs to another file.

    :raises DiskError: it cannot be written.
    """
    scene, context = subject.scene, bpy.context
    layer = context.view_layer if context.scene == scene else scene.view_layers[0]
    layer.update()
    if context.mode != "OBJECT":
        bpy.ops.ed.flush_edits()  # what is being edited or sculpted is not in the object yet
    objects = [*subject.objects, *subject.helpers]
    lights = [obj for obj in layer.objects if _shines(obj, layer)] if with_light else []
    world = scene.world if with_light and scene.world is not None and scene.world.library is None else None
    own: set[Any] = {obj for obj in (*objects, *lights) if obj.library is None}
    own |= {world} if world is not None else set()
    blend = folder / "subject.blend"
    try:
        if own:
            bpy.data.libraries.write(str(blend), own, path_remap="ABSOLUTE", fake_user=True)
        painted = read_painted(own, folder)
    except (OSError, RuntimeError) as error:
        reason = str(error).removeprefix("Error: ").strip().rstrip(".")
        raise DiskError(f"{subject.name} cannot be written into {folder}: {reason}.") from error
    about = {
        "blend": str(blend) if own else None,
        "objects": [_known(obj, layer) for obj in objects],
        "helpers": [obj.name for obj in subject.helpers],
        "lights": [_known(obj, layer) for obj in lights],
        "world": world.name if world is not None else None,
        "frame": scene.frame_current,
        "subframe": scene.frame_subframe,
        "simplify": _simplified(scene.render) if scene.render.use_simplify else None,
        "images": {image.name: str(image.path) for image in painted},
    }
    return Duplicate(about, tuple(painted))


def _shines(obj: bpy.types.Object, layer: bpy.types.ViewLayer) -> bool:
    return obj.type == "LIGHT" and obj.library is None and obj.visible_get(view_layer=layer)


def _known(obj: bpy.types.Object, layer: bpy.types.ViewLayer) -> dict[str, Any]:
    """Where to find an object, and where it stands, unless it is out of sight, for then nobody has worked that out."""
    library: Any = obj.library
    return {
        "name": obj.name,
        "library": library and bpy.path.abspath(library.filepath),
        "matrix": [obj.matrix_world[row][:] for row in range(4)] if obj.visible_get(view_layer=layer) else None,
    }


def _simplified(render: Any) -> dict[str, Any]:
    return {name: getattr(render, shown) for name, shown in _SIMPLIFIED.items() if hasattr(render, shown)}
