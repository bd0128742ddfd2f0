# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line needs from the Blender it runs in, and nothing else. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..engine.host import AS_DELIVERED, Asset, Check, Commission, Detail, Piece, Remark, Strip, Written
from ..engine.values import Credentials, Network, SourceImage
from .app.config import former_folder, is_online_allowed, network, saved_credentials
from .examining.here import here_checks
from .examining.samples import PLAIN
from .examining.trial import importer_check, second_blender
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

    def saved_network(self) -> Network:
        """See :func:`.config.network`."""
        return network()

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
        """For ``doctor``: is this Blender fit for the work? Starts another one, and waits for it."""
        problem, tried = gltf_problem(), second_blender()()
        if problem is not None or all(check.name != PLAIN for check in tried):  # then this one's has to do
            tried = [check for check in tried if check.name != PLAIN]
            tried.insert(1, importer_check(problem))
        return [*here_checks(), *tried]

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
