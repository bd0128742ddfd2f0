# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture files that are made to be sent, named after their content.

The same picture is then the same bytes and one file, however often, when and in which .blend it is made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...engine.errors import DiskError
from ...engine.files import make_private_folder, spare_folder, write_whole
from ...engine.names import fitting_name

__all__ = ["keep", "workspace"]


@contextmanager
def workspace(folder: Path) -> Iterator[Path]:
    """Make a folder inside ``folder`` that is gone again afterwards.

    :raises DiskError: it cannot be made.
    """
    try:
        make_private_folder(folder)
        with spare_folder(folder) as temporary:
            yield temporary
    except OSError as error:
        raise _unwritable(folder, error) from error


def keep(data: bytes, *, name: str, folder: Path) -> Path:
    """Keep this content in a file of ``folder``, whole whenever it has its final name.

    :raises DiskError: it cannot be written.
    """
    suffix = {b"\x89": ".png", b"\xff": ".jpg"}.get(data[:1], ".webp")
    fingerprint = hashlib.sha256(data).hexdigest()[:16]
    try:
        path = folder / f"{fitting_name(name, folder, spare=len(fingerprint))}-{fingerprint}{suffix}"
        if not path.exists():
            make_private_folder(folder)
            write_whole(path, data, is_private=True)
    except (OSError, ValueError) as error:
        raise _unwritable(folder, error) from error
    return path


def _unwritable(folder: Path, error: OSError | ValueError) -> DiskError:
    reason = error.strerror or error if isinstance(error, OSError) else error
    return DiskError(f"A picture cannot be written into {folder}: {reason}.")
