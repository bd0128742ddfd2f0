# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of a model's parameters are never cut, however narrow the sidebar and whatever the service calls them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy
import pytest

from scenario_addon.blender.form import parameters
from scenario_addon.blender.form.properties import SCENARIO_PG_model_settings
from scenario_addon.blender.layout.names import columns_for
from scenario_addon.engine import Catalogue
from scenario_addon.engine.models.model import Model
from tests.blender.measuring_layout import SIDEBARS, sidebar
from tests.blender.sample_schema import model

pytestmark = pytest.mark.slow

BUILT_IN = [m for m in Catalogue(None, "").models() if m.is_builtin]
WIDTHS = pytest.mark.parametrize(("width_px", "scale"), SIDEBARS)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    bpy.utils.register_class(SCENARIO_PG_model_settings)
    bpy.types.Scene.forms = bpy.props.CollectionProperty(type=SCENARIO_PG_model_settings)
    yield
    del bpy.types.Scene.forms
    bpy.utils.unregister_class(SCENARIO_PG_model_settings)


def cut(each: Model, patch: pytest.MonkeyPatch, width_px: int, scale: float, *, count: int = 1) -> list[str]:
    """What is cut of the form of a model."""
    settings = parameters.sync(bpy.context.scene.forms, each)
    with sidebar(patch, width_px, scale) as layout:
        parameters.draw(layout, settings, each, parameters.drawable(each), picture_count=count)
    assert layout.texts
    return layout.cut


@WIDTHS
@pytest.mark.parametrize("each", [*BUILT_IN, model()], ids=lambda m: m.id)
def test_no_name_of_a_built_in_model_is_cut(
    each: Model, monkeypatch: pytest.MonkeyPatch, width_px: int, scale: float
) -> None:
    assert cut(each, monkeypatch, width_px, scale) == []
    assert cut(each, monkeypatch, width_px, scale, count=3) == []


NAMES = ["Tex Slat Guidance Rescale And More", "W" * 200, "нож и вилка для мяса", "刀" * 60, "🙂" * 90, "a" * 40 + " b"]


@WIDTHS
@pytest.mark.parametrize("label", NAMES, ids=lambda text: text[:10])
@pytest.mark.parametrize(
    "entry",
    [
        {"type": "number"},
        {"type": "number", "default": 1},
        {"type": "boolean", "default": True},
        {"type": "string"},
        {"type": "string", "allowedValues": ["a", "b"]},
        {"type": "string_array", "allowedValues": ["a", "b" * 90]},
        {"type": "hologram"},
        {"type": "string", "required": {"always": True}},
    ],
    ids=lambda entry: entry["type"],
)
def test_nor_is_one_that_the_service_made_up(
    entry: dict[str, Any], label: str, monkeypatch: pytest.MonkeyPatch, width_px: int, scale: float
) -> None:
    each = model({"name": "one", "label": label, **entry}, {"name": "other", "label": f"Other {label}", **entry})
    assert cut(each, monkeypatch, width_px, scale) == []


def test_names_get_more_than_blender_gives_them_where_they_need_it_and_controls_keep_their_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with sidebar(monkeypatch, 291, 1.0):
        usual, more = columns_for(["Faces"]), columns_for(["Faces", "Texture Guidance"])
        assert columns_for(["Faces", "W" * 50]) == usual
    assert 0.4 == usual.part < more.part < 0.55
