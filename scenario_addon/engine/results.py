# SPDX-License-Identifier: GPL-3.0-or-later
"""From a finished job's files to one model that Blender can read.

The model is chosen by what the files are, never by their place in the list. When the best of them turns out to be
unusable, the next best is fetched before anybody gives up.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import requests

from . import glb
from .client import ScenarioClient
from .download import Unusable, fetch
from .errors import ApiError, DownloadError, NetworkError
from .files import remove
from .gltf import READABLE, Flaw
from .values import Activity, AssetId, JobId, ModelFile, ResultAsset

__all__ = ["FORMATS", "Delivery", "deliver", "rank"]

log = logging.getLogger(__name__)

FORMATS: Final = (".glb", ".gltf", ".fbx", ".obj", ".ply", ".stl")
"""What Blender can import, best first."""
_WITH_COMPANIONS: Final = (".gltf", ".obj")
"""Text formats that refer to other files."""

_SUFFIX_BY_MIME: Final = {
    "model/gltf-binary": ".glb",
    "model/glb": ".glb",
    "model/gltf+json": ".gltf",
    "model/x-fbx": ".fbx",
    "application/vnd.autodesk.fbx": ".fbx",
    "application/x.autodesk.fbx": ".fbx",
    "model/obj": ".obj",
    "model/mtl": ".mtl",
    "model/ply": ".ply",
    "application/x-ply": ".ply",
    "model/stl": ".stl",
    "model/spz": ".spz",
    "model/splat": ".splat",
    "model/vnd.usdz+zip": ".usdz",
    "model/vnd.collada+xml": ".dae",
    "model/x-3d-vox": ".vox",
}
_MAGIC: Final = (
    (re.compile(rb"glTF"), ".glb"),
    (re.compile(rb"Kaydara FBX Binary"), ".fbx"),
    (re.compile(rb"ply\r?\n"), ".ply"),
    (re.compile(rb"(#.*\n|\s)*(mtllib|v|o|g) "), ".obj"),
)
_NO_SUCH_RANGE: Final = 416


@dataclass(frozen=True, slots=True)
class Delivery:
    file: ModelFile
    other_formats: tuple[str, ...]
    """In which the service has the model, too; best first."""


def deliver(
    assets: Sequence[ResultAsset],
    *,
    client: ScenarioClient,
    folder: Path,
    stem: str,
    number: int = 1,
    job_id: JobId,
    progress: Callable[[Activity], None],
    readable: frozenset[str] = READABLE,
) -> Delivery:
    """Download the best of a job's models that can be used. Worker thread.

    :param readable: the glTF extensions that may be required.
    :raises DownloadError: there is none; what arrived is kept.
    :raises NetworkError: try again later.
    :raises DiskError: it cannot be written.
    """
    refused: dict[AssetId, Unusable] = {}
    for asset, suffix in rank(assets, client=client):
        try:
            file = fetch(
                asset,
                suffix,
                client=client,
                folder=folder,
                stem=stem,
                number=number,
                job_id=job_id,
                companions=[a for a in assets if a.parent_id == asset.id] if suffix in _WITH_COMPANIONS else (),
                readable=readable,
                progress=progress,
            )
        except Unusable as error:
            log.warning("%s", error.user_message)
            refused[asset.id] = error
            continue
        for error in refused.values():
            with suppress(OSError):
                remove(error.kept)  # the service has it still
        return Delivery(file, _formats(a for a in assets if a.id not in {asset.id, *refused}))
    first, *others = (error.user_message for error in refused.values())
    raise DownloadError(first + (" The job's other models cannot be used either." if others else ""))


def rank(assets: Sequence[ResultAsset], *, client: ScenarioClient) -> list[tuple[ResultAsset, str]]:
    """The models among a job's files with their suffixes, best first.

    Of several in one format, the one whose materials have the most textures. Files that say nothing of themselves
    are looked into.

    :raises DownloadError: there is none among them.
    """
    known = [(asset, _suffix(asset, client)) for asset in assets]
    models = [(asset, suffix) for asset, suffix in known if suffix in FORMATS]
    if not models:
        brought = ", ".join(sorted({suffix or asset.mime for asset, suffix in known})) or "no files at all"
        raise DownloadError(
            f"The job brought no mesh that Blender can import ({brought}); its files are in your Scenario project."
        )
    ids = {asset.id for asset in assets}
    has_choice = sum(suffix == ".glb" for _, suffix in models) > 1

    def order(model: tuple[ResultAsset, str]) -> tuple[int, int, bool]:
        asset, suffix = model
        textures = _textures(asset, client) if suffix == ".glb" and has_choice else 0
        return FORMATS.index(suffix), -textures, asset.parent_id in ids

    return sorted(models, key=order)


def _formats(assets: Iterable[ResultAsset]) -> tuple[str, ...]:
    suffixes = {_SUFFIX_BY_MIME.get(_mime(asset), "") for asset in assets}
    return tuple(suffix for suffix in FORMATS if suffix in suffixes)


def _suffix(asset: ResultAsset, client: ScenarioClient) -> str:
    """By MIME type; by content where that says nothing; "" for what is no model."""
    mime = _mime(asset)
    if suffix := _SUFFIX_BY_MIME.get(mime):
        return suffix
    if mime.startswith(("image/", "video/", "audio/", "text/")):
        return ""
    head = _head(asset, client=client, count=64)
    found = next((suffix for pattern, suffix in _MAGIC if pattern.match(head)), "")
    return found or (Path(asset.file_name).suffix.lower() if asset.file_name else "")


def _mime(asset: ResultAsset) -> str:
    return asset.mime.partition(";")[0].strip().lower()


def _textures(asset: ResultAsset, client: ScenarioClient) -> int:
    """How many texture slots a GLB's materials fill; -1 for a damaged one, so that a whole one is preferred."""
    try:
        length = glb.json_length(_head(asset, client=client, count=glb.HEADER_BYTES))
        text = _head(asset, client=client, count=glb.HEADER_BYTES + length)[glb.HEADER_BYTES :]
        return glb.promises(text).pbr_textures
    except Flaw:
        return -1


def _head(asset: ResultAsset, *, client: ScenarioClient, count: int) -> bytes:
    """The first bytes of a file, whether or not the host knows ranges."""
    try:
        answer = client.open_file(asset.url, length_bytes=count)
    except ApiError as error:
        if error.status != _NO_SUCH_RANGE:
            raise
        return b""  # it is empty
    with answer:
        data = bytearray()
        try:
            for chunk in answer.iter_content(min(count, 64 * 1024)):
                data += chunk
                if len(data) >= count:
                    break
        except requests.exceptions.RequestException as error:
            raise NetworkError("The connection to the file host was lost.") from error
    return bytes(data[:count])
