# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a glTF may be together, whatever each of its parts is.

What is listed again is made again: instances, accessors on the same bytes, images on the same bytes. The limits are
what Blender 4.2 and 5.2 can bear, measured on two cores; no generator comes near them. What is decoded is only counted
here, never made.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from ..pictures.header import measure
from .accessors import COMPONENT_BYTES, WIDTHS, Accessor
from .document import Flaw, Json, TooMuch, listed, members, objects, texture_slots, triangles

__all__ = ["Budget", "check_totals"]

T = TypeVar("T")

_MOST_TIMES: Final = 200
"""How many times its own size a file may unpack to; Draco manages some 30."""
_MOST_LOOKS: Final = 4
"""How many times the size of a file its parts may be together; those of a sane file do not overlap."""
_MOST_PIXELS: Final = 1 << 31
"""Of all textures: 128 of 4096 px, or 32 of 8192 px. Decoded together they take 8 GB."""
_MOST_GEOMETRY_BYTES: Final = 512 << 20
"""Unpacked; Blender needs 10 to 15 times as much for a while. 19 million triangles that share their vertices, or 5
million that do not."""
_MOST_JOINING_BYTES: Final = 100_000_000_000
"""Blender's importer copies all parts of a mesh again for each further one: some 10 GB in a second."""
_MOST_SEEN: Final = 50_000_000
"""Triangles, instances counted as often as they are seen: more takes a graphics card a second for each redraw."""
_MOST_OBJECTS: Final = 2_500
"""And meshes, together. Appending takes a window 0.07 s for 1,000, 0.65 s for 3,000 and 1.9 s for 5,000 of them."""
_MOST_MATERIALS: Final = 400
"""Appending takes a window 0.1 s for 300, 0.5 s for 500 and 1.5 s for 1,000."""
_MOST_NODES: Final = 20_000
_MOST_DEPTH: Final = 800
"""Blender's importer calls itself for each node that hangs from another; Python ends that at 1,000 calls."""
_MOST_JOINTS: Final = 5_000
"""The importer takes 1.8 s for 3,000 and 19 s for 10,000."""
_MOST_NUMBERS: Final = 10_000_000
"""Of the matrices of skins, which the importer goes through one by one: two million take a second, and 0.5 GB."""


class Budget:
    """What has been looked at and what would be unpacked, against the size of the file.

    :param size_bytes: gives that of the file, and of those beside it that it needs.
    """

    def __init__(self, size_bytes: Callable[[], int]) -> None:
        self._size_bytes = size_bytes
        self._looked_at_bytes = 0
        self._unpacked_bytes = 0
        self._results: dict[Any, Any] = {}

    def once(self, look: Callable[[], T], key: Hashable, *, cost_bytes: int) -> T:
        """What a look gives, which is taken once for each key.

        :raises TooMuch: it has been too many.
        """
        if key not in self._results:
            self._looked_at_bytes += cost_bytes
            if self._looked_at_bytes > _MOST_LOOKS * self._size_bytes():
                raise TooMuch("is damaged: its parts lie over each other")
            self._results[key] = look()
        return self._results[key]

    def unpack(self, accessor: Accessor) -> None:
        """Count what an accessor unpacks to.

        :raises TooMuch: all together are too large.
        """
        self._unpacked_bytes += accessor.unpacked_bytes
        if self._unpacked_bytes > _MOST_TIMES * self._size_bytes():
            raise TooMuch(f"is damaged: it would unpack to more than {_MOST_TIMES} times its size")


def check_totals(root: Json, picture: Callable[[Json], memoryview]) -> None:
    """Check that Blender can make everything that the nodes show, in time and in memory.

    :param root: whatever makes no sense in it counts as nothing.
    :param picture: gives the bytes of an image, or raises a flaw.
    :raises TooMuch: it is too much together.
    """
    nodes, meshes = objects(root.get("nodes")), objects(root.get("meshes"))
    accessors = [_size(entry) for entry in objects(root.get("accessors"))]
    _at_most(_MOST_NODES, "nodes", len(nodes))
    if (depth := _depth(nodes)) > _MOST_DEPTH:
        raise TooMuch(
            f"has {depth:,} nodes that hang from each other; Blender reads {_MOST_DEPTH}: ask for a simpler mesh"
        )
    made = dict[Hashable, int]()
    copies, seen, costs = 0, 0, [_cost(mesh, accessors) for mesh in meshes]
    for number, node in enumerate(nodes):
        mesh = node.get("mesh")
        if type(mesh) is not int or not 0 <= mesh < len(meshes):
            continue
        times = _times(node, accessors)
        copies += times
        seen += times * costs[mesh].triangles
        # Each node's weights can be others: then Blender makes its mesh anew.
        made[mesh, node.get("skin") if times == 1 else None, number if costs[mesh].is_morphed else None] = mesh
    _at_most(_MOST_OBJECTS, "objects and meshes", copies + len(made))
    _at_most(_MOST_MATERIALS, "materials", len({name for mesh in made.values() for name in costs[mesh].materials}))
    _at_most(_MOST_SEEN, "triangles", seen)
    if sum(costs[mesh].unpacked_bytes for mesh in made.values()) > _MOST_GEOMETRY_BYTES:
        raise TooMuch("takes more memory in Blender than most computers have: ask for fewer triangles")
    if sum(costs[mesh].joining_bytes for mesh in made.values()) > _MOST_JOINING_BYTES:
        raise TooMuch("has a mesh of too many parts for Blender to join: ask for fewer parts")
    _check_skins(root, accessors)
    _check_pixels(root, picture)


def _check_skins(root: Json, accessors: Sequence[_Size]) -> None:
    skins = objects(root.get("skins"))
    joints = {joint for skin in skins for joint in listed(skin, "joints") if type(joint) is int}
    _at_most(_MOST_JOINTS, "joints", len(joints))
    numbers = sum(_numbers(skin.get("inverseBindMatrices"), accessors) for skin in skins)
    _at_most(_MOST_NUMBERS, "numbers in its skins", numbers)


def _check_pixels(root: Json, picture: Callable[[Json], memoryview]) -> None:
    """Check what the images that materials use take together, each as often as it is listed."""
    textures, images = objects(root.get("textures")), objects(root.get("images"))
    sizes = dict[str, int]()
    pixels = 0
    for number in sorted(_used_images(root, textures)):
        image = images[number] if number < len(images) else {}
        place = str(image.get("uri", image.get("bufferView")))
        if place not in sizes:
            sizes[place] = _pixels(image, picture)
        pixels += sizes[place]
        if pixels > _MOST_PIXELS:
            raise TooMuch(f"has textures of more than {_MOST_PIXELS // 10**6:,} million pixels: ask for smaller ones")


def _used_images(root: Json, textures: Sequence[Json]) -> set[int]:
    """The images that materials refer to, whatever extension they do it by."""
    found = set[int]()
    for material in objects(root.get("materials")):
        for place, key in texture_slots(material):
            index = members(place[key]).get("index")
            texture = textures[index] if type(index) is int and 0 <= index < len(textures) else {}
            origins = [texture, *map(members, members(texture.get("extensions")).values())]
            found |= {number for origin in origins if type(number := origin.get("source")) is int and number >= 0}
    return found


def _pixels(image: Json, picture: Callable[[Json], memoryview]) -> int:
    """How many an image has; none where that cannot be read."""
    try:
        data = picture(image)
        found = measure(io.BytesIO(data), size_bytes=len(data))
    except (Flaw, ValueError):
        return 0
    return found.width_px * found.height_px if found else 0


def _at_most(most: int, what: str, count: int) -> None:
    if count > most:
        raise TooMuch(f"has {count:,} {what}; more than {most:,} would halt Blender: ask for a simpler mesh")


def _depth(nodes: Sequence[Json]) -> int:
    """How many nodes hang from each other, at most."""
    children = [[c for c in listed(node, "children") if type(c) is int and 0 <= c < len(nodes)] for node in nodes]
    inner = {child for own in children for child in own}
    level, depth, left = [number for number in range(len(nodes)) if number not in inner], 0, len(nodes)
    while level and left >= 0:  # never more than there are, whatever they hang from
        depth, left = depth + 1, left - len(level)
        level = [child for number in level for child in children[number]]
    return depth


def _times(node: Json, accessors: Sequence[_Size]) -> int:
    """How many objects a node with a mesh becomes."""
    instancing = members(members(node.get("extensions")).get("EXT_mesh_gpu_instancing"))
    places = [_at(index, accessors) for index in members(instancing.get("attributes")).values()]
    return max((found.count for found in places if found), default=1)


@dataclass(frozen=True, slots=True)
class _Cost:
    """What a mesh takes, each time that it is made."""

    triangles: int
    unpacked_bytes: int
    joining_bytes: int
    materials: frozenset[int]
    is_morphed: bool


def _cost(mesh: Json, accessors: Sequence[_Size]) -> _Cost:
    parts = objects(mesh.get("primitives"))
    unpacked_bytes = joining_bytes = faces = 0
    for part in parts:
        points = _at(members(part.get("attributes")).get("POSITION"), accessors)
        corners = _at(part.get("indices"), accessors) or points
        if points is None or corners is None:  # nothing is made of it
            continue
        targets = [index for target in listed(part, "targets") for index in members(target).values()]
        columns = [*members(part.get("attributes")).values(), part.get("indices"), *targets]
        unpacked_bytes += sum(found.unpacked_bytes for index in columns if (found := _at(index, accessors)))
        joining_bytes += unpacked_bytes
        faces += triangles(corners.count, part.get("mode", 4))
    materials = frozenset(number for part in parts if type(number := part.get("material")) is int)
    return _Cost(faces, unpacked_bytes, joining_bytes, materials, any(part.get("targets") for part in parts))


@dataclass(frozen=True, slots=True)
class _Size:
    """What an accessor unpacks to."""

    count: int
    numbers: int
    unpacked_bytes: int


def _size(accessor: Json) -> _Size:
    count, kind, component = (accessor.get(name) for name in ("count", "type", "componentType"))
    count = count if type(count) is int and count > 0 else 0
    width = WIDTHS.get(kind, 1) if isinstance(kind, str) else 1
    size = COMPONENT_BYTES.get(component, 4) if isinstance(component, int) else 4
    return _Size(count, count * width, count * width * size)


def _numbers(index: Any, accessors: Sequence[_Size]) -> int:
    """How many numbers an accessor has."""
    found = _at(index, accessors)
    return found.numbers if found else 0


def _at(index: Any, accessors: Sequence[_Size]) -> _Size | None:
    return accessors[index] if type(index) is int and 0 <= index < len(accessors) else None
