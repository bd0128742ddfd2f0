# SPDX-License-Identifier: GPL-3.0-or-later
"""GLB files that are small and ask for much: each is whole and legal, and far more than its size lets one expect.

Numbers are parameters, so that tests ask for as little as shows the kind. Needs nothing but the standard library.
"""

from __future__ import annotations

import base64
import json
import math
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any, Final

__all__ = ["HOSTILE", "Glb", "grey_png"]

_FLOAT: Final = 5126
_SHORT: Final = 5123
_INT: Final = 5125
_SQUARE: Final = ((0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0))
_CORNERS: Final = (0, 1, 2, 0, 2, 3)


class Glb:
    """Collects the JSON and the binary chunk side by side. It has a square of two triangles from the beginning."""

    def __init__(self) -> None:
        self.json: dict[str, Any] = {"asset": {"version": "2.0"}, "scene": 0, "bufferViews": [], "accessors": []}
        self._binary = bytearray()
        self.points = self.floats([number for point in _SQUARE for number in point], "VEC3")
        self.uvs = self.floats([0, 1, 1, 1, 1, 0, 0, 0], "VEC2")
        self.corners = self.accessor(struct.pack("<6H", *_CORNERS), "SCALAR", count=6, component=_SHORT)

    def view(self, data: bytes) -> int:
        """Append bytes; gives the index of their bufferView."""
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self._binary), "byteLength": len(data)})
        self._binary += data + bytes(-len(data) % 4)
        return self.last("bufferViews")

    def accessor(self, data: bytes | None, kind: str, *, count: int, component: int = _FLOAT, **more: Any) -> int:
        """Append numbers, zeros without ``data``; gives the index of their accessor."""
        entry = {"componentType": component, "type": kind, "count": count, **more}
        return self.add("accessors", entry if data is None else {**entry, "bufferView": self.view(data)})

    def floats(self, numbers: Sequence[float], kind: str) -> int:
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}[kind]
        return self.accessor(struct.pack(f"<{len(numbers)}f", *numbers), kind, count=len(numbers) // width)

    def add(self, name: str, *entries: Any) -> int:
        """Append to a list; gives the index of the last."""
        self.json.setdefault(name, []).extend(entries)
        return self.last(name)

    def last(self, name: str) -> int:
        return len(self.json[name]) - 1

    def square(self, **more: Any) -> dict[str, Any]:
        """A primitive: the square."""
        return {"attributes": {"POSITION": self.points, "TEXCOORD_0": self.uvs}, "indices": self.corners, **more}

    def grid(self, triangles: int) -> dict[str, Any]:
        """A primitive: about so many triangles in a bumpy sheet."""
        side = max(1, round(math.sqrt(triangles / 2)))
        points = [(x / side, math.sin(9 * x / side) / 9, y / side) for y in range(side + 1) for x in range(side + 1)]
        first = [y * (side + 1) + x for y in range(side) for x in range(side)]
        faces = [at + step for at in first for step in (0, side + 1, 1, 1, side + 1, side + 2)]
        corners = struct.pack(f"<{len(faces)}I", *faces)
        return {
            "attributes": {"POSITION": self.floats([number for point in points for number in point], "VEC3")},
            "indices": self.accessor(corners, "SCALAR", count=len(faces), component=_INT),
        }

    def material(self, image: int) -> int:
        """Append a material with an image as its base colour."""
        texture = self.add("textures", {"source": image})
        return self.add("materials", {"pbrMetallicRoughness": {"baseColorTexture": {"index": texture}}})

    def shown(self, *primitives: dict[str, Any]) -> bytes:
        """The file, with these as the one mesh of the one node."""
        self.add("meshes", {"primitives": list(primitives)})
        self.add("nodes", {"mesh": self.last("meshes")})
        return self.file()

    def file(self) -> bytes:
        """The file; nodes without a parent are in the scene."""
        nodes = self.json["nodes"]
        inner = {child for node in nodes for child in node.get("children", ())}
        self.json["scenes"] = [{"nodes": [number for number in range(len(nodes)) if number not in inner]}]
        self.json["buffers"] = [{"byteLength": len(self._binary)}]
        text = json.dumps(self.json, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        head = struct.pack("<4sIIII", b"glTF", 2, 28 + len(text) + len(self._binary), len(text), 0x4E4F534A)
        return b"".join([head, text, struct.pack("<I4s", len(self._binary), b"BIN\0"), self._binary])


def grey_png(side_px: int, *, shade: int = 0) -> bytes:
    """A square PNG of one bit for each pixel: the smallest file that decodes to so many."""
    packer = zlib.compressobj(9)
    row = b"\0" + bytes([0x55 + shade & 0xFF]) * ((side_px + 7) // 8)
    data = b"".join([*(packer.compress(row) for _ in range(side_px)), packer.flush()])
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side_px, side_px, 1, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b""))
    parts = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def grid(triangles: int) -> bytes:
    """Nothing hostile about it but its size."""
    glb = Glb()
    return glb.shown(glb.grid(triangles))


def one_texture(side_px: int) -> bytes:
    glb = Glb()
    image = glb.add("images", {"bufferView": glb.view(grey_png(side_px)), "mimeType": "image/png"})
    return glb.shown(glb.square(material=glb.material(image)))


def images_on_one_view(count: int, side_px: int) -> bytes:
    glb = Glb()
    view = glb.view(grey_png(side_px))
    images = [glb.add("images", {"bufferView": view, "mimeType": "image/png"}) for _ in range(count)]
    return glb.shown(*(glb.square(material=glb.material(image)) for image in images))


def many_textures(count: int, side_px: int) -> bytes:
    glb = Glb()
    views = [glb.view(grey_png(side_px, shade=number)) for number in range(count)]
    images = [glb.add("images", {"bufferView": view, "mimeType": "image/png"}) for view in views]
    return glb.shown(*(glb.square(material=glb.material(image)) for image in images))


def instances(count: int, triangles: int) -> bytes:
    """Nodes that share one mesh, each turned and scaled another way."""
    glb = Glb()
    mesh = glb.add("meshes", {"primitives": [glb.grid(triangles)]})
    for number in range(count):
        half = number / 7
        glb.add(
            "nodes",
            {
                "mesh": mesh,
                "translation": [2 * (number % 50), 0, 2 * (number // 50)],
                "rotation": [0, math.sin(half), 0, math.cos(half)],
                "scale": [1 + number % 3] * 3,
            },
        )
    return glb.file()


def gpu_instances(count: int) -> bytes:
    """Of one square, at the same place."""
    glb = Glb()
    glb.json["extensionsUsed"] = glb.json["extensionsRequired"] = ["EXT_mesh_gpu_instancing"]
    places = glb.accessor(None, "VEC3", count=count)
    mesh = glb.add("meshes", {"primitives": [glb.square()]})
    instancing = {"EXT_mesh_gpu_instancing": {"attributes": {"TRANSLATION": places}}}
    glb.add("nodes", {"mesh": mesh, "extensions": instancing})
    return glb.file()


def zeros(size_bytes: int) -> bytes:
    """A second part whose points are an accessor without a bufferView."""
    glb = Glb()
    points = glb.accessor(None, "VEC3", count=size_bytes // 12)
    return glb.shown(glb.square(), {"attributes": {"POSITION": points}})


def sparse(size_bytes: int) -> bytes:
    """Zeros, one of which is replaced."""
    glb = Glb()
    indices, values = glb.view(struct.pack("<I", 1)), glb.view(struct.pack("<3f", 1, 1, 1))
    patch = {
        "count": 1,
        "indices": {"bufferView": indices, "componentType": _INT},
        "values": {"bufferView": values},
    }
    points = glb.accessor(None, "VEC3", count=size_bytes // 12, sparse=patch)
    return glb.shown(glb.square(), {"attributes": {"POSITION": points}})


def materials(count: int) -> bytes:
    glb = Glb()
    shades = [{"pbrMetallicRoughness": {"baseColorFactor": [n / count, 0.5, 0.5, 1]}} for n in range(count)]
    glb.add("materials", *shades)
    return glb.shown(*(glb.square(material=number) for number in range(count)))


def nodes(count: int) -> bytes:
    glb = Glb()
    mesh = glb.add("meshes", {"primitives": [glb.square()]})
    glb.add("nodes", *({"mesh": mesh, "translation": [2 * n, 0, 0]} for n in range(count)))
    return glb.file()


def meshes(count: int) -> bytes:
    glb = Glb()
    glb.add("meshes", *({"primitives": [glb.square()]} for _ in range(count)))
    glb.add("nodes", *({"mesh": n, "translation": [2 * n, 0, 0]} for n in range(count)))
    return glb.file()


def primitives(count: int, triangles: int) -> bytes:
    """Parts of one mesh that all refer to the same accessors."""
    glb = Glb()
    part = glb.grid(triangles)
    return glb.shown(*[part] * count)


def nested(depth: int) -> bytes:
    glb = Glb()
    mesh = glb.add("meshes", {"primitives": [glb.square()]})
    glb.add("nodes", *({"children": [n + 1]} for n in range(depth)), {"mesh": mesh})
    return glb.file()


def morph_targets(count: int, triangles: int) -> bytes:
    """Targets that all refer to the same accessor."""
    glb = Glb()
    part = glb.grid(triangles)
    return glb.shown({**part, "targets": [{"POSITION": part["attributes"]["POSITION"]}] * count})


def joints(count: int) -> bytes:
    """A square on a chain of branches: each joint hangs on the first."""
    glb = Glb()
    first = 1
    glb.add("nodes", {"mesh": 0, "skin": 0}, {"children": list(range(first + 1, first + count))})
    glb.add("nodes", *({"translation": [0, n / 100, 0]} for n in range(1, count)))
    glb.add("skins", {"joints": list(range(first, first + count))})
    weights = glb.floats([1, 0, 0, 0] * 4, "VEC4")
    bones = glb.accessor(struct.pack("<16H", *[0] * 16), "VEC4", count=4, component=_SHORT)
    part = glb.square()
    part["attributes"] |= {"JOINTS_0": bones, "WEIGHTS_0": weights}
    glb.add("meshes", {"primitives": [part]})
    return glb.file()


def keys(channels: int, count: int) -> bytes:
    """An animation of nodes that all move along the same accessors."""
    glb = Glb()
    times = glb.floats([n / 24 for n in range(count)], "SCALAR")
    places = glb.floats([n % 7 for n in range(3 * count)], "VEC3")
    mesh = glb.add("meshes", {"primitives": [glb.square()]})
    glb.add("nodes", *({"mesh": mesh} for _ in range(channels)))
    targets = ({"sampler": 0, "target": {"node": n, "path": "translation"}} for n in range(channels))
    glb.add("animations", {"samplers": [{"input": times, "output": places}], "channels": list(targets)})
    return glb.file()


def data_uris(count: int, side_px: int) -> bytes:
    """The same picture again and again, as text in the JSON."""
    glb = Glb()
    uri = "data:image/png;base64," + base64.b64encode(grey_png(side_px)).decode()
    images = [glb.add("images", {"uri": uri}) for _ in range(count)]
    return glb.shown(*(glb.square(material=glb.material(image)) for image in images))


HOSTILE: Final[dict[str, Callable[[], bytes]]] = {
    "one texture of 16,384 px": lambda: one_texture(16_384),
    "four images of 8,192 px on one view": lambda: images_on_one_view(4, 8_192),
    "100 textures of 4,096 px": lambda: many_textures(100, 4_096),
    "200 images of 4,096 px as text": lambda: data_uris(200, 4_096),
    "1,884 instances of 4,050 triangles": lambda: instances(1_884, 4_050),
    "a million GPU instances": lambda: gpu_instances(1_000_000),
    "an accessor of 20 MB of zeros": lambda: zeros(20_000_000),
    "20 MB of zeros, one replaced": lambda: sparse(20_000_000),
    "10,000 materials": lambda: materials(10_000),
    "10,000 nodes": lambda: nodes(10_000),
    "10,000 meshes": lambda: meshes(10_000),
    "10,000 parts on the same accessors": lambda: primitives(10_000, 800),
    "10,000 nested nodes": lambda: nested(10_000),
    "500 morph targets of 20,000 points": lambda: morph_targets(500, 40_000),
    "10,000 joints": lambda: joints(10_000),
    "an animation of 4 million keys": lambda: keys(400, 10_000),
}
"""Each kind by its name."""
