# SPDX-License-Identifier: GPL-3.0-or-later
"""The nouns: what they keep to themselves, and the request body that an order makes."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.values import (
    PLACEHOLDER,
    VIEWS,
    Activity,
    AssetId,
    Credentials,
    ModelId,
    Order,
    PictureInput,
    ResultAsset,
    SourceImage,
)

KEY = Credentials("api_key_1", "secret_1")


def _image(sha256: str) -> SourceImage:
    return SourceImage(Path(f"/{sha256}.png"), "image/png", 256, 256, 1000, sha256)


def _order(*pictures: PictureInput, **values: Any) -> Order:
    return Order(
        model_id=ModelId("model_x"), model_name="X", pictures=pictures, values=values, name="chair", folder=Path()
    )


def test_credentials_are_never_printed() -> None:
    assert "api_key_1" not in repr(KEY)
    assert "secret_1" not in repr(KEY)


def test_the_scope_gives_nothing_away() -> None:
    assert "api_key" not in KEY.scope
    assert KEY.scope.isalnum()


def test_the_scope_outlives_a_new_secret() -> None:
    assert replace(KEY, secret="another").scope == KEY.scope


def test_two_keys_of_one_project_share_its_scope() -> None:
    first, second = (Credentials(key, "s", project_id="proj_1") for key in ("a", "b"))
    assert first.scope == second.scope


@pytest.mark.parametrize("change", [{"key": "b"}, {"project_id": "proj_1"}, {"base_url": "http://localhost/v1"}])
def test_another_key_project_or_service_is_another_scope(change: dict[str, str]) -> None:
    assert replace(KEY, **change).scope != KEY.scope


def test_a_signed_address_is_never_printed() -> None:
    assert "Signature" not in repr(ResultAsset(AssetId("asset_1"), "model/gltf-binary", "https://x/?Signature=abc"))


def test_values_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        KEY.secret = "other"  # type: ignore[misc]


def test_a_single_picture_goes_as_a_bare_id() -> None:
    order = _order(PictureInput("image", False, (_image("a"),)))
    assert order.body({"a": AssetId("asset_a")}) == {"image": "asset_a"}


def test_a_list_of_one_picture_stays_a_list() -> None:
    order = _order(PictureInput("images", True, (_image("a"),)))
    assert order.body({"a": AssetId("asset_a")}) == {"images": ["asset_a"]}


def test_the_pictures_of_a_list_keep_their_order_and_one_may_come_twice() -> None:
    order = _order(PictureInput("images", True, (_image("b"), _image("a"), _image("b"))))
    assert order.body({"a": AssetId("asset_a"), "b": AssetId("asset_b")})["images"] == ["asset_b", "asset_a", "asset_b"]
    assert [image.sha256 for image in order.images()] == ["b", "a", "b"]


def test_what_is_cut_out_of_a_picture_goes_in_its_place() -> None:
    plain, cut = _image("a"), replace(_image("a"), is_to_be_cut_out=True)
    order = _order(PictureInput("images", True, (plain, cut)))
    assets = {"a": AssetId("asset_a"), cut.asset_key: AssetId("asset_alone")}
    assert order.body(assets) == {"images": ["asset_a", "asset_alone"]}


def test_a_picture_has_to_be_cut_out_once_until_the_service_has_it() -> None:
    cut = replace(_image("a"), is_to_be_cut_out=True)
    order = _order(PictureInput("images", True, (cut, _image("b"), cut)))
    assert order.to_cut_out({"a": AssetId("asset_a")}) == (cut,)
    assert order.to_cut_out({cut.asset_key: AssetId("asset_alone")}) == ()


def test_falsy_values_are_in_the_body() -> None:
    body = _order(paint=False, strength=0, poseMode="").body({})
    assert json.dumps(body) == '{"paint": false, "strength": 0, "poseMode": ""}'


def test_making_the_body_leaves_the_order_alone() -> None:
    order = _order(PictureInput("image", False, (_image("a"),)), steps=30)
    order.body({"a": AssetId("asset_a")})["steps"] = 31
    assert order.values == {"steps": 30}


def test_an_order_is_for_a_scene_when_it_has_a_target() -> None:
    assert not _order().is_for_scene
    assert replace(_order(), target={"scene": "Scene"}).is_for_scene


def test_the_stand_in_for_a_picture_has_the_form_of_an_asset_id() -> None:
    assert len(PLACEHOLDER) == len("asset_GTrL3mq4SXWyMxkOHRxlpw12")


def test_the_views_come_in_the_order_that_lists_want() -> None:
    assert VIEWS == ("front", "left", "right", "back", "top", "bottom", "left-front", "right-front")


@pytest.mark.parametrize(
    ("done", "total", "fraction"), [(0, 10, 0.0), (5, 10, 0.5), (11, 10, 1.0), (5, None, None), (5, 0, None)]
)
def test_how_far_a_step_is_never_exceeds_the_whole(done: int, total: int | None, fraction: float | None) -> None:
    assert Activity("uploading", done, total).fraction == fraction
