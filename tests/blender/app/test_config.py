# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on may use: the environment wins, whole, over the preferences."""

from __future__ import annotations

import stat
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import bpy
import pytest

from scenario_addon.blender.app import config
from scenario_addon.engine.errors import ConfigError, CredentialsMissing
from scenario_addon.engine.settings import state_folder
from tests.blender.live import Live, preferences

NAMES = ("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET")


@pytest.fixture
def saved(keyless: Live, monkeypatch: pytest.MonkeyPatch) -> object:
    """Preferences with a key and a secret in them, and nothing about it in the environment."""
    monkeypatch.delenv("SCENARIO_BASE_URL")
    found = preferences()
    found.api_key, found.api_secret = "api_saved", "secret_saved"
    return found


def test_what_is_typed_is_used_without_an_environment(saved: object) -> None:
    saved.project_id, saved.base_url = "project_1", "https://example.com/v1/"
    found = config.credentials()
    assert (found.key, found.secret) == ("api_saved", "secret_saved")
    assert (found.project_id, found.base_url) == ("project_1", "https://example.com/v1")
    assert not config.is_from_environment()


def test_the_environment_wins_whole(saved: object, keyless: Live) -> None:
    saved.project_id, saved.base_url = "project_1", "https://example.com/v1"
    keyless.say(**dict(zip(NAMES, ("api_env", "secret_env"), strict=True)))
    found = config.credentials()
    assert (found.key, found.secret, found.project_id) == ("api_env", "secret_env", None)
    assert found.base_url != "https://example.com/v1"
    assert config.is_from_environment()


@pytest.mark.parametrize("name", NAMES)
def test_half_a_pair_in_the_environment_is_never_completed_from_the_preferences(
    saved: object, keyless: Live, name: str
) -> None:
    keyless.say(**{name: "half"})
    with pytest.raises(CredentialsMissing, match="belong together"):
        config.credentials()
    assert config.is_from_environment()


def test_half_a_pair_in_the_preferences_is_none(saved: object) -> None:
    saved.api_secret = ""
    with pytest.raises(CredentialsMissing, match="Enter your Scenario API key"):
        config.credentials()


@pytest.mark.parametrize("url", ["http://example.com/v1", "ftp://example.com", "nonsense"])
def test_an_address_that_a_key_must_not_go_to_is_refused(saved: object, url: str) -> None:
    saved.base_url = url
    with pytest.raises(ConfigError, match="not a usable address"):
        config.credentials()


def test_the_limit_is_asked_of_the_preferences(keyless: Live) -> None:
    assert config.max_cost_cu() is None
    saved = preferences()
    assert config.max_cost_cu() == Decimal("50")
    saved.max_cost = 0.1
    assert config.max_cost_cu() == Decimal("0.1")
    saved.max_cost = 0
    assert config.max_cost_cu() is None


def test_meshes_are_kept_where_the_preferences_say(keyless: Live, tmp_path: Path, state_dir: Path) -> None:
    assert config.meshes_folder() == (state_dir / "meshes", None)
    preferences().keep_files = str(tmp_path / "kept")
    assert config.meshes_folder() == (tmp_path / "kept", None)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("~/meshes", "{home}/meshes"), ("~nobody-of-this-name/a", "{here}/~nobody-of-this-name/a"), ("a", "{here}/a")],
)
def test_a_folder_is_understood_as_in_a_shell_and_blanks_are_none(
    keyless: Live, tmp_path: Path, state_dir: Path, monkeypatch: pytest.MonkeyPatch, *, typed: str, meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    saved = preferences()
    saved.keep_files = typed
    assert config.meshes_folder() == (Path(meant.format(home=Path.home(), here=tmp_path)), None)
    saved.keep_files = "  "
    assert config.meshes_folder() == (state_dir / "meshes", None)


@pytest.mark.parametrize("how", ["keep_beside", "keep_files"])
def test_meshes_can_be_kept_beside_the_blend_once_there_is_one(
    keyless: Live, tmp_path: Path, state_dir: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = preferences()
    setattr(saved, how, "//" if how == "keep_files" else True)
    folder, told = config.meshes_folder()
    assert folder == state_dir / "meshes"
    assert told == f"This file is not saved yet, so that the mesh is kept in {folder}."
    blend = str(tmp_path / "scene ü.blend")
    monkeypatch.setattr(config.bpy.path, "abspath", lambda path: path.replace("//", f"{tmp_path}/"))
    monkeypatch.setattr(config, "bpy", SimpleNamespace(**vars(bpy) | {"data": SimpleNamespace(filepath=blend)}))
    assert config.meshes_folder() == (tmp_path, None)


def test_what_is_paid_for_is_not_kept_with_the_extension(
    keyless: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(config, "ADDON", "bl_ext.user_default.scenario_addon")
    monkeypatch.setattr(bpy.utils, "extension_path_user", lambda *_, **__: str(tmp_path / "extension"))
    keyless.say(SCENARIO_STATE_DIR="", XDG_DATA_HOME=str(tmp_path / "data"))
    assert config.folder() == state_folder()
    assert not config.folder().is_relative_to(tmp_path / "extension")
    assert config.former_folder() == tmp_path / "extension"
    config.secret_file().set("key", "k1")
    assert (tmp_path / "extension" / "credentials.json").exists()


def test_the_blend_module_is_online_and_a_blender_asks_its_user(keyless: Live) -> None:
    assert config.is_online_allowed()
    keyless.ask_for_permission(allowed=False)
    assert not config.is_online_allowed()
    bpy.context.preferences.system.use_online_access = True
    assert config.is_online_allowed()


def test_the_file_of_the_key_is_only_for_its_owner(saved: object, state_dir: Path) -> None:
    path = state_dir / "credentials.json"
    assert "secret_saved" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_daily_limit_is_the_environments_else_the_preferences(keyless: Live) -> None:
    assert config.day_limit_cu() is None
    saved = preferences()
    saved.max_cost_per_day = 40
    assert config.day_limit_cu() == Decimal("40")
    keyless.say(SCENARIO_MAX_COST_PER_DAY="12.5")
    assert config.day_limit_cu() == Decimal("12.5")
