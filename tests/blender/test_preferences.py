# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences: nothing secret reaches a file of Blender's, and a new key is used at once."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from scenario_addon.blender.preferences import SCENARIO_AP_preferences
from scenario_addon.blender.session import session
from scenario_addon.engine.job import State
from tests.blender.fake_layout import FakeLayout
from tests.blender.live import Live, preferences


def draw() -> FakeLayout:
    """What the preferences would show."""
    layout, saved = FakeLayout(), bpy.context.preferences.addons["scenario_addon"].preferences

    class Shown:
        """The preferences, drawing into this layout."""

        def __getattr__(self, name: str) -> object:
            return layout if name == "layout" else getattr(saved, name)

    SCENARIO_AP_preferences.draw(Shown(), bpy.context)
    return layout


def test_neither_the_preferences_file_nor_a_blend_holds_the_secret(
    keyless: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = preferences()
    saved.api_key, saved.api_secret = "api_MUST_NOT_LEAK", "secret_MUST_NOT_LEAK"
    saved.project_id = "project_may_be_seen"
    keyless.image()
    session.load_now()
    monkeypatch.setenv("BLENDER_USER_CONFIG", str(tmp_path / "config"))
    bpy.ops.wm.save_userpref()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"), compress=False)

    files = [path for path in tmp_path.rglob("*") if path.suffix == ".blend"]
    assert {"userpref.blend", "scene.blend"} <= {path.name for path in files}
    userpref = next(path for path in files if path.name == "userpref.blend").read_bytes()
    assert b"project_may_be_seen" in userpref, "the search would find what is there"
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
    locks = list((Path(session._loaded.store.path).parent / "owners").iterdir())
    assert len(locks) == 1


def test_a_key_that_changes_during_the_submission_leads_to_one_charge(keyless: Live) -> None:
    saved = preferences()
    saved.api_key, saved.api_secret = keyless.service.key, keyless.service.secret
    keyless.lose_the_answer(after_s=20)
    job = keyless.begin()
    keyless.pump_until(lambda: keyless.service.charges)
    saved.api_secret = keyless.service.secret
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
