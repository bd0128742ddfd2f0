# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences: nothing secret reaches a file of Blender's, and a new key is used at once."""

from __future__ import annotations

import shutil
import sys
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.ui import reporting
from scenario_addon.blender.ui.preferences import SCENARIO_AP_preferences
from scenario_addon.engine.ledger.job import State
from tests.blender.fake_layout import FakeLayout
from tests.blender.live import Live, preferences
from tests.service import Fault


def draw() -> FakeLayout:
    """What the preferences would show."""
    layout, saved = FakeLayout(), bpy.context.preferences.addons["scenario_addon"].preferences

    class Shown:
        """The preferences, drawing into this layout."""

        def __getattr__(self, name: str) -> object:
            return layout if name == "layout" else getattr(saved, name)

    area = bpy.context.window.screen.areas[0]
    with bpy.context.temp_override(area=area, region=area.regions[-1]):  # sentences are as wide as the region
        SCENARIO_AP_preferences.draw(Shown(), bpy.context)
    return layout


def test_neither_the_preferences_file_nor_a_blend_holds_the_secret(
    keyless: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = preferences()
    saved.api_key, saved.api_secret = "api_MUST_NOT_LEAK", "secret_MUST_NOT_LEAK"
    saved.keep_files = "//folder_may_be_seen"
    saved.account_name = "Studio"
    bpy.ops.scenario.add_account()
    saved.api_key, saved.api_secret = "api_MUST_NOT_LEAK_EITHER", "secret_MUST_NOT_LEAK_EITHER"
    keyless.image()
    session.load_now()
    monkeypatch.setenv("BLENDER_USER_CONFIG", str(tmp_path / "config"))
    bpy.ops.wm.save_userpref()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"), compress=False)

    files = [path for path in tmp_path.rglob("*") if path.suffix == ".blend"]
    assert {"userpref.blend", "scene.blend"} <= {path.name for path in files}
    userpref = next(path for path in files if path.name == "userpref.blend").read_bytes()
    assert b"folder_may_be_seen" in userpref, "the search would find what is there"
    assert not [path for path in files if b"MUST_NOT_LEAK" in path.read_bytes()]


def test_pasted_spaces_are_cut_off(keyless: Live) -> None:
    saved = preferences()
    saved.api_key = "  api_1\t"
    assert saved.api_key == "api_1"


def test_a_new_key_is_used_at_once(keyless: Live) -> None:
    session.load_now()
    assert session.connection is None
    saved = preferences()
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    assert bpy.ops.scenario.test_connection() == {"FINISHED"}


def test_key_and_secret_entered_together_leave_one_ledger_open(keyless: Live) -> None:
    session.load_now()
    saved = preferences()
    for _ in range(3):
        saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    session.load_now()
    locks = list((session.ledger.path.parent / "owners").iterdir())
    assert len(locks) == 1


def test_a_key_that_changes_during_the_submission_leads_to_one_charge(keyless: Live) -> None:
    saved = preferences()
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    keyless.lose_the_answer(after_s=20)
    job = keyless.begin()
    keyless.pump_until(lambda: keyless.service.charges)
    saved.api_secret = keyless.service.secret
    keyless.service.let_go()
    keyless.pump_until(lambda: job.id in session.jobs and session.jobs[job.id].state is State.IMPORTED)
    assert len(keyless.service.charges) == 1


def test_a_key_that_cannot_be_kept_is_said_where_it_was_entered(keyless: Live, state_dir: Path) -> None:
    state_dir.write_text("a file where the folder should be")
    saved = preferences()
    saved.api_key = "api_1"
    assert "cannot be written" in str(draw())


def test_the_environment_is_named_as_the_source(live: Live) -> None:
    preferences()
    shown = draw()
    assert "Key, secret and project come from the environment" in shown.texts
    assert "api_key" not in shown.properties


def test_without_an_environment_key_and_secret_can_be_entered(keyless: Live) -> None:
    preferences()
    assert {"api_key", "api_secret", "project_id", "base_url", "max_cost", "keep_files"} <= set(draw().properties)


def test_where_meshes_and_jobs_are_is_shown_with_a_button_that_opens_the_folder(
    keyless: Live, tmp_path: Path, state_dir: Path
) -> None:
    saved = preferences()
    shown = draw()
    assert {f"Jobs are in {state_dir}", f"Meshes are in {state_dir / 'meshes'}"} <= set(shown.texts)
    assert [b.values["kept"] for b in shown.operators if b.operator == "scenario.open_folder"] == ["MESHES", "JOBS"]
    saved.keep_files = str(tmp_path / "chosen")
    shown = draw()
    assert f"Meshes are in {tmp_path / 'chosen'}" in shown.texts
    assert str(state_dir / "meshes") not in str(shown)
    assert not shown.is_enabled["keep_beside"]


def test_a_file_that_is_not_saved_yet_is_said_to_have_no_folder(keyless: Live, state_dir: Path) -> None:
    preferences().keep_beside = True
    told = f"This file is not saved yet, so that the mesh is kept in {state_dir / 'meshes'}"
    assert told in str(draw())
    assert f"Meshes are in {state_dir / 'meshes'}" in draw().texts


@pytest.mark.parametrize("kept", ["MESHES", "JOBS"])
def test_open_folder_makes_the_folder_and_opens_it(
    keyless: Live, state_dir: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    preferences()
    opened: list[str] = []
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    ops = SimpleNamespace(wm=SimpleNamespace(path_open=lambda filepath: opened.append(filepath)))
    monkeypatch.setattr(reporting, "bpy", SimpleNamespace(**vars(bpy) | {"ops": ops}))
    assert bpy.ops.scenario.open_folder(kept=kept) == {"FINISHED"}
    folder = {"MESHES": state_dir / "meshes", "JOBS": state_dir}[kept]
    assert opened == [str(folder)]
    assert folder.is_dir()


def test_a_system_that_cannot_open_folders_is_one_sentence(
    keyless: Live, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    preferences()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        RuntimeError, match=rf"no program that opens folders: look into {state_dir / 'meshes'} yourself"
    ):
        bpy.ops.scenario.open_folder()


@pytest.mark.parametrize(("kept", "remedy"), [("MESHES", "choose another folder"), ("JOBS", "check its permissions")])
def test_a_folder_that_cannot_be_opened_is_one_sentence(keyless: Live, tmp_path: Path, kept: str, remedy: str) -> None:
    (tmp_path / "file").write_text("in the way")
    preferences().keep_files = str(tmp_path / "file" / "meshes")
    keyless.say(SCENARIO_STATE_DIR=str(tmp_path / "file" / "state"))
    with pytest.raises(RuntimeError, match=rf"cannot be opened \(.+\): {remedy}\."):
        bpy.ops.scenario.open_folder(kept=kept)


def test_a_chosen_folder_that_cannot_be_written_is_done_without_and_the_job_says_so(
    live: Live, tmp_path: Path, state_dir: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    preferences().keep_files = chosen = str(tmp_path / "file" / "meshes")
    job = live.generate()
    assert job.file is not None
    assert job.file.path.parent == state_dir / "meshes"
    assert job.file.path.exists()
    assert job.notice is not None
    assert job.notice.startswith(f"{chosen} cannot be written (")
    assert job.notice.endswith(f"the mesh is kept in {state_dir / 'meshes'}.")
    assert len(live.service.charges) == 1


def test_viewports_stay_as_they_are_until_that_is_ticked(live: Live) -> None:
    assert not preferences().show_materials
    assert "show_materials" in draw().properties


def test_offline_is_red_with_blenders_own_button(keyless: Live) -> None:
    preferences()
    assert not draw().alerts
    keyless.ask_for_permission(allowed=False)
    shown = draw()
    assert "Blender may not go online" in shown.alerts
    shown.button("extensions.userpref_allow_online_popup")


def test_the_result_of_the_test_is_shown(live: Live) -> None:
    preferences()
    bpy.ops.scenario.test_connection()
    assert "The service accepts the key" in draw().texts
    live.say(SCENARIO_SDK_API_SECRET="wrong")
    session.reconnect()
    with pytest.raises(RuntimeError):
        bpy.ops.scenario.test_connection()
    assert draw().alerts


def test_the_largest_texture_is_one_that_is_ready_within_a_second(keyless: Live) -> None:
    saved = preferences()
    assert saved.largest_texture == "4096"
    assert "largest_texture" in draw().properties


def test_pages_of_the_service_are_a_click_away(keyless: Live) -> None:
    preferences()
    links = {b.text: b.values["url"] for b in draw().operators if b.operator == "wm.url_open"}
    assert list(links) == ["Get a Key", "Website"]
    assert all(url.startswith("https://") and "scenario.com" in url for url in links.values())


# -- the account


def test_whose_the_key_is_and_what_is_left_stand_below_it(live: Live) -> None:
    preferences()
    live.service.team.granted_cu, live.service.team.period_end = Decimal(1241), "2099-12-15T12:00:00.000Z"
    assert "left" not in str(draw())
    live.generate()
    assert bpy.ops.scenario.refresh_account() == {"FINISHED"}
    shown, cost = draw(), f"{live.service.charges[0].cost_cu.normalize():f}"
    assert "Team Sandbox, project Sandbox Project, plan cu-pro" in str(shown)
    assert f"{1240 - Decimal(cost):,f} CU left until 15 Dec 2099" in str(shown)
    assert f"Spent today {cost} CU: Hunyuan 3D 2.1 {cost}" in str(shown)
    assert f"Spent this month {cost} CU: Hunyuan 3D 2.1 {cost}" in str(shown)
    assert shown.button("scenario.refresh_account").is_enabled


def test_what_the_key_may_not_read_is_not_told_and_nothing_is_red(live: Live) -> None:
    preferences()
    live.service.fail("GET", "/teams", Fault.STATUS, status=401, times=None)
    assert bpy.ops.scenario.refresh_account() == {"FINISHED"}
    shown = draw()
    untold = "Whose the key is: not told to it What is left: not told to this key"
    assert f"{untold} Nothing spent today Nothing spent this month" in str(shown)
    assert shown.alerts == []


def test_without_a_way_to_the_service_nothing_is_said_of_the_account(live: Live) -> None:
    preferences()
    live.ask_for_permission(allowed=False)
    assert [b for b in draw().operators if b.operator == "scenario.refresh_account"] == []
