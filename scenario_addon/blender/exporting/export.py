# SPDX-License-Identifier: GPL-3.0-or-later
"""Exports the copy of a mesh into a file that a model takes. In the second Blender.

Modifiers, shape keys and poses are applied as the artist sees them, instances become meshes. The first object stands
in its own local space with an identity transform, the others as they stand relative to it, in the same axes. Each
format gets the axes that Blender's importer of it expects, so that what comes back stands as it did once it gets the
first one's matrix. The same mesh gives the same bytes, but for FBX, which holds the time: what stands for that is a
GLB of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import bpy
import numpy as np
from mathutils import Matrix

from ..mesh.mesh import triangle_count
from ..studio.child.stage import build, missing_images, settle

__all__ = ["EmptyError", "StrangeError", "export"]

_STILL: Final = 1e-6
"""A matrix that differs by less is none."""


class EmptyError(Exception):
    """There are no faces."""


class StrangeError(Exception):
    """A point is nowhere."""


@dataclass(frozen=True)
class _Part:
    name: str
    mesh: bpy.types.Mesh


def export(order: Mapping[str, Any]) -> list[str]:
    """Write ``order["path"]`` in the format that is its suffix.

    :param order: as ``duplicate`` gives it, with ``path``, ``suffix``, ``home``, the matrix of the first object, and
        ``print``, a further file by whose content a FBX is known.
    :return: the names of images that are left out, since their files are missing.
    :raises EmptyError: there are no faces.
    :raises StrangeError: a coordinate is no number.
    :raises Exception: whatever Blender raises.
    """
    _, objects = build(order)
    settle(objects, order["objects"])
    parts = _parts(Matrix(order["home"]).inverted())
    if not any(triangle_count(part.mesh) for part in parts):
        raise EmptyError
    if not all(_is_somewhere(part) for part in parts):
        raise StrangeError
    missing = missing_images()
    for name in missing:
        bpy.data.images.remove(bpy.data.images[name])
    _set_scene(parts)
    _EXPORTERS[order["suffix"]](order["path"])
    if order["suffix"] == "fbx":
        _export_glb(order["print"])
    return missing


def _parts(into: Matrix) -> list[_Part]:
    """Give all that is seen as a mesh, with instances, in the axes to which ``into`` leads.

    The points themselves are moved: relative to an object of another size along each axis, others may be slanted, and
    no format keeps that for an object.
    """
    graph = bpy.context.evaluated_depsgraph_get()
    parts: list[_Part] = []
    for instance in cast("Iterable[Any]", graph.object_instances):
        obj = instance.object
        if obj.type != "MESH" or not (instance.is_instance or instance.show_self):
            continue
        mesh = _made(obj, graph, is_its_own=instance.is_instance and obj.original == instance.parent.original)
        matrix = into @ instance.matrix_world
        if _largest(matrix - Matrix.Identity(4)) > _STILL:
            mesh.transform(matrix)
            if matrix.determinant() < 0.0:
                mesh.flip_normals()
        parts.append(_Part((instance.parent if instance.is_instance else obj).name, mesh))
    return parts


def _made(obj: bpy.types.Object, graph: bpy.types.Depsgraph, *, is_its_own: bool) -> bpy.types.Mesh:
    """Make a mesh of what is seen of an object.

    :param is_its_own: whether it stands for what that object itself has made by geometry nodes: nothing else knows it.
    """
    if is_its_own:
        return bpy.data.meshes.new_from_object(obj)
    mesh: Any = bpy.data.meshes.new_from_object(obj, preserve_all_data_layers=True, depsgraph=graph)
    for number, slot in enumerate(obj.material_slots[: len(mesh.materials)]):
        mesh.materials[number] = slot.material and slot.material.original  # may differ from its mesh's own
    return mesh


def _largest(matrix: Matrix) -> float:
    return max(abs(matrix[row][column]) for row in range(4) for column in range(4))


def _is_somewhere(part: _Part) -> bool:
    points = np.empty(len(part.mesh.vertices) * 3, dtype=np.float32)
    part.mesh.vertices.foreach_get("co", points)
    return bool(np.isfinite(points).all())


def _set_scene(parts: Iterable[_Part]) -> None:
    """Show nothing but these, under their own names."""
    parts = list(parts)
    for old in list(bpy.data.objects):
        bpy.data.objects.remove(old)
    scene = bpy.data.scenes.new("Export")
    for part in parts:
        part.mesh.name = part.name
        obj = bpy.data.objects.new(part.name, part.mesh)
        scene.collection.objects.link(obj)
    bpy.context.window.scene = scene
    bpy.context.view_layer.update()


def _export_glb(path: str) -> None:
    bpy.ops.export_scene.gltf(
        filepath=path,
        export_format="GLB",
        use_active_scene=True,
        export_animations=False,
        export_skins=False,
        export_morph=False,
        export_cameras=False,
        export_lights=False,
        export_extras=False,
    )


def _export_fbx(path: str) -> None:
    bpy.ops.export_scene.fbx(
        filepath=path,
        object_types={"MESH"},
        use_mesh_modifiers=False,
        path_mode="COPY",
        embed_textures=True,
        bake_anim=False,
    )


def _export_obj(path: str) -> None:
    exporter: Any = bpy.ops.wm.obj_export
    exporter(filepath=path, apply_modifiers=False, export_materials=False, export_animation=False)


_EXPORTERS: Final[Mapping[str, Callable[[str], None]]] = {"glb": _export_glb, "fbx": _export_fbx, "obj": _export_obj}
