# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that the artist has chosen, taken as files. Main thread only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy

from ...engine.errors import PictureError
from ..app.session import session

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.values import Order

__all__ = ["Pictures", "Source"]


_WORDS: Final = {"OBJECTS": "the selected objects"}


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
        return {"IMAGE": self.image, "FILE": Path(self.filepath).name}.get(self.kind) or _WORDS.get(
            self.kind, f"the {self.kind.lower()}"
        )


class Pictures:
    """Takes the chosen pictures, and remembers what the artist calls each.

    What works on pixels is loaded when it is needed: numpy takes longer than enabling an add-on may.
    """

    def __init__(self, context: bpy.types.Context, folder: Path) -> None:
        """:param folder: where a picture is written that is no file yet."""
        self._context, self._folder = context, folder
        self._words: dict[str, str] = {}
        self._renders: set[str] = set()

    def take(self, picture: Source | bpy.types.Image) -> Path:
        """Give the file of a picture, written if need be.

        :raises ScenarioError: there is none.
        """
        path = _taken(self._context, self._folder, picture)
        self._words[path.name] = picture.words if isinstance(picture, Source) else picture.name
        if isinstance(picture, Source) and picture.kind in {"RENDER", "VIEWPORT"}:
            self._renders.add(path.name)
        return path

    def convert(self, path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        """Do as :func:`.fit.convert_picture` does."""
        from ..picture.fit import convert_picture

        result = convert_picture(path, folder=folder, max_side_px=max_side_px, max_bytes=max_bytes)
        self._words[result.name] = self._words.get(path.name, path.name)
        if path.name in self._renders:
            self._renders.add(result.name)
        return result

    def refuse_nothing(self, order: Order, model: Model) -> None:
        """Look at what the engine cannot look at without Blender.

        :raises PictureError: one of an order's pictures shows nothing.
        """
        from ..picture.checks import refuse_nothing

        for picture in order.pictures:
            for image in picture.images:
                refuse_nothing(
                    image, is_subject=picture.name in model.subjects, is_render=image.path.name in self._renders
                )

    def in_words(self, sentence: str) -> str:
        """Call the pictures as the artist does, in place of the files that were made of them."""
        for name, words in self._words.items():
            sentence = sentence.replace(name, words)
        return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence


def _taken(context: bpy.types.Context, work_folder: Path, picture: Source | bpy.types.Image) -> Path:
    from ..picture.capture import capture_file, capture_image, capture_render, capture_viewport
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
