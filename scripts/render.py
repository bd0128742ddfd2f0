# SPDX-License-Identifier: GPL-3.0-or-later
"""The two pictures of the demo, rendered by Blender: a toy robot to start from, and the mesh that came of it.

    python scripts/render.py robot PICTURE.png
    python scripts/render.py mesh MODEL.blend PICTURE.png

Needs a Python with the `bpy` module. Cycles on the CPU: it asks for no graphics card and no display.
"""

# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
# pyright: reportCallIssue=false, reportReturnType=false, reportMissingImports=false
# (the stubs do not know which kind of data an object, a node or a socket holds)

from __future__ import annotations

import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bpy
from mathutils import Vector

__all__ = ["render_mesh", "render_robot"]

SIDE_PX: Final = 768
SAMPLES: Final = 16
Point = tuple[float, float, float]

TEAL: Final = (0.02, 0.32, 0.36)
CREAM: Final = (0.85, 0.76, 0.62)
ORANGE: Final = (0.9, 0.22, 0.03)
INK: Final = (0.012, 0.015, 0.025)
GLOW: Final = (0.25, 0.95, 1.0)


def render_robot(picture: Path) -> None:
    """Model a toy robot of primitives and render it on a transparent background."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    _head()
    _body()
    for side in (-1, 1):
        _limbs(side)
    _studio(centre=Vector((0, 0, 1.2)), size=2.4, sky=0.55)
    bpy.context.scene.render.film_transparent = True
    _photograph(picture, direction=Vector((0.34, -1, 0.2)), margin=1.08)


def render_mesh(blend: Path, picture: Path) -> None:
    """Render what a .blend holds: framed, from three quarters, on a light floor."""
    bpy.ops.wm.open_mainfile(filepath=str(blend.absolute()))
    points = _points()
    low, high = Vector(map(min, *points)), Vector(map(max, *points))
    size = (high - low).length
    _studio(centre=(low + high) / 2, size=size, sky=0.55)
    _photograph(picture, direction=Vector((0.5, -1, 0.42)), margin=1.12, floor_m=size * 40)


def _head() -> None:
    cream, teal = _paint("cream", CREAM), _paint("teal", TEAL)
    orange, ink = _paint("orange", ORANGE), _paint("ink", INK, roughness=0.08)
    glow = _paint("glow", GLOW, glow=1.2)
    _box((0, 0, 1.78), (1.24, 0.98, 0.92), cream, roundness=0.3)
    _box((0, -0.42, 1.78), (0.96, 0.2, 0.62), ink, roundness=0.09)
    for side in (-1, 1):
        _ball((side * 0.23, -0.51, 1.84), (0.085, 0.04, 0.12), glow)
        _rod((side * 0.58, 0, 1.78), (side * 0.74, 0, 1.78), 0.2, orange)
        _rod((side * 0.7, 0, 1.78), (side * 0.8, 0, 1.78), 0.1, teal)
    _smile((0, -0.53, 1.68), 0.15, glow)
    _rod((0, 0, 2.15), (0, 0, 2.5), 0.035, teal)
    _ball((0, 0, 2.54), (0.1, 0.1, 0.1), orange)


def _body() -> None:
    cream, teal = _paint("cream", CREAM), _paint("teal", TEAL)
    orange, ink = _paint("orange", ORANGE), _paint("ink", INK, roughness=0.08)
    _rod((0, 0, 1.1), (0, 0, 1.4), 0.2, ink)
    _box((0, 0, 0.8), (0.98, 0.78, 0.86), teal, roundness=0.26)
    _box((0, -0.36, 0.84), (0.58, 0.1, 0.42), cream, roundness=0.045)
    _rod((-0.13, -0.4, 0.86), (-0.13, -0.44, 0.86), 0.1, orange)
    for row in range(3):
        _box((0.14, -0.42, 0.95 - row * 0.1), (0.2, 0.03, 0.05), ink, roundness=0.012)


def _limbs(side: int) -> None:
    cream, teal = _paint("cream", CREAM), _paint("teal", TEAL)
    orange, ink = _paint("orange", ORANGE), _paint("ink", INK, roughness=0.08)
    hand: Point = (side * 0.86, -0.3, 0.5) if side < 0 else (side * 0.98, -0.22, 1.28)  # the right one waves
    elbow: Point = (side * 0.8, -0.02, 0.82 if side < 0 else 0.92)
    _ball((side * 0.52, 0, 1.03), (0.17, 0.17, 0.17), orange)
    _rod((side * 0.52, 0, 1.03), elbow, 0.1, cream)
    _ball(elbow, (0.125, 0.125, 0.125), teal)
    _rod(elbow, hand, 0.1, cream)
    _ball(hand, (0.17, 0.17, 0.17), orange)
    _rod((side * 0.25, 0, 0.2), (side * 0.25, 0, 0.5), 0.13, ink)
    _box((side * 0.27, -0.08, 0.13), (0.42, 0.62, 0.26), orange, roundness=0.12)


def _paint(name: str, colour: Point, *, roughness: float = 0.32, glow: float = 0.0) -> bpy.types.Material:
    """The material of that name, made when it is first asked for."""
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    material = bpy.data.materials.new(name)
    if not material.node_tree:  # before 5.0 a material starts without nodes
        material.use_nodes = True
    inputs = material.node_tree.nodes["Principled BSDF"].inputs
    inputs["Base Color"].default_value = (*colour, 1)
    inputs["Roughness"].default_value = roughness
    inputs["Emission Color"].default_value = (*colour, 1)
    inputs["Emission Strength"].default_value = glow
    return material


def _finish(material: bpy.types.Material) -> bpy.types.Object:
    part = bpy.context.active_object
    part.data.materials.append(material)
    bpy.ops.object.shade_smooth()
    return part


def _box(centre: Point, size: Point, material: bpy.types.Material, *, roundness: float) -> None:
    bpy.ops.mesh.primitive_cube_add(size=1, location=centre, scale=size)
    bpy.ops.object.transform_apply(location=False, rotation=False)
    bevel: Any = _finish(material).modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = roundness, 10


def _ball(centre: Point, radii: Point, material: bpy.types.Material) -> None:
    bpy.ops.mesh.primitive_uv_sphere_add(segments=48, ring_count=24, location=centre, scale=radii)
    _finish(material)


def _rod(start: Point, end: Point, radius: float, material: bpy.types.Material) -> None:
    axis = Vector(end) - Vector(start)
    bpy.ops.mesh.primitive_cylinder_add(
        vertices=48,
        radius=radius,
        depth=axis.length,
        location=(Vector(start) + Vector(end)) / 2,
        rotation=axis.to_track_quat("Z", "Y").to_euler(),
    )
    bevel: Any = _finish(material).modifiers.new("round", "BEVEL")
    bevel.width, bevel.segments = min(radius, axis.length) * 0.25, 4


def _smile(centre: Point, radius: float, material: bpy.types.Material) -> None:
    curve: Any = bpy.data.curves.new("smile", "CURVE")
    curve.dimensions, curve.bevel_depth, curve.use_fill_caps = "3D", 0.022, True
    line = curve.splines.new("POLY")
    line.points.add(16)
    for index, point in enumerate(line.points):
        angle = math.radians(200 + 140 * index / 16)
        point.co = (radius * math.cos(angle), 0, radius * math.sin(angle), 1)
    curve.materials.append(material)
    smile = bpy.data.objects.new("smile", curve)
    smile.location = centre
    bpy.context.scene.collection.objects.link(smile)


def _studio(*, centre: Vector, size: float, sky: float) -> None:
    """A large soft light from the left, a fill from the right, a rim from behind, and an even sky."""
    for direction, strength, width in (
        ((-1.2, -1.6, 1.9), 44, 1.2),
        ((2, -1, 0.6), 14, 2.0),
        ((0.9, 1.9, 1.6), 60, 1),
    ):
        light: Any = bpy.data.lights.new("softbox", "AREA")
        light.energy, light.size = strength * size**2, width * size
        lamp = bpy.data.objects.new("softbox", light)
        lamp.location = centre + Vector(direction) * size
        lamp.rotation_euler = (-Vector(direction)).to_track_quat("-Z", "Y").to_euler()
        bpy.context.scene.collection.objects.link(lamp)
    world = bpy.context.scene.world = bpy.data.worlds.new("sky")
    if not world.node_tree:
        world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (sky, sky, sky * 1.04, 1)


def _points() -> list[Vector]:
    """The corners of every mesh that is in the scene, in world space."""
    bpy.context.view_layer.update()
    meshes = [obj for obj in bpy.context.scene.objects if obj.type == "MESH"]
    return [obj.matrix_world @ Vector(corner) for obj in meshes for corner in obj.bound_box]


def _photograph(picture: Path, *, direction: Vector, margin: float, floor_m: float = 0.0) -> None:
    """Frame every mesh from ``direction`` and render; a floor, if any, comes after the framing."""
    scene, points = bpy.context.scene, _points()
    camera: Any = bpy.data.cameras.new("camera")
    camera.lens, camera.clip_end = 70, 1e4
    scene.camera = bpy.data.objects.new("camera", camera)
    scene.collection.objects.link(scene.camera)
    scene.camera.rotation_euler = (-direction).to_track_quat("-Z", "Y").to_euler()
    scene.render.resolution_x = scene.render.resolution_y = SIDE_PX
    scene.render.resolution_percentage = 100
    bpy.context.view_layer.update()
    place, _ = scene.camera.camera_fit_coords(
        bpy.context.evaluated_depsgraph_get(), [value for point in points for value in point]
    )
    centre = sum(points, Vector()) / len(points)
    scene.camera.location = centre + (Vector(place) - centre) * margin
    if floor_m:
        bpy.ops.mesh.primitive_plane_add(size=floor_m, location=(0, 0, min(point.z for point in points)))
        _finish(_paint("floor", (0.5, 0.5, 0.51), roughness=0.9))
    _render(picture)


def _render(picture: Path) -> None:
    import _cycles

    scene: Any = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples = "CPU", SAMPLES
    scene.cycles.adaptive_threshold, scene.cycles.max_bounces = 0.05, 6
    scene.cycles.use_denoising = _cycles.with_openimagedenoise
    scene.view_settings.view_transform = "Standard"
    if hasattr(scene.render.image_settings, "media_type"):  # from 5.0, and before the format
        scene.render.image_settings.media_type = "IMAGE"
    scene.render.image_settings.file_format, scene.render.image_settings.color_mode = "PNG", "RGBA"
    scene.render.filepath = str(picture.absolute())
    bpy.ops.render.render(write_still=True)


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument says."""
    match arguments:
        case ["robot", picture]:
            render_robot(Path(picture))
        case ["mesh", blend, picture]:
            render_mesh(Path(blend), Path(picture))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # the bpy module of some versions crashes or hangs when it is unloaded
