# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line needs from the Blender it runs in, and nothing else. Main thread only."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Final

import bpy

from ..engine.errors import ConfigError, DiskError
from ..engine.files import discard, publish
from ..engine.host import Check
from ..engine.values import Credentials, SourceImage
from .app.config import former_folder, is_online_allowed, saved_credentials
from .importing.importer import import_mesh
from .importing.readers import gltf_problem, readable_extensions
from .picture.capture import capture_file
from .picture.checks import refuse_nothing
from .picture.fit import convert_picture
from .scene.placement import Placement

__all__ = ["BlenderHost"]

_OLDEST: Final = (4, 2, 13)
"""As in the manifest: older ones install the wrong wheels."""


class BlenderHost:
    """The Blender around the command line: ``blender --command``, or Python with the ``bpy`` module."""

    @property
    def online_access(self) -> bool:
        """Whether this Blender may go online. Whoever runs the ``bpy`` module has said so by that."""
        return is_online_allowed()

    @property
    def former_folder(self) -> Path | None:
        """See :func:`.config.former_folder`."""
        return former_folder()

    @property
    def readable(self) -> frozenset[str]:
        """See :func:`.readers.readable_extensions`."""
        return readable_extensions()

    def saved_credentials(self) -> Credentials | None:
        """See :func:`.config.saved_credentials`."""
        return saved_credentials()

    def convert_picture(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        """See :func:`.fit.convert_picture`."""
        with _silence():
            return convert_picture(path, folder=folder, max_side_px=max_side_px, max_bytes=max_bytes)

    def shown_picture(self, path: Path, *, folder: Path) -> Path:
        """See :func:`.capture.capture_file`."""
        with _silence():
            return capture_file(path, folder=folder)

    def refuse_nothing(self, image: SourceImage, *, is_subject: bool) -> None:
        """See :func:`.checks.refuse_nothing`."""
        with _silence():
            refuse_nothing(image, is_subject=is_subject)

    def write_blend(self, mesh: Path, blend: Path, *, name: str, job_id: str, model_id: str) -> tuple[str, ...]:
        """Write a .blend that holds the mesh at the origin, its textures packed, and nothing else.

        Whatever this process has loaded is given up, which is why there must be no window to it.
        The file has its final name only when it is whole.

        :return: what the mesh is without, as phrases.
        :raises ConfigError: there is a window, so there may be an artist's work in it.
        :raises DiskError: ``blend`` is taken, or cannot be written.
        :raises ImportFailed: the mesh cannot be imported.
        """
        if not bpy.app.background:
            raise ConfigError("A .blend is written by a Blender without a window: use blender --command scenario.")
        if blend.exists():
            raise DiskError(f"{blend} is already there: move it away or choose another output folder.")
        with _silence():
            bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
            origin = Placement((0.0, 0.0, 0.0))
            arrival = import_mesh(mesh, name=name, job_id=job_id, model_id=model_id, placement=origin)
            bpy.context.scene.name = name
            _save(blend)
        return arrival.flaws

    def checks(self) -> list[Check]:
        """For ``doctor``: is this Blender fit for the work?"""
        problem = gltf_problem()
        return [
            _check(
                "Blender",
                text=bpy.app.version_string,
                ok=bpy.app.version >= _OLDEST,
                fix=f"Install Blender {'.'.join(map(str, _OLDEST))} or newer.",
            ),
            _check(
                "glTF importer",
                text=problem or "can import GLB files",
                ok=problem is None,
                fix="Reinstall Blender; where your system packages them apart, its glTF add-on and numpy.",
            ),
            _check(
                "online access",
                text="allowed" if self.online_access else "not allowed",
                ok=self.online_access,
                fix="Start Blender with --online-mode, or tick Preferences > System > Allow Online Access.",
            ),
        ]


@contextmanager
def _silence() -> Iterator[None]:
    """Keep what Blender and its importers say off standard output: that is for the command line's results."""
    level, terminal = bpy.app.debug_value, os.dup(1)
    bpy.app.debug_value = 2  # the glTF importer's word for errors only
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 1)  # what is written in C
        with redirect_stdout(StringIO()):
            yield
    finally:
        os.dup2(terminal, 1)
        os.close(terminal)
        bpy.app.debug_value = level


def _check(name: str, *, text: str, ok: bool, fix: str) -> Check:
    return Check(name, ok, text, fix="" if ok else fix)


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
