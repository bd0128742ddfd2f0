# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that the artist has chosen, taken as files. Main thread only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy

from ...engine.errors import PictureError
from ..app.session import session

__all__ = ["Source", "take"]


@dataclass(frozen=True)
class Source:
    """Where the main picture comes from, when it is not what the scene says."""

    kind: str
    image: str = ""
    """Name of an Image datablock."""
    filepath: str = ""

    @property
    def is_chosen(self) -> bool:
        return bool({"IMAGE": self.image, "FILE": self.filepath}.get(self.kind, True))

    @property
    def words(self) -> str:
        """What it is, in the middle of a sentence."""
        return {"IMAGE": self.image, "FILE": Path(self.filepath).name}.get(self.kind) or f"the {self.kind.lower()}"


def take(context: bpy.types.Context, work_folder: Path, picture: Source | bpy.types.Image) -> Path:
    """Give the file of a picture, written if need be.

    :raises ScenarioError: there is none.
    """
    from ..picture.capture import capture_file, capture_image, capture_render, capture_viewport  # lazy: loads numpy
    from ..picture.viewport import LastDrawing

    if not isinstance(picture, Source):
        return capture_image(picture, folder=work_folder, scene=context.scene)
    if picture.kind == "RENDER":
        return capture_render(context.scene, folder=work_folder)
    if picture.kind == "VIEWPORT":
        session.last_drawing = session.last_drawing or LastDrawing()
        return capture_viewport(context, folder=work_folder, last=session.last_drawing)
    if picture.kind == "FILE":
        return capture_file(Path(bpy.path.abspath(picture.filepath)), folder=work_folder)
    image = bpy.data.images.get(picture.image)
    if image is None:
        raise PictureError(f"There is no image {picture.image} in this file: choose another one.")
    return capture_image(image, folder=work_folder, scene=context.scene)
