# SPDX-License-Identifier: GPL-3.0-or-later
"""How meshes look, as numbers and texts that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import bpy
import numpy as np

__all__ = ["as_imported", "is_the_same", "material_text", "plainly_imported", "seen"]


def seen(objects: Iterable[bpy.types.Object]) -> np.ndarray:
    """Every corner of every face as it looks: point and normal in world space, and UV. A row each."""
    bpy.context.view_layer.update()
    rows: list[np.ndarray] = []
    for obj in objects:
        if obj.type != "MESH":
            continue
        mesh, matrix = obj.data, np.array(obj.matrix_world)
        points, normals = (np.empty(len(part) * 3, dtype=np.float32) for part in (mesh.vertices, mesh.corner_normals))
        mesh.vertices.foreach_get("co", points)
        mesh.corner_normals.foreach_get("vector", normals)
        corners = np.empty(len(mesh.loops), dtype=np.int32)
        mesh.loops.foreach_get("vertex_index", corners)
        world = points.reshape(-1, 3)[corners] @ matrix[:3, :3].T + matrix[:3, 3]
        turned = normals.reshape(-1, 3) @ np.linalg.inv(matrix[:3, :3])
        uv = np.zeros(len(mesh.loops) * 2, dtype=np.float32)
        if mesh.uv_layers:
            mesh.uv_layers.active.uv.foreach_get("vector", uv)
        rows.append(np.hstack((world, turned / np.linalg.norm(turned, axis=1)[:, None], uv.reshape(-1, 2))))
    return np.vstack(rows)


def is_the_same(first: np.ndarray, second: np.ndarray, *, within: float) -> bool:
    """Whether the same corners are seen, in whatever order."""
    apart = np.abs(first[:, None] - second).max(axis=2)
    return len(first) == len(second) and bool((apart.min(axis=0) < within).all() and (apart.min(axis=1) < within).all())


def plainly_imported(path: Path) -> list[bpy.types.Object]:
    """What Blender's own import brings."""
    before = set(bpy.data.objects)
    bpy.ops.import_scene.gltf(filepath=str(path), disable_bone_shape=True)
    return [obj for obj in bpy.data.objects if obj not in before]


def as_imported(path: Path) -> np.ndarray:
    """What is seen of Blender's own import, all of which is removed again."""
    new = plainly_imported(path)
    rows = seen(new)
    bpy.data.batch_remove(new)
    return rows


def material_text(material: bpy.types.Material) -> list[str]:
    """Nodes, values, images with every byte, and links, in a fixed order."""
    tree, lines = material.node_tree, [f"{material.name.split('.')[0]} {material.surface_render_method}"]
    for node in tree.nodes:
        values = [_plain(getattr(socket, "default_value", None)) for socket in node.inputs]
        lines.append(f"{node.bl_idname} {node.name} {values} {_image_text(getattr(node, 'image', None))}")
    for link in tree.links:
        ends = (link.from_node.name, link.from_socket.identifier, link.to_node.name, link.to_socket.identifier)
        lines.append(" ".join(ends))
    return sorted(lines)


def _plain(value: Any) -> Any:
    return [round(part, 5) for part in value] if hasattr(value, "__len__") and not isinstance(value, str) else value


def _image_text(image: bpy.types.Image | None) -> str:
    if image is None:
        return ""
    packed = image.packed_file.data
    return (
        f"{image.name.split('.')[0]} {image.size[:]} {image.colorspace_settings.name} {image.alpha_mode} {hash(packed)}"
    )
