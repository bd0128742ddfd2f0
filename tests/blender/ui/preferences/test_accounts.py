# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching between accounts and projects: everything follows at once, and what is under way keeps its own key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from scenario_addon.blender.account import balance
from scenario_addon.blender.app import config
from scenario_addon.blender.app.session import session
from scenario_addon.blender.request.reading import read
from scenario_addon.blender.request.refining.given import given_by
from scenario_addon.blender.ui.preferences import accounts
from scenario_addon.engine.errors import MeshError
from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.pipeline import runner
from scenario_addon.engine.values import AssetId, HeldMesh, MeshInput
from tests.blender.fake_layout import FakeLayout, drawn
from tests.blender.live import Live, preferences
from tests.blender.ui.preferences.test_preferences import draw
from tests.limits import shorten
from tests.service import Fault, Service
from tests.service.store import OWNER_ID

MAIN, JOBS = "SCENARIO_PT_main", "SCENARIO_PT_jobs"
LAMPS = "proj_lamps"


@dataclass
class Two:
    """Preferences with two accounts, each at a service of its own; that at home is in use."""

    live: Live
    home: Service
    studio: Service
    saved: Any

    def use(self, name: str) -> None:
        [account] = [one for one in config.accounts().all if one.name == name]
        assert bpy.ops.scenario.use_account(account=account.id) == {"FINISHED"}
        session.load_now()


@pytest.fixture
def two(keyless: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    monkeypatch.delenv("SCENARIO_BASE_URL")
    shorten(monkeypatch, runner, _RESCUE_S=0.0)
    saved = preferences()
    with Service() as studio:
        for name, service in (("Home", keyless.service), ("Studio", studio)):
            if name == "Studio":
                assert bpy.ops.scenario.add_account() == {"FINISHED"}
            saved.account_name, saved.base_url = name, service.base_url
            saved.api_key, saved.api_secret = service.key, service.secret
        made = Two(keyless, keyless.service, studio, saved)
        made.use("Home")
        yield made
        session.close()


@pytest.fixture
def team(keyless: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The key of a team with two projects, entered in the preferences."""
    shorten(monkeypatch, runner, _RESCUE_S=0.0)
    saved = preferences()
    keyless.service.team.project, keyless.service.team.other_projects = "Chairs", {LAMPS: "Lamps"}
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    return keyless


def menu(name: str) -> FakeLayout:
    """What a menu would show."""
    layout = FakeLayout()
    getattr(accounts, name).draw(SimpleNamespace(layout=layout), bpy.context)
    return layout


# -- what was there before


def test_what_an_older_version_kept_in_blenders_preferences_is_taken_over(
    keyless: Live, monkeypatch: pytest.MonkeyPatch, state_dir: Path
) -> None:
    monkeypatch.delenv("SCENARIO_BASE_URL")
    saved = preferences()
    old = saved.bl_system_properties_get(do_create=True) if hasattr(saved, "bl_system_properties_get") else saved
    old["project_id"], old["base_url"] = "project_old", "https://old.example/v1"
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / "credentials.json").write_text('{"key": "api_old", "secret": "secret_old"}')
    found = config.credentials()
    assert (found.key, found.secret) == ("api_old", "secret_old")
    assert (found.project_id, found.base_url) == ("project_old", "https://old.example/v1")
    assert (saved.api_key, saved.project_id, saved.base_url) == ("api_old", "project_old", "https://old.example/v1")
    saved.project_id = ""
    assert config.credentials().project_id is None, "what was there before does not come back"


# -- switching


def test_balance_prices_and_models_are_the_active_accounts_at_once(two: Two) -> None:
    two.home.team.granted_cu, two.studio.team.granted_cu = Decimal(101), Decimal(9001)
    two.live.ready_to_generate()
    for name, left in (("Home", "100 CU left"), ("Studio", "9,000 CU left"), ("Home", "100 CU left")):
        two.use(name)
        assert "CU left" not in str(drawn(MAIN)), "what is known is the other one's"
        two.live.pump_until(lambda left=left: left in balance.line())
        assert f"{name}: {left}" in str(drawn(MAIN))
        assert two.live.price().cost_cu is not None
        assert session.elsewhere is None
    assert two.home.count("GET", "/limits$") == 2
    assert two.studio.count("GET", "/limits$") == 1
    assert two.studio.count("POST", "/generate") == 1


def test_what_is_under_way_goes_on_with_the_key_it_was_ordered_with(two: Two) -> None:
    two.home.fail("GET", "/jobs/", Fault.STATUS, status=503, times=3)
    job = two.live.begin()
    two.live.pump_until(lambda: session.jobs[job.id].remote_id)
    two.use("Studio")
    two.live.pump_until_state(State.IMPORTED, job)
    assert "of the account Home" in str(drawn(JOBS))
    assert len(two.home.charges) == 1
    asked = [request.path for request in two.studio.requests if job.remote_id or "" in request.path]
    assert not [path for path in asked if "/jobs" in path or "/assets" in path]


def test_an_account_without_a_key_yet_does_not_keep_others_from_going_on(two: Two) -> None:
    two.home.fail("GET", "/jobs/", Fault.STATUS, status=503, times=3)
    job = two.live.begin()
    two.live.pump_until(lambda: session.jobs[job.id].remote_id)
    assert bpy.ops.scenario.add_account() == {"FINISHED"}
    session.load_now()
    assert session.connection is None
    two.live.pump_until_state(State.IMPORTED, job)
    with pytest.raises(RuntimeError, match="Enter your Scenario API key"):
        bpy.ops.scenario.generate()


def test_the_same_order_is_anothers_in_another_account(two: Two) -> None:
    two.live.generate()
    two.use("Studio")
    two.live.generate()
    assert (len(two.home.charges), len(two.studio.charges)) == (1, 1)
    assert len({job.scope for job in two.live.jobs}) == 2


def test_a_mesh_of_another_account_is_exported_for_this_one(two: Two) -> None:
    job = two.live.generate()
    assert given_by(job, bpy.context).held is not None
    two.use("Studio")
    given = given_by(job, bpy.context)
    assert given.held is None
    assert given.objects
    held = MeshInput("mesh", is_list=False, mesh=HeldMesh(asset_id=AssetId("asset_home"), name="Chair"))
    session.jobs.write(replace(job, order=replace(job.order, meshes=(held,))))
    with pytest.raises(RuntimeError, match="began with a mesh of another account or project"):
        bpy.ops.scenario.generate_again(job_id=job.id)
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.object.delete()
    with pytest.raises(MeshError, match="import it into this scene first"):
        given_by(job, bpy.context)


def test_what_waits_for_an_account_that_is_not_in_use_names_it(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.home.fail("GET", "/jobs/", Fault.STATUS, status=503, times=None)
    job = two.live.begin()
    two.live.pump_until(lambda: session.jobs[job.id].remote_id)
    for name, value in two.studio.environment.items():  # which wins, whole
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SCENARIO_BASE_URL")
    session.reconnect()
    session.load_now()
    assert not session.jobs.can_ask(job)
    with pytest.raises(RuntimeError, match="another project: choose the account Home in the preferences"):
        bpy.ops.scenario.resume(job_id=job.id)
    assert session.jobs[job.id].state is State.RUNNING


def test_a_job_of_a_removed_account_waits_and_goes_on_when_it_is_there_again(two: Two) -> None:
    two.home.fail("GET", "/jobs/", Fault.STATUS, status=503, times=3)
    job = two.live.begin()
    two.live.pump_until(lambda: session.jobs[job.id].remote_id)
    assert bpy.ops.scenario.remove_account(account="") == {"FINISHED"}
    session.load_now()
    two.live.pump_until(lambda: not session.is_busy)
    assert session.jobs[job.id].state is State.RUNNING
    assert "Waits for the key and project that it was ordered with" in str(drawn(JOBS))
    two.saved.base_url = two.home.base_url
    session.load_now()
    two.live.pump_until_state(State.IMPORTED, job)


def test_who_removes_an_account_is_told_what_waits_for_its_key(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.home.fail("GET", "/jobs/", Fault.STATUS, status=503, times=None)
    job = two.live.begin()
    two.live.pump_until(lambda: session.jobs[job.id].remote_id)
    questions: list[str] = []
    asking = SimpleNamespace(account="", ask_first=lambda context, *, question, **how: questions.append(question))
    accounts.SCENARIO_OT_remove_account.invoke(asking, bpy.context, None)
    two.use("Studio")
    asking.account = config.accounts().active.id
    accounts.SCENARIO_OT_remove_account.invoke(asking, bpy.context, None)
    assert questions == [
        "The key of Home is forgotten. One mesh is not here yet: what was ordered with this key waits until it is "
        "entered again.",
        "The key of Studio is forgotten.",
    ]


def test_a_secret_that_was_wrong_for_a_while_costs_nobody_a_click(
    keyless: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten(monkeypatch, runner, _RESCUE_S=0.0)
    saved = preferences()
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    saved.project_id = OWNER_ID  # with it, the jobs of a wrong key are this one's
    keyless.service.fail("GET", "/jobs/", Fault.STATUS, status=503, times=3)
    job = keyless.begin()
    keyless.pump_until(lambda: session.jobs[job.id].remote_id)
    saved.api_secret = "wrong"
    keyless.pump_until(lambda: job.id in session.jobs and session.jobs[job.id].error_kind == "AuthError")
    assert session.jobs[job.id].state is State.RUNNING
    saved.api_secret = keyless.service.secret
    keyless.pump_until(lambda: job.id in session.jobs and session.jobs[job.id].state is State.IMPORTED)
    assert len(keyless.service.charges) == 1


def test_an_order_that_was_refused_is_not_made_by_a_key_that_comes_later(keyless: Live) -> None:
    saved = preferences()
    saved.api_key, saved.api_secret, saved.project_id = keyless.service.key, keyless.service.secret, OWNER_ID
    keyless.ready_to_generate()
    keyless.service.fail("POST", "/assets", Fault.STATUS, status=401)
    job = keyless.begin()
    keyless.pump_until(lambda: session.jobs[job.id].error_kind == "AuthError")
    session.reconnect()
    session.load_now()
    keyless.pump_until(lambda: not session.is_busy)
    assert not keyless.service.charges


# -- projects


def test_a_teams_key_has_its_projects_to_choose_from_by_name(team: Live) -> None:
    assert "SCENARIO_MT_projects" not in draw().menus
    assert bpy.ops.scenario.refresh_account() == {"FINISHED"}
    shown = draw()
    assert "SCENARIO_MT_projects" in shown.menus
    assert "Choose the Project of This Team's Key" in shown.alerts
    assert "project_id" not in shown.properties
    told = "This API key is a team's: choose the project in the preferences"
    assert told in str(drawn(MAIN))
    entries = {b.text: b.values for b in menu("SCENARIO_MT_projects").operators}
    assert list(entries) == ["Chairs", "Lamps", "Another ID...", "Refresh the List"]
    assert bpy.ops.scenario.use_project(project=entries["Lamps"]["project"]) == {"FINISHED"}
    assert preferences().project_id == LAMPS
    assert "Lamps" in draw().texts
    assert not draw().alerts
    session.load_now()
    assert told not in str(drawn(MAIN))
    team.generate()
    [request] = [one for one in team.service.requests if "/generate/" in one.path and "dryRun" not in one.query]
    assert request.query["projectId"] == LAMPS


def test_where_the_list_cannot_be_read_an_id_can_be_typed(team: Live) -> None:
    team.service.fail("GET", "/teams", Fault.STATUS, status=403, times=None)
    assert bpy.ops.scenario.refresh_account() == {"FINISHED"}
    assert "project_id" in draw().properties
    preferences().project_id = LAMPS
    team.generate()


def test_a_projects_key_is_asked_for_no_project(keyless: Live) -> None:
    saved = preferences()
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    assert bpy.ops.scenario.test_connection() == {"FINISHED"}
    assert "a team's" not in str(drawn(MAIN))
    assert "project_id" in draw().properties


def test_what_is_under_way_in_another_project_goes_on_there(team: Live) -> None:
    assert bpy.ops.scenario.refresh_account() == {"FINISHED"}
    bpy.ops.scenario.use_project(project=LAMPS)
    team.service.fail("GET", "/jobs/", Fault.STATUS, status=503, times=3)
    job = team.begin()
    team.pump_until(lambda: session.jobs[job.id].remote_id)
    bpy.ops.scenario.use_project(project=OWNER_ID)
    team.pump_until(lambda: job.id in session.jobs and session.jobs[job.id].state is State.IMPORTED)
    asked = {one.query["projectId"] for one in team.service.requests if "/jobs/" in one.path}
    assert asked == {LAMPS}
    assert "of the account Account, project Lamps" in str(drawn(JOBS))


def test_the_environments_key_is_told_the_variable_and_what_can_be_in_it(live: Live) -> None:
    preferences()
    live.service.team.other_projects = {LAMPS: "Lamps"}
    bpy.ops.scenario.refresh_account()
    told = f"set SCENARIO_PROJECT_ID to the project it is for: {LAMPS} (Lamps), {OWNER_ID} (Sandbox Project)"
    assert told in str(drawn(MAIN))
    assert config.accounts().active.projects == {}, "they are not this account's"


# -- the menus


def test_the_line_of_the_balance_has_the_menu_only_where_there_is_a_choice(two: Two) -> None:
    assert "SCENARIO_MT_accounts" in drawn(MAIN).menus
    shown = menu("SCENARIO_MT_accounts")
    assert [b.text for b in shown.operators] == ["Home", "Studio"]
    bpy.ops.scenario.remove_account(account=shown.operators[1].values["account"])
    assert "SCENARIO_MT_accounts" not in drawn(MAIN).menus
    assert not accounts.SCENARIO_OT_remove_account.poll(bpy.context)
    assert read(bpy.context) is not None


def test_a_list_that_cannot_be_written_is_said_where_it_was_changed(two: Two, state_dir: Path) -> None:
    path = state_dir / "accounts.json"
    path.unlink()
    path.mkdir()
    with pytest.raises(RuntimeError, match="cannot be written"):
        bpy.ops.scenario.add_account()
    two.saved.account_name = "Elsewhere"
    assert "cannot be written" in str(draw())
    assert two.saved.account_name == "Home"


def test_keys_of_a_copied_profile_are_one_red_sentence_and_can_be_entered_again(keyless: Live, state_dir: Path) -> None:
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / "credentials.json").write_text('{"protected": "AQAAANCMnd8BFdERjHoAwE"}')
    saved = preferences()
    told = "The saved API keys were protected for another user or computer: enter them again"
    assert told in draw().red
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    assert told not in str(draw())
    assert bpy.ops.scenario.test_connection() == {"FINISHED"}
