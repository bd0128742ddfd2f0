# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of what is mounted, as systems write them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from scenario_addon.engine.disk import mounts
from scenario_addon.engine.disk.mounts import Mount, is_remote_drive, mount_of, read_mount_output, read_mountinfo, table

LINUX: Final = r"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
40 27 0:35 / /home rw shared:9 - autofs systemd-1 rw,fd=52
41 40 0:51 / /home rw shared:10 master:2 - nfs4 files:/export/home rw,vers=4.2,addr=10.0.0.2
42 41 0:52 / /home/ann/my\040share rw - cifs //nas/m\303\244dels rw,vers=3.1.1
43 27 0:60 /deep /media rw,propagation=abc - fuse.sshfs ann@box:/srv rw
nonsense
44 27
"""
MAC: Final = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//ann@nas/models on /Volumes/models (old) (smbfs, nodev, nosuid, mounted by ann)
files:/export/home on /Users/ann/net (nfs)
"""


@pytest.mark.parametrize(
    ("path", "kind", "source"),
    [
        ("/home/ann/.local", "nfs4", "files:/export/home"),
        ("/home", "nfs4", "files:/export/home"),
        ("/home/ann/my share/x", "cifs", "//nas/mädels"),
        ("/home/ann/my shared", "nfs4", "files:/export/home"),
        ("/homely", "ext4", "/dev/sda1"),
        ("/", "ext4", "/dev/sda1"),
        ("/proc/self", "proc", "proc"),
        ("/media/a", "fuse.sshfs", "ann@box:/srv"),
    ],
)
def test_a_path_is_on_the_mount_that_is_nearest_above_it(path: str, kind: str, source: str) -> None:
    found = mount_of(Path(path), read_mountinfo(LINUX))
    assert found is not None
    assert (found.kind, found.source) == (kind, source)


def test_lines_that_make_no_sense_are_no_mounts() -> None:
    assert len(read_mountinfo(LINUX)) == 6
    assert read_mount_output("what?\n\n/dev/x on /\n") == []


def test_a_table_without_mounts_above_a_path_says_nothing() -> None:
    assert mount_of(Path("/home"), read_mountinfo("40 27 0:35 / /srv rw - ext4 /dev/sdb1 rw")) is None


def test_macos_says_itself_what_is_local() -> None:
    found = read_mount_output(MAC)
    assert found[0] == Mount("/", "apfs", "/dev/disk3s1s1", is_local=True)
    assert found[3] == Mount("/Volumes/models (old)", "smbfs", "//ann@nas/models", is_local=False)
    assert found[4] == Mount("/Users/ann/net", "nfs", "files:/export/home", is_local=False)
    assert len(found) == 5


def test_macos_is_asked_by_its_own_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> SimpleNamespace:
        assert command == ["/sbin/mount"]
        return SimpleNamespace(stdout=MAC.encode())

    with monkeypatch.context() as mac:
        mac.setattr(sys, "platform", "darwin")
        mac.setattr(subprocess, "run", run)
        found = table()
    assert [mount.kind for mount in found] == ["apfs", "devfs", "autofs", "smbfs", "nfs"]


@pytest.mark.parametrize(("kind", "is_remote"), [(2, False), (3, False), (4, True)])
def test_windows_is_asked_what_a_drive_is(monkeypatch: pytest.MonkeyPatch, kind: int, is_remote: bool) -> None:
    kernel = SimpleNamespace(GetDriveTypeW=lambda root: kind if root == "H:\\" else 1)
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        windows.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
        assert is_remote_drive("H:\\") is is_remote


def test_a_system_without_a_table_has_no_mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(mounts, "MOUNTINFO", tmp_path / "nothing")
    assert list(table()) == []
