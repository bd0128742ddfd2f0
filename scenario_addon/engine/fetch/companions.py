# SPDX-License-Identifier: GPL-3.0-or-later
"""The files that a mesh in text refers to, beside it or in folders below, and never anywhere else."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ..errors import DownloadError
from ..files import replace
from ..gltf.beside import name_of, path_inside
from ..gltf.document import Flaw, objects, parse
from ..names import safe_name, token
from ..values import ResultAsset

__all__ = ["fetch_beside", "put_in_place"]

log = logging.getLogger(__name__)

_DEEPEST: Final = 8
"""Folders in each other; what lies deeper goes beside the mesh."""


def fetch_beside(
    companions: Sequence[ResultAsset], folder: Path, *, receive: Callable[[ResultAsset, Path], None]
) -> None:
    """Download what has not come yet, each file to where its name says.

    :param receive: downloads a file to a place.
    :raises OSError: a place cannot be written, or leads out of the folder.
    """
    for companion, place in _places(companions):
        target = folder / place
        if target.exists():  # the folder is this job's own: an earlier attempt got it
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.parent.resolve().is_relative_to(folder.resolve()):
            raise OSError(f"{target.parent} leads elsewhere")
        part = folder / f"{token(companion.id)}.part"
        try:
            receive(companion, part)
        except DownloadError as error:  # a mesh without one of its textures is better than none
            log.warning("%s: %s", place, error.user_message)
        else:
            replace(part, target)


def _places(companions: Sequence[ResultAsset]) -> Iterator[tuple[ResultAsset, PurePosixPath]]:
    """Give each its own place; of two with one name the first is the one that is referred to."""
    taken: set[str] = set()
    for companion in companions:
        parts = [part for part in re.split(r"[/\\]", companion.file_name or "") if part.strip(" .")]
        if not parts:
            continue
        is_inside = path_inside(companion.file_name or "") is not None and len(parts) <= _DEEPEST
        wanted = PurePosixPath(*map(safe_name, parts if is_inside else parts[-1:]))
        place, number = wanted, 1
        while str(place).casefold() in taken:
            number += 1
            place = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        taken.add(str(place).casefold())
        yield companion, place


def put_in_place(gltf: Path, folder: Path) -> None:
    """Copy what a glTF looks for in a folder and what came beside it: names may be all that the service keeps.

    :param gltf: in JSON.
    :raises OSError: it cannot be read.
    """
    with suppress(Flaw):  # then there is nothing to be looked for
        root = parse(gltf.read_bytes())
        for entry in (entry for kind in ("buffers", "images") for entry in objects(root.get(kind))):
            _put(entry.get("uri"), folder)


def _put(uri: Any, folder: Path) -> None:
    place, name = (path_inside(uri), name_of(uri)) if isinstance(uri, str) else (None, None)
    if place is None or name is None or "/" not in place:
        return
    target, source = folder / place, folder / safe_name(name)
    if target.exists() or not source.is_file():
        return
    with suppress(OSError):  # then it is missing
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent.resolve().is_relative_to(folder.resolve()):
            shutil.copyfile(source, target)
