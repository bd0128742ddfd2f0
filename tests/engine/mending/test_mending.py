# SPDX-License-Identifier: GPL-3.0-or-later
"""What an importer would trip over is mended in a copy, which holds everything that the original refers to."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.gltf.document import Flaw
from scenario_addon.engine.gltf.draft import Draft
from scenario_addon.engine.mending.check import inspect
from scenario_addon.engine.mending.mending import Mend, mended_copy
from tests.engine.gltf_samples import BINARY, PNG, TRIANGLE, pack_glb, triangle_with


def put(folder: Path, name: str, data: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path


def unpack(path: Path) -> tuple[dict[str, Any], bytes]:
    """The JSON and the binary chunk of a GLB, whose lengths are right."""
    data = path.read_bytes()
    magic, version, total, length, kind = struct.unpack_from("<4sII I4s", data)
    assert (magic, version, total, kind, length % 4) == (b"glTF", 2, len(data), b"JSON", 0)
    rest = data[20 + length :]
    assert not rest or struct.unpack_from("<I4s", rest) == (len(rest) - 8, b"BIN\0")
    return json.loads(data[20 : 20 + length]), rest[8:]


def seen(gltf: dict[str, Any], binary: bytes, view: int) -> bytes:
    found = gltf["bufferViews"][view]
    assert found["buffer"] == 0
    return binary[found.get("byteOffset", 0) :][: found["byteLength"]]


def always(draft: Draft) -> bool:
    return True


def copied(path: Path, folder: Path, *mends: Mend) -> tuple[dict[str, Any], bytes]:
    folder.mkdir(exist_ok=True)
    made = mended_copy(path, folder, mends=mends or [always])
    assert made is not None
    inspect(made.path)
    return unpack(made.path)


# -- the copy


def test_what_needs_no_mend_is_not_copied(tmp_path: Path) -> None:
    path = put(tmp_path, "chair.glb", pack_glb(TRIANGLE))
    assert mended_copy(path, tmp_path / "copies") is None
    assert list(tmp_path.iterdir()) == [path]


def test_a_copy_has_the_same_name_and_leaves_the_original_alone(tmp_path: Path) -> None:
    data = pack_glb(triangle_with("scenes.0.nodes", [0, 0]))
    path = put(tmp_path / "mine", "chair.glb", data)
    made = mended_copy(path, tmp_path)
    assert made is not None
    assert (made.path, made.told) == (tmp_path / "chair.glb", ())
    assert unpack(made.path)[0]["scenes"] == [{"nodes": [0]}]
    assert path.read_bytes() == data


def test_a_copy_of_a_glb_has_its_bytes(tmp_path: Path) -> None:
    gltf, binary = copied(put(tmp_path / "mine", "chair.glb", pack_glb(TRIANGLE)), tmp_path)
    assert [seen(gltf, binary, view) for view in range(3)] == [BINARY[:36], BINARY[36:42], BINARY[44:]]


@pytest.mark.parametrize("is_embedded", [True, False])
def test_a_copy_of_a_gltf_holds_the_files_beside_it(tmp_path: Path, is_embedded: bool) -> None:
    def uri(name: str, data: bytes) -> str:
        if is_embedded:
            return f"data:application/octet-stream;base64,{base64.b64encode(data).decode()}"
        return put(tmp_path / "mine", name, data).name.replace(" ", "%20")

    gltf: Any = triangle_with("buffers.0.uri", uri("a b.bin", BINARY))
    gltf["images"] = [{"uri": uri("paint it.png", PNG)}]
    gltf["buffers"].append({"byteLength": 3, "uri": uri("more.bin", b"abc")})
    gltf["buffers"].append({"byteLength": 5, "uri": uri("last.bin", b"12345")})
    gltf["bufferViews"] += [{"buffer": 1, "byteLength": 3}, {"buffer": 2, "byteOffset": 1, "byteLength": 4}]
    copy, binary = copied(put(tmp_path / "mine", "chair.gltf", json.dumps(gltf).encode()), tmp_path / "copies")
    assert [seen(copy, binary, view) for view in (0, 3, 4)] == [BINARY[:36], b"abc", b"2345"]
    (image,) = copy["images"]
    assert seen(copy, binary, image["bufferView"]) == PNG
    assert image.get("name") == (None if is_embedded else "paint it.png")
    assert len(copy["buffers"]) == 1


def test_what_is_only_unpacked_into_stays_without_bytes(tmp_path: Path) -> None:
    packed = {"buffer": 0, "byteLength": 20, "byteStride": 12, "count": 3, "mode": "ATTRIBUTES"}
    gltf = triangle_with("bufferViews.0", {"buffer": 0, "byteLength": 36})
    gltf["buffers"].insert(0, {"byteLength": 36, "extensions": {"EXT_meshopt_compression": {"fallback": True}}})
    gltf["buffers"][1]["uri"] = put(tmp_path / "mine", "all.bin", BINARY).name
    for view in gltf["bufferViews"][1:]:
        view["buffer"] = 1
    gltf["bufferViews"][0]["extensions"] = {"EXT_meshopt_compression": {**packed, "buffer": 1, "byteOffset": 4}}
    copy, binary = copied(put(tmp_path / "mine", "chair.gltf", json.dumps(gltf).encode()), tmp_path / "copies")
    first = copy["bufferViews"][0]
    assert first["buffer"] == 1
    assert copy["buffers"][1]["extensions"]
    assert (
        first["extensions"]["EXT_meshopt_compression"] | {"buffer": 0, "byteOffset": 4}
        == (first["extensions"]["EXT_meshopt_compression"])
    )
    assert seen(copy, binary, 2) == PNG


def test_a_mend_may_bring_bytes_of_its_own(tmp_path: Path) -> None:
    def flatten(draft: Draft) -> bool:
        draft.root["accessors"][0]["bufferView"] = draft.add_view(bytes(36))
        draft.told.append("flat")
        return True

    gltf, binary = copied(put(tmp_path / "mine", "chair.glb", pack_glb(TRIANGLE)), tmp_path, flatten)
    assert seen(gltf, binary, gltf["accessors"][0]["bufferView"]) == bytes(36)
    assert seen(gltf, binary, 2) == PNG


def test_what_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    path = put(tmp_path, "chair.glb", pack_glb(TRIANGLE))
    with pytest.raises(OSError, match="No such file"):
        mended_copy(path, tmp_path / "nowhere", mends=[always])


def test_what_is_no_gltf_is_not_mended(tmp_path: Path) -> None:
    with pytest.raises(Flaw, match="is not a GLB file"):
        mended_copy(put(tmp_path, "chair.glb", b"rubbish"), tmp_path / "copies")


# -- nodes


@pytest.mark.parametrize(("listed", "wanted"), [([0, 0], [0]), ([0, 1], [0]), ([1, 0, 1, 0], [0]), ([0, 2, 2], [0, 2])])
def test_a_scene_lists_each_root_once(tmp_path: Path, listed: list[int], wanted: list[int]) -> None:
    nodes = [{"mesh": 0, "children": [1]}, {"mesh": 0}, {"mesh": 0}]
    gltf = triangle_with("nodes", nodes) | {"scenes": [{"nodes": listed}]}
    made = mended_copy(put(tmp_path / "mine", "chair.glb", pack_glb(gltf)), tmp_path)
    assert made is not None
    assert unpack(made.path)[0]["scenes"] == [{"nodes": wanted}]
