# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of a model's parameters: what it holds, what it sends, and what survives a change of the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.form import parameters
from scenario_addon.blender.form.parameters import assign, reset, settings_of, sync, values
from scenario_addon.blender.form.properties import SCENARIO_PG_model_settings
from scenario_addon.engine import Catalogue, Request, draft
from scenario_addon.engine.errors import ParamError
from scenario_addon.engine.models.model import Model
from tests.blender.fake_layout import in_sidebar
from tests.blender.sample_schema import EVERYTHING, model

BUILT_IN = [m for m in Catalogue(None, "").models() if m.is_builtin]
MODELS = pytest.mark.parametrize("each", [*BUILT_IN, model()], ids=lambda m: m.id)


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    bpy.utils.register_class(SCENARIO_PG_model_settings)
    bpy.types.Scene.forms = bpy.props.CollectionProperty(type=SCENARIO_PG_model_settings)
    yield
    del bpy.types.Scene.forms
    bpy.utils.unregister_class(SCENARIO_PG_model_settings)


def synced(each: Model) -> Any:
    return sync(bpy.context.scene.forms, each)


class Layout:
    """Takes what is drawn, and notes it in words."""

    use_property_split = use_property_decorate = active = False
    scale_y, alignment = 1.0, "EXPAND"

    def __init__(self, said: list[str], *, enabled: bool = True, alert: bool = False) -> None:
        self.said, self.enabled, self.alert = said, enabled, alert

    def column(self, **_: Any) -> Layout:
        return Layout(self.said, enabled=self.enabled, alert=self.alert)

    row = split = column

    def panel(self, _: str, *, default_closed: bool) -> tuple[Layout, Layout]:
        assert default_closed
        return self.column(), self.column()

    def label(self, *, text: str, icon: str = "NONE", translate: bool = True) -> None:
        self.note(text)

    def prop(self, data: Any, path: str, *, text: str = "", **_: Any) -> None:
        data.path_resolve(path)  # as Blender does
        self.note(text)

    def operator(self, operator: str, *, text: str, icon: str, translate: bool = True) -> Any:
        self.note(text)
        return SimpleNamespace()

    def note(self, text: str) -> None:
        if text:
            self.said.append(f"{text}{' !' if self.alert else ''}{'' if self.enabled else ' (disabled)'}")


def drawn(each: Model, settings: Any, *, picture_count: int = 1) -> list[str]:
    said: list[str] = []
    with in_sidebar():
        parameters.draw(Layout(said), settings, each, parameters.drawable(each), picture_count=picture_count)
    return said


def test_there_are_five_built_in_models() -> None:
    assert len(BUILT_IN) == 5


@MODELS
def test_a_fresh_form_asks_for_nothing_but_defaults(each: Model) -> None:
    settings = synced(each)
    assert values(settings, each) == {}
    assert settings.name == each.id
    assert settings_of(bpy.context.scene.forms, each.id) == settings


@MODELS
def test_everything_can_be_drawn(each: Model) -> None:
    said = " ".join(drawn(each, synced(each)))
    for parameter in parameters.drawable(each):
        assert parameter.label.removeprefix(f"{parameter.group} ") in said


@MODELS
def test_a_form_that_is_out_of_step_draws_what_it_has(each: Model) -> None:
    settings = bpy.context.scene.forms.add()
    assert drawn(each, settings) in (
        [],
        [f"{text} (disabled)" for text in ("Rig", "Not supported", "Hologram", "Not supported")],
    )
    assert values(settings, each) == {}
    settings["steps"] = 12
    drawn(each, settings)


@MODELS
def test_reset_brings_every_default_back(each: Model) -> None:
    settings = synced(each)
    before = {key: str(settings[key]) for key in settings.keys()}  # noqa: SIM118
    for key in before:
        if isinstance(settings[key], bool):
            settings[key] = not settings[key]
        elif isinstance(settings[key], int):
            settings[key] = settings[key] + 1
    assert values(settings, each)
    reset(settings, each)
    assert {key: str(settings[key]) for key in settings.keys()} == before  # noqa: SIM118
    assert values(settings, each) == {}


SET: dict[str, Any] = {
    "faceCount": 50000,
    "texture": False,
    "strength": 0.35,
    "quality": "low",
    "size": 512,
    "unlit": "ON",
    "tint": "#123456",
    "background": "#00ff7f",
    "pose": "t-pose",
    "style": "wood",
    "symmetric": False,
    "formats": ["fbx", "obj"],
    "tags": ["oak", "red brick"],
    "scale": [1, 2.5, 3],
    "lora": "model_oak",
    "loras": ["model_a", "model_b"],
    "parts": [{"title": "lid"}],
    "negativePrompt": "fog",
    "seed": 7,
    "name": "chair",
    EVERYTHING[-1]["name"]: 2.5,
}


def test_every_kind_of_value_comes_out_as_it_went_in() -> None:
    settings = synced(model())
    assign(settings, model(), SET)
    assert values(settings, model()) == SET
    assert [type(v) for v in values(settings, model()).values()] == [type(v) for v in SET.values()]
    draft(model(), Request(images=(Path("a.png"),), values=values(settings, model())))  # the engine takes them


def test_the_settings_survive_saving_and_opening_the_file(tmp_path: Path) -> None:
    assign(synced(model()), model(), SET)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    forms = bpy.context.scene.forms
    assert parameters.is_synced(forms, model())
    assert values(settings_of(forms, model().id), model()) == SET
    assert values(sync(forms, model()), model()) == SET


def test_a_copy_of_the_scene_has_settings_of_its_own() -> None:
    assign(synced(model()), model(), SET)
    copy = bpy.context.scene.copy()
    reset(settings_of(bpy.context.scene.forms, model().id), model())
    assert values(settings_of(copy.forms, model().id), model()) == SET


def test_undo_takes_a_setting_back() -> None:
    bpy.context.preferences.edit.use_global_undo = True
    settings = synced(model())
    bpy.ops.ed.undo_push(message="before")
    settings["faceCount"] = 777
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert values(settings_of(bpy.context.scene.forms, model().id), model()) == {}


def test_two_models_keep_their_settings_apart() -> None:
    first, second = (synced(each) for each in BUILT_IN[:2])
    assign(first, BUILT_IN[0], {"steps": 50})
    assert values(second, BUILT_IN[1]) == {}
    assert values(settings_of(bpy.context.scene.forms, BUILT_IN[0].id), BUILT_IN[0]) == {"steps": 50}


def number(**more: Any) -> dict[str, Any]:
    return {"name": "steps", "type": "number", "default": 30, "min": 10, "max": 100, "step": 1, **more}


def choice(*allowed: Any, default: Any = None) -> dict[str, Any]:
    return {"name": "quality", "type": "string", "default": default, "allowedValues": list(allowed)}


@pytest.mark.parametrize(
    ("before", "value", "after", "expected"),
    [
        pytest.param(number(), 80, number(max=60), {"steps": 60}, id="clamped"),
        pytest.param(number(), 80, number(default=80), {}, id="now the default"),
        pytest.param(number(), None, number(default=40), {}, id="an untouched one follows the default"),
        pytest.param(number(), 80, number(name="turns"), {}, id="gone"),
        pytest.param(number(), 80, {"name": "steps", "type": "boolean", "default": True}, {}, id="another type"),
        pytest.param(number(), 80, number(step=0.5, max=90.5), {"steps": 80}, id="from whole to fraction"),
        pytest.param(
            choice("high", "low", "lowest", default="high"),
            "low",
            choice("ultra", "high", "low", default="high"),
            {"quality": "low"},
            id="a choice is known by its value",
        ),
        pytest.param(choice("high", "low", default="high"), "low", choice("high", "x", default="high"), {}, id="not"),
        pytest.param(choice("high", "low"), "low", choice("low", "high", default="high"), {"quality": "low"}, id="opt"),
        pytest.param(
            choice("ON", "OFF", "AUTO", default="AUTO"),
            "ON",
            choice("ON", "OFF", default="OFF"),
            {"quality": "ON"},
            id="a choice that became a switch",
        ),
        pytest.param(
            choice("high", "low", default="high"),
            "low",
            {"name": "quality", "type": "string", "default": "medium"},
            {"quality": "low"},
            id="a choice that became text",
        ),
    ],
)
def test_a_changed_model_keeps_what_still_means_something(
    *, before: dict[str, Any], value: Any, after: dict[str, Any], expected: dict[str, Any]
) -> None:
    settings = synced(model(before))
    if value is not None:
        assign(settings, model(before), {before["name"]: value})
    assert not parameters.is_synced(bpy.context.scene.forms, model(after))
    assert values(sync(bpy.context.scene.forms, model(after)), model(after)) == expected
    assert parameters.is_synced(bpy.context.scene.forms, model(after))
    assert len(bpy.context.scene.forms) == 1


def test_an_unset_number_is_not_sent_and_a_set_one_is_even_at_zero() -> None:
    settings = synced(model())
    settings["seed"] = 5
    assert "seed" not in values(settings, model())
    settings["seed?"] = True
    assert values(settings, model())["seed"] == 5
    settings["seed"] = 0
    assert values(settings, model())["seed"] == 0


def test_a_required_number_without_a_default_is_always_sent() -> None:
    each = model({"name": "steps", "type": "number", "min": 4, "required": {"always": True}})
    assert values(synced(each), each) == {"steps": 4}


def test_what_blenders_own_slider_writes_is_rounded_to_what_was_meant() -> None:
    settings = synced(model())
    settings["strength"] = 0.3499999940395355
    assert values(settings, model()) == {"strength": 0.35}
    settings["strength"] = 0.699999988079071
    assert values(settings, model()) == {}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("faceCount", {"min": 100, "max": 1000000, "step": 1000, "default": 40000}),
        ("strength", {"min": 0.0, "max": 1.0, "precision": 2, "default": 0.7}),
        ("seed", {"min": 0, "max": 2**31 - 1, "soft_min": 0}),
        ("texture", {"default": True, "description": "Paint the mesh"}),
        ("tint", {"subtype": "COLOR_GAMMA"}),
        ("mask", {"subtype": "FILE_PATH"}),
        ("negativePrompt", {"default": "blurry"}),
    ],
)
def test_blender_knows_limits_defaults_and_descriptions(*, key: str, expected: dict[str, Any]) -> None:
    ui = synced(model()).id_properties_ui(key).as_dict()
    assert {name: ui[name] for name in expected} == expected


def test_a_price_change_is_said_in_the_tooltip() -> None:
    assert "Changes the price" in synced(model()).id_properties_ui("faceCount").as_dict()["description"]


def test_a_tooltip_is_no_longer_than_a_screen() -> None:
    each = model({"name": "a", "type": "number", "description": "word " * 2000, "costImpact": True})
    text = synced(each).id_properties_ui("a").as_dict()["description"]
    assert len(text) < 600 and text.endswith("Changes the price")


def test_a_choice_shows_labels_and_an_empty_value_has_a_name() -> None:
    settings = synced(model())
    labels = [item[1] for item in settings.id_properties_ui("pose").as_dict()["items"]]
    assert labels == ["None", "A-Pose", "T-Pose"]
    assert next(item[1] for item in settings.id_properties_ui("style").as_dict()["items"]) == "Automatic"


def test_a_secondary_picture_is_a_path_from_the_blend_files_folder(tmp_path: Path) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    settings = synced(model())
    settings["mask"] = "//mask.png"
    assert values(settings, model()) == {"mask": str(tmp_path / "mask.png")}


@pytest.mark.parametrize(("key", "text"), [("scale", "1, x"), ("parts", "[{")])
def test_what_cannot_be_read_is_left_to_the_engine_which_names_it(*, key: str, text: str) -> None:
    settings = synced(model())
    settings[key] = text
    drawn(model(), settings)
    with pytest.raises(ParamError, match=key):
        draft(model(), Request(images=(Path("a.png"),), values=values(settings, model())))


def test_assigning_what_the_model_does_not_take_is_refused() -> None:
    with pytest.raises(ParamError, match="faceCount"):
        assign(synced(model()), model(), {"faceCount": 7})


RULES = (
    {"parameter": "quality", "applies": [{"texture": [True], "pictures": [1]}], "why": "it needs a texture"},
    {"parameter": "unlit", "applies": [{"quality": ["low"]}], "why": "it needs low quality"},
)


def test_what_has_no_effect_is_disabled_with_its_reason_and_not_sent() -> None:
    each = model(rules=RULES)
    settings = synced(each)
    assign(settings, each, {"quality": "low", "unlit": "ON"})
    assert values(settings, each) == {"quality": "low", "unlit": "ON"}
    assert "Quality" in drawn(each, settings)
    assert values(settings, each, picture_count=2) == {}, "what depends on it goes too"
    assign(settings, each, {"texture": False})
    assert values(settings, each) == {"texture": False}
    said = " ".join(drawn(each, settings))
    assert said.index("It needs a texture") > said.index("Quality (disabled)")
    assert "Unlit (disabled)" in said


def test_a_reason_speaks_of_the_labels_that_the_artist_sees_and_is_said_once() -> None:
    each = next(m for m in BUILT_IN if m.id == "model_yvo3d-image-to-3d")
    said = " ".join(drawn(each, synced(each), picture_count=2))
    assert "Needs Generator Ultima Prime" in said
    assert said.count("It concerns the texture") == 1


def test_a_label_does_not_repeat_the_heading_of_its_group() -> None:
    each = next(m for m in BUILT_IN if m.id == "model_pixal3d")
    said = drawn(each, synced(each))
    assert said[said.index("Structure") :][:4] == ["Structure", "Guidance", "Rescale", "Steps"]


def test_what_belongs_to_no_group_or_is_called_as_all_of_them_are_is_more() -> None:
    groups = [None, "Settings", "Look", "Look", "Look", "Look", None]
    each = model(*({"name": f"x{n}", "type": "number", "group": group} for n, group in enumerate(groups)))
    said = drawn(each, synced(each))
    assert [text for text in said if text in ("More", "Settings", "Look")] == ["More", "Look"]


def test_a_required_parameter_is_marked_and_shown_red_while_it_is_missing() -> None:
    each = model({"name": "title", "type": "string", "required": {"always": True}})
    settings = synced(each)
    assert drawn(each, settings) == ["Title * !"]
    settings["title"] = "Chair"
    assert drawn(each, settings) == ["Title *"]
    assert values(settings, each) == {"title": "Chair"}


def test_what_cannot_be_given_is_said_to_be_unsupported() -> None:
    said = drawn(model(), synced(model()))
    assert [said[i - 1] for i, line in enumerate(said) if line.startswith("Not supported")] == [
        "Rig (disabled)",
        "Hologram (disabled)",
    ]


def test_pictures_of_the_subject_and_the_prompt_are_not_in_the_form() -> None:
    names = {p.name for each in BUILT_IN for p in parameters.drawable(each)}
    assert names.isdisjoint({"image", "images", "frontImage", "leftFrontImage", "prompt"})


@pytest.mark.parametrize(
    ("model_id", "expected"),
    [
        ("model_hunyuan-3d-v2-1", ["paint", "steps", "targetFaceNum"]),
        ("model_hunyuan-3d-pro-3-1-multiview", ["faceCount", "generateType", "enablePbr"]),
        ("model_pixal3d", ["decimationTarget", "generationResolution", "resolution"]),
        ("model_rodin-hyper3d", ["material", "quality", "tier"]),
        ("model_yvo3d-image-to-3d", ["texture", "modelGenerator", "textureResolution", "polycount"]),
    ],
)
def test_the_important_parameters_come_first(*, model_id: str, expected: list[str]) -> None:
    each = next(m for m in BUILT_IN if m.id == model_id)
    assert [p.name for p in parameters.important(each)] == expected


HALF = "\ud800"
"""Half a character: JSON can say it, and Blender ends itself when it is stored."""


@pytest.mark.parametrize(
    "record",
    [
        {"name": "x", "type": "string", "default": HALF},
        {"name": "x", "type": "string_array", "default": [HALF, "a"]},
        {"name": "x", "type": "inputs_array", "default": [{"title": HALF}]},
        {"name": "x" + HALF, "type": "string"},
        {"name": "x" + HALF, "type": "boolean", "default": True},
        {"name": "x", "type": "number", "default": 0.5, "step": -1},
        {"name": "x", "type": "number", "min": -1.7e308, "max": 1.7e308},
        {"name": "x", "type": "number", "min": -1.7e308, "max": 1.7e308, "step": 1, "default": 3},
        {"name": "x", "type": "number", "min": 0, "max": 5e-324},
    ],
    ids=str,
)
def test_a_record_that_nobody_would_write_gives_a_form_all_the_same(record: dict[str, Any]) -> None:
    each = model(record)
    settings = synced(each)
    assert parameters.lost(bpy.context.scene.forms, each) == []
    assert values(settings, each).keys() <= {"x"}
    drawn(each, settings)
    reset(settings, each)
