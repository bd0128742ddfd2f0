# SPDX-License-Identifier: GPL-3.0-or-later
"""A mount table that says of a folder that it is on a network disk. Without one at hand, that is as near as it gets."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

import pytest

from scenario_addon.engine.disk import mounts

__all__ = ["ON_LINUX", "mounted"]

ON_LINUX: Final = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the table is Linux's")


def mounted(
    monkeypatch: pytest.MonkeyPatch, folder: Path, kind: str = "nfs4", source: str = "files.example:/export/home"
) -> Path:
    """Have a folder stand on a file system of some kind; gives the folder."""
    table = folder.with_name(f"{folder.name}.mountinfo")
    point = "".join(f"\\{byte:03o}" if byte in b" \t\n\\" else chr(byte) for byte in os.fsencode(folder.resolve()))
    lines = [
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        f"31 22 0:44 / {point} rw,relatime shared:2 master:3 - {kind} {source} rw,vers=4.2",
        "32 22 0:22 / /proc rw - proc proc rw",
    ]
    table.write_bytes("\n".join(lines).encode("latin-1") + b"\n")
    monkeypatch.setattr(mounts, "MOUNTINFO", table)
    return folder
