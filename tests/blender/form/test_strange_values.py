# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever is stored where the form keeps its settings: nothing breaks, what does not fit is dropped and said."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.form import parameters
from scenario_addon.blender.request.filling import fill_in
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.ui import pump
from tests.blender.fake_layout import drawn
from tests.blender.live import Live
from tests.blender.sample_schema import model, record
from tests.service import Fault

pytestmark = pytest.mark.slow

MODEL = model()
MAIN = "SCENARIO_PT_main"
SWITCHES = {"texture", "unlit", "formats=glb", "formats=fbx", "formats=obj", "background?", "seed?"}
CHOICES = {"quality", "size", "pose", "style", "symmetric"}
WHOLE = {"faceCount", "seed"}
NUMBERS = {"strength", "odd"}
TEXTS = {"tags", "scale", "lora", "loras", "parts", "mask", "negativePrompt", "name"}
COLOURS = {"tint", "background"}
IN_ANY_NUMBER = SWITCHES | CHOICES | WHOLE | NUMBERS

# What a script, another version or another file may have stored, and the slots that it fits all the same.
STORED: dict[str, tuple[Any, set[str]]] = {
    "True": (True, SWITCHES),
    "False": (False, SWITCHES),
    "0": (0, IN_ANY_NUMBER),
    "7": (7, WHOLE | NUMBERS),
    "-1": (-1, WHOLE | NUMBERS),
    "2147483647": (2**31 - 1, WHOLE | NUMBERS),
    "-2147483648": (-(2**31), WHOLE | NUMBERS),
    "0.5": (0.5, WHOLE | NUMBERS),
    "1e300": (1e300, NUMBERS),
    "nan": (math.nan, set()),
    "inf": (math.inf, set()),
    "-inf": (-math.inf, set()),
    "empty": ("", TEXTS),
    "text": ("abc", TEXTS),
    "text with a zero": ("a\0b", TEXTS),
    "long text": ("x" * 5000, TEXTS),
    "deep text": ("[" * 5000, TEXTS),
    "half a character": ("\udcff", set()),
    "bytes": (b"\xff\x00", set()),
    "whole numbers": ([1, 2], set()),
    "one number": ([1], set()),
    "three numbers": ([0.1, 0.2, 0.3], COLOURS),
    "three that are none": ([math.nan] * 3, set()),
    "switches": ([True, False], set()),
    "texts": (["a", "b"], set()),
    "no items": ([], set()),
    "group": ({"a": 1}, set()),
    "empty group": ({}, set()),
    "deep group": ({"a": {"b": [1, 2]}}, set()),
    "groups": ([{"a": 1}], set()),
    "None": (None, set()),
}


@pytest.fixture
def live(live: Live) -> Iterator[Live]:
    """A form whose model has every kind of parameter, and a picture."""
    live.image()
    session.load_now()
    answer = {"model": record()}
    live.service.fail("GET", f"/models/{MODEL.id}$", Fault.STATUS, times=None, status=200, body=answer)
    live.pump_until(lambda: session.models.look_up(MODEL.id))
    live.settings.model = MODEL.id
    live.settings.prompt = "a chair"
    yield live


def fresh(live: Live) -> Any:
    """The settings as :func:`sync` makes them, everything optional switched on."""
    live.settings.models.clear()
    stored = parameters.sync(live.settings.models, MODEL)
    for key in ("background?", "seed?"):
        stored[key] = True
    return stored


def slots(stored: Any) -> dict[str, str]:
    """The keys of a model's settings, by short names."""
    keys = [key for key in stored.keys() if key not in ("name", "#schema")]  # noqa: SIM118
    names = {key: key for key in keys} | {key: "odd" for key in keys if key.startswith("p") and len(key) == 17}
    names |= {key: "name" for key in keys if key.startswith("p") and len(key) == 17 and stored[key] == ""}
    return {name: key for key, name in names.items()}


def put(stored: Any, key: str, value: Any) -> None:
    del stored[key]
    stored[key] = value


def check(live: Live, name: str, *, fits: bool) -> None:
    """Read, draw and fill in the form; what does not fit is as if never touched, and said once."""
    form, layout = read(bpy.context), str(drawn(MAIN))
    assert (" at its default" in " ".join(form.notes)) is not fits, (name, form.notes)
    if fits:
        return
    (note,) = form.notes
    assert form.problem is None, (name, form.problem)
    parameter = next(p for p in parameters.drawable(MODEL) if p.label == note.split(" is at its default")[0])
    assert parameter.name not in form.body
    assert note.removesuffix(".") in layout
    button = next(b for b in drawn(MAIN).operators if b.values.get("parameter") == parameter.name)
    assert button.operator == "scenario.reset_parameters"


def test_the_probes_reach_every_slot(live: Live) -> None:
    expected = SWITCHES | CHOICES | WHOLE | NUMBERS | TEXTS | COLOURS
    assert set(slots(fresh(live))) == expected
    assert len(expected) * len(STORED) > 700


@pytest.mark.parametrize("stored", STORED)
def test_a_parameter_that_holds_anything_breaks_nothing(live: Live, stored: str) -> None:
    value, fitting = STORED[stored]
    for name, key in slots(fresh(live)).items():
        put(fresh(live), key, value)
        check(live, name, fits=name in fitting)
        parameters.sync(live.settings.models, MODEL)
        assert read(bpy.context).notes == () or name in fitting


@pytest.mark.parametrize("stored", STORED)
def test_what_is_asked_for_leaves_it_out(live: Live, stored: str) -> None:
    value, fitting = STORED[stored]
    settings = fresh(live)
    for name, key in slots(settings).items():
        if name not in fitting:
            put(settings, key, value)
    order, notes = fill_in(bpy.context, read(bpy.context))
    assert sum("at their defaults" in note for note in notes) == 1
    assert {p.name for p in parameters.drawable(MODEL)} & set(order.values) <= fitting | {"seed", "background"}


@pytest.mark.parametrize("stored", STORED)
def test_a_changed_model_meets_it_too_and_says_what_it_could_not_carry_over(live: Live, stored: str) -> None:
    value, fitting = STORED[stored]
    settings = fresh(live)
    for name, key in slots(settings).items():
        if name not in fitting:
            put(settings, key, value)
    put(settings, "#schema", value)
    read(bpy.context)
    drawn(MAIN)
    pump.pump()
    assert parameters.is_synced(live.settings.models, MODEL)
    assert parameters.lost(live.settings.models, MODEL) == []
    was_set = bool(value) or isinstance(value, list | dict)  # what Blender itself would put there was never touched
    assert ("at their defaults" in str(session.notices)) is was_set
    assert ("at their defaults" in str(drawn(MAIN))) is was_set


def test_an_image_where_a_value_belongs_is_dropped_even_when_it_was_deleted(live: Live) -> None:
    for name, key in slots(fresh(live)).items():
        image = bpy.data.images.new("stray", 4, 4)
        put(fresh(live), key, image)
        check(live, name, fits=False)
        bpy.data.images.remove(image)
        check(live, name, fits=False)


@pytest.mark.parametrize("index", [-1, 3, 99, 2**31 - 1])
def test_a_choice_that_is_none_is_dropped_and_said(live: Live, index: int) -> None:
    for name in CHOICES:
        put(fresh(live), name, index)
        check(live, name, fits=False)


def without_ui(stored: Any, key: str) -> None:
    put(stored, key, stored[key].to_list() if hasattr(stored[key], "to_list") else stored[key])


def with_foreign_items(stored: Any, key: str) -> None:
    stored[key] = 1
    stored.id_properties_ui(key).update(items=[("not json", "A", "", 0, 0), ("{", "B", "", 0, 1)])


@pytest.mark.parametrize(("spoil", "names"), [(without_ui, None), (with_foreign_items, CHOICES)])
def test_ui_data_that_is_missing_or_foreign_breaks_nothing(
    live: Live, spoil: Callable[[Any, str], None], names: set[str] | None
) -> None:
    for name, key in slots(fresh(live)).items():
        if names is None or name in names:
            settings = fresh(live)
            spoil(settings, key)
            check(live, name, fits=True)
            put(settings, "#schema", "old")
            check(live, name, fits=True)
            parameters.sync(live.settings.models, MODEL)
            check(live, name, fits=True)


def test_the_button_beside_it_resets_that_one_alone(live: Live) -> None:
    settings = fresh(live)
    settings["strength"] = 0.25
    put(settings, "faceCount", {"a": 1})
    assert bpy.ops.scenario.reset_parameters(parameter="faceCount") == {"FINISHED"}
    assert (settings["faceCount"], settings["strength"]) == (40000, 0.25)
    assert settings.id_properties_ui("faceCount").as_dict()["max"] == 1000000
    assert read(bpy.context).notes == ()


def test_a_script_sets_it_right(live: Live) -> None:
    settings = fresh(live)
    put(settings, "faceCount", "many")
    parameters.assign(settings, MODEL, {"faceCount": 500})
    assert read(bpy.context).body["faceCount"] == 500
    assert settings.id_properties_ui("faceCount").as_dict()["max"] == 1000000


# -- properties of the add-on's own


def group(live: Live, path: str) -> Any:
    """Where Blender keeps the values of a property group."""
    scene = bpy.context.scene
    live.settings.height, live.settings.finish.lods = 1.0, 1
    live.settings.views.clear()
    entry = live.settings.views.add()
    entry.name, entry.image = "left", bpy.data.images["Chair"]
    has_own = hasattr(scene, "bl_system_properties_get")  # until 4.5 they are among the custom properties
    found = (scene.bl_system_properties_get() if has_own else scene)["scenario"]
    return found["finish"] if path.startswith("finish.") else found["views"][0] if path.startswith("views.") else found


OWN = {
    **dict.fromkeys(("source",), "Source"),
    "placement": "Place At",
    "origin": "Origin",
    "height": "Height",
    "prompt": "Prompt",
    "model": "Model",
    "filepath": None,
    "image": None,
    "stretch": None,
    "hide_source": None,
    "marks": None,
    "finish.texture_limit": "Texture Limit",
    "finish.asset_tags": "Tags",
    "finish.lods": None,
    "finish.target_triangles": None,
    "finish.mark_as_asset": None,
    "views.name": None,
    "views.image": None,
}
"""Each property, and its label where it is said that its value cannot be used."""


@pytest.mark.parametrize("stored", STORED)
def test_a_property_of_our_own_that_holds_anything_breaks_nothing(live: Live, stored: str) -> None:
    value, _ = STORED[stored]
    for path in OWN:
        fresh(live)
        holder, name = group(live, path), path.rpartition(".")[2]
        try:
            if name in holder:
                del holder[name]
            holder[name] = value
        except (TypeError, OverflowError):  # Blender does not let it in
            continue
        form = read(bpy.context)
        drawn(MAIN)
        if form.problem is None:
            order, _ = fill_in(bpy.context, form)
            assert order.target["finish"]["lods"] <= 6
            assert order.target["finish"]["max_texture_px"] in (0, 512, 1024, 2048, 4096)
            assert math.isfinite(order.target["placement"]["height"])
        for key in list(holder.keys()):
            del holder[key]
        live.settings.model, live.settings.prompt = MODEL.id, "a chair"
        live.settings.source, live.settings.image = "IMAGE", bpy.data.images["Chair"]


@pytest.mark.parametrize(
    ("path", "value", "label"),
    [
        ("source", 99, "Source"),
        ("placement", 99, "Place At"),
        ("origin", -1, "Origin"),
        ("height", math.nan, "Height"),
        ("prompt", "\udcff", "Prompt"),
        ("model", "\udcff", "Model"),
        ("finish.texture_limit", 99, "Texture Limit"),
        ("finish.asset_tags", "\udcff", "Tags"),
    ],
)
def test_a_value_of_our_own_that_nobody_can_use_is_at_its_default_and_said(
    live: Live, path: str, value: Any, label: str
) -> None:
    live.choose("model_hunyuan-3d-v2-1")
    holder, name = group(live, path), path.rpartition(".")[2]
    if name in holder:
        del holder[name]
    holder[name] = value
    form = read(bpy.context)
    assert form.notes == (f"{label} is at its default: what was stored for it does not fit.",)
    assert form.problem is None
    assert form.notes[0].removesuffix(".") in str(drawn(MAIN))


def sides() -> set[str]:
    """The pictures that would be sent."""
    return {name for name in read(bpy.context).body if name.endswith("Image")}


def test_views_without_an_image_or_of_no_side_are_no_pictures(live: Live) -> None:
    live.choose("model_hunyuan-3d-pro-3-1-multiview", {})
    for name in ("left", "left", "right", "nowhere", "", "\n", "front"):
        live.settings.views.add().name = name
    stray = bpy.data.images.new("stray", 64, 64)
    for entry in live.settings.views:
        entry.image = stray
    drawn(MAIN)
    assert sides() == {"frontImage", "leftImage", "rightImage"}
    bpy.data.images.remove(stray)
    drawn(MAIN)
    assert sides() == {"frontImage"}
    assert read(bpy.context).notes == ()


def test_an_image_that_was_deleted_is_none(live: Live) -> None:
    bpy.data.images.remove(live.settings.image)
    assert read(bpy.context).problem is not None
    drawn(MAIN)
