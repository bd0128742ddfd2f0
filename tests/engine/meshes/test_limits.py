# SPDX-License-Identifier: GPL-3.0-or-later
"""What a record says of the mesh that goes in is read; what it says of the one that comes out is not taken for it."""

from __future__ import annotations

import time

import pytest

from scenario_addon.engine.meshes.limits import MeshLimits, face_limit, formats_in, limits_in


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("Takes up to 44 000 faces.", 44_000),
        ("A GLB with up to 44,000 faces", 44_000),
        ("up to 44.000 polygons", 44_000),
        ("up to 44\u202f000 faces", 44_000),
        ("UV unwrap (\u2264 30k faces)", 30_000),
        ("<= 30 K faces", 30_000),
        ("at most 100000 polygons", 100_000),
        ("FBX, \u2264 100k faces", 100_000),
        ("Max 100k tris", 100_000),
        ("Max. 50,000 triangles.", 50_000),
        ("Maximum of 1.5 million triangles", 1_500_000),
        ("a maximum 2M faces", 2_000_000),
        ("no more than 20'000 faces", 20_000),
        ("Must not exceed 30 000 faces.", 30_000),
        ("fewer than 50000 polys", 50_000),
        ("limited to 44000 faces", 44_000),
        ("44,000 faces max", 44_000),
        ("100000 triangles or less", 100_000),
        ("Faces: max 30k", 30_000),
        ("The face count must be at most 30k.", 30_000),
        ("Meshes with more than 30k faces are rejected.", 30_000),
        ("Uploads over 44 000 faces cannot be unwrapped", 44_000),
        ("The input is a GLB, at most 150 MB and 100k faces at most.", 100_000),
        ("UP TO 44 000 FACES", 44_000),
        ("Maximum number of faces: 44000", 44_000),
        ("Max face count 50 000", 50_000),
        ("Face limit: 44,000", 44_000),
        ("a face limit of 44k", 44_000),
        ("Polygon limit 44k", 44_000),
        ("There is a 100k-face limit.", 100_000),
        ("A mesh of between 100 and 44 000 faces", 44_000),
        ("Poly count \u2264 30k", 30_000),
        ("FBX model to edit. Must be under 100,000 faces.", 100_000),
        ("Supported formats: GLB, OBJ, FBX. Max 150 MB, max 44k faces.", 44_000),
        ("Only meshes \u2264100k faces are unwrapped", 100_000),
        ("up to 60k triangles, at most 50k faces", 50_000),
    ],
)
def test_a_limit_of_faces_is_read_however_it_is_written(text: str, most: int) -> None:
    assert face_limit(text) == most


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mesh to unwrap.",
        "up to 150 MB",
        "Up to 300 parts",
        "at least 1000 faces",
        "Target: up to 300000 faces",
        "Reduces the mesh to at most 5000 faces.",
        "Returns up to 20000 triangles.",
        "Generates up to 1.5M faces",
        "The new mesh has up to 20000 faces",
        "Remeshes down to less than 500 faces",
        "up to four faces",
        "up to 2 faces of a cube",
        "1000 faces",
        "Over 100000 faces take longer",
        "face 3 of 4",
        "up to faces",
        "For best results, keep it under 44,000 faces.",
        "We recommend at most 30k faces.",
        "Works ideally with up to 50k triangles",
        "Meshes over 100k faces cannot keep their UVs",
        "up to around 44k faces",
        "up to 1M vertices and 44k faces",
        "up to 16 parts with 5000 faces",
        "up to 10 000 faces per part",
        "\u2264 faces 30",
    ],
)
def test_what_is_no_limit_of_the_mesh_that_goes_in_is_none(text: str) -> None:
    assert face_limit(text) is None


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("", set()),
        ("Mesh to rig.", set()),
        ("Takes OBJ or FBX only, at most 100k faces.", {"obj", "fbx"}),
        ("A GLB, a glTF, an OBJ or an FBX", {"glb", "gltf", "obj", "fbx"}),
        ("The .fbx file", {"fbx"}),
        ("GLBs up to 50 MB", {"glb"}),
        ("FBX. Quads are delivered as OBJ.", {"fbx"}),
        ("The mesh (GLB). Output is FBX", {"glb"}),
        ("GLB; OBJ is not supported", {"glb"}),
        ("FBX to be unwrapped", {"fbx"}),
        ("any format but FBX", set()),
        ("GLB only", {"glb"}),
        ("Supported formats: GLB, OBJ, FBX. Max 150 MB.", {"glb", "obj", "fbx"}),
        ("Accepts .glb/.gltf files", {"glb", "gltf"}),
        ("Do not upload FBX", set()),
        ("Globe of plywood and objects", set()),
        ("converts to FBX", set()),
    ],
)
def test_the_formats_that_go_in_are_read(text: str, formats: set[str]) -> None:
    assert formats_in(text) == formats


def test_without_a_word_a_glb_of_any_size_will_do() -> None:
    assert limits_in(("Mesh",), "Changes a mesh.", max_bytes=None) == MeshLimits(frozenset({"glb"}), None, None)


def test_what_is_said_of_the_model_counts_where_it_is_plainly_about_its_input() -> None:
    said = limits_in(("Mesh",), "New UVs for a mesh. Takes FBX up to 44 000 faces.", max_bytes=7)
    assert said == MeshLimits(frozenset({"fbx"}), 7, 44_000)
    for words in ("Clean topology up to 20 000 faces, as FBX.", "Quads of at most 5000 faces.", "FBX and OBJ"):
        assert limits_in(("Mesh",), words, max_bytes=None) == MeshLimits()


def test_the_input_s_own_word_comes_first_and_the_narrower_limit_counts() -> None:
    said = limits_in(("Mesh", "OBJ, up to 100k faces"), "Takes GLB with at most 44 000 faces.", max_bytes=None)
    assert (said.formats, said.max_faces) == (frozenset({"obj"}), 44_000)


@pytest.mark.parametrize(
    "piece", ["between 1 1 1 ", "1 111 111 ", "up to ", "max face ", "faces ", "more than 1 faces ", "   ", "1,", "((("]
)
def test_no_text_takes_long(piece: str) -> None:
    began_s = time.process_time()
    for text in (piece * 2000, "between " + piece * 2000 + " and"):
        face_limit(text)
        formats_in(text)
    assert time.process_time() - began_s < 2.0
