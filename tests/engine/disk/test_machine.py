# SPDX-License-Identifier: GPL-3.0-or-later
"""Which machine this is, as each system tells it: by doubles, but for the one at hand."""

from __future__ import annotations

import ctypes
import platform
import sys
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from scenario_addon.engine.disk.machine import Machine, this_machine


@pytest.fixture(autouse=True)
def named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many machines have the same name."""
    monkeypatch.setattr(platform, "node", lambda: "localhost")


def on_macos(monkeypatch: pytest.MonkeyPatch, uuid: bytes, *, code: int = 0) -> Machine:
    def tell(found: Any, patience: Any) -> int:
        found[:] = list(uuid)
        return code

    with monkeypatch.context() as mac:
        mac.setattr(sys, "platform", "darwin")
        mac.setattr(ctypes, "CDLL", lambda name: SimpleNamespace(gethostuuid=tell))
        return this_machine()


def on_windows(monkeypatch: pytest.MonkeyPatch, registry: Any) -> Machine:
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        windows.setitem(sys.modules, "winreg", registry)
        return this_machine()


def registry_of(guid: str) -> Any:
    return SimpleNamespace(
        HKEY_LOCAL_MACHINE=1,
        OpenKey=lambda key, name: nullcontext(name),
        QueryValueEx=lambda key, name: (guid if name == "MachineGuid" else "", 1),
    )


def test_it_is_the_same_one_each_time() -> None:
    one = this_machine()
    assert one == this_machine()
    assert (one.id.isalnum(), one.name) == (True, "localhost")


def test_macs_of_one_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = on_macos(monkeypatch, b"1" * 16), on_macos(monkeypatch, b"2" * 16)
    assert one.id != other.id
    assert one == on_macos(monkeypatch, b"1" * 16)


def test_windows_machines_of_one_name_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = on_windows(monkeypatch, registry_of("a-b")), on_windows(monkeypatch, registry_of("c-d"))
    assert one.id != other.id


def test_where_the_system_tells_nothing_the_name_has_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(key: int, name: str) -> None:
        raise PermissionError

    silent = on_macos(monkeypatch, b"1" * 16, code=1)
    assert silent == on_windows(monkeypatch, SimpleNamespace(HKEY_LOCAL_MACHINE=1, OpenKey=refuse))
    monkeypatch.setattr(platform, "node", lambda: "other")
    assert silent.id != on_macos(monkeypatch, b"1" * 16, code=1).id
