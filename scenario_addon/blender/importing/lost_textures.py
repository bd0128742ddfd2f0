# SPDX-License-Identifier: GPL-3.0-or-later
"""Textures that did not come in: materials do without them, instead of showing pink or black. Main thread only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, cast

import bpy

__all__ = ["leave_out_lost"]

_HELPERS: Final = frozenset({"BUMP", "CURVE_RGB", "INVERT", "MATH", "NORMAL_MAP", "SEPARATE_COLOR", "SEPRGB"})
"""Nodes that pass on what a texture gives, and mean nothing without it."""
_MIXERS: Final = frozenset({"MIX", "MIX_RGB"})
"""Nodes that multiply it with a factor, or with other colours."""
_WITHOUT: Final[dict[str, object]] = {
    "Alpha": 1.0,
    "Coat Weight": 0.0,
    "Emission Color": (0.0, 0.0, 0.0, 1.0),
    "Metallic": 0.0,
    "Sheen Weight": 0.0,
    "Transmission Weight": 0.0,
}
"""What a shader takes instead. A texture says how much there is of it in each place: without it, there is none."""


def leave_out_lost(images: Iterable[bpy.types.Image]) -> tuple[str, ...]:
    """Take textures that have no pixels out of their materials, and away.

    :return: which, and why, as phrases: "without its texture base.png, which is missing".
    """
    lost = [image for image in images if image.source == "FILE" and not any(cast("Sequence[int]", image.size))]
    told = [f"without its texture {_name(image)}, which is {_why(image)}" for image in lost]
    trees: list[Any] = [material.node_tree for material in bpy.data.materials if material.node_tree]
    for tree in [*trees, *bpy.data.node_groups]:
        for node in [node for node in tree.nodes if getattr(node, "image", None) in lost]:
            _unplug(tree, node)
    bpy.data.batch_remove(lost)
    return tuple(dict.fromkeys(told))


def _unplug(tree: Any, node: Any) -> None:
    """Remove a node, and what only passes on what it gives; what takes that gets a value of its own."""
    takers = [(link.to_node.name, link.to_socket.identifier) for output in node.outputs for link in output.links]
    tree.nodes.remove(node)
    for name, identifier in takers:  # by name: another way may have led there, and it may be gone
        taker = tree.nodes.get(name)
        if taker is None:
            continue
        socket = next(plug for plug in taker.inputs if plug.identifier == identifier)
        if taker.type in _HELPERS:
            if not any(plug.is_linked for plug in taker.inputs):
                _unplug(tree, taker)
        elif taker.type in _MIXERS and socket.type == "RGBA":
            socket.default_value = (1.0, 1.0, 1.0, 1.0)
        elif socket.name in _WITHOUT:
            socket.default_value = _WITHOUT[socket.name]


def _name(image: bpy.types.Image) -> str:
    return re.split(r"[/\\]", image.filepath)[-1][:80] or image.name


def _why(image: bpy.types.Image) -> str:
    if image.packed_file:
        return "damaged, or in a format that Blender cannot read"
    try:
        is_there = Path(bpy.path.abspath(image.filepath)).is_file()
    except (OSError, ValueError):
        is_there = False
    return "damaged, or in a format that Blender cannot read" if is_there else "missing"
