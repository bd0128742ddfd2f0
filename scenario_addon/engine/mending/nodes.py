# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes: trees of sound transforms, and nothing in them that refers to what is not there."""

from __future__ import annotations

import math
from typing import Any, Final, cast

from ..gltf.document import Flaw, Json, entries, listed, members, objects, reference, references
from ..gltf.draft import Draft

__all__ = ["drop_lost_references", "list_roots_once", "make_trees"]

_INSTANCING: Final = "EXT_mesh_gpu_instancing"
_PLACES: Final = ("TRANSLATION", "ROTATION", "SCALE")
_TRANSFORMS: Final = (("matrix", 16), ("translation", 3), ("rotation", 4), ("scale", 3))


def make_trees(draft: Draft) -> bool:
    """Have each node hang from one other at the most.

    :raises Flaw: a mesh hangs in a circle, or nobody knows where.
    """
    nodes = entries(draft.root, "nodes")
    taken: set[int] = set()
    is_changed = False
    for node in nodes:
        children = references(node, "children", nodes)
        own = [child for child in dict.fromkeys(children) if child not in taken]
        taken.update(own)
        if own != children:
            node["children"] = own
            is_changed = True
    roots = [number for number in range(len(nodes)) if number not in taken]
    order = _downward(nodes, roots)
    lost = set(range(len(nodes))).difference(order)
    if any("mesh" in nodes[number] for number in lost):
        raise Flaw("is damaged: its nodes hang from each other in a circle")
    for number in lost:
        nodes[number].pop("children")
    return _check_transforms(nodes, order) or bool(lost) or is_changed


def list_roots_once(draft: Draft) -> bool:
    """Have each scene list a node once, and only what is no node's child: newer importers refuse the others."""
    nodes, scenes = entries(draft.root, "nodes"), entries(draft.root, "scenes")
    children = {child for node in nodes for child in references(node, "children", nodes)}
    is_changed = False
    for scene in scenes:
        found = listed(scene, "nodes")
        known = [node for node in found if type(node) is int and 0 <= node < len(nodes)]
        wanted = [node for node in dict.fromkeys(known) if node not in children]
        if scene.get("nodes", wanted) != wanted:
            scene["nodes"] = wanted
            is_changed = True
    if "scene" in draft.root and not _is_there(draft.root, "scene", scenes):
        del draft.root["scene"]
        is_changed = True
    return is_changed


def drop_lost_references(draft: Draft) -> bool:
    """Drop what is not needed and refers to nothing: cameras, lights, rigs and movements."""
    root, is_changed = draft.root, False
    is_changed |= _drop_bad(root, "animations", draft)
    is_changed |= _drop_bad_skins(draft)
    lights = objects(members(members(root.get("extensions")).get("KHR_lights_punctual")).get("lights"))
    for node in entries(root, "nodes"):
        if "camera" in node and not _is_there(node, "camera", listed(root, "cameras")):
            del node["camera"]
            is_changed = True
        extensions = members(node.get("extensions"))
        if _INSTANCING in extensions and not _are_places(members(extensions[_INSTANCING]), draft):
            del extensions[_INSTANCING]
            is_changed = True
            if "mesh" in node:
                draft.told.append("without the copies of one of its parts, whose places are damaged")
        light = extensions.get("KHR_lights_punctual")
        if light is not None and not _is_there(members(light), "light", lights):
            del extensions["KHR_lights_punctual"]
            is_changed = True
    return is_changed


def _are_places(instancing: Json, draft: Draft) -> bool:
    """Whether instances have places, each as many numbers as the others."""
    attributes = members(instancing.get("attributes"))
    try:
        counts = {draft.layout.accessor(attributes, name).count for name in _PLACES if name in attributes}
    except Flaw:
        return False
    return len(counts) == 1 and 0 not in counts


def _downward(nodes: list[Json], roots: list[int]) -> list[int]:
    """All that hangs from the roots, each node before its children."""
    order = list(roots)
    for number in order:
        order.extend(listed(nodes[number], "children"))
    return order


def _check_transforms(nodes: list[Json], order: list[int]) -> bool:
    """Check where the meshes are; where nothing is, it does not matter.

    :raises Flaw: a transform is none.
    """
    shown: set[int] = set()
    is_changed = False
    for number in reversed(order):
        node = nodes[number]
        if "mesh" in node or not shown.isdisjoint(listed(node, "children")):
            shown.add(number)
        for name, length in _TRANSFORMS:
            if _is_transform(node.get(name), length):
                continue
            if number in shown:
                raise Flaw(f"is damaged: the {name} of a node is not {length} numbers")
            del node[name]
            is_changed = True
    return is_changed


def _is_transform(found: Any, length: int) -> bool:
    if found is None:
        return True
    try:
        numbers = cast(list[Any], found) if isinstance(found, list) else []
        return len(numbers) == length and all(type(n) in (int, float) and math.isfinite(n) for n in numbers)
    except OverflowError:  # an int beyond all floats
        return False


def _is_there(parent: Json, name: str, targets: list[Any]) -> bool:
    try:
        reference(parent, name, targets)
    except Flaw:
        return False
    return True


def _drop_bad(root: Json, kind: str, draft: Draft) -> bool:
    found = listed(root, kind)
    kept = [entry for entry in found if _moves_something(members(entry), draft)]
    if len(kept) == len(found) and isinstance(root.get(kind, []), list):
        return False
    root[kind] = kept
    return True


def _moves_something(animation: Json, draft: Draft) -> bool:
    """Whether an animation has all that it refers to."""
    try:
        samplers = entries(animation, "samplers")
        for sampler in samplers:
            for name in ("input", "output"):
                draft.layout.accessor(sampler, name)
        for channel in entries(animation, "channels"):
            reference(channel, "sampler", samplers)
            target = members(channel.get("target"))
            if "node" in target:
                reference(target, "node", entries(draft.root, "nodes"))
            if not isinstance(target.get("path"), str):
                return False
    except Flaw:
        return False
    return bool(samplers)


def _drop_bad_skins(draft: Draft) -> bool:
    """Drop rigs that lack something; a mesh stands without it as it is."""
    root, nodes = draft.root, entries(draft.root, "nodes")
    found = objects(root.get("skins"))
    places: dict[int, int] = {}
    for number, skin in enumerate(found):
        if _holds_together(skin, nodes, draft):
            places[number] = len(places)
    used = [node for node in nodes if "skin" in node]
    bad = [node for node in used if type(node["skin"]) is not int or node["skin"] not in places]
    if not bad and len(places) == len(found):
        return False
    for node in used:
        if node in bad:
            del node["skin"]
        else:
            node["skin"] = places[node["skin"]]
    root["skins"] = [found[number] for number in places]
    if any("mesh" in node for node in bad):
        draft.told.append("without a rig, which is damaged")
    return True


def _holds_together(skin: Json, nodes: list[Json], draft: Draft) -> bool:
    try:
        joints = references(skin, "joints", nodes)
        if "skeleton" in skin:
            reference(skin, "skeleton", nodes)
        if "inverseBindMatrices" in skin:
            matrices = draft.layout.accessor(skin, "inverseBindMatrices")
            return matrices.width == 16 and matrices.count >= len(joints) > 0
    except Flaw:
        return False
    return bool(joints)
