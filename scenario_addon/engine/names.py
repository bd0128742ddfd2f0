# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of files, whatever a person or the service called the thing."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["safe_name"]

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
