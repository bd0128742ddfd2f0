# SPDX-License-Identifier: GPL-3.0-or-later
"""Small pictures and orders that the stand-in makes quickly."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw

from scenario_addon.engine.pictures.file import inspect
from scenario_addon.engine.values import Credentials, ModelId, Order, PictureInput, SourceImage
from tests.service import Service

__all__ = ["FAST_MODEL", "FAST_VALUES", "credentials_of", "draw_picture", "sample_order"]

FAST_MODEL: Final = "model_hunyuan-3d-v2-1"
FAST_VALUES: Final[Mapping[str, Any]] = {"paint": False, "targetFaceNum": 100}
"""Without texture and with few faces: made in milliseconds."""


def draw_picture(
    path: Path, *, size_px: tuple[int, int] = (64, 48), colour: str = "#be5a28", ground: str | None = None
) -> SourceImage:
    """An ellipse, cut out or on a ground of one colour, written as a PNG and looked at."""
    picture = Image.new("RGBA", size_px, ground or (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((4, 4, size_px[0] - 5, size_px[1] - 5), fill=colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, "PNG")
    return inspect(path)


def sample_order(
    *images: SourceImage,
    folder: Path,
    model_id: str = FAST_MODEL,
    input_name: str = "image",
    is_list: bool = False,
    values: Mapping[str, Any] = FAST_VALUES,
    **more: Any,
) -> Order:
    """An order for one picture input."""
    return Order(
        model_id=ModelId(model_id),
        model_name=model_id.removeprefix("model_"),
        pictures=(PictureInput(input_name, is_list=is_list, images=images),) if images else (),
        values=values,
        **{"name": "chair", "folder": folder, **more},
    )


def credentials_of(service: Service) -> Credentials:
    """What opens the stand-in."""
    return Credentials(service.key, service.secret, base_url=service.base_url)
