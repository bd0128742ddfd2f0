# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded answers, models with chosen inputs, pictures in every format."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor

from scenario_addon.engine.api.wire import InputRecord, ModelRecord, parse
from scenario_addon.engine.models.catalogue import Catalogue
from scenario_addon.engine.models.model import Model, model_from
from scenario_addon.engine.models.schema import Parameter, parameter_from

__all__ = ["builtin", "encoded", "example", "file_input", "model_with", "parameter", "record", "save_picture", "write"]


def example(name: str) -> Any:
    """A recorded or documented answer of the service, from ``examples``."""
    return json.loads(Path(__file__).with_name("examples").joinpath(f"{name}.json").read_text(encoding="utf-8"))


def builtin(model_id: str) -> Model:
    """A built-in model, as it is without network and cache."""
    return Catalogue(None, "test").known(model_id)


def parameter(**entry: Any) -> Parameter:
    """A parameter from one entry of a record's ``inputs``."""
    return parameter_from(parse(InputRecord, {"name": "x", "type": "string", **entry}))


def record(*inputs: dict[str, Any], **fields: Any) -> ModelRecord:
    """A model's record with these inputs."""
    return parse(
        ModelRecord, {"id": "model_test", "name": "Test", "capabilities": ["img23d"], "inputs": inputs, **fields}
    )


def model_with(*inputs: dict[str, Any], knowledge: dict[str, Any] | None = None, **fields: Any) -> Model:
    """A model with these inputs."""
    return model_from(record(*inputs, **fields), knowledge=knowledge or {}, is_builtin=False)


def file_input(name: str, **entry: Any) -> dict[str, Any]:
    """An entry of ``inputs`` for one picture."""
    return {"name": name, "type": "file", "kind": "image", **entry}


def save_picture(path: Path, width_px: int = 256, height_px: int = 256, **options: Any) -> Path:
    """A simple picture in the format of the path's suffix: a spot on a plain ground.

    :param options: as Pillow's writers take them; ``color`` is that of the ground, ``spot`` that of the spot.
    """
    ground, spot = options.pop("color", "teal"), options.pop("spot", "white")
    picture = Image.new("RGB", (width_px, height_px), ground)
    picture.putpixel((width_px // 2, height_px // 2), ImageColor.getrgb(spot))
    picture.save(path, **options)
    return path


def encoded(kind: str, size: tuple[int, int] = (130, 70), mode: str = "RGB", **options: Any) -> bytes:
    """A picture of noise, so that it does not compress well."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 80).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def write(folder: Path, data: bytes, name: str = "picture.png") -> Path:
    """A file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path
