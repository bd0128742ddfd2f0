# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes all the pictures of one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, cast

import bpy
import numpy as np
from mathutils import Matrix

from ...picture.pixels import loaded, set_png
from ..setup import Setup
from .framing import Frame, clouds, parallel, perspective, spans
from .light import Booth
from .stage import build, missing_images, part_faces, settle

__all__ = ["shoot"]

_TRIES: Final = 4
_WIDER: Final = 1.3
"""What is still cut off, such as displaced surfaces, gets so much more room each time."""
_FAINT: Final = 0.05
"""A border whose alpha stays below it is empty: pixels are a little wider than they are."""


def shoot(order: Mapping[str, Any], answer: Callable[..., None]) -> None:
    """Render each picture into ``<folder>/<picture>.png``, and answer as it is there; then say what was measured.

    :raises Exception: whatever Blender raises.
    """
    setup = Setup.from_json(order["setup"])
    scene, objects = build(order)
    settle(objects, order["objects"])
    graph = bpy.context.evaluated_depsgraph_get()
    points = list(clouds(graph))
    home = setup.facing.matrix
    lows, highs = spans(points, np.array(home.to_3x3().transposed()))
    if not np.isfinite(lows).all() or not np.isfinite(highs).all() or not (highs - lows).any():
        answer(empty=[])
        return
    part_faces(objects)
    booth = Booth(
        scene,
        engine=order["engine"],
        size_px=setup.size_px,
        samples=setup.samples,
        look=setup.look,
        is_lit=setup.light == "SCENE",
    )
    frames = _frames(points, setup, home)
    empty = _all_pictures(booth, frames, setup, Path(order["folder"]), answer)
    if empty:
        answer(empty=empty)
        return
    scale = next(iter(frames.values())).ortho_scale
    m_per_px = scale and scale / setup.size_px
    answer(low=lows.tolist(), high=highs.tolist(), m_per_px=m_per_px, missing=missing_images())


def _frames(points: list[np.ndarray], setup: Setup, home: Matrix) -> dict[str, Frame]:
    turns = {picture: setup.axes(picture) for picture in setup.pictures}
    if setup.view is None:
        return dict(zip(turns, parallel(points, list(turns.values()), home), strict=True))
    ((name, turn),) = turns.items()
    if setup.view.is_perspective:
        return {name: perspective(points, setup.view.matrix)}
    return {name: parallel(points, [turn], turn.to_4x4())[0]}


def _all_pictures(
    booth: Booth, frames: dict[str, Frame], setup: Setup, folder: Path, answer: Callable[..., None]
) -> list[str]:
    """Take all of them at one scale at which nothing is cut off; gives the names of those with nothing in them."""
    for _ in range(_TRIES):
        empty: list[str] = []
        for number, (picture, frame) in enumerate(frames.items(), 1):
            path = folder / f"{picture}.png"
            booth.shoot(frame, path)
            alpha = _finish(path, is_opaque=setup.ground == "OPAQUE")
            if _touches_border(alpha):
                break
            empty += [] if alpha.any() else [picture]
            answer(picture=picture, done=number)
        else:
            return empty
        frames.update({picture: frame.widened(_WIDER) for picture, frame in frames.items()})
    raise RuntimeError("it does not fit into any picture")


def _finish(path: Path, *, is_opaque: bool) -> np.ndarray:
    """Give a picture the ground that is wanted; gives what its alpha was, (rows, columns)."""
    with loaded(path) as image:
        width_px, height_px = cast(Any, image.size)
        pixels = np.empty(width_px * height_px * 4, dtype=np.float32)
        image.pixels.foreach_get(pixels)
        pixels = pixels.reshape(height_px, width_px, 4)
        alpha = pixels[..., 3].copy()
        if is_opaque:
            pixels[..., :3] = pixels[..., :3] * alpha[..., None] + (1.0 - alpha[..., None])
            pixels[..., 3] = 1.0
            cast(Any, image.pixels).foreach_set(pixels.ravel())
            settings: Any = bpy.context.scene.render.image_settings
            settings.color_mode = "RGB"
            image.save_render(str(path), scene=bpy.context.scene)
            set_png(settings)
    return alpha


def _touches_border(alpha: np.ndarray) -> bool:
    return max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) > _FAINT
