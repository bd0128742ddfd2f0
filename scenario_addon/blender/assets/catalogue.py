# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue that the Asset Browser shows the meshes in: one line in a text file beside the saved .blend.

An asset knows its catalogue by an id. The file gives the id its name, so it is needed once a .blend that holds such an
asset is saved, and not before. Until then Blender shows the asset among those without a catalogue.
"""

from __future__ import annotations

import logging
import re
import uuid
from itertools import chain
from pathlib import Path
from typing import Any, Final

import bpy

from ...engine.files import is_same_place, write_whole

__all__ = ["CATALOGUE_ID", "enter", "file_saved", "id_of"]

log = logging.getLogger(__name__)

CATALOGUE_ID: Final = "5c1a7c52-0b5e-4b0e-9a3d-3f1d2c9e6a70"
"""The same in every file, so that meshes of many files stand together in a library."""
_PATH: Final = "Scenario"
"""What Blender shows it as, among others."""
_NO_NAME: Final = re.compile(r"[:\\\x00-\x1f\x7f]")
_NEW_FILE: Final = "# This is an Asset Catalog Definition file for Blender.\n\nVERSION 1\n\n"
_FILE: Final = "blender_assets.cats.txt"
"""Name and format: Blender manual, "Asset Catalogs"."""


def id_of(path: str) -> str:
    """The id of a catalogue of ours, the same everywhere.

    :param path: its names, from the outermost on, with slashes between them.
    """
    path = _clean(path)
    return CATALOGUE_ID if path == _PATH else str(uuid.uuid5(uuid.UUID(CATALOGUE_ID), path))


def enter(folder: Path, path: str = _PATH) -> None:
    """Have a catalogue of ours in this folder's file.

    Everything else in it stays, also the name that somebody has given to ours; a file of another version is left alone.

    :param path: as for :func:`id_of`.
    :raises OSError: it cannot be read or written.
    """
    catalogue_id, names = id_of(path), _clean(path)
    line = f"{catalogue_id}:{names}:{names.replace('/', '-')}\n"
    file = (folder / _FILE).resolve()
    old = file.read_bytes() if file.exists() else _NEW_FILE.encode()
    lines = [line.strip() for line in old.splitlines()]
    if b"VERSION 1" not in lines or any(line.lower().startswith(catalogue_id.encode()) for line in lines):
        return
    if not old.endswith(b"\n"):
        old += b"\n"
    write_whole(file, old + line.encode())


def _clean(path: str) -> str:
    """A path as Blender takes it: it ends names with colons and lines."""
    return "/".join(" ".join(_NO_NAME.sub(" ", name).split()) or "-" for name in path.split("/"))


def _root(blend: Path) -> Path:
    """Find where Blender looks for the catalogues of this file: its asset library's folder, or its own."""
    libraries: Any = bpy.context.preferences.filepaths.asset_libraries
    folders = [Path(library.path).resolve() for library in libraries if library.path]
    above = (folder for folder in folders if any(is_same_place(parent, folder) for parent in blend.parents))
    return next(above, blend.parent)


def _is_used() -> bool:
    blocks = chain(bpy.data.collections, bpy.data.objects)
    return any(block.asset_data and block.asset_data.catalog_id == CATALOGUE_ID for block in blocks)


def file_saved() -> None:
    """Name the catalogue beside the file that was just saved, if anything in it stands there."""
    if not bpy.data.filepath or not _is_used():
        return
    try:
        enter(_root(Path(bpy.data.filepath).resolve()))
    except OSError as error:
        log.warning("the asset catalogue could not be written: %s", error)
