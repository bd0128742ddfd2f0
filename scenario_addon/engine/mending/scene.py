# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a glTF is wanted: the scene that it shows by default, at rest. Mends, see ``mending``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, Final, cast

from ..gltf.document import Json, listed, members, objects
from ..gltf.draft import Draft

__all__ = ["be_at_rest", "is_animated_rig", "show_default_scene_alone"]

_POINTER: Final = "KHR_animation_pointer"
_TO_NODE: Final = re.compile(r"/nodes/(\d+)/")
_SHOWN: Final = ("mesh", "camera", "skin", "weights", "children", "extensions")
"""What a node shows, itself or by others."""


def is_animated_rig(root: Json) -> bool:
    """Whether there are animations, and bones or shapes that they could move."""
    primitives = (part for mesh in objects(root.get("meshes")) for part in objects(mesh.get("primitives")))
    return bool(root.get("animations")) and (bool(root.get("skins")) or any(part.get("targets") for part in primitives))


def be_at_rest(draft: Draft) -> bool:
    """Leave out all animation: every node, bone and weight is as the file states it, whatever the time."""
    root = draft.root
    if "animations" not in root:
        return False
    del root["animations"]
    for name in ("extensionsUsed", "extensionsRequired"):
        if _POINTER in listed(root, name):
            root[name] = [extension for extension in root[name] if extension != _POINTER]
            if not root[name]:  # an empty list is no glTF
                del root[name]
    return True


def show_default_scene_alone(draft: Draft) -> bool:
    """Leave out what the default scene does not show, and every other scene.

    The first one with a mesh takes its place when it has none; where no scene has any, all stays. Nodes keep their
    numbers, which extensions may refer to: one that is not wanted stays as an empty one.
    """
    nodes, scenes = objects(draft.root.get("nodes")), objects(draft.root.get("scenes"))
    default = draft.root.get("scene", 0)
    for number in sorted(range(len(scenes)), key=lambda number: number != default):
        seen = _below(nodes, listed(scenes[number], "nodes"))
        if any("mesh" in nodes[node] for node in seen):
            break
    else:
        return False
    roots, bones = _skeletons(nodes, objects(draft.root.get("skins")), seen)
    shown = {**scenes[number], "nodes": [*listed(scenes[number], "nodes"), *roots]}
    kept = [_kept(node, entry, seen, bones) for node, entry in enumerate(nodes)]
    alone = {**draft.root, "scene": 0, "scenes": [shown], "nodes": kept}
    alone = _animated(_skinned(alone, seen | bones), seen | bones)
    if alone == {**draft.root, "scene": default}:
        return False
    draft.replace(alone)
    return True


def _kept(node: int, entry: Json, seen: Collection[int], bones: Collection[int]) -> Json:
    """What stays of a node: all of what is seen, of a bone what it carries, of another its name and place."""
    if node in seen:
        return entry
    return {
        name: value for name, value in entry.items() if name not in _SHOWN or (name == "children" and node in bones)
    }


def _skeletons(nodes: list[Json], skins: list[Json], seen: Collection[int]) -> tuple[list[int], set[int]]:
    """The bones, outside of the scene, of what is in it: the tops of their trees, and everything in these."""
    parents = {child: node for node, entry in enumerate(nodes) for child in _numbers(entry.get("children"), nodes)}
    joints = [joint for skin in _worn(nodes, skins, seen) for joint in _numbers(skins[skin].get("joints"), nodes)]
    tops: dict[int, None] = {}
    for joint in joints:
        if joint not in seen:
            way = [joint]
            while (parent := parents.get(way[-1])) is not None and parent not in way:
                way.append(parent)
            tops[way[-1]] = None
    return list(tops), _below(nodes, tops) - set(seen)


def _worn(nodes: list[Json], skins: list[Json], seen: Iterable[int]) -> list[int]:
    """Which skins these nodes wear."""
    return sorted({skin for node in seen for skin in _numbers([nodes[node].get("skin")], skins)})


def _skinned(root: Json, kept: Collection[int]) -> Json:
    """Leave out the skins of what is gone: an importer makes an armature of each."""
    skins, nodes = objects(root.get("skins")), objects(root["nodes"])
    worn = _worn(nodes, skins, kept)
    known = [
        number
        for number, skin in enumerate(skins)
        if number in worn or any(joint in kept for joint in _numbers(skin.get("joints"), nodes))
    ]
    if len(known) == len(skins):
        return root
    numbers = {old: new for new, old in enumerate(known)}
    dressed = [
        {**node, "skin": numbers[node["skin"]]} if _numbers([node.get("skin")], skins) else node for node in nodes
    ]
    bare = {name: value for name, value in root.items() if name != "skins"}
    return {**bare, "nodes": dressed, **({"skins": [skins[old] for old in known]} if known else {})}


def _animated(root: Json, kept: Collection[int]) -> Json:
    """Leave out what moves nodes that are not there."""
    if "animations" not in root:
        return root
    animations = [
        {**animation, "channels": channels}
        for animation in objects(root["animations"])
        if (channels := [c for c in objects(animation.get("channels")) if _moves_any(c, kept)])
    ]
    if animations == root["animations"]:
        return root
    bare = {name: value for name, value in root.items() if name != "animations"}
    return {**bare, **({"animations": animations} if animations else {})}


def _moves_any(channel: Json, nodes: Collection[int]) -> bool:
    """Whether a channel moves one of these nodes, or something else than a node."""
    target = members(channel.get("target"))
    pointer = members(members(target.get("extensions")).get(_POINTER)).get("pointer")
    found = _TO_NODE.match(pointer) if isinstance(pointer, str) else None
    node = int(found.group(1)) if found else target.get("node")
    return type(node) is not int or node in nodes


def _below(nodes: list[Json], tops: Iterable[Any]) -> set[int]:
    """These nodes, and all that hang from them."""
    reached = dict.fromkeys(_numbers(list(tops), nodes))
    queue = list(reached)
    for node in queue:  # grows on the way
        new = [child for child in _numbers(nodes[node].get("children"), nodes) if child not in reached]
        reached.update(dict.fromkeys(new))
        queue.extend(new)
    return set(reached)


def _numbers(value: Any, targets: list[Any]) -> list[int]:
    """The entries of a list that are the number of one of the targets."""
    found = cast(list[Any], value) if isinstance(value, list) else []
    return [item for item in found if type(item) is int and 0 <= item < len(targets)]
