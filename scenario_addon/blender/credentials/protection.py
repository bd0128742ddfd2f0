# SPDX-License-Identifier: GPL-3.0-or-later
"""What the system does to protect a secret on disk: Windows encrypts it for the user who is logged in (DPAPI).

Elsewhere the rights of the file have to do.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import Any, Final, Protocol

__all__ = ["Dpapi", "Protection", "system_protection"]

_NO_QUESTIONS: Final = 0x1
"""CRYPTPROTECT_UI_FORBIDDEN: rather fail than show a window."""


class Protection(Protocol):
    """Both raise :class:`OSError` where it cannot be done."""

    def protect(self, data: bytes) -> bytes: ...

    def unprotect(self, data: bytes) -> bytes: ...


class _Blob(ctypes.Structure):
    _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))


class Dpapi:
    """``CryptProtectData`` and its counterpart, for this user on this computer. Any thread.

    :param crypt32: the library that has them; likewise the one that frees what they give.
    """

    def __init__(self, crypt32: Any, kernel32: Any) -> None:
        self._kernel32 = kernel32
        self._protect, self._unprotect = crypt32.CryptProtectData, crypt32.CryptUnprotectData
        blob, pointer = ctypes.POINTER(_Blob), ctypes.c_void_p
        for function in (self._protect, self._unprotect):
            # The second names what is protected: a text for the one, where to put it for the other. Not used here.
            function.argtypes = (blob, pointer, blob, pointer, pointer, wintypes.DWORD, blob)
            function.restype = wintypes.BOOL
        kernel32.LocalFree.argtypes = (pointer,)  # else an address of 64 bits loses its upper half
        kernel32.LocalFree.restype = pointer

    def protect(self, data: bytes) -> bytes:
        """Encrypt for this user.

        :raises OSError: Windows cannot.
        """
        return self._done(self._protect, data)

    def unprotect(self, data: bytes) -> bytes:
        """Decrypt what the same user has protected on the same computer.

        :raises OSError: it was somebody else, or elsewhere, or is damaged.
        """
        return self._done(self._unprotect, data)

    def _done(self, function: Any, data: bytes) -> bytes:
        buffer = ctypes.create_string_buffer(data, len(data))
        given, made = _Blob(len(data), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char))), _Blob()
        if not function(ctypes.byref(given), None, None, None, None, _NO_QUESTIONS, ctypes.byref(made)):
            raise OSError("Windows' data protection refuses it")
        try:
            return ctypes.string_at(made.data, made.size)
        finally:
            self._kernel32.LocalFree(ctypes.cast(made.data, ctypes.c_void_p))


def system_protection() -> Protection | None:
    """Give what this system has; ``None`` where it has nothing of the kind."""
    if sys.platform != "win32":
        return None
    try:
        return Dpapi(ctypes.WinDLL("crypt32"), ctypes.WinDLL("kernel32"))
    except (AttributeError, OSError):  # as on a Windows that is none
        return None
