# SPDX-License-Identifier: GPL-3.0-or-later
"""What an older version kept in the extension's own folder, brought to where it lives now, once.

Blender removes the extension's folder together with the extension, and a ledger and meshes that are paid for must not
go with it. Any thread that may wait for the disk.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..disk.lease import held
from ..errors import DiskError
from ..files import discard, make_private_folder, remove
from ..files import replace as rename
from ..locks import Owner, exclusive
from ..names import token
from ..values import MeshFile, Order, PictureInput
from .backups import Backups
from .job import Job
from .repair import open_ledger, take_over

__all__ = ["move_in"]

log = logging.getLogger(__name__)

_LEDGER: Final = "ledger.sqlite3"
_FOLDERS: Final[Mapping[str, str]] = {"files": "meshes", "pictures": "pictures"}
"""What has files that jobs refer to, and what it is called now."""


def move_in(old: Path, new: Path) -> str | None:
    """Bring the ledger, the meshes and the pictures in use from ``old`` to ``new``.

    Can be cut short anywhere and begins again the next time; does nothing while a process of an older version is alive.

    :return: what the user has to know; ``None`` when there was nothing to do.
    :raises DiskError: it cannot be done.
    :raises ConfigError: the ledger cannot be in ``new``, or another machine uses it.
    """
    if old == new or not (old / _LEDGER).exists():
        return None
    try:
        make_private_folder(new)
        with held(new), exclusive(new / "moving.lock"):
            if not (old / _LEDGER).exists() or _is_in_use(old):
                return None
            moved = dict(_moved_files(old, new))
            _take_over(old, new, moved)
            rename(old / _LEDGER, _aside(old))
    except OSError as error:
        reason = error.strerror or error
        raise DiskError(
            f"The jobs in {old} cannot be moved to {new} ({reason}): close other Blenders and check the disk's space."
        ) from error
    return f"Jobs and meshes of an earlier version were moved to {new}: they stay when the extension is removed."


def _is_in_use(old: Path) -> bool:
    """Whether a Blender with the older version is running."""
    owners = old / "owners"
    if not owners.is_dir():
        return False
    me = Owner(owners)
    try:
        return not me.is_alone()
    finally:
        me.release()


def _moved_files(old: Path, new: Path) -> Iterator[tuple[Path, Path]]:
    """Move each file; give where it was and is, also of those that an earlier attempt has moved.

    :raises OSError: it cannot be done.
    """
    for former, present in _FOLDERS.items():
        make_private_folder(new / present)
        for path in sorted((old / former).rglob("*"), reverse=True):
            if path.is_file():
                target = new / present / path.relative_to(old / former)
                if target.exists():  # somebody else's
                    target = target.with_name(f"{target.stem}-{token(str(path))}{target.suffix}")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, target)
                yield path, target
            else:
                with suppress(OSError):
                    path.rmdir()


def _take_over(old: Path, new: Path, moved: Mapping[Path, Path]) -> None:
    """Write the older ledger's rows into the one of today, with where their files are now.

    :raises DiskError: that cannot be written.
    """
    copy = new / "moving.sqlite3"
    remove(copy)
    try:
        with closing(sqlite3.connect(old / _LEDGER)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        open_ledger(copy, Backups(new / "none"))[0].close()  # which brings it up to date
        db, _ = open_ledger(new / _LEDGER, Backups(new / "backups"))
        with closing(db), closing(sqlite3.connect(copy)) as elder:
            take_over(elder, db, change=lambda job: _moved_job(job, old=old, new=new, moved=moved))
    finally:
        for path in new.glob("moving*.sqlite3*"):
            discard(path)


def _moved_job(job: Job, *, old: Path, new: Path, moved: Mapping[Path, Path]) -> Job:
    def place(path: Path) -> Path:
        if path in moved:
            return moved[path]
        for former, present in _FOLDERS.items():
            with suppress(ValueError):
                target = new / present / path.relative_to(old / former)
                return path if path.exists() else target
        return path

    def file(made: MeshFile | None) -> MeshFile | None:
        return replace(made, path=place(made.path), more=tuple(map(place, made.more))) if made else None

    def picture(entry: PictureInput) -> PictureInput:
        return replace(entry, images=tuple(replace(image, path=place(image.path)) for image in entry.images))

    order: Order = replace(
        job.order,
        folder=new / "meshes" if job.order.folder == old / "files" else job.order.folder,
        pictures=tuple(picture(entry) for entry in job.order.pictures),
    )
    blend = place(job.blend) if job.blend else None
    return replace(job, order=order, file=file(job.file), blend=blend)


def _aside(old: Path) -> Path:
    """A name that says that what is in it lives elsewhere."""
    number = 1
    while (path := old / f"ledger.moved-{number}.sqlite3").exists():
        number += 1
    return path
