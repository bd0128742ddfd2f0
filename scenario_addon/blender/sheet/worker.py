# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a contact sheet, in a Blender of its own that ``delivery.sheets`` has started, see ``children.entry``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from ...engine.errors import DiskError
from ...engine.host import Strip, Tile
from .sheet import draw_sheet

__all__ = ["NICENESS", "prepare", "to_json"]

NICENESS: Final = 5
"""What the artist does comes first."""


def prepare() -> Callable[[dict[str, Any], Callable[..., None]], None]:
    return _work


def _work(order: dict[str, Any], answer: Callable[..., None]) -> None:
    """:raises Exception: whatever Blender raises."""
    answer(begun=True)
    try:
        left_out = draw_sheet([_strip(order["strip"])], Path(order["png"]))
    except DiskError as error:
        answer(disk=error.user_message)
    else:
        answer(left_out=left_out)


def to_json(strip: Strip) -> dict[str, Any]:
    """Write a strip as an order has it."""
    return {"source": _tile_to_json(strip.source), "results": [_tile_to_json(tile) for tile in strip.results]}


def _tile_to_json(tile: Tile) -> dict[str, Any]:
    return {**asdict(tile), "picture": tile.picture and str(tile.picture)}


def _strip(data: Mapping[str, Any]) -> Strip:
    return Strip(_tile(data["source"]), tuple(map(_tile, data["results"])))


def _tile(data: Mapping[str, Any]) -> Tile:
    picture = data["picture"] and Path(data["picture"])
    return Tile(**{**data, "lines": tuple(data["lines"]), "picture": picture})
