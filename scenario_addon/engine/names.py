# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files, whatever a person or the service called the thing."""

from __future__ import annotations

import re
from itertools import chain, count
from pathlib import Path
from typing import Final

__all__ = ["free_path", "safe_name"]

_UNSAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\ud800-\udfff]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever the suffix."""
_NAME_BYTES: Final = 180
"""Leaves room for suffixes within the 255 bytes that file systems allow."""


def safe_name(name: str) -> str:
    """A name that every file system takes."""
    name = _UNSAFE.sub("_", name)[:_NAME_BYTES].strip(" .") or "model"
    while len(name.encode()) > _NAME_BYTES:
        name = name[:-1]
    return f"_{name}" if _RESERVED.match(name) else name


def free_path(path: Path) -> Path:
    """``path``, or the first of its numbered siblings that does not exist."""
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return next(candidate for candidate in chain((path,), numbered) if not candidate.exists())
