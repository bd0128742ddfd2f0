# SPDX-License-Identifier: GPL-3.0-or-later
"""What folds away says in its heading what is in it, as far as that fits."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.form.folds import differences, heading, plain_heading, wishes
from scenario_addon.blender.form.parameters import assign, sync
from tests.blender.form.test_parameters import SET, registered
from tests.blender.measuring_layout import SIDEBARS, sidebar
from tests.blender.sample_schema import model

__all__ = ["registered"]

WIDTHS = pytest.mark.parametrize(("width_px", "scale"), SIDEBARS)
PARTS = ["Faces 200k", "PBR", "No Texture", "Quality Low", "Seed 7"]


def said(*inputs: dict[str, Any], values: dict[str, Any], count: int = 1) -> list[str]:
    each = model(*inputs)
    settings = sync(bpy.context.scene.forms, each)
    assign(settings, each, values)
    return differences(settings, each, picture_count=count)


def test_what_differs_from_the_defaults_is_said_in_words() -> None:
    entries: list[dict[str, Any]] = [
        {"name": "faceCount", "type": "number", "label": "Faces", "default": 40000},
        {"name": "enablePbr", "type": "boolean", "label": "PBR", "default": False},
        {"name": "paint", "type": "boolean", "label": "Texture", "default": True},
        {"name": "unlit", "type": "string", "default": "OFF", "allowedValues": ["ON", "OFF"]},
        {"name": "quality", "type": "string", "default": "high", "allowedValues": ["high", "extra-low"]},
        {"name": "strength", "type": "number", "default": 0.5, "min": 0, "max": 1},
        {"name": "seed", "type": "number"},
    ]
    values = {"faceCount": 200_000, "enablePbr": True, "paint": False, "unlit": "ON", "quality": "extra-low"}
    assert said(*entries, values=values) == ["Faces 200k", "PBR", "No Texture", "Unlit", "Quality Extra Low"]
    assert said(*entries, values={**values, "strength": 0.35, "seed": 7})[-2:] == ["Strength 0.35", "Seed 7"]


def test_nothing_is_said_of_what_is_at_its_default() -> None:
    assert said(*[{"name": "a", "type": "number", "default": 3}], values={"a": 3}) == []


def test_every_kind_of_value_has_words() -> None:
    each = model()
    settings = sync(bpy.context.scene.forms, each)
    assign(settings, each, SET)
    words = differences(settings, each, picture_count=1)
    assert len(words) == len(SET)
    assert {"Face Count 50k", "No Texture", "Size 512", "Tint #123456", "Pose T-Pose", "Tags"} <= set(words)


@WIDTHS
def test_a_heading_tells_what_fits_and_how_many_more_there_are(
    monkeypatch: pytest.MonkeyPatch, width_px: int, scale: float
) -> None:
    with sidebar(monkeypatch, width_px, scale) as layout:
        for count in range(len(PARTS) + 1):
            text = heading("Settings", PARTS[:count], icons=1)
            layout.row().label(text=text, icon="TRIA_DOWN")
            told = [part for part in PARTS[:count] if part in text]
            rest = count - len(told)
            assert text.startswith("Settings")
            assert text.endswith(f", {rest} more") is (rest > 0 and bool(told))
            assert told or count == 0 or width_px == 220
    assert layout.cut == []


def test_where_not_even_one_fits_their_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with sidebar(monkeypatch, 291, 1.0):
        assert heading("Settings", ["W" * 40, "b", "c"]) == "Settings: 3 changed"


def test_a_place_is_named_before_anything_else_and_only_a_long_name_in_it_is_shortened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with sidebar(monkeypatch, 220, 1.0):
        assert plain_heading("Placement", ["At the 3D cursor", "2 m tall"]) == "At the 3D cursor"
        assert plain_heading("Placement", ["In place of Cube"]) == "In place of Cube"
        assert plain_heading("After Import", ["Decimate to 9k", "Asset"]) == "Decimate to 9k, Asset"
        alone = plain_heading("Placement", [f"In place of {'W' * 40}"])
    assert alone.startswith("In place of W") and alone.endswith("W…")
    with sidebar(monkeypatch, 291, 1.0):
        assert plain_heading("Placement", ["In place of Cube"]) == "Placement: In place of Cube"
        assert plain_heading("After Import", ["As it is"]) == "After Import: As it is"


def finish(**changes: Any) -> Any:
    usual = {"target_triangles": 0, "lods": 0, "merge_vertices": False, "shade_smooth": False, "texture_limit": "0"}
    cleaning = dict.fromkeys(("remove_loose", "close_holes", "turn_outward"), False)
    return SimpleNamespace(**{**usual, **cleaning, "keep_animations": False, "mark_as_asset": False, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["As it is"]),
        ({"target_triangles": 20_000, "mark_as_asset": True}, ["Decimate to 20k", "Asset"]),
        ({"lods": 1}, ["1 LOD"]),
        ({"lods": 3, "texture_limit": "2048"}, ["3 LODs", "Textures 2048 px"]),
        ({"merge_vertices": True, "shade_smooth": True, "keep_animations": True}, ["Smooth", "Animations"]),
        ({"merge_vertices": True}, ["Merge"]),
    ],
)
def test_what_is_to_be_done_after_the_import_is_said_in_words(changes: dict[str, Any], expected: list[str]) -> None:
    assert wishes(finish(**changes)) == expected
