# SPDX-License-Identifier: GPL-3.0-or-later
"""From a request to an order: which picture goes where, what is sent, and what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scenario_addon.engine.errors import InputError, ParamError, PictureError, UnknownModel
from scenario_addon.engine.models.model import Model
from scenario_addon.engine.models.order import Request, draft, make_order, suggestion
from scenario_addon.engine.values import PLACEHOLDER, VIEWS, AssetId
from tests.engine.model_samples import builtin, file_input, model_with
from tests.engine.picture_samples import save_picture

ALWAYS = {"always": True}
IMAGE = file_input("image", required=ALWAYS)
IMAGES = file_input("images", type="file_array", required=ALWAYS)
PROMPT = {"name": "prompt", "type": "string"}
NAMED = [file_input(f"{view}Image") for view in ("front", "left", "back")]


@pytest.fixture
def shots(tmp_path: Path) -> Mapping[str, Path]:
    """A picture for each view, and two more; each of its own colour."""
    names = [*VIEWS, "a", "b"]
    return {n: save_picture(tmp_path / f"{n}.png", 64, 64, color=(20 * i, 0, 0)) for i, n in enumerate(names)}


def _body(model: Model, request: Request) -> dict[str, Any]:
    """The body, with each picture's stem in the place of its asset id."""
    order, _ = make_order(model, request, work_folder=Path("unused"))
    return order.body({image.sha256: AssetId(image.path.stem) for image in order.images()})


def _refusal(model: Model, request: Request) -> str:
    with pytest.raises(InputError) as caught:
        make_order(model, request, work_folder=Path("unused"))
    with pytest.raises(type(caught.value)):
        draft(model, request)
    return caught.value.user_message


# -- pictures


def test_a_picture_of_one_colour_is_refused_as_a_subject_and_taken_as_a_sample(
    shots: Mapping[str, Path], tmp_path: Path
) -> None:
    model, plain = model_with(IMAGE, file_input("textureImage")), save_picture(tmp_path / "plain.png", spot="teal")
    body = _body(model, Request(images=(shots["a"],), values={"textureImage": str(plain)}))
    assert body == {"image": "a", "textureImage": "plain"}
    for request in (Request(images=(plain,)), Request(values={"image": str(plain)})):
        with pytest.raises(PictureError, match="is of one colour everywhere"):
            make_order(model, request, work_folder=Path("unused"))


def test_a_file_gets_a_bare_id(shots: Mapping[str, Path]) -> None:
    assert _body(model_with(IMAGE), Request(images=(shots["a"],))) == {"image": "a"}


def test_a_list_gets_a_list_even_for_one_picture(shots: Mapping[str, Path]) -> None:
    assert _body(model_with(IMAGES), Request(images=(shots["a"],))) == {"images": ["a"]}


def test_the_type_counts_and_not_the_name(shots: Mapping[str, Path]) -> None:
    single, several = file_input("images"), file_input("image", type="file_array")
    assert _body(model_with(single), Request(images=(shots["a"],))) == {"images": "a"}
    assert _body(model_with(several), Request(images=(shots["a"],))) == {"image": ["a"]}


def test_a_list_keeps_the_order_in_which_pictures_are_given(shots: Mapping[str, Path]) -> None:
    assert _body(model_with(IMAGES), Request(images=(shots["b"], shots["a"]))) == {"images": ["b", "a"]}


def test_a_list_gets_views_in_their_usual_order_behind_plain_pictures(shots: Mapping[str, Path]) -> None:
    views = {view: shots[view] for view in ("back", "right", "front")}
    assert _body(model_with(IMAGES), Request(views=views)) == {"images": ["front", "right", "back"]}
    assert _body(model_with(IMAGES), Request(images=(shots["a"],), views=views))["images"][0] == "a"


def test_a_single_picture_may_be_called_by_its_side(shots: Mapping[str, Path]) -> None:
    assert _body(model_with(IMAGE), Request(views={"back": shots["back"]})) == {"image": "back"}


def test_named_inputs_get_the_view_of_their_name(shots: Mapping[str, Path]) -> None:
    views = {view: shots[view] for view in ("back", "front")}
    assert _body(model_with(*NAMED), Request(views=views)) == {"frontImage": "front", "backImage": "back"}


def test_a_plain_picture_is_the_front_of_a_model_with_named_views(shots: Mapping[str, Path]) -> None:
    request = Request(images=(shots["a"],), views={"left": shots["left"]})
    assert _body(model_with(*NAMED), request) == {"frontImage": "a", "leftImage": "left"}


def test_a_plain_picture_goes_to_the_source_when_that_is_no_view(shots: Mapping[str, Path]) -> None:
    model = model_with(file_input("leftImage"), file_input("backImage"), IMAGE)
    assert _body(model, Request(images=(shots["a"],), views={"back": shots["b"]})) == {"backImage": "b", "image": "a"}


def test_pictures_of_other_inputs_are_given_by_name(shots: Mapping[str, Path]) -> None:
    model = model_with(IMAGE, file_input("textureImage"), file_input("extras", type="file_array"))
    values = {"textureImage": str(shots["a"]), "extras": [shots["b"], str(shots["back"])]}
    body = _body(model, Request(images=(shots["front"],), values=values))
    assert body == {"image": "front", "textureImage": "a", "extras": ["b", "back"]}


def test_the_source_too_may_be_given_by_name(shots: Mapping[str, Path]) -> None:
    assert _body(model_with(IMAGE), Request(values={"image": shots["a"]})) == {"image": "a"}
    assert _body(model_with(IMAGES), Request(images=(shots["a"],), values={"images": (shots["b"],)})) == {
        "images": ["a", "b"]
    }


def test_an_empty_list_of_pictures_is_left_out(shots: Mapping[str, Path]) -> None:
    model = model_with(IMAGE, file_input("extras", type="file_array"))
    assert _body(model, Request(images=(shots["a"],), values={"extras": []})) == {"image": "a"}


def test_pictures_come_in_the_models_order(shots: Mapping[str, Path]) -> None:
    model = model_with(*NAMED)
    order, _ = make_order(
        model, Request(views={v: shots[v] for v in ("back", "left", "front")}), work_folder=Path("unused")
    )
    assert [image.path.stem for image in order.images()] == ["front", "left", "back"]


@pytest.mark.parametrize(
    ("model", "images", "views", "sentence"),
    [
        (model_with(IMAGE), "ab", (), "Test takes one picture, not 2."),
        (model_with(IMAGE), "a", ("front",), "Test takes one picture, not 2."),
        (model_with({**IMAGES, "maxLength": 1}), "ab", (), "images: Test takes at most 1, 2 were given."),
        (model_with({**IMAGES, "maxLength": 1}), "", ("front", "left"), "images: Test takes at most 1, 2 were given."),
        (model_with({**IMAGES, "minLength": 2}), "a", (), "images: Test needs at least 2 pictures."),
        (model_with(*NAMED), "ab", (), "Test takes its pictures by view: say which side each one shows."),
        (model_with(*NAMED), "a", ("front",), "there are two pictures for frontImage: leave one out."),
        (model_with(*NAMED), "", ("top",), "Test takes no top view, only front, left, back."),
        (model_with(PROMPT), "a", (), "Test takes no picture: give it a prompt instead."),
        (model_with(IMAGE), "", (), "image is missing: it is required."),
        (model_with(IMAGES), "", (), "images is missing: it is required."),
    ],
)
def test_pictures_that_do_not_fit_are_refused(
    shots: Mapping[str, Path], model: Model, images: str, views: tuple[str, ...], sentence: str
) -> None:
    request = Request(images=tuple(shots[name] for name in images), views={view: shots[view] for view in views})
    assert _refusal(model, request) == sentence


@pytest.mark.parametrize("view", ["side", "Front", "", "left_front"])
@pytest.mark.parametrize("model", [model_with(IMAGE), model_with(IMAGES), model_with(*NAMED)])
def test_a_view_that_nobody_knows_is_refused_with_the_list(shots: Mapping[str, Path], view: str, model: Model) -> None:
    assert _refusal(model, Request(views={view: shots["a"]})) == f"{view} is not a view: use {', '.join(VIEWS)}."


@pytest.mark.parametrize("value", [7, "", ["a.png", 7], {"path": "a.png"}, [[]]])
def test_a_picture_by_name_is_a_path_or_a_list_of_paths(value: Any) -> None:
    assert _refusal(model_with(IMAGE), Request(values={"image": value})).startswith(
        "image: takes the path of a picture"
    )


def test_two_pictures_for_one_file_are_refused_however_they_come(shots: Mapping[str, Path]) -> None:
    request = Request(images=(shots["a"],), values={"image": str(shots["b"])})
    assert _refusal(model_with(IMAGE), request) == "image: Test takes at most 1, 2 were given."


def test_a_picture_is_looked_at_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="does not exist"):
        make_order(model_with(IMAGE), Request(images=(tmp_path / "none.png",)), work_folder=tmp_path)


@pytest.mark.parametrize("knowledge", [{"pictures": {"max_bytes": 100}}, {}])
def test_the_stricter_of_two_size_limits_counts(shots: Mapping[str, Path], knowledge: dict[str, Any]) -> None:
    entry = {**IMAGE, "maxSize": 150 if knowledge else 100}
    with pytest.raises(PictureError, match="the model takes"):
        make_order(model_with(entry, knowledge=knowledge), Request(images=(shots["a"],)), work_folder=Path("unused"))


def test_a_converted_picture_is_the_one_that_is_sent_and_the_user_is_told(
    shots: Mapping[str, Path], tmp_path: Path
) -> None:
    def convert(path: Path, *, folder: Path, max_side_px: int | None, max_bytes: int | None) -> Path:
        return save_picture(folder / f"{path.stem}-small.png", max_side_px or 1, max_side_px or 1)

    model = model_with(IMAGE, knowledge={"pictures": {"max_side_px": 32}})
    order, notes = make_order(model, Request(images=(shots["a"],)), work_folder=tmp_path, converter=convert)
    assert [image.path.name for image in order.images()] == ["a-small.png"]
    assert notes == ["a.png was converted to a 32 x 32 px PNG for this model."]


# -- values


def test_unset_parameters_are_left_out_and_falsy_ones_are_sent(shots: Mapping[str, Path]) -> None:
    model = model_with(
        IMAGE,
        {"name": "paint", "type": "boolean", "default": True},
        {"name": "rescale", "type": "number", "default": 0},
        {"name": "pose", "type": "string", "default": "", "allowedValues": ["", "a-pose"]},
        {"name": "seed", "type": "number"},
    )
    request = Request(images=(shots["a"],), values={"paint": False, "rescale": 0, "pose": "", "seed": None})
    assert _body(model, request) == {"image": "a", "paint": False, "rescale": 0, "pose": ""}
    assert _body(model, Request(images=(shots["a"],))) == {"image": "a"}


def test_a_value_is_sent_even_when_it_is_the_default(shots: Mapping[str, Path]) -> None:
    model = model_with(IMAGE, {"name": "steps", "type": "number", "default": 30})
    assert _body(model, Request(images=(shots["a"],), values={"steps": 30.0})) == {"image": "a", "steps": 30}


def test_the_default_of_a_required_parameter_is_sent(shots: Mapping[str, Path]) -> None:
    model = model_with(
        IMAGE,
        {"name": "strength", "type": "number", "default": 0, "required": ALWAYS},
        {"name": "bare", "type": "boolean", "default": False, "required": True},
        {"name": "mode", "type": "string", "default": "x", "required": {"ifDefined": {"image": "."}}},
        {"name": "unasked", "type": "string", "default": "x", "required": {"ifNotDefined": {"image": "."}}},
    )
    assert _body(model, Request(images=(shots["a"],))) == {"image": "a", "strength": 0, "bare": False, "mode": "x"}
    assert _body(model, Request(images=(shots["a"],), values={"strength": 1}))["strength"] == 1


@pytest.mark.parametrize(
    ("required", "values", "missing"),
    [
        (ALWAYS, {}, "x is missing: it is required."),
        (True, {}, "x is missing: it is required."),
        (False, {}, None),
        (None, {}, None),
        ({"ifDefined": {"tier": "Choose x as well."}}, {"tier": "low"}, "x is missing: Choose x as well."),
        ({"ifDefined": {"tier": "Choose x as well."}}, {}, None),
        ({"ifNotDefined": {"tier": "x or tier"}}, {}, "x is missing: x or tier."),
        ({"ifNotDefined": {"tier": "x or tier"}}, {"tier": "low"}, None),
        ({"ifNotDefined": {"image": "?"}}, {}, None),
        ({"ifNotDefined": {"ghost": "no ghost"}}, {}, "x is missing: no ghost."),
        ({"ifDefined": {"ghost": "no ghost"}}, {}, None),
        (
            {"conditional": {"values": {"tier": ["high"], "size": [1]}, "operator": "or"}},
            {},  # by the default of size
            "x is missing: it is required with this choice of tier, size.",
        ),
        ({"conditional": {"values": {"tier": ["high"], "size": [1]}, "operator": "and"}}, {"tier": "low"}, None),
    ],
)
def test_what_is_missing_is_noticed_by_every_form_of_rule(
    shots: Mapping[str, Path], required: Any, values: dict[str, Any], missing: str | None
) -> None:
    inputs = [
        {"name": "x", "type": "string", "required": required},
        {"name": "tier", "type": "string"},
        {"name": "size", "type": "number", "default": 1},
    ]
    request = Request(images=(shots["a"],), values=values)
    if missing:
        assert _refusal(model_with(IMAGE, *inputs), request) == missing
        values = {**values, "x": "here"}
    assert _body(model_with(IMAGE, *inputs), Request(images=(shots["a"],), values=values)) == {"image": "a", **values}


@pytest.mark.parametrize("kind", [{"type": "file", "kind": "audio"}, {"type": "vector"}])
def test_a_model_that_needs_what_cannot_be_given_is_refused(kind: dict[str, str]) -> None:
    model = model_with({"name": "sound", **kind, "required": ALWAYS})
    assert _refusal(model, Request()).endswith("which cannot be given here: choose another model.")


@pytest.mark.parametrize("kind", [{"type": "file", "kind": "audio"}, {"type": "vector"}])
def test_a_value_for_what_cannot_be_given_is_refused(shots: Mapping[str, Path], kind: dict[str, str]) -> None:
    request = Request(images=(shots["a"],), values={"sound": "a.wav"})
    assert _refusal(model_with(IMAGE, {"name": "sound", **kind}), request).endswith("are not supported.")


def test_an_unknown_parameter_is_refused_with_a_suggestion(shots: Mapping[str, Path]) -> None:
    request = Request(images=(shots["a"],), values={"targetFaceNumber": 1})
    sentence = _refusal(builtin("model_hunyuan-3d-v2-1"), request)
    assert "is not a parameter of Hunyuan 3D 2.1 (did you mean targetFaceNum?)" in sentence


def test_a_wrong_value_is_refused_by_name(shots: Mapping[str, Path]) -> None:
    with pytest.raises(ParamError) as caught:
        draft(builtin("model_hunyuan-3d-v2-1"), Request(images=(shots["a"],), values={"steps": 101}))
    assert caught.value.name == "steps"


def test_the_prompt_goes_into_the_input_for_words(shots: Mapping[str, Path]) -> None:
    texture = {"name": "texturePrompt", "type": "string", "prompt": True, "maxLength": 5}
    assert _body(model_with(PROMPT), Request(prompt="a chair")) == {"prompt": "a chair"}
    assert _body(model_with(IMAGE, texture), Request(images=(shots["a"],), prompt="oak"))["texturePrompt"] == "oak"
    assert "at most 5" in _refusal(model_with(IMAGE, texture), Request(images=(shots["a"],), prompt="mahogany"))
    assert _body(model_with(IMAGE), Request(images=(shots["a"],), prompt="")) == {"image": "a"}


def test_a_prompt_for_a_model_without_words_is_refused(shots: Mapping[str, Path]) -> None:
    sentence = _refusal(model_with(IMAGE), Request(images=(shots["a"],), prompt="a chair"))
    assert sentence == "prompt: Test takes no prompt, leave it out."


def test_an_empty_prompt_is_no_prompt() -> None:
    assert (
        _refusal(model_with({**PROMPT, "required": ALWAYS}), Request(prompt="")) == "prompt is missing: it is required."
    )


@pytest.mark.parametrize(
    ("capabilities", "expected"), [(["img2img"], True), (["img23d", "img2img"], False), ([], False)]
)
def test_an_order_knows_whether_a_picture_comes_of_it(
    shots: Mapping[str, Path], capabilities: list[str], expected: bool
) -> None:
    model = model_with(IMAGE, capabilities=capabilities)
    order, _ = make_order(model, Request(images=(shots["a"],)), work_folder=Path("unused"))
    assert order.gives_picture is expected


def test_a_model_that_makes_neither_meshes_nor_pictures_is_refused_before_it_costs_anything(
    shots: Mapping[str, Path],
) -> None:
    model = model_with(IMAGE, capabilities=["img2video"])
    with pytest.raises(UnknownModel, match="Test makes neither meshes nor pictures"):
        make_order(model, Request(images=(shots["a"],)), work_folder=Path("unused"))
    assert _body(model_with(IMAGE, capabilities=[]), Request(images=(shots["a"],))) == {"image": "a"}


# -- the order itself, and its draft


def test_the_order_says_everything_about_itself(shots: Mapping[str, Path], tmp_path: Path) -> None:
    stats = {"variants": [{"capability": "img23d", "totalLatencyP50Sec": 90}]}
    request = Request(images=(shots["a"],), name="chair", folder=tmp_path / "out")
    order, _ = make_order(model_with(IMAGE, performanceStats=stats), request, work_folder=tmp_path)
    assert (order.model_id, order.model_name, order.name) == ("model_test", "Test", "chair")
    assert (order.folder, order.expected_s) == (tmp_path / "out", 90)


def test_words_and_seeds_are_known_to_have_no_bearing_on_the_price(shots: Mapping[str, Path], tmp_path: Path) -> None:
    inputs = [
        IMAGE,
        PROMPT | {"prompt": True},
        {"name": "style", "type": "string", "allowedValues": ["a", "b"]},
        {"name": "voice", "type": "string", "costImpact": True},
        {"name": "seed", "type": "number"},
        {"name": "steps", "type": "number"},
    ]
    values = {"style": "a", "voice": "loud", "seed": 7, "steps": 3}
    request = Request(images=(shots["a"],), prompt="a chair", values=values)
    order, _ = make_order(model_with(*inputs), request, work_folder=tmp_path)
    assert order.unpriced == ("prompt", "seed")
    other, _ = make_order(model_with(*inputs), replace(request, images=(shots["b"],)), work_folder=tmp_path)
    assert order.price_key == other.price_key
    dearer, _ = make_order(model_with(*inputs), replace(request, values={**values, "steps": 4}), work_folder=tmp_path)
    assert order.price_key != dearer.price_key


# -- pictures that the service cuts out first


def test_only_the_pictures_that_are_to_be_cut_out_are(shots: Mapping[str, Path], monkeypatch: Any) -> None:
    monkeypatch.chdir(shots["a"].parent)
    request = Request(images=(shots["a"], shots["b"]), cut_out=frozenset({Path("b.png")}))
    order, _ = make_order(model_with(IMAGES), request, work_folder=Path("unused"))
    assert [image.is_to_be_cut_out for image in order.images()] == [False, True]
    assert [image.path for image in order.to_cut_out({})] == [shots["b"]]


def test_a_view_is_cut_out_like_any_picture(shots: Mapping[str, Path]) -> None:
    request = Request(
        views={"front": shots["front"], "back": shots["back"]}, cut_out=frozenset({shots["front"], shots["back"]})
    )
    order, _ = make_order(model_with(*NAMED), request, work_folder=Path("unused"))
    assert all(image.is_to_be_cut_out for image in order.images())


def test_what_is_to_be_cut_out_has_to_be_one_of_the_pictures(shots: Mapping[str, Path]) -> None:
    told = _refusal(model_with(IMAGE), Request(images=(shots["a"],), cut_out=frozenset({shots["b"]})))
    assert told == f"{shots['b']} is to be cut out, but is none of the pictures: leave it out."


def test_a_picture_that_is_cut_out_makes_another_order_of_the_same_model_price(shots: Mapping[str, Path]) -> None:
    request = Request(images=(shots["a"],))
    plain, _ = make_order(model_with(IMAGE), request, work_folder=Path("unused"))
    cut, _ = make_order(model_with(IMAGE), replace(request, cut_out=frozenset(request.images)), work_folder=Path())
    assert plain.identity != cut.identity
    assert set(plain.identities).isdisjoint(cut.identities)
    assert plain.price_key == cut.price_key


def test_making_an_order_changes_nothing_of_the_request(shots: Mapping[str, Path]) -> None:
    values: dict[str, Any] = {"images": [shots["b"]]}
    views = {"back": shots["back"]}
    _body(model_with(IMAGES), Request(images=(shots["a"],), views=views, values=values))
    assert (values, views) == ({"images": [shots["b"]]}, {"back": shots["back"]})


@pytest.mark.parametrize(
    ("inputs", "body"),
    [
        ([IMAGE], {"image": PLACEHOLDER}),
        ([IMAGES], {"images": [PLACEHOLDER]}),
        ([file_input("frontImage")], {"frontImage": PLACEHOLDER}),
        ([IMAGE, {"name": "s", "type": "number", "default": 0, "required": True}], {"image": PLACEHOLDER, "s": 0}),
    ],
)
def test_a_draft_is_the_same_body_without_looking_at_the_pictures(inputs: list[Any], body: dict[str, Any]) -> None:
    assert draft(model_with(*inputs), Request(images=(Path("no such.png"),))) == body


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("model_hunyan", " (did you mean model_hunyuan?)"),
        ("HUNYUAN", " (did you mean model_hunyuan?)"),
        ("pixal", " (did you mean model_pixal3d?)"),
        ("zzz", ""),
    ],
)
def test_a_suggestion_is_made_when_something_known_is_close(name: str, hint: str) -> None:
    assert suggestion(name, iter(["model_hunyuan", "model_pixal3d"])) == hint


def test_nothing_is_suggested_where_nothing_is_known() -> None:
    assert suggestion("x", []) == ""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("IMAGE", "image"), ("facecount", "faceCount"), ("stepps", "steps"), ("Prompt", "prompt"), ("colour", "")],
)
def test_what_was_meant_is_guessed_by_capitals_first(name: str, expected: str) -> None:
    known = ["negativePrompt", "prompt", "textureImage", "image", "faceCount", "steps"]
    assert suggestion(name, known) == (f" (did you mean {expected}?)" if expected else "")
