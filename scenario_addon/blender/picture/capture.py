# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the picture comes from: an image, the render or a viewport, as a file to send. Main thread only.

A file that shows everybody what Blender shows stays where it is; everything else is written into a folder that is
given, under a name that says what it is and ends in a fingerprint of its content. The artist's data is left as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import bpy

from ...engine.errors import PictureError
from ...engine.pictures.orientation import UPRIGHT, orientation
from .changes import differs, may_have_changed, shows_the_same
from .checks import refuse_cut
from .containers import Container, describe, without_origin, without_profile
from .files import keep, workspace
from .movies import movie_frame
from .pixels import loaded, save, standard_scene, write
from .upright import turned, upright
from .viewport import LastDrawing, draw_viewport

__all__ = ["capture_file", "capture_image", "capture_render", "capture_viewport", "picture_name"]

_FIRST: Final = {"media_type": 0, "file_format": 1, "color_mode": 2}
"""Setting one of these limits, and may change, what comes after it."""


def capture_image(
    image: bpy.types.Image,
    *,
    folder: Path,
    scene: bpy.types.Scene,
    image_user: bpy.types.ImageUser | None = None,
) -> Path:
    """Get a file of any image: loaded, packed, painted, generated, tiled, a sequence, a movie, a render, a viewer.

    :param scene: the one that rendered; its current frame counts for sequences and movies without an image user.
    :param image_user: who shows the image, such as ``SpaceImageEditor.image_user``.
    :raises PictureError: it has no pixels; the sentence says why.
    :raises DiskError: the copy cannot be written.
    """
    if image.type == "RENDER_RESULT":
        return capture_render(scene, folder=folder)
    name = picture_name(image)
    if image.source == "VIEWER":  # shown through the scene, as a render is
        return _captured(image, name=name, folder=folder, scene=scene, problem=_unseen(image))
    if image.source == "MOVIE":
        return _movie(image, folder=folder, frame=image_user.frame_current if image_user else scene.frame_current)
    if image.source == "SEQUENCE":
        path = _sequence_file(image, scene=scene, image_user=image_user)
        found = _described(path)
        if found is not None and _means_the_same(image, found):
            return _plain(path, found, name=name, folder=folder)
        return _converted(path, like=image, folder=folder)
    return _still(image, name=name, folder=folder, scene=scene)


def capture_file(path: Path, *, folder: Path) -> Path:
    """Get a file that shows everybody what Blender shows of ``path``: itself, but for a few kinds.

    What is no PNG, JPEG or WebP, or is damaged, is given back as it is.

    :raises PictureError: Blender cannot read it.
    :raises DiskError: the copy cannot be written.
    """
    found = _described(path)
    if found is None:
        return path
    if found.is_unusual:
        return _converted(path, folder=folder)
    return _plain(path, found, name=path.stem, folder=folder)


def capture_render(scene: bpy.types.Scene, *, folder: Path) -> Path:
    """Write what this scene rendered last, as its colour management shows it, transparency included.

    :raises PictureError: this scene has not rendered anything yet.
    :raises DiskError: the copy cannot be written.
    """
    problem = f"There is no render of {scene.name} yet: press F12 first."
    image = next((i for i in bpy.data.images if i.type == "RENDER_RESULT"), None)
    if image is None:
        raise PictureError(problem)
    return _captured(image, name=f"Render of {scene.name}", folder=folder, scene=scene, problem=problem)


def capture_viewport(
    context: bpy.types.Context, *, folder: Path, last: LastDrawing, size_px: int = 1024, is_whole: bool = False
) -> Path:
    """Draw the 3D viewport of the context, or else the largest one, without overlays and background.

    :param size_px: each side of a square, which what is seen fills to nine tenths.
    :param is_whole: draw it as it is seen instead, at its own size.
    :raises PictureError: there is no window, no viewport, or nothing to see in it.
    :raises DiskError: the copy cannot be written.
    """
    with draw_viewport(context, last, size_px=size_px, is_whole=is_whole) as image:
        return _captured(image, name="Viewport", folder=folder, scene=None, problem="The viewport has no pixels.")


def picture_name(image: bpy.types.Image) -> str:
    """What a result made from an image is called: ``Hero.png`` -> ``Hero``, ``Hero.png.001`` -> ``Hero.001``."""
    stem, dot, number = image.name, "", ""
    if match := re.fullmatch(r"(.+)(\.)(\d{3,})", image.name):
        stem, dot, number = match.groups()
    paths: Any = bpy.path
    known = paths.extensions_image | paths.extensions_movie
    return (Path(stem).stem if Path(stem).suffix.lower() in known else stem) + dot + number


def _captured(
    image: bpy.types.Image,
    *,
    name: str,
    folder: Path,
    scene: bpy.types.Scene | None,
    problem: str,
    way: int = UPRIGHT,
) -> Path:
    """Write an image as PNG.

    :param scene: through whose view; ``None`` to leave the colours as they are.
    :param way: how its pixels are stored, as EXIF counts.
    """
    with workspace(folder) as temporary:
        data = _shown(image, temporary, scene=scene)
        if data is not None and way != UPRIGHT:
            data = _turned(data, temporary / "turned.png", way=way)
    if data is None:
        raise PictureError(problem)
    return keep(data, name=name, folder=folder)


def _turned(png: bytes, path: Path, *, way: int) -> bytes:
    path.write_bytes(png)
    with loaded(path) as lying, turned(lying, way) as image, standard_scene() as scene:
        return write(image, path, scene=scene)


def _shown(image: bpy.types.Image, temporary: Path, *, scene: bpy.types.Scene | None = None) -> bytes | None:
    """What an image shows, of a tiled one the active tile, as PNG; ``None`` where it has no pixels."""
    marker = ".<UDIM>" if image.source == "TILED" else ""
    with suppress(RuntimeError):  # also raised when one of several tiles is empty: what was written counts
        if scene is None:
            with standard_scene() as plain:
                save(image, temporary / f"picture{marker}.png", scene=plain)
        else:
            with _same_output(scene):
                save(image, temporary / f"picture{marker}.png", scene=scene)
    files = sorted(path for path in temporary.iterdir() if path.stat().st_size)  # one for each tile or eye
    if not files:
        return None
    active = temporary / f"picture.{image.tiles.active.number}.png" if marker and image.tiles.active else None
    return without_origin((active if active in files else files[0]).read_bytes())


def _still(image: bpy.types.Image, *, name: str, folder: Path, scene: bpy.types.Scene) -> Path:
    """The image's own file where everybody sees in it what Blender shows, else what is shown, upright.

    :param scene: through whose view an image is shown that is to be seen as a render.
    """
    content, found, way = _content(image), None, UPRIGHT
    if content is not None:
        with suppress(OSError, ValueError), _opened(content) as file:
            way, found = orientation(file), describe(file)
    is_plain = found is not None and _means_the_same(image, found)
    if (is_plain or way != UPRIGHT) and isinstance(content, Path) and _is_other(image, content, folder):
        is_plain, way = False, UPRIGHT  # nobody knows which way up the other file was
    if content is not None and found is not None and is_plain:
        return _plain(content, found, name=name, folder=folder)
    if isinstance(content, Path) and found is not None:
        refuse_cut(image, content)
    view = scene if image.use_view_as_render else None
    return _captured(image, name=name, folder=folder, scene=view, problem=_unseen(image), way=way)


def _content(image: bpy.types.Image) -> Path | bytes | None:
    """What an image was loaded from; ``None`` where it shows something else."""
    if image.is_dirty or image.use_multiview or image.source == "GENERATED":
        return None
    if image.packed_file:
        return image.packed_file.data
    return None if image.packed_files else _file(image)


def _is_other(image: bpy.types.Image, path: Path, folder: Path) -> bool:
    """Whether something else is shown than what the file holds by now."""
    if image.source != "TILED":
        return differs(image, path)
    if not image.has_data or not may_have_changed(path):
        return False
    with workspace(folder) as temporary:  # only the first tile's pixels can be asked for
        data = _shown(image, temporary)
        (tile := temporary / "tile.png").write_bytes(data or b"")
        with loaded(tile) as shown:
            return not shows_the_same(shown, path)


def _means_the_same(image: bpy.types.Image, found: Container) -> bool:
    """Whether an image's settings leave a file's numbers as they are."""
    settings: Any = image.colorspace_settings
    has_own_alpha = image.alpha_mode in {"STRAIGHT", "CHANNEL_PACKED"} or not found.has_alpha
    has_own_colours = settings.is_data or settings.name in {"sRGB", ""}  # nothing yet for a tiled one, not loaded yet
    return has_own_alpha and has_own_colours and not image.use_view_as_render and not found.is_unusual


def _plain(content: Path | bytes, found: Container, *, name: str, folder: Path) -> Path:
    """Give the file, or a copy of it without the profile that Blender does not heed."""
    if isinstance(content, Path) and not found.has_profile:
        return content
    data = content.read_bytes() if isinstance(content, Path) else content
    return keep(without_profile(data) if found.has_profile else data, name=name, folder=folder)


def _converted(path: Path, *, folder: Path, like: bpy.types.Image | None = None) -> Path:
    """Write a file's pixels as PNG, upright.

    :param like: whose settings say what the numbers mean.
    """
    try:
        with (
            workspace(folder) as temporary,
            standard_scene() as scene,
            upright(path, temporary, scene=scene, like=like) as image,
        ):
            data = write(image, temporary / "picture.png", scene=scene)
    except RuntimeError as error:
        raise PictureError(f"{path} does not exist or cannot be read: choose another picture.") from error
    return keep(data, name=path.stem if like is None else picture_name(like), folder=folder)


def _movie(image: bpy.types.Image, *, folder: Path, frame: int) -> Path:
    size_px: Any = image.size
    if not all(size_px):
        raise PictureError(_unseen(image))
    with workspace(folder) as temporary:
        data = movie_frame(image, frame=frame, output=temporary / "picture.png").read_bytes()
    return keep(without_origin(data), name=picture_name(image), folder=folder)


def _unseen(image: bpy.types.Image) -> str:
    """Say why an image without pixels has none."""
    if image.source == "VIEWER":
        return f"{image.name} is empty: let the compositor run first."
    if image.source == "GENERATED" or image.packed_files:
        return f"The image {image.name} is empty: choose another one."
    path = _file(image)
    if not path.exists():
        return f"The file of {image.name} is missing ({path}): use File > External Data > Find Missing Files."
    return f"The file of {image.name} cannot be read ({path}): save it as PNG or JPEG."


def _file(image: bpy.types.Image) -> Path:
    """The image's own file, of a tiled one the active tile's."""
    path = bpy.path.abspath(image.filepath, library=image.library)
    if image.source == "TILED" and image.tiles.active:
        number = image.tiles.active.number
        column, row = (number - 1001) % 10, (number - 1001) // 10
        path = path.replace("<UDIM>", str(number)).replace("<UVTILE>", f"u{column + 1}_v{row + 1}")
    return Path(path)


def _sequence_file(image: bpy.types.Image, *, scene: bpy.types.Scene, image_user: bpy.types.ImageUser | None) -> Path:
    """The file of the frame that is shown; without an image user the first file is frame 1."""
    if image_user is not None:
        return Path(image.filepath_from_user(image_user=image_user))
    path = _file(image)
    if not (match := re.fullmatch(r"(.*?)(\d+)(\D*)", path.stem)):
        return path
    pattern = re.compile(re.escape(match[1]) + r"(\d+)" + re.escape(match[3] + path.suffix))
    frames = {}
    with suppress(OSError):
        frames = {int(found[1]): file for file in path.parent.iterdir() if (found := pattern.fullmatch(file.name))}
    numbers = sorted(frames)
    return frames[numbers[min(max(scene.frame_current, 1), len(numbers)) - 1]] if numbers else path


def _described(path: Path) -> Container | None:
    with suppress(OSError, ValueError), path.open("rb") as file:
        return describe(file)
    return None


def _opened(content: Path | bytes) -> BinaryIO:
    return content.open("rb") if isinstance(content, Path) else BytesIO(content)


@contextmanager
def _same_output(scene: bpy.types.Scene) -> Iterator[None]:
    """Give an artist's scene its output format back; meanwhile its view counts, not one of the format's own.

    Nothing is dithered: that is noise in what is of one colour.
    """
    render = scene.render
    dither_intensity = render.dither_intensity
    before = [
        (settings, name, getattr(settings, name))
        for settings in (render.image_settings, render.ffmpeg)  # a movie format comes with settings of its own
        for name in sorted(_writable(settings), key=lambda name: _FIRST.get(name, len(_FIRST)))
    ]
    try:
        render.image_settings.color_management = "FOLLOW_SCENE"
        render.dither_intensity = 0.0
        yield
    finally:
        render.dither_intensity = dither_intensity
        for settings, name, value in before:
            if getattr(settings, name) != value:
                setattr(settings, name, value)


def _writable(settings: Any) -> list[str]:
    return [p.identifier for p in settings.bl_rna.properties if not p.is_readonly]
