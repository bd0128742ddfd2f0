# SPDX-License-Identifier: GPL-3.0-or-later
"""A texture that is missing or damaged is named, and the mesh comes in without it, neither pink nor black."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.importing.importer import import_mesh
from scenario_addon.blender.scene.arrival import Arrival
from tests.engine.gltf_oddities import ODDITIES, Oddity, box_glb, picture

OBJ = "mtllib paint.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nusemtl paint\nf 1/1 2/2 3/3\n"
DAMAGED = "damaged, or in a format that Blender cannot read"


def bring(path: Path) -> Arrival:
    return import_mesh(path, name="Chair", job_id="job_1", model_id="model_1")


def shader() -> Any:
    (material,) = bpy.data.materials
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")


def value(name: str) -> Any:
    socket = shader().inputs[name]
    assert not socket.is_linked
    return socket.default_value if isinstance(socket.default_value, float) else tuple(socket.default_value)


def obj(folder: Path, *lines: str) -> Path:
    (folder / "chair.obj").write_text(OBJ)
    (folder / "paint.mtl").write_text("\n".join(["newmtl paint", "Kd 0.8 0.8 0.8", *lines]) + "\n")
    return folder / "chair.obj"


def test_missing_textures_of_an_obj_are_named_and_left_out(tmp_path: Path) -> None:
    lines = ("map_Kd base.png", "map_Ke glow.png", "map_Pm metal.png", "map_d alpha.png", "map_Bump -bm 1 bump.png")
    arrival = bring(obj(tmp_path, *lines))
    assert (arrival.triangles, arrival.textures) == (1, 0)
    names = sorted(flaw.split()[3] for flaw in arrival.flaws)
    assert names == ["alpha.png,", "base.png,", "bump.png,", "glow.png,", "metal.png,"]
    assert all(flaw.endswith("which is missing") for flaw in arrival.flaws)
    assert (value("Metallic"), value("Alpha"), value("Emission Color")) == (0, 1, (0, 0, 0, 1))
    assert value("Base Color") == pytest.approx((0.8, 0.8, 0.8, 1))
    assert not shader().inputs["Normal"].is_linked
    assert not bpy.data.images


def test_a_damaged_texture_of_an_obj_goes_and_the_sound_one_stays(tmp_path: Path) -> None:
    (tmp_path / "base.png").write_bytes(picture())
    (tmp_path / "rough.png").write_bytes(picture()[:300])
    arrival = bring(obj(tmp_path, "map_Kd base.png", "map_Pr rough.png"))
    assert (arrival.textures, arrival.flaws) == (1, (f"without its texture rough.png, which is {DAMAGED}",))
    assert shader().inputs["Base Color"].is_linked
    assert [image.name for image in bpy.data.images] == ["base.png"]


def test_a_texture_of_an_obj_in_a_folder_comes_in(tmp_path: Path) -> None:
    (tmp_path / "textures").mkdir()
    (tmp_path / "textures" / "base.png").write_bytes(picture())
    arrival = bring(obj(tmp_path, "map_Kd textures/base.png"))
    assert (arrival.textures, arrival.flaws) == (1, ())


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")  # Blender's FBX exporter, newest numpy
@pytest.mark.parametrize("trouble", ["missing", DAMAGED])
def test_a_lost_texture_of_an_fbx_is_named_and_left_out(tmp_path: Path, trouble: str) -> None:
    import addon_utils
    from bpy_extras.node_shader_utils import PrincipledBSDFWrapper

    addon_utils.enable("io_scene_fbx")
    (tmp_path / "base.png").write_bytes(picture())
    bpy.ops.mesh.primitive_cube_add()
    material = bpy.data.materials.new("paint")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    bpy.context.active_object.data.materials.append(material)
    wrapper = PrincipledBSDFWrapper(material, is_readonly=False)
    wrapper.base_color_texture.image = bpy.data.images.load(str(tmp_path / "base.png"))
    bpy.ops.export_scene.fbx(filepath=str(tmp_path / "chair.fbx"), path_mode="RELATIVE")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    (tmp_path / "base.png").unlink()
    if trouble != "missing":
        (tmp_path / "base.png").write_bytes(picture()[:300])
    arrival = bring(tmp_path / "chair.fbx")
    assert (arrival.triangles, arrival.textures) == (12, 0)
    assert arrival.flaws == (f"without its texture base.png, which is {trouble}",)
    assert not shader().inputs["Base Color"].is_linked


def bad_checksum() -> bytes:
    data = bytearray(picture())
    at = data.index(b"IDAT") + 40
    data[at] ^= 0xFF
    return bytes(data)


@pytest.mark.parametrize("slot", ["baseColorTexture", "metallicRoughnessTexture", "normalTexture", "emissiveTexture"])
def test_a_texture_that_only_blender_finds_damaged_is_left_out(tmp_path: Path, slot: str) -> None:
    def spoil(gltf: dict[str, Any], parts: list[bytes]) -> None:
        parts[3] = bad_checksum()
        material = gltf["materials"][0] = {"pbrMetallicRoughness": {}}
        place = (
            material["pbrMetallicRoughness"] if slot in ("baseColorTexture", "metallicRoughnessTexture") else material
        )
        place[slot] = {"index": 0}
        if slot == "emissiveTexture":
            material["emissiveFactor"] = [1, 1, 1]

    arrival = bring(Oddity({"box.glb": box_glb(spoil)}).put(tmp_path))
    assert (arrival.triangles, arrival.textures) == (12, 0)
    assert len(arrival.flaws) == 1 and "without its texture base, which is" in arrival.flaws[0]
    assert not [node for node in bpy.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE"]
    if slot == "metallicRoughnessTexture":
        assert value("Metallic") == 0
    if slot == "emissiveTexture":
        assert value("Emission Color")[:3] == (0, 0, 0) or value("Emission Strength") == 0


@pytest.mark.parametrize("slot", ["metallicRoughnessTexture", "emissiveTexture"])
def test_without_the_texture_that_limits_it_nothing_is_metal_and_nothing_glows(tmp_path: Path, slot: str) -> None:
    name = {"metallicRoughnessTexture": "a damaged roughness", "emissiveTexture": "a damaged emission"}[slot]
    bring(ODDITIES[name].put(tmp_path))
    if slot == "metallicRoughnessTexture":
        assert value("Metallic") == 0
    else:
        assert value("Emission Strength") == 0 or value("Emission Color")[:3] == (0, 0, 0)
