# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene with nothing in it but a subject, as the artist's viewport shows it, a camera and a light."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import bpy
from mathutils import Matrix

__all__ = ["build", "missing_images", "part_faces", "settle"]

_MOST_GROWTH: Final = 4e-4
"""A fifth of a pixel at each edge of a large picture."""
_GOLDEN: Final = 0.6180339887
_SAME_PLACE: Final = 1e-4
"""By so little of itself a matrix may differ."""


def build(order: Mapping[str, Any]) -> tuple[bpy.types.Scene, list[bpy.types.Object]]:
    """Open the copy and put the subject into a scene of its own.

    :raises LookupError: an object is not in the copy, or its library is gone.
    """
    if order["blend"]:
        bpy.ops.wm.open_mainfile(filepath=order["blend"], load_ui=False, use_scripts=False)
    _freeze()  # before anything is evaluated at another frame
    objects = [_object(known["name"], known["library"]) for known in order["objects"]]
    lights = [_object(known["name"], known["library"]) for known in order["lights"]]
    _refill_images(order["images"])
    scene = bpy.data.scenes.new("Studio")
    scene.world = bpy.data.worlds[order["world"]] if order["world"] else None
    for obj in (*objects, *lights):
        scene.collection.objects.link(obj)
    bpy.context.window.scene = scene
    render: Any = scene.render
    render.use_simplify = order["simplify"] is not None
    for name, value in (order["simplify"] or {}).items():
        setattr(render, name, value)
    _show_as_in_viewport(objects, order["helpers"])
    for light in lights:
        light.hide_viewport = light.hide_render = False
    settle(lights, order["lights"])
    scene.frame_set(order["frame"], subframe=order["subframe"])
    return scene, objects


def _show_as_in_viewport(objects: Sequence[bpy.types.Object], helpers: Sequence[str]) -> None:
    """Have a render show what the viewport shows of these objects, and of all that they are made of."""
    for obj in bpy.data.objects:
        obj.hide_render = obj.hide_viewport or obj.type in ("LIGHT", "LIGHT_PROBE", "SPEAKER")
        obj.show_instancer_for_render = obj.show_instancer_for_viewport
        obj.visible_camera, obj.visible_shadow, obj.is_holdout, obj.is_shadow_catcher = True, True, False, False
        for modifier in obj.modifiers:
            modifier.show_render = modifier.show_viewport
            _set_levels(modifier)
        for system in obj.particle_systems:
            _set_children(system.settings)
    for collection in bpy.data.collections:
        collection.hide_render = collection.hide_viewport
    for data in (*bpy.data.curves, *bpy.data.metaballs):
        _set_resolution(data)
    for obj in objects:
        obj.hide_viewport = obj.hide_render = False
        if obj.name in helpers:
            obj.show_instancer_for_render = obj.show_instancer_for_viewport = False


def settle(objects: Iterable[bpy.types.Object], known: Iterable[Mapping[str, Any]]) -> None:
    """Put back what stands elsewhere than it does for the artist: moved by a simulation, or by what is not here."""
    layer: Any = bpy.context.view_layer
    layer.update()
    for obj, before in zip(objects, known, strict=True):
        if before["matrix"] is None:
            continue
        wanted = Matrix(before["matrix"])
        if _largest(wanted - obj.matrix_world) > _SAME_PLACE * _largest(wanted):
            obj.constraints.clear()
            obj.parent = None
            obj.animation_data_clear()
            obj.delta_location, obj.delta_rotation_euler, obj.delta_scale = (0, 0, 0), (0, 0, 0), (1, 1, 1)
            obj.matrix_world = wanted
            layer.update()


def part_faces(objects: Iterable[bpy.types.Object]) -> None:
    """Let objects grow by next to nothing, each by another part.

    Parts of a blockout stand into each other and end in the same plane; a light ray that leaves one face at once hits
    the other, and both are black.
    """
    instanced = {obj.instance_collection for obj in bpy.data.objects if obj.instance_collection is not None}
    parts = dict.fromkeys([*objects, *(part for collection in instanced for part in collection.all_objects)])
    for number, obj in enumerate(parts):
        growth = 1.0 + _MOST_GROWTH * (number * _GOLDEN % 1.0)
        obj.delta_scale = [factor * growth for factor in obj.delta_scale[:]]


def missing_images() -> list[str]:
    """Names of images whose file is not there: what they would be on is pink."""
    found = (i for i in bpy.data.images if i.source == "FILE" and i.users and not i.packed_files)
    return sorted(i.name for i in found if not Path(bpy.path.abspath(i.filepath, library=i.library)).exists())


def _largest(matrix: Matrix) -> float:
    return max(abs(matrix[row][column]) for row in range(4) for column in range(4))


def _object(name: str, library: str | None) -> bpy.types.Object:
    """Find an object of the copy, or link it from where the artist's file has it from."""
    objects: Any = bpy.data.objects
    if library is None:
        return objects[name, None]
    libraries: Any = bpy.data.libraries
    with libraries.load(library, link=True) as (there, here):
        if name not in there.objects:
            raise LookupError(f"{name} is not in {library} any more")
        here.objects = [name]
    found: Any = here.objects[0]
    return found


def _refill_images(files: Mapping[str, str]) -> None:
    """Give painted images their pixels back, which are in no file of the artist's yet."""
    for name, path in files.items():
        image: Any = bpy.data.images.get(name)
        if image is None:
            continue
        space, alpha = image.colorspace_settings.name, image.alpha_mode
        for packed in list(image.packed_files):
            image.packed_files.remove(packed) if hasattr(image.packed_files, "remove") else None
        image.source, image.filepath = "FILE", path
        image.colorspace_settings.name, image.alpha_mode = space, alpha
        image.reload()


def _freeze() -> None:
    """Drop what moves the artist's data, so that it is as it was left. What other files hold moves as it does there."""
    for blocks in (getattr(bpy.data, name) for name in dir(bpy.data)):
        if not isinstance(blocks, bpy.types.bpy_prop_collection):
            continue
        for block in blocks:
            if getattr(block, "animation_data", None) and block.library is None and block.override_library is None:
                block.animation_data_clear()
            tree = getattr(block, "node_tree", None)
            if tree is not None and tree.library is None:
                tree.animation_data_clear()


def _set_levels(modifier: Any) -> None:
    if modifier.type == "SUBSURF":
        modifier.render_levels = modifier.levels
        if hasattr(modifier, "use_adaptive_subdivision"):  # from 5.0
            modifier.use_adaptive_subdivision = False
    elif modifier.type == "MULTIRES":
        modifier.render_levels = modifier.levels
    elif modifier.type == "PARTICLE_SYSTEM" and modifier.particle_system.settings.display_method == "NONE":
        modifier.show_render = False


def _set_children(settings: Any) -> None:
    shown = getattr(settings, "child_percent", None)  # a number, not a percentage
    if shown is not None:
        settings.rendered_child_count = shown
    settings.render_step = settings.display_step


def _set_resolution(data: Any) -> None:
    with suppress(AttributeError):
        if isinstance(data, bpy.types.MetaBall):
            data.render_resolution = data.resolution
        else:
            data.render_resolution_u = data.render_resolution_v = 0
