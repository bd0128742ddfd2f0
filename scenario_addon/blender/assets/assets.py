# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh as an asset: found again in the Asset Browser by its picture, its tags and what it was made from.

Main thread only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import bpy

from .catalogue import CATALOGUE_ID
from .preview import show_as

if TYPE_CHECKING:
    from ...engine.values import Order, SourceImage

__all__ = ["asset_tags", "mark_as_asset", "words_and_settings"]

_MAX_PIXELS: Final = 2048 * 2048
"""A larger PNG takes Blender half a second and more to make a preview of. Of a JPEG it reads only every n-th pixel."""
_SHORTEST_WORD: Final = 3
_MOST_WORDS: Final = 8
_TAG_BYTES: Final = 63
"""Blender cuts longer ones, and no longer knows them again."""


def asset_tags(target: Mapping[str, Any]) -> str | None:
    """The tags that a job's mesh gets as an asset; ``None`` when it is not to be one.

    :param target: of the job's order, written by any version.
    """
    wish = target.get("asset")
    return str(wish.get("tags", "")) if isinstance(wish, Mapping) else None


def mark_as_asset(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    order: Order,
    *,
    tags: str = "",
    catalogue_id: str = CATALOGUE_ID,
    preview: Path | None = None,
) -> bpy.types.Object | bpy.types.Collection:
    """Mark an imported mesh as an asset. Marking it again brings it up to date.

    :param collection: the mesh's own. It is the asset when there is more than one object to be seen in it.
    :param root: the mesh's main object: the asset when it is all there is.
    :param tags: the artist's own, separated by commas.
    :param preview: a picture of it, instead of the one that was sent.
    :return: what was marked.

    Decoding the preview takes up to 0.3 s for a PNG and less than 0.1 s for a JPEG, once for each picture.
    """
    asset = collection if len(collection.objects) > 1 else root
    asset.asset_mark()
    data: Any = asset.asset_data
    data.catalog_id = catalogue_id
    data.description = _description(order)
    for tag in (order.model_name, "Scenario", *tags.split(","), *_words(order.name)):
        if short := tag.strip().encode()[:_TAG_BYTES].decode(errors="ignore"):
            data.tags.new(short, skip_if_exists=True)
    if preview is None or not show_as(asset, preview):
        _add_preview(asset, order.images())
    return asset


def _words(name: str) -> list[str]:
    """What in a name can be looked for: ``IMG_0042 red chair-final`` -> ``img``, ``red``, ``chair``, ``final``."""
    found = re.findall(r"[^\W\d_]+", name.lower())
    return list(dict.fromkeys(word for word in found if len(word) >= _SHORTEST_WORD))[:_MOST_WORDS]


def _description(order: Order) -> str:
    """What was sent, in words: the prompt first, for it says what is to be seen."""
    from ...engine.models.words.labels import title  # lazy: the engine takes longer than enabling an add-on may

    prompts, values = words_and_settings(order)
    source = "another mesh" if order.meshes else f"the picture {order.name}" if order.pictures else "a prompt"
    settings = ", ".join(f"{title(name)}: {_shown(value)}" for name, value in values.items())
    parts = (*prompts, f"Made with {order.model_name} on Scenario, from {source}", settings)
    return " ".join(f"{str(part).strip().rstrip('.')}." for part in parts if part)


def words_and_settings(order: Order) -> tuple[list[str], dict[str, Any]]:
    """What was asked for: the prompts, and every other value by its name."""
    prompts = [str(value) for name, value in order.values.items() if _is_prompt(name)]
    return prompts, {name: value for name, value in order.values.items() if not _is_prompt(name)}


def _is_prompt(name: str) -> bool:
    return "prompt" in name.lower() and "negative" not in name.lower()


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _add_preview(asset: bpy.types.ID, pictures: tuple[SourceImage, ...]) -> None:
    """Show the first picture that was sent, unless it is gone or would take long.

    Without one there is no preview until the artist asks Blender for it: its own render of a million triangles can
    stop the window for many seconds.
    """
    for picture in pictures[:1]:
        is_quick = picture.mime == "image/jpeg" or picture.width_px * picture.height_px <= _MAX_PIXELS
        if is_quick and picture.path.is_file():
            show_as(asset, picture.path)
