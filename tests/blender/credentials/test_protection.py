# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows' data protection as it is called: with what, and that what it gives is freed."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest

from scenario_addon.blender.credentials.protection import Dpapi, system_protection

MARK = b"of this user: "


class Windows:
    """Two libraries of Windows whose encryption puts a mark before what it is given."""

    def __init__(self) -> None:
        self.flags: list[int] = []
        self.held: dict[int, Any] = {}
        self.crypt32 = SimpleNamespace(
            CryptProtectData=_Function(lambda given, *rest: self._give(MARK + given, *rest)),
            CryptUnprotectData=_Function(lambda given, *rest: self._give(given.removeprefix(MARK), *rest)),
        )
        self.kernel32 = SimpleNamespace(LocalFree=_Function(lambda address: self.held.pop(address.value) and None))
        self.is_refusing = False

    def _give(self, data: bytes, flags: int, made: Any) -> bool:
        self.flags.append(flags)
        if not self.is_refusing:
            buffer = ctypes.create_string_buffer(data, len(data))
            self.held[ctypes.addressof(buffer)] = buffer
            made.size, made.data = len(data), ctypes.cast(buffer, ctypes.POINTER(ctypes.c_char))
        return not self.is_refusing


class _Function:
    """Takes what ctypes would hand over, and sees that the types were declared."""

    argtypes: Any = None
    restype: Any = ctypes.c_int

    def __init__(self, work: Any) -> None:
        self._work = work

    def __call__(self, *arguments: Any) -> Any:
        assert len(arguments) == len(self.argtypes)
        if len(arguments) == 1:
            return self._work(*arguments)
        given, made = arguments[0]._obj, arguments[-1]._obj
        return self._work(ctypes.string_at(given.data, given.size), arguments[5], made)


@pytest.mark.parametrize("data", [b"", b"{}", b"a\0b" * 1000])
def test_what_is_protected_comes_back_and_nothing_is_held(data: bytes) -> None:
    windows = Windows()
    dpapi = Dpapi(windows.crypt32, windows.kernel32)
    assert dpapi.protect(data) == MARK + data
    assert dpapi.unprotect(MARK + data) == data
    assert windows.held == {}
    assert windows.flags == [1, 1], "no window is to open"


def test_an_address_of_64_bits_is_freed_whole() -> None:
    windows = Windows()
    Dpapi(windows.crypt32, windows.kernel32)
    assert windows.kernel32.LocalFree.argtypes == (ctypes.c_void_p,)


def test_what_windows_refuses_is_an_error_of_the_system() -> None:
    windows = Windows()
    windows.is_refusing = True
    with pytest.raises(OSError, match="refuses"):
        Dpapi(windows.crypt32, windows.kernel32).unprotect(b"somebody else's")


def test_elsewhere_the_system_has_nothing_of_the_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert system_protection() is None
    monkeypatch.setattr("sys.platform", "win32")
    assert system_protection() is None, "a Windows without its libraries"
