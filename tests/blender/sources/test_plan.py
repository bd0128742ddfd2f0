# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pictures would be sent, of all that may be in the form."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.sources.pictures import Source
from scenario_addon.blender.sources.plan import Shot, chosen_sides, plan
from scenario_addon.blender.studio.setup import VIEW
from tests.blender.live import Live

OBJECTS = Source("OBJECTS")
MULTIVIEW, RODIN, YVO, PIXAL = (
    "model_hunyuan-3d-pro-3-1-multiview", "model_rodin-hyper3d", "model_yvo3d-image-to-3d", "model_pixal3d",
)  # fmt: skip
AROUND = ("front", "left", "right", "back")


def fill(live: Live, view: str, *, filepath: str = "", image: bool = False) -> Any:
    entry = live.settings.views.add()
    entry.name, entry.filepath = view, filepath
    entry.image = bpy.data.images.new(view or "more", 8, 8) if image else None
    return entry


@pytest.mark.parametrize(
    ("model", "sides", "pictures"),
    [
        (MULTIVIEW, set(), AROUND),
        (MULTIVIEW, {"front", "top", "left-front"}, ("front", "top", "left-front")),
        (RODIN, set(), AROUND),
        (RODIN, {"back"}, ("back",)),
        (YVO, set(), ("front",)),
        (YVO, {"front", "back"}, ("front", "back")),
        (PIXAL, set(), ("front",)),
        (PIXAL, {"left"}, ("left",)),
    ],
)
def test_objects_are_shown_from_the_sides_that_are_chosen_or_that_suit_the_model(
    live: Live, model: str, sides: set[str], pictures: tuple[str, ...]
) -> None:
    chosen = live.choose(model, {})
    live.settings.sides = sides
    found = plan(live.settings, chosen, OBJECTS)
    assert found.shots == pictures
    assert bool(found.views) == (model == MULTIVIEW)


@pytest.mark.parametrize(
    ("model", "pictures"), [(PIXAL, (VIEW,)), (YVO, (VIEW,)), (RODIN, AROUND), (MULTIVIEW, AROUND)]
)
def test_in_a_window_one_picture_is_from_where_the_artist_looks(
    live: Live, model: str, pictures: tuple[str, ...]
) -> None:
    chosen = live.choose(model, {})
    with live.in_window():
        assert plan(live.settings, chosen, OBJECTS).shots == pictures
        live.settings.sides = {"back"}
        assert plan(live.settings, chosen, OBJECTS).shots == ("back",)


def test_sides_of_another_model_do_not_count(live: Live) -> None:
    chosen = replace(live.choose(PIXAL, {}), parameters=())  # takes no pictures
    live.settings.sides = {"top"}
    assert chosen_sides(live.settings, chosen) == () and plan(live.settings, chosen, OBJECTS).items == ()


@pytest.mark.parametrize("model", [MULTIVIEW, RODIN])
def test_a_slot_takes_the_place_of_a_side_or_comes_beside_it(live: Live, model: str) -> None:
    chosen = live.choose(model, {})
    fill(live, "left", filepath="//left.png")
    fill(live, "back", image=True)
    fill(live, "right")  # empty: the side is taken
    found = plan(live.settings, chosen, OBJECTS)
    assert found.shots == ("front", "right")
    assert Source("FILE", filepath="//left.png") in found.items and bpy.data.images["back"] in found.items
    assert len(found.items) == 4


def test_a_slot_of_a_side_that_was_not_chosen_is_sent_as_well(live: Live) -> None:
    chosen = live.choose(MULTIVIEW, {})
    live.settings.sides = {"front"}
    fill(live, "top", image=True)
    assert list(plan(live.settings, chosen, OBJECTS).views) == ["front", "top"]


def test_slots_belong_to_models_that_take_several(live: Live) -> None:
    chosen = live.choose(PIXAL, {})
    fill(live, "front", image=True)
    fill(live, "", image=True)
    assert plan(live.settings, chosen, OBJECTS).items == (Shot("front"),)


def test_a_slot_takes_a_file_beside_any_source(live: Live) -> None:
    image = live.image()
    fill(live, "left", filepath="/left.png")
    fill(live, "front", filepath="/front.png")  # the source is the front
    chosen = live.choose(MULTIVIEW, {})
    found = plan(live.settings, chosen, Source("IMAGE", image=image.name))
    assert found.images == (Source("IMAGE", image=image.name),)
    assert found.views == {"left": Source("FILE", filepath="/left.png")}
    assert found.shots == ()


def test_other_pictures_have_other_words(live: Live) -> None:
    chosen = live.choose(MULTIVIEW, {})
    before = plan(live.settings, chosen, OBJECTS).words
    assert plan(live.settings, chosen, OBJECTS).words == before
    fill(live, "left", filepath="/left.png")
    assert plan(live.settings, chosen, OBJECTS).words != before
