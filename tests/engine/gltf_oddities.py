# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are not as they should be, and in which there is a box of 1 x 2 x 3 all the same."""

from __future__ import annotations

import base64
import copy
import io
import itertools
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from PIL import Image

from tests.engine.gltf_samples import pack_glb

__all__ = ["BOX", "ODDITIES", "STUBBORN", "Oddity", "box_glb", "picture"]

SIZE: Final = (1.0, 2.0, 3.0)
_CORNERS: Final = list(itertools.product((0.0, SIZE[0]), (0.0, SIZE[1]), (0.0, SIZE[2])))
_SIDES: Final = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
_TRIANGLES: Final = [corner for a, b, c, d in _SIDES for corner in (a, b, c, a, c, d)]


def picture(kind: str = "PNG", *, side_px: int = 32) -> bytes:
    """A picture of noise, so that cutting it cuts pixels."""
    file = io.BytesIO()
    Image.effect_noise((side_px, side_px), 60).convert("RGB").save(file, kind)
    return file.getvalue()


def _parts() -> list[bytes]:
    points = b"".join(struct.pack("<3f", *corner) for corner in _CORNERS)
    places = b"".join(struct.pack("<2f", corner[0], corner[2] / 3) for corner in _CORNERS)
    return [points, places, struct.pack("<36H", *_TRIANGLES), picture()]


PARTS: Final = _parts()
_POINTS, _UV, _INDICES, _PICTURE = range(4)
BOX: Final[dict[str, Any]] = {
    "asset": {"version": "2.0"},
    "scene": 0,
    "scenes": [{"nodes": [0]}],
    "nodes": [{"mesh": 0}],
    "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
    "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
    "textures": [{"source": 0}],
    "images": [{"bufferView": 3, "mimeType": "image/png", "name": "base"}],
    "accessors": [
        {"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": 8},
        {"bufferView": 1, "componentType": 5126, "type": "VEC2", "count": 8},
        {"bufferView": 2, "componentType": 5123, "type": "SCALAR", "count": 36},
    ],
}


@dataclass(frozen=True)
class Oddity:
    files: dict[str, bytes]
    """The mesh first, then what lies beside it."""
    flaw: str | None = None
    """What is said, as a pattern; ``None``: nothing."""
    textures: int = 1
    triangles: int = 12
    extra: dict[str, Any] = field(default_factory=dict)

    def put(self, folder: Path) -> Path:
        """Write the files; gives the mesh."""
        for name, data in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return folder / next(iter(self.files))


def assembled(edit: Callable[[dict[str, Any], list[bytes]], None] | None = None) -> tuple[dict[str, Any], bytes]:
    """The box's JSON and bytes, with one view for each part, after it was spoiled."""
    gltf, parts = copy.deepcopy(BOX), list(PARTS)
    views: list[dict[str, Any]] = []
    gltf |= {"bufferViews": views}
    if edit is not None:
        edit(gltf, parts)
    data = b""
    places: list[dict[str, Any]] = []
    for part in parts:
        places.append({"buffer": 0, "byteOffset": len(data), "byteLength": len(part)})
        data += part + b"\0" * (-len(part) % 4)
    gltf["bufferViews"] = [
        place | change for place, change in itertools.zip_longest(places, views[: len(places)], fillvalue={})
    ]
    gltf["bufferViews"] += views[len(places) :]
    gltf.setdefault("buffers", []).insert(0, {"byteLength": len(data)})
    return gltf, data


def box_glb(edit: Callable[[dict[str, Any], list[bytes]], None] | None = None, **pack: Any) -> bytes:
    """The box as GLB, spoiled."""
    gltf, data = assembled(edit)
    return pack_glb(gltf, data, **pack)


def _setting(**places: Any) -> Callable[[dict[str, Any], list[bytes]], None]:
    """Sets values at places: ``nodes__0__name="x"``; a number one beyond a list appends."""

    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        for path, value in places.items():
            *way, last = path.split("__")
            place: Any = gltf
            for step in way:
                place = place[int(step)] if isinstance(place, list) else place.setdefault(step, {})
            if isinstance(place, list):
                place[int(last) : int(last) + 1] = [value]
            elif value is ...:
                place.pop(last, None)
            else:
                place[last] = value

    return edit


def _glb(**places: Any) -> dict[str, bytes]:
    return {"box.glb": box_glb(_setting(**places))}


def _pictured(data: bytes, **places: Any) -> dict[str, bytes]:
    """The box with another picture."""

    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        parts[_PICTURE] = data
        _setting(**places)(gltf, parts)

    return {"box.glb": box_glb(edit)}


def _gltf(uri: Callable[[bytes], str], *, image: str | None = None, **beside: bytes | None) -> dict[str, bytes]:
    """The box as glTF whose bytes are at an address."""
    gltf, data = assembled()
    gltf["buffers"][0]["uri"] = uri(data)
    if image is not None:
        gltf["images"] = [{"uri": image}]
    found = {name.replace("__", "/").replace("_dot_", "."): other for name, other in beside.items()}
    return {"box.gltf": json.dumps(gltf).encode(), **{n: data if d is None else d for n, d in found.items()}}


def _base64(data: bytes, *, kind: str = "data:application/octet-stream;base64,", lines: str = "") -> str:
    text = base64.b64encode(data).decode()
    if lines:
        text = lines.join(text[at : at + 76] for at in range(0, len(text), 76))
    return kind + text


def _urlsafe(data: bytes) -> str:
    return "data:;base64," + base64.urlsafe_b64encode(data).decode().rstrip("=")


def _percent(data: bytes) -> str:
    return "data:application/octet-stream," + "".join(f"%{byte:02x}" for byte in data)


def _file(_: bytes) -> str:
    return "all.bin"


def _beside(image: str, **files: bytes) -> dict[str, bytes]:
    return _gltf(_file, image=image, all_dot_bin=None, **files)


def _second_mesh(**accessor: Any) -> dict[str, bytes]:
    """The box, and beside it a mesh whose points are ``accessor``."""

    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        gltf["accessors"].append({"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": 8} | accessor)
        gltf["meshes"].append({"primitives": [{"attributes": {"POSITION": 3}}]})
        gltf["nodes"].append({"mesh": 1})
        gltf["scenes"] = [{"nodes": [0, 1]}]

    return {"box.glb": box_glb(edit)}


def _instanced(**places: int) -> dict[str, bytes]:
    name = "EXT_mesh_gpu_instancing"
    return _glb(extensionsUsed=[name], nodes__0__extensions={name: {"attributes": places}})


def _strange_points(*, is_used: bool) -> dict[str, bytes]:
    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        strange = struct.pack("<3f", float("nan"), 0, float("inf"))
        parts[_POINTS] += strange
        parts[_UV] += bytes(8)
        for accessor in gltf["accessors"][:2]:
            accessor["count"] = 9
        if is_used:
            parts[_INDICES] += struct.pack("<3H", 0, 1, 8)
            gltf["accessors"][2]["count"] = 39

    return {"box.glb": box_glb(edit)}


def _extension(name: str, key: str, **more: Any) -> dict[str, bytes]:
    """A damaged texture in a slot of an extension, beside the sound one."""

    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        parts.append(picture()[:400])
        gltf["images"].append({"bufferView": 4, "mimeType": "image/png", "name": "coat"})
        gltf["textures"].append({"source": 1})
        gltf["materials"][0]["extensions"] = {name: {key: {"index": 1}, **more}}
        gltf["extensionsUsed"] = [name]

    return {"box.glb": box_glb(edit)}


def _slot(key: str) -> dict[str, bytes]:
    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        parts.append(picture()[:400])
        gltf["images"].append({"bufferView": 4, "mimeType": "image/png"})
        gltf["textures"].append({"source": 1})
        material = gltf["materials"][0]
        place = material["pbrMetallicRoughness"] if key.startswith("metallic") else material
        place[key] = {"index": 1}
        if key == "emissiveTexture":
            material["emissiveFactor"] = [1, 1, 1]

    return {"box.glb": box_glb(edit)}


def _odd_stride() -> dict[str, bytes]:
    def edit(gltf: dict[str, Any], parts: list[bytes]) -> None:
        points = parts[_POINTS]
        parts[_POINTS] = b"".join(points[at : at + 12] + b"\xff\xff" for at in range(0, len(points), 12))
        gltf["bufferViews"].append({"byteStride": 14})

    return {"box.glb": box_glb(edit)}


_KTX2: Final = b"\xabKTX 20\xbb\r\n\x1a\n" + bytes(200)
_UNUSED: Final = {"componentType": 5126, "type": "VEC3"}

ODDITIES: Final[dict[str, Oddity]] = {
    # textures
    "a BMP": Oddity(_pictured(picture("BMP"))),
    "a TIFF": Oddity(_pictured(picture("TIFF"), images__0__mimeType="image/tiff")),
    "a Targa": Oddity(_pictured(picture("TGA"))),
    "a JPEG 2000": Oddity(_pictured(picture("JPEG2000"))),
    "a WebP without its extension": Oddity(_pictured(picture("WEBP"))),
    "a JPEG that says it is a PNG": Oddity(_pictured(picture("JPEG"))),
    "a GIF": Oddity(_pictured(picture("GIF")), "texture base, which is a GIF and cannot be read$", textures=0),
    "a cut PNG": Oddity(_pictured(picture()[:400]), "texture base, which is cut short", textures=0),
    "a cut JPEG": Oddity(_pictured(picture("JPEG")[:400]), "texture base, which is cut short", textures=0),
    "a picture of rubbish": Oddity(_pictured(b"x" * 400), "texture base, which is damaged", textures=0),
    "an empty picture": Oddity(_pictured(b""), "texture base, which is empty", textures=0),
    "KTX2 alone": Oddity(
        _pictured(_KTX2, textures__0={"extensions": {"KHR_texture_basisu": {"source": 0}}}), "KTX2", textures=0
    ),
    "KTX2 alone, required": Oddity(
        _pictured(
            _KTX2,
            textures__0={"extensions": {"KHR_texture_basisu": {"source": 0}}},
            extensionsUsed=["KHR_texture_basisu"],
            extensionsRequired=["KHR_texture_basisu"],
        ),
        "KTX2",
        textures=0,
    ),
    "a texture of no image": Oddity(_glb(textures__0__source=7), "base colour texture, which is missing", textures=0),
    "a slot of no texture": Oddity(
        _glb(materials__0__pbrMetallicRoughness__baseColorTexture__index=7), "which is missing", textures=0
    ),
    "an image that is elsewhere": Oddity(
        _glb(images__0={"uri": "textures/base.png"}), "texture base.png, which is missing", textures=0
    ),
    "a damaged clearcoat": Oddity(
        _extension("KHR_materials_clearcoat", "clearcoatTexture", clearcoatFactor=1), "texture coat, which is cut"
    ),
    "a damaged transmission": Oddity(
        _extension("KHR_materials_transmission", "transmissionTexture", transmissionFactor=1), "texture coat"
    ),
    "a damaged sheen": Oddity(_extension("KHR_materials_sheen", "sheenColorTexture"), "texture coat"),
    "a damaged specular": Oddity(_extension("KHR_materials_specular", "specularTexture"), "texture coat"),
    "a damaged normal map": Oddity(_slot("normalTexture"), "its normal texture, which is cut short"),
    "a damaged emission": Oddity(_slot("emissiveTexture"), "its emission texture, which is cut short"),
    "a damaged roughness": Oddity(_slot("metallicRoughnessTexture"), "its metal and roughness texture"),
    "a damaged occlusion": Oddity(_slot("occlusionTexture"), "its occlusion texture"),
    "a damaged texture nobody uses": Oddity(
        _glb(images__1={"bufferView": 0}, textures__1={"source": 1}, materials__1={"normalTexture": {"index": 1}})
    ),
    "a texture in a folder": Oddity(_beside("textures/base.png", textures__base_dot_png=picture())),
    "a texture in a folder of Windows": Oddity(_beside("textures\\base.png", textures__base_dot_png=picture())),
    "a texture that is missing": Oddity(_beside("textures/base.png"), "texture base.png, which is missing", textures=0),
    "a texture out of the folder": Oddity(_beside("../base.png"), "texture base.png, which is missing", textures=0),
    "a material that is missing": Oddity(
        _glb(meshes__0__primitives__0__material=5), "without a material, which is missing", textures=0
    ),
    "a sampler that is missing": Oddity(_glb(textures__0__sampler=5)),
    # numbers and places
    "an empty accessor nobody uses": Oddity(_glb(accessors__3={**_UNUSED, "count": 0})),
    "an accessor of nothing nobody uses": Oddity(_glb(accessors__3={**_UNUSED, "count": 5, "bufferView": 77})),
    "an accessor that is none": Oddity(_glb(accessors__3={"count": "many"})),
    "an accessor that is null": Oddity(_glb(accessors__3=None)),
    "empty views and buffers": Oddity(
        _glb(
            bufferViews=[{}] * 4 + [{"buffer": 0, "byteLength": 0}, {"buffer": 1, "byteLength": 0}],
            buffers=[{"byteLength": 0}],
        )
    ),
    "a view nobody uses beyond its buffer": Oddity(
        _glb(bufferViews=[{}] * 4 + [{"buffer": 0, "byteOffset": 9_999_999, "byteLength": 5}])
    ),
    "a view of another buffer nobody uses": Oddity(_glb(bufferViews=[{}] * 4 + [{"buffer": 7, "byteLength": 5}])),
    "a view that reaches too far": Oddity(_glb(bufferViews=[{}, {}, {"byteLength": 9_999_999}])),
    "a buffer that says it is larger": Oddity({"box.glb": box_glb().replace(b'"byteLength": 2', b'"byteLength": 9')}),
    "a stride of nothing": Oddity(_glb(bufferViews=[{"byteStride": 0}])),
    "a stride of half a number": Oddity(_odd_stride()),
    "least and most that are none": Oddity(_glb(accessors__0__min=["x"], accessors__0__max=None)),
    "an unused point that is no number": Oddity(_strange_points(is_used=False)),
    "a used point that is no number": Oddity(_strange_points(is_used=True), "without a triangle whose points"),
    "corners that are no whole triangles": Oddity(_glb(accessors__2__count=35), triangles=11),
    "tangents that are none": Oddity(_glb(meshes__0__primitives__0__attributes__TANGENT=2)),
    # meshes and nodes
    "a primitive of nothing": Oddity(
        _glb(accessors__3={**_UNUSED, "count": 0}, meshes__0__primitives__1={"attributes": {"POSITION": 3}})
    ),
    "a primitive without points": Oddity(_glb(meshes__0__primitives__1={"attributes": {}})),
    "a mesh without primitives": Oddity(
        _glb(meshes__1={"primitives": []}, nodes__1={"mesh": 1}, scenes__0__nodes=[0, 1])
    ),
    "a damaged mesh nobody shows": Oddity(_glb(meshes__1={"primitives": [{"attributes": {"POSITION": 9}}]})),
    "a mesh nobody shows that is none": Oddity(_glb(meshes__1={"primitives": [{"attributes": "x"}]})),
    "a damaged mesh beside": Oddity(_second_mesh(count=9), "without one of its parts, which is damaged"),
    "a damaged primitive beside": Oddity(
        _glb(meshes__0__primitives__1={"attributes": {"POSITION": 9}}), "without one of its parts, which is damaged"
    ),
    "a primitive of an unknown kind": Oddity(
        _glb(meshes__0__primitives__1={"attributes": {"POSITION": 0}, "mode": 9}), "without one of its parts"
    ),
    "instances whose places are damaged": Oddity(_instanced(TRANSLATION=9), "without the copies of one of its parts"),
    "instances without places": Oddity(_instanced(), "without the copies of one of its parts"),
    "damaged shape keys": Oddity(
        _glb(
            meshes__0__primitives__1={"attributes": {"POSITION": 0}, "targets": [{"POSITION": 1}]},
        ),
        "without one of its parts",
    ),
    "a node that hangs from two": Oddity(
        _glb(nodes=[{"children": [2]}, {"children": [2]}, {"mesh": 0}], scenes__0__nodes=[0, 1])
    ),
    "a node that hangs twice": Oddity(_glb(nodes=[{"children": [1, 1]}, {"mesh": 0}])),
    "a root that is listed twice": Oddity(_glb(scenes__0__nodes=[0, 0])),
    "a child that is listed as a root": Oddity(_glb(nodes=[{"children": [1]}, {"mesh": 0}], scenes__0__nodes=[0, 1])),
    "a scene that lists nothing there": Oddity(_glb(scenes__0__nodes=[0, 5])),
    "a scene that is not there": Oddity(_glb(scene=3)),
    "a matrix without a turn": Oddity(_glb(nodes__0__matrix=[1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1])),
    "a place of nothing that is none": Oddity(_glb(nodes__1={"translation": [0, None]})),
    "a camera that is missing": Oddity(_glb(nodes__0__camera=4)),
    "a light that is missing": Oddity(_glb(nodes__0__extensions={"KHR_lights_punctual": {"light": 2}})),
    "a rig that is damaged": Oddity(_glb(nodes__0__skin=0, skins=[{"joints": [9]}]), "without a rig, which is damaged"),
    "a rig nobody has that is damaged": Oddity(_glb(skins=[{"joints": [9]}])),
    "a movement that is damaged": Oddity(
        _glb(
            animations=[
                {
                    "channels": [{"sampler": 0, "target": {"node": 0, "path": "scale"}}],
                    "samplers": [{"input": 9, "output": 9}],
                }
            ]
        )
    ),
    "lists that are none": Oddity(_glb(skins=None, cameras=None, animations=None, samplers=None)),
    "names that are none": Oddity(_glb(nodes__0__name=5, meshes__0__name=["x"], materials__0__name=None)),
    "extensions that are none": Oddity(_glb(nodes__0__extensions="x", meshes__0__extensions={"ACME": 5})),
    # what it is written in
    "required and not used": Oddity(_glb(extensionsRequired=["KHR_materials_unlit"])),
    "a look that is required and unknown": Oddity(
        _glb(extensionsUsed=["KHR_materials_magic"], extensionsRequired=["KHR_materials_magic"]),
        "without the look that the glTF extension KHR_materials_magic describes",
    ),
    "version 2.1": Oddity(_glb(asset={"version": "2.1", "minVersion": "2.0"})),
    "version 2": Oddity(_glb(asset={"version": "2"})),
    "a BOM": Oddity({"box.gltf": b"\xef\xbb\xbf" + _gltf(_base64)["box.gltf"]}),
    "bytes that follow": Oddity({"box.glb": box_glb() + b"more"}),
    "a length that is too large": Oddity({"box.glb": box_glb(extra=8)}),
    "JSON padded with NUL": Oddity(
        {"box.glb": pack_glb(json.dumps(assembled()[0]).encode() + b"\0" * 4, assembled()[1])}
    ),
    # addresses
    "lines in a data address": Oddity(_gltf(lambda data: _base64(data, lines="\r\n"))),
    "spaces in a data address": Oddity(_gltf(lambda data: _base64(data, lines=" "))),
    "no padding in a data address": Oddity(_gltf(lambda data: _base64(data + b"\0").rstrip("="))),
    "the other alphabet in a data address": Oddity(_gltf(_urlsafe)),
    "percents in a data address": Oddity(_gltf(_percent)),
    "percents in base64": Oddity(_gltf(lambda data: _base64(data).replace("+", "%2B").replace("/", "%2F"))),
    "a data address of another kind": Oddity(
        _gltf(lambda data: _base64(data, kind="data:text/plain;charset=utf-8;base64,"))
    ),
    "a data address in capitals": Oddity(_gltf(lambda data: _base64(data, kind="DATA:;BASE64,"))),
}


_PLAIN_LOOKS: Final = "without its movements and special looks, which Blender's importer cannot read"


def _animated(path: str, *, count: int) -> dict[str, bytes]:
    """An animation of eight moments."""
    return _glb(
        accessors__3={"bufferView": 0, "componentType": 5126, "type": "SCALAR", "count": 8},
        accessors__4={"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": count},
        animations=[
            {
                "channels": [{"sampler": 0, "target": {"node": 0, "path": path}}],
                "samplers": [{"input": 3, "output": 4}],
            }
        ],
    )


STUBBORN: Final[dict[str, Oddity]] = {
    "a colour of three numbers": Oddity(
        _glb(materials__0__pbrMetallicRoughness__baseColorFactor=[1, 1, 1]), _PLAIN_LOOKS
    ),
    "a coat of a word": Oddity(
        _glb(materials__0__extensions={"KHR_materials_clearcoat": {"clearcoatFactor": "x"}}), _PLAIN_LOOKS
    ),
    "a variant of no material": Oddity(
        _glb(
            extensions={"KHR_materials_variants": {"variants": [{"name": "a"}]}},
            meshes__0__primitives__0__extensions={
                "KHR_materials_variants": {"mappings": [{"material": 9, "variants": [0]}]}
            },
        ),
        _PLAIN_LOOKS,
    ),
    "a camera without a lens": Oddity(
        _glb(cameras=[{"type": "perspective"}], nodes__1={"camera": 0}, scenes__0__nodes=[0, 1]), _PLAIN_LOOKS
    ),
    "a name of half a letter": Oddity(_glb(nodes__0__name="\ud800x"), _PLAIN_LOOKS),
    "a movement that ends too early": Oddity(_animated("scale", count=3), _PLAIN_LOOKS),
    "colours of one number": Oddity(
        _glb(
            meshes__0__primitives__0__attributes__COLOR_0=3,
            accessors__3={"bufferView": 0, "componentType": 5121, "normalized": True, "type": "SCALAR", "count": 8},
        ),
        "without its materials, which Blender's importer cannot read",
        textures=0,
    ),
}
"""What passes every check and makes Blender's importer stumble all the same."""
