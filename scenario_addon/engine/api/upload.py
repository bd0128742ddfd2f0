# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a picture or a mesh to the service, in one call or in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from ..errors import AuthError, Forbidden, InputError, MeshError, NetworkError, NotFound, PictureError, ProtocolError
from ..values import Activity, AssetId, SourceImage, SourceMesh
from .client import PART_BYTES, ScenarioClient

__all__ = ["SMALL_PICTURE_BYTES", "upload"]

SMALL_PICTURE_BYTES: Final = 3_500_000
"""Up to here a picture goes in one call: base64 adds a third, and the gateway's own limit is not documented."""
PATIENCE_S: Final = 300.0
"""How long the service may take to take in a large upload."""


def upload(
    client: ScenarioClient,
    file: SourceImage | SourceMesh,
    *,
    progress: Callable[[Activity], None],
    wait: Callable[[float], None],
) -> AssetId:
    """Send a file by the way that fits it; blocks until the service has it. Worker thread.

    :param wait: how to pause between looks at a large upload, in seconds.
    :raises PictureError, MeshError: it is gone, is not the one that was checked, or is not to the service's liking.
    """
    _check_unchanged(file)

    def sent(count: int) -> None:
        progress(Activity(f"uploading {file.path.name}", min(count, file.size_bytes), file.size_bytes))

    sent(0)
    if isinstance(file, SourceImage) and file.size_bytes <= SMALL_PICTURE_BYTES:
        return client.upload_small(file, _read(file, offset=0, length=-1))
    ticket = client.start_upload(file)
    for number, url in enumerate(ticket.part_urls):
        try:
            client.put_part(url, _read(file, offset=number * PART_BYTES, length=PART_BYTES))
        except (AuthError, Forbidden, NotFound) as error:  # signed addresses expire
            raise NetworkError(f"The upload of {file.path.name} took too long; it has to start over.") from error
        sent((number + 1) * PART_BYTES)
    client.complete_upload(ticket)
    waited_s, pause_s = 0.0, 1.0
    while (asset_id := client.upload_result(ticket)) is None:
        if waited_s >= PATIENCE_S:
            raise ProtocolError(f"The service has not taken in {file.path.name} within {PATIENCE_S:.0f} s.")
        wait(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(5.0, pause_s * 1.5)
    return asset_id


def _check_unchanged(file: SourceImage | SourceMesh) -> None:
    try:
        with file.path.open("rb") as stream:
            same = hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
    except OSError as error:
        raise _gone(file, error) from error
    if not same:
        raise _kind(file)(f"{file.path} has changed since it was chosen: start again with it.")


def _read(file: SourceImage | SourceMesh, *, offset: int, length: int) -> bytes:
    try:
        with file.path.open("rb") as stream:
            stream.seek(offset)
            return stream.read(length)
    except OSError as error:
        raise _gone(file, error) from error


def _gone(file: SourceImage | SourceMesh, error: OSError) -> InputError:
    return _kind(file)(f"{file.path} cannot be read any more ({error.strerror}): put it back or start again.")


def _kind(file: SourceImage | SourceMesh) -> type[InputError]:
    return PictureError if isinstance(file, SourceImage) else MeshError
