# SPDX-License-Identifier: GPL-3.0-or-later
"""What an importer would trip over, or pass over in silence, is found before; and a hostile file gets nowhere."""

from __future__ import annotations

import copy
import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import DownloadError
from scenario_addon.engine.gltf.document import READABLE, GltfInfo
from scenario_addon.engine.mending.check import inspect
from tests.engine.gltf_samples import BINARY, TRIANGLE, pack_glb, triangle_with

NAN, INFINITY = struct.pack("<f", float("nan")), struct.pack("<f", float("-inf"))


def look(folder: Path, data: bytes, *, suffix: str = ".glb", readable: frozenset[str] = READABLE) -> GltfInfo:
    path = folder / f"chair{suffix}"
    path.write_bytes(data)
    return inspect(path, readable=readable)


def requiring(*extensions: str) -> bytes:
    return pack_glb({**TRIANGLE, "extensionsUsed": list(extensions), "extensionsRequired": list(extensions)})


def with_points(*places: bytes, stride: int = 12, **accessor: Any) -> bytes:
    """The triangle with other points."""
    data = b"".join(place.ljust(stride, b"\xff") for place in places)
    gltf = copy.deepcopy(TRIANGLE)
    gltf["bufferViews"].append({"buffer": 0, "byteOffset": len(BINARY), "byteLength": len(data), "byteStride": stride})
    gltf["accessors"][0] |= {"bufferView": 3, "count": len(places), **accessor}
    gltf["buffers"][0]["byteLength"] = len(BINARY) + len(data)
    return pack_glb(gltf, BINARY + data)


# -- places


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("accessors.0.count", 4, "reaches beyond its bufferView"),
        ("accessors.0.count", 2**31, "reaches beyond its bufferView"),
        ("accessors.0.count", 2**60, "count is not a number"),
        ("accessors.0.count", 0, "no triangles in it"),
        ("accessors.0.count", "3", "count is not a number"),
        ("accessors.0.count", 3.0, "count is not a number"),
        ("accessors.0.count", True, "count is not a number"),
        ("accessors.0.count", ..., "count is not a number"),
        ("accessors.0.byteOffset", 4, "reaches beyond its bufferView"),
        ("accessors.0.byteOffset", -4, "byteOffset is not a number"),
        ("accessors.0.componentType", 5130, "unknown componentType 5130"),
        ("accessors.0.type", "VEC5", "unknown type"),
        ("accessors.0.type", ["VEC3"], "unknown type"),
        ("accessors.0.type", "VEC2", "do not belong together"),
        ("accessors.0.bufferView", 3, "bufferView refers to number 3 of 3"),
        ("accessors.0.bufferView", -1, "bufferView is not a number"),
        ("accessors.1.componentType", 5126, "not whole numbers|beyond its bufferView"),
        ("accessors.1.componentType", 5122, "not whole numbers"),
        ("bufferViews.0.byteLength", 35, "reaches beyond its bufferView"),
        ("bufferViews.0.byteOffset", len(BINARY), "reaches beyond its bufferView"),
        ("bufferViews.0.byteStride", 4, "reaches beyond its bufferView"),
        ("bufferViews.0.buffer", 1, "buffer refers to number 1 of 1"),
        ("bufferViews.0", None, "buffer is not a number"),
        ("buffers", {}, "buffer refers to number 0 of 0"),
        ("meshes.0.primitives.0.attributes.POSITION", 9, "POSITION refers to number 9 of 2"),
        ("meshes.0.primitives.0.attributes.NORMAL", "x", "NORMAL is not a number"),
        ("meshes.0.primitives.0.indices", 2, "indices refers to number 2 of 2"),
        ("meshes.0.primitives.0.attributes.TEXCOORD_0", 0, "do not belong together"),
        ("nodes.0.mesh", 1, "mesh refers to number 1 of 1"),
        ("asset.version", "1.0", "glTF version 1.0; only 2.0"),
        ("asset", ..., "glTF version unknown"),
    ],
)
def test_what_lies_outside_its_place_is_refused(tmp_path: Path, place: str, value: Any, reason: str) -> None:
    with pytest.raises(DownloadError, match=f"^chair.glb .*({reason})"):
        look(tmp_path, pack_glb(triangle_with(place, value)))


def test_corners_beyond_the_points_are_refused(tmp_path: Path) -> None:
    broken = BINARY[:36] + struct.pack("<3H", 0, 1, 3) + BINARY[42:]
    with pytest.raises(DownloadError, match="a mesh of 3 points names point 3"):
        look(tmp_path, pack_glb(TRIANGLE, broken))


# -- numbers that are none


@pytest.mark.parametrize("bad", [NAN, INFINITY])
@pytest.mark.parametrize("stride", [12, 16, 20])
@pytest.mark.parametrize("at", [0, 1, 70_000])
def test_one_point_that_is_no_number_is_found_wherever_it_is(tmp_path: Path, bad: bytes, stride: int, at: int) -> None:
    points = [bytes(12)] * 70_001
    assert look(tmp_path, with_points(*points, stride=stride)).triangles == 1
    points[at] = bytes(8) + bad
    if at > 2:  # no triangle has it
        assert look(tmp_path, with_points(*points, stride=stride)) == GltfInfo(1, 1)
        return
    with pytest.raises(DownloadError, match="some of its points are not numbers"):
        look(tmp_path, with_points(*points, stride=stride))


def test_points_of_whole_numbers_are_all_numbers(tmp_path: Path) -> None:
    assert look(tmp_path, with_points(*[b"\xff" * 12] * 3, componentType=5120)).triangles == 1


@pytest.mark.parametrize(("replacement", "is_sound"), [(bytes(12), True), (bytes(8) + NAN, False)])
def test_a_sparse_accessor_is_seen_with_its_replacements(tmp_path: Path, replacement: bytes, is_sound: bool) -> None:
    sparse = {"count": 1, "indices": {"bufferView": 1, "componentType": 5123}, "values": {"bufferView": 3}}
    gltf = triangle_with("accessors.0.sparse", sparse)
    gltf["bufferViews"].append({"buffer": 0, "byteOffset": len(BINARY), "byteLength": 12})
    gltf["buffers"][0]["byteLength"] += 12
    if is_sound:
        assert look(tmp_path, pack_glb(gltf, BINARY + replacement)).triangles == 1
        sparse["count"] = 4
    with pytest.raises(DownloadError, match="not numbers" if not is_sound else "beyond its bufferView"):
        look(tmp_path, pack_glb(gltf, BINARY + replacement))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("matrix", [1] * 15),
        ("matrix", "one"),
        ("translation", [0, 0, None]),
        ("scale", [1, 1, 10**400]),
        ("rotation", [0, 0, True, 1]),
    ],
)
def test_a_transform_that_is_none_is_refused(tmp_path: Path, name: str, value: Any) -> None:
    with pytest.raises(DownloadError, match=f"the {name} of a node is not"):
        look(tmp_path, pack_glb(triangle_with(f"nodes.0.{name}", value)))


def test_a_transform_beyond_all_numbers_is_refused(tmp_path: Path) -> None:
    text = json.dumps(triangle_with("nodes.0.scale", [1, 1, 7.25])).replace("7.25", "1e999")
    with pytest.raises(DownloadError, match="the scale of a node is not 3 numbers"):
        look(tmp_path, pack_glb(text.encode()))


# -- what is no mesh, or not one that Blender reads


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("nodes.0", {}),
        ("nodes.0.mesh", ...),
        ("meshes.0.primitives", []),
        ("meshes.0.primitives.0.mode", 0),
        ("meshes.0.primitives.0.attributes", {}),
    ],
)
def test_without_a_triangle_it_is_no_mesh(tmp_path: Path, place: str, value: Any) -> None:
    with pytest.raises(DownloadError, match="is not a mesh: there are no triangles"):
        look(tmp_path, pack_glb(triangle_with(place, value)))


@pytest.mark.parametrize(
    ("children", "reason"),
    [
        ([[0]], "in a circle"),
        ([[], [2], [1]], "in a circle"),
        ([[5], []], "refers to number 5 of 2"),
        (["x", []], "children is not a list"),
    ],
)
def test_nodes_that_are_no_trees_are_refused(tmp_path: Path, children: list[Any], reason: str) -> None:
    nodes = [{"mesh": 0, "children": own} for own in children]
    with pytest.raises(DownloadError, match=reason):
        look(tmp_path, pack_glb(triangle_with("nodes", nodes)))


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        ("EXT_meshopt_compression", "meshopt, which takes Blender 5.2 or newer with meshopt's library"),
        ("KHR_meshopt_compression", "meshopt, which takes Blender 5.2 or newer with meshopt's library"),
        ("ACME_magic", "needs the glTF extension ACME_magic, which Blender cannot read"),
    ],
)
def test_an_extension_that_blender_lacks_is_named_in_plain_words(tmp_path: Path, extension: str, words: str) -> None:
    with pytest.raises(DownloadError, match=words):
        look(tmp_path, requiring(extension))
    assert look(tmp_path, requiring(extension), readable=READABLE | {extension}).triangles == 1


def test_draco_is_named_where_its_library_is_missing(tmp_path: Path) -> None:
    assert look(tmp_path, requiring("KHR_draco_mesh_compression")).triangles == 1
    with pytest.raises(DownloadError, match="is compressed with Draco, and this Blender comes without"):
        look(tmp_path, requiring("KHR_draco_mesh_compression"), readable=READABLE - {"KHR_draco_mesh_compression"})


@pytest.mark.parametrize("required", ["x", ["ACME"], [["ACME"]], [7]])
def test_extensions_that_make_no_sense_are_refused(tmp_path: Path, required: Any) -> None:
    with pytest.raises(DownloadError, match=r"damaged|needs the glTF extension"):
        look(tmp_path, pack_glb(triangle_with("extensionsRequired", required)))


def test_meshopt_is_taken_where_it_can_be_read(tmp_path: Path) -> None:
    packed = {"buffer": 0, "byteLength": 20, "byteStride": 12, "count": 3, "mode": "ATTRIBUTES"}
    gltf = triangle_with("bufferViews.0", {"buffer": 1, "byteLength": 36, "extensions": {}})
    gltf["bufferViews"][0]["extensions"]["EXT_meshopt_compression"] = packed
    gltf["buffers"].append({"byteLength": 36, "extensions": {"EXT_meshopt_compression": {"fallback": True}}})
    assert look(tmp_path, pack_glb(gltf)).triangles == 1
    packed["byteLength"] = 10_000
    with pytest.raises(DownloadError, match="compressed parts do not fit"):
        look(tmp_path, pack_glb(gltf))


# -- addresses


@pytest.mark.parametrize(
    "uri",
    [
        "file:///etc/hostname", "http://127.0.0.1:9/x.png", "//host/x.png", "/etc/hostname", "../x.bin", "..%2fx.bin",
        "C:\\x.bin", "sub/x.bin", "x.bin", "", ".", "..", 7, None, "a\0b",
    ],
)  # fmt: skip
def test_a_glb_reaches_for_nothing_outside_itself(tmp_path: Path, uri: Any) -> None:
    (tmp_path / "x.bin").write_bytes(BINARY)
    with pytest.raises(DownloadError, match="refers to another file or address, which is not fetched"):
        look(tmp_path, pack_glb(triangle_with("buffers.0.uri", uri)))
    (flaw,) = look(tmp_path, pack_glb(triangle_with("images.0", {"uri": uri}))).flaws
    assert flaw.endswith(", which is missing")


def test_a_gltf_takes_the_files_beside_it_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "a b.bin").write_bytes(BINARY)
    (tmp_path.parent / "outside.bin").write_bytes(BINARY)

    def naming(uri: str) -> bytes:
        return json.dumps(triangle_with("buffers.0.uri", uri)).encode()

    assert look(tmp_path, naming("a%20b.bin"), suffix=".gltf").triangles == 1
    with pytest.raises(DownloadError, match=r"missing\.bin is missing beside it"):
        look(tmp_path, naming("missing.bin"), suffix=".gltf")
    for uri in ("../outside.bin", "..%2Foutside.bin", str(tmp_path / "a b.bin"), "file:a%20b.bin"):
        with pytest.raises(DownloadError, match="another file or address"):
            look(tmp_path, naming(uri), suffix=".gltf")


@pytest.mark.parametrize(
    "uri", ["sub/deep/all.bin", "sub\\deep\\all.bin", "./sub/x/../deep//all.bin", "sub%2Fdeep/all.bin"]
)
def test_a_gltf_takes_files_of_folders_in_its_own(tmp_path: Path, uri: str) -> None:
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / "deep" / "all.bin").write_bytes(BINARY)
    assert look(tmp_path, json.dumps(triangle_with("buffers.0.uri", uri)).encode(), suffix=".gltf") == GltfInfo(1, 1)


def test_a_gltf_follows_no_link_that_leads_out_of_its_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outside.bin").write_bytes(BINARY)
    (home / "link.bin").symlink_to(tmp_path / "outside.bin")
    (home / "up").symlink_to(tmp_path)
    for uri in ("link.bin", "up/outside.bin"):
        with pytest.raises(DownloadError, match="is missing beside it"):
            look(home, json.dumps(triangle_with("buffers.0.uri", uri)).encode(), suffix=".gltf")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has none")
    os.mkfifo(tmp_path / "all.bin")
    with pytest.raises(DownloadError, match="is missing beside it"):
        look(tmp_path, json.dumps(triangle_with("buffers.0.uri", "all.bin")).encode(), suffix=".gltf")
