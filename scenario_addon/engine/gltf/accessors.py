# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the numbers and pictures of a glTF lie, each inside what holds it, and whether the numbers can be used.

An accessor reads a bufferView, a bufferView is a part of a buffer, and a buffer is the binary chunk of a GLB, bytes in
the JSON itself, or a file beside it. Source: glTF 2.0 specification, 3.6.
"""

from __future__ import annotations

import base64
import math
import re
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from .document import Flaw, Json, entries, integer, members, reference

__all__ = ["Accessor", "Beside", "Layout", "are_finite", "largest", "lay_out"]

_FLOAT: Final = 5126
_CODES: Final = {5120: "b", 5121: "B", 5122: "h", 5123: "H", 5125: "I", _FLOAT: "f"}
"""componentType -> the letter that array and struct have for it."""
_UNSIGNED: Final = (5121, 5123, 5125)
_WIDTHS: Final = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
_PADDED: Final = {("MAT2", 1): 8, ("MAT3", 1): 12, ("MAT3", 2): 24}
"""Matrices whose columns start at multiples of four bytes: type and component size -> bytes."""
_COMPRESSIONS: Final = ("EXT_meshopt_compression", "KHR_meshopt_compression")
_PIECE_ELEMENTS: Final = 1 << 16
_EMBEDDED: Final = re.compile(r"data:[^,]{0,200};base64,")
_ELSEWHERE: Final = re.compile(r"[/\\]|^[a-zA-Z][a-zA-Z0-9+.-]*:|^\.*$")
"""Signs of an address that is not the name of a file beside this one."""


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
    def stored_bytes(self) -> int:
        """What has to be read to see all of it."""
        return len(self.data or b"") + (self.patch.stored_bytes if self.patch else 0)

    @property
    def unpacked_bytes(self) -> int:
        return self.count * self.element_bytes


class Beside:
    """The files beside a glTF, each read once, for the length of a check.

    :param folder: where files that are named may be read; ``None``: none may.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._read: dict[str, memoryview] = {}

    def fetch(self, uri: Any) -> memoryview:
        """Fetch the bytes at an address: in the address itself, or in a file of the folder.

        :raises Flaw: they are elsewhere, or not there.
        """
        if isinstance(uri, str) and (match := _EMBEDDED.match(uri)):
            try:
                return memoryview(base64.b64decode(uri[match.end() :], validate=True))
            except ValueError:
                raise Flaw("is damaged: bytes written as text in it cannot be read") from None
        name = unquote(uri) if isinstance(uri, str) else ""
        if self._folder is None or _ELSEWHERE.search(name) or "\0" in name:
            raise Flaw("is not complete: it refers to another file or address, which is not fetched")
        if name not in self._read:
            try:
                self._read[name] = memoryview((self._folder / name).read_bytes())
            except (OSError, ValueError):
                raise Flaw(f"is not complete: {name[:80]} is missing beside it") from None
        return self._read[name]

    @property
    def total_bytes(self) -> int:
        """Of the files that were read."""
        return sum(map(len, self._read.values()))


@dataclass(frozen=True, slots=True)
class Layout:
    views: tuple[View, ...]
    accessors: tuple[Accessor, ...]
    beside: Beside

    def picture(self, image: Json) -> memoryview:
        """The bytes of an image.

        :raises Flaw: they are not where they should be.
        """
        if "uri" in image:
            return self.beside.fetch(image["uri"])
        data = self.views[reference(image, "bufferView", self.views)].data
        if data is None:
            raise Flaw("is damaged: a texture is compressed as if it were geometry")
        return data


def lay_out(root: Json, *, chunk: memoryview | None, beside: Beside) -> Layout:
    """Find everything's place. Costs no more than the JSON's own size, whatever counts and lengths it claims.

    :param chunk: the binary chunk of a GLB.
    :raises Flaw: something reaches beyond what holds it, or lies outside the file.
    """
    buffers = [
        _buffer(entry, chunk=None if index else chunk, beside=beside)
        for index, entry in enumerate(entries(root, "buffers"))
    ]
    views = tuple(_view(entry, buffers) for entry in entries(root, "bufferViews"))
    return Layout(views, tuple(_accessor(entry, views) for entry in entries(root, "accessors")), beside)


def are_finite(accessor: Accessor) -> bool:
    """Whether no number of it is infinite or none at all: then, and only then, the sum is finite, too."""
    if accessor.component != _FLOAT:
        return True
    numbers = (math.isfinite(sum(piece)) for piece in _numbers(accessor))
    return all(numbers) and (accessor.patch is None or are_finite(accessor.patch))


def largest(accessor: Accessor) -> int | None:
    """The greatest number of it; ``None`` where that cannot be known."""
    if accessor.data is None or accessor.patch is not None:
        return None
    return max((int(max(piece)) for piece in _numbers(accessor)), default=None)


def _numbers(accessor: Accessor) -> Iterator[array[Any] | tuple[Any, ...]]:
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
            numbers = array(code, bytes(piece))
            if sys.byteorder == "big":
                numbers.byteswap()
            yield numbers
        else:
            offsets = range(0, len(piece) - row.size + 1, accessor.stride)
            yield tuple(chain.from_iterable(row.unpack_from(piece, offset) for offset in offsets))


def _buffer(entry: Json, *, chunk: memoryview | None, beside: Beside) -> memoryview | int:
    """The bytes of a buffer; of one that is only there to be decompressed into, their number.

    :param chunk: what the first buffer of a GLB is.
    """
    length = integer(entry, "byteLength", least=1)
    if "uri" in entry:
        data = beside.fetch(entry["uri"])
    elif chunk is not None:
        data = chunk
    elif _compressed(entry) is not None:
        return length
    else:
        raise Flaw("is damaged: it has no binary part")
    if length > len(data):
        raise Flaw(f"is damaged: a buffer should have {length} bytes and has {len(data)}")
    return data[:length]


def _view(entry: Json, buffers: list[memoryview | int]) -> View:
    stride = integer(entry, "byteStride", least=1) if "byteStride" in entry else None
    packed = _compressed(entry)
    if packed is not None:
        source = _slice(packed, buffers)
        count, size = integer(packed, "count"), integer(packed, "byteStride", least=1)
        if not isinstance(source, memoryview) or count * size != integer(entry, "byteLength"):
            raise Flaw("is damaged: its compressed parts do not fit together")
        return View(None, count * size, stride)
    data = _slice(entry, buffers)
    if isinstance(data, int):
        raise Flaw("is damaged: it has no binary part")
    return View(data, len(data), stride)


def _slice(entry: Json, buffers: list[memoryview | int]) -> memoryview | int:
    whole = buffers[reference(entry, "buffer", buffers)]
    offset, length = integer(entry, "byteOffset", 0), integer(entry, "byteLength")
    if offset + length > (whole if isinstance(whole, int) else len(whole)):
        raise Flaw("is damaged: a bufferView reaches beyond its buffer")
    return length if isinstance(whole, int) else whole[offset : offset + length]


def _accessor(entry: Json, views: tuple[View, ...]) -> Accessor:
    count = integer(entry, "count", least=1)
    kind = entry.get("type")
    width = _WIDTHS.get(kind) if isinstance(kind, str) else None
    if width is None:
        raise Flaw("is damaged: an accessor is of an unknown type")
    whole = _placed(entry, views, kind=str(kind), count=count, is_optional=True)
    if "sparse" not in entry:
        return whole
    sparse = members(entry["sparse"])
    patched = integer(sparse, "count", least=1)
    indices = _placed(members(sparse.get("indices")), views, kind="SCALAR", count=patched)
    if patched > count or not indices.is_unsigned:
        raise Flaw("is damaged: the sparse part of an accessor does not fit it")
    values = {**members(sparse.get("values")), "componentType": whole.component}
    patch = _placed(values, views, kind=str(kind), count=patched)
    place = (*(whole.place or (-1, count)), *patch.place)
    return replace(whole, place=place, patch=patch)


def _placed(entry: Json, views: tuple[View, ...], *, kind: str, count: int, is_optional: bool = False) -> Accessor:
    """So many elements of a kind, inside their bufferView."""
    component, width = integer(entry, "componentType"), _WIDTHS[kind]
    if component not in _CODES:
        raise Flaw(f"is damaged: an accessor has the unknown componentType {component}")
    size = struct.calcsize(_CODES[component])
    element = _PADDED.get((kind, size), width * size)
    if is_optional and "bufferView" not in entry:
        return Accessor(count, component, width, element, element)
    number = reference(entry, "bufferView", views)
    view, offset = views[number], integer(entry, "byteOffset", 0)
    stride = view.stride or element
    end = offset + stride * (count - 1) + element
    if stride < element or end > view.length:
        raise Flaw(f"is damaged: an accessor of {count} elements reaches beyond its bufferView")
    data = view.data[offset:end] if view.data is not None else None
    place = (number, offset, count, component, width)
    return Accessor(count, component, width, element, stride, data, place)


def _compressed(entry: Json) -> Json | None:
    found = members(entry.get("extensions"))
    return next((members(found[name]) for name in _COMPRESSIONS if name in found), None)
