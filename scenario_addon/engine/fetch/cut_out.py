# SPDX-License-Identifier: GPL-3.0-or-later
"""What was cut out of a picture, as a file to be looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..api.client import ScenarioClient
from ..errors import DiskError, DownloadError
from ..files import discard, make_private_folder, replace
from ..pictures.header import mime_of
from ..pictures.png import MAGIC
from ..pictures.survey import survey
from ..values import Activity, JobId, ResultAsset
from .download import download, part_path

__all__ = ["fetch_cut_out"]

_HEAD_BYTES: Final = 32


def fetch_cut_out(
    asset: ResultAsset, path: Path, *, job_id: JobId, client: ScenarioClient, progress: Callable[[Activity], None]
) -> bool:
    """Download what was cut out of a picture; says whether there is anything to be seen on it. Worker thread.

    :param path: what it is called when it is whole; what has that name is replaced.
    :raises NetworkError: try again later.
    :raises DownloadError: it is damaged.
    :raises DiskError: it cannot be written.
    """
    part = part_path(path.parent, job_id, asset.id)
    try:
        make_private_folder(path.parent)
        download(asset, part, client=client, progress=progress)
        is_visible = _is_visible(part)
        replace(part, path)
    except ValueError as error:
        discard(part)
        raise DownloadError("What was cut out of the picture arrived damaged.") from error
    except OSError as error:
        reason = error.strerror or error
        raise DiskError(f"{path.parent} cannot be written ({reason}): check the disk's space.") from error
    return is_visible


def _is_visible(path: Path) -> bool:
    """Whether not all of it is transparent, as far as can be told of what is no PNG.

    :raises ValueError: it is damaged.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if not head.startswith(MAGIC):
            if mime_of(head) is None:
                raise ValueError("no picture")
            return True
        file.seek(0)
        found = survey(file, size_bytes=path.stat().st_size)
    if not found.is_whole:
        raise ValueError("spoiled beside its pixels")
    return not found.is_transparent
