# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist has chosen, as a request: what is shown and priced is what is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.assets.assets import asset_tags
from scenario_addon.blender.mesh.finish import Finish
from scenario_addon.blender.request.filling import fill_in
from scenario_addon.blender.request.reading import Source, read, replaced, source_of
from scenario_addon.engine.text import amount
from scenario_addon.engine.values import PLACEHOLDER
from tests.blender.live import FAST_VALUES, Live, preferences

HUNYUAN = "model_hunyuan-3d-v2-1"
MULTIVIEW = "model_hunyuan-3d-pro-3-1-multiview"
RODIN = "model_rodin-hyper3d"
YVO = "model_yvo3d-image-to-3d"
PROMPT_ONLY = "model_meshy-7-txt23d"
PIXAL = "model_pixal3d"


def add_picture(live: Live, view: str = "", *, colour: float) -> None:
    entry = live.settings.views.add()
    entry.name = view
    entry.image = bpy.data.images.new(view or "more", 256, 256)
    entry.image.generated_color = (colour, 0.2, 0.2, 1.0)
    entry.image.pixels[0] = 1.0  # something to be seen


def one_picture(live: Live) -> None:
    live.image(size_px=256)
    live.choose(HUNYUAN)


def a_file(live: Live) -> None:
    live.image(size_px=256)
    path = Path(bpy.app.tempdir) / "chair.png"
    live.settings.image.save(filepath=str(path))
    live.choose(HUNYUAN)
    live.settings.source, live.settings.filepath = "FILE", str(path)


def named_views(live: Live) -> None:
    live.image(size_px=256)
    live.choose(MULTIVIEW, {"generateType": "Geometry", "faceCount": 40000})
    add_picture(live, "left", colour=0.1)
    add_picture(live, "right-front", colour=0.5)
    add_picture(live, "front", colour=0.9)  # the source is the front: this one is not sent


def a_list(live: Live) -> None:
    live.image(size_px=256)
    live.choose(YVO, {"texture": False, "polycount": 1000})
    add_picture(live, colour=0.1)


def a_list_with_conditions(live: Live) -> None:
    """Two pictures switch the texture off, whatever is set."""
    live.image(size_px=256)
    live.choose(YVO, {"textureResolution": "2K", "polycount": 2000})
    add_picture(live, colour=0.1)


def a_prompt_alone(live: Live) -> None:
    live.choose(RODIN, {"quality": "extra-low"})
    live.settings.source, live.settings.image, live.settings.prompt = "IMAGE", None, "a red chair"


def a_prompt_and_a_picture(live: Live) -> None:
    live.image(size_px=256)
    live.choose(RODIN, {"quality": "extra-low"})
    live.settings.prompt = "a red chair"


def a_model_of_words(live: Live) -> None:
    session.load_now()
    live.settings.model, live.settings.prompt = PROMPT_ONLY, "a red chair"
    session.models.fetch(PROMPT_ONLY, session.online().client)


KINDS = [
    one_picture,
    a_file,
    named_views,
    a_list,
    a_list_with_conditions,
    a_prompt_alone,
    a_prompt_and_a_picture,
    a_model_of_words,
]


def without_ids(body: dict[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        return PLACEHOLDER if isinstance(value, str) and value.startswith("asset_") else value

    return {name: plain(value) for name, value in body.items()}


@pytest.mark.parametrize("choose", KINDS)
def test_what_is_priced_is_what_is_sent(live: Live, choose: Callable[[Live], None]) -> None:
    choose(live)
    form = read(bpy.context)
    assert form.problem is None
    bpy.ops.scenario.generate()
    (sent,) = [
        r for r in live.service.requests if r.method == "POST" and "/generate/" in r.path and "dryRun" not in r.query
    ]
    assert without_ids(sent.json()) == form.body
    order = live.job.order
    assert len(order.images()) == len(form.planned.items)


def test_parameters_that_were_not_touched_are_not_sent(live: Live) -> None:
    live.image(size_px=256)
    live.choose(HUNYUAN, {})
    assert set(read(bpy.context).body) == {"image"}
    live.choose(HUNYUAN, FAST_VALUES)
    assert {name: read(bpy.context).body[name] for name in FAST_VALUES} == FAST_VALUES


def test_two_pictures_take_effect_on_what_depends_on_their_number(live: Live) -> None:
    live.image(size_px=256)
    live.choose(YVO, {"polycount": 2000})
    assert "polycount" not in read(bpy.context).body, "it works on shapes without texture only"
    add_picture(live, colour=0.1)
    assert read(bpy.context).body["polycount"] == 2000


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (lambda s: None, "Choose an image, or another source."),
        (lambda s: setattr(s, "source", "FILE"), "Choose a picture file, or another source."),
        (lambda s: setattr(s, "source", "RENDER"), "There is no render yet: press F12, or choose another source."),
        (lambda s: setattr(s, "source", "VIEWPORT"), "Without a window there is no viewport: choose another source."),
        (lambda s: setattr(s, "model", RODIN), "Choose an image, or write a prompt."),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(live: Live, prepare: Callable[[Any], None], problem: str) -> None:
    session.load_now()
    prepare(live.settings)
    form = read(bpy.context)
    assert form.problem == problem
    assert form.model is not None, "the rest of the form can still be filled in"


def test_without_a_key_the_form_says_where_it_goes(keyless: Live) -> None:
    keyless.ready_to_generate()
    assert read(bpy.context).problem == "Enter your Scenario API key and secret in the preferences."


def test_a_model_of_words_asks_for_a_prompt(live: Live) -> None:
    a_model_of_words(live)
    live.settings.prompt = "  "
    assert "prompt" in read(bpy.context).problem


def test_what_has_no_effect_with_the_other_settings_is_not_sent(live: Live) -> None:
    live.image(size_px=256)
    live.choose(YVO, {"lowpoly": True})
    assert "lowpoly" not in read(bpy.context).body
    live.choose(YVO, {"lowpoly": True, "texture": False})
    assert read(bpy.context).body["lowpoly"] is True


def test_who_does_not_see_the_form_is_told_model_picture_and_price(live: Live) -> None:
    preferences().max_cost = 0.5
    one_picture(live)
    assert read(bpy.context).summary == "Hunyuan 3D 2.1 makes a mesh of Chair. The price is not known."
    live.price()
    cost = amount(read(bpy.context).cost_cu)
    assert read(bpy.context).summary == f"Hunyuan 3D 2.1 makes a mesh of Chair. It costs {cost}."
    assert read(bpy.context).limit_question == f"It costs {cost}, and your limit is 0.5 CU."
    a_prompt_alone(live)
    assert "makes a mesh of the prompt." in read(bpy.context).summary


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (Source("RENDER"), "the render"),
        (Source("VIEWPORT"), "the viewport"),
        (Source("IMAGE", image="Chair"), "Chair"),
        (Source("FILE", filepath="//pictures/chair.png"), "chair.png"),
    ],
)
def test_a_source_has_a_name_for_people(source: Source, words: str) -> None:
    assert source.words == words


def test_the_image_editor_shows_its_own_source(live: Live) -> None:
    image = live.image("Shown")
    space = type("Space", (), {"type": "IMAGE_EDITOR", "image": image})()
    context = type("Context", (), {"scene": bpy.context.scene, "space_data": space})()
    live.settings.source = "VIEWPORT"
    assert source_of(context) == Source("IMAGE", image="Shown")


def test_reading_writes_nothing_and_sends_nothing(live: Live, state_dir: Path) -> None:
    one_picture(live)
    before = sorted(state_dir.rglob("*"))
    read(bpy.context)
    assert sorted(state_dir.rglob("*")) == before
    assert live.service.requests == []


def test_before_the_engine_is_loaded_the_form_says_so(live: Live) -> None:
    assert read(bpy.context).problem == "Loading."
    live.pump_until(lambda: read(bpy.context).model)


@pytest.mark.parametrize(
    ("choose", "name"),
    [(one_picture, "Chair"), (a_file, "chair"), (a_prompt_alone, "a red chair")],
)
def test_the_result_is_named_after_what_it_was_made_from(live: Live, choose: Callable[[Live], None], name: str) -> None:
    choose(live)
    order, _ = fill_in(bpy.context, read(bpy.context))
    assert order.name == name


def test_the_render_is_a_source_once_there_is_one(live: Live) -> None:
    live.choose(HUNYUAN)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.device = 1, "CPU"
    scene.render.resolution_x = scene.render.resolution_y = 128
    scene.render.resolution_percentage = 100
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(scene.camera)
    scene.render.film_transparent = True
    bpy.ops.mesh.primitive_plane_add(size=1.0, location=(0.0, 0.0, -5.0))
    bpy.ops.render.render()
    live.settings.source = "RENDER"
    order, _ = fill_in(bpy.context, read(bpy.context))
    (image,) = order.images()
    assert (image.width_px, image.height_px) == (128, 128)
    assert order.name == scene.name


# -- where the result goes


def placement_of(live: Live, placement: str) -> dict[str, Any]:
    one_picture(live)
    live.settings.placement, live.settings.height, live.settings.origin = placement, 1.5, "CENTER"
    order, _ = fill_in(bpy.context, read(bpy.context))
    return order.target["placement"]


@pytest.mark.parametrize(("placement", "location"), [("CURSOR", (1.0, 2.0, 3.0)), ("ORIGIN", (0.0, 0.0, 0.0))])
def test_a_point_is_remembered_with_height_and_origin(live: Live, placement: str, location: tuple[float, ...]) -> None:
    bpy.context.scene.cursor.location = (1, 2, 3)
    asked = placement_of(live, placement)
    assert (asked["location"], asked["height"], asked["origin"], asked["box"]) == (location, 1.5, "CENTER", None)


def test_the_place_of_the_source_is_measured_when_it_counts(live: Live) -> None:
    bpy.ops.mesh.primitive_cube_add(location=(5, 6, 7))
    live.settings.stretch = live.settings.hide_source = True
    asked = placement_of(live, "SOURCE")
    assert (asked["location"], asked["box"], asked["turn"]) == ((5.0, 6.0, 6.0), (2.0, 2.0, 2.0), 0.0)
    assert (asked["replaces"], asked["hide_source"], asked["stretch"]) == (("Cube",), True, True)
    assert asked["origin"] == "CENTER"


def test_without_anything_to_replace_the_cursor_is_the_place(live: Live) -> None:
    bpy.context.scene.cursor.location = (1, 2, 3)
    asked = placement_of(live, "SOURCE")
    assert (asked["location"], asked["height"], asked["box"]) == ((1.0, 2.0, 3.0), 1.5, None)


def test_a_model_of_words_replaces_only_what_is_selected(live: Live) -> None:
    bpy.ops.mesh.primitive_cube_add()
    a_model_of_words(live)
    live.settings.source = "RENDER"
    assert replaced(bpy.context, read(bpy.context)).names == ("Cube",)
    bpy.context.active_object.select_set(False)
    assert replaced(bpy.context, read(bpy.context)).names == ()


def test_what_is_wanted_after_the_import_goes_with_the_job(live: Live) -> None:
    one_picture(live)
    wanted = live.settings.finish
    assert fill_in(bpy.context, read(bpy.context))[0].target["finish"] == Finish().to_json()
    wanted.target_triangles, wanted.lods, wanted.texture_limit = 5000, 2, "1024"
    wanted.merge_vertices = wanted.shade_smooth = wanted.keep_animations = True
    wanted.remove_loose = wanted.close_holes = wanted.turn_outward = True
    wanted.loose_size, wanted.hole_edges = 5, 64
    render = bpy.context.scene.render
    render.fps, render.fps_base = 30, 1.25
    order, _ = fill_in(bpy.context, read(bpy.context))
    expected = Finish(
        triangles=5000,
        lods=2,
        merge=True,
        smooth=True,
        max_texture_px=1024,
        keep_animations=True,
        frame_rate=24,
        loose=0.05,
        hole_edges=64,
        outward=True,
    )
    assert Finish.from_json(json.loads(json.dumps(order.target))["finish"]) == expected


@pytest.mark.parametrize(("is_wanted", "expected"), [(False, None), (True, "kitchen, red")])
def test_the_tags_go_with_the_job_when_it_is_to_be_an_asset(live: Live, is_wanted: bool, expected: str | None) -> None:
    one_picture(live)
    live.settings.finish.mark_as_asset, live.settings.finish.asset_tags = is_wanted, "kitchen, red"
    order, _ = fill_in(bpy.context, read(bpy.context))
    assert asset_tags(order.target) == expected
