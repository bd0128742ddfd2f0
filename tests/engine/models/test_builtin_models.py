# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in models (models.json) have every parameter, default, limit and rule of the published ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import InputError, ParamError
from scenario_addon.engine.models.catalogue import BUILTIN_IDS, DEFAULT_MODEL_ID
from scenario_addon.engine.models.model import PictureLimits
from scenario_addon.engine.models.order import Request, make_order
from scenario_addon.engine.values import VIEWS, AssetId
from tests.engine.model_samples import builtin, example
from tests.engine.picture_samples import save_picture
from tests.service.catalogue import load_catalogue
from tests.service.validation import InvalidBodyError, clean_body

SEEDS: dict[str, Any] = {seed["id"]: seed for seed in example("seed_models")}
INPUTS = [(seed["id"], entry) for seed in SEEDS.values() for entry in seed["inputs"]]
HUNYUAN_21 = "model_hunyuan-3d-v2-1"
HUNYUAN_31 = "model_hunyuan-3d-pro-3-1-multiview"
PIXAL = "model_pixal3d"
RODIN = "model_rodin-hyper3d"
YVO = "model_yvo3d-image-to-3d"
TEXTURE_ONLY = {
    "textureResolution": "2K", "realismLevel": 0.5, "hyperMode": "ON", "insideOut": "ON", "unlit": "ON",
    "textureSharpness": 0.7, "textureAdherence": "ON", "roughness": 1,
}  # fmt: skip


def _ids(value: Any) -> str | None:
    return value["name"] if isinstance(value, dict) else None


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return save_picture(tmp_path / "chair.png")


def _ordered(model_id: str, picture: Path, count: int = 1, **values: Any) -> tuple[dict[str, Any], list[str]]:
    """The body for an order of so many pictures, and the notes."""
    request = Request(images=(picture,) * count, values=values)
    order, notes = make_order(builtin(model_id), request, work_folder=picture.parent)
    return order.body({image.sha256: AssetId("asset_1") for image in order.images()}), notes


# -- against the published parameter lists


def test_they_are_the_published_five_and_the_simplest_is_the_default() -> None:
    assert set(BUILTIN_IDS) == set(SEEDS)
    assert DEFAULT_MODEL_ID == HUNYUAN_21


@pytest.mark.parametrize("seed", SEEDS.values(), ids=_ids)
def test_a_model_has_its_name_its_capabilities_and_its_parameters_in_order(seed: dict[str, Any]) -> None:
    model = builtin(seed["id"])
    assert (model.name, model.capabilities) == (seed["name"], frozenset(seed["capabilities"]))
    assert [entry.name for entry in model.parameters] == [entry["name"] for entry in seed["inputs"]]
    assert model.max_pictures == seed["imagesMax"]


@pytest.mark.parametrize(("model_id", "entry"), INPUTS, ids=_ids)
def test_a_parameter_has_its_type_default_limits_and_values(model_id: str, entry: dict[str, Any]) -> None:
    found = builtin(model_id).parameter(entry["name"])
    assert found is not None
    assert found.wire_type == entry["type"]
    assert found.need.always is entry.get("required", False)
    assert found.default == entry.get("default")
    assert type(found.default) is type(entry.get("default"))
    assert [choice.value for choice in found.choices] == entry.get("allowedValues", [])
    assert (found.minimum, found.maximum) == (entry.get("min"), entry.get("max"))
    assert found.max_length == entry.get("maxItems")
    assert found.media == entry.get("kind")
    assert found.cost_impact is entry.get("costImpact", False)
    if entry["type"] == "number" and "integer" in entry:
        assert found.is_whole is entry["integer"]


@pytest.mark.parametrize(("model_id", "entry"), INPUTS, ids=_ids)
def test_every_parameter_is_explained(model_id: str, entry: dict[str, Any]) -> None:
    found = builtin(model_id).parameter(entry["name"])
    assert found is not None
    assert found.label
    assert found.description


@pytest.mark.parametrize(("model_id", "entry"), [(m, e) for m, e in INPUTS if "max" in e], ids=_ids)
def test_a_number_is_taken_at_its_limits_and_refused_beyond(model_id: str, entry: dict[str, Any]) -> None:
    found = builtin(model_id).parameter(entry["name"])
    assert found is not None
    assert (found.check(entry["min"]), found.check(entry["max"])) == (entry["min"], entry["max"])
    step = 1 if found.is_whole else 0.01
    for value in (entry["min"] - step, entry["max"] + step):
        with pytest.raises(ParamError, match="out of range"):
            found.check(value)


def test_the_limits_of_the_pictures_are_known() -> None:
    assert builtin(HUNYUAN_31).picture_limits == PictureLimits(128, 5000, 8_000_000)
    assert all(builtin(m).picture_limits == PictureLimits() for m in SEEDS if m != HUNYUAN_31)


def test_all_rules_name_parameters_that_exist() -> None:
    path = Path(__file__).parents[3] / "scenario_addon" / "engine" / "models" / "models.json"
    for entry in json.loads(path.read_text(encoding="utf-8")):
        stated = entry["knowledge"].get("rules", [])
        assert [r.parameter for r in builtin(entry["record"]["id"]).rules] == [r["parameter"] for r in stated]


# -- the body, against the stand-in's own records of these models


@pytest.mark.parametrize("model_id", SEEDS)
def test_the_body_holds_what_was_asked_for_and_nothing_else(model_id: str, picture: Path) -> None:
    body, notes = _ordered(model_id, picture)
    name = next(iter(name for name in SEEDS[model_id]["exampleBody"] if "mage" in name))
    is_list = isinstance(SEEDS[model_id]["exampleBody"][name], list)
    assert body == {name: ["asset_1"] if is_list else "asset_1"}
    assert notes == []


@pytest.mark.parametrize("model_id", SEEDS)
def test_every_value_that_was_set_is_sent_even_if_it_is_the_default(model_id: str, picture: Path) -> None:
    example_body = SEEDS[model_id]["exampleBody"]
    values = {name: value for name, value in example_body.items() if "mage" not in name}
    body, _ = _ordered(model_id, picture, **values)
    assert {name: body[name] for name in values} == values
    assert clean_body(body, inputs=load_catalogue()[model_id].inputs, asset=None) == body


@pytest.mark.parametrize(("model_id", "entry"), [(m, e) for m, e in INPUTS if "file" not in e["type"]], ids=_ids)
def test_the_service_takes_every_extreme_that_is_taken_here(model_id: str, entry: dict[str, Any]) -> None:
    values = entry.get("allowedValues") or [entry[k] for k in ("min", "max", "default") if k in entry]
    values = [True, False] if entry["type"] == "boolean" else values
    inputs = [e for e in load_catalogue()[model_id].inputs if e["name"] == entry["name"]]
    found = builtin(model_id).parameter(entry["name"])
    assert found is not None
    for value in values:
        body = {entry["name"]: found.check(value)}
        assert clean_body(body, inputs=inputs, asset=None) == body


@pytest.mark.parametrize("model_id", [m for m in SEEDS if SEEDS[m]["imagesMin"]])
def test_a_missing_picture_is_noticed_here_as_by_the_service(model_id: str, tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="is missing: it is required"):
        make_order(builtin(model_id), Request(), work_folder=tmp_path)
    with pytest.raises(InvalidBodyError):
        clean_body({}, inputs=load_catalogue()[model_id].inputs, asset=None)


@pytest.mark.parametrize("model_id", SEEDS)
def test_one_picture_too_many_is_refused(model_id: str, picture: Path) -> None:
    with pytest.raises(InputError, match="takes"):
        _ordered(model_id, picture, SEEDS[model_id]["imagesMax"] + 1)


# -- Hunyuan 3.1


def test_hunyuan_31_takes_each_of_the_eight_views_in_its_own_input(tmp_path: Path) -> None:
    views = {view: save_picture(tmp_path / f"{view}.png", color=(i * 20, 0, 0)) for i, view in enumerate(VIEWS)}
    model = builtin(HUNYUAN_31)
    order, _ = make_order(model, Request(views=views), work_folder=tmp_path)
    found = {entry.name: entry.images[0].path.stem for entry in order.pictures}
    names = [entry["name"] for entry in SEEDS[HUNYUAN_31]["inputs"] if entry["type"] == "file"]
    assert found == dict(zip(names, VIEWS, strict=True))
    assert not any(entry.is_list for entry in order.pictures)


def test_hunyuan_31_cannot_do_without_the_front(picture: Path) -> None:
    with pytest.raises(ParamError, match="frontImage is missing"):
        make_order(builtin(HUNYUAN_31), Request(views={"back": picture}), work_folder=picture.parent)


@pytest.mark.parametrize(("size", "problem"), [((127, 300), "needs 128 px"), ((300, 5001), "takes 5000 px a side")])
def test_hunyuan_31_refuses_pictures_out_of_its_limits(tmp_path: Path, size: tuple[int, int], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        _ordered(HUNYUAN_31, save_picture(tmp_path / "x.png", *size))


# -- Rodin


def test_rodin_is_content_with_words(tmp_path: Path) -> None:
    order, notes = make_order(builtin(RODIN), Request(prompt="a chair"), work_folder=tmp_path)
    assert order.body({}) == {"prompt": "a chair"}
    assert notes == []


def test_rodin_needs_words_or_a_picture_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match=r"prompt is missing: Write a prompt or add at least one picture\."):
        make_order(builtin(RODIN), Request(), work_folder=tmp_path)


def test_rodin_takes_words_and_five_pictures_together(picture: Path) -> None:
    request = Request(images=(picture,) * 5, prompt="a chair", values={"conditionMode": "fuse"})
    order, _ = make_order(builtin(RODIN), request, work_folder=picture.parent)
    body = order.body({image.sha256: AssetId("asset_1") for image in order.images()})
    assert body == {"prompt": "a chair", "conditionMode": "fuse", "images": ["asset_1"] * 5}


def test_rodin_cannot_fuse_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(ParamError, match="conditionMode: fuse blends pictures, give at least one"):
        make_order(builtin(RODIN), Request(prompt="a chair", values={"conditionMode": "fuse"}), work_folder=tmp_path)


def test_rodin_takes_concat_without_pictures(tmp_path: Path) -> None:
    request = Request(prompt="a chair", values={"conditionMode": "concat"})
    order, notes = make_order(builtin(RODIN), request, work_folder=tmp_path)
    assert (dict(order.values), notes) == ({"conditionMode": "concat", "prompt": "a chair"}, [])


# -- Pixal3D


@pytest.mark.parametrize(
    ("name", "value"), [("generationResolution", "1024"), ("resolution", 512), ("resolution", "4096")]
)
def test_pixal_takes_its_resolutions_as_listed_numbers_only(picture: Path, name: str, value: Any) -> None:
    with pytest.raises(ParamError, match=name):
        _ordered(PIXAL, picture, **{name: value})


def test_pixals_falsy_default_is_sent_when_it_is_set(picture: Path) -> None:
    body, _ = _ordered(PIXAL, picture, texSlatGuidanceRescale=0, remesh=False, seed=0)
    assert body == {"image": "asset_1", "texSlatGuidanceRescale": 0, "remesh": False, "seed": 0}


# -- YVO3D


def test_yvo_takes_high_details_from_its_best_generator_only(picture: Path) -> None:
    body, notes = _ordered(YVO, picture, highdetails=True, autopoly=True, modelGenerator="ULTIMA_PRIME")
    assert body["highdetails"] is True
    assert notes == []
    for generator in ("FAST_TRUE", "FAST_PRIME", "ULTIMA_TRUE"):
        for name in ("highdetails", "autopoly"):
            with pytest.raises(ParamError, match=f"{name}: needs modelGenerator ULTIMA_PRIME"):
                _ordered(YVO, picture, modelGenerator=generator, **{name: True})


def test_yvo_refuses_high_details_with_low_polygons(picture: Path) -> None:
    settings = {"highdetails": True, "modelGenerator": "ULTIMA_PRIME", "lowpoly": True, "texture": False}
    with pytest.raises(ParamError, match=r"highdetails: .*lowpoly off"):
        _ordered(YVO, picture, **settings)


def test_yvo_makes_low_polygons_for_bare_shapes_only(picture: Path) -> None:
    with pytest.raises(ParamError, match="lowpoly: works on shapes without texture only"):
        _ordered(YVO, picture, lowpoly=True)
    assert _ordered(YVO, picture, lowpoly=True, texture=False)[0]["lowpoly"] is True
    assert _ordered(YVO, picture, 2, lowpoly=True)[0]["lowpoly"] is True


def test_yvo_says_when_the_polygon_count_is_ignored(picture: Path) -> None:
    body, notes = _ordered(YVO, picture, polycount=5000)
    assert (body["polycount"], len(notes)) == (5000, 1)
    assert notes[0].startswith("polycount has no effect here")
    assert _ordered(YVO, picture, polycount=5000, texture=False)[1] == []
    assert _ordered(YVO, picture, 3, polycount=5000)[1] == []


@pytest.mark.parametrize("name", TEXTURE_ONLY)
def test_yvo_says_that_texture_settings_do_nothing_for_a_bare_shape(picture: Path, name: str) -> None:
    value = TEXTURE_ONLY[name]
    assert _ordered(YVO, picture, **{name: value})[1] == []
    for count, more in ((1, {"texture": False}), (2, {})):
        body, notes = _ordered(YVO, picture, count, **{name: value}, **more)
        assert body[name] == value
        assert any(note.startswith(f"{name} has no effect here") for note in notes)


@pytest.mark.parametrize("name", ["generateUvs", "hyperMode", "insideOut", "unlit", "textureAdherence"])
def test_yvos_switches_are_the_words_on_and_off(picture: Path, name: str) -> None:
    assert _ordered(YVO, picture, **{name: "OFF"})[0][name] == "OFF"
    with pytest.raises(ParamError, match=f"{name}: takes text, not true, use ON or OFF"):
        _ordered(YVO, picture, **{name: True})
    with pytest.raises(ParamError, match=f'{name}: "on" is not one of its values'):
        _ordered(YVO, picture, **{name: "on"})
