# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts to choose from, as they are kept: one is active, and no key is in their file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scenario_addon.blender.credentials.accounts import Accounts
from scenario_addon.blender.credentials.secrets import SecretFile
from scenario_addon.engine.errors import DiskError, InputError


def opened(folder: Path, former: tuple[str, str] = ("", "")) -> Accounts:
    """As the next Blender has them."""
    return Accounts(folder / "accounts.json", SecretFile(folder / "credentials.json"), former=lambda: former)


def named(accounts: Accounts) -> list[str]:
    return [one.name for one in accounts.all]


def test_what_there_was_before_there_were_several_is_the_first_account(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text('{"key": "k1", "secret": "s1"}')
    accounts = opened(tmp_path, ("project_1", "https://example.com/v1"))
    only = accounts.active
    assert (only.name, only.project_id, only.base_url) == ("Account", "project_1", "https://example.com/v1")
    assert accounts.pair(only) == ("k1", "s1")
    assert not (tmp_path / "accounts.json").exists(), "looking writes nothing"
    accounts.add("Studio")
    later = opened(tmp_path, ("project_of_nobody", ""))
    assert later.all[0] == only
    assert later.pair(later.all[0]) == ("k1", "s1")


def test_each_account_has_its_own_key_and_none_is_in_the_open_file(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    accounts.set_key("k1")
    accounts.set_secret("s1")
    accounts.change(name="Home")
    studio = accounts.add("Studio")
    assert accounts.pair(studio) == ("", "")
    accounts.set_key("k2")
    accounts.set_secret("s2")
    accounts.change(project_id="p2", base_url="https://studio.example/v1")
    later = opened(tmp_path)
    assert named(later) == ["Home", "Studio"]
    assert later.active.name == "Studio"
    assert [later.pair(one) for one in later.all] == [("k1", "s1"), ("k2", "s2")]
    assert (later.active.project_id, later.active.base_url) == ("p2", "https://studio.example/v1")
    text = (tmp_path / "accounts.json").read_text()
    assert not any(secret in text for secret in ("k1", "s1", "k2", "s2"))


def test_a_removed_account_takes_its_key_along_and_the_only_one_stays(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    accounts.set_key("k1")
    first = accounts.active
    accounts.add("Studio")
    accounts.remove(first.id)
    assert (named(accounts), accounts.active.name) == (["Studio"], "Studio")
    assert "k1" not in (tmp_path / "credentials.json").read_text()
    with pytest.raises(InputError, match="only account"):
        accounts.remove(accounts.active.id)


def test_no_two_accounts_have_one_name(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    accounts.add()
    accounts.add()
    assert named(accounts) == ["Account", "Account 2", "Account 3"]
    accounts.change(name="Account")
    assert accounts.active.name == "Account 3"
    accounts.change(name="Studio")
    accounts.change(name="Studio")
    assert accounts.active.name == "Studio"


def test_projects_are_remembered_until_there_is_another_key(tmp_path: Path) -> None:
    accounts = opened(tmp_path)
    accounts.set_key("k1")
    accounts.change(project_id="typed")
    accounts.learn({"p1": "Chairs", "p2": "Lamps"})
    accounts.change(project_id="p1")
    assert accounts.active.project == "Chairs"
    accounts.learn({"p1": "Chairs", "p3": "Boats"})
    assert accounts.active.projects == {"p1": "Chairs", "p3": "Boats", "typed": ""}
    accounts.set_key("k1")
    assert len(accounts.active.projects) == 3
    accounts.set_key("k2")
    assert accounts.active.projects == {"p1": ""}


def test_two_blenders_may_use_different_accounts_and_lose_none(tmp_path: Path) -> None:
    opened(tmp_path).change(name="Home")
    first, second = opened(tmp_path), opened(tmp_path)
    assert first.active == second.active
    second.add("Studio")
    assert first.active.name == "Home"
    first.change(project_id="p1")
    assert named(first) == ["Home", "Studio"]
    assert (first.active.name, second.active.name) == ("Home", "Studio")
    assert opened(tmp_path).active.name == "Home", "the last to be changed"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"accounts": 7}', '{"accounts": [7]}', '{"accounts": [{"id": "a"}]}', "[" * 9999]
)
def test_a_damaged_list_leaves_the_first_account(tmp_path: Path, content: str) -> None:
    SecretFile(tmp_path / "credentials.json").set("key", "k1")
    (tmp_path / "accounts.json").write_text(content)
    accounts = opened(tmp_path)
    assert (named(accounts), accounts.pair(accounts.active)[0]) == (["Account"], "k1")
    accounts.change(name="Home")
    assert named(opened(tmp_path)) == ["Home"]


def test_an_active_account_that_is_none_is_the_first(tmp_path: Path) -> None:
    opened(tmp_path).change(name="Home")
    data = json.loads((tmp_path / "accounts.json").read_text())
    (tmp_path / "accounts.json").write_text(json.dumps(data | {"active": "gone"}))
    assert opened(tmp_path).active.name == "Home"


def test_what_cannot_be_written_or_read_is_said_and_not_pretended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = opened(tmp_path)
    accounts.add("Studio")
    (tmp_path / "accounts.json").rename(tmp_path / "kept")
    (tmp_path / "accounts.json").mkdir()
    first = accounts.all[0]
    for change in (lambda: accounts.use(first.id), lambda: accounts.change(name="Home"), lambda: accounts.add("New")):
        with pytest.raises(DiskError, match="cannot be written"):
            change()
    assert (named(accounts), accounts.active.name) == (["Account", "Studio"], "Studio")
    assert opened(tmp_path).active.name == "Account"
