# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of models to choose from, as far as it works without a window: what it says, keeps and chooses."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.blender.form.chosen import chosen_models
from scenario_addon.blender.ui import previews
from scenario_addon.blender.ui.choosing import opening
from scenario_addon.blender.ui.choosing.drawing import draw_list
from scenario_addon.blender.ui.choosing.open_list import MOST_ROWS
from scenario_addon.blender.ui.choosing.opening import Opening
from tests.blender.fake_layout import FakeLayout, drawn, in_sidebar
from tests.blender.live import Live
from tests.blender.ui.choosing.popups import Popup
from tests.service import Fault

DEFAULT = "model_hunyuan-3d-v2-1"
PIXAL = "model_pixal3d"
SPARC = "model_hitem-sparc-3d-2-1"


def _open(live: Live, *, is_online: bool = True) -> Opening:
    """Open the list as the button does, and wait for all that comes of it."""
    session.load_now()
    if is_online:
        session.refresh_models()
        session.models.complete(session.online().client, None)
    opening.begin(Opening(SimpleNamespace(bl_rna=True)))
    live.pump_until(lambda: not session.is_busy)
    while session.model_list.look() and not _is_still():
        live.pump_until(lambda: not session.is_busy)
    return session.model_list


def _is_still() -> bool:
    return not session.is_busy and not session.model_list.update() and not session.model_list.prepare_pictures()


def _shown() -> FakeLayout:
    layout = Popup()
    with in_sidebar():
        draw_list(layout, None, session.model_list, bpy.context.scene.scenario)  # pyright: ignore[reportAttributeAccessIssue]
    return layout


def test_each_row_says_what_a_model_takes_and_costs(live: Live) -> None:
    opened = _open(live)
    said = _shown().texts
    assert "Hunyuan 3D 3.1 Pro (Multiview)" in said and "8 views, Starter plan" in said
    assert "1 picture" in said
    paths = [path for row in opened.shown if (path := session.models.thumbnail(row.id))]
    assert [max(session.icons[str(path)].image_size) for path in paths] == [256] * 7
    assert len(opened.shown) == MOST_ROWS and "1 of 2" in said


def test_a_model_above_the_plan_is_grey_and_says_why(live: Live) -> None:
    opened = _open(live)
    opened.search("sparc")
    layout = _shown()
    assert any(text.startswith("Needs the Enterprise plan") for text in layout.texts)
    assert not layout.button("scenario.choose_model").is_enabled
    assert not layout.button("scenario.tick_model").is_enabled


def test_where_the_plan_is_not_known_it_is_named_and_nothing_is_grey(live: Live) -> None:
    live.service.fail("GET", r"/teams$", Fault.STATUS, times=None, status=403, body={"reason": "no"})
    opened = _open(live)
    opened.search("sparc")
    layout = _shown()
    assert any(text.endswith(", Enterprise plan") for text in layout.texts)
    assert layout.button("scenario.choose_model").is_enabled


def test_the_search_leaves_what_has_all_the_words_and_says_so_where_nothing_has(live: Live) -> None:
    opened = _open(live)
    opened.search("IMAGE tripo")
    assert [row.name for row in opened.found] == ["Tripo 3.1 Image to 3D"]
    opened.search("no such thing")
    assert "No model has all of these words" in str(_shown())
    opened.search("")
    assert opened.pages == 2


def test_favourites_come_first_at_the_next_opening(live: Live) -> None:
    assert bpy.ops.scenario.star_model(model=PIXAL) == {"CANCELLED"}  # there are no preferences to keep it
    addon = bpy.context.preferences.addons.new()
    addon.module = config.ADDON
    opened = _open(live)
    assert opened.shown[0].id == DEFAULT
    bpy.ops.scenario.star_model(model=PIXAL)
    bpy.ops.scenario.star_model(model="模型 with a space")
    assert config.favourite_models() == [PIXAL, "模型 with a space"]
    assert opened.shown[0].id == DEFAULT  # nothing moves under the mouse
    assert _open(live).shown[0].id == PIXAL
    bpy.ops.scenario.star_model(model=PIXAL)
    assert config.favourite_models() == ["模型 with a space"]


@pytest.mark.parametrize("kept", ["{}", "[", "7", "[[1]]", '"a"'])
def test_favourites_that_were_damaged_cost_nothing_else(live: Live, kept: str) -> None:
    addon = bpy.context.preferences.addons.new()
    addon.module = config.ADDON
    addon.preferences.favourite_models = kept  # pyright: ignore[reportAttributeAccessIssue]
    assert _open(live).shown
    bpy.ops.scenario.star_model(model=PIXAL)
    assert PIXAL in (config.favourite_models() or ())


def test_what_was_used_comes_first(live: Live) -> None:
    session.load_now()
    last = session.models.offered()[-1].id
    assert _open(live).shown[0].id != last
    live.image(size_px=256)
    live.settings.model = last
    bpy.ops.scenario.generate()
    assert _open(live).shown[0].id == last


def test_several_are_ticked_and_a_fifth_is_refused_in_words(live: Live) -> None:
    opened = _open(live)
    others = [row.id for row in opened.found if row.id != DEFAULT][:4]
    for model_id in others[:3]:
        assert bpy.ops.scenario.tick_model(model=model_id) == {"FINISHED"}
    assert chosen_models(live.settings) == [DEFAULT, *others[:3]]
    assert "4 models make a mesh each" in str(_shown())
    assert bpy.ops.scenario.tick_model(model=others[3]) == {"CANCELLED"}
    assert "4 models at most" in _shown().red
    bpy.ops.scenario.tick_model(model=DEFAULT)
    assert chosen_models(live.settings) == others[:3] and not _shown().red
    with in_sidebar():
        assert any(text.endswith(" and 2 more") for text in drawn("SCENARIO_PT_main").texts)


def test_a_model_that_is_chosen_by_a_script_is_chosen_alone(live: Live) -> None:
    live.settings.more_models = "model_rodin-hyper3d"
    bpy.ops.scenario.choose_model(model=PIXAL)
    assert chosen_models(live.settings) == [PIXAL]
    for unknown, message in (("model_none", "There is no 3D model model_none"), ("", "Say which model")):
        with pytest.raises(RuntimeError, match=message):
            bpy.ops.scenario.choose_model(model=unknown)
    assert chosen_models(live.settings) == [PIXAL]


def test_a_closed_list_is_noticed(live: Live) -> None:
    _open(live)

    class Gone:
        @property
        def bl_rna(self) -> object:
            raise ReferenceError

    assert opening.go_on()
    opening.begin(Opening(Gone()))
    assert not opening.go_on() and session.model_list is None
    assert not opening.go_on()


def test_offline_the_list_has_what_is_built_in_without_asking_anybody(keyless: Live) -> None:
    opened = _open(keyless, is_online=False)
    assert {row.id for row in opened.found} >= {DEFAULT, PIXAL}
    assert "Hunyuan 3D 2.1" in _shown().texts
    assert keyless.service.requests == []


def test_a_picture_that_cannot_be_read_leaves_its_place_to_a_symbol(live: Live, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(b"\x89PNG\r\n\x1a\n nothing more")
    for path in (damaged, tmp_path / "none.png"):
        assert previews.make_ready(path)
        assert not previews.make_ready(path)  # once is enough
        assert not previews.ready_icon(path)


def test_five_hundred_models_with_odd_names_are_found_and_drawn(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    from scenario_addon.engine.api.wire import ModelRecord, parse
    from scenario_addon.engine.models.model import model_from

    names = ["x" * 200, "Модель", "模型 三", "\u202egpj.exe", "Ünï çödé", "", "a\nb"]
    records = [{"id": f"m {n}" if n % 9 == 0 else f"m{n}", "name": names[n % 7] + str(n)} for n in range(500)]
    models = [
        model_from(parse(ModelRecord, {**record, "capabilities": ["img23d"]}), knowledge={}, is_builtin=False)
        for record in records
    ]
    session.load_now()
    monkeypatch.setattr(session.models, "offered", lambda: models)
    opening.begin(Opening(SimpleNamespace(bl_rna=True)))
    opened = session.model_list
    assert opened.pages == 63
    opened.search("uni CODE")
    assert len(opened.found) == 71
    opened.turn(1000)
    assert opened.page == opened.pages - 1 and len(opened.shown) == 7
    assert len(_shown().operators) == 2 * 7 + 2  # a name and a tick each, and the two for the pages
    bpy.ops.scenario.tick_model(model="m 9")
    assert "space in its id" in _shown().red
