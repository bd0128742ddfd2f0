# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh file that is there already, brought to where it is wanted now, under the name that it is wanted by.

Files are read and copied: any thread but the one that draws.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

from ..errors import DiskError
from ..files import create, discard, is_same_place, publish, remove
from ..ledger.job import Job
from ..names import fitting_name, numbered, token
from ..values import MeshFile, Order

__all__ = ["blend_beside", "brought", "preview_beside"]


def _is_in_place(file: MeshFile, job: Job, order: Order) -> bool:
    """Whether a job's file is where an order wants it, under its name or a numbered one."""
    folder = file.path.parent
    if _has_folder(file, job):
        folder = folder.parent
    return is_same_place(folder, order.folder) and _is_called(file.path.stem, order)


def blend_beside(file: MeshFile, job: Job, order: Order) -> Path:
    """Where the .blend of a job's file goes that was brought to where an order wants it; it may be taken."""
    return _beside(file, job, order, ".blend")


def preview_beside(file: MeshFile, job: Job, order: Order) -> Path:
    """The same for its preview, whose name is none that a picture has from which a mesh is made."""
    return _beside(file, job, order, "-preview.png")


def _beside(file: MeshFile, job: Job, order: Order, ending: str) -> Path:
    folder = file.path.parent
    if _has_folder(file, job):
        return folder.with_name(f"{file.path.stem}{ending}")
    if is_same_place(folder, order.folder):
        return file.path.with_name(f"{file.path.stem}{ending}")
    return folder.with_name(f"{folder.name}{ending}")


def _has_folder(file: MeshFile, job: Job) -> bool:
    """Whether it is in a folder of its own, for the files that it refers to."""
    return file.path.parent.name.endswith(f"-{token(job.id)}")


def _is_called(stem: str, order: Order) -> bool:
    try:
        wanted = fitting_name(order.name, order.folder)
    except ValueError:
        return False
    if stem == wanted:
        return order.number == 1
    number = stem.removeprefix(f"{wanted}-")
    return number != stem and number.isdigit() and int(number) >= order.number


def brought(job: Job, order: Order) -> tuple[MeshFile, bool]:
    """Bring the file of a job that is done where an order wants it; copied unless it is there.

    :return: the file, and whether it had to be copied.
    :raises DiskError: it cannot be read or written there.
    """
    file = job.file
    assert file is not None
    first, is_copied = _brought(replace(file, more=()), job, order)
    others = [_brought(_at(first, path), job, order)[0].path for path in file.more if path.exists()]
    return replace(first, more=tuple(others)), is_copied


def _brought(file: MeshFile, job: Job, order: Order) -> tuple[MeshFile, bool]:
    """Bring one file there, as :func:`brought` does."""
    if _is_in_place(file, job, order):
        return file, False
    try:
        order.folder.mkdir(parents=True, exist_ok=True)
        name = f"{fitting_name(order.name, order.folder)}{file.path.suffix}"
        for candidate in _taken(order.folder / name, file, job, first=order.number):
            if candidate.is_file() and filecmp.cmp(candidate, file.path, shallow=False):
                return _at(file, candidate), False
        return _at(file, _copied(file, job, order.folder / name, first=order.number)), True
    except (OSError, ValueError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise DiskError(f"{file.path} cannot be copied to {order.folder} ({reason}): choose another folder.") from error


def _taken(target: Path, file: MeshFile, job: Job, *, first: int) -> Iterator[Path]:
    """What there is where a copy would go, of this file or of any other."""
    if not _has_folder(file, job):
        return takewhile(Path.exists, numbered(target, first=first))
    folders = takewhile(Path.exists, numbered(target.with_suffix(""), first=first))
    return (folder / file.path.name for folder in folders)


def _at(file: MeshFile, path: Path) -> MeshFile:
    return replace(file, path=path)


def _copied(file: MeshFile, job: Job, target: Path, *, first: int) -> Path:
    """Copy a file, and those that it refers to.

    :raises OSError: it cannot be read or written.
    """
    if _has_folder(file, job):
        folder = next(path for path in numbered(target.with_suffix(""), first=first) if not path.exists())
        shutil.copytree(file.path.parent, folder)
        return folder / file.path.name
    part = target.with_name(f"{token(f'{job.id} {target} {first}')}.part")
    try:
        remove(part)
        with file.path.open("rb") as source, create(part) as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        return publish(part, numbered(target, first=first))
    finally:
        discard(part)
