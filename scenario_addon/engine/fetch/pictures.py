# SPDX-License-Identifier: GPL-3.0-or-later
"""From a finished job's files to its pictures: all of them fetched, looked at, and named by what they are.

The first that can be used is the result, the others are kept beside it. What cannot be used is kept under a name that
says what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..api.client import ScenarioClient
from ..errors import ApiError, DiskError, DownloadError, NetworkError, ProtocolError, ScenarioError
from ..files import publish, remove
from ..names import fitting_name, numbered
from ..pictures.flaws import SizeError, check_size
from ..pictures.header import JPEG, PNG, WEBP, Header, measure
from ..pictures.orientation import orientation
from ..pictures.survey import survey
from ..text import clean
from ..values import Activity, MeshFile, ResultAsset
from .download import Destination, Unusable, disk_error, download, is_named, part_path
from .formats import mime_of, suffix_of_bytes
from .results import NothingUsable, ends_it, forget, keep

__all__ = ["deliver_pictures"]

Progress = Callable[[Activity], None]

_SUFFIXES: Final = {PNG: ".png", JPEG: ".jpg", WEBP: ".webp"}
_UNSAID: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
_HEAD_BYTES: Final = 64
_TURNED: Final = 5
"""From this orientation on, width and height are exchanged."""
_LISTED: Final = 8
"""Kinds of files that a sentence names."""


def deliver_pictures(
    assets: Sequence[ResultAsset],
    to: Destination,
    *,
    client: ScenarioClient,
    progress: Progress,
    kept: Path | None = None,
    is_last_try: bool = False,
) -> MeshFile:
    """Download a job's pictures; the first that can be used is the one, and knows the others. Worker thread.

    :param kept: what was kept the last time that nothing could be used.
    :param is_last_try: what cannot be reached does not keep the others from being tried.
    :raises NothingUsable: there is none; what arrived is kept.
    :raises NetworkError: try again later.
    :raises DiskError: it cannot be written.
    """
    candidates = [a for a in assets if mime_of(a).startswith("image/") or mime_of(a) in _UNSAID]
    found: list[MeshFile] = []
    unusable: list[Unusable] = []
    lost: ScenarioError | None = None
    for asset in candidates or assets[:1]:
        try:
            found.append(_fetch(asset, to, client=client, progress=progress))
        except Unusable as error:
            unusable.append(error)
        except (DiskError, NetworkError, ProtocolError, ApiError) as error:
            if ends_it(error, is_last_try=is_last_try, has_another=bool(found)):
                raise
            lost = lost or error
    if found:
        forget(unusable, kept)
        return replace(found[0], more=tuple(file.path for file in found[1:]))
    if lost is not None:
        raise lost
    raise _no_picture(assets, unusable, to, kept=kept)


def _no_picture(
    assets: Sequence[ResultAsset], unusable: Sequence[Unusable], to: Destination, *, kept: Path | None
) -> NothingUsable:
    """Keep the first of what came, and say what it is."""
    if not unusable:
        return NothingUsable("The job brought no picture: it has no files at all.", kept=kept)
    first, *others = unusable
    forget(others, None)
    path = keep(first.part, to, name=first.name, earlier=kept, ending=_ending(first.part, first.name))
    kinds = ", ".join(sorted({clean(mime_of(asset), longest=60) for asset in assets if mime_of(asset)})[:_LISTED])
    is_other = not any(mime_of(asset).startswith("image/") for asset in assets)
    message = f"The job brought no picture ({kinds})." if is_other and kinds else first.user_message
    return NothingUsable(f"{message} What arrived is kept in {path}." if path else message, kept=path)


def _ending(part: Path, name: str) -> str:
    """How what cannot be used is to be called: by what it is, and as damaged where it should be what it is not."""
    try:
        with part.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if other := suffix_of_bytes(head):
                return other
            header = measure(file, size_bytes=part.stat().st_size)
    except (OSError, ValueError):
        header = None
    return f".damaged{Path(name).suffix}" if header is None else _SUFFIXES[header.mime]


def _fetch(asset: ResultAsset, to: Destination, *, client: ScenarioClient, progress: Progress) -> MeshFile:
    """Download a picture, check it and give it its name; goes on with what an earlier attempt left.

    :raises Unusable: it is none that can be used; the bytes are kept in the ``.part`` file.
    :raises NetworkError: try again later, what has arrived is kept.
    :raises DiskError: it cannot be written.
    """
    name, part = f"{to.stem}.png", Path()
    try:
        to.folder.mkdir(parents=True, exist_ok=True)
        stem = fitting_name(to.stem, to.folder)
        name, part = f"{stem}.png", part_path(to.folder, to.job_id, asset.id)
        header = _received(asset, part, name=name, client=client, progress=progress)
        path = publish(part, numbered(to.folder / f"{stem}{_SUFFIXES[header.mime]}", first=to.number))
        return MeshFile(path, path.stat().st_size, asset.id, width_px=header.width_px, height_px=header.height_px)
    except DownloadError as error:
        raise Unusable(error.user_message, part=part, name=name) from error
    except (OSError, ValueError) as error:
        raise disk_error(error, to.folder) from error


def _received(asset: ResultAsset, part: Path, *, name: str, client: ScenarioClient, progress: Progress) -> Header:
    """Download and look at it; what was continued and is unusable is downloaded once more from the start."""
    if part.is_symlink():  # not ours: whatever it leads to is not written to
        remove(part)
    is_continued = part.exists()
    if not is_named(part):  # else it is whole, and must not be written to again
        download(asset, part, client=client, progress=progress)
    try:
        return _look(part, name=name)
    except DownloadError:
        if not is_continued:
            raise
    remove(part)  # a power cut may have spoiled what was there
    download(asset, part, client=client, progress=progress)
    return _look(part, name=name)


def _look(part: Path, *, name: str) -> Header:
    """Find out what a picture is, and that it is whole and shows something.

    :raises DownloadError: it is none that can be used.
    """
    with part.open("rb") as file:
        head, size_bytes = file.read(_HEAD_BYTES), part.stat().st_size
        if not head:
            raise DownloadError(f"{name} is no picture: it is empty.")
        try:
            header = measure(file, size_bytes=size_bytes)
            if header is None:
                raise DownloadError(f"{name} is no picture that can be used here: {_what(head)}.")
            check_size(header.width_px, header.height_px)
            if header.mime == PNG:
                file.seek(0)
                shown = survey(file, size_bytes=size_bytes)
                if shown.is_transparent:
                    raise DownloadError(f"{name} is transparent everywhere: nothing is to be seen in it.")
        except SizeError as error:
            raise DownloadError(f"{name} claims to be {error}, which cannot be used.") from None
        except ValueError:
            raise DownloadError(f"{name} arrived cut short or damaged.") from None
        if orientation(file) < _TURNED:
            return header
        return header._replace(width_px=header.height_px, height_px=header.width_px)


def _what(head: bytes) -> str:
    """What came instead, by its first bytes."""
    found = suffix_of_bytes(head)
    if found == ".html":
        return "a web page came instead"
    return f"a {found[1:].upper()} file came instead" if found else "its content is no PNG, JPEG or WebP"
