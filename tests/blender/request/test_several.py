# SPDX-License-Identifier: GPL-3.0-or-later
"""Several models and several seeds in one press: what is asked for, what it costs, what keeps it from being asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.request.filling import fill_in_all
from scenario_addon.blender.request.form import Form
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.request.several import problem_of
from scenario_addon.blender.variants.group import members
from scenario_addon.engine.errors import DiskError, InputError
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.ledger.ledger import Ledger
from tests.blender.fake_layout import drawn
from tests.blender.live import Live, preferences
from tests.blender.quick_studio import QuickStudio
from tests.service import Fault

HUNYUAN, PIXAL, RODIN = "model_hunyuan-3d-v2-1", "model_pixal3d", "model_rodin-hyper3d"
MULTIVIEW, TRIPO = "model_hunyuan-3d-pro-3-1-multiview", "model_tripo-v3-1-multiview-to-3d"
TAB = "SCENARIO_PT_main"


pytestmark = pytest.mark.slow


def choose_three(live: Live) -> None:
    """Of one picture, each as cheap as it can be."""
    live.ready_to_generate()
    live.choose_more(pixal3d={"textureSize": 1024}, rodin_hyper3d={"quality": "extra-low"})


def whole_price(live: Live) -> Form:
    """The form once all prices are known."""
    live.pump_until(lambda: read(bpy.context).bill)
    return read(bpy.context)


def button(live: Live) -> str:
    return str(drawn(TAB).button("scenario.generate").text)


# -- what is asked for


def test_each_model_is_asked_with_its_own_parameters_for_the_same_picture(live: Live) -> None:
    choose_three(live)
    orders, _ = fill_in_all(bpy.context, read(bpy.context))
    assert [order.model_id for _, order in orders] == [HUNYUAN, PIXAL, RODIN]
    assert [(order.values.get("targetFaceNum"), order.values.get("quality")) for _, order in orders] == [
        (100, None),
        (None, None),
        (None, "extra-low"),
    ]
    assert len({image.sha256 for _, order in orders for image in order.images()}) == 1


def test_a_model_of_several_views_and_one_of_one_picture_get_what_they_take(live: Live) -> None:
    live.image(size_px=256)
    live.choose(MULTIVIEW, {"generateType": "Geometry", "faceCount": 40000})
    for number, view in enumerate(("left", "back")):
        entry = live.settings.views.add()
        entry.name, entry.image = view, bpy.data.images.new(view, 256, 256)
        entry.image.generated_color = (number / 2, 0.2, 0.2, 1.0)
        entry.image.pixels[0] = 1.0
    live.choose_more(hunyuan_3d_v2_1={})
    orders, _ = fill_in_all(bpy.context, read(bpy.context))
    names = [[picture.name for picture in order.pictures] for _, order in orders]
    assert names == [["frontImage", "leftImage", "backImage"], ["image"]]


def test_a_prompt_goes_to_those_that_take_one(live: Live) -> None:
    choose_three(live)
    live.settings.prompt = "a red chair"
    orders, _ = fill_in_all(bpy.context, read(bpy.context))
    assert ["prompt" in order.values for _, order in orders] == [False, False, True]


def test_all_are_for_one_source_and_one_spot(live: Live) -> None:
    choose_three(live)
    live.settings.seeds = 2
    bpy.context.scene.cursor.location = (1, 2, 3)
    orders, _ = fill_in_all(bpy.context, read(bpy.context))
    targets = [order.target for _, order in orders]
    assert len(targets) == 6
    assert targets.count(targets[0]) == 6
    assert len({order.name for _, order in orders}) == 1


def test_seeds_are_counted_up_from_the_one_in_the_form(live: Live) -> None:
    live.image()
    live.choose(HUNYUAN, {"paint": False, "targetFaceNum": 100, "seed": 7})
    live.settings.seeds = 3
    orders, _ = fill_in_all(bpy.context, read(bpy.context))
    assert [order.values["seed"] for _, order in orders] == [7, 8, 9]


def test_without_one_in_the_form_the_same_press_is_the_same_seeds(live: Live) -> None:
    live.ready_to_generate()
    live.settings.seeds = 3
    first, second = (
        [order.values["seed"] for _, order in fill_in_all(bpy.context, read(bpy.context))[0]] for _ in "ab"
    )
    assert first == second == list(range(first[0], first[0] + 3))
    live.image("Lamp", size_px=32)
    assert [order.values["seed"] for _, order in fill_in_all(bpy.context, read(bpy.context))[0]] != first


# -- what keeps it from being asked


def text_only(live: Live) -> None:
    live.settings.prompt = "a red chair"
    live.choose_more(meshy_7_txt23d={})


def no_prompt(live: Live) -> None:
    live.settings.source, live.settings.image = "IMAGE", None
    live.settings.prompt = "a red chair"
    live.choose(RODIN, {"quality": "extra-low"})
    live.settings.model = RODIN
    live.choose_more(pixal3d={})


def nobody(live: Live) -> None:
    live.settings.more_models = "model_nobody"
    live.pump_until(lambda: read(bpy.context) and session.models.problem("model_nobody"))


def no_seed(live: Live) -> None:
    live.choose_more(yvo3d_image_to_3d={})
    live.settings.seeds = 2


@pytest.mark.parametrize(
    ("prepare", "told"),
    [
        (text_only, "Meshy 7 Text to 3D takes no picture"),
        (no_prompt, "Pixal3D: Choose an image"),
        (nobody, "model_nobody"),
        (no_seed, "YVO3D Image to 3D has no seed"),
    ],
)
def test_a_model_that_cannot_be_asked_is_named_and_nothing_is_ordered(
    live: Live, prepare: Callable[[Live], None], told: str
) -> None:
    live.ready_to_generate()
    prepare(live)
    problem = read(bpy.context).problem or ""
    assert told in problem and problem.endswith(".")
    assert told in str(drawn(TAB))
    with pytest.raises(RuntimeError, match=told.split(":")[0]):
        bpy.ops.scenario.generate()
    assert live.jobs == [] and live.service.charges == []


def test_more_seeds_than_a_model_counts_are_refused_in_words(live: Live) -> None:
    live.image()
    live.choose(RODIN, {"quality": "extra-low", "seed": 65535})
    live.settings.seeds = 3
    assert read(bpy.context).problem is None
    orders, _ = fill_in_all(bpy.context, read(bpy.context))
    assert [order.values["seed"] for _, order in orders] == [65535, 0, 1], "after the last comes the first"


def test_a_model_of_few_seeds_says_how_many_there_are(live: Live) -> None:
    live.ready_to_generate()
    form = read(bpy.context)
    assert form.model is not None
    parameters = [replace(p, minimum=0.0, maximum=3.0) if p.name == "seed" else p for p in form.model.parameters]
    few = replace(form, model=replace(form.model, parameters=tuple(parameters)))
    assert problem_of(replace(few, seeds=4)) is None
    told = "Hunyuan 3D 2.1: There are no 8 seeds from 0 to 3: ask for fewer."
    assert problem_of(replace(few, seeds=8)) == told


@pytest.mark.parametrize("more", [HUNYUAN, f"{HUNYUAN} {HUNYUAN}", "  ", "\t\n"])
def test_doubles_and_nothing_are_no_further_models(live: Live, more: str) -> None:
    live.ready_to_generate()
    live.settings.more_models = more
    assert read(bpy.context).count == 1


def test_of_more_than_four_the_first_are_asked(live: Live) -> None:
    choose_three(live)
    live.settings.more_models += " model_tripo-v3-1-image-to-3d model_meshy-7-img23d model_yvo3d-image-to-3d"
    assert read(bpy.context).count == 4


# -- what it costs


def test_the_button_says_how_many_and_what_all_cost(live: Live) -> None:
    choose_three(live)
    form = whole_price(live)
    costs = [one.cost_cu for one in form.forms]
    assert form.bill is not None and form.bill.known_cu == sum(cost for cost in costs if cost)
    assert button(live).startswith(f"Generate 3   {form.bill.known_cu.normalize():f} CU   about ")
    slowest = max(one.model.expected_s for one in form.forms if one.model and one.model.expected_s)
    assert form.expected_s == slowest
    live.settings.seeds = 2
    assert button(live).startswith(f"Generate 6   {(2 * form.bill.known_cu).normalize():f} CU")
    assert live.service.count("POST", r"/generate/custom") == 3, "each is asked once, and seeds change no price"


def test_a_price_that_is_not_known_is_said_with_the_others(live: Live) -> None:
    choose_three(live)
    live.service.fail("POST", f"/generate/custom/{PIXAL}", Fault.STATUS, times=None, status=403, body={"reason": "No"})
    form = whole_price(live)
    assert "(price of 1 unknown)" in button(live)
    assert "Pixal3D: No" in str(drawn(TAB))
    assert form.bill is not None and form.bill.unknown == 1


def test_the_limit_counts_all_of_a_press_and_asks_once(live: Live) -> None:
    choose_three(live)
    form = whole_price(live)
    assert form.bill is not None
    dearest = max(one.cost_cu for one in form.forms if one.cost_cu is not None)
    preferences().max_cost = float(dearest)
    done, question = live.press(answer=False)
    assert done == {"CANCELLED"} and live.jobs == []
    assert question.startswith(f"Above the Spend Limit They cost {form.bill.label} together, and your limit is")
    assert live.press()[0] == {"FINISHED"}
    assert len(live.jobs) == 3
    assert [job.max_cost_cu for job in live.jobs] == [one.cost_cu for one in form.forms]


def test_a_script_above_the_limit_is_refused_before_anything_is_ordered(live: Live) -> None:
    choose_three(live)
    preferences().max_cost = 5.0
    with pytest.raises(RuntimeError, match=r"Nothing was ordered: they cost .* CU together, and your limit is 5 CU"):
        bpy.ops.scenario.generate()
    assert live.jobs == [] and live.service.charges == []


def test_what_does_not_fit_into_the_day_is_not_begun(live: Live) -> None:
    live.say(SCENARIO_MAX_COST_PER_DAY="10")
    choose_three(live)
    with pytest.raises(RuntimeError, match=r"10 of today's 10 CU are left to spend: choose fewer"):
        bpy.ops.scenario.generate()
    assert live.jobs == [] and live.service.charges == []


# -- what comes of it


def test_a_script_waits_for_all_and_they_are_variants_of_one_thing(live: Live) -> None:
    choose_three(live)
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    assert [job.state for job in live.jobs] == [State.IMPORTED] * 3
    (key,) = {obj["scenario_variants"] for obj in bpy.data.objects if "scenario_variants" in obj}
    found = members(key, bpy.context.scene)
    assert len(found) == 3 and sum(not variant.is_hidden for variant in found) == 1
    assert sorted(str(variant.root["scenario_label"]) for variant in found) == [
        "Hunyuan 3D 2.1",
        "Pixal3D",
        "Rodin Gen-1",
    ]
    assert len(live.service.charges) == 3
    assert live.service.count("POST", r"/v1/(assets|uploads)$") == 1, "one picture is uploaded once"


def test_a_script_asks_for_seeds_or_one_model_alone_without_touching_the_form(live: Live) -> None:
    choose_three(live)
    assert bpy.ops.scenario.generate(model=HUNYUAN, seeds=2) == {"FINISHED"}
    assert [job.order.model_id for job in live.jobs] == [HUNYUAN] * 2
    assert bpy.ops.scenario.generate(model=HUNYUAN, more_models=PIXAL, again=True) == {"FINISHED"}
    assert [job.order.model_id for job in live.jobs[2:]] == [HUNYUAN, PIXAL]
    assert (live.settings.seeds, live.settings.more_models) == (1, f"{PIXAL} {RODIN}")
    with pytest.raises(RuntimeError, match="at most 8"):
        bpy.ops.scenario.generate(seeds=9)


def test_each_failure_is_reported_and_the_others_come_in(live: Live) -> None:
    choose_three(live)
    live.service.fail_job(times=2)
    with pytest.raises(RuntimeError) as caught:
        bpy.ops.scenario.generate()
    told = str(caught.value)
    assert told.count("could not reconstruct") == 2
    assert sorted(job.state for job in live.jobs) == ["failed", "failed", "imported"]
    failed = [job.order.model_name for job in live.jobs if job.state is State.FAILED]
    assert all(f"{name}: " in told for name in failed)


def test_a_press_orders_all_and_a_double_click_no_more(live: Live) -> None:
    choose_three(live)
    whole_price(live)
    assert live.press()[0] == {"FINISHED"}
    assert live.press(after_s=0.5)[0] == {"CANCELLED"}
    live.pump_until(lambda: all(job.state is State.IMPORTED for job in live.jobs))
    assert len(live.jobs) == len(live.service.charges) == 3


def test_of_a_set_that_is_partly_under_way_the_rest_is_ordered(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    live.ready_to_generate()
    live.price()
    live.press()
    live.pump_until_state(State.RUNNING, live.job)
    live.choose_more(pixal3d={}, rodin_hyper3d={"quality": "extra-low"})
    whole_price(live)
    done, question = live.press()
    assert done == {"FINISHED"} and "Again" not in question
    assert [job.order.model_id for job in live.jobs] == [HUNYUAN, PIXAL, RODIN]
    assert "Hunyuan 3D 2.1 is being made already, and not ordered again." in capsys.readouterr().out


def test_a_set_that_is_all_under_way_is_ordered_again_only_after_a_question(live: Live) -> None:
    choose_three(live)
    whole_price(live)
    live.press()
    live.pump_until(lambda: all(job.state is State.RUNNING for job in live.jobs))
    done, question = live.press(answer=False)
    assert done == {"CANCELLED"} and len(live.jobs) == 3
    assert question.startswith("Order Them Again? All 3 (Hunyuan 3D 2.1, Pixal3D and Rodin Gen-1) were ordered already")
    assert live.press()[0] == {"FINISHED"}
    assert len(live.jobs) == 6


def test_where_the_day_ends_in_the_midst_the_one_that_is_left_says_so(live: Live) -> None:
    live.image("Lamp", size_px=32)
    live.choose(HUNYUAN)
    spent = live.generate()
    session.jobs.remove(spent.id)  # what it has cost counts all the same
    session.jobs.flush()
    choose_three(live)
    form = whole_price(live)
    assert form.bill is not None
    live.say(SCENARIO_MAX_COST_PER_DAY=str(form.bill.known_cu + 1))
    session.reconnect()
    whole_price(live)
    assert live.press()[0] == {"FINISHED"}
    live.pump_until(lambda: all(job.is_settled or (job.is_held and job.error) for job in live.jobs))
    (held,) = [job for job in live.jobs if job.is_held]
    assert "of today's" in (held.error or "")
    assert [job.state for job in live.jobs if job != held] == [State.IMPORTED] * 2


def test_one_that_cannot_be_written_down_keeps_no_other_back(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    choose_three(live)
    add, count = Ledger.add, [0]

    def failing(self: Ledger, job: Any) -> None:
        count[0] += 1
        if count[0] == 2:
            raise DiskError("There is no space left on the disk.")
        add(self, job)

    monkeypatch.setattr(Ledger, "add", failing)
    with pytest.raises(RuntimeError, match=r"Pixal3D: There is no space left"):
        bpy.ops.scenario.generate()
    assert [job.state for job in live.jobs] == [State.IMPORTED, State.NEW, State.IMPORTED]
    assert len(live.service.charges) == 2


# -- of selected objects


def test_a_press_on_objects_takes_pictures_for_each_model_and_orders_all_once(live: Live, studio: QuickStudio) -> None:
    live.choose_more(tripo_v3_1_multiview_to_3d={})
    whole_price(live)
    assert live.press()[0] == {"FINISHED"}
    assert live.jobs == []
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    assert [job.order.model_id for job in live.jobs] == [MULTIVIEW, TRIPO]
    assert [len(job.order.images()) for job in live.jobs] == [4, 4]
    assert len(studio.begun) == 1, "both want the same"
    live.pump_until(lambda: all(job.state is State.IMPORTED for job in live.jobs))
    assert len({obj["scenario_variants"] for obj in bpy.data.objects if "scenario_variants" in obj}) == 1


def test_models_that_want_objects_shown_in_other_ways_each_get_theirs(live: Live, studio: QuickStudio) -> None:
    live.settings.sides = {"front", "left"}
    live.choose_more(hunyuan_3d_v2_1={"paint": False, "targetFaceNum": 100})
    form = whole_price(live)
    assert [len(one.planned.shots) for one in form.forms] == [2, 1]
    assert len({one.wanted.key for one in form.forms if one.wanted is not None}) == 2
    assert live.press()[0] == {"FINISHED"}
    assert len(studio.begun) == 2
    assert live.press()[0] == {"CANCELLED"}, "they are being taken"
    studio.let_come()
    live.pump_until(lambda: live.jobs)
    assert [job.order.model_id for job in live.jobs] == [MULTIVIEW, HUNYUAN]
    assert live.press(answer=False)[1].startswith("Order Them Again?"), "both sets of pictures are remembered"


def test_a_script_takes_the_pictures_of_objects_for_all(live: Live, studio: QuickStudio) -> None:
    live.settings.sides = {"front"}
    live.choose_more(hunyuan_3d_v2_1={"paint": False, "targetFaceNum": 100})
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    assert [job.state for job in live.jobs] == [State.IMPORTED] * 2


def test_where_the_pictures_fail_nothing_is_ordered(live: Live, studio: QuickStudio) -> None:
    live.choose_more(tripo_v3_1_multiview_to_3d={})
    live.price()
    live.press()
    studio.let_come(InputError("Nothing is seen."))
    live.pump_until(lambda: session.notices.get("pictures"))
    assert session.notices["pictures"] == "Nothing was ordered: Nothing is seen."
    assert live.jobs == []


# -- the form


def test_the_tab_says_by_whom_and_how_many(live: Live) -> None:
    choose_three(live)
    shown = drawn(TAB)
    assert "Hunyuan 3D 2.1, Pixal3D, Rodin Gen-1" in str(shown)
    assert "seeds" in shown.properties and shown.is_enabled["seeds"]


def test_a_model_that_is_gone_can_be_left_out_with_a_button(live: Live) -> None:
    live.ready_to_generate()
    nobody(live)
    button = drawn(TAB).button("wm.context_set_string", "Only Hunyuan 3D 2.1")
    bpy.ops.wm.context_set_string(**button.values)
    assert read(bpy.context).count == 1


def test_there_is_no_choice_of_seeds_for_a_model_without_but_what_was_chosen_can_be_taken_back(live: Live) -> None:
    live.image()
    live.choose("model_yvo3d-image-to-3d", {})
    assert "seeds" not in drawn(TAB).properties
    live.settings.more_models = "model_hunyuan-3d-v2-1"
    shown = drawn(TAB)
    assert not shown.is_enabled["seeds"] and "YVO3D Image to 3D has no seed" in str(shown)
    live.settings.seeds = 2
    assert drawn(TAB).is_enabled["seeds"]


def test_reading_four_models_sends_nothing(live: Live) -> None:
    choose_three(live)
    live.settings.more_models += " model_tripo-v3-1-image-to-3d"
    whole_price(live)
    asked = len(live.service.requests)
    for _ in range(3):
        drawn(TAB)
    assert len(live.service.requests) == asked
