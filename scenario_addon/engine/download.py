# SPDX-License-Identifier: GPL-3.0-or-later
"""From a finished job's assets to one checked file on disk.

The mesh is chosen by what the files are, never by their place in the list, and downloaded to a ``.part`` file that
gets its final name when it is whole: a file with a final name is always complete.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import requests

from . import glb
from .client import ScenarioClient
from .errors import ApiError, AuthError, DiskError, DownloadError, Forbidden, NetworkError, NotFound, ScenarioError
from .names import safe_name
from .values import Activity, AssetId, JobId, ModelFile, ResultAsset

__all__ = ["FORMATS", "choose", "fetch", "other_formats"]

log = logging.getLogger(__name__)

FORMATS: Final = (".glb", ".gltf", ".fbx", ".obj", ".ply", ".stl")
"""What Blender can import, best first."""

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
_CHUNK_BYTES: Final = 64 * 1024
"""What a cut connection may cost: urllib3 2 keeps an unfinished chunk to itself."""
_NO_SUCH_RANGE: Final = 416
_ATTEMPTS: Final = 4
"""Of one download in a row, each going on where the last one stopped."""


def choose(assets: Sequence[ResultAsset], *, client: ScenarioClient) -> tuple[ResultAsset, str]:
    """The main mesh, and its file suffix.

    Of several in the best format, the one whose materials have the most textures. Files that say nothing of
    themselves are looked into.

    :raises DownloadError: there is no mesh among them.
    """
    known = [(asset, _suffix(asset, client)) for asset in assets]
    meshes = [(asset, suffix) for asset, suffix in known if suffix in FORMATS]
    if not meshes:
        brought = ", ".join(sorted({suffix or asset.mime for asset, suffix in known})) or "no files at all"
        raise DownloadError(
            f"The job brought no mesh that Blender can import ({brought}); its files are in your Scenario project."
        )
    best = min(FORMATS.index(suffix) for _, suffix in meshes)
    candidates = [(asset, suffix) for asset, suffix in meshes if FORMATS.index(suffix) == best]
    if len(candidates) > 1:
        ids = {asset.id for asset in assets}

        def merit(candidate: tuple[ResultAsset, str]) -> tuple[int, bool]:
            asset, suffix = candidate
            return _textures(asset, client) if suffix == ".glb" else 0, asset.parent_id not in ids

        return max(candidates, key=merit)
    return candidates[0]


def other_formats(assets: Iterable[ResultAsset], chosen: ResultAsset) -> tuple[str, ...]:
    suffixes = {_SUFFIX_BY_MIME.get(_mime(a), "") for a in assets if a.id != chosen.id}
    return tuple(s for s in FORMATS if s in suffixes)


def fetch(
    asset: ResultAsset,
    suffix: str,
    *,
    client: ScenarioClient,
    folder: Path,
    stem: str,
    job_id: JobId,
    companions: Sequence[ResultAsset] = (),
    progress: Callable[[Activity], None],
) -> ModelFile:
    """Download a model, check it and give it its name; goes on with what an earlier attempt left. Worker thread.

    :param stem: the name wanted; another file of that name is never overwritten, a number is added instead.
    :param companions: the files that a text format refers to, put beside it under their own names.
    :raises NetworkError: try again later, what has arrived is kept.
    :raises DownloadError: not a whole model; the bytes are kept in the ``.part`` file.
    :raises DiskError: it cannot be written.
    """
    stem = safe_name(stem)
    if companions:  # their names are given, and another job's may be the same
        folder = folder / f"{stem}-{job_id[:12]}"
    part = folder / f"{stem}.{job_id[:12]}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_continued = part.exists()
        for companion in companions:
            if companion.file_name:
                _download(companion, folder / safe_name(Path(companion.file_name).name), client, progress)
        _download(asset, part, client, progress)
        try:
            triangles = glb.inspect(part).triangles if suffix == ".glb" else None
        except DownloadError:
            if not is_continued:
                raise
            part.unlink()  # what was there may not have been the beginning of this file
            _download(asset, part, client, progress)
            triangles = glb.inspect(part).triangles
        path = _publish(part, folder, stem, suffix)
        return ModelFile(path, path.stat().st_size, asset.id, triangles)
    except DownloadError as error:
        raise DownloadError(f"{error.user_message} What arrived is kept in {part}.") from error
    except OSError as error:
        raise _disk_error(error, folder) from error


def _suffix(asset: ResultAsset, client: ScenarioClient) -> str:
    """By MIME type; by content where that says nothing; "" for what is no model."""
    mime = _mime(asset)
    if suffix := _SUFFIX_BY_MIME.get(mime):
        return suffix
    if mime.startswith(("image/", "video/", "audio/", "text/")):
        return ""
    head = _head(asset, client, 64)
    found = next((suffix for pattern, suffix in _MAGIC if pattern.match(head)), "")
    return found or (Path(asset.file_name).suffix.lower() if asset.file_name else "")


def _mime(asset: ResultAsset) -> str:
    return asset.mime.partition(";")[0].strip().lower()


def _textures(asset: ResultAsset, client: ScenarioClient) -> int:
    """How many texture slots a GLB's materials fill; -1 for a damaged one, so that a whole one is preferred."""
    try:
        length = glb.json_length(_head(asset, client, glb.HEADER_BYTES), name=asset.id)
        text = _head(asset, client, glb.HEADER_BYTES + length)[glb.HEADER_BYTES :]
        return glb.read_info(text, name=asset.id).pbr_textures
    except DownloadError:
        return -1


def _head(asset: ResultAsset, client: ScenarioClient, count: int) -> bytes:
    """The first bytes of a file, whether or not the host knows ranges."""
    try:
        answer = client.open_file(asset.url, length_bytes=count)
    except ApiError as error:
        if error.status != _NO_SUCH_RANGE:
            raise
        return b""  # it is empty
    with answer:
        data = b""
        try:
            for chunk in answer.iter_content(min(count, _CHUNK_BYTES)):
                data += chunk
                if len(data) >= count:
                    break
        except requests.exceptions.RequestException as error:
            raise NetworkError("The connection to the file host was lost.") from error
    return data[:count]


def _download(asset: ResultAsset, target: Path, client: ScenarioClient, progress: Callable[[Activity], None]) -> None:
    url, lost = asset.url, None
    for _ in range(_ATTEMPTS):
        try:
            _receive(url, target, client, progress)
        except (AuthError, Forbidden, NotFound) as error:
            lost = error
            url = _fresh_url(asset.id, client, error)  # signed addresses expire
        except NetworkError as error:
            lost = error
        else:
            return
    assert lost is not None
    if isinstance(lost, ApiError):  # refused with a new address too: the file host's trouble, not the key's
        raise NetworkError(f"The file host refuses the download ({lost}).") from lost
    raise lost


def _fresh_url(asset_id: AssetId, client: ScenarioClient, error: ScenarioError) -> str:
    asset = client.asset(asset_id)
    if asset is None:
        raise DownloadError("The service no longer has the file of this job.") from error
    return asset.url


def _receive(url: str, target: Path, client: ScenarioClient, progress: Callable[[Activity], None]) -> None:
    """One connection's worth of a download, appended to what is there."""
    have = target.stat().st_size if target.exists() else 0
    try:
        answer = client.open_file(url, offset_bytes=have)
    except ApiError as error:
        if error.status != _NO_SUCH_RANGE:
            raise
        # The range starts at or after the end: the file is complete, or not a part of this one.
        with client.open_file(url) as whole:
            if have == _length(whole):
                return
        target.unlink()
        raise NetworkError("The download has to start over.") from error
    with answer, target.open("r+b" if have else "wb") as file:
        if have and _range_start(answer) != have:
            have = 0  # the host ignored the range and sends everything
        file.seek(have)
        file.truncate()
        length = _length(answer)
        total = have + length if length is not None else None
        try:
            for chunk in answer.iter_content(_CHUNK_BYTES):
                file.write(chunk)
                have += len(chunk)
                progress(Activity("downloading", have, total))
        except requests.exceptions.RequestException as error:
            raise NetworkError("The connection to the file host was lost.") from error
        file.flush()
        os.fsync(file.fileno())
    if total is not None and have != total:
        raise NetworkError(f"The download stopped after {have} of {total} bytes.")


def _length(answer: requests.Response) -> int | None:
    """How many bytes follow; ``None`` when the host does not say, or packs them."""
    text = answer.headers.get("Content-Length", "")
    packed = answer.headers.get("Content-Encoding", "identity") != "identity"
    return int(text) if text.isdigit() and not packed else None


def _range_start(answer: requests.Response) -> int | None:
    match = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(match[1]) if answer.status_code == 206 and match else None


def _publish(part: Path, folder: Path, stem: str, suffix: str) -> Path:
    """Give a whole file its name, without ever taking one that is in use, however many processes do this at once."""
    number = 1
    while True:
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        number += 1
        try:
            os.link(part, path)
        except FileExistsError:
            if path.samefile(part):  # an earlier attempt died between the two steps below
                part.unlink()
                return path
            continue
        except OSError:  # a file system without hard links: reserve the name, then move onto it
            try:
                path.open("xb").close()
            except FileExistsError:
                continue
            part.replace(path)
            return path
        part.unlink()
        return path


def _disk_error(error: OSError, folder: Path) -> DiskError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskError(f"There is no space left for the download in {folder}: make room and resume the job.")
    return DiskError(f"{folder} cannot be written ({error.strerror}): choose another folder and resume the job.")
