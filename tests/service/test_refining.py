# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in makes of a mesh is what was asked for, as far as numbers can tell."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from .atlas import paint
from .catalogue import load_catalogue
from .conftest import draw_picture
from .glb import Mesh, write_glb, write_scene
from .mesh_files import UnreadableMeshError, read_mesh
from .pictures import open_subject
from .refining import UnfitMeshError, make_refined, read_refinement
from .relief import sculpt
from .results import Output
from .values import Json

MODELS = load_catalogue()
CHAIR = draw_picture((320, 240), ellipse=(20, 20, 300, 220), colour=(190, 90, 40, 255))


@cache
def relief(faces: int = 3000) -> bytes:
    """A relief with a texture."""
    views = {"front": open_subject(CHAIR)}
    mesh = sculpt(views, target=faces, unit="faces")
    return write_glb(mesh, paint(views, texture_px=256, pbr=False, roughness=0.8), name="relief")


def refined(model_id: str, mesh: bytes, **settings: Any) -> tuple[Output, ...]:
    model = MODELS[model_id]
    files = {"asset_mesh": mesh, "asset_picture": CHAIR}
    body = {model.output["mesh"]: "asset_mesh", **settings}
    refinement = read_refinement(model, body, file=files.__getitem__)
    assert refinement is not None
    return make_refined(refinement)


def contents(glb: bytes) -> Json:
    """The JSON of a GLB."""
    found: Json = json.loads(glb[20 : 20 + struct.unpack_from("<I", glb, 12)[0]])
    return found


def bounds(mesh: Mesh) -> NDArray[np.float32]:
    return np.array([mesh.positions.min(axis=0), mesh.positions.max(axis=0)])


def colour_at(glb: bytes, place: tuple[float, float]) -> NDArray[Any]:
    """The base colour on the front where x and y are as given, from 0 to 1."""
    found = read_mesh(glb)
    low, high = bounds(found.mesh)
    wanted = low + np.array([*place, 1]) * (high - low)
    nearest = int(np.linalg.norm(found.mesh.positions - wanted, axis=1).argmin())
    assert found.material.base_color is not None
    with Image.open(io.BytesIO(found.material.base_color)) as image:
        u, v = found.mesh.uvs[nearest]
        pixel = image.convert("RGB").getpixel((int(u * (image.width - 1)), int(v * (image.height - 1))))
    return np.array(pixel, dtype=float)


@pytest.mark.parametrize("target", [400, 2000, 8000])
def test_a_mesh_gets_about_as_many_triangles_as_wanted_where_it_was_and_as_large(target: int) -> None:
    (output,) = refined("model_meshy-remesh", relief(20_000), targetPolycount=target)
    found, before = read_mesh(output.data), read_mesh(relief(20_000))
    assert found.faces == output.properties["faceCount"] == pytest.approx(target, rel=0.1)
    size = np.ptp(bounds(before.mesh), axis=0)
    assert np.abs(bounds(found.mesh) - bounds(before.mesh)).max() < 0.01 * size.max()


def test_the_texture_is_kept_and_lies_where_it_did() -> None:
    (output,) = refined("model_meshy-remesh", relief(20_000), targetPolycount=8000)
    assert read_mesh(output.data).material.base_color == read_mesh(relief(20_000)).material.base_color
    for place in ((0.4, 0.6), (0.7, 0.3)):
        assert np.abs(colour_at(output.data, place) - colour_at(relief(20_000), place)).max() < 60


def test_quads_come_as_an_obj_of_nothing_else_with_its_texture_beside_it() -> None:
    files = {
        output.name: output for output in refined("model_meshy-remesh", relief(), topology="quad", targetPolycount=1500)
    }
    corners = {len(line.split()) - 1 for line in files["obj"].data.decode().splitlines() if line.startswith("f ")}
    assert corners == {4}
    assert read_mesh(files["obj"].data).faces == pytest.approx(1500, rel=0.1)
    assert b"map_Kd base_color.png" in files["mtl"].data
    with Image.open(io.BytesIO(files["albedo"].data)) as image:
        assert image.size == (256, 256)


@pytest.mark.parametrize("target", [400, 5000])
def test_what_is_made_anew_is_closed_and_faces_outward(target: int) -> None:
    files = refined("model_meshy-remesh", relief(20_000), topology="quad", targetPolycount=target)
    lines = [line.split()[1:] for line in files[0].data.decode().splitlines() if line.startswith("f ")]
    quads = [[int(corner.split("/")[0]) for corner in line] for line in lines]
    edges = Counter(frozenset(edge) for quad in quads for edge in zip(quad, quad[1:] + quad[:1], strict=True))
    assert set(edges.values()) == {2}
    own, before = (_volume(read_mesh(data).mesh) for data in (files[0].data, relief(20_000)))
    assert own == pytest.approx(before, rel=0.05)


def _volume(mesh: Mesh) -> float:
    corners = mesh.positions[mesh.faces].astype(float)
    return float(np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])).sum() / 6)


def test_unwrapped_triangles_have_places_of_their_own_and_the_mesh_is_the_same() -> None:
    (output,) = refined("model_meshy-uv-unwrap", relief(600))
    found, before = read_mesh(output.data).mesh, read_mesh(relief(600)).mesh
    assert not _overlaps(found.uvs[found.faces])
    assert np.all((found.uvs >= 0) & (found.uvs <= 1))
    own, others = (np.sort(mesh.positions[mesh.faces].reshape(-1, 9), axis=0) for mesh in (found, before))
    assert np.allclose(own, others)
    assert not np.allclose(found.positions[found.faces[0]], before.positions[before.faces[0]]), "the order is another"


def _overlaps(triangles: NDArray[Any], px: int = 512) -> bool:
    """Whether a pixel's middle is in two triangles."""
    taken = np.zeros((px, px), dtype=int)
    for triangle in triangles * px:
        low, high = np.floor(triangle.min(axis=0)).astype(int), np.ceil(triangle.max(axis=0)).astype(int)
        x, y = np.meshgrid(np.arange(low[0], high[0]) + 0.5, np.arange(low[1], high[1]) + 0.5)
        sides = [
            (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])
            for a, b in zip(triangle, np.roll(triangle, -1, axis=0), strict=True)
        ]
        inside = np.all(np.array(sides) > 0, axis=0) | np.all(np.array(sides) < 0, axis=0)
        taken[low[1] : high[1], low[0] : high[0]] += inside
    assert taken.any()
    return bool((taken > 1).any())


def test_another_texture_is_that_of_the_picture_and_the_shape_stays() -> None:
    plain = write_glb(read_mesh(relief()).mesh, read_mesh(b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3").material, name="plain")
    (output,) = refined("model_meshy-7-retexture", plain, image="asset_picture")
    found, before = read_mesh(output.data), read_mesh(plain)
    assert np.allclose(found.mesh.positions, before.mesh.positions)
    assert np.abs(colour_at(output.data, (0.8, 0.4)) - (190, 90, 40)).max() < 25


def test_bones_stand_in_the_mesh_and_their_weights_add_up() -> None:
    (output,) = refined("model_tripo-rigging-v1", relief())
    root = contents(output.data)
    (skin,) = root["skins"]
    assert len(skin["joints"]) == output.properties["boneCount"] == 4
    assert root["nodes"][0]["skin"] == 0
    attributes = root["meshes"][0]["primitives"][0]["attributes"]
    weights, joints = (_rows(output.data, attributes[name]) for name in ("WEIGHTS_0", "JOINTS_0"))
    assert np.allclose(weights.sum(axis=1), 1)
    assert joints.max() < 4
    assert {int(joint) for joint in joints[weights > 0.5]} == {0, 1, 2, 3}
    assert np.allclose(read_mesh(output.data).mesh.positions, read_mesh(relief()).mesh.positions)


def _rows(glb: bytes, index: int) -> NDArray[Any]:
    root = contents(glb)
    accessor = root["accessors"][index]
    kind, start = {5126: "<f4", 5123: "<u2"}[accessor["componentType"]], 20 + struct.unpack_from("<I", glb, 12)[0] + 8
    start += root["bufferViews"][accessor["bufferView"]]["byteOffset"]
    return np.frombuffer(glb, kind, accessor["count"] * 4, start).reshape(-1, 4)


@pytest.mark.parametrize("pieces", [1, 3])
def test_parts_are_nodes_that_add_up_to_the_whole(pieces: int) -> None:
    one = read_mesh(relief(500)).mesh
    moved = [(f"p{i}", Mesh(one.positions + np.float32(2 * i), one.normals, one.uvs, one.faces)) for i in range(pieces)]
    whole = write_scene(moved, read_mesh(relief(500)).material)
    (output,) = refined("model_tripo-segmentation-v2", whole)
    root = contents(output.data)
    assert len(root["nodes"]) == len(root["meshes"]) == max(2, pieces)
    own, before = read_mesh(output.data).mesh, read_mesh(whole).mesh
    corners = [np.sort(mesh.positions[mesh.faces].reshape(-1, 9).round(5), axis=0) for mesh in (own, before)]
    assert np.allclose(*corners)


def cube_as_fbx(*, is_packed: bool, version: int = 7400) -> bytes:
    """A cube of six quads as other programs write it."""
    wide = version >= 7500
    points = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype="<f8").reshape(-1)
    quads = np.array([[0, 1, 3, ~2], [4, 6, 7, ~5], [0, 4, 5, ~1], [2, 3, 7, ~6], [0, 2, 6, ~4], [1, 5, 7, ~3]], "<i4")

    def node(at: int, name: bytes, properties: bytes, count: int, children: bytes = b"") -> bytes:
        head = struct.Struct("<QQQB" if wide else "<IIIB")
        size = head.size + len(name) + len(properties) + len(children)
        return head.pack(at + size, count, len(properties), len(name)) + name + properties + children

    def array(kind: bytes, numbers: NDArray[Any]) -> bytes:
        raw = numbers.tobytes()
        data = zlib.compress(raw) if is_packed else raw
        return kind + struct.pack("<III", numbers.size, is_packed, len(data)) + data

    head_bytes = (25 if wide else 13) + len(b"Geometry")
    first = node(27 + head_bytes, b"Vertices", array(b"d", points), 1)
    second = node(27 + head_bytes + len(first), b"PolygonVertexIndex", array(b"i", quads.reshape(-1)), 1)
    outer = node(27, b"Geometry", b"", 0, first + second)
    return b"Kaydara FBX Binary  \x00\x1a\x00" + struct.pack("<I", version) + outer + bytes(25 if wide else 13)


@pytest.mark.parametrize(("is_packed", "version"), [(True, 7400), (False, 7400), (True, 7500)])
def test_an_fbx_is_read_and_made_anew(is_packed: bool, version: int) -> None:
    fbx = cube_as_fbx(is_packed=is_packed, version=version)
    assert (read_mesh(fbx).faces, len(read_mesh(fbx).mesh.faces)) == (6, 12)
    (output,) = refined("model_tencent-smarttopology", fbx, faceCount=1000)
    assert read_mesh(output.data).faces == pytest.approx(1000, rel=0.15)


@pytest.mark.parametrize(
    ("model_id", "mesh", "reason"),
    [
        ("model_tencent-smarttopology", relief(), r'"file3d" must be of format \[obj, fbx\]'),
        ("model_meshy-uv-unwrap", relief(50_000), "must not have more than 44000 faces, it has"),
        ("model_meshy-uv-unwrap", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n", "must be of format"),
        ("model_meshy-uv-unwrap", b"no mesh at all", "The file holds no mesh"),
    ],
)
def test_a_mesh_that_a_model_does_not_take_is_refused(model_id: str, mesh: bytes, reason: str) -> None:
    with pytest.raises(UnfitMeshError, match=reason):
        refined(model_id, mesh)


@pytest.mark.parametrize("data", [b"", b"glTF", relief()[:2000], b"\x89PNG", b"v 0 0 0\nf 1 2 9\n", b"<html>"])
def test_what_is_no_mesh_is_not_read(data: bytes) -> None:
    with pytest.raises(UnreadableMeshError):
        read_mesh(data)
