# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking after what comes in without anybody saying how much it will be."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from ..errors import DiskError, DownloadError

__all__ = ["Endless"]

MOST_BYTES: Final = 2 * 1024**3
"""Of a download whose length nobody states."""
RESERVE_BYTES: Final = 1024**3
"""Left free on the disk by such a download."""
LOOK_BYTES: Final = 16 * 1024 * 1024
"""How much comes between two looks at the disk."""


class Endless:
    """Looks after a download of unknown length, which may never end.

    :param folder: where it is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._look_at_bytes = 0

    def check(self, have_bytes: int) -> None:
        """Look at the disk now and then.

        :raises DownloadError: no mesh is as large.
        :raises DiskError: what is left of the disk is for others.
        """
        if have_bytes > MOST_BYTES:
            raise DownloadError(
                f"More than {MOST_BYTES / 2**30:.0f} GB came, and the file host does not say how much there is: "
                "the download was stopped."
            )
        if have_bytes < self._look_at_bytes:
            return
        self._look_at_bytes = have_bytes + LOOK_BYTES
        try:
            free_bytes = shutil.disk_usage(self._folder).free
        except OSError:  # some network folders do not tell
            return
        if free_bytes < RESERVE_BYTES:
            raise DiskError(
                f"Less than {RESERVE_BYTES / 2**30:.0f} GB is free in {self._folder}, and the file host does not say "
                "how much is to come: make room there and resume the job."
            )
