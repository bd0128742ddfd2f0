# SPDX-License-Identifier: GPL-3.0-or-later
"""What a file may be together: whatever is listed again is made again, and counts again."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from benchmarks import hostile
from benchmarks.hostile import Glb

from scenario_addon.engine.errors import DownloadError
from scenario_addon.engine.gltf import limits
from scenario_addon.engine.mending.check import inspect
from tests.limits import shorten


def look(folder: Path, data: bytes) -> int:
    """How many triangles it has."""
    path = folder / "chair.glb"
    path.write_bytes(data)
    return inspect(path).triangles


def edited(data: bytes, edit: Callable[[dict[str, Any]], None]) -> bytes:
    """A GLB with other JSON."""
    (length,) = struct.unpack_from("<I", data, 12)
    gltf = json.loads(data[20 : 20 + length])
    edit(gltf)
    text = json.dumps(gltf).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length :]
    return struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A) + text + rest


TOO_MUCH = {
    "objects": (lambda: hostile.nodes(2_500), "has 2,501 objects and meshes; more than 2,500 would halt"),
    "meshes": (lambda: hostile.meshes(1_251), "has 2,502 objects and meshes"),
    "GPU instances": (lambda: hostile.gpu_instances(1_000_000), "has 1,000,001 objects and meshes"),
    "materials": (lambda: hostile.materials(401), "has 401 materials; more than 400 would halt"),
    "nodes": (lambda: hostile.nested(20_000), "has 20,001 nodes"),
    "depth": (lambda: hostile.nested(800), "has 801 nodes that hang from each other"),
    "joints": (lambda: hostile.joints(5_001), "has 5,001 joints"),
    "seen triangles": (lambda: hostile.instances(2_000, 30_000), "has [0-9,]+ triangles; more than 50,000,000"),
    "pixels": (lambda: hostile.many_textures(9, 16_384), "has textures of more than 2,147 million pixels"),
    "images on one view": (lambda: hostile.images_on_one_view(33, 8_192), "has textures of more than 2,147 million"),
}


@pytest.mark.parametrize("kind", TOO_MUCH)
def test_what_blender_could_not_bear_is_refused_with_a_sentence_and_at_little_cost(tmp_path: Path, kind: str) -> None:
    make, sentence = TOO_MUCH[kind]
    data = make()
    started_s = time.thread_time()
    with pytest.raises(DownloadError, match=f"^chair.glb {sentence}.*: ask for .*[.]$"):
        look(tmp_path, data)
    assert time.thread_time() - started_s < 2.0


ENOUGH = {
    "objects": lambda: hostile.nodes(2_499),
    "meshes": lambda: hostile.meshes(1_250),
    "GPU instances": lambda: hostile.gpu_instances(2_499),
    "materials": lambda: hostile.materials(400),
    "depth": lambda: hostile.nested(799),
    "joints": lambda: hostile.joints(5_000),
    "keys, of which nothing stays": lambda: hostile.keys(400, 10_000),
    "a thousand instances": lambda: hostile.instances(1_884, 4_050),
    "four textures of 8,192 px": lambda: hostile.images_on_one_view(4, 8_192),
    "a hundred textures of 4,096 px": lambda: hostile.many_textures(100, 4_096),
    "one texture of 16,384 px": lambda: hostile.one_texture(16_384),
    "morph targets": lambda: hostile.morph_targets(50, 2_000),
}


@pytest.mark.parametrize("kind", ENOUGH)
def test_what_blender_can_bear_is_taken(tmp_path: Path, kind: str) -> None:
    assert look(tmp_path, ENOUGH[kind]())


def test_materials_that_nothing_uses_do_not_count(tmp_path: Path) -> None:
    def let_go(gltf: dict[str, Any]) -> None:
        del gltf["meshes"][0]["primitives"][1:]

    assert look(tmp_path, edited(hostile.materials(10_000), let_go)) == 2


def test_two_million_triangles_that_share_nothing_are_taken(tmp_path: Path) -> None:
    points = 6_000_000
    glb = Glb()
    view = glb.view(bytes(16 * points))
    widths = {"POSITION": 3, "NORMAL": 3, "TEXCOORD_0": 2, "TANGENT": 4}
    kinds = {name: glb.accessor(None, f"VEC{width}", count=points, bufferView=view) for name, width in widths.items()}
    assert look(tmp_path, glb.shown({"attributes": kinds})) == 2_000_000


def test_geometry_counts_as_often_as_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile.primitives(20, 2_000)
    shorten(monkeypatch, limits, _MOST_GEOMETRY_BYTES=800_000)
    assert look(tmp_path, data)
    shorten(monkeypatch, limits, _MOST_GEOMETRY_BYTES=600_000)
    with pytest.raises(DownloadError, match=r"takes more memory in Blender .*: ask for fewer triangles\.$"):
        look(tmp_path, data)


@pytest.mark.parametrize("name", ["targets", "skin", "weights"])
def test_a_mesh_that_blender_makes_anew_for_each_node_counts_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def give(gltf: dict[str, Any]) -> None:
        gltf["skins"] = [{"joints": [0]}] * 10
        for number, node in enumerate(gltf["nodes"]):
            node |= {"skin": number} if name == "skin" else {}
        (part,) = gltf["meshes"][0]["primitives"]
        part |= {"targets": [{"POSITION": part["attributes"]["POSITION"]}]} if name == "targets" else {}

    shorten(monkeypatch, limits, _MOST_GEOMETRY_BYTES=200_000)
    data = edited(hostile.instances(10, 2_000), give)
    if name == "weights":  # of no meaning where there are no targets
        assert look(tmp_path, data)
        return
    with pytest.raises(DownloadError, match="takes more memory"):
        look(tmp_path, data)


def test_a_part_counts_with_all_that_came_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch, limits, _MOST_JOINING_BYTES=4_000_000)
    assert look(tmp_path, hostile.primitives(10, 2_000))
    with pytest.raises(DownloadError, match=r"too many parts for Blender to join: ask for fewer parts\.$"):
        look(tmp_path, hostile.primitives(20, 2_000))


def test_matrices_of_a_skin_that_are_all_zero_count(tmp_path: Path) -> None:
    def grow(gltf: dict[str, Any]) -> None:
        gltf["accessors"].append({"componentType": 5126, "type": "MAT4", "count": 2**31})
        gltf["skins"][0]["inverseBindMatrices"] = len(gltf["accessors"]) - 1

    with pytest.raises(DownloadError, match="numbers in its skins"):
        look(tmp_path, edited(hostile.joints(2), grow))


def test_zeros_that_no_part_of_the_file_stands_for_are_refused(tmp_path: Path) -> None:
    for data in (hostile.zeros(20_000_000), hostile.sparse(20_000_000), hostile.primitives(10_000, 800)):
        with pytest.raises(DownloadError, match="more than 200 times its size"):
            look(tmp_path, data)


def test_a_texture_that_only_an_extension_uses_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def move(gltf: dict[str, Any]) -> None:
        for material in gltf["materials"]:
            slot = material.pop("pbrMetallicRoughness")["baseColorTexture"]
            material["extensions"] = {"KHR_materials_clearcoat": {"clearcoatTexture": slot}}

    data = edited(hostile.images_on_one_view(4, 64), move)
    shorten(monkeypatch, limits, _MOST_PIXELS=4 * 64 * 64)
    assert look(tmp_path, data)
    shorten(monkeypatch, limits, _MOST_PIXELS=4 * 64 * 64 - 1)
    with pytest.raises(DownloadError, match="ask for smaller ones"):
        look(tmp_path, data)
