# SPDX-License-Identifier: GPL-3.0-or-later
"""A converted mesh that is not shown yet: its textures are made ready one at a time. Main thread only.

The redraw that first shows a mesh's textures decodes them and hands them to the graphics card, all at once. Between
two steps here the artist may undo, load a file or quit: only ids are kept, and what is gone is appended anew.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import Any, cast

import bpy

from ..scene.arrival import Arrival
from .append import append
from .converted import Converted
from .datablocks import datablocks, ids_of, ids_of_all, of_type

__all__ = ["Stage", "Taken"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Taken:
    """A mesh that is in no scene yet, to be used at once."""

    arrival: Arrival
    ids: frozenset[int]
    """Of everything that came in with it."""


@dataclass(frozen=True)
class _Staged:
    converted: Converted
    ids: frozenset[int]
    """Of everything that came in."""
    parts: tuple[int, ...]
    """Ids of the collection and of its objects, the root first: their names may change meanwhile."""
    images: tuple[int, ...]
    """Ids of those that are not ready yet."""

    def blocks(self) -> dict[int, bpy.types.ID]:
        """What is there of it, by id."""
        return {block.session_uid: block for block in datablocks() if block.session_uid in self.ids}


class Stage:
    """Holds one mesh at a time."""

    def __init__(self) -> None:
        self._staged: _Staged | None = None

    def advance(self, converted: Converted) -> bool:
        """Append a mesh, or make its next texture ready; says whether nothing is left to do.

        The context has to be a window's: that is where the graphics card is.

        :raises OSError: the .blend is gone or cannot be read.
        """
        staged = self._staged
        if staged is None or staged.converted != converted or not _is_whole(staged):
            self.drop()
            self._staged = staged = _append(converted)
        elif staged.images:
            _make_ready(next(image for image in bpy.data.images if image.session_uid == staged.images[0]))
            self._staged = staged = replace(staged, images=staged.images[1:])
        return not staged.images

    def take(self, converted: Converted) -> Taken | None:
        """Give the mesh away, for the caller to link; ``None`` when it is not, or no longer, there."""
        staged, self._staged = self._staged, None
        if staged is None or staged.converted != converted or not _is_whole(staged):
            return None
        blocks = staged.blocks()
        collection, *objects = (cast("Any", blocks[part]) for part in staged.parts)
        return Taken(converted.arrival.named_after(collection, objects), staged.ids)

    def drop(self) -> None:
        """Remove what is staged: nobody wants it any more."""
        staged, self._staged = self._staged, None
        if staged is not None:
            bpy.data.batch_remove(list(staged.blocks().values()))


def _append(converted: Converted) -> _Staged:
    """:raises OSError: it cannot be read."""
    before = ids_of_all()
    arrival = append(converted)
    new = datablocks(other_than=before)
    return _Staged(
        converted,
        ids=ids_of(new),
        parts=tuple(block.session_uid for block in (arrival.collection, *arrival.objects)),
        images=tuple(sorted(ids_of(of_type(new, bpy.types.Image)))),
    )


def _is_whole(staged: _Staged) -> bool:
    return len(staged.blocks()) == len(staged.ids)


def _make_ready(image: bpy.types.Image) -> None:
    """Decode a texture and hand it to the graphics card."""
    try:
        image.gl_load()
    except RuntimeError as error:  # it is tried again when it is drawn
        log.warning("the texture %s could not be made ready: %s", image.name, error)
