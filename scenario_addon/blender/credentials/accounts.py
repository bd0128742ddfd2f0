# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts to choose from: a name, a key with its secret, a project and a service each. One of them is active.

What is no secret is in a file of its own beside that of the secrets, so that it is kept at once and survives where the
secrets cannot be read. The active one may be another in each Blender that runs; the last one chosen is the next one's.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ...engine.errors import DiskError, InputError
from ...engine.files import make_private_folder, write_whole
from .secrets import SecretFile

__all__ = ["Account", "Accounts"]

log = logging.getLogger(__name__)

_FIRST: Final = ""
"""The id of the first account: its key has the name that it had when there was but one."""


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    name: str
    project_id: str = ""
    base_url: str = ""
    """"" for the usual one."""
    projects: Mapping[str, str] = field(default_factory=dict[str, str])
    """The names of those that its key is for, by id, as far as they are known; "" for one that was typed."""

    @property
    def project(self) -> str:
        """What its project is called."""
        return self.projects.get(self.project_id) or self.project_id


class Accounts:
    """Read once and then remembered. Main thread only. Whatever changes them raises :class:`DiskError` where it cannot.

    :param former: gives project and base URL as an older version kept them, for when there is no file yet.
    """

    def __init__(self, path: Path, secrets: SecretFile, *, former: Callable[[], tuple[str, str]]) -> None:
        self._path, self._secrets, self._former = path, secrets, former
        self._known: tuple[Account, ...] = ()
        self._active_id: str | None = None
        self.changes = 0
        """How often anything about them was changed here."""

    @property
    def all(self) -> tuple[Account, ...]:
        """In the order in which they were added; at least one."""
        if not self._known:
            try:
                self._known, active_id = self._read()
            except OSError as error:
                log.warning("the list of accounts cannot be read: %s", type(error).__name__)
                self._known, active_id = self._only(), _FIRST
            self._active_id = active_id if self._active_id is None else self._active_id
        return self._known

    @property
    def active(self) -> Account:
        """The one in use."""
        return next((one for one in self.all if one.id == self._active_id), self.all[0])

    def pair(self, account: Account) -> tuple[str, str]:
        """Give the key and the secret of an account; "" for what is not there."""
        return self._secrets.get(_name("key", account.id)), self._secrets.get(_name("secret", account.id))

    def set_key(self, key: str) -> None:
        """Keep the key of the active account. What another key was for is not known of it."""
        if key != self.pair(self.active)[0]:
            self._keep({_name("key", self.active.id): key})
            self.change(projects={})

    def set_secret(self, secret: str) -> None:
        """Keep the secret that belongs to it."""
        self._keep({_name("secret", self.active.id): secret})

    def learn(self, projects: Mapping[str, str]) -> None:
        """Note what the projects of the active account's key are called, by their ids. Those that were typed stay."""
        typed = {one: "" for one, name in self.active.projects.items() if not name and one not in projects}
        self.change(projects={**projects, **typed})

    def use(self, account_id: str) -> None:
        """Have another account active."""
        before, self._active_id = self._active_id, account_id
        try:
            self._write(lambda known: known)
        except DiskError:
            self._active_id = before
            raise

    def add(self, name: str = "") -> Account:
        """Make a new account, without a key, and have it active."""
        added = Account(uuid.uuid4().hex[:8], self._free(name.strip() or "Account"))
        self._write(lambda known: (*known, added))
        self.use(added.id)
        return added

    def remove(self, account_id: str) -> None:
        """Forget an account and its key; the first of the others is active then.

        :raises InputError: it is the only one.
        """
        if len(self.all) == 1:
            raise InputError("This is the only account: enter another key instead.")
        self._keep({_name("key", account_id): "", _name("secret", account_id): ""})
        self._write(lambda known: tuple(one for one in known if one.id != account_id))

    def change(self, **values: Any) -> None:
        """Change the active account. The project that it had stays among those that are known."""
        active = self.active
        if name := values.get("name"):
            values["name"] = self._free(name, but_for=active)
        changed = replace(active, **values)
        used = {one: "" for one in (active.project_id, changed.project_id) if one}
        changed = replace(changed, projects={**used, **changed.projects})
        if changed != active:
            self._write(lambda known: tuple(changed if one.id == active.id else one for one in known))

    def _free(self, name: str, *, but_for: Account | None = None) -> str:
        """Give a name that no other account has: a number is added where one has it."""
        taken = {one.name for one in self.all if one != but_for}
        numbered = (f"{name} {number}" for number in range(2, len(taken) + 3))
        return next(one for one in (name, *numbered) if one not in taken)

    def _keep(self, secrets: Mapping[str, str]) -> None:
        self._secrets.change(secrets)
        self.changes += 1

    # -- the file

    def _write(self, change: Callable[[tuple[Account, ...]], tuple[Account, ...]]) -> None:
        """Change what is in the file, which another Blender may have changed meanwhile.

        :raises DiskError: it cannot be written, or not be read, so that others in it would be lost.
        """
        active_id = self.active.id if self._active_id is None else self._active_id
        try:
            kept = change(self._read()[0])
            active_id = active_id if any(one.id == active_id for one in kept) else kept[0].id
            data = {"active": active_id, "accounts": [_record(one) for one in kept]}
            make_private_folder(self._path.parent)
            write_whole(self._path, json.dumps(data, indent=1).encode(), is_private=True)
        except OSError as error:
            raise DiskError(f"{self._path} cannot be written ({error.strerror}): check the folder.") from error
        self._known, self._active_id = kept, active_id
        self.changes += 1

    def _read(self) -> tuple[tuple[Account, ...], str]:
        """The accounts of the file and which one was active last; where there is none, the one there always was.

        :raises OSError: there is a file, and it cannot be read now.
        """
        try:
            data = json.loads(self._path.read_text(encoding="utf-8"))
            found = {one.id: one for one in map(_account, data["accounts"])}
            return tuple(found.values()) or self._only(), str(data.get("active", _FIRST))
        except FileNotFoundError:
            return self._only(), _FIRST
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            log.warning("the list of accounts is damaged: %s", type(error).__name__)
            return self._known or self._only(), self._active_id or _FIRST

    def _only(self) -> tuple[Account, ...]:
        project_id, base_url = self._former()
        return (Account(_FIRST, "Account", project_id, base_url),)


def _name(what: str, account_id: str) -> str:
    """What a key or a secret is called among the secrets."""
    return f"{what} {account_id}" if account_id else what


def _record(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "project": account.project_id,
        "url": account.base_url,
        "projects": dict(account.projects),
    }


def _account(record: Mapping[str, Any]) -> Account:
    """:raises ValueError, TypeError, KeyError, AttributeError: it is no account."""
    projects = {str(key): str(name) for key, name in record.get("projects", {}).items()}
    account_id, project_id, base_url = str(record["id"]), str(record["project"]), str(record["url"])
    return Account(account_id, str(record["name"]) or "Account", project_id, base_url, projects)
