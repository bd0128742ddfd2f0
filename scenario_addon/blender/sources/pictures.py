# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures that the artist has chosen, taken as files. Main thread only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import bpy

from ...engine.errors import PictureError
from ...engine.models.sides import size_px
from ..app.session import session
from ..form.properties import scene_settings

if TYPE_CHECKING:
    from ...engine.models.model import Model
    from ...engine.values import Order

__all__ = ["DRAWN", "Pictures", "Shared", "Source"]

DRAWN: Final = frozenset({"CAMERA", "RENDER", "VIEWPORT"})
"""Kinds of sources that Blender makes a picture of: it is cropped to what it shows unless the whole view is wanted."""
_CROPPED: Final = "The render is cropped to what it shows: tick Whole View to send all of it."


_WORDS: Final = {
    "OBJECTS": "the selected objects",
    "CAMERA": "the camera",
    "RENDER": "the render",
    "VIEWPORT": "the viewport",
    "IMAGE": "the image",
    "FILE": "the file",
}
_ALWAYS_FRAMED: Final = "Without a window, what the camera sees is always cropped to its objects."


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
        return {"IMAGE": self.image, "FILE": Path(self.filepath).name}.get(self.kind) or _WORDS[self.kind]


@dataclass
class Shared:
    """What the models of one press need not have done twice."""

    taken: dict[tuple[str, int], Path] = field(default_factory=dict[tuple[str, int], Path])
    """The pictures, by what they are of and what size they were drawn in."""
    seen: set[tuple[str, bool]] = field(default_factory=set[tuple[str, bool]])
    """Those that show something, by their content and whether they are to show a subject."""


class Pictures:
    """Takes the chosen pictures, and remembers what the artist calls each.

    What works on pixels is loaded when it is needed: numpy takes longer than enabling an add-on may.
    """

    def __init__(self, context: bpy.types.Context, folder: Path, model: Model, *, shared: Shared | None = None) -> None:
        """Begin with none.

        :param folder: where a picture is written that is no file yet.
        :param model: who it is for.
        :param shared: what others have that the same pictures are for.
        """
        self._context, self._folder, self._model = context, folder, model
        self._shared = shared or Shared()
        self._words: dict[str, str] = {}
        self._renders: set[str] = set()
        self.notes: list[str] = []
        """What the artist should know of the pictures that were taken, a sentence each."""

    def take(self, picture: Source | bpy.types.Image) -> Path:
        """Give the file of a picture, written if need be.

        :raises ScenarioError: there is none.
        """
        key = self._key(picture)
        path = self._shared.taken[key] = self._shared.taken.get(key) or self._taken(picture)
        self.name(path, picture)
        if isinstance(picture, Source) and picture.kind in DRAWN:
            self._renders.add(path.name)
        return path

    def _key(self, picture: Source | bpy.types.Image) -> tuple[str, int]:
        if not isinstance(picture, Source):
            return picture.name_full, 0
        if picture.kind == "RENDER":
            return str(picture), self._model.picture_limits.min_side_px or 0
        return str(picture), size_px(self._model) if picture.kind in DRAWN else 0

    def name(self, path: Path, picture: Source | bpy.types.Image) -> None:
        """Remember what the artist calls a file that was made of a picture."""
        self._words[path.name] = picture.words if isinstance(picture, Source) else picture.name

    def _taken(self, picture: Source | bpy.types.Image) -> Path:
        from ..picture.capture import capture_file, capture_image

        scene, folder = self._context.scene, self._folder
        if not isinstance(picture, Source):
            return capture_image(picture, folder=folder, scene=scene)
        if picture.kind == "RENDER":
            return self._rendered()
        if picture.kind in DRAWN:
            return self._drawn(picture.kind)
        if picture.kind == "FILE":
            return capture_file(Path(bpy.path.abspath(picture.filepath)), folder=folder)
        image = bpy.data.images.get(picture.image)
        if image is None:
            raise PictureError(f"There is no image {picture.image} in this file: choose another one.")
        return capture_image(image, folder=folder, scene=scene)

    def _rendered(self) -> Path:
        from ..picture.capture import capture_render
        from ..picture.framed.render import capture_framed_render

        scene = self._context.scene
        if scene_settings(scene).whole_view:
            return capture_render(scene, folder=self._folder)
        least_px = self._model.picture_limits.min_side_px or 0
        path, is_cropped = capture_framed_render(scene, folder=self._folder, least_px=least_px)
        self.notes += [_CROPPED] if is_cropped else []
        return path

    def _drawn(self, kind: str) -> Path:
        """Draw what the viewport or the camera shows; without a window the studio renders what the camera sees."""
        from ..picture.capture import capture_viewport
        from ..picture.framed.camera import capture_camera
        from ..picture.viewport import LastDrawing
        from .camera import render_camera

        wanted_px = size_px(self._model)
        is_whole = scene_settings(self._context.scene).whole_view
        if kind == "CAMERA" and bpy.app.background:
            self.notes += [_ALWAYS_FRAMED] if is_whole else []
            return render_camera(self._context, folder=self._folder, size_px=wanted_px)
        session.last_drawing = session.last_drawing or LastDrawing()
        capture = capture_camera if kind == "CAMERA" else capture_viewport
        return capture(
            self._context, folder=self._folder, last=session.last_drawing, size_px=wanted_px, is_whole=is_whole
        )

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
            is_subject = picture.name in model.subjects
            for image in picture.images:
                if (image.sha256, is_subject) not in self._shared.seen:
                    refuse_nothing(image, is_subject=is_subject, is_render=image.path.name in self._renders)
                    self._shared.seen.add((image.sha256, is_subject))

    def in_words(self, sentence: str) -> str:
        """Call the pictures as the artist does, in place of the files that were made of them."""
        for name, words in self._words.items():
            sentence = sentence.replace(name, words)
        return sentence[:1].upper() + sentence[1:] if sentence.startswith("the ") else sentence
