# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes for an asset library, each in a .blend of its own. Main thread only.

Whatever the process has loaded is given up, which is why there must be no window to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import bpy

from ..engine.errors import DiskError
from ..engine.host import Asset
from .assets.assets import mark_as_asset, words_and_settings
from .assets.catalogue import enter, id_of
from .importing.importer import import_mesh
from .scene.placement import Placement
from .writing.blends import give_up_what_is_open, save_new

__all__ = ["write_asset"]

_ORIGIN: Final = Placement((0.0, 0.0, 0.0))


def write_asset(asset: Asset, blend: Path) -> tuple[str, ...]:
    """Write a .blend that holds the mesh at the origin as an asset, its textures packed.

    What it was made from is in the asset's own properties and in those of the datablock, whose copies keep it.

    :return: what the mesh is without, as phrases.
    :raises ConfigError: there is a window.
    :raises DiskError: ``blend`` is taken, or it or the catalogue cannot be written.
    :raises ImportFailed: the mesh cannot be imported.
    """
    if blend.exists():
        raise DiskError(f"{blend} is already there: move it away or choose another folder.")
    give_up_what_is_open()
    order = asset.order
    pictures = (asset.preview, *(image.path for image in order.images()))
    preview = next((path for path in pictures if path is not None and path.is_file()), None)
    arrival = import_mesh(asset.mesh, name=asset.name, job_id=asset.job_id, model_id=order.model_id, placement=_ORIGIN)
    block: Any = mark_as_asset(
        arrival.collection, arrival.root, order, catalogue_id=id_of(asset.catalogue), preview=preview
    )
    data: Any = block.asset_data
    data.author = f"{order.model_name} on Scenario"
    for name, value in _origin(asset).items():
        data[name] = block[name] = value
    arrival.root.name = bpy.context.scene.name = asset.name  # by its former name, the arrival knew it until now
    _enter(blend.parent, asset.catalogue)
    save_new(blend)
    return arrival.flaws


def _origin(asset: Asset) -> dict[str, str]:
    """What it was made from, by the names of the properties that say so."""
    prompts, settings = words_and_settings(asset.order)
    return {
        "scenario_prompt": "\n".join(prompts),
        "scenario_model": asset.order.model_id,
        "scenario_parameters": json.dumps(settings, ensure_ascii=False, default=str),
        "scenario_job_id": asset.job_id,
        "scenario_remote_id": asset.remote_id or "",
    }


def _enter(folder: Path, catalogue: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        enter(folder, catalogue)
    except OSError as error:
        reason = error.strerror or error
        raise DiskError(f"The catalogue of {folder} could not be written: {reason}.") from error
