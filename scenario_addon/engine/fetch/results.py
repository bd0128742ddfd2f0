# SPDX-License-Identifier: GPL-3.0-or-later
"""From a finished job's files to one mesh that Blender can read.

The mesh is chosen by what the files are, never by their place in the list. When the best of them turns out to be
unusable, the next best is fetched before anybody gives up; what remains unusable is kept under its right name.
"""

from __future__ import annotations

import filecmp
import logging
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ..api.client import ScenarioClient
from ..errors import (
    ApiError,
    AuthError,
    DiskError,
    DownloadError,
    NetworkError,
    ProtocolError,
    RateLimited,
    ScenarioError,
    ServerError,
)
from ..files import discard, publish, remove
from ..gltf import container
from ..gltf.document import READABLE, Flaw
from ..names import numbered, token
from ..text import clean
from ..values import Activity, AssetId, JobId, MeshFile, ResultAsset
from .download import Destination, Unusable, fetch, part_path
from .formats import FORMATS, OTHER_FORMATS, mime_of, suffix_of_bytes, suffix_of_mime

__all__ = ["Delivery", "NothingUsable", "deliver", "ends_it", "forget", "keep", "list_results", "rank"]

log = logging.getLogger(__name__)

Progress = Callable[[Activity], None]

_WITH_COMPANIONS: Final = (".gltf", ".obj")
"""Text formats that refer to other files."""
_WITHOUT_TEXTURES: Final = (".ply", ".stl")
"""Formats in which nothing is better than one that lacks a texture."""
_NO_SUCH_RANGE: Final = 416
_LOOK_BYTES: Final = 64
_LISTED: Final = 8
"""Kinds of files that a sentence names."""


@dataclass(frozen=True, slots=True)
class Delivery:
    file: MeshFile
    other_formats: tuple[str, ...]
    """In which the service has the mesh, too; best first."""


class NothingUsable(DownloadError):
    """A job's files are here, as far as they can be had, and none of them can be used."""

    def __init__(self, user_message: str, *, kept: Path | None) -> None:
        super().__init__(user_message)
        self.kept = kept
        """The best of them; ``None`` when there is nothing to keep."""


def deliver(
    assets: Sequence[ResultAsset],
    to: Destination,
    *,
    client: ScenarioClient,
    progress: Progress,
    readable: frozenset[str] = READABLE,
    refused: Collection[AssetId] = (),
    kept: Path | None = None,
    is_last_try: bool = False,
) -> Delivery:
    """Download the best of a job's meshes that can be used. Worker thread.

    One that lacks nothing comes before one that lacks a texture, and that before none.

    :param readable: the glTF extensions that may be required.
    :param refused: what Blender could not read, though it looked good.
    :param kept: what was kept the last time that nothing could be used.
    :param is_last_try: what cannot be reached does not keep the others from being tried.
    :raises NothingUsable: there is none; what arrived is kept.
    :raises NetworkError: try again later.
    :raises DiskError: it cannot be written.
    """
    meshes = rank(assets, client=client, is_last_try=is_last_try)
    if not meshes:
        raise _without_a_mesh(assets, to, client=client, progress=progress, kept=kept)
    unusable: dict[AssetId, Unusable] = {}
    lost: ScenarioError | None = None
    best: MeshFile | None = None  # so far; it lacks something
    for asset, suffix in meshes:
        if asset.id in refused or (best is not None and suffix in _WITHOUT_TEXTURES):
            continue
        beside = _companions(asset, suffix, assets)
        try:
            file = fetch(asset, suffix, to, client=client, companions=beside, readable=readable, progress=progress)
        except Unusable as error:
            unusable[asset.id] = error
        except (DiskError, NetworkError, ProtocolError, ApiError) as error:
            if ends_it(error, is_last_try=is_last_try, has_another=best is not None):
                raise
            lost = lost or error
        else:
            best = _better(best, file, to.job_id)
            if not best.flaws:
                break
    if best is None:
        raise lost or _nothing_usable(list(unusable.values()), to, kept=kept)
    forget(unusable.values(), kept)
    return Delivery(best, _formats(a for a in assets if a.id not in {best.asset_id, *unusable, *refused}))


def ends_it(error: ScenarioError, *, is_last_try: bool, has_another: bool) -> bool:
    """Whether there is no going on with another of the job's files."""
    if isinstance(error, DiskError):
        return not has_another
    return isinstance(error, AuthError) or not (is_last_try or _is_final(error))


def _better(one: MeshFile | None, other: MeshFile, job_id: JobId) -> MeshFile:
    """Of two files of one mesh the one that lacks nothing and has textures, else the first; the other goes."""
    if one is None:
        return other
    kept, gone = (other, one) if other.textures and not other.flaws else (one, other)
    _discard(gone, job_id)
    return kept


def _discard(file: MeshFile, job_id: JobId) -> None:
    """Remove a file that another is better than, and what came with it; the service has it still."""
    log.warning("%s: another file of the job is better", file.path)
    folder = file.path.parent
    if folder.name.endswith(f"-{token(job_id)}"):
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in (part_path(folder, job_id, file.asset_id), file.path):
        discard(path)


def _companions(asset: ResultAsset, suffix: str, assets: Sequence[ResultAsset]) -> list[ResultAsset]:
    """The files that one of the job's files needs beside it."""
    return [other for other in assets if other.parent_id == asset.id] if suffix in _WITH_COMPANIONS else []


def list_results(asset_ids: Sequence[AssetId], *, client: ScenarioClient, is_last_try: bool) -> list[ResultAsset]:
    """A job's files, asked for all at once; where that is refused, or on the last try, one by one.

    :raises ProtocolError: not all of them are there yet.
    """
    try:
        found = client.assets(asset_ids)
    except (NetworkError, ProtocolError, ApiError) as error:
        if isinstance(error, AuthError) or not (is_last_try or _is_final(error)):
            raise
        return _one_by_one(asset_ids, client=client, refusal=error)
    missing = set(asset_ids) - {asset.id for asset in found}
    if missing and not is_last_try:
        raise ProtocolError("The service lists files of this job, but does not hand all of them out yet.")
    return _one_by_one([i for i in asset_ids if i in missing], client=client, found=found) if missing else found


def _one_by_one(
    asset_ids: Sequence[AssetId],
    *,
    client: ScenarioClient,
    found: Sequence[ResultAsset] = (),
    refusal: ScenarioError | None = None,
) -> list[ResultAsset]:
    """What was found, and what can be had of the others.

    :raises ScenarioError: there is nothing at all; why not all at once, where that was tried.
    """
    found = list(found)
    for asset_id in asset_ids:
        try:
            asset = client.asset(asset_id)
        except AuthError:
            raise
        except (NetworkError, ProtocolError, ApiError) as error:
            refusal = refusal or error
        else:
            found += [asset] if asset is not None else []
    if not found and refusal is not None:
        raise refusal
    return found


def _is_final(error: ScenarioError) -> bool:
    """Whether asking for the same file again gives the same answer."""
    return isinstance(error, ApiError) and not isinstance(error, ServerError | RateLimited)


def forget(unusable: Collection[Unusable], kept: Path | None) -> None:
    """Remove what is of no use beside one that is; the service has it still."""
    for error in unusable:
        log.warning("%s", error.user_message)
    for path in [*(error.part for error in unusable), *([kept] if kept else [])]:
        discard(path)


def _nothing_usable(unusable: Sequence[Unusable], to: Destination, *, kept: Path | None) -> NothingUsable:
    """Keep the best of what cannot be used, and say what it is."""
    if not unusable:
        return NothingUsable("Blender cannot read this job's mesh, and there is no other.", kept=kept)
    first, *others = unusable
    message = first.user_message + (" The job's other meshes cannot be used either." if others else "")
    forget(others, None)
    path = keep(first.part, to, name=first.name, earlier=kept)
    return NothingUsable(f"{message} What arrived is kept in {path}." if path else message, kept=path)


def keep(part: Path, to: Destination, *, name: str, earlier: Path | None, ending: str | None = None) -> Path | None:
    """Give what cannot be used the name that says what it is; ``None`` when there is nothing.

    :param name: what it would be called if it were what it should be.
    :param earlier: what was kept the last time.
    :param ending: of that name, where it is known.
    """
    try:
        if not part.exists() or not part.stat().st_size:
            return None
        if earlier is not None and earlier.exists() and filecmp.cmp(part, earlier, shallow=False):
            remove(part)
            return earlier
        with part.open("rb") as file:
            found = suffix_of_bytes(file.read(_LOOK_BYTES))
        wanted = Path(name)
        is_damaged = not found or (found == ".glb" and not container.is_whole(part))
        ending = ending or (f".damaged{wanted.suffix}" if is_damaged else found)
        path = publish(part, numbered(part.with_name(f"{wanted.stem}{ending}"), first=to.number))
        discard(part)
        return path
    except OSError:
        return part


def _without_a_mesh(
    assets: Sequence[ResultAsset],
    to: Destination,
    *,
    client: ScenarioClient,
    progress: Progress,
    kept: Path | None,
) -> NothingUsable:
    """Keep what a job brought instead of a mesh, and say what it is.

    :raises NetworkError: try again later.
    :raises DiskError: it cannot be written.
    """
    known = [(asset, _suffix(asset, client)) for asset in assets]
    kinds = sorted({clean(suffix or asset.mime, longest=60) for asset, suffix in known})
    brought = ", ".join(kinds[:_LISTED]) or "no files at all"
    told = f"The job brought no mesh that Blender can import ({brought})"
    others = [(asset, suffix) for asset, suffix in known if suffix in OTHER_FORMATS]
    if not others:
        return NothingUsable(f"{told}; its files are in your Scenario project.", kept=None)
    asset, suffix = min(others, key=lambda other: list(OTHER_FORMATS).index(other[1]))
    try:
        path = fetch(asset, suffix, to, client=client, progress=progress).path
    except Unusable as error:
        return _nothing_usable([error], to, kept=kept)
    if kept is not None and kept != path and kept.exists() and filecmp.cmp(path, kept, shallow=False):
        discard(path)
        path = kept
    return NothingUsable(f"{told}; it is {OTHER_FORMATS[suffix]}, kept in {path}.", kept=path)


def rank(
    assets: Sequence[ResultAsset], *, client: ScenarioClient, is_last_try: bool = False
) -> list[tuple[ResultAsset, str]]:
    """The meshes among a job's files with their suffixes, best first.

    Of several in one format, the one whose materials have the most textures. Files that say nothing of themselves
    are looked into.

    :param is_last_try: what cannot be looked into is judged by its name.
    """
    known = [(asset, _suffix(asset, client, is_last_try=is_last_try)) for asset in assets]
    meshes = [(asset, suffix) for asset, suffix in known if suffix in FORMATS]
    ids = {asset.id for asset in assets}
    has_choice = sum(suffix == ".glb" for _, suffix in meshes) > 1

    def order(mesh: tuple[ResultAsset, str]) -> tuple[int, int, bool]:
        asset, suffix = mesh
        textures = _textures(asset, client, is_last_try=is_last_try) if suffix == ".glb" and has_choice else 0
        return FORMATS.index(suffix), -textures, asset.parent_id in ids

    return sorted(meshes, key=order)


def _formats(assets: Iterable[ResultAsset]) -> tuple[str, ...]:
    suffixes = {suffix_of_mime(mime_of(asset)) for asset in assets}
    return tuple(suffix for suffix in FORMATS if suffix in suffixes)


def _suffix(asset: ResultAsset, client: ScenarioClient, *, is_last_try: bool = False) -> str:
    """By MIME type; by content where that says nothing; "" for what is no mesh."""
    mime = mime_of(asset)
    if suffix := suffix_of_mime(mime):
        return suffix
    if mime.startswith(("image/", "video/", "audio/", "text/")):
        return ""
    try:
        head = _head(asset, client=client, count=_LOOK_BYTES)
    except (NetworkError, ApiError, ProtocolError):
        if not is_last_try:
            raise
        head = b""
    return suffix_of_bytes(head, asset.file_name)


def _textures(asset: ResultAsset, client: ScenarioClient, *, is_last_try: bool) -> int:
    """How many texture slots a GLB's materials fill; -1 for a damaged one, so that a whole one is preferred."""
    try:
        length = container.json_length(_head(asset, client=client, count=container.HEADER_BYTES))
        text = _head(asset, client=client, count=container.HEADER_BYTES + length)[container.HEADER_BYTES :]
        return container.promises(text).pbr_textures
    except Flaw:
        return -1
    except (NetworkError, ApiError, ProtocolError):
        if not is_last_try:
            raise
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
        for chunk in answer.iter_content(min(count, 64 * 1024)):
            data += chunk
            if len(data) >= count:
                break
    return bytes(data[:count])
