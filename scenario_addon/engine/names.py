# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files, whatever a person or the service called the thing."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import Final

__all__ = ["ended_name", "fitting_name", "free_path", "longest_name", "numbered", "safe_name", "token"]

_UNSAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\ud800-\udfff]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever the suffix."""
_NAME_BYTES: Final = 180
"""Leaves room for suffixes within the 255 bytes that file systems allow."""
_PATH_UNITS: Final = 259
"""Of UTF-16 in a whole path, all that Blender can open on Windows."""
_SHORTEST_BYTES: Final = 8
"""Names that are cut further than this say nothing."""
_LONGEST_ENDING: Final = "-9999.damaged.gltf"
"""What may stand behind a stem."""


def safe_name(name: str) -> str:
    """A name that every file system takes."""
    name = _UNSAFE.sub("_", name)[:_NAME_BYTES].strip(" .") or "model"
    name = _cut(name, fits=lambda cut: len(cut.encode()) <= _NAME_BYTES)
    return f"_{name}" if _RESERVED.match(name) else name


def fitting_name(name: str, folder: Path, *, spare: int = 0) -> str:
    """A name that every file system takes, as long as ``folder`` allows once a number and a suffix stand behind it.

    It may be cut: two different names can become one, so that nothing may be told apart by it.

    :param spare: bytes that are needed besides.
    :raises ValueError: the folder's own path leaves no room for a name.
    """
    spare += len(_LONGEST_ENDING)
    limit_bytes = _limit_bytes(folder) - spare
    limit_units = _PATH_UNITS - _units(str(folder.absolute())) - 1 - spare if sys.platform == "win32" else limit_bytes
    if min(limit_bytes, limit_units) < _SHORTEST_BYTES:
        raise ValueError("its path is too long")
    return _cut(safe_name(name), fits=lambda cut: len(cut.encode()) <= limit_bytes and _units(cut) <= limit_units)


def ended_name(name: str, ending: str, folder: Path) -> str:
    """A name with an ending that is still there when :func:`fitting_name` has cut it."""

    def fits(cut: str) -> bool:
        return fitting_name(cut + ending, folder).endswith(ending)

    with suppress(ValueError):  # nothing can be written there: whoever tries is told
        name = name if fits(name) else _cut(name[:_NAME_BYTES], fits=fits)
    return name + ending


def longest_name(name: str, folder: Path) -> str:
    """The longest name that a file will have whose stem is made from ``name``.

    :raises ValueError: the folder's own path leaves no room for a name.
    """
    return fitting_name(name, folder) + _LONGEST_ENDING


def token(text: str) -> str:
    """Sixteen hexadecimal digits that stand for a text of any length, and for no other."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def numbered(path: Path, *, first: int = 1) -> Iterator[Path]:
    """``chair.glb``, ``chair-2.glb``, ``chair-3.glb`` ..., without end.

    :param first: 2 to begin with ``chair-2.glb``.
    """
    later = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(max(2, first)))
    return chain((path,), later) if first == 1 else later


def free_path(path: Path) -> Path:
    """``path``, or the first of its numbered siblings that does not exist."""
    return next(candidate for candidate in numbered(path) if not candidate.exists())


def _cut(name: str, *, fits: Callable[[str], bool]) -> str:
    while not fits(name):
        name = name[:-1].rstrip(" .")
    return name


def _limit_bytes(folder: Path) -> int:
    """How long a name may be in a folder, which may not be there yet."""
    for place in (folder, *folder.parents):
        try:
            return os.pathconf(place, "PC_NAME_MAX")
        except FileNotFoundError:
            continue
        except (AttributeError, OSError, ValueError):  # Windows, and what does not tell
            break
    return 255


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
