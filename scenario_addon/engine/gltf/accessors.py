# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the numbers and pictures of a glTF lie, each inside what holds it, and whether the numbers can be used.

An accessor reads a bufferView, a bufferView is a part of a buffer, and a buffer is the binary chunk of a GLB, bytes in
the JSON itself, or a file beside it. Source: glTF 2.0 specification, 3.6.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, TypeVar

from .beside import Beside
from .document import Flaw, Json, integer, listed, members, reference

__all__ = ["COMPONENT_BYTES", "WIDTHS", "Accessor", "Layout", "are_finite", "largest", "numbers", "packed"]

T = TypeVar("T")

_FLOAT: Final = 5126
_CODES: Final = {5120: "b", 5121: "B", 5122: "h", 5123: "H", 5125: "I", _FLOAT: "f"}
"""componentType -> the letter that array and struct have for it."""
COMPONENT_BYTES: Final = {component: struct.calcsize(code) for component, code in _CODES.items()}
_UNSIGNED: Final = (5121, 5123, 5125)
WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
"""Components of an element, by type."""
_PADDED: Final = {("MAT2", 1): 8, ("MAT3", 1): 12, ("MAT3", 2): 24}
"""Matrices whose columns start at multiples of four bytes: type and component size -> bytes."""
_COMPRESSIONS: Final = ("EXT_meshopt_compression", "KHR_meshopt_compression")
_PIECE_ELEMENTS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class View:
    data: memoryview | None
    """``None`` where the bytes are compressed."""
    length: int
    stride: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Accessor:
    count: int
    component: int
    width: int
    """Components of an element."""
    element_bytes: int
    stride: int
    data: memoryview | None = None
    """From the first element to the end of the last; ``None`` where they are compressed, or all zero."""
    place: tuple[int, ...] = ()
    """Two accessors that share it are the same numbers."""
    patch: Accessor | None = None
    """The values of a sparse accessor."""

    @property
    def is_unsigned(self) -> bool:
        return self.component in _UNSIGNED

    @property
    def is_crooked(self) -> bool:
        """Whether its elements do not all start at multiples of a component's size from the first."""
        return self.data is not None and self.patch is None and bool(self.stride % COMPONENT_BYTES[self.component])

    @property
    def stored_bytes(self) -> int:
        """What has to be read to see all of it."""
        return len(self.data or b"") + (self.patch.stored_bytes if self.patch else 0)

    @property
    def unpacked_bytes(self) -> int:
        return self.count * self.element_bytes


class Layout:
    """Where everything lies, found when it is asked for: what nobody uses cannot be at fault.

    Costs no more than the JSON's own size, whatever counts and lengths it claims.

    :param chunk: the binary chunk of a GLB.
    """

    def __init__(self, root: Json, *, chunk: memoryview | None, beside: Beside) -> None:
        self._root = root
        self._chunk = chunk
        self._beside = beside
        self._known: dict[tuple[str, int], Any] = {}

    def accessor(self, parent: Json, name: str) -> Accessor:
        """The accessor that a place refers to.

        :raises Flaw: there is none, or it reaches beyond what holds it, or lies outside the file.
        """
        return self._find(parent, name, "accessors", lambda entry, _: _accessor(entry, self))

    def view(self, parent: Json, name: str) -> View:
        """:raises Flaw: as above."""
        return self._find(parent, name, "bufferViews", lambda entry, _: _view(entry, self))

    def buffer(self, parent: Json) -> memoryview | int:
        """The bytes of a buffer; of one that is only there to be decompressed into, their number.

        :raises Flaw: as above.
        """
        return self._find(parent, "buffer", "buffers", self._buffer)

    def picture(self, image: Json) -> memoryview:
        """The bytes of an image.

        :raises Flaw: they are not where they should be.
        """
        if "uri" in image:
            return self._beside.fetch(image["uri"])
        data = self.view(image, "bufferView").data
        if data is None:
            raise Flaw("is damaged: a texture is compressed as if it were geometry")
        return data

    def _find(self, parent: Json, name: str, kind: str, find: Callable[[Json, int], T]) -> T:
        targets = listed(self._root, kind)
        number = reference(parent, name, targets)
        if (kind, number) not in self._known:
            try:
                self._known[kind, number] = find(members(targets[number]), number)
            except Flaw as flaw:
                self._known[kind, number] = flaw
        found = self._known[kind, number]
        if isinstance(found, Flaw):
            raise found
        return found

    def _buffer(self, entry: Json, number: int) -> memoryview | int:
        if "uri" in entry:
            return self._beside.fetch(entry["uri"])
        if number == 0 and self._chunk is not None:
            return self._chunk
        if _compressed(entry) is not None:
            return integer(entry, "byteLength")
        raise Flaw("is damaged: it has no binary part")


def are_finite(accessor: Accessor) -> bool:
    """Whether no number of it is infinite or none at all: then, and only then, the sum is finite, too."""
    if accessor.component != _FLOAT:
        return True
    sums = (math.isfinite(sum(piece)) for piece in numbers(accessor))
    return all(sums) and (accessor.patch is None or are_finite(accessor.patch))


def largest(accessor: Accessor) -> int | None:
    """The greatest number of it; ``None`` where that cannot be known."""
    if accessor.data is None or accessor.patch is not None:
        return None
    return max((int(max(piece)) for piece in numbers(accessor)), default=None)


def numbers(accessor: Accessor) -> Iterator[array[Any] | tuple[Any, ...]]:
    """All components, some thousand elements at a time."""
    if accessor.data is None:
        return
    code = _CODES[accessor.component]
    is_tight = accessor.stride == accessor.element_bytes == accessor.width * struct.calcsize(code)
    row = struct.Struct(f"<{accessor.width}{code}")
    step = _PIECE_ELEMENTS * accessor.stride
    for start in range(0, accessor.count * accessor.stride, step):
        piece = accessor.data[start : start + step]
        if is_tight:
            found = array(code, bytes(piece))
            if sys.byteorder == "big":
                found.byteswap()
            yield found
        else:
            offsets = range(0, len(piece) - row.size + 1, accessor.stride)
            yield tuple(chain.from_iterable(row.unpack_from(piece, offset) for offset in offsets))


def packed(accessor: Accessor) -> bytes:
    """Its elements one after the other; not for sparse ones or matrices."""
    code = _CODES[accessor.component]
    return b"".join(struct.pack(f"<{len(piece)}{code}", *piece) for piece in numbers(accessor))


def _view(entry: Json, layout: Layout) -> View:
    stride = integer(entry, "byteStride", 0) or None
    packed = _compressed(entry)
    if packed is not None:
        source = _slice(packed, layout)
        count, size = integer(packed, "count"), integer(packed, "byteStride", least=1)
        fits = isinstance(source, memoryview) and len(source) == integer(packed, "byteLength")
        if not fits or count * size != integer(entry, "byteLength"):
            raise Flaw("is damaged: its compressed parts do not fit together")
        return View(None, count * size, stride)
    data = _slice(entry, layout)
    if isinstance(data, int):
        raise Flaw("is damaged: it has no binary part")
    return View(data, len(data), stride)


def _slice(entry: Json, layout: Layout) -> memoryview | int:
    whole = layout.buffer(entry)
    offset, length = integer(entry, "byteOffset", 0), integer(entry, "byteLength")
    if isinstance(whole, int):
        return length
    return whole[offset : offset + length]  # one that reaches too far matters to nobody if what is in it does not


def _accessor(entry: Json, layout: Layout) -> Accessor:
    count = integer(entry, "count")
    kind = entry.get("type")
    width = WIDTHS.get(kind) if isinstance(kind, str) else None
    if width is None:
        raise Flaw("is damaged: an accessor is of an unknown type")
    whole = _placed(entry, layout, kind=str(kind), count=count, is_optional=True)
    if "sparse" not in entry:
        return whole
    sparse = members(entry["sparse"])
    patched = integer(sparse, "count")
    indices = _placed(members(sparse.get("indices")), layout, kind="SCALAR", count=patched)
    if patched > count or not indices.is_unsigned:
        raise Flaw("is damaged: the sparse part of an accessor does not fit it")
    values = {**members(sparse.get("values")), "componentType": whole.component}
    patch = _placed(values, layout, kind=str(kind), count=patched)
    place = (*(whole.place or (-1, count)), *patch.place)
    return replace(whole, place=place, patch=patch)


def _placed(entry: Json, layout: Layout, *, kind: str, count: int, is_optional: bool = False) -> Accessor:
    """So many elements of a kind, inside their bufferView."""
    component, width = integer(entry, "componentType"), WIDTHS[kind]
    if component not in _CODES:
        raise Flaw(f"is damaged: an accessor has the unknown componentType {component}")
    size = COMPONENT_BYTES[component]
    element = _PADDED.get((kind, size), width * size)
    if is_optional and "bufferView" not in entry:
        return Accessor(count, component, width, element, element)
    view, offset = layout.view(entry, "bufferView"), integer(entry, "byteOffset", 0)
    stride = view.stride or element
    end = offset + stride * (count - 1) + element if count else min(offset, view.length)
    if stride < element or end > view.length:
        raise Flaw(f"is damaged: an accessor of {count} elements reaches beyond its bufferView")
    data = view.data[offset:end] if view.data is not None else None
    place = (integer(entry, "bufferView"), offset, count, component, width)
    return Accessor(count, component, width, element, stride, data, place)


def _compressed(entry: Json) -> Json | None:
    found = members(entry.get("extensions"))
    return next((members(found[name]) for name in _COMPRESSIONS if name in found), None)
