# SPDX-License-Identifier: GPL-3.0-or-later
"""The models' own pictures, kept on disk for a list to choose from. Nothing depends on them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Final

from ..api.client import ScenarioClient
from ..errors import ScenarioError
from ..files import discard, make_private_folder, write_whole
from ..names import token
from ..pictures.header import measure
from .model import Model

__all__ = ["Thumbnails"]

log = logging.getLogger(__name__)

_MAX_BYTES: Final = 2_000_000
_MAX_SIDE_PX: Final = 2048
"""Of a picture that Blender decodes in no time worth mentioning."""


class Thumbnails:
    """:param folder: made when the first picture comes; ``None`` for keeping none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def path(self, model_id: str) -> Path | None:
        """A model's picture; ``None`` while there is none."""
        path = self._folder / token(model_id) if self._folder else None
        return path if path is not None and path.is_file() else None

    def fetch(self, models: Iterable[Model], client: ScenarioClient) -> int:
        """Get the pictures that are not here yet. Blocks; a picture that cannot be had is left out.

        :return: how many came.
        """
        return self.fetch_each(((model.id, model.thumbnail_url) for model in models), client)

    def fetch_each(self, addresses: Iterable[tuple[str, str | None]], client: ScenarioClient) -> int:
        """Get the pictures of what has these ids, likewise."""
        came = 0
        for shown_id, url in addresses:
            if self._folder is None or not url or self.path(shown_id):
                continue
            try:
                _keep(self._folder / token(shown_id), url, client)
                came += 1
            except (ScenarioError, OSError) as error:
                log.debug("no picture of %s: %s", shown_id, type(error).__name__)
        return came

    def prune(self, most: int) -> None:
        """Keep only so many pictures, the newest. Blocks; never raises."""
        if self._folder is None:
            return
        with suppress(OSError):
            dated = [(path.stat().st_mtime, path) for path in self._folder.iterdir()]
            for _, path in sorted(dated, reverse=True)[most:]:
                discard(path)


def _keep(path: Path, url: str, client: ScenarioClient) -> None:
    """Keep a picture as a file.

    :raises OSError: the connection was lost, it is no picture or too large a one, or it cannot be written.
    """
    data = client.read_file(url, most_bytes=_MAX_BYTES)
    _check(data)
    make_private_folder(path.parent)
    write_whole(path, data, is_private=True)


def _check(data: bytes) -> None:
    """:raises OSError: Blender would not show it, or stand still over it."""
    try:
        header = measure(BytesIO(data), size_bytes=len(data))
    except ValueError as error:
        raise OSError(f"damaged: {error}") from error
    if header is None or max(header.width_px, header.height_px) > _MAX_SIDE_PX:
        raise OSError("no picture of a thumbnail's size")
