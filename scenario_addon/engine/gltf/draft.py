# SPDX-License-Identifier: GPL-3.0-or-later
"""A glTF that is being mended, and the file that comes of it: a GLB that holds all that the original refers to."""

from __future__ import annotations

import errno
import json
import re
import struct
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from .accessors import Beside
from .document import Flaw, Json, members, objects

__all__ = ["Draft"]

_LARGEST_GLB: Final = 2**32 - 1
_HEADER: Final = struct.Struct("<4sIIII")
_CHUNK: Final = struct.Struct("<I4s")
_JSON_CHUNK: Final = 0x4E4F534A


class Draft:
    """What is known of a glTF while it is mended. The file itself is never written to.

    :param root: its JSON, which mends change in place.
    :param chunk: the binary chunk of a GLB.
    :param beside: where the other bytes are that it refers to.
    """

    def __init__(self, root: Json, *, chunk: memoryview | None, beside: Beside) -> None:
        self.root = root
        self.chunk = chunk
        self.beside = beside
        self.told: list[str] = []
        """What somebody who gets the mesh has to know, as phrases: "without its texture base.png, which is missing"."""
        self._added: list[bytes] = []

    def add_view(self, data: bytes) -> int:
        """Add bytes that are in no file yet; gives the number of their bufferView."""
        views = self.root.setdefault("bufferViews", [])
        views.append({"buffer": self._new_buffer(len(data)), "byteLength": len(data)})
        self._added.append(data)
        return len(views) - 1

    def write(self, path: Path) -> None:
        """Write it as one GLB. What lies in files is copied piece by piece, never held twice.

        :raises OSError: it cannot be written, or is too large for a GLB.
        """
        pieces = self._gather()
        text = json.dumps(self.root, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        size_bytes = sum(_padded(piece) for piece in pieces)
        total_bytes = _HEADER.size + len(text) + (_CHUNK.size + size_bytes if pieces else 0)
        if total_bytes > _LARGEST_GLB:
            raise OSError(errno.EFBIG, "too large for a GLB")
        with path.open("wb") as file:
            file.write(_HEADER.pack(b"glTF", 2, total_bytes, len(text), _JSON_CHUNK) + text)
            if pieces:
                file.write(_CHUNK.pack(size_bytes, b"BIN\0"))
            for piece in pieces:
                file.write(piece)
                file.write(bytes(_padded(piece) - len(piece)))

    def _new_buffer(self, length: int) -> int:
        buffers = self.root.setdefault("buffers", [])
        buffers.append({"byteLength": length})
        return len(buffers) - 1

    def _gather(self) -> list[memoryview | bytes]:
        """Make one buffer of all, and bufferViews of the images; gives what it is made of, each at a multiple of 4."""
        pieces: list[memoryview | bytes] = []
        starts: dict[int, int] = {}
        empty: list[Json] = []
        buffers = objects(self.root.get("buffers"))
        known = len(buffers) - len(self._added)
        position = 0
        for number, buffer in enumerate(buffers):
            data = self._added[number - known] if number >= known else self._bytes_of(buffer, number)
            if data is None:  # it is only there to be decompressed into
                empty.append({key: buffer[key] for key in ("byteLength", "extensions") if key in buffer})
                continue
            starts[number] = position
            pieces.append(data)
            position += _padded(data)
        spare = {number: 1 + at for at, number in enumerate(n for n in range(len(buffers)) if n not in starts)}
        for view in objects(self.root.get("bufferViews")):
            for place in (view, *map(members, members(view.get("extensions")).values())):
                _move(place, starts, spare)
        position = self._embed_images(pieces, position)
        if pieces or empty:
            self.root["buffers"] = [{"byteLength": position}, *empty]
        return pieces

    def _embed_images(self, pieces: list[memoryview | bytes], position: int) -> int:
        views = self.root.get("bufferViews", [])
        for image in objects(self.root.get("images")):
            try:
                data = self.beside.fetch(image["uri"]) if "uri" in image else None
            except Flaw:  # nobody uses it, or it has been said
                continue
            if data is None:
                continue
            uri = image.pop("uri")
            if not uri.startswith("data:"):  # as Blender would call it
                image.setdefault("name", re.split(r"[/\\]", unquote(uri))[-1])
            image["bufferView"] = len(views)
            image.setdefault("mimeType", "image/png")  # has to be there, and nobody goes by it
            views.append({"buffer": 0, "byteOffset": position, "byteLength": len(data)})
            pieces.append(data)
            position += _padded(data)
        if views:
            self.root["bufferViews"] = views
        return position

    def _bytes_of(self, buffer: Json, number: int) -> memoryview | None:
        """The bytes of a buffer of the original; ``None`` where there are none."""
        if "uri" not in buffer:
            return self.chunk if number == 0 else None
        try:
            return self.beside.fetch(buffer["uri"])
        except Flaw:
            return None


def _move(place: Json, starts: dict[int, int], spare: dict[int, int]) -> None:
    """Have a bufferView, or what it is decompressed from, lie where its bytes have gone."""
    number, offset = place.get("buffer"), place.get("byteOffset", 0)
    if not isinstance(number, int):
        return
    if number in starts and isinstance(offset, int):
        place |= {"buffer": 0, "byteOffset": starts[number] + offset}
    elif number in spare:
        place["buffer"] = spare[number]


def _padded(data: memoryview | bytes) -> int:
    return len(data) + -len(data) % 4
