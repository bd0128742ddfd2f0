# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machine this is: told from every other one, also from one of the same name."""

from __future__ import annotations

import hashlib
import platform
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["Machine", "this_machine"]

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Machine:
    """:param id: letters and digits; all processes that see each other's locks at once have the same.

    :param name: for people.
    """

    id: str
    name: str


def this_machine() -> Machine:
    """Name this machine. Containers on one system are one: they share its memory of files, and its locks."""
    name = platform.node() or "an unnamed machine"
    return Machine(hashlib.sha256(f"{_token() or name}".encode()).hexdigest()[:32], name[:_LONGEST_NAME])


def _token() -> str:
    """What no other machine has; ``""`` where the system does not tell."""
    with suppress(OSError, AttributeError):
        if sys.platform == "win32":
            return _windows_guid()
        if sys.platform == "darwin":
            return _mac_uuid()
        return _BOOT_ID.read_text(encoding="ascii").strip()
    return ""


def _windows_guid() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Microsoft\Cryptography") as key:
        return str(winreg.QueryValueEx(key, "MachineGuid")[0])


def _mac_uuid() -> str:
    import ctypes

    found, patience = (ctypes.c_ubyte * 16)(), (ctypes.c_long * 2)(1, 0)  # a struct timespec
    is_told = ctypes.CDLL(None).gethostuuid(found, patience) == 0
    return bytes(found).hex() if is_told else ""
