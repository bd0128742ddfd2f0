# SPDX-License-Identifier: GPL-3.0-or-later
"""What the importer of this Blender reads, by really reading it."""

from __future__ import annotations

import ctypes
import importlib
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from scenario_addon.blender.examining.samples import PLAIN
from scenario_addon.blender.examining.worker import problem_of
from scenario_addon.blender.importing.readers import readable_extensions

LIBRARY = Path(bpy.__file__).parents[4] / "lib" / "libmeshoptimizer.so"


@pytest.mark.parametrize("name", [PLAIN, "WebP"])
def test_what_every_blender_reads_is_read(tmp_path: Path, name: str) -> None:
    assert problem_of(name, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "extension"), [("Draco", "KHR_draco_mesh_compression"), ("meshopt", "EXT_meshopt_compression")]
)
def test_what_takes_a_library_is_read_where_that_is_there(tmp_path: Path, name: str, extension: str) -> None:
    problem = problem_of(name, tmp_path)
    assert (problem is None) is (extension in readable_extensions()), problem
    assert problem is None or f"it is {name} compressed, which this Blender cannot read" in problem


def test_the_sample_of_meshopt_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not LIBRARY.is_file() or bpy.app.version < (5, 2):
        pytest.skip("takes an importer that knows meshopt, and meshopt itself")
    meshopt = ctypes.CDLL(str(LIBRARY))
    decode = meshopt.meshopt_decodeVertexBuffer
    size = ctypes.c_size_t
    decode.argtypes = [ctypes.c_void_p, size, size, ctypes.POINTER(ctypes.c_ubyte), size]
    module = importlib.import_module("io_scene_gltf2.io.imp.gltf2_io_binary_meshopt")
    known = SimpleNamespace(decodeVertexBuffer=decode, decodeIndexBuffer=None, decodeIndexSequence=None)
    monkeypatch.setattr(module.MeshoptDecoder, "load_library", lambda gltf: setattr(gltf, "meshopt_decoder", known))
    assert problem_of("meshopt", tmp_path) is None
    assert sorted(tuple(round(c) for c in v.co) for v in bpy.data.meshes[0].vertices) == [
        (0, 0, 0),
        (0, 0, 1),
        (1, 0, 0),
    ]


def test_a_picture_that_is_not_decoded_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenario_addon.blender.examining import samples

    broken = {
        **samples.SAMPLES["WebP"],
        "images": [{"uri": "data:image/webp;base64,UklGRg==", "mimeType": "image/webp"}],
    }
    monkeypatch.setitem(samples.SAMPLES, "WebP", broken)  # pyright: ignore[reportArgumentType]
    assert problem_of("WebP", tmp_path) == "the picture in it does not come"
