# SPDX-License-Identifier: GPL-3.0-or-later
"""What is around a mesh that comes in, and is none of an importer's business: the scene's settings, world and markers.

Main thread only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import bpy

__all__ = ["same_scenes_shown", "undisturbed"]

_PARTS: Final = (
    "render",
    "render.image_settings",
    "unit_settings",
    "view_settings",
    "display_settings",
    "tool_settings",
    "cursor",
    "world",
)
"""Of a scene, beside its own settings. Brushes and what add-ons have added are not read: reading can do things, too."""
_UNREAD: Final = "annotation_"
"""How a new scene's settings begin that hold no value Blender knows; reading one is a warning on its console."""
_ROUNDS: Final = 2
"""Some settings bound others: the first frame can be no later than the last."""

_State = dict[tuple[str, str], object]


@contextmanager
def undisturbed(scene: bpy.types.Scene) -> Iterator[None]:
    """Have ``scene`` as it was after whatever an importer does to it.

    Only what differs is written, so that nothing of the artist's runs without a reason. Objects, collections, mode
    and selection are the caller's.
    """
    # Live objects: an importer removes nothing that was there.
    state, properties = _state_of(scene), _own_properties(scene)
    markers = {marker.as_pointer() for marker in scene.timeline_markers}
    tracks = [track.name for track in _gltf_tracks()]
    scene.unit_settings.scale_length = 1.0  # some importers go by it, and where it is due is known to ``placement``
    try:
        yield
    finally:
        for number in reversed([n for n, track in enumerate(_gltf_tracks()) if track.name not in tracks]):
            _gltf_tracks().remove(number)
        for marker in [marker for marker in scene.timeline_markers if marker.as_pointer() not in markers]:
            scene.timeline_markers.remove(marker)
        _restore(scene, state)
        _restore_properties(scene, properties)


@contextmanager
def same_scenes_shown() -> Iterator[None]:
    """Have every window show the scene that it showed: importers of bones switch to the one they work in.

    Not inside an override of the context: a window that is switched takes the context along.
    """
    shown = [(window, window.scene, window.view_layer) for window in bpy.context.window_manager.windows]
    try:
        yield
    finally:
        for window, scene, layer in shown:
            if window.scene != scene:
                window.scene = scene
                window.view_layer = layer


def _state_of(scene: bpy.types.Scene) -> _State:
    """Every setting that can be written, by the part it belongs to and its name."""
    found: _State = {}
    for path in ("", *_PARTS):
        part = _part(scene, path)
        for setting in part.bl_rna.properties if part else ():
            if not _is_to_be_read(setting):
                continue
            value = getattr(part, setting.identifier)
            found[path, setting.identifier] = tuple(value) if getattr(setting, "is_array", False) else value
    return found


def _gltf_tracks() -> Any:
    """What the glTF importer lists in the first scene when its panel for animations is on: all that it has read."""
    return getattr(bpy.data.scenes[0], "gltf2_animation_tracks", ())


def _is_to_be_read(setting: Any) -> bool:
    is_outdated = getattr(setting, "is_deprecated", False)  # Blender 5 warns of each look
    is_matrix = getattr(setting, "is_array", False) and setting.array_dimensions[1]  # says what others say already
    is_own = not (setting.is_readonly or setting.is_runtime or is_outdated or is_matrix)
    return is_own and setting.type != "COLLECTION" and not setting.identifier.startswith(_UNREAD)


def _restore(scene: bpy.types.Scene, state: _State) -> None:
    for _ in range(_ROUNDS):
        now = _state_of(scene)
        # The world itself before its settings: those are read by way of the scene.
        changed = [key for key, value in state.items() if key in now and not _is_same(now[key], value)]
        if not changed:
            return
        for path, name in changed:
            with suppress(AttributeError, TypeError, ValueError):  # it depends on another that has yet to be restored
                setattr(_part(scene, path), name, state[path, name])


def _part(scene: bpy.types.Scene, path: str) -> Any:
    part: Any = scene
    for name in path.split(".") if path else ():
        part = getattr(part, name)
    return part


def _is_same(first: object, second: object) -> bool:
    return first == second or repr(first) == repr(second)  # NaN is no reason: it never equals itself


def _own_properties(scene: bpy.types.Scene) -> dict[str, object]:
    """The scene's custom properties: before 4.4 the glTF importer writes the file's over them."""
    return {key: _plain(value) for key, value in scene.items()}


def _restore_properties(scene: bpy.types.Scene, before: dict[str, object]) -> None:
    for key, value in list(scene.items()):
        if key not in before:
            del scene[key]
        elif repr(_plain(value)) != repr(before[key]):
            scene[key] = before[key]


def _plain(value: Any) -> object:
    """A copy of a custom property's value that does not change when the property does."""
    for convert in ("to_dict", "to_list"):
        if hasattr(value, convert):
            return getattr(value, convert)()
    return value
