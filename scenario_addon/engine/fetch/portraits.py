# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's small picture of a job's mesh, kept on disk. Nothing depends on it, and nothing in it is trusted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import ScenarioError
from ..files import discard, make_private_folder, replace, write_whole
from ..names import token
from ..pictures.file import inspect
from ..values import AssetId, JobId, ResultAsset
from .formats import FORMATS, mime_of, suffix_of_mime

if TYPE_CHECKING:
    from ..api.client import ScenarioClient

__all__ = ["fetch_portrait", "keep_portrait", "portrait_path"]

log = logging.getLogger(__name__)

_MOST_BYTES: Final = 2_000_000
_MOST_PX: Final = 2048
"""A side: what decodes within a frame."""
_MAP: Final = "texture"
"""In the type of a picture that belongs to a material."""


def portrait_path(state: Path, job_id: JobId) -> Path:
    """Where the portrait of a job is kept.

    :param state: the folder of the ledger.
    """
    return state / "portraits" / token(job_id)


def fetch_portrait(asset_ids: Sequence[AssetId], path: Path, *, client: ScenarioClient) -> bool:
    """Get the service's picture of a mesh, unless one is here. Worker thread; never raises for want of it.

    :param asset_ids: what the job brought.
    :return: whether there is one now.
    """
    if path.is_file():
        return True
    try:
        urls = _addresses(client.assets(asset_ids))
    except ScenarioError as error:
        log.debug("no portrait: %s", type(error).__name__)
        return False
    return any(_fetch(url, path, client) for url in urls)


def keep_portrait(part: Path, path: Path) -> bool:
    """Give a picture its place, unless it is none; the file itself goes in any case.

    :return: whether it is kept.
    """
    try:
        if not _is_good(part):
            return False
        make_private_folder(path.parent)
        replace(part, path)
    except OSError as error:
        log.debug("no portrait: %s", type(error).__name__)
        return False
    else:
        return True
    finally:
        discard(part)


def _addresses(assets: Sequence[ResultAsset]) -> list[str]:
    """Where there may be a picture of the mesh, the best first: its own, else what came beside it and is no texture."""
    meshes = [asset for asset in assets if suffix_of_mime(mime_of(asset)) in FORMATS]
    meshes.sort(key=lambda asset: FORMATS.index(suffix_of_mime(mime_of(asset))))
    pictures = [asset for asset in assets if asset.mime.startswith("image/") and _MAP not in (asset.type or "")]
    own = [url for asset in meshes for url in asset.picture_urls]
    ids = {asset.id for asset in assets}
    return [*own, *(asset.url for asset in pictures if asset.parent_id not in ids)]


def _fetch(url: str, path: Path, client: ScenarioClient) -> bool:
    part = path.with_name(f".{path.name}")
    try:
        data = client.read_file(url, most_bytes=_MOST_BYTES)
        make_private_folder(path.parent)
        write_whole(part, data, is_private=True)
    except (ScenarioError, OSError) as error:
        log.debug("no portrait: %s", type(error).__name__)
        return False
    if path.is_file():  # one of our own has come meanwhile
        discard(part)
        return True
    return keep_portrait(part, path)


def _is_good(path: Path) -> bool:
    """Whether a file is a whole PNG, JPEG or WebP of which something is to be seen, and not a large one."""
    try:
        found = inspect(path)
    except ScenarioError:
        return False
    return found.size_bytes <= _MOST_BYTES and max(found.width_px, found.height_px) <= _MOST_PX
