# SPDX-License-Identifier: GPL-3.0-or-later
"""One file of a job onto the disk, however often the connection breaks on the way.

What arrives goes to a ``.part`` file that gets its final name when it is whole and has been checked: a file with a
final name is always complete. There is no limit to how long a download takes, only to how long it may stand still.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from ..api.client import ScenarioClient
from ..errors import ApiError, DiskError, DownloadError, NetworkError, ScenarioError
from ..files import discard, open_kept, publish, remove
from ..gltf.document import READABLE
from ..names import fitting_name, numbered, token
from ..net.answer import Answer
from ..values import Activity, AssetId, JobId, MeshFile, ResultAsset
from .companions import fetch_beside, put_in_place
from .endless import Endless
from .looks import Look, look_into

__all__ = ["Destination", "Unusable", "disk_error", "download", "fetch", "is_named", "part_path", "tidy"]

log = logging.getLogger(__name__)

Progress = Callable[[Activity], None]

_CHUNK_BYTES: Final = 8 * 1024
"""So much is read at a time: what a cut connection may cost, and what has to arrive for a drip to be noticed."""
_PATIENCE_S: Final = 60.0
_SLOWEST_BYTES_PER_S: Final = 512
"""A transfer that was slower for all of the patience is taken up on a new connection."""
_SPARE_BYTES: Final = 16 * 1024 * 1024
"""Left free on the disk, so that the ledger and everybody else can still write."""
_EXPIRED: Final = frozenset({400, 401, 403, 404, 410})
"""What file hosts answer to a signed address that is too old."""
_PARTIAL: Final = 206
_NO_SUCH_RANGE: Final = 416
_ATTEMPTS: Final = 4
"""In a row without a single new byte."""
_ROOM_INSIDE: Final = 80
"""Bytes of a path that are left for the files in a mesh's own folder."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a job's file goes, and what it is called there."""

    folder: Path
    stem: str
    """Shortened to what fits. Another file of that name is never overwritten, a number is added instead."""
    job_id: JobId
    number: int = 1
    """The first to try."""


class Unusable(DownloadError):
    """What came is no mesh that can be read, or nothing came."""

    def __init__(self, user_message: str, *, part: Path, name: str) -> None:
        super().__init__(user_message)
        self.part = part
        """The bytes, if there are any."""
        self.name = name
        """What a whole file would have been called."""


def fetch(
    asset: ResultAsset,
    suffix: str,
    to: Destination,
    *,
    client: ScenarioClient,
    companions: Sequence[ResultAsset] = (),
    readable: frozenset[str] = READABLE,
    progress: Progress,
) -> MeshFile:
    """Download a mesh, check it and give it its name; goes on with what an earlier attempt left. Worker thread.

    :param companions: the files that a text format refers to, put beside it under their own names.
    :param readable: the glTF extensions that may be required.
    :raises NetworkError: try again later, what has arrived is kept.
    :raises Unusable: not a whole mesh; the bytes are kept in the ``.part`` file.
    :raises DiskError: it cannot be written.
    """
    folder, name, part = to.folder, f"{to.stem}{suffix}", Path()
    try:
        if companions:  # their names are given, and another job's may be the same
            folder = folder / f"{fitting_name(to.stem, folder, spare=_ROOM_INSIDE)}-{token(to.job_id)}"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{fitting_name(to.stem, folder)}{suffix}"
        part = part_path(folder, to.job_id, asset.id)
        fetch_beside(
            companions, folder, receive=lambda other, place: download(other, place, client=client, progress=progress)
        )
        look = _receive_mesh(asset, part, name=name, readable=readable, client=client, progress=progress)
        path = publish(part, numbered(folder / name, first=to.number))
        return MeshFile(path, path.stat().st_size, asset.id, look.triangles, look.flaws, look.textures)
    except DownloadError as error:
        raise Unusable(error.user_message, part=part, name=name) from error
    except (OSError, ValueError) as error:
        raise disk_error(error, folder) from error


def part_path(folder: Path, job_id: JobId, asset_id: AssetId) -> Path:
    """Where a file of a job grows: under a name that no other has, however long the names of both are."""
    return folder / f"{token(job_id)}-{token(asset_id)}.part"


def _receive_mesh(
    asset: ResultAsset,
    part: Path,
    *,
    name: str,
    readable: frozenset[str],
    client: ScenarioClient,
    progress: Progress,
) -> Look:
    """Download and check it; what was continued and is unusable is downloaded once more from the start."""
    if part.is_symlink():  # not ours: whatever it leads to is not written to
        remove(part)
    is_continued = part.exists()
    if not is_named(part):  # else it is whole, and must not be written to again
        download(asset, part, client=client, progress=progress)
    try:
        return _look(part, name=name, readable=readable)
    except DownloadError:
        if not is_continued:
            raise
    remove(part)  # a power cut may have spoiled what was there
    download(asset, part, client=client, progress=progress)
    return _look(part, name=name, readable=readable)


def _look(part: Path, *, name: str, readable: frozenset[str]) -> Look:
    """Check what has arrived, with everything in the place where it is looked for."""
    if name.endswith(".gltf"):
        put_in_place(part, part.parent)
    return look_into(part, name=name, readable=readable)


def is_named(part: Path) -> bool:
    """Whether a file has been given its name already, by a process that died before the ledger knew."""
    return part.exists() and part.stat().st_nlink > 1


def download(asset: ResultAsset, target: Path, *, client: ScenarioClient, progress: Progress) -> None:
    """Receive a file on as many connections as it takes, for as long as each brings something new. Worker thread.

    :param target: goes on with what is there.
    :raises NetworkError: try again later.
    :raises DiskError, OSError: it cannot be written.
    """
    url, most_bytes, failures = asset.url, _size_bytes(target), 0
    while True:
        try:
            return _receive(url, target, client=client, progress=progress)
        except ApiError as error:
            if error.status not in _EXPIRED:
                raise
            lost: ScenarioError = error
            url = _fresh_url(asset.id, client=client, error=error)
        except NetworkError as error:
            lost = error
        have_bytes = _size_bytes(target)
        failures = 0 if have_bytes > most_bytes else failures + 1
        most_bytes = max(most_bytes, have_bytes)
        if failures == _ATTEMPTS:
            break
    if isinstance(lost, ApiError):  # refused with a new address too: the file host's trouble, not the key's
        raise NetworkError(f"The file host refuses the download ({lost}).") from lost
    raise lost


def _size_bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _fresh_url(asset_id: AssetId, *, client: ScenarioClient, error: ScenarioError) -> str:
    asset = client.asset(asset_id)
    if asset is None:
        raise DownloadError("The service no longer has the file of this job.") from error
    return asset.url


def _receive(url: str, target: Path, *, client: ScenarioClient, progress: Progress) -> None:
    """Receive what one connection brings, appended to what is there."""
    have = _size_bytes(target)
    try:
        answer = client.open_file(url, offset_bytes=have)
    except ApiError as error:
        if error.status != _NO_SUCH_RANGE:
            raise
        # The range starts at or after the end: the file is complete, or not a part of this one.
        with client.open_file(url) as whole:
            if have == whole.length_bytes:
                return
        remove(target)
        raise NetworkError("The download has to start over.") from error
    with answer:
        if have and answer.is_packed and answer.status_code == _PARTIAL:
            remove(target)  # the range is one of what is packed: it begins anywhere
            raise NetworkError("The download has to start over.")
        with open_kept(target) as file:
            if have and _range_start(answer) != have:
                have = 0  # the host ignored the range and sends everything
            file.seek(have)
            file.truncate()
            _write_body(answer, file, have=have, folder=target.parent, progress=progress)
            file.flush()
            os.fsync(file.fileno())


def _write_body(answer: Answer, file: IO[bytes], *, have: int, folder: Path, progress: Progress) -> None:
    """Write what is still to come to the file.

    :raises DiskError: it does not fit.
    :raises NetworkError: next to nothing comes.
    """
    length = answer.length_bytes
    total = have + length if length is not None else None
    _check_room(folder, length or 0)
    pace, endless = _Pace(have), Endless(folder)
    for chunk in answer.iter_content(_CHUNK_BYTES):
        file.write(chunk)
        have += len(chunk)
        progress(Activity("downloading", have, total))
        pace.check(have)
        if total is None:
            endless.check(have)


class _Pace:
    """Notices a transfer that only drips. One that brings nothing at all runs into the connection's own timeout."""

    def __init__(self, have_bytes: int) -> None:
        self._since_s, self._bytes = time.monotonic(), have_bytes

    def check(self, have_bytes: int) -> None:
        """Look at the pace now and then.

        :raises NetworkError: next to nothing has come for too long.
        """
        now_s = time.monotonic()
        passed_s = now_s - self._since_s
        if passed_s < _PATIENCE_S:
            return
        if have_bytes - self._bytes < _SLOWEST_BYTES_PER_S * passed_s:
            raise NetworkError("The file host has all but stopped sending; the download goes on where it stands.")
        self._since_s, self._bytes = now_s, have_bytes


def _check_room(folder: Path, length_bytes: int) -> None:
    """Look whether the disk has room.

    :raises DiskError: what is still to come does not fit.
    """
    try:
        free_bytes = shutil.disk_usage(folder).free
    except OSError:  # some network folders do not tell
        return
    missing_bytes = length_bytes + _SPARE_BYTES - free_bytes
    if missing_bytes > 0:
        raise DiskError(
            f"The download needs {length_bytes / 1e6:.1f} MB more and {folder} has too little space left: "
            f"free {max(0.1, missing_bytes / 1e6):.1f} MB there and resume the job."
        )


def _range_start(answer: Answer) -> int | None:
    match = re.match(r"bytes (\d{1,18})-", answer.headers.get("Content-Range", ""))
    return int(match[1]) if answer.status_code == _PARTIAL and match else None


def tidy(folder: Path, job_id: JobId, *, kept: Path | None = None) -> None:
    """Remove the second names of a job's files.

    Not before the ledger knows the first: a process that dies in between finds by the second that it is through.

    :param kept: the one that has no other name.
    """
    start = f"{token(job_id)}-"
    with suppress(OSError), os.scandir(folder) as entries:  # one at a time: there may be thousands
        names = [entry.name for entry in entries if entry.name.startswith(start) and entry.name.endswith(".part")]
        for part in [folder / name for name in names]:
            if part != kept:
                discard(part)  # it is in nobody's way


def disk_error(error: OSError | ValueError, folder: Path) -> DiskError:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskError(f"There is no space left for the download in {folder}: make room and resume the job.")
    reason = error.strerror or error if isinstance(error, OSError) else error
    return DiskError(f"{folder} cannot be written ({reason}): choose another folder and resume the job.")
