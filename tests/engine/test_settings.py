# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment: pairs of key and secret that are never mixed, addresses that are safe, folders."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from scenario_addon.engine.errors import ConfigError, CredentialsMissing
from scenario_addon.engine.service import DEFAULT_BASE_URL
from scenario_addon.engine.settings import (
    base_url,
    checked_url,
    credentials_from_environment,
    day_limit_cu,
    make_credentials,
    state_folder,
)

SDK = {"SCENARIO_SDK_API_KEY": "key-a", "SCENARIO_SDK_API_SECRET": "secret-a"}
PLAIN = {"SCENARIO_API_KEY": "key-b", "SCENARIO_API_SECRET": "secret-b"}


# -- pairs


@pytest.mark.parametrize(
    ("environment", "pair"),
    [
        (SDK, ("key-a", "secret-a")),
        (PLAIN, ("key-b", "secret-b")),
        (SDK | PLAIN, ("key-a", "secret-a")),
        (PLAIN | {"SCENARIO_SDK_API_KEY": "key-a"}, ("key-b", "secret-b")),
        (PLAIN | {"SCENARIO_SDK_API_SECRET": "secret-a"}, ("key-b", "secret-b")),
        (SDK | {"SCENARIO_API_SECRET": "secret-b"}, ("key-a", "secret-a")),
        (PLAIN | {"SCENARIO_SDK_API_KEY": "  ", "SCENARIO_SDK_API_SECRET": ""}, ("key-b", "secret-b")),
        ({name: f" {value}\r\n" for name, value in SDK.items()}, ("key-a", "secret-a")),
    ],
)
def test_the_first_whole_pair_counts(environment: dict[str, str], pair: tuple[str, str]) -> None:
    credentials = credentials_from_environment(environment)
    assert credentials is not None
    assert (credentials.key, credentials.secret) == pair


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({"SCENARIO_SDK_API_KEY": "key-a"}, "SCENARIO_SDK_API_SECRET"),
        ({"SCENARIO_SDK_API_SECRET": "secret-a"}, "SCENARIO_SDK_API_KEY"),
        ({"SCENARIO_API_KEY": "key-b"}, "SCENARIO_API_SECRET"),
        ({"SCENARIO_SDK_API_KEY": "key-a", "SCENARIO_API_SECRET": "secret-b"}, "SCENARIO_SDK_API_SECRET"),
        ({"SCENARIO_API_KEY": "key-b", "SCENARIO_SDK_API_SECRET": "secret-a"}, "SCENARIO_SDK_API_KEY"),
    ],
)
def test_two_halves_of_different_pairs_make_no_pair(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(CredentialsMissing, match=f"^{missing} is not set"):
        credentials_from_environment(environment)


@pytest.mark.parametrize("environment", [{}, {"SCENARIO_SDK_API_KEY": " "}, {"SCENARIO_PROJECT_ID": "proj_1"}])
def test_an_environment_without_either_leaves_the_choice_to_others(environment: dict[str, str]) -> None:
    assert credentials_from_environment(environment) is None


def test_project_and_address_come_with_the_pair() -> None:
    more = {"SCENARIO_PROJECT_ID": " proj_1 ", "SCENARIO_BASE_URL": "https://example.com/v1/"}
    credentials = credentials_from_environment(SDK | more)
    assert credentials is not None
    assert (credentials.project_id, credentials.base_url) == ("proj_1", "https://example.com/v1")


@pytest.mark.parametrize("project", ["", "  ", None])
def test_an_empty_project_is_none(project: str | None) -> None:
    assert make_credentials("k", "s", project_id=project, url=DEFAULT_BASE_URL).project_id is None


@pytest.mark.parametrize(("key", "secret"), [("", "s"), ("k", ""), (" ", "s"), ("k", "\n")])
def test_half_a_pair_is_told_where_to_get_one(key: str, secret: str) -> None:
    with pytest.raises(CredentialsMissing, match=r"create them at app\.scenario\.com"):
        make_credentials(key, secret, project_id=None, url=DEFAULT_BASE_URL)


@pytest.mark.parametrize(
    ("key", "secret"),
    [("kéy", "s"), ("k", "sécret"), ("k:ey", "s"), ("k\ney", "s"), ("k", "s\0"), ("k", "“s”"), ("k\x7f", "s")],
)
def test_what_cannot_be_a_key_is_refused_without_repeating_it(key: str, secret: str) -> None:
    with pytest.raises(CredentialsMissing, match="copy it again") as caught:
        make_credentials(key, secret, project_id=None, url=DEFAULT_BASE_URL)
    assert key not in str(caught.value).split()
    assert secret not in str(caught.value).split()


def test_a_colon_in_the_secret_is_fine() -> None:
    assert make_credentials("k", "s:t", project_id=None, url=DEFAULT_BASE_URL).secret == "s:t"


# -- addresses


@pytest.mark.parametrize("environment", [{}, {"SCENARIO_BASE_URL": ""}, {"SCENARIO_BASE_URL": "  "}])
def test_the_service_is_where_it_usually_is(environment: dict[str, str]) -> None:
    assert base_url(environment) == DEFAULT_BASE_URL


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        (" https://api.example.com/v1// ", "https://api.example.com/v1"),
        ("HTTPS://api.example.com:8443", "HTTPS://api.example.com:8443"),
        ("http://127.0.0.1:8000/v1", "http://127.0.0.1:8000/v1"),
        ("http://localhost:1/v1", "http://localhost:1/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("https://bücher.example/v1", "https://bücher.example/v1"),
    ],
)
def test_a_safe_address_is_used_without_its_last_slash(given: str, used: str) -> None:
    assert base_url({"SCENARIO_BASE_URL": given}) == used


@pytest.mark.parametrize(
    "url",
    [
        "http://api.cloud.scenario.com/v1",  # credentials would cross the network in the clear
        "http://127.0.0.1.example.com/v1",
        "http://localhost@example.com/v1",
        "api.cloud.scenario.com/v1",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "https://[::1",
        "https://example.com:port/v1",
        "https://example.com:99999/v1",
        "https://example.com/v1?x=1",
        "https://example.com/v1#x",
        "nonsense",
    ],
)
def test_an_unsafe_or_broken_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="is not a usable address of the service"):
        checked_url(url)


# -- folders


def test_the_chosen_folder_counts_and_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert state_folder({"SCENARIO_STATE_DIR": "größe mit leer"}) == tmp_path / "größe mit leer"


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {}, "HOME/.local/share/scenario_addon"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/scenario_addon"),
        ("linux", {"SCENARIO_STATE_DIR": ""}, "HOME/.local/share/scenario_addon"),
        ("darwin", {"XDG_DATA_HOME": "/data"}, "HOME/Library/Application Support/scenario_addon"),
        ("win32", {}, "HOME/AppData/Local/scenario_addon"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/scenario_addon"),
    ],
)
def test_without_a_choice_it_is_the_platforms_own(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], folder: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert state_folder(environment) == Path(folder.replace("HOME", str(Path.home())))


def test_asking_for_the_folder_makes_nothing(tmp_path: Path) -> None:
    assert not state_folder({"SCENARIO_STATE_DIR": str(tmp_path / "state")}).exists()


# -- limits


@pytest.mark.parametrize(
    ("text", "limit_cu"), [(None, None), ("", None), (" ", None), ("0", 0), (" 12.5 ", Decimal("12.5")), ("1e2", 100)]
)
def test_a_days_limit_is_a_number_of_compute_units(text: str | None, limit_cu: Decimal | None) -> None:
    assert day_limit_cu({} if text is None else {"SCENARIO_MAX_COST_PER_DAY": text}) == limit_cu


@pytest.mark.parametrize("text", ["ten", "-1", "nan", "inf", "10 CU", "1,5"])
def test_a_days_limit_that_cannot_be_read_is_not_taken_for_none(text: str) -> None:
    with pytest.raises(ConfigError, match=f"SCENARIO_MAX_COST_PER_DAY is {text}, not a number"):
        day_limit_cu({"SCENARIO_MAX_COST_PER_DAY": text})
