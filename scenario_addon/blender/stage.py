# SPDX-License-Identifier: GPL-3.0-or-later
"""A .blend that is open for taking pictures of what is in it, in a Blender without a window. Main thread only.

It is only read, and nothing in it runs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, cast

import bpy
from mathutils import Matrix

from ..engine.errors import DiskError, InputError, PictureError
from ..engine.files import make_private_folder
from ..engine.host import Named, Views
from .quiet import silence
from .studio.setup import Setup
from .studio.sides import Facing
from .studio.studio import Studio
from .studio.subject import Subject, of_collection, of_objects
from .writing.blends import give_up_what_is_open, refuse_window

__all__ = ["BlendStage", "open_blend"]

_LOOK_S: Final = 0.05
_HEAD_BYTES: Final = 64
_VERSION: Final = re.compile(rb"BLENDER(?:[-_][vV](\d)|\d\d-\d\dv(\d\d))(\d\d)")
"""At the beginning of a .blend, up to Blender 4 and since: two digits are the minor version."""


def open_blend(blend: Path, *, folder: Path) -> BlendStage:
    """Open a .blend; whatever was open is given up.

    :param folder: where pictures are kept.
    :raises ConfigError: there is a window, so there may be an artist's work in it.
    :raises InputError: it cannot be opened, or a newer Blender has written it.
    """
    refuse_window()
    try:
        with blend.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise InputError(f"{blend} cannot be read ({error.strerror or error}): give a .blend file.") from error
    found = _VERSION.search(head)
    if found is not None:
        _refuse_newer(blend, (int(found[1] or found[2]), int(found[3])))
    try:
        bpy.ops.wm.open_mainfile(filepath=str(blend.absolute()), load_ui=False, use_scripts=False)
    except RuntimeError as error:
        raise InputError(
            f"{blend} cannot be opened by Blender {bpy.app.version_string}: "
            "it is no .blend file, cut short, damaged, or from a newer Blender."
        ) from error
    stage = BlendStage(folder)
    try:
        major, minor, _ = cast(Any, bpy.data.version)
        _refuse_newer(blend, (major, minor))
    except InputError:
        stage.close()
        raise
    return stage


def _refuse_newer(blend: Path, version: Sequence[int]) -> None:
    """:raises InputError: a newer Blender has written it: what this one does not know would be missing."""
    if tuple(version) > tuple(bpy.app.version)[:2]:
        written = ".".join(map(str, version))
        raise InputError(
            f"{blend} was written by Blender {written}, and this is Blender {bpy.app.version_string}: use a Blender "
            "that is as new."
        )


class BlendStage:
    """The .blend that is open.

    :param folder: where pictures are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._studio = Studio(folder / "studio")

    def close(self) -> None:
        """End what is being rendered, and let go of the .blend."""
        self._studio.close()
        give_up_what_is_open()

    @property
    def objects(self) -> list[str]:
        """The names of those that may be seen, as each scene has them."""
        found = (obj for scene in _scenes() for obj in scene.objects if _has_surface(obj))
        return list(dict.fromkeys(obj.name for obj in found))

    @property
    def collections(self) -> list[str]:
        return [collection.name for collection in _collections()]

    def check(self, named: Named) -> None:
        """Look at what is meant, without rendering it.

        :raises LookupError: it is not there.
        :raises InputError: it has no surface that could be seen.
        """
        subject = self._subject(named)
        if not any(map(_has_surface, subject.objects)):
            raise PictureError(f"The {named} has no surface that could be seen: choose something else.")

    def take(self, named: Named, *, sides: Sequence[str], size_px: int, ground: str) -> Views:
        """Render it alone; see :meth:`~.host.Stage.take`.

        :raises LookupError: it is not there.
        :raises PictureError: nothing of it is seen, or it cannot be rendered.
        :raises DiskError: the pictures cannot be written.
        """
        try:
            make_private_folder(self._folder)
        except OSError as error:
            raise DiskError(f"{self._folder} cannot be written: {error.strerror or error}.") from error
        with silence():
            subject = self._subject(named)
            facing = (
                Facing() if named.is_collection else Facing.of_object(_world_matrix(subject.objects[0], subject.scene))
            )
            setup = Setup(sides=tuple(sides), facing=facing, size_px=size_px, ground=ground.upper())
            sitting = self._studio.begin(subject, setup, pictures=self._folder)
            while not sitting.is_over:  # not by waiting without an end, which on Windows Ctrl-C cannot end
                time.sleep(_LOOK_S)
            capture = sitting.result()
        return Views(capture.pictures, capture.placement().to_json(), capture.warnings)

    def _subject(self, named: Named) -> Subject:
        """Find what is meant.

        :raises LookupError: it is not there.
        :raises PictureError: it has no surface.
        """
        if named.is_collection:
            scene = next(
                (s for s in _scenes() if named.name in [c.name for c in s.collection.children_recursive]), None
            )
            if scene is None:
                raise LookupError(named.name)
            return of_collection(named.name, scene)
        scene = next((scene for scene in _scenes() if named.name in scene.objects), None)
        if scene is None:
            raise LookupError(named.name)
        return of_objects([named.name], scene)


def _scenes() -> list[bpy.types.Scene]:
    """All scenes, first the one that the file opens with."""
    first = bpy.context.scene
    return [first, *(scene for scene in bpy.data.scenes if scene != first)]


def _collections() -> Iterator[bpy.types.Collection]:
    for scene in _scenes():
        yield from scene.collection.children_recursive


def _world_matrix(obj: bpy.types.Object, scene: bpy.types.Scene) -> Matrix:
    """Where an object stands. What is out of sight Blender does not work out; then the chain of its parents counts."""
    layer = bpy.context.view_layer if bpy.context.scene == scene else scene.view_layers[0]
    layer.update()
    return _worked_out(obj, layer)


def _worked_out(obj: Any, layer: bpy.types.ViewLayer) -> Matrix:
    if obj.visible_get(view_layer=layer):
        return obj.matrix_world
    if obj.parent is None:
        return obj.matrix_basis
    return _worked_out(obj.parent, layer) @ obj.matrix_parent_inverse @ obj.matrix_basis


def _has_surface(obj: bpy.types.Object) -> bool:
    """Whether anything of an object may be seen; what is made of it in the end is not looked at."""
    if obj.type == "EMPTY":
        return obj.instance_type == "COLLECTION" and obj.instance_collection is not None
    if obj.type not in ("MESH", "CURVE", "FONT", "SURFACE"):
        return obj.type in ("CURVES", "META", "POINTCLOUD", "VOLUME")
    if len(obj.modifiers) or obj.instance_type != "NONE":
        return True
    if isinstance(obj.data, bpy.types.Mesh):
        return len(obj.data.polygons) > 0
    mesh = obj.to_mesh()
    has_faces = mesh is not None and len(mesh.polygons) > 0
    obj.to_mesh_clear()
    return has_faces
