# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects to take pictures of, which look another way from each side, and what is seen in pictures of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from PIL import Image

SIZE: Final = (1.0, 2.0, 3.0)
"""Of the marked box: metres along x, y and z."""
COLOURS: Final = {
    "left": (255, 0, 0),
    "right": (0, 255, 0),
    "front": (0, 0, 255),
    "back": (255, 255, 0),
    "top": (0, 255, 255),
    "bottom": (255, 0, 255),
}
MARK: Final = (255, 255, 255)
_CORNERS: Final = [(x, y, z) for x in (-0.5, 0.5) for y in (-1.0, 1.0) for z in (-1.5, 1.5)]
_FACES: Final = {
    "left": (4, 6, 7, 5),
    "right": (0, 1, 3, 2),
    "front": (0, 4, 5, 1),
    "back": (2, 3, 7, 6),
    "top": (1, 5, 7, 3),
    "bottom": (0, 2, 6, 4),
}
_NEAR: Final = (0.28, -0.62, 1.0)
"""The middle of each mark: towards the box's own left, its front, and up; it lies on the side that it marks."""
_SMALL: Final = 0.12


def shining(colour: Sequence[int], name: str = "Shining") -> bpy.types.Material:
    """A material that has this colour in any light."""
    material = bpy.data.materials.new(name)
    nodes = _nodes(material)
    nodes.clear()
    shader, output = nodes.new("ShaderNodeEmission"), nodes.new("ShaderNodeOutputMaterial")
    shader.inputs["Color"].default_value = (*(part / 255 for part in colour), 1.0)
    material.node_tree.links.new(shader.outputs[0], output.inputs["Surface"])
    return material


def painted(colour: Sequence[float], name: str = "Painted") -> bpy.types.Material:
    """A material that is lit."""
    material = bpy.data.materials.new(name)
    shader = next(node for node in _nodes(material) if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    return material


def _nodes(material: Any) -> Any:
    if material.node_tree is None:  # until 5.0
        material.use_nodes = True
    return material.node_tree.nodes


def add(data: Any, name: str, location: Sequence[float] = (0, 0, 0)) -> bpy.types.Object:
    """Put an object into the scene."""
    obj = bpy.data.objects.new(name, data)
    obj.location = location
    bpy.context.scene.collection.objects.link(obj)
    return obj


def box(name: str, size: Sequence[float], location: Sequence[float] = (0, 0, 0)) -> bpy.types.Object:
    """A box around its origin, of one lit material."""
    mesh = bpy.data.meshes.new(name)
    corners = [tuple(size[axis] * (corner[axis] / SIZE[axis]) for axis in range(3)) for corner in _CORNERS]
    mesh.from_pydata(corners, [], list(_FACES.values()))
    mesh.materials.append(painted((0.5, 0.3, 0.2)))
    return add(mesh, name, location)


def marked_box(name: str = "Marked", location: Sequence[float] = (4.0, -3.0, 2.0)) -> bpy.types.Object:
    """A box with a colour for each side, and on each side a white mark in a corner."""
    mesh = bpy.data.meshes.new(name)
    corners, faces = list(_CORNERS), list(_FACES.values())
    for face in _FACES.values():
        middle = [sum(_CORNERS[corner][axis] for corner in face) / 4 for axis in range(3)]
        axis = max(range(3), key=lambda axis: abs(middle[axis]) / SIZE[axis])
        place = [_NEAR[a] if a != axis else middle[a] * 1.001 for a in range(3)]
        across = [a for a in range(3) if a != axis]
        faces.append(tuple(range(len(corners), len(corners) + 4)))
        for one, other in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            point = list(place)
            point[across[0]] += one * _SMALL
            point[across[1]] += other * _SMALL
            corners.append(tuple(point))
    mesh.from_pydata(corners, [], faces)
    for colour in (*COLOURS.values(), MARK):
        mesh.materials.append(shining(colour))
    for number, polygon in enumerate(mesh.polygons):
        polygon.material_index = min(number, len(COLOURS))
    return add(mesh, name, location)


def select(*objects: bpy.types.Object) -> None:
    """Have these selected, and no others; the first is active."""
    bpy.context.view_layer.update()
    for obj in bpy.context.view_layer.objects:
        obj.select_set(obj in objects)
    bpy.context.view_layer.objects.active = objects[0]


def pixels(path: Path) -> np.ndarray:
    """RGBA from 0 to 255, the uppermost row first."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"), dtype=np.int32)


def where(picture: np.ndarray, colour: Sequence[int]) -> np.ndarray:
    """Which pixels have this colour and nothing of another."""
    return (picture[..., 3] > 250) & (np.abs(picture[..., :3] - np.array(colour)).max(axis=-1) < 12)


def middle(of: np.ndarray) -> tuple[float, float]:
    """Where a set of pixels has its middle: to the right and up from the middle of the picture, each from -1 to 1."""
    rows, columns = np.nonzero(of)
    height_px, width_px = of.shape
    return float(columns.mean() + 0.5) / width_px * 2 - 1, 1 - float(rows.mean() + 0.5) / height_px * 2


def reach_px(picture: np.ndarray) -> tuple[float, float]:
    """Width and height of what is seen, its half covered edge pixels as halves; of something with straight edges."""
    alpha = picture[..., 3] / 255
    rows, columns = np.nonzero(alpha > 0.5)
    inner_rows = slice(rows.min() + 3, rows.max() - 2)
    inner_columns = slice(columns.min() + 3, columns.max() - 2)
    return float(alpha[inner_rows].sum(axis=1).mean()), float(alpha[:, inner_columns].sum(axis=0).mean())
