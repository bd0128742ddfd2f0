# SPDX-License-Identifier: GPL-3.0-or-later
"""The mesh follows the picture and the parameters, and its files are what they claim to be."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .atlas import paint
from .catalogue import load_catalogue
from .conftest import draw_picture
from .glb import Mesh, write_glb
from .pictures import UnusablePictureError, open_subject
from .recipe import read_recipe
from .relief import sculpt
from .results import Output, make_outputs

RED, BLUE = (200, 40, 40, 255), (40, 60, 210, 255)


@pytest.fixture
def front(chair: bytes) -> Image.Image:
    return open_subject(chair)


def _run(model_id: str, pictures: dict[str, bytes], **body: object) -> dict[str, Output]:
    recipe = read_recipe(load_catalogue()[model_id], dict(body), picture=pictures.__getitem__)
    return {output.name: output for output in make_outputs(recipe)}


def _gltf(glb: bytes) -> dict[str, list[dict[str, object]]]:
    magic, version, length, json_bytes, kind = struct.unpack_from("<4sIII4s", glb)
    assert (magic, version, length, kind) == (b"glTF", 2, len(glb), b"JSON")
    document: dict[str, list[dict[str, object]]] = json.loads(glb[20 : 20 + json_bytes])
    return document


def _edges(faces: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])


@pytest.mark.parametrize("target", [1_000, 40_000, 500_000])
@pytest.mark.parametrize("unit", ["faces", "vertices"])
def test_the_count_is_met_within_a_tenth(front: Image.Image, target: int, unit: str) -> None:
    mesh = sculpt({"front": front}, target=target, unit=unit)
    count = len(mesh.faces if unit == "faces" else mesh.positions)
    assert count == pytest.approx(target, rel=0.1)


def test_the_surface_is_closed_and_faces_outward(front: Image.Image) -> None:
    mesh = sculpt({"front": front}, target=20_000, unit="faces")
    _, number = np.unique(mesh.positions.round(5), axis=0, return_inverse=True)
    edges = _edges(number.reshape(-1)[mesh.faces])
    there, back = np.unique(edges, axis=0), np.unique(edges[:, ::-1], axis=0)
    assert np.array_equal(there, back)
    corners = mesh.positions[mesh.faces]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    volume = np.einsum("ij,ij->", corners[:, 0], flat) / 6
    assert 0 < volume < np.prod(mesh.dimensions)
    outward = np.einsum("ij,ij->i", flat, mesh.normals[mesh.faces[:, 0]]) > 0
    assert outward.mean() > 0.999


def test_it_has_the_proportions_of_the_subject_and_is_one_high() -> None:
    subject = open_subject(draw_picture((800, 800), ellipse=(100, 300, 700, 500), colour=RED))
    width, height, _ = sculpt({"front": subject}, target=20_000, unit="faces").dimensions
    assert height == pytest.approx(1, rel=0.01)
    assert width == pytest.approx(subject.width / subject.height, rel=0.01)


def test_what_is_transparent_is_cut_out(front: Image.Image) -> None:
    mesh = sculpt({"front": front}, target=20_000, unit="faces")
    rim = np.hypot(mesh.positions[:, 0] / front.width * front.height, mesh.positions[:, 1])
    assert rim.max() < 0.53


def test_it_is_round_towards_its_outline_also_where_it_is_narrow(front: Image.Image) -> None:
    cross = Image.new("RGBA", (300, 300))
    for box in ((0, 135, 300, 165), (100, 0, 200, 300)):
        cross.paste(RED, box)
    for picture, beyond in ((front, 0.0), (cross, 0.4)):
        mesh = sculpt({"front": picture}, target=20_000, unit="faces")
        part = np.abs(mesh.positions[:, 0]) > beyond
        is_wall = np.abs(mesh.normals[:, 2]) < 1e-6
        assert np.ptp(mesh.positions[part & is_wall, 2]) < 0.2 * np.ptp(mesh.positions[part, 2])


def test_its_walls_have_the_colour_of_what_is_inside_of_the_outline() -> None:
    fringed = Image.new("RGBA", (400, 400))
    brush = ImageDraw.Draw(fringed)
    brush.ellipse((20, 20, 380, 380), fill=BLUE)  # such as is left of a ground that was cut away
    brush.ellipse((22, 22, 378, 378), fill=RED)
    mesh = sculpt({"front": fringed}, target=5_000, unit="faces")
    base_color = paint({"front": fringed}, texture_px=512, pbr=False, roughness=0.8).base_color
    texture = np.asarray(Image.open(io.BytesIO(base_color or b"")).convert("RGB"), dtype=np.float32)
    places = (mesh.uvs[np.abs(mesh.normals[:, 2]) < 1e-6] * 512).astype(int)
    assert np.abs(texture[places[:, 1], places[:, 0]] - RED[:3]).max() < 40


def test_two_pictures_give_two_meshes_and_one_picture_the_same_bytes(chair: bytes) -> None:
    other = draw_picture((640, 480), ellipse=(40, 40, 600, 440), colour=BLUE)
    body = {"image": "asset_a", "targetFaceNum": 2000}
    make_outputs.cache_clear()
    first = _run("model_hunyuan-3d-v2-1", {"asset_a": chair}, **body)["glb"].data
    make_outputs.cache_clear()
    assert first == _run("model_hunyuan-3d-v2-1", {"asset_a": chair}, **body)["glb"].data
    assert first != _run("model_hunyuan-3d-v2-1", {"asset_a": other}, **body)["glb"].data


def _seen(mesh: Mesh, texture: Image.Image, *, facing: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean colour of what faces a direction."""
    chosen = mesh.uvs[mesh.normals @ facing > 0.999] * texture.size
    pixels = np.asarray(texture, dtype=np.float32)
    colour: NDArray[np.float32] = pixels[chosen[:, 1].astype(int), chosen[:, 0].astype(int)].mean(axis=0)
    return colour


def test_the_back_picture_colours_the_back_and_a_side_its_wall() -> None:
    colours = {"front": RED, "back": BLUE, "left": (40, 200, 40, 255)}
    views = {name: open_subject(draw_picture((300, 300), ellipse=None, colour=c)) for name, c in colours.items()}
    mesh = sculpt(views, target=5_000, unit="faces")
    base_color = paint(views, texture_px=512, pbr=False, roughness=0.8).base_color
    texture = Image.open(io.BytesIO(base_color or b"")).convert("RGB")
    for name, direction in {"front": (0, 0, 1), "back": (0, 0, -1), "left": (-1, 0, 0)}.items():
        seen = _seen(mesh, texture, facing=np.array(direction, dtype=np.float32))
        assert seen == pytest.approx(colours[name][:3], abs=12)


def test_a_side_view_sets_the_thickness(front: Image.Image) -> None:
    narrow = open_subject(draw_picture((100, 400), ellipse=None, colour=RED))
    wide = open_subject(draw_picture((400, 400), ellipse=None, colour=RED))
    thin, thick = (sculpt({"front": front, "left": s}, target=2_000, unit="faces") for s in (narrow, wide))
    assert thick.dimensions[2] > 3 * thin.dimensions[2]


def test_texture_size_and_maps_follow_the_parameters(chair: bytes) -> None:
    body = {"image": "asset_a", "decimationTarget": 5000, "resolution": 1024}
    gltf = _gltf(_run("model_pixal3d", {"asset_a": chair}, **body)["glb"].data)
    assert len(gltf["images"]) == 3
    assert "normalTexture" in gltf["materials"][0]
    small = _run("model_pixal3d", {"asset_a": chair}, **body, meshScale=0.5)["glb"]
    assert small.properties["dimensions"][1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("model_id", "body"),
    [
        ("model_hunyuan-3d-v2-1", {"image": "asset_a", "paint": False}),
        ("model_hunyuan-3d-pro-3-1-multiview", {"frontImage": "asset_a", "generateType": "Geometry"}),
        ("model_yvo3d-image-to-3d", {"images": ["asset_a"], "texture": False}),
        ("model_yvo3d-image-to-3d", {"images": ["asset_a", "asset_a"]}),
    ],
)
def test_a_mesh_is_untextured_when_it_has_to_be(chair: bytes, model_id: str, body: dict[str, object]) -> None:
    assert "images" not in _gltf(_run(model_id, {"asset_a": chair}, **body)["glb"].data)


def test_every_accessor_lies_within_the_file_and_every_index_within_the_vertices(front: Image.Image) -> None:
    mesh = sculpt({"front": front}, target=3_000, unit="faces")
    material = paint({"front": front}, texture_px=256, pbr=True, roughness=0.8)
    glb = write_glb(mesh, material, name="relief")
    gltf = _gltf(glb)
    binary_bytes = gltf["buffers"][0]["byteLength"]
    ends = [view["byteOffset"] + view["byteLength"] for view in gltf["bufferViews"]]  # type: ignore[operator]
    assert max(ends) <= binary_bytes
    assert all(view["byteOffset"] % 4 == 0 for view in gltf["bufferViews"])  # type: ignore[operator]
    assert mesh.faces.max() == len(mesh.positions) - 1
    assert gltf["accessors"][0]["max"] == mesh.positions.max(axis=0).tolist()


def test_a_second_library_reads_the_same_mesh(chair: bytes) -> None:
    trimesh = pytest.importorskip("trimesh")
    output = _run("model_hunyuan-3d-v2-1", {"asset_a": chair}, image="asset_a", targetFaceNum=4000)["glb"]
    loaded = trimesh.load(io.BytesIO(output.data), file_type="glb", force="mesh")
    assert len(loaded.faces) == output.properties["faceCount"]
    assert loaded.visual.material.baseColorTexture.size == (2048, 2048)


@pytest.mark.parametrize(
    ("model_id", "body", "names"),
    [
        ("model_meshy-7-img23d", {"image": ["asset_a"]}, "glb obj mtl albedo metallic roughness normal"),
        ("model_rodin-hyper3d", {"images": ["asset_a"], "quality": "low"}, "webp glb"),
        ("model_rodin-hyper3d", {"prompt": "a chair", "quality": "low"}, "webp glb"),
        ("model_rodin-hyper3d-v2-5", {"images": ["asset_a"], "qualityMeshOption": "18K Quad"}, "shaded glb"),
        ("model_rodin-hyper3d-v2-5", {"images": ["asset_a"], "material": "PBR"}, "glb"),
        ("model_tripo-v3-1-image-to-3d", {"image": "asset_a", "quad": True}, "fbx"),
        ("model_vast-ai-triposplat", {"image": "asset_a"}, "spz"),
        ("model_meshy-7-txt23d", {"prompt": "an owl"}, "glb"),
        ("model_picture-restyler", {"image": "asset_a"}, "picture"),
        ("model_photoroom-background-removal", {"image": "asset_a"}, "picture"),
        ("model_clear-upscaler", {"image": "asset_a"}, "picture"),
        ("model_sketch-from-words", {"prompt": "an owl", "numOutputs": 2}, "picture-1 picture-2"),
    ],
)
def test_each_model_delivers_its_own_files(chair: bytes, model_id: str, body: dict[str, object], names: str) -> None:
    outputs = _run(model_id, {"asset_a": chair}, **body)
    assert list(outputs) == names.split()
    magics = {
        "glb": b"glTF",
        "fbx": b"Kaydara FBX Binary",
        "webp": b"RIFF",
        "spz": b"\x1f\x8b",
        "obj": b"mtllib",
    }
    assert all(outputs[name].data.startswith(magic) for name, magic in magics.items() if name in outputs)


@pytest.mark.parametrize("data", [b"", b"no picture", draw_picture((64, 64), ellipse=None, colour=(0, 0, 0, 0))])
def test_a_picture_without_a_subject_is_refused(data: bytes) -> None:
    with pytest.raises(UnusablePictureError):
        open_subject(data)
