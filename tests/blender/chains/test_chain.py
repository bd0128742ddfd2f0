# SPDX-License-Identifier: GPL-3.0-or-later
"""A mesh, then a model that changes it, then cleaned and an asset: at one press, at one price, each step paid once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.chains.order import follower
from scenario_addon.blender.mesh.findings import words_of
from scenario_addon.blender.request import form, submission
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.scene.refined import Refined
from scenario_addon.blender.ui.results.menu import draw_menu
from scenario_addon.engine.ledger.job import Job, State
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live
from tests.service import Fault

pytestmark = pytest.mark.slow

REMESH: Final = "model_meshy-remesh"
REMESHES: Final = r"/generate/custom/model_meshy-remesh"


@pytest.fixture
def chain(live: Live) -> Live:
    """A picture, and what is to happen to its mesh."""
    live.ready_to_generate()
    choose_then(live)
    live.settings.finish.remove_loose = live.settings.finish.close_holes = live.settings.finish.mark_as_asset = True
    return live


def choose_then(live: Live, **values: Any) -> None:
    main = live.settings.model
    session.models.fetch(REMESH, session.online().client)
    live.choose(REMESH, {"targetPolycount": 150, **values})
    live.settings.model, live.settings.then = main, REMESH


def refuse_what_follows(live: Live) -> None:
    """The service takes no mesh, though it has named its price."""
    live.service.fail("POST", rf"{REMESHES}$", Fault.STATUS, status=400, body={"reason": "not this mesh"}, times=3)


def roots(job: Job) -> list[bpy.types.Object]:
    own = [obj for obj in bpy.context.scene.objects if obj.get("scenario_job_id") == job.id]
    return [obj for obj in own if obj.parent not in own]


def test_a_script_gets_all_of_it_and_only_the_last_is_cleaned_and_an_asset(chain: Live) -> None:
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    first, last = chain.jobs
    assert (first.state, last.state) == (State.IMPORTED, State.IMPORTED)
    assert (first.order.model_id, last.order.model_id) == ("model_hunyuan-3d-v2-1", REMESH)
    assert Refined.of_target(last.order.target) == Refined("Retopology", (), first.id)
    assert last.order.values == {"targetPolycount": 150}
    assert len(chain.service.charges) == 2
    [before], [root] = roots(first), roots(last)
    assert words_of(before) == ""
    assert (before.visible_get(), root.visible_get()) == (False, True)
    assert max(abs(a - b) for a, b in zip(before.dimensions, root.dimensions, strict=True)) < 0.1
    assert (before.matrix_world.translation - root.matrix_world.translation).length < 0.1
    assert words_of(root)
    assets = [block for blocks in (bpy.data.objects, bpy.data.collections) for block in blocks if block.asset_data]
    assert {block["scenario_job_id"] for block in assets} == {last.id}


def test_what_follows_can_be_said_for_this_once(live: Live) -> None:
    live.ready_to_generate()
    assert bpy.ops.scenario.generate(then=REMESH) == {"FINISHED"}
    assert [job.state for job in live.jobs] == [State.IMPORTED] * 2
    assert live.settings.then == ""
    choose_then(live)
    assert bpy.ops.scenario.generate(then="none", again=True) == {"FINISHED"}
    assert len(live.jobs) == 3
    assert live.settings.then == REMESH


def test_in_a_window_the_timer_goes_on_by_itself_and_the_first_is_seen_meanwhile(chain: Live) -> None:
    chain.press()
    [first] = chain.jobs
    chain.pump_until_state(State.IMPORTED, first)
    assert len(roots(first)) == 1
    chain.pump_until(lambda: follower(session.jobs[first.id]) is not None)
    chain.pump_until_state(State.IMPORTED, chain.jobs[1])
    assert len(chain.service.charges) == 2


def test_each_of_several_meshes_is_changed(chain: Live) -> None:
    chain.choose_more(pixal3d={})
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    assert [job.order.model_id for job in chain.jobs].count(REMESH) == 2
    assert {job.state for job in chain.jobs} == {State.IMPORTED}
    assert len(chain.service.charges) == 4
    refined = [Refined.of_target(job.order.target) for job in chain.jobs]
    assert {one.job_id for one in refined if one} == {job.id for job in chain.jobs if job.order.model_id != REMESH}


def test_a_model_that_needs_a_picture_beside_the_mesh_gets_the_one_that_was_sent(live: Live) -> None:
    live.ready_to_generate()
    record = session.online().client.model
    assert record is not None
    assert bpy.ops.scenario.generate(then="model_meshy-7-retexture") == {"FINISHED"}
    first, last = live.jobs
    assert last.state is State.IMPORTED
    assert last.order.images() == first.order.images()


# -- the price


def test_the_button_says_what_all_of_it_costs(chain: Live) -> None:
    chain.pump_until(lambda: read(bpy.context).bill)
    now = read(bpy.context)
    assert now.bill is not None and now.step is not None and now.price is not None
    assert now.step.cost_cu == 5
    assert now.bill.known_cu == 5 + (now.price.cost_cu or 0)
    texts = drawn("SCENARIO_PT_main").texts
    assert any(text.startswith(f"Generate + Meshy Remesh   {now.bill.label}") for text in texts), texts
    assert now.bill.words == f"The mesh and Meshy Remesh cost {now.bill.label} together"
    assert any(text.startswith("After Import: Meshy Remesh") for text in texts), texts


def test_what_costs_too_much_together_is_asked_once_and_then_all_of_it_is_allowed(
    chain: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.pump_until(lambda: read(bpy.context).bill)
    both = read(bpy.context).bill
    assert both is not None
    limit(monkeypatch, both.known_cu - 1)
    assert chain.press(answer=False)[1].startswith("Above the Spend Limit The mesh and Meshy Remesh cost")
    assert chain.jobs == []
    with pytest.raises(RuntimeError, match="Nothing was ordered: the mesh and Meshy Remesh cost"):
        bpy.ops.scenario.generate()
    assert chain.press()[0] == {"FINISHED"}
    chain.pump_until(lambda: len(chain.jobs) == 2)
    chain.pump_until_state(State.IMPORTED, chain.jobs[1])


def test_a_price_that_is_not_told_without_the_mesh_is_said_and_asked(
    chain: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain.service.fail("POST", rf"{REMESHES}$", Fault.STATUS, status=400, body={"reason": "no such asset"})
    chain.pump_until(lambda: read(bpy.context).bill)
    now = read(bpy.context)
    assert now.bill is not None
    assert "price of 1 unknown" in now.bill.label
    assert not session.prices.wants_pictures
    assert "What Meshy Remesh costs is told once the mesh is there" in " ".join(drawn("SCENARIO_PT_main").texts)
    limit(monkeypatch, Decimal(1000))
    assert "what Meshy Remesh costs is not known" in chain.press(answer=False)[1]
    assert chain.press()[0] == {"FINISHED"}
    chain.pump_until(lambda: len(chain.jobs) == 2)
    chain.pump_until_state(State.IMPORTED, chain.jobs[1])


def test_the_day_has_to_have_room_for_all_of_it(chain: Live) -> None:
    chain.pump_until(lambda: read(bpy.context).bill)
    both = read(bpy.context).bill
    assert both is not None
    chain.say(SCENARIO_MAX_COST_PER_DAY=str(both.known_cu - 1))
    with pytest.raises(RuntimeError, match="are left to spend"):
        bpy.ops.scenario.generate()
    assert chain.jobs == []


def limit(monkeypatch: pytest.MonkeyPatch, limit_cu: Decimal) -> None:
    """Set the spend limit of the preferences."""
    for module in (form, submission):
        monkeypatch.setattr(module, "max_cost_cu", lambda: limit_cu)


# -- what does not work out


def test_a_step_that_fails_leaves_the_first_and_is_tried_again_alone(chain: Live) -> None:
    chain.price()
    chain.pump_until(lambda: read(bpy.context).bill)
    refuse_what_follows(chain)
    with pytest.raises(RuntimeError, match=r"Chair stays as Hunyuan 3D 2\.1 made it\."):
        bpy.ops.scenario.generate()
    first, last = chain.jobs
    assert (first.state, last.state) == (State.IMPORTED, State.FAILED)
    assert len(roots(first)) == 1
    assert len(chain.service.charges) == 1
    layout = FakeLayout()
    draw_menu(layout, last)
    assert layout.button("scenario.generate_again", "Try Again").values["job_id"] == last.id
    chain.service.forget_faults()
    assert bpy.ops.scenario.generate_again(job_id=last.id) == {"FINISHED"}
    done = chain.jobs[-1]
    assert (done.state, done.order.model_id) == (State.IMPORTED, REMESH)
    assert Refined.of_target(done.order.target) == Refined("Retopology", (), first.id)
    assert len(chain.service.charges) == 2


def test_a_mesh_with_too_many_faces_stays_and_that_is_said(chain: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    few: Callable[[Any], Any] = lambda model: replace(real.fget(model), max_faces=10)  # noqa: E731
    model = type(session.models.look_up(REMESH))
    real: Any = vars(model)["mesh_limits"]
    monkeypatch.setattr(model, "mesh_limits", property(few))
    with pytest.raises(RuntimeError, match="faces and Meshy Remesh takes 10"):
        bpy.ops.scenario.generate()
    first, last = chain.jobs
    assert (first.state, last.state) == (State.IMPORTED, State.FAILED)
    assert "Chair stays as Hunyuan" in (last.error or "")
    with pytest.raises(RuntimeError, match="takes 10: reduce them first"):
        bpy.ops.scenario.generate_again(job_id=last.id)
    assert len(chain.service.charges) == 1


def test_a_press_while_it_is_changed_asks_first(chain: Live) -> None:
    chain.press()
    chain.pump_until(lambda: len(chain.jobs) == 2)
    assert chain.press(answer=False)[1].startswith("Order It Again?")


def test_a_blender_that_quits_in_between_goes_on_when_it_is_started_again(chain: Live) -> None:
    chain.press()
    chain.pump_until(lambda: len(chain.jobs) == 2)
    first, last = chain.jobs
    chain.restart()
    chain.pump_until_state(State.READY, session.jobs[last.id])
    assert [job.id for job in chain.jobs] == [first.id, last.id]
    assert len(chain.service.charges) == 2


def test_the_whole_chain_once_more_refers_to_its_own_mesh(chain: Live) -> None:
    assert bpy.ops.scenario.generate() == {"FINISHED"}
    first = chain.jobs[0]
    assert bpy.ops.scenario.generate_again(job_id=first.id) == {"FINISHED"}
    other = chain.jobs[2]
    last = follower(session.jobs[other.id])
    assert last is not None
    refined = Refined.of_target(last.order.target)
    assert refined is not None and refined.job_id == other.id


# -- choosing


def test_a_model_that_changes_meshes_is_chosen_and_others_are_refused(live: Live) -> None:
    session.load_now()
    assert bpy.ops.scenario.refresh_models() == {"FINISHED"}
    assert bpy.ops.scenario.choose_then(model=REMESH) == {"FINISHED"}
    assert live.settings.then == REMESH
    for wrong in ("model_hunyuan-3d-v2-1", "model_x", ""):
        with pytest.raises(RuntimeError, match="no model"):
            bpy.ops.scenario.choose_then(model=wrong)
    live.settings.then = "model_hunyuan-3d-v2-1"
    live.image()
    assert "changes no mesh" in (read(bpy.context).problem or "")
