# SPDX-License-Identifier: GPL-3.0-or-later
"""Meshes that have their colours in themselves, and no material to show them. Main thread only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import bpy
import numpy as np

__all__ = ["show_vertex_colours"]

_LEAST: Final = 0.5 / 255
"""What a value has to differ by to be another."""
_STAND_IN: Final = "DefaultMaterial"
"""Blender's glTF importer makes one such for each mesh that has colours and no material, from 4.4 on."""


def show_vertex_colours(meshes: Iterable[bpy.types.Mesh]) -> None:
    """Have the colours of meshes seen: a material that is named after the mesh shows them where there is none.

    A material that is there stays, but one without textures and of no hue shows them in place of its grey.
    """
    for mesh in dict.fromkeys(meshes):
        layers = mesh.color_attributes
        bare = [slot for slot, material in enumerate(mesh.materials) if material is None or _is_stand_in(material)]
        grey = [material for material in mesh.materials if material is not None and _is_grey(material)]
        if not layers or (mesh.materials and not bare and not grey):
            continue
        shown = max(layers.render_color_index, 0)
        layers.active_color_index = layers.render_color_index = shown
        name, values = layers[shown].name, _values_of(layers[shown])
        if bare or not mesh.materials:
            _fill(mesh, bare, _shown(bpy.data.materials.new(mesh.name), name, values))
        if (values[:, :3] < 1 - _LEAST).any():  # many files have white ones for nothing
            for material in grey:
                _shown(material, name, values)


def _values_of(colours: Any) -> np.ndarray:
    """Every colour with its alpha, (points or corners, 4)."""
    values = np.empty(len(colours.data) * 4, dtype=np.float32)
    colours.data.foreach_get("color", values)
    return values.reshape(-1, 4)


def _fill(mesh: bpy.types.Mesh, slots: Iterable[int], material: bpy.types.Material) -> None:
    """Give slots another material, and remove what nobody has any more."""
    if not mesh.materials:
        mesh.materials.append(material)
    for slot in slots:
        replaced, mesh.materials[slot] = mesh.materials[slot], material
        if replaced is not None and not replaced.users:
            bpy.data.materials.remove(replaced)


def _shown(material: bpy.types.Material, layer: str, values: np.ndarray) -> bpy.types.Material:
    """Have a material show an attribute; where anything of that is to be seen through, its alpha, too."""
    if material.node_tree is None:  # before Blender 5
        material.use_nodes = True
    tree: Any = material.node_tree
    shader = _shader_of(material)
    source = tree.nodes.new("ShaderNodeVertexColor")
    source.layer_name = layer
    source.location = (shader.location.x - 220, shader.location.y)
    tree.links.new(source.outputs["Color"], shader.inputs["Base Color"])
    alphas = values[:, 3]
    # Where all of it would be invisible, nobody has written an alpha.
    if (alphas < 1 - _LEAST).any() and (alphas > _LEAST).any() and not shader.inputs["Alpha"].is_linked:
        tree.links.new(source.outputs["Alpha"], shader.inputs["Alpha"])
    return material


def _is_stand_in(material: bpy.types.Material) -> bool:
    nodes: Any = material.node_tree.nodes if material.node_tree else ()
    kinds = sorted(node.type for node in nodes)
    return material.name.startswith(_STAND_IN) and kinds == ["BSDF_PRINCIPLED", "OUTPUT_MATERIAL", "VERTEX_COLOR"]


def _is_grey(material: bpy.types.Material) -> bool:
    """Whether nothing gives a material a colour: no texture, no link, no hue."""
    shader = _shader_of(material)
    if shader is None or any(node.type in ("TEX_IMAGE", "GROUP") for node in material.node_tree.nodes):
        return False
    base = shader.inputs["Base Color"]
    red, green, blue, _ = base.default_value
    return not base.is_linked and max(red, green, blue) - min(red, green, blue) < _LEAST


def _shader_of(material: bpy.types.Material) -> Any:
    """The one that makes its surface; ``None`` where that is another, or several."""
    nodes: Any = material.node_tree.nodes if material.node_tree else ()
    shaders = [node for node in nodes if node.type.startswith("BSDF_")]
    return shaders[0] if len(shaders) == 1 and shaders[0].type == "BSDF_PRINCIPLED" else None
