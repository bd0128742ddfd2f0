# SPDX-License-Identifier: GPL-3.0-or-later
"""A GLB is looked at before anybody imports it: container, JSON, and every number and picture that would be used.

A damaged or hostile file costs its own size in memory, 50 MB for its JSON at the most, and time in proportion.
Source: glTF 2.0 specification, "GLB File Format Specification".
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..errors import DownloadError
from ..pictures.header import Header, measure
from .accessors import Accessor, Beside, Layout, are_finite, largest, lay_out
from .document import (
    READABLE,
    Flaw,
    GltfInfo,
    Json,
    check_nodes,
    check_readable,
    check_references,
    count,
    entries,
    integer,
    members,
    parse,
    reference,
    triangles,
    used_images,
)
from .draft import Draft
from .limits import Budget, check_totals

__all__ = ["HEADER_BYTES", "inspect", "is_whole", "json_length", "load", "promises"]

MAGIC: Final = b"glTF"
HEADER_BYTES: Final = 20
"""The file's header and the JSON chunk's."""
_JSON_CHUNK: Final = 0x4E4F534A
_BINARY_CHUNK: Final = 0x004E4942
_MAX_JSON_BYTES: Final = 64 * 1024 * 1024
_MOST_CHUNKS: Final = 100
_MOST_TEXTURE_PX: Final = 1 << 28
"""16384 x 16384; beyond it the pixels alone take a gigabyte."""
_WIDTHS: Final = {"POSITION": 3, "NORMAL": 3, "TANGENT": 4, "TEXCOORD": 2, "JOINTS": 4, "WEIGHTS": 4}
"""How many numbers a point has of each attribute."""


def inspect(path: Path, *, name: str | None = None, readable: frozenset[str] = READABLE) -> GltfInfo:
    """Check that a file is a whole mesh, and say what it holds. Any thread; reads the whole file.

    :param path: a GLB, or a glTF in JSON with its files beside it.
    :param name: what to call the file in a sentence.
    :param readable: the glTF extensions that may be required.
    :raises DownloadError: it is no mesh, is damaged, or nothing that can be read; the sentence says which.
    """
    try:
        draft, size_bytes = _open(path, suffix=Path(name or path).suffix)
        return _check(draft.root, chunk=draft.chunk, beside=draft.beside, size=size_bytes, readable=readable)
    except Flaw as flaw:
        raise DownloadError(f"{name or path.name} {flaw}.") from None


def load(path: Path) -> Draft:
    """Read a glTF to be mended: a GLB, or JSON with its files beside it. Any thread.

    :raises Flaw: it is neither.
    :raises OSError: it cannot be read.
    """
    return _open(path, suffix=path.suffix)[0]


def _open(path: Path, *, suffix: str) -> tuple[Draft, int]:
    data = memoryview(path.read_bytes())
    if suffix.lower() == ".gltf":
        return Draft(parse(bytes(data)), chunk=None, beside=Beside(path.parent)), len(data)
    text, chunk = _split(data)
    return Draft(parse(bytes(text)), chunk=chunk, beside=Beside(None)), len(data)


def json_length(header: bytes) -> int:
    """How many bytes of JSON follow the first :data:`HEADER_BYTES`.

    :raises Flaw: the header is not that of a GLB 2.0.
    """
    if len(header) < HEADER_BYTES or header[:4] != MAGIC:
        raise Flaw("is not a GLB file")
    version, declared, length, kind = struct.unpack_from("<IIII", header, 4)
    if version != 2:
        raise Flaw(f"is a GLB of version {version}; only version 2 can be read")
    if kind != _JSON_CHUNK or length > declared - HEADER_BYTES or length > _MAX_JSON_BYTES:
        raise Flaw("is damaged: its first part is not glTF JSON")
    return length


def is_whole(path: Path) -> bool:
    """Whether a file is a GLB to its last byte, whatever is in it.

    :raises OSError: it cannot be read.
    """
    try:
        text, _ = _split(memoryview(path.read_bytes()))
        parse(bytes(text))
    except Flaw:
        return False
    return True


def promises(text: bytes) -> GltfInfo:
    """What a GLB will hold, by its JSON alone.

    :raises Flaw: it cannot be read.
    """
    return count(parse(text))


def _split(data: memoryview) -> tuple[memoryview, memoryview | None]:
    """Split it into the JSON and the binary chunk, if there is one. The container is whole to its last byte."""
    length = json_length(bytes(data[:HEADER_BYTES]))
    declared = struct.unpack_from("<I", data, 8)[0]
    if declared != len(data):
        raise Flaw(f"has {len(data)} bytes and its header says {declared}: it is not whole")
    chunk, position = None, HEADER_BYTES + length
    for number in range(_MOST_CHUNKS):
        if position == declared:
            return data[HEADER_BYTES : HEADER_BYTES + length], chunk
        if position + 8 > declared:
            break
        size, kind = struct.unpack_from("<II", data, position)
        position += 8 + size
        if position > declared:
            break
        if number == 0 and kind == _BINARY_CHUNK:
            chunk = data[position - size : position]
    raise Flaw("is damaged: its parts do not fill it")


def _check(root: Json, *, chunk: memoryview | None, beside: Beside, size: int, readable: frozenset[str]) -> GltfInfo:
    check_readable(root, readable)
    layout = lay_out(root, chunk=chunk, beside=beside)
    budget = Budget(size + beside.total_bytes)
    meshes = [entries(mesh, "primitives") for mesh in entries(root, "meshes")]
    found = [
        sum(_check_primitive(part, accessors=layout.accessors, budget=budget) for part in parts) for parts in meshes
    ]
    check_nodes(root, solid_meshes=frozenset(index for index, faces in enumerate(found) if faces))
    check_references(root)
    images = entries(root, "images")
    for index in sorted(used_images(root)):
        _check_picture(images[index], layout=layout, budget=budget)
    check_totals(root, layout.picture)
    return count(root)


def _check_primitive(primitive: Json, *, accessors: Sequence[Accessor], budget: Budget) -> int:
    """Check a primitive; gives how many triangles it has."""
    attributes = members(primitive.get("attributes"))
    columns = {name: accessors[reference(attributes, name, accessors)] for name in attributes}
    points = columns.get("POSITION")
    if points is None:  # nothing is drawn
        return 0
    for name, column in columns.items():
        if column.count != points.count or column.width != _WIDTHS.get(name.partition("_")[0], column.width):
            raise Flaw("is damaged: the points of a mesh do not belong together")
        budget.unpack(column)
    if not budget.once(lambda: are_finite(points), ("finite", points.place), cost_bytes=points.stored_bytes):
        raise Flaw("is damaged: some of its points are not numbers")
    corners = points.count
    if "indices" in primitive:
        indices = accessors[reference(primitive, "indices", accessors)]
        budget.unpack(indices)
        _check_indices(indices, points=points, budget=budget)
        corners = indices.count
    return triangles(corners, integer(primitive, "mode", 4))


def _check_indices(indices: Accessor, *, points: Accessor, budget: Budget) -> None:
    if indices.width != 1 or not indices.is_unsigned:
        raise Flaw("is damaged: the corners of a mesh are not whole numbers")
    last = budget.once(lambda: largest(indices), ("largest", indices.place), cost_bytes=indices.stored_bytes)
    if last is not None and last >= points.count:
        raise Flaw(f"is damaged: a mesh of {points.count} points names point {last}")


def _check_picture(image: Json, *, layout: Layout, budget: Budget) -> None:
    def look() -> Header | None:
        data = layout.picture(image)
        return measure(io.BytesIO(data), size_bytes=len(data))

    place = image.get("uri", image.get("bufferView"))
    view = layout.views[reference(image, "bufferView", layout.views)] if "uri" not in image else None
    try:
        found = budget.once(look, ("picture", str(place)), cost_bytes=view.length if view else 0)
    except ValueError:
        raise Flaw("is damaged: one of its textures is cut short or unreadable") from None
    if found is None:
        raise Flaw("is damaged: one of its textures is no PNG, JPEG or WebP picture")
    if not 0 < found.width_px * found.height_px <= _MOST_TEXTURE_PX:
        raise Flaw(f"has a texture of {found.width_px} x {found.height_px} pixels, which is more than can be used")
