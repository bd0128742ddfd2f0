# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the tab, what its folds say, and that nothing in it is cut."""

from __future__ import annotations

from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui.panels.tab import draw_tab
from scenario_addon.engine import Catalogue
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live
from tests.blender.measuring_layout import SIDEBARS, sidebar
from tests.engine.model_samples import model_with

MAIN = "SCENARIO_PT_main"
BUILT_IN = [m for m in Catalogue(None, "").models() if m.is_builtin]
WIDTHS = pytest.mark.parametrize(("width_px", "scale"), SIDEBARS)


def heading(shown: FakeLayout, title: str) -> str:
    """What the heading of a fold says."""
    return next(text for text in shown.texts if text.split(":")[0] == title)


def test_the_button_stands_above_all_that_folds_away(live: Live) -> None:
    live.image()
    live.choose("model_rodin-hyper3d", {})
    shown = drawn(MAIN)
    texts = [text.split(":")[0].split("   ")[0] for text in shown.texts]
    order = ["Rodin Gen-1", "Generate", "Settings", "Placement", "After Import"]
    assert [text for text in texts if text in order] == order
    assert shown.properties.index("source") < shown.properties.index("prompt") < shown.properties.index('["material"]')


def test_each_fold_says_in_words_what_is_in_it(live: Live) -> None:
    live.ready_to_generate()
    live.choose("model_hunyuan-3d-v2-1", {"targetFaceNum": 40_000, "paint": True})
    shown = drawn(MAIN)
    assert heading(shown, "Settings") == "Settings"
    assert heading(shown, "Placement") == "Placement: At the 3D cursor"
    assert heading(shown, "After Import") == "After Import: As it is"
    live.choose("model_hunyuan-3d-v2-1", {"targetFaceNum": 200_000, "paint": False})
    live.settings.placement, live.settings.height = "ORIGIN", 2.0
    live.settings.finish.target_triangles, live.settings.finish.mark_as_asset = 20_000, True
    shown = drawn(MAIN)
    assert heading(shown, "Settings") == "Settings: No Texture, Faces 200k"
    assert heading(shown, "Placement") == "Placement: At the world origin, 2 m tall"
    assert heading(shown, "After Import") == "After Import: Decimate to 20k, Asset"


def test_in_place_of_what_is_selected_the_fold_names_it(live: Live) -> None:
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.name = "Blockout"
    live.ready_to_generate()
    live.settings.placement = "SOURCE"
    assert heading(drawn(MAIN), "Placement") == "Placement: In place of Blockout"


def test_a_height_of_the_file_is_called_so_and_one_to_be_set_is_a_number(live: Live) -> None:
    live.ready_to_generate()
    shown = drawn(MAIN)
    assert "keeps_height" in shown.properties and "height" not in shown.properties
    live.settings.keeps_height = False
    assert live.settings.height == 1.0
    shown = drawn(MAIN)
    assert "height" in shown.properties
    live.settings.height = 3.0
    live.settings.keeps_height = False
    assert live.settings.height == 3.0
    live.settings.keeps_height = True
    assert live.settings.height == 0.0


def test_a_model_without_parameters_has_no_fold_for_them(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live.ready_to_generate()
    bare = model_with({"name": "image", "type": "file", "kind": "image", "required": {"always": True}})
    monkeypatch.setattr(type(session.models), "look_up", lambda models, model_id: bare)
    live.choose("model_test", {})
    shown = drawn(MAIN)
    assert shown.button("scenario.generate")
    assert not [text for text in shown.texts if text.startswith("Settings")]


def test_defaults_are_offered_where_something_differs_from_them(live: Live) -> None:
    live.image()
    live.choose("model_rodin-hyper3d", {})
    assert "scenario.reset_parameters" not in [button.operator for button in drawn(MAIN).operators]
    live.choose("model_rodin-hyper3d", {"quality": "low"})
    drawn(MAIN).button("scenario.reset_parameters")


@WIDTHS
@pytest.mark.parametrize("model_id", [m.id for m in BUILT_IN])
def test_nothing_of_the_tab_is_cut(
    live: Live, monkeypatch: pytest.MonkeyPatch, model_id: str, width_px: int, scale: float
) -> None:
    bpy.ops.mesh.primitive_cube_add()
    live.image(size_px=256)
    live.choose(model_id, {})
    for changes in ({"placement": "CURSOR"}, {"placement": "SOURCE"}, {"source": "OBJECTS"}):
        for name, value in changes.items():
            setattr(live.settings, name, value)
        with sidebar(monkeypatch, width_px, scale) as layout:
            draw_tab(layout, bpy.context)
        model = session.models.look_up(model_id)
        own: Any = [model.name, *(text for text in layout.cut if text.startswith("Generate"))]
        assert [text for text in layout.cut if text not in own] == []
