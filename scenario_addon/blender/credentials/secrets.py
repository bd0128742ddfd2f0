# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the API keys and secrets are kept: a file that only its owner can read.

Blender would write them in plain text into userpref.blend, which everybody can read and people send around. On Windows
the file holds what the system has encrypted for the user; elsewhere nobody else may open it.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ...engine.errors import DiskError
from ...engine.files import make_private_folder, write_whole
from .protection import Protection

__all__ = ["SecretFile"]

log = logging.getLogger(__name__)

_PROTECTED: Final = "protected"
"""The one member of a file that is encrypted, in base64."""
_FOREIGN: Final = "The saved API keys were protected for another user or computer: enter them again."
_DAMAGED: Final = "The saved API keys cannot be read: enter them again."


class SecretFile:
    """Texts by name, read once and then remembered. Main thread only.

    :param protection: what the system encrypts them with; ``None`` where the rights of the file have to do.
    """

    def __init__(self, path: Path, *, protection: Protection | None = None) -> None:
        self._path, self._protection = path, protection
        self._texts: dict[str, str] | None = None
        self._trouble: str | None = None
        self._exposure: str | None = None

    @property
    def notice(self) -> str | None:
        """What the user has to know: that keys cannot be read, or that others can read them. For drawing."""
        self._known()
        return self._trouble or self._exposure

    def get(self, name: str) -> str:
        """Read the text; "" when there is none or the file cannot be read."""
        return self._known().get(name, "")

    def _known(self) -> dict[str, str]:
        if self._texts is None:
            try:
                self._texts = self._read()
            except OSError as error:
                self._texts = self._unreadable(_DAMAGED, error)
            self._look_who_reads()
        return self._texts

    def set(self, name: str, text: str) -> None:
        """Keep a text.

        :raises DiskError: the file cannot be written.
        """
        self.change({name: text})

    def change(self, changes: Mapping[str, str]) -> None:
        """Keep several texts at once; "" for none any more. What another Blender has kept meanwhile stays.

        :raises DiskError: the file cannot be written, or not be read, so that others in it would be lost.
        """
        try:
            texts = {name: text for name, text in {**self._read(), **changes}.items() if text}
            self._write(texts)
        except OSError as error:
            raise DiskError(f"{self._path} cannot be written ({error.strerror}): check the folder.") from error
        self._texts, self._trouble = texts, None
        self._look_who_reads()

    def _write(self, texts: Mapping[str, str]) -> None:
        data = json.dumps(texts).encode()
        if self._protection is not None:
            try:
                data = json.dumps({_PROTECTED: base64.b64encode(self._protection.protect(data)).decode()}).encode()
            except OSError:  # as for an account that has no keys of its own; the notice says so
                log.warning("the saved API keys are not encrypted: Windows refuses it")
                self._protection = None
        make_private_folder(self._path.parent)
        write_whole(self._path, data, is_private=True)

    def _read(self) -> dict[str, str]:
        """:raises OSError: it is there, and cannot be read now."""
        self._trouble = None
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError) as error:
            return self._unreadable(_DAMAGED, error)
        if not isinstance(data, dict):
            return {}
        if isinstance(blob := data.get(_PROTECTED), str):
            return self._opened(blob)
        texts = _texts_in(data)
        if self._protection is not None and texts:
            self._encrypt(texts)
        return texts

    def _opened(self, blob: str) -> dict[str, str]:
        if self._protection is None:
            return self._unreadable(_FOREIGN, None)
        try:
            return _texts_in(json.loads(self._protection.unprotect(base64.b64decode(blob))))
        except OSError as error:
            return self._unreadable(_FOREIGN, error)
        except (ValueError, RecursionError) as error:
            return self._unreadable(_DAMAGED, error)

    def _encrypt(self, texts: Mapping[str, str]) -> None:
        """Put what an older version left in plain text out of others' sight."""
        try:
            self._write(texts)
        except OSError as error:  # the next key that is entered tells
            log.warning("the saved API keys cannot be encrypted: %s", type(error).__name__)

    def _unreadable(self, trouble: str, error: Exception | None) -> dict[str, str]:
        self._trouble = trouble
        log.warning("the saved API keys cannot be read: %s", type(error).__name__ if error else "encrypted elsewhere")
        return {}

    def _look_who_reads(self) -> None:
        """Find out whether somebody else could use what is in the file."""
        self._exposure = None
        if self._protection is None and self._texts:
            self._exposure = _exposure_on_windows(self._path) if sys.platform == "win32" else _exposure(self._path)


def _texts_in(data: object) -> dict[str, str]:
    return {str(k): v for k, v in data.items() if isinstance(v, str)} if isinstance(data, dict) else {}


def _exposure(path: Path) -> str | None:
    """Say whether others can read a file, or put another in its place; as on a disk without rights, or a share."""
    try:
        file, folder = path.stat(), path.parent.stat()
    except OSError:
        return None
    is_open = bool(file.st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    is_theirs = bool({file.st_uid, folder.st_uid} - {os.geteuid()}) or bool(folder.st_mode & stat.S_IWOTH)
    if not is_open and not is_theirs:
        return None
    why = "other users of this computer can read it" if is_open else "its folder is not yours alone"
    return f"The API keys are kept in {path}, but {why}: have Blender's files on a disk of your own."


def _exposure_on_windows(path: Path) -> str | None:
    """The same where Windows cannot encrypt: only a user's own folder is closed to others."""
    if path.is_relative_to(Path.home()):
        return f"Windows cannot encrypt the API keys here: whoever can read {path} can use them."
    return f"The API keys are kept in {path}, which is neither encrypted nor in a folder of yours: others may read it."
