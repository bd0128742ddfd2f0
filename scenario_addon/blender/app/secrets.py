# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the API key and secret are kept: a file that only its owner can read.

Blender would write them in plain text into userpref.blend, which everybody can read and people send around.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from ...engine.errors import DiskError
from ...engine.files import make_private_folder, write_whole

__all__ = ["SecretFile"]

log = logging.getLogger(__name__)


class SecretFile:
    """Texts by name, read once and then remembered. Main thread only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._texts: dict[str, str] | None = None

    def get(self, name: str) -> str:
        """Read the text; "" when there is none or the file cannot be read."""
        if self._texts is None:
            self._texts = self._read()
        return self._texts.get(name, "")

    def set(self, name: str, text: str) -> None:
        """Keep a text.

        :raises DiskError: the file cannot be written.
        """
        texts = {**(self._texts if self._texts is not None else self._read()), name: text}
        try:
            make_private_folder(self._path.parent)
            write_whole(self._path, json.dumps({k: v for k, v in texts.items() if v}).encode(), is_private=True)
        except OSError as error:
            raise DiskError(f"{self._path} cannot be written ({error.strerror}): check the folder.") from error
        self._texts = texts

    def _read(self) -> dict[str, str]:
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("the saved API key cannot be read: %s", type(error).__name__)
            return {}
        return {str(k): v for k, v in data.items() if isinstance(v, str)} if isinstance(data, dict) else {}
