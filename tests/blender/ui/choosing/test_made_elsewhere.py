# SPDX-License-Identifier: GPL-3.0-or-later
"""What was made elsewhere: the list, as far as it works without a window, and bringing a mesh in."""

from __future__ import annotations

from types import SimpleNamespace

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.elsewhere.listing import listing
from scenario_addon.blender.ui.choosing import made_popup, opening
from scenario_addon.blender.ui.choosing.made_drawing import draw_made
from scenario_addon.blender.ui.choosing.made_list import MadeList
from scenario_addon.engine.ledger.job import State
from tests.blender.fake_layout import FakeLayout, drawn, in_sidebar
from tests.blender.live import Live
from tests.blender.ui.choosing.popups import Popup
from tests.engine.colleague import Colleague
from tests.service import Fault

REMOVAL = "model_photoroom-background-removal"


@pytest.fixture
def colleague(live: Live) -> Colleague:
    return Colleague(live.service)


def _open(live: Live, *, is_online: bool = True) -> MadeList:
    """Open the list as the button does, and wait for all that comes of it."""
    session.load_now()
    if is_online:
        listing().refresh()
    opening.begin(MadeList(SimpleNamespace(bl_rna=True)))
    live.pump_until(lambda: not session.is_busy)
    while session.model_list.look() and (session.model_list.update() or session.model_list.prepare_pictures()):
        live.pump_until(lambda: not session.is_busy)
    return session.model_list


def _shown() -> FakeLayout:
    layout = Popup()
    with in_sidebar():
        draw_made(layout, None, session.model_list)
    return layout


def test_the_projects_meshes_are_listed_with_their_pictures_and_what_is_here_is_marked(
    live: Live, colleague: Colleague
) -> None:
    ours = live.generate()
    colleague.make()
    colleague.make(model=REMOVAL)
    live.service.fail_job("Too dark")
    colleague.make()
    colleague.order(colleague.send("Lampe.png"))
    opened = _open(live)
    assert [(row.name, row.standing) for row in opened.found] == [
        ("Lampe", "being made"),
        ("Sessel", ""),
        (ours.order.name, "in the scene"),
    ]
    paths = [path for row in opened.found if (path := opened.picture(row))]
    assert [max(session.icons[str(path)].image_size) for path in paths] == [160, 64]
    said = _shown().texts
    assert "Sessel" in said and "just now" in said
    assert "Hunyuan 3D 2.1, by apiu_Qm4Tz8s\N{HORIZONTAL ELLIPSIS}" in said
    assert "proj_" in opened.found[0].about


def test_nothing_is_asked_of_the_service_in_drawing_and_not_twice_in_a_minute(live: Live, colleague: Colleague) -> None:
    colleague.make()
    _open(live)
    asked = len(live.service.requests)
    for _ in range(3):
        _shown()
    _open(live)
    assert len(live.service.requests) == asked


def test_while_it_is_asked_and_where_there_is_nothing_the_list_says_so(live: Live) -> None:
    session.load_now()
    listing().refresh()
    opening.begin(MadeList(SimpleNamespace(bl_rna=True)))
    assert "Asking the service" in str(_shown())
    live.pump_until(lambda: not session.is_busy)
    session.model_list.look()
    assert "No mesh was made in this project yet" in str(_shown())


def test_offline_the_list_says_why_and_nobody_is_asked(live: Live) -> None:
    live.ask_for_permission(allowed=False)
    _open(live, is_online=False)
    assert "may not go online" in str(_shown()) and live.service.requests == []


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_key_that_may_not_list_is_told_in_a_line(live: Live, status: int) -> None:
    live.service.fail(
        "GET", r"/v1/(assets|jobs)$", Fault.STATUS, times=None, status=status, body='{"reason": "No scope."}'
    )
    _open(live)
    said = str(_shown())
    assert ("401" if status == 401 else "This key may not list what was made. No scope") in said
    live.service.forget_faults()
    _open(live)  # what failed is asked again at the next opening
    assert "No mesh was made" in str(_shown())


def test_the_search_leaves_what_has_all_the_words(live: Live, colleague: Colleague) -> None:
    for name in ("Sessel.png", "Lampe.png"):
        colleague.make(colleague.send(name))
    opened = _open(live)
    opened.search("LAMPE hunyuan")
    assert [row.name for row in opened.found] == ["Lampe"]
    assert _shown().button("scenario.fetch").values["remote_id"] == opened.found[0].id
    opened.search("no such thing")
    assert "Nothing has all of these words" in str(_shown())


def test_the_next_page_is_asked_for_when_the_last_one_is_looked_at(live: Live, colleague: Colleague) -> None:
    image = colleague.send()
    for _ in range(52):
        colleague.make(image)
    opened = _open(live)
    assert opened.count == 50
    opened.turn(99)
    live.pump_until(lambda: not session.is_busy)
    opened.look()
    assert opened.count == 52


# -- bringing in


def test_a_script_brings_a_mesh_in_at_the_cursor_for_nothing(live: Live, colleague: Colleague) -> None:
    remote_id = colleague.make()
    bpy.context.scene.cursor.location = (1.0, 2.0, 3.0)
    assert bpy.ops.scenario.fetch(remote_id=remote_id) == {"FINISHED"}
    (root,) = [obj for obj in bpy.context.scene.objects if obj.get("scenario_job_id") and obj.parent is None]
    assert live.job.state is State.IMPORTED and live.job.remote_id == remote_id
    low = min((root.matrix_world @ vertex.co).z for vertex in root.data.vertices)
    assert low == pytest.approx(3.0, abs=1e-4)
    assert root.name.startswith("Sessel")
    assert len(live.service.charges) == 1 and live.job.counted_cu == 0


def test_the_same_again_is_one_job_and_found_where_it_is(live: Live, colleague: Colleague) -> None:
    remote_id = colleague.make()
    (asset_id,) = live.service.jobs[remote_id]["metadata"]["assetIds"]
    for text in (remote_id, asset_id, f" {remote_id} "):
        assert bpy.ops.scenario.fetch(remote_id=text) == {"FINISHED"}
    assert live.job.remote_id == remote_id


def test_what_is_still_being_made_is_waited_for(live: Live, colleague: Colleague) -> None:
    assert bpy.ops.scenario.fetch(remote_id=colleague.order()) == {"FINISHED"}
    assert live.job.state is State.IMPORTED and len(live.service.charges) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "Say which"), ("a b", "Say which"), ("job_none", "knows no job"), ("asset_none", "knows no file")],
)
def test_what_cannot_be_brought_in_is_an_error_in_a_sentence(live: Live, text: str, told: str) -> None:
    with pytest.raises(RuntimeError, match=told):
        bpy.ops.scenario.fetch(remote_id=text)
    assert not live.jobs


def test_a_job_of_ours_that_failed_says_why_and_stays_as_it_is(live: Live) -> None:
    live.ready_to_generate()
    live.service.fail_job("Too dark.")
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.generate()
    failed = live.job
    with pytest.raises(RuntimeError, match=f"Nothing came of {failed.order.name}: Too dark"):
        bpy.ops.scenario.fetch(remote_id=failed.remote_id)
    assert live.job == failed


def test_a_file_that_has_been_damaged_here_is_an_error_in_a_sentence(live: Live, colleague: Colleague) -> None:
    remote_id = colleague.make()
    bpy.ops.scenario.fetch(remote_id=remote_id)
    assert live.job.file is not None
    live.job.file.path.write_bytes(b"glTF and nothing more")
    with pytest.raises(RuntimeError) as error:
        bpy.ops.scenario.fetch(remote_id=remote_id)
    assert "Traceback" not in str(error.value) and len(str(error.value).strip().splitlines()) == 1


def test_a_picture_is_not_brought_in(live: Live, colleague: Colleague) -> None:
    with pytest.raises(RuntimeError, match="is no mesh"):
        bpy.ops.scenario.fetch(remote_id=colleague.send())
    assert not live.jobs


def test_in_a_window_it_returns_at_once_and_the_timer_brings_it_in(
    live: Live, colleague: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote_id = colleague.make()
    session.load_now()
    window = SimpleNamespace(app=SimpleNamespace(background=False), ops=bpy.ops)
    with monkeypatch.context() as patch:
        patch.setattr(made_popup, "bpy", window)
        assert bpy.ops.scenario.fetch(remote_id=remote_id) == {"CANCELLED"}
        with pytest.raises(RuntimeError):  # in a script that believes to be in a window: for nothing
            bpy.ops.scenario.made_elsewhere()
    live.pump_until(lambda: live.jobs and live.job.state is State.IMPORTED)
    assert len(live.service.charges) == 1


def test_in_a_window_what_goes_wrong_is_said_in_the_tab(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    session.load_now()
    with monkeypatch.context() as patch:
        patch.setattr(made_popup, "bpy", SimpleNamespace(app=SimpleNamespace(background=False), ops=bpy.ops))
        bpy.ops.scenario.fetch(remote_id="job_none")
        live.pump_until(lambda: "elsewhere" in session.notices)
    assert "knows no job job_none" in session.notices["elsewhere"]


def test_results_and_menus_lead_there_and_say_whose_a_mesh_is(live: Live, colleague: Colleague) -> None:
    bpy.ops.scenario.fetch(remote_id=colleague.make())
    with in_sidebar():
        said = str(drawn("SCENARIO_PT_jobs"))
    assert "made elsewhere" in said and "0 CU" not in said
    assert "scenario.made_elsewhere" in {button.operator for button in drawn("SCENARIO_MT_object").operators}
