# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing a picture to the service, in one call or in parts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..errors import AuthError, Forbidden, NetworkError, NotFound, PictureError, ProtocolError
from ..values import Activity, AssetId, SourceImage
from .client import PART_BYTES, ScenarioClient

__all__ = ["SMALL_PICTURE_BYTES", "upload"]

SMALL_PICTURE_BYTES: Final = 3_500_000
"""Up to here a picture goes in one call: base64 adds a third, and the gateway's own limit is not documented."""
PATIENCE_S: Final = 300.0
"""How long the service may take to take in a large upload."""


def upload(
    client: ScenarioClient,
    image: SourceImage,
    *,
    progress: Callable[[Activity], None],
    wait: Callable[[float], None],
) -> AssetId:
    """Send a picture by the way that fits its size; blocks until the service has it. Worker thread.

    :param wait: how to pause between looks at a large upload, in seconds.
    :raises PictureError: the file is gone, is not the one that was checked, or is not to the service's liking.
    """
    _check_unchanged(image)

    def sent(count: int) -> None:
        progress(Activity(f"uploading {image.path.name}", min(count, image.size_bytes), image.size_bytes))

    sent(0)
    if image.size_bytes <= SMALL_PICTURE_BYTES:
        return client.upload_small(image, _read(image.path, offset=0, length=-1))
    ticket = client.start_upload(image)
    for number, url in enumerate(ticket.part_urls):
        try:
            client.put_part(url, _read(image.path, offset=number * PART_BYTES, length=PART_BYTES))
        except (AuthError, Forbidden, NotFound) as error:  # signed addresses expire
            raise NetworkError(f"The upload of {image.path.name} took too long; it has to start over.") from error
        sent((number + 1) * PART_BYTES)
    client.complete_upload(ticket)
    waited_s, pause_s = 0.0, 1.0
    while (asset_id := client.upload_result(ticket)) is None:
        if waited_s >= PATIENCE_S:
            raise ProtocolError(f"The service has not taken in {image.path.name} within {PATIENCE_S:.0f} s.")
        wait(pause_s)
        waited_s, pause_s = waited_s + pause_s, min(5.0, pause_s * 1.5)
    return asset_id


def _check_unchanged(image: SourceImage) -> None:
    try:
        with image.path.open("rb") as file:
            same = hashlib.file_digest(file, "sha256").hexdigest() == image.sha256
    except OSError as error:
        raise _gone(image.path, error) from error
    if not same:
        raise PictureError(f"{image.path} has changed since it was chosen: start again with it.")


def _read(path: Path, *, offset: int, length: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            return file.read(length)
    except OSError as error:
        raise _gone(path, error) from error


def _gone(path: Path, error: OSError) -> PictureError:
    return PictureError(f"{path} cannot be read any more ({error.strerror}): put it back or start again.")
