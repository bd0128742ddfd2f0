# SPDX-License-Identifier: GPL-3.0-or-later
"""Showing one variant instead of another, and keeping the one that is right. Main thread only."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from .group import KEY, Kinship, Variant, hide, members, note_place, placed, shared_move, show, shown, stand_at
from .row import is_laid_out, stack

__all__ = ["discard", "keep", "neighbour", "show_alone", "take_in", "take_over"]


def take_in(root: bpy.types.Object, kinship: Kinship, scene: bpy.types.Scene) -> bool:
    """Show a mesh that has just been placed instead of its sisters, where and as they stand by now.

    :param root: of the mesh, as it was placed.
    :return: whether it has any.
    """
    key = kinship.key
    if is_laid_out(key, scene):
        stack(key, scene)
    others = [variant for variant in members(key, scene) if variant.root != root]
    note_place(root, kinship, others)
    if not others:
        return False
    like = shown(others) or others[-1]
    root.matrix_world = shared_move(like) @ placed(Variant.at(root))
    for variant in others:
        hide(variant)
    return True


def take_over(root: bpy.types.Object, label: str, source: Variant, scene: bpy.types.Scene) -> None:
    """Show a mesh instead of the variant that it was made of, whose place it has been given, and of its sisters.

    :param label: what it is called beside its sisters.
    """
    key = str(source.root.get(KEY, ""))
    others = [variant for variant in members(key, scene, first=source.root) if variant.root != root]
    note_place(root, Kinship(key, label), others, moved=shared_move(source))
    for variant in others:
        hide(variant)


def show_alone(wanted: Variant, variants: Sequence[Variant]) -> None:
    """Show one variant, where the one stands that was shown."""
    like = shown(variants)
    if like is not None and like.root != wanted.root:
        stand_at(wanted, shared_move(like) @ placed(wanted))
    for variant in variants:
        if variant.root != wanted.root:
            hide(variant)
    show(wanted)


def neighbour(variants: Sequence[Variant], step: int) -> Variant:
    """Give the one that comes so many after the one that is shown; after the last comes the first."""
    like = shown(variants)
    at = variants.index(like) if like is not None else 0
    return variants[(at + step) % len(variants)]


def keep(wanted: Variant, variants: Sequence[Variant], scene: bpy.types.Scene) -> None:
    """Show one variant and remove the others from the file. What was downloaded stays where it is."""
    key = str(wanted.root.get(KEY, ""))
    if is_laid_out(key, scene):
        stack(key, scene)
    show_alone(wanted, variants)
    gone = [obj for variant in variants if variant.root != wanted.root for obj in variant.objects]
    _hand_over(wanted.root, gone)
    discard(gone)


def discard(objects: Sequence[bpy.types.Object]) -> None:
    """Remove objects, and meshes, materials, textures and results' collections that nothing else uses."""
    data: set[bpy.types.ID] = {obj.data for obj in objects if obj.data is not None}
    homes = {home for obj in objects for home in obj.users_collection if home.get("scenario_job_id")}
    bpy.data.batch_remove(objects)
    _remove_unused(data, homes)


def _hand_over(root: bpy.types.Object, gone: Sequence[bpy.types.Object]) -> None:
    """Have what the artist has hung on objects that go hang on the one that stays, in its place."""
    going = set(gone)
    places = {obj: obj.matrix_world.copy() for obj in bpy.data.objects if obj.parent in going and obj not in going}
    for obj, place in places.items():
        if obj == root:
            obj.parent = None
        else:
            obj.parent, obj.parent_type = root, "OBJECT"
        obj.matrix_world = place


def _remove_unused(data: set[bpy.types.ID], homes: set[bpy.types.Collection]) -> None:
    """Remove meshes, their materials and textures, and collections, of which nothing is left."""
    empty = [home for home in homes if not home.all_objects]
    drawers = [child for home in empty for child in home.children_recursive]
    bpy.data.batch_remove([*drawers, *empty])
    unused = [block for block in data if not block.users]
    materials = {slot for block in unused for slot in getattr(block, "materials", ()) if slot is not None}
    bpy.data.batch_remove(unused)
    unused = [material for material in materials if not material.users]
    images = {image for material in unused for image in _images(material)}
    bpy.data.batch_remove(unused)
    bpy.data.batch_remove([image for image in images if not image.users])


def _images(material: bpy.types.Material) -> list[bpy.types.Image]:
    nodes = material.node_tree.nodes if material.node_tree is not None else ()
    return [node.image for node in nodes if isinstance(node, bpy.types.ShaderNodeTexImage) and node.image is not None]
