# SPDX-License-Identifier: GPL-3.0-or-later
"""A glTF that is looked at and mended, and the GLB that comes of it, which holds all that the original refers to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Self

from .accessors import Layout
from .beside import Beside, name_of
from .container import MAGIC, is_plain_text, join, padded, split
from .document import READABLE, Flaw, Json, listed, members, objects, parse
from .limits import Budget

__all__ = ["Draft"]


class Draft:
    """What is known of a glTF while it is mended. The file itself is never written to.

    :param root: its JSON, which mends change in place.
    :param chunk: the binary chunk of a GLB.
    :param beside: where the other bytes are that it refers to.
    :param size_bytes: of the file.
    :param readable: the glTF extensions that may be required.
    """

    def __init__(
        self,
        root: Json,
        *,
        chunk: memoryview | None,
        beside: Beside,
        size_bytes: int = 0,
        readable: frozenset[str] = READABLE,
    ) -> None:
        self.root = root
        self.chunk = chunk
        self.beside = beside
        self.readable = readable
        self.layout = Layout(root, chunk=chunk, beside=beside)
        self.budget = Budget(lambda: size_bytes + beside.total_bytes)
        self.is_exact = True
        """Whether the file is written as it should be, whatever it says."""
        self.told: list[str] = []
        """What somebody who gets the mesh has to know, as phrases: "without its texture base.png, which is missing"."""
        self._added: list[bytes] = []

    @classmethod
    def read(cls, path: Path, *, suffix: str | None = None, readable: frozenset[str] = READABLE) -> Self:
        """Read a glTF: a GLB, or JSON with its files beside it. Any thread.

        :param suffix: which of both it is; by default its name says it.
        :param readable: the glTF extensions that may be required.
        :raises Flaw: it is neither.
        :raises OSError: it cannot be read.
        """
        data = memoryview(path.read_bytes())
        if (path.suffix if suffix is None else suffix).lower() == ".gltf" and bytes(data[:4]) != MAGIC:
            text, chunk, is_exact = data, None, is_plain_text(data)
            beside = Beside(path.parent)
        else:
            (text, chunk, is_exact), beside = split(data), Beside(None)
        root = parse(bytes(text))
        draft = cls(root, chunk=chunk, beside=beside, size_bytes=len(data), readable=readable)
        draft.is_exact = is_exact
        return draft

    def replace(self, root: Json) -> None:
        """Go on with another JSON, of the same buffers."""
        self.root.clear()
        self.root.update(root)

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
        with path.open("wb") as file:
            join(file, text, pieces)

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
            data = self._added[number - known] if number >= known else self._bytes_of(number)
            if data is None:  # it is only there to be decompressed into
                empty.append({key: buffer[key] for key in ("byteLength", "extensions") if key in buffer})
                continue
            starts[number] = position
            pieces.append(data)
            position += padded(data)
        spare = {number: 1 + at for at, number in enumerate(n for n in range(len(buffers)) if n not in starts)}
        for view in objects(self.root.get("bufferViews")):
            for place in (view, *map(members, members(view.get("extensions")).values())):
                _move(place, starts, spare)
        position = self._embed_images(pieces, position)
        if pieces or empty:
            self.root["buffers"] = [{"byteLength": position}, *empty]
        return pieces

    def _embed_images(self, pieces: list[memoryview | bytes], position: int) -> int:
        views = listed(self.root, "bufferViews")
        for image in objects(self.root.get("images")):
            try:
                data = self.beside.fetch(image["uri"]) if "uri" in image else None
            except Flaw:  # nobody uses it, or it has been said; nor is it to be looked for
                del image["uri"]
                continue
            if data is None:
                continue
            name = name_of(image.pop("uri"))
            if name is not None:  # as Blender would call it
                image.setdefault("name", name)
            image["bufferView"] = len(views)
            image.setdefault("mimeType", "image/png")  # has to be there, and nobody goes by it
            views.append({"buffer": 0, "byteOffset": position, "byteLength": len(data)})
            pieces.append(data)
            position += padded(data)
        if views:
            self.root["bufferViews"] = views
        return position

    def _bytes_of(self, number: int) -> memoryview | None:
        """The bytes of a buffer of the original; ``None`` where there are none."""
        try:
            data = self.layout.buffer({"buffer": number})
        except Flaw:
            return None
        return data if isinstance(data, memoryview) else None


def _move(place: Json, starts: dict[int, int], spare: dict[int, int]) -> None:
    """Have a bufferView, or what it is decompressed from, lie where its bytes have gone."""
    number, offset = place.get("buffer"), place.get("byteOffset", 0)
    if not isinstance(number, int):
        return
    if number in starts and isinstance(offset, int):
        place |= {"buffer": 0, "byteOffset": starts[number] + offset}
    elif number in spare:
        place["buffer"] = spare[number]
