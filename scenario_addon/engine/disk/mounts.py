# SPDX-License-Identifier: GPL-3.0-or-later
"""What is mounted where, as the system tells it. Waits for nothing but the system; never raises."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Mount", "is_remote_drive", "mount_of", "read_mount_output", "read_mountinfo", "table"]

MOUNTINFO: Final = Path("/proc/self/mountinfo")
_PATIENCE_S: Final = 10.0
_DRIVE_REMOTE: Final = 4
_OCTAL: Final = re.compile(r"\\([0-7]{3})")
_LINE: Final = re.compile(r"(?P<source>.*?) on (?P<point>/.*) \((?P<words>[^()]*)\)")


@dataclass(frozen=True, slots=True)
class Mount:
    """:param point: the folder that it is seen in.

    :param kind: of file system, as the system calls it.
    :param source: the device, or the server and what of it.
    :param is_local: what the system itself says; ``None`` where it says nothing.
    """

    point: str
    kind: str
    source: str
    is_local: bool | None = None


def table() -> Sequence[Mount]:
    """Read what is mounted; nothing where that cannot be found out, or where there are drives instead."""
    try:
        if sys.platform == "darwin":
            told = subprocess.run(["/sbin/mount"], capture_output=True, timeout=_PATIENCE_S, check=True).stdout
            return read_mount_output(told.decode(errors="surrogateescape"))
        return read_mountinfo(MOUNTINFO.read_text(encoding="utf-8", errors="surrogateescape"))
    except (OSError, subprocess.SubprocessError):
        return ()


def read_mountinfo(text: str) -> list[Mount]:
    """Read Linux's table."""
    found: list[Mount] = []
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        words, rest = before.split(" "), after.split(" ")
        if len(words) >= 5 and len(rest) >= 2:
            found.append(Mount(_plain(words[4]), rest[0], _plain(rest[1])))
    return found


def read_mount_output(text: str) -> list[Mount]:
    """Read what ``mount`` prints on macOS."""
    found: list[Mount] = []
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            kind, *words = match["words"].split(", ")
            found.append(Mount(match["point"], kind, match["source"], "local" in words))
    return found


def mount_of(path: Path, mounts: Sequence[Mount]) -> Mount | None:
    """Find what a path is on: the mount that is nearest above it, and of several in one place the last.

    :param path: absolute, and without links.
    """
    found, longest, text = None, 0, f"{path.as_posix()}/"
    for mount in mounts:
        point = f"{mount.point.rstrip('/')}/"
        if len(point) >= longest and text.startswith(point):
            found, longest = mount, len(point)
    return found


def is_remote_drive(root: str) -> bool:
    """Whether Windows says that a drive, ``C:\\`` or ``\\\\server\\share\\``, is on another machine."""
    if sys.platform != "win32":
        return False
    import ctypes

    return ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE


def _plain(text: str) -> str:
    r"""A field as it is meant: Linux writes a space as ``\040``."""
    raw = text.encode(errors="surrogateescape").decode("latin-1")
    return (
        _OCTAL.sub(lambda match: chr(int(match[1], 8)), raw).encode("latin-1").decode("utf-8", errors="surrogateescape")
    )
