# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender's own menus lead to what there is here."""

from __future__ import annotations

import bpy
import pytest

from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live


@pytest.mark.parametrize(("place", "menu"), [("VIEW3D_MT_object", "object"), ("IMAGE_MT_image", "image")])
def test_a_menu_of_blender_has_ours_at_its_end(live: Live, place: str, menu: str) -> None:
    layout = FakeLayout()
    entry = getattr(bpy.types, place)._dyn_ui_initialize()[-1]
    entry(_Drawn(layout), bpy.context)
    assert layout.menus == [f"SCENARIO_MT_{menu}"]


@pytest.mark.parametrize("menu", ["object", "image"])
def test_a_menu_offers_what_is_done_from_there(live: Live, menu: str) -> None:
    shown = drawn(f"SCENARIO_MT_{menu}")
    offered = {button.operator for button in shown.operators}
    own = {"object": "scenario.use_objects", "image": "scenario.use_image"}[menu]
    assert {own, "scenario.generate", "scenario.choose_model", "scenario.show_tab", "scenario.resume"} <= offered
    assert shown.button("preferences.addon_show").values == {"module": "scenario_addon"}


def test_both_ways_through_the_variants_are_there(live: Live) -> None:
    shown = drawn("SCENARIO_MT_object")
    steps = {b.text: b.values["step"] for b in shown.operators if b.operator == "scenario.switch_variant"}
    assert steps == {"Next Variant": 1, "Previous Variant": -1}


def test_a_mesh_in_the_scene_can_be_cleaned_up(live: Live) -> None:
    assert "scenario.clean_up" in {button.operator for button in drawn("SCENARIO_MT_object").operators}


def test_selected_objects_become_the_source(live: Live) -> None:
    live.settings.source = "IMAGE"
    bpy.ops.mesh.primitive_cube_add()
    assert bpy.ops.scenario.use_objects() == {"FINISHED"}
    assert live.settings.source == "OBJECTS"


def test_with_nothing_selected_there_is_nothing_to_take(live: Live) -> None:
    live.settings.source = "IMAGE"
    bpy.ops.object.select_all(action="DESELECT")
    assert not bpy.ops.scenario.use_objects.poll()


class _Drawn:
    def __init__(self, layout: FakeLayout) -> None:
        self.layout = layout
