# SPDX-License-Identifier: GPL-3.0-or-later
"""In each language nothing of the tab is cut, in a sidebar as wide as Blender's own file has it."""

from __future__ import annotations

import bpy
import pytest
from words import LOCALES, catalogue_of

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui.panels.tab import draw_tab
from scenario_addon.engine import Catalogue
from scenario_addon.engine.words.words import Words
from tests.blender.live import Live
from tests.blender.measuring_layout import sidebar
from tests.blender.spoken import spoken

MODELS = [model.id for model in Catalogue(None, "").models() if model.is_builtin]
SIDEBAR_PX = 291
STATES = ({"placement": "CURSOR"}, {"placement": "SOURCE"}, {"source": "OBJECTS"})


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_of_the_tab_is_cut(live: Live, monkeypatch: pytest.MonkeyPatch, locale: str) -> None:
    words = Words(catalogue_of(locale), locale)
    bpy.ops.mesh.primitive_cube_add()
    live.image(size_px=256)
    finish = live.settings.finish
    finish.remove_loose = finish.close_holes = finish.mark_as_asset = True
    cut: set[str] = set()
    with spoken(words, monkeypatch):
        generate = words.translate("Generate")
        for model_id in MODELS:
            live.choose(model_id, {})
            for changes in STATES:
                for name, value in changes.items():
                    setattr(live.settings, name, value)
                with sidebar(monkeypatch, SIDEBAR_PX, 1.0) as layout:
                    draw_tab(layout, bpy.context)
                model = session.models.look_up(model_id)
                assert model is not None
                cut |= {text for text in layout.cut if text != model.name and not text.startswith(generate)}
            live.settings.source = "IMAGE"
    assert not cut, "\n".join(["cut:", *sorted(cut)])
