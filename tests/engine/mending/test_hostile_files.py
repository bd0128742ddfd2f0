# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that means harm costs little, and whatever is spoiled ends in a sentence."""

from __future__ import annotations

import base64
import copy
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenario_addon.engine.errors import DownloadError
from scenario_addon.engine.mending.check import inspect
from tests.engine.gltf_samples import PNG, TRIANGLE, pack_glb, triangle_glb, triangle_with

QUICK = settings(max_examples=100, deadline=None)


def look(folder: Path, data: bytes) -> int:
    """How many triangles it has."""
    path = folder / "chair.glb"
    path.write_bytes(data)
    return inspect(path).triangles


def _many(name: str, entry: Any, count: int) -> bytes:
    gltf = copy.deepcopy(TRIANGLE)
    gltf[name] = gltf[name] + [entry] * count
    return pack_glb(gltf)


def _overlapping() -> bytes:
    binary = bytes(400_000)
    gltf = copy.deepcopy(TRIANGLE)
    gltf["buffers"] = [{"byteLength": len(binary)}]
    gltf["bufferViews"] = [{"buffer": 0, "byteLength": len(binary)}]
    gltf["accessors"] = [{**TRIANGLE["accessors"][0], "byteOffset": 4 * n, "count": 30_000} for n in range(2_000)]
    gltf["meshes"] = [{"primitives": [{"attributes": {"POSITION": n}} for n in range(2_000)]}]
    return pack_glb(gltf, binary)


def _repeated() -> bytes:
    gltf = copy.deepcopy(TRIANGLE)
    gltf["meshes"][0]["primitives"] *= 20_000
    gltf["accessors"][0] = {"componentType": 5126, "type": "VEC3", "count": 100_000}
    return pack_glb(gltf)


HOSTILE = {
    "a count of 2**31": pack_glb(triangle_with("accessors.0.count", 2**31)),
    "zeros without end": pack_glb(
        triangle_with("accessors.0", {"componentType": 5126, "type": "VEC3", "count": 2**31})
    ),
    "a million accessors": _many("accessors", {"componentType": 5126, "type": "VEC3", "count": 1}, 1_000_000),
    "a million empty objects": _many("meshes", {}, 1_000_000),
    "depth": pack_glb(b'{"asset":' + b"[" * 500_000 + b"]" * 500_000 + b"}"),
    "numbers of a thousand digits": pack_glb(b'{"asset":[' + b",".join([b"9" * 4_000] * 500) + b"]}"),
    "a number of a million digits": pack_glb(b'{"asset":' + b"9" * 1_000_000 + b"}"),
    "parts over each other": _overlapping(),
    "one part again and again": _repeated(),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little_and_is_refused(tmp_path: Path, name: str) -> None:
    data = HOSTILE[name]
    started_s = time.thread_time()
    with pytest.raises(DownloadError):
        look(tmp_path, data)
    assert time.thread_time() - started_s < 2.0
    tracemalloc.start()
    with pytest.raises(DownloadError):
        inspect(tmp_path / "chair.glb")
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 50_000_000 + 5 * len(data)


def test_a_hostile_picture_costs_little_and_is_left_out(tmp_path: Path) -> None:
    uri = "data:;base64," + base64.b64encode(PNG[:33] + bytes(12) * 200_000).decode()
    path = tmp_path / "chair.glb"
    path.write_bytes(pack_glb(triangle_with("images.0", {"uri": uri})))
    started_s = time.thread_time()
    (flaw,) = inspect(path).flaws
    assert "base colour texture, which is cut short or damaged" in flaw
    assert time.thread_time() - started_s < 2.0


# -- anything at all

PLACES = [
    f"{name}.0.{key}"
    for name in ("accessors", "bufferViews", "buffers", "nodes", "images", "textures")
    for key in (
        "count", "byteOffset", "byteLength", "bufferView", "buffer", "mesh", "children", "source", "sparse", "uri",
    )
]  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@QUICK
@given(changes=st.lists(st.tuples(st.sampled_from(PLACES), ANYTHING), max_size=3))
def test_whatever_is_changed_it_is_taken_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, Any]]
) -> None:
    gltf = copy.deepcopy(TRIANGLE)
    for place, value in changes:
        name, _, key = place.split(".")
        gltf[name][0][key] = value
    try:
        assert look(tmp_path_factory.getbasetemp(), pack_glb(gltf)) == 1
    except DownloadError as error:
        assert error.user_message.endswith(".")
        assert len(error.user_message) < 200


@QUICK
@given(at=st.integers(0, len(triangle_glb()) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_does_no_harm(tmp_path_factory: pytest.TempPathFactory, at: int, bit: int) -> None:
    data = bytearray(triangle_glb())
    data[at] ^= 1 << bit
    try:
        assert look(tmp_path_factory.getbasetemp(), bytes(data)) == 1
    except DownloadError as error:
        assert error.user_message.startswith("chair.glb ")
