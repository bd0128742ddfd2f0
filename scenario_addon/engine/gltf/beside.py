# SPDX-License-Identifier: GPL-3.0-or-later
"""What a glTF refers to: bytes written as text in it, and files in its folder or below; nothing else is touched."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, unquote_to_bytes

from .document import Flaw

__all__ = ["Beside", "Elsewhere", "is_plain", "name_of", "path_inside"]

_EMBEDDED: Final = re.compile(r"data:([^,]{0,200}),", re.IGNORECASE)
_PLAIN: Final = re.compile(r"data:[^,]{0,200};base64,[A-Za-z0-9+/\s]*={0,2}\s*")
"""What every reader decodes the same way, if its length is right."""
_SPACE: Final = re.compile(r"\s+")
_STRANGE: Final = re.compile(r'[:\0<>"|?*]')
"""In a name: a drive, a scheme, a stream, or what no file is called."""


class Elsewhere(Flaw):
    """An address that leads out of the folder, or a file that is not there."""


class Beside:
    """The files beside a glTF, each read once, for the length of a check.

    :param folder: where files that are named may be read, and below; ``None``: none may.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read: dict[str, memoryview] = {}

    def fetch(self, uri: Any) -> memoryview:
        """Fetch the bytes at an address: in the address itself, or in a file of the folder.

        :raises Elsewhere: they are elsewhere, or not there.
        :raises Flaw: they cannot be read.
        """
        if isinstance(uri, str) and (match := _EMBEDDED.match(uri)):
            return _decode(match[1], uri[match.end() :])
        name = path_inside(uri) if isinstance(uri, str) else None
        if self._folder is None or name is None:
            raise Elsewhere("is not complete: it refers to another file or address, which is not fetched")
        if name not in self._read:
            path = self._folder / name
            try:
                if not (path.is_file() and path.resolve().is_relative_to(self._folder.resolve())):
                    raise OSError
                self._read[name] = memoryview(path.read_bytes())
            except (OSError, ValueError):
                raise Elsewhere(f"is not complete: {name[:80]} is missing beside it") from None
        return self._read[name]

    @property
    def total_bytes(self) -> int:
        """Of the files that were read."""
        return sum(map(len, self._read.values()))


def path_inside(uri: str) -> str | None:
    """Where an address leads to below a folder, with slashes; ``None`` when it leads anywhere else."""
    parts: list[str] = []
    text = unquote(uri).replace("\\", "/")
    if text.startswith("/") or _STRANGE.search(text):
        return None
    for part in text.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or None


def name_of(uri: Any) -> str | None:
    """What a person would call the file at an address; ``None`` for one that is embedded, or makes no sense."""
    if not isinstance(uri, str) or _EMBEDDED.match(uri):
        return None
    return re.split(r"[/\\]", unquote(uri))[-1][:80] or None


def is_plain(uri: Any) -> bool:
    """Whether every reader makes the same of an address: a file's, or bytes as text in the usual way."""
    if not isinstance(uri, str) or not _EMBEDDED.match(uri):
        return True
    return _PLAIN.fullmatch(uri) is not None and len(_SPACE.sub("", uri.partition(",")[2])) % 4 == 0


def _decode(kind: str, text: str) -> memoryview:
    """The bytes of a data address; leniently: broken lines, other alphabets and missing ends are common."""
    if not kind.lower().rstrip().endswith(";base64"):
        return memoryview(unquote_to_bytes(text))
    text = _SPACE.sub("", unquote(text) if "%" in text else text).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return memoryview(base64.b64decode(text + "=" * (-len(text) % 4), validate=True))
    except ValueError:
        raise Flaw("is damaged: bytes written as text in it cannot be read") from None
