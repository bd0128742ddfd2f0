# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests: files that say what is to be made, a row for each mesh."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from ..errors import InputError
from .documents import json_rows, jsonl_rows
from .row import Row
from .table import csv_rows
from .text import TextFile, open_text

__all__ = ["EXAMPLES", "read_manifest"]

_READERS: Final[Mapping[str, Callable[[Path, TextFile], Iterator[Row]]]] = {
    ".csv": csv_rows,
    ".json": json_rows,
    ".jsonl": jsonl_rows,
}

EXAMPLES: Final[Mapping[str, str]] = {
    "csv": """\
image,model,name,prompt,left,back,steps,faceCount
chair.png,,,,,,,
renders/lamp.png,,floor-lamp,,,,30,
shoe.png,model_hunyuan-3d-pro-3-1-multiview,,,shoe-left.png,shoe-back.png,,200000
,model_rodin-hyper3d,bench,"a park bench, wrought iron",,,,
""",
    "json": """\
[
  {"image": "chair.png"},
  {"image": "renders/lamp.png", "name": "floor-lamp", "steps": 30},
  {
    "image": "shoe.png", "left": "shoe-left.png", "back": "shoe-back.png",
    "model": "model_hunyuan-3d-pro-3-1-multiview", "faceCount": 200000, "enablePbr": true
  },
  {"model": "model_rodin-hyper3d", "name": "bench", "prompt": "a park bench, wrought iron"}
]
""",
    "jsonl": """\
{"image": "chair.png"}
{"image": "renders/lamp.png", "name": "floor-lamp", "steps": 30}
{"image": "shoe.png", "left": "shoe-left.png", "model": "model_hunyuan-3d-pro-3-1-multiview", "faceCount": 200000}
{"model": "model_rodin-hyper3d", "name": "bench", "prompt": "a park bench, wrought iron"}
""",
}
"""A manifest of each kind, for people to begin with."""


def read_manifest(path: Path) -> Iterator[Row]:
    """Read a manifest row by row; what is wrong with a row is in it. Any thread.

    :raises InputError: it cannot be read as a whole, or has no rows.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path} is no manifest: give a file that ends in {', '.join(_READERS)}.")
    count = 0
    with open_text(path) as text:
        for row in reader(path, text):
            count += 1
            yield row
    if not count:
        raise InputError(f"{path} holds no rows: `batch --example {path.suffix[1:].lower()}` prints a manifest.")
