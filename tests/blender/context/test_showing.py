# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene is acted in with no more of an override than that takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.context import showing as module
from scenario_addon.blender.context.showing import showing


class Overrides:
    """What the context was overridden with."""

    def __init__(self) -> None:
        self.made: list[set[str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(bpy.context, name)

    @contextmanager
    def temp_override(self, **what: Any) -> Iterator[None]:
        self.made.append(set(what))
        with bpy.context.temp_override(**what):
            yield


@pytest.fixture
def overrides(monkeypatch: pytest.MonkeyPatch) -> Overrides:
    made = Overrides()
    monkeypatch.setattr(module, "bpy", SimpleNamespace(context=made, types=bpy.types))
    return made


def other_scene() -> bpy.types.Scene:
    return bpy.data.scenes.new("Other")


def test_what_is_shown_already_takes_no_override(overrides: Overrides) -> None:
    scene = bpy.context.scene
    with showing(scene, scene.view_layers[0], bpy.context.window):
        assert bpy.context.scene == scene
    assert overrides.made == []


def test_another_scene_is_shown_meanwhile(overrides: Overrides) -> None:
    before, scene = bpy.context.scene, other_scene()
    with showing(scene, scene.view_layers[0]):
        assert (bpy.context.scene, bpy.context.view_layer) == (scene, scene.view_layers[0])
        assert bpy.context.evaluated_depsgraph_get().scene.name == scene.name
    assert bpy.context.scene == before
    assert overrides.made[-1] == {"scene", "view_layer"}


def test_what_the_caller_has_overridden_is_undone_meanwhile(overrides: Overrides) -> None:
    window, scene, other = bpy.context.window, bpy.context.scene, other_scene()
    with bpy.context.temp_override(scene=other, view_layer=other.view_layers[0]):
        with showing(scene, scene.view_layers[0], window):
            assert (bpy.context.scene, bpy.context.view_layer) == (scene, scene.view_layers[0])
        assert bpy.context.scene == other
