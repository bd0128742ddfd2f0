# SPDX-License-Identifier: GPL-3.0-or-later
"""A GLB is looked at before it is imported: its container, and what its JSON promises."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from scenario_addon.engine.errors import DownloadError
from scenario_addon.engine.gltf.container import HEADER_BYTES, json_length, promises
from scenario_addon.engine.gltf.document import Flaw, GltfInfo
from scenario_addon.engine.mending.check import inspect
from tests.engine.gltf_samples import BINARY, TRIANGLE, pack_glb, triangle_glb, triangle_with

QUICK = settings(max_examples=60, deadline=None)


def _inspect(folder: Path, data: bytes) -> GltfInfo:
    path = folder / "größe 1.glb"
    path.write_bytes(data)
    return inspect(path)


def _info(**gltf: Any) -> GltfInfo:
    return promises(json.dumps(gltf).encode())


def test_a_real_mesh_with_a_texture_is_counted(tmp_path: Path) -> None:
    mesh = trimesh.creation.icosphere(subdivisions=2)
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=Image.new("RGB", (8, 8), "teal"), normalTexture=Image.new("RGB", (8, 8), "blue")
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.zeros((len(mesh.vertices), 2)), material=material)
    info = _inspect(tmp_path, mesh.export(file_type="glb"))
    assert (info.triangles, info.pbr_textures) == (320, 2)


def test_the_smallest_file_is_read(tmp_path: Path) -> None:
    assert _inspect(tmp_path, triangle_glb()) == GltfInfo(1, 1)


def test_text_in_any_script_is_no_obstacle(tmp_path: Path) -> None:
    text = json.dumps(triangle_with("nodes.0.name", "椅子"), ensure_ascii=False).encode()
    assert _inspect(tmp_path, pack_glb(text)).triangles == 1


# -- the container


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is not a GLB file"),
        (b"glTF", "is not a GLB file"),
        (triangle_glb()[: HEADER_BYTES - 1], "is not a GLB file"),
        (b"<html>Access denied, sign in first</html>", "is not a GLB file"),
        (pack_glb(TRIANGLE, magic=b"GLTF"), "is not a GLB file"),
        (json.dumps(TRIANGLE).encode(), "is not a GLB file"),
        (pack_glb(TRIANGLE, version=1), "version 1; only version 2"),
        (pack_glb(TRIANGLE, version=3), "version 3; only version 2"),
        (pack_glb(TRIANGLE, kind=b"BIN\0"), "its first part is not glTF JSON"),
        (pack_glb(TRIANGLE, json_extra=4), "its glTF JSON cannot be read"),
        (pack_glb(TRIANGLE, json_extra=2**31), "its first part is not glTF JSON"),
        (triangle_glb()[:-1], "it is not whole"),
        (pack_glb(b""), "its glTF JSON cannot be read"),
        (pack_glb(b"{"), "its glTF JSON cannot be read"),
        (pack_glb(b"\xff\xfe\xfa\xfb"), "its glTF JSON cannot be read"),
        (pack_glb(b"[" * 100_000), "its glTF JSON cannot be read"),
        (pack_glb([]), "its glTF JSON is not an object"),
        (pack_glb("glTF"), "its glTF JSON is not an object"),
        (pack_glb(b'{"a": NaN}'), "its glTF JSON cannot be read"),
        (pack_glb(b"[" + b"1" * 5000 + b"]"), "its glTF JSON cannot be read"),
        (pack_glb(TRIANGLE, BINARY[:40]), "reaches beyond its bufferView"),
        (pack_glb(TRIANGLE, b""), "no binary part"),
    ],
)
def test_a_file_that_is_not_a_whole_glb_is_refused_with_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(DownloadError, match=f"größe 1.glb .*({sentence})"):
        _inspect(tmp_path, data)


def lengths_off(json_by: int) -> bytes:
    """A GLB whose JSON is not padded to a multiple of four, or not counted with what pads it."""
    text = json.dumps(TRIANGLE).encode()
    text += b" " * (-len(text) % 4 + json_by)
    counted = len(text) // 4 * 4 - 1 if json_by == 0 else len(text)
    rest = struct.pack("<I4s", len(BINARY), b"BIN\0") + BINARY
    return struct.pack("<4sIII4s", b"glTF", 2, 20 + len(text) + len(rest), counted, b"JSON") + text + rest


@pytest.mark.parametrize(
    "data",
    [
        pack_glb(TRIANGLE, extra=1),
        pack_glb(TRIANGLE, extra=-1),
        pack_glb(TRIANGLE, extra=-len(BINARY)),
        pack_glb(TRIANGLE, extra=2**31),
        triangle_glb() + b"more",
        triangle_glb() + b"\0" * 100_000,
        pack_glb(TRIANGLE, tail=b"\0\0\0"),
        pack_glb(TRIANGLE, tail=struct.pack("<I4s", 1, b"more")),
        pack_glb(TRIANGLE, tail=struct.pack("<I4s", 0, b"more") * 100),
        pack_glb(b"\xef\xbb\xbf" + json.dumps(TRIANGLE).encode()),
        pack_glb(json.dumps(TRIANGLE).encode() + b"\0\0\0"),
        lengths_off(0),
        lengths_off(1),
    ],
)
def test_lengths_that_are_off_do_no_harm_while_both_parts_are_whole(tmp_path: Path, data: bytes) -> None:
    assert _inspect(tmp_path, data) == GltfInfo(1, 1)


def test_a_file_cut_anywhere_is_noticed(tmp_path: Path) -> None:
    whole = triangle_glb()
    for length in range(len(whole)):
        with pytest.raises(DownloadError):
            _inspect(tmp_path, whole[:length])


def test_the_length_of_the_json_is_known_from_the_header_alone() -> None:
    data = pack_glb(TRIANGLE)
    length = json_length(data[:HEADER_BYTES])
    assert json.loads(data[HEADER_BYTES : HEADER_BYTES + length]) == TRIANGLE


def test_json_beyond_all_reason_is_refused_before_it_is_read() -> None:
    header = struct.pack("<4sIII4s", b"glTF", 2, 2**32 - 1, 2**30, b"JSON")
    with pytest.raises(Flaw, match="damaged"):
        json_length(header)


def test_further_chunks_are_passed_over(tmp_path: Path) -> None:
    assert _inspect(tmp_path, pack_glb(TRIANGLE, tail=struct.pack("<I4s", 4, b"MORE") + b"....")).triangles == 1


# -- what it holds


@pytest.mark.parametrize(
    ("primitive", "triangles"),
    [
        ({"attributes": {"POSITION": 0}}, 1),
        ({"attributes": {"POSITION": 0}, "indices": 1}, 4),
        ({"attributes": {"POSITION": 0}, "indices": 1, "mode": 4}, 4),
        ({"attributes": {"POSITION": 0}, "indices": 1, "mode": 5}, 10),
        ({"attributes": {"POSITION": 0}, "indices": 1, "mode": 6}, 10),
        ({"attributes": {"POSITION": 2}, "mode": 5}, 0),
        ({"attributes": {"POSITION": 0}, "mode": 0}, 0),
        ({"attributes": {"POSITION": 0}, "mode": 1}, 0),
        ({"attributes": {"POSITION": 0}, "indices": 99}, 0),
        ({"attributes": {"POSITION": 0}, "indices": -1}, 0),
        ({"attributes": {"POSITION": 0}, "indices": "1"}, 0),
        ({"attributes": {"POSITION": 3}}, 0),
        ({"attributes": {"POSITION": 4}}, 0),
        ({"attributes": [0]}, 0),
        ({}, 0),
        (None, 0),
    ],
)
def test_triangles_are_counted_by_mode_and_indices(primitive: Any, triangles: int) -> None:
    accessors = [{"count": 3}, {"count": 12}, {"count": 1}, {"count": "many"}, None]
    assert _info(accessors=accessors, meshes=[{"primitives": [primitive]}]).triangles == triangles


def test_the_triangles_of_all_meshes_and_parts_add_up() -> None:
    part = {"attributes": {"POSITION": 0}, "indices": 1}
    meshes = [{"primitives": [part, part]}, {"primitives": [part]}, {}]
    assert _info(accessors=[{"count": 3}, {"count": 12}], meshes=meshes).triangles == 12


def test_filled_texture_slots_are_counted_whatever_they_hold() -> None:
    full = {
        "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, "metallicRoughnessTexture": {"index": 1}},
        "normalTexture": {"index": 2},
        "occlusionTexture": {"index": 1},
        "emissiveTexture": {"index": 3},
    }
    plain = {"pbrMetallicRoughness": {"baseColorFactor": [1, 0, 0, 1]}}
    assert _info(materials=[full, plain, {}, None, {"pbrMetallicRoughness": 7}]).pbr_textures == 5


@pytest.mark.parametrize("name", ["accessors", "meshes", "materials", "textures", "extensionsRequired"])
@pytest.mark.parametrize("junk", [None, 7, "x", {}, [None], [7], [[]]], ids=repr)
def test_a_wrong_type_counts_as_nothing(name: str, junk: Any) -> None:
    assert _info(**{**TRIANGLE, name: junk}).triangles in (0, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["accessors", "meshes", "primitives", "attributes", "POSITION", "indices", "count", "mode", "materials"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@QUICK
@given(gltf=st.dictionaries(st.sampled_from(["accessors", "meshes", "materials", "extensionsRequired"]), JSON))
def test_any_gltf_is_counted_without_a_stumble(gltf: dict[str, Any]) -> None:
    assert _info(**gltf).triangles >= 0


@QUICK
@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Flaw):
        promises(b"\xff" + data)
    with pytest.raises(Flaw):
        json_length(data)
