# SPDX-License-Identifier: GPL-3.0-or-later
"""Which sides of a subject a model is shown, and before which ground."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenario_addon.engine.api.wire import ModelRecord
from scenario_addon.engine.errors import ParamError
from scenario_addon.engine.models.model import Model, PictureLimits, model_from
from scenario_addon.engine.models.sides import check_sides, ground, loss_by_several, sides_taken, size_px, usual_sides
from scenario_addon.engine.values import VIEWS
from tests.engine.model_samples import builtin

AROUND = ("front", "left", "right", "back")


MULTIVIEW = "model_hunyuan-3d-pro-3-1-multiview"


@pytest.mark.parametrize(
    ("model", "usual"),
    [
        (MULTIVIEW, AROUND),
        ("model_rodin-hyper3d", AROUND),
        ("model_yvo3d-image-to-3d", ("front",)),
        ("model_pixal3d", ("front",)),
        ("model_hunyuan-3d-v2-1", ("front",)),
    ],
)
def test_a_model_is_shown_all_around_where_it_takes_that_without_losing_anything(
    model: str, usual: tuple[str, ...]
) -> None:
    assert usual_sides(builtin(model)) == usual
    assert sides_taken(builtin(model)) == VIEWS


def test_what_several_pictures_cost_is_said() -> None:
    several = loss_by_several(builtin("model_yvo3d-image-to-3d"), 4)
    assert several is not None and "without texture" in several
    assert loss_by_several(builtin("model_yvo3d-image-to-3d"), 1) is None
    assert loss_by_several(builtin("model_rodin-hyper3d"), 4) is None


def views_alone(*names: str, **more: object) -> Model:
    inputs = [{"name": name, "type": "file", "kind": "image", **more} for name in names]
    record = ModelRecord.model_validate({"id": "model_x", "name": "X", "capabilities": ["img23d"], "inputs": inputs})
    return model_from(record, knowledge={}, is_builtin=False)


def test_sides_that_a_model_has_no_input_for_are_refused_with_those_that_it_has() -> None:
    model = views_alone("frontImage", "backImage")
    assert usual_sides(model) == ("front", "back")
    with pytest.raises(ParamError, match="X takes no left view, only front, back"):
        check_sides(model, ["front", "left"])


def test_an_input_that_must_be_filled_must_be_among_the_sides() -> None:
    with pytest.raises(ParamError, match="needs the front view"):
        check_sides(builtin(MULTIVIEW), ["left", "back"])


@pytest.mark.parametrize(
    ("model", "sides", "said"),
    [
        (MULTIVIEW, ["frnt"], "frnt is no side: use front, left"),
        (MULTIVIEW, [], "No side is chosen"),
        (MULTIVIEW, [""], "An empty name is no side"),
        ("model_pixal3d", ["front", "left"], "takes one picture, not 2"),
        ("model_yvo3d-image-to-3d", ["front", "left", "right", "back", "top"], "at most 4 pictures, not 5"),
    ],
)
def test_sides_that_cannot_be_shown_are_refused_in_one_sentence(model: str, sides: list[str], said: str) -> None:
    with pytest.raises(ParamError, match=said):
        check_sides(builtin(model), sides)


def test_sides_come_in_the_order_in_which_a_list_gets_them_and_each_once() -> None:
    assert check_sides(builtin(MULTIVIEW), ["right", "front", "left", "front"]) == ("front", "left", "right")
    assert check_sides(builtin("model_pixal3d"), ["back"]) == ("back",)


def test_a_model_that_takes_no_pictures_is_shown_no_side() -> None:
    words_only = replace(builtin("model_rodin-hyper3d"), parameters=())
    assert sides_taken(words_only) == usual_sides(words_only) == ()
    with pytest.raises(ParamError, match="takes no pictures"):
        check_sides(words_only, ["front"])


@pytest.mark.parametrize(
    ("said", "wanted"),
    [("opaque", "opaque"), ("transparent", "transparent"), ("plaid", "transparent"), (None, "transparent")],
)
def test_the_ground_is_transparent_unless_a_model_asks_for_an_opaque_one(said: str | None, wanted: str) -> None:
    assert ground(views_alone("image", backgroundBehavior=said)) == wanted


@pytest.mark.parametrize(
    ("least", "most", "px"), [(None, None, 1024), (128, 5000, 1024), (1536, None, 1536), (None, 512, 512)]
)
def test_pictures_are_1024_px_unless_the_limits_of_a_model_are_narrower(
    least: int | None, most: int | None, px: int
) -> None:
    model = replace(views_alone("image"), picture_limits=PictureLimits(min_side_px=least, max_side_px=most))
    assert size_px(model) == px


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("Front view, background removed.", "transparent"),
        ("A picture with a transparent background.", "transparent"),
        ("One subject without background", "transparent"),
        ("A picture before a plain background.", None),
        ("", None),
    ],
)
def test_what_is_to_be_behind_the_subject_may_be_said_in_words(words: str, wanted: str | None) -> None:
    source = views_alone("image", description=words).source
    assert source is not None and source.background == wanted
    own = views_alone("image", description=words, backgroundBehavior="opaque").source
    assert own is not None and own.background == "opaque"
