# SPDX-License-Identifier: GPL-3.0-or-later
"""Which file systems a ledger may be on: any local one, and those of a network that keep what they are given.

On a network two machines see each other's locks late, or not at all, and each has its own memory of a file. What is
safe is a ledger that one machine uses at a time, where what was written is at the server once that has said so. Some
only look like file systems: they send files on when it suits them, or cannot put one in place of another.
"""

from __future__ import annotations

import enum
import os
import sys
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Final

from . import mounts

__all__ = ["FileSystem", "Trust", "file_system"]


class Trust(enum.Enum):
    """Who may have a ledger there."""

    LOCAL = "any number of processes of this machine"
    ONE_MACHINE = "one machine at a time"
    NONE = "nobody"


@dataclass(frozen=True, slots=True)
class FileSystem:
    """:param kind: as the system calls it; ``""`` where that is not known.

    :param source: the server and what of it, or the device.
    """

    kind: str
    source: str
    trust: Trust

    def __str__(self) -> str:
        if self.trust is Trust.LOCAL:
            return f"a local disk ({self.kind})" if self.kind else "a local disk"
        return f"a network disk ({', '.join(word for word in (self.kind, self.source) if word)})"


def _kinds(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOCAL: Final = FileSystem("", "", Trust.LOCAL)
_SHARED: Final = _kinds(
    "9p acfs afpfs afs beegfs beegfs_nodev ceph cifs coda cvfs exa fhgfs fuse.beegfs-fuse fuse.ceph fuse.ceph-fuse "
    "fuse.glusterfs fuse.juicefs fuse.lizardfs fuse.moosefs fuse.mfs fuse.vmhgfs-fuse gfs gfs2 glusterfs gpfs lustre "
    "mmfs ncpfs nfs nfs3 nfs4 ocfs2 orangefs panfs prl_fs pvfs pvfs2 quobyte smb smb2 smb3 smbfs stornext vboxsf "
    "virtiofs vmhgfs wekafs"
)
_UNSAFE: Final = _kinds(
    "sshfs davfs davfs2 webdav webdavfs curlftpfs ftp ftpfs s3fs s3ql s3backer goofys geesefs mountpoint-s3 gcsfuse "
    "blobfuse blobfuse2 rclone gvfsd-fuse kio-fuse google-drive-ocamlfuse onedriver acd_cli hubicfuse cvmfs2 ipfs "
    "httpdirfs simple-mtpfs jmtpfs aft-mtp-mount"
)
"""By the last part of ``fuse.sshfs`` or the whole name."""
_LOCAL_FUSE: Final = _kinds(
    "fuseblk ntfs ntfs-3g exfat bindfs mergerfs mhddfs unionfs fuse-overlayfs overlayfs gocryptfs encfs cryfs ecryptfs "
    "securefs veracrypt lxcfs zfs apfs ext2 fuse-ext2 squashfuse portal snapfuse"
)
_FUSE: Final = ("fuse", "macfuse", "osxfuse", "fuse-t")


def file_system(folder: Path) -> FileSystem:
    """Find out what a folder is on, also one that is not there yet."""
    path = Path(os.path.realpath(folder))  # resolve() would raise where links go round in circles
    if sys.platform == "win32":
        return of_drive(str(path), is_remote=mounts.is_remote_drive(path.anchor))
    mount = mounts.mount_of(path, mounts.table())
    return of_mount(mount) if mount is not None else _LOCAL


def of_mount(mount: mounts.Mount) -> FileSystem:
    """Decide by what is mounted."""
    kind = mount.kind.lower()
    name = kind.removeprefix("fuse.")
    return FileSystem(mount.kind, mount.source, _trust(mount, kind, name))


def _trust(mount: mounts.Mount, kind: str, name: str) -> Trust:
    if mount.is_local:
        return Trust.LOCAL
    if name in _UNSAFE or (kind in _FUSE and _is_unsafe_fuse(mount.source.lower())):
        return Trust.NONE
    if kind in _SHARED or mount.is_local is False or _names_a_server(mount.source):
        return Trust.ONE_MACHINE
    if kind in _FUSE and mount.source.startswith("/"):  # another view of a folder or a device of this machine
        return Trust.LOCAL
    is_fuse = kind != name or kind in _FUSE
    return Trust.ONE_MACHINE if is_fuse and name not in _LOCAL_FUSE else Trust.LOCAL


def _is_unsafe_fuse(source: str) -> bool:
    """Whether a kind that says nothing hides one of those: ``sshfs#somebody@server:``, ``somebody@server:/home``."""
    return source.partition("#")[0] in _UNSAFE or "@" in source.partition(":")[0]


def _names_a_server(source: str) -> bool:
    host, colon, rest = source.partition(":")
    return source.startswith(("//", "\\\\")) or bool(colon and host and "/" not in host and rest.startswith("/"))


def of_drive(path: str, *, is_remote: bool) -> FileSystem:
    """Decide by what Windows says of a drive."""
    share = PureWindowsPath(path).drive.removeprefix("\\\\?\\UNC\\")
    if not is_remote:
        return _LOCAL
    is_web = "davwwwroot" in path.lower() or "@ssl" in share.lower()
    return FileSystem("WebDAV" if is_web else "SMB", share, Trust.NONE if is_web else Trust.ONE_MACHINE)
