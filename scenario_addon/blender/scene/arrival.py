# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a mesh that has come in. Main thread only, where it looks at the open file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import bpy

from .bounds import Triple

__all__ = ["Arrival"]


@dataclass(frozen=True)
class Arrival:
    """A mesh that has come in, by name: a reference to a live datablock would survive neither undo nor a pipe."""

    collection_name: str
    """Its own; holds all of its objects."""
    object_names: tuple[str, ...]
    """The root comes first: the main mesh, which everything else hangs on. It is neither turned nor scaled, unless the
    mesh is rigged."""
    low: Triple
    """Lowest corner of all that is seen, in the root's local space, metres."""
    high: Triple
    triangles: int
    """Of what is seen."""
    textures: int = 0
    is_rigged: bool = False
    """Vertices must not be moved: the root is the armature or the outermost object and keeps its turn and scale."""
    flaws: tuple[str, ...] = ()
    """What the file had and the scene has not, as phrases: "without its texture base.png, which is missing"."""
    cleaned: str = ""
    """What was found and done when it was cleaned: "watertight, 2 loose pieces removed"."""
    where: str = ""
    """Where it stands, if that needs to be said: "beside Cube", "inside Cube"."""
    told: str = ""
    """What is not as it was to be, as sentences: that what it was to take the place of is gone."""
    report: str = ""
    """What was done instead, where no mesh of its own came in, as a sentence: "UV map 'Unwrap' added"."""

    @property
    def root_name(self) -> str:
        return self.object_names[0]

    @property
    def collection(self) -> bpy.types.Collection:
        """:raises KeyError: it is not in the open file."""
        return _own(bpy.data.collections, self.collection_name)

    @property
    def root(self) -> bpy.types.Object:
        """:raises KeyError: it is not in the open file."""
        return _own(bpy.data.objects, self.root_name)

    @property
    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The root comes first.

        :raises KeyError: one is not in the open file.
        """
        collections: Any = bpy.data.collections
        home = collections.get((self.collection_name, None))
        near = {obj.name: obj for obj in home.all_objects if obj.library is None} if home else {}
        return tuple(near[name] if name in near else _own(bpy.data.objects, name) for name in self.object_names)

    def named_after(self, collection: bpy.types.Collection, objects: Iterable[bpy.types.Object]) -> Self:
        """Give the same mesh under the names that its datablocks have now: others may have had theirs."""
        return replace(self, collection_name=collection.name, object_names=tuple(obj.name for obj in objects))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_json` of the same version wrote."""
        return cls(**{**data, **{key: tuple(data[key]) for key in ("object_names", "low", "high", "flaws")}})


def _own(blocks: Any, name: str) -> Any:
    """Find a datablock of the open file itself; a linked one may have the same name."""
    return blocks[name, None]
