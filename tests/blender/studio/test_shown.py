# SPDX-License-Identifier: GPL-3.0-or-later
"""What the viewport shows of a subject is what is on its picture, whatever it is made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
import pytest

from scenario_addon.blender.studio.capture import Capture
from scenario_addon.blender.studio.subject import of_collection
from tests.blender.sample_subjects import add, box, painted, pixels, reach_px, select, shining, where

Take = Callable[..., Capture]
PX: Final = 128
RED: Final = (255, 0, 0)


def size(capture: Capture) -> tuple[float, ...]:
    return tuple(high - low for low, high in zip(capture.low, capture.high, strict=True))


def alpha(capture: Capture, side: str = "front") -> np.ndarray:
    return pixels(capture.pictures[side])[..., 3]


def fills(capture: Capture, side: str = "front") -> bool:
    """Whether the picture is filled to nine tenths, and nothing is cut."""
    seen = alpha(capture, side)
    rows, columns = np.nonzero(seen > 100)
    border = max(seen[0].max(), seen[-1].max(), seen[:, 0].max(), seen[:, -1].max())
    return border == 0 and max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(0.9 * PX, abs=4)


def curve() -> bpy.types.Object:
    bpy.ops.curve.primitive_bezier_circle_add(radius=1.0, rotation=(math.pi / 2, 0, 0))
    bpy.context.object.data.bevel_depth = 0.1
    return bpy.context.object


def surface() -> bpy.types.Object:
    bpy.ops.surface.primitive_nurbs_surface_sphere_add(radius=1.0)
    return bpy.context.object


def text() -> bpy.types.Object:
    bpy.ops.object.text_add(rotation=(math.pi / 2, 0, 0))
    bpy.context.object.data.body, bpy.context.object.data.extrude = "Hé", 0.05
    return bpy.context.object


def metaball() -> bpy.types.Object:
    bpy.ops.object.metaball_add(location=(0, 0, 0))
    first = bpy.context.object
    bpy.ops.object.metaball_add(location=(1.5, 0, 0))
    return first


def collection_instance() -> bpy.types.Object:
    inside = bpy.data.collections.new("Kit")
    for number in range(2):
        part = box(f"Part {number}", (0.5, 0.5, 0.5), (number * 2, 0, 0))
        bpy.context.scene.collection.objects.unlink(part)
        inside.objects.link(part)
    part.hide_render = True
    empty = add(None, "Instance", (5, 5, 5))
    empty.instance_type, empty.instance_collection = "COLLECTION", inside
    return empty


def vertex_instances() -> bpy.types.Object:
    grid, leaf = box("Grid", (2, 2, 2)), box("Leaf", (0.2, 0.2, 0.2))
    leaf.parent, grid.instance_type, grid.show_instancer_for_viewport = grid, "VERTS", False
    return grid


def pointcloud_of_nodes() -> bpy.types.Object:
    """Nodes that put cubes on the vertices of a box, as instances."""
    obj = box("Nodes", (2, 2, 2))
    tree: Any = bpy.data.node_groups.new("Scatter", "GeometryNodeTree")
    tree.interface.new_socket("Geometry", in_out="INPUT", socket_type="NodeSocketGeometry")
    tree.interface.new_socket("Geometry", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    start, end = tree.nodes.new("NodeGroupInput"), tree.nodes.new("NodeGroupOutput")
    cube, put = tree.nodes.new("GeometryNodeMeshCube"), tree.nodes.new("GeometryNodeInstanceOnPoints")
    cube.inputs["Size"].default_value = (0.2, 0.2, 0.2)
    tree.links.new(start.outputs[0], put.inputs["Points"])
    tree.links.new(cube.outputs[0], put.inputs["Instance"])
    tree.links.new(put.outputs[0], end.inputs[0])
    obj.modifiers.new("Scatter", "NODES").node_group = tree
    return obj


def hairy() -> bpy.types.Object:
    obj = box("Hairy", (0.5, 0.5, 0.5))
    obj.modifiers.new("Hair", "PARTICLE_SYSTEM")
    settings: Any = obj.particle_systems[0].settings
    settings.type, settings.count, settings.hair_length = "HAIR", 300, 1.0
    settings.root_radius = settings.tip_radius = 5.0
    return obj


def strewn() -> bpy.types.Object:
    """Particles that show another object, which is not seen otherwise."""
    leaf = box("Leaf", (0.1, 0.1, 0.1))
    leaf.hide_viewport = False
    obj = box("Strewn", (2, 2, 2))
    obj.modifiers.new("Leaves", "PARTICLE_SYSTEM")
    settings: Any = obj.particle_systems[0].settings
    settings.type, settings.count, settings.render_type = "HAIR", 50, "OBJECT"
    settings.instance_object, settings.use_advanced_hair, settings.particle_size = leaf, True, 1.0
    return obj


KINDS: Final = {
    curve: (2.2, 0.2, 2.2),
    surface: (2.0, 2.0, 2.0),
    text: (1.1, 0.1, 0.69),
    metaball: (3.73, 2.27, 2.27),
    collection_instance: (2.5, 0.5, 0.5),
    vertex_instances: (2.2, 2.2, 2.2),
    pointcloud_of_nodes: (2.2, 2.2, 2.2),
    hairy: (2.5, 2.5, 2.5),
    strewn: (2.4, 2.4, 2.4),
}
"""How large each is, in metres."""


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_whatever_has_a_surface_fills_its_picture(take: Take, make: Any) -> None:
    subject = make()
    box("Other", (9, 9, 9), (0, 0, 0))
    select(subject)
    capture = take("front", samples=8)
    assert fills(capture), make.__name__
    assert size(capture) == pytest.approx(KINDS[make], rel=0.02)


def cut_box() -> tuple[bpy.types.Object, bpy.types.Object]:
    body, cutter = box("Body", (2, 2, 2), (3, 0, 1)), box("Cutter", (1, 4, 1), (3, 0, 1))
    modifier: Any = body.modifiers.new("Cut", "BOOLEAN")
    modifier.object, modifier.solver = cutter, "EXACT"
    return body, cutter


def test_a_hidden_object_cuts_and_is_not_seen(take: Take) -> None:
    body, cutter = cut_box()
    cutter.hide_set(True)
    cutter.hide_render = cutter.hide_viewport = True
    body.hide_render = True
    body.modifiers["Cut"].show_render = False
    select(body)
    capture = take()
    assert alpha(capture)[PX // 2, PX // 2] == 0
    assert size(capture) == pytest.approx((2, 2, 2), rel=1e-3)


def test_modifiers_that_the_viewport_does_not_show_are_not_rendered(take: Take) -> None:
    body, _ = cut_box()
    body.modifiers["Cut"].show_viewport = False
    levels: Any = body.modifiers.new("Round", "SUBSURF")
    levels.levels, levels.render_levels = 0, 4
    select(body)
    capture = take()
    assert alpha(capture)[PX // 2, PX // 2] == 255
    assert [length * capture.m_per_px for length in reach_px(pixels(capture.pictures["front"]))] == pytest.approx(
        [2, 2], rel=0.02
    )


def test_an_object_stands_where_its_turned_parent_puts_it(take: Take) -> None:
    parent, child = add(None, "Parent", (1, 2, 3)), box("Child", (1, 2, 4), (1, 0, 0))
    parent.rotation_euler.z = math.radians(90)
    child.parent = parent
    select(child)
    capture = take("front", "left")
    assert capture.low == pytest.approx((0, 2.5, 1), abs=1e-3)
    assert capture.high == pytest.approx((2, 3.5, 5), abs=1e-3)
    assert reach_px(pixels(capture.pictures["front"]))[0] * capture.m_per_px == pytest.approx(2, rel=0.02)


def test_what_is_being_edited_is_seen_as_it_is_edited(take: Take) -> None:
    subject = box("Edited", (1, 1, 1))
    select(subject)
    import bmesh  # there is none before bpy

    bpy.ops.object.mode_set(mode="EDIT")
    mesh = bmesh.from_edit_mesh(subject.data)
    for vertex in mesh.verts:
        vertex.co.x *= 5
    bmesh.update_edit_mesh(subject.data)
    capture = take()
    assert size(capture) == pytest.approx((5, 1, 1))
    assert bpy.context.mode == "EDIT_MESH"


def test_the_frame_and_the_key_that_are_shown_are_rendered(take: Take) -> None:
    subject = box("Keyed", (1, 1, 1))
    subject.shape_key_add(name="Basis")
    key: Any = subject.shape_key_add(name="Wide")
    for point in key.data:
        point.co.x *= 4
    for frame, value in ((1, 0.0), (11, 1.0)):
        key.value = value
        key.keyframe_insert("value", frame=frame)
        subject.location.x = frame
        subject.keyframe_insert("location", frame=frame)
    bpy.context.scene.frame_set(6, subframe=0.0)
    select(subject)
    capture = take()
    assert size(capture)[0] == pytest.approx(2.5, abs=0.02)
    assert (capture.low[0] + capture.high[0]) / 2 == pytest.approx(6, abs=0.02)


def test_what_was_moved_without_a_key_is_where_it_was_moved_to(take: Take) -> None:
    subject = box("Moved", (1, 1, 1))
    subject.keyframe_insert("location", frame=1)
    subject.location.x = 7
    select(subject)
    assert take().low[0] == pytest.approx(6.5)


def test_what_a_simulation_has_moved_is_where_it_fell(take: Take) -> None:
    subject = box("Falling", (1, 1, 1), (0, 0, 10))
    select(subject)
    scene: Any = bpy.context.scene
    bpy.ops.rigidbody.world_add()
    scene.rigidbody_world.collection = bpy.data.collections.new("Bodies")
    bpy.ops.rigidbody.object_add()
    for frame in range(1, 13):
        scene.frame_set(frame)
    fallen: float = subject.matrix_world.translation.z
    assert fallen < 9.5
    assert take().low[2] == pytest.approx(fallen - 0.5, abs=1e-3)


def test_a_driver_by_something_of_the_scene_counts(take: Take) -> None:
    subject = box("Driven", (1, 1, 1))
    bpy.context.scene["reach"] = 3.0
    driver: Any = subject.driver_add("scale", 0).driver
    variable = driver.variables.new()
    variable.targets[0].id_type, variable.targets[0].id = "SCENE", bpy.context.scene
    variable.targets[0].data_path = '["reach"]'
    driver.expression = variable.name
    select(subject)
    assert size(take())[0] == pytest.approx(3)


def test_an_armature_bends_what_it_bends(take: Take) -> None:
    bpy.ops.object.armature_add()
    rig: Any = bpy.context.object
    subject = box("Skinned", (1, 1, 1))
    subject.vertex_groups.new(name="Bone").add(range(8), 1.0, "REPLACE")
    subject.modifiers.new("Rig", "ARMATURE").object = rig
    rig.pose.bones[0].scale = (2, 2, 2)
    select(subject)
    assert size(take()) == pytest.approx((2, 2, 2), rel=1e-3)


def test_a_linked_and_an_overridden_object_are_seen(take: Take, tmp_path: Path) -> None:
    library = tmp_path / "Büro kit.blend"
    made = box("Desk", (2, 1, 1))
    made.data.materials[0] = shining(RED)
    bpy.data.libraries.write(str(library), {made})
    bpy.data.objects.remove(made)
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.objects = ["Desk"]
    linked = wanted.objects[0]
    bpy.context.scene.collection.objects.link(linked)
    select(linked)
    capture = take()
    assert where(pixels(capture.pictures["front"]), RED).any() and size(capture) == pytest.approx((2, 1, 1))
    local = linked.override_create(remap_local_usages=True)
    local.scale.x = 3
    select(local)
    assert size(take()) == pytest.approx((6, 1, 1))


def test_textures_are_found_from_a_blend_that_knows_them_by_a_relative_path(take: Take, tmp_path: Path) -> None:
    folder = tmp_path / "Projekt ö"
    (folder / "maps").mkdir(parents=True)
    image: Any = bpy.data.images.new("Map", 8, 8)
    image.generated_color = (1, 0, 0, 1)
    image.filepath_raw, image.file_format = str(folder / "maps" / "rot é.png"), "PNG"
    image.save()
    subject = box("Textured", (1, 1, 1))
    material: Any = shining((0, 0, 0))
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = bpy.data.images.load(str(folder / "maps" / "rot é.png"))
    emission = next(node for node in material.node_tree.nodes if node.type == "EMISSION")
    material.node_tree.links.new(texture.outputs[0], emission.inputs[0])
    subject.data.materials[0] = material
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "Szene.blend"), relative_remap=True)
    texture.image.filepath = "//maps/rot é.png"
    select(subject)
    capture = take()
    assert where(pixels(capture.pictures["front"]), RED).any()
    assert (capture.warnings, texture.image.filepath) == ((), "//maps/rot é.png")
    texture.image.filepath = "//maps/weg.png"
    assert take().warnings == (f"The file of the image {texture.image.name} is missing: it is pink.",)


def test_paint_that_is_in_no_file_yet_is_seen(take: Take) -> None:
    subject = box("Painted", (1, 1, 1))
    image: Any = bpy.data.images.new("Paint", 4, 4)
    image.pixels.foreach_set(np.tile(np.array([1, 0, 0, 1], dtype=np.float32), 16))
    image.update()
    material: Any = shining((0, 0, 0))
    texture = material.node_tree.nodes.new("ShaderNodeTexImage")
    texture.image = image
    emission = next(node for node in material.node_tree.nodes if node.type == "EMISSION")
    material.node_tree.links.new(texture.outputs[0], emission.inputs[0])
    subject.data.materials[0] = material
    select(subject)
    assert where(pixels(take().pictures["front"]), RED).any()
    assert (image.source, image.is_dirty) == ("GENERATED", True)


def test_a_collection_is_one_subject(take: Take, collection: bpy.types.Collection) -> None:
    for number in range(2):
        part = box(f"Part {number}", (1, 1, 1), (number * 3, 0, 0))
        bpy.context.scene.collection.objects.unlink(part)
        collection.objects.link(part)
        part.data.materials[0] = painted((0.2, 0.2, 0.2))
    bpy.context.view_layer.layer_collection.children["Chair"].exclude = True
    capture = take(subject=of_collection("Chair", bpy.context.scene))
    assert size(capture) == pytest.approx((4, 1, 1))
    assert capture.pictures["front"].name.startswith("Chair-front-")
