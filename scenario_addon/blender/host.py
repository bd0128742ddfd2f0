# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line needs from the Blender it runs in, and nothing else. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import bpy

from ..engine.host import AS_DELIVERED, Asset, Check, Commission, Detail, Piece, Remark, Strip, Written
from ..engine.values import Credentials, SourceImage
from .app.config import former_folder, is_online_allowed, saved_credentials
from .importing.readers import gltf_problem, readable_extensions
from .library import write_asset
from .picture.capture import capture_file
from .picture.checks import refuse_nothing
from .picture.fit import convert_picture
from .quiet import silence
from .sheet.sheet import draw_sheet
from .stage import BlendStage, open_blend
from .writing.blends import write_kit
from .writing.commissions import carry_out_here
from .writing.writer import Writer

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
        with silence():
            return convert_picture(path, folder=folder, max_side_px=max_side_px, max_bytes=max_bytes)

    def shown_picture(self, path: Path, *, folder: Path) -> Path:
        """See :func:`.capture.capture_file`."""
        with silence():
            return capture_file(path, folder=folder)

    def refuse_nothing(self, image: SourceImage, *, is_subject: bool) -> None:
        """See :func:`.checks.refuse_nothing`."""
        with silence():
            refuse_nothing(image, is_subject=is_subject)

    def writer(self, *, folder: Path) -> Writer:
        """See :class:`.writer.Writer`."""
        return Writer(folder, here=_carry_out_here)

    def write_kit(
        self, pieces: Iterable[Piece], blend: Path, *, name: str, detail: Detail = AS_DELIVERED
    ) -> list[Remark]:
        """See :func:`.blends.write_kit`."""
        with silence():
            return write_kit(pieces, blend, name=name, detail=detail)

    @contextmanager
    def open_blend(self, blend: Path, *, folder: Path) -> Iterator[BlendStage]:
        """See :func:`.stage.open_blend`."""
        with silence():
            stage = open_blend(blend, folder=folder)
        try:
            yield stage
        finally:
            with silence():
                stage.close()

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

    def write_asset(self, asset: Asset, blend: Path) -> tuple[str, ...]:
        """See :func:`.library.write_asset`."""
        with silence():
            return write_asset(asset, blend)

    def write_sheet(self, strips: Sequence[Strip], png: Path) -> int:
        """See :func:`.sheet.draw_sheet`."""
        with silence():
            return draw_sheet(strips, png)


def _carry_out_here(commission: Commission) -> Written:
    with silence():
        return carry_out_here(commission)


def _check(name: str, *, text: str, ok: bool, fix: str) -> Check:
    return Check(name, ok, text, fix="" if ok else fix)
