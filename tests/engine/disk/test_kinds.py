# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file systems a ledger may be on."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenario_addon.engine.disk.kinds import Trust, file_system, of_drive, of_mount
from scenario_addon.engine.disk.mounts import Mount
from tests.engine.network_disk import ON_LINUX, mounted


def trust(kind: str, source: str = "x", *, is_local: bool | None = None) -> Trust:
    return of_mount(Mount("/", kind, source, is_local)).trust


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "fuseblk", "fuse.mergerfs", "vfat", "apfs", "autofs"]
)
def test_what_is_on_this_machine_is_local(kind: str) -> None:
    assert trust(kind, "/dev/sda1") is Trust.LOCAL


@pytest.mark.parametrize(
    "kind",
    ("nfs", "nfs4", "NFS", "cifs", "smb3", "smbfs", "9p", "afs", "lustre", "gpfs", "beegfs", "ceph", "glusterfs"),
)
def test_a_network_disk_is_for_one_machine_at_a_time(kind: str) -> None:
    assert trust(kind) is Trust.ONE_MACHINE


@pytest.mark.parametrize(
    "kind", ["fuse.sshfs", "fuse.rclone", "davfs", "webdav", "fuse.s3fs", "fuse.gcsfuse", "fuse.gvfsd-fuse"]
)
def test_what_sends_files_on_when_it_suits_it_is_for_no_ledger(kind: str) -> None:
    assert trust(kind) is Trust.NONE


@pytest.mark.parametrize("source", ["sshfs#ann@box:", "ann@box:/srv"])
def test_a_kind_that_says_nothing_is_known_by_its_source(source: str) -> None:
    assert trust("fuse", source) is Trust.NONE
    assert trust("macfuse", source, is_local=False) is Trust.NONE


@pytest.mark.parametrize("kind", ["fuse.ceph", "fuse.glusterfs", "virtiofs", "vboxsf", "ocfs2", "afpfs", "fuse.newer"])
def test_so_is_what_looks_like_one(kind: str) -> None:
    assert trust(kind) is Trust.ONE_MACHINE


def test_another_view_of_a_local_folder_is_local() -> None:
    assert trust("fuse", "/home/ann") is Trust.LOCAL  # as bindfs says it
    assert trust("fuse", "//nas/home") is trust("fuse", "cloud") is Trust.ONE_MACHINE


@pytest.mark.parametrize("source", ["files:/export", "//nas/share", "10.0.0.2:/export"])
def test_a_kind_that_nobody_knows_is_on_a_network_where_it_names_a_server(source: str) -> None:
    assert trust("newfs", source) is Trust.ONE_MACHINE
    assert trust("newfs", "pool/home") is Trust.LOCAL


def test_what_the_system_says_itself_counts() -> None:
    assert trust("newfs", is_local=False) is Trust.ONE_MACHINE
    assert trust("macfuse", is_local=True) is Trust.LOCAL


@pytest.mark.parametrize(
    ("path", "is_remote", "expected"),
    [
        (r"C:\Users\ann\AppData", False, Trust.LOCAL),
        (r"H:\state", True, Trust.ONE_MACHINE),
        (r"\\nas\home\state", True, Trust.ONE_MACHINE),
        (r"\\dav.example@SSL\DavWWWRoot\state", True, Trust.NONE),
    ],
)
def test_windows_says_which_drives_are_elsewhere(path: str, is_remote: bool, expected: Trust) -> None:
    assert of_drive(path, is_remote=is_remote).trust is expected


def test_it_is_told_with_its_server() -> None:
    assert str(of_mount(Mount("/home", "nfs4", "files:/home"))) == "a network disk (nfs4, files:/home)"
    assert str(of_mount(Mount("/", "ext4", "/dev/sda1"))) == "a local disk (ext4)"
    assert str(of_drive(r"\\nas\home\x", is_remote=True)) == r"a network disk (SMB, \\nas\home)"


@ON_LINUX
def test_a_link_leads_to_where_a_folder_really_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = mounted(monkeypatch, tmp_path / "on the net ü")
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    assert file_system(tmp_path / "link" / "not there yet").kind == "nfs4"
    assert file_system(tmp_path).trust is Trust.LOCAL


@ON_LINUX
def test_where_nothing_is_known_a_disk_is_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted(monkeypatch, tmp_path / "a").with_name("a.mountinfo").write_text("")
    assert str(file_system(tmp_path)) == "a local disk"
