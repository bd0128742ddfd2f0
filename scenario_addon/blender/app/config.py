# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on may use, and where it keeps things: read from the preferences and the environment before them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import bpy

from ... import ADDON
from ...engine import settings
from ...engine.errors import ConfigError, CredentialsMissing, ScenarioError
from ...engine.settings import base_url, checked_url, credentials_from_environment, make_credentials, state_folder
from ...engine.values import Credentials, Network
from ..credentials.accounts import Account, Accounts
from ..credentials.protection import system_protection
from ..credentials.secrets import SecretFile

__all__ = [
    "ADDON",
    "PROXY_PASSWORD",
    "account_name",
    "account_scopes",
    "accounts",
    "certificates_variable",
    "credentials",
    "day_limit_cu",
    "favourite_models",
    "folder",
    "former_folder",
    "is_from_environment",
    "is_online_allowed",
    "keep_favourite_models",
    "largest_texture_px",
    "max_cost_cu",
    "meshes_folder",
    "network",
    "other_credentials",
    "pictures_folder",
    "proxy_problem",
    "proxy_variable",
    "saved_credentials",
    "secret_file",
    "shows_materials",
]

PROXY_PASSWORD: Final = "proxy password"
"""Its name in the file with what is secret."""
_LARGEST_TEXTURE_PX: Final = 4096
"""Where there are no preferences."""


def folder() -> Path:
    """Where the ledger, the meshes, the model list and the pictures in use live: they outlive the extension."""
    return state_folder()


def pictures_folder() -> Path:
    """Where pictures are kept that were taken, converted or cut out for an order."""
    return folder() / "pictures"


def former_folder() -> Path | None:
    """Where an older version kept all that, which goes with the extension; ``None`` where there is no such folder."""
    if os.environ.get("SCENARIO_STATE_DIR") or not ADDON.startswith("bl_ext."):
        return None
    return Path(bpy.utils.extension_path_user(ADDON))


def secret_file() -> SecretFile:
    """The key stays with the extension, and goes with it."""
    return _secret_file_in(_own_folder())


def accounts() -> Accounts:
    """Likewise the accounts that the keys belong to."""
    return _accounts_in(_own_folder())


def _own_folder() -> Path:
    return Path(bpy.utils.extension_path_user(ADDON)) if ADDON.startswith("bl_ext.") else folder()


@cache
def _secret_file_in(folder: Path) -> SecretFile:
    """One for each folder, because it remembers what it has read."""
    return SecretFile(folder / "credentials.json", protection=system_protection())


@cache
def _accounts_in(folder: Path) -> Accounts:
    return Accounts(folder / "accounts.json", _secret_file_in(folder), former=_former_account)


def _former_account() -> tuple[str, str]:
    """Project and base URL as an older version kept them in Blender's preferences; "" for what is not there."""
    if (saved := _preferences()) is None:
        return "", ""
    own = saved.bl_system_properties_get() if hasattr(saved, "bl_system_properties_get") else saved
    project_id, address = (str(own.get(name, "") or "") if own else "" for name in ("project_id", "base_url"))
    return project_id, address


def _preferences() -> Any:
    """``None`` where the add-on runs without being installed, as with the ``bpy`` module."""
    addon = bpy.context.preferences.addons.get(ADDON)
    return addon.preferences if addon else None


def is_from_environment() -> bool:
    """Whether the environment holds credentials: it wins, whole, over what is typed here."""
    try:
        return credentials_from_environment() is not None
    except ScenarioError:
        return True


def credentials() -> Credentials:
    """What to go online with.

    :raises CredentialsMissing: nothing whole is there.
    :raises ConfigError: the base URL cannot be used.
    """
    found = credentials_from_environment() or saved_credentials()
    if found is None:
        raise CredentialsMissing("Enter your Scenario API key and secret in the preferences.")
    return found


def saved_credentials() -> Credentials | None:
    """What the active account says; ``None`` when it holds no pair.

    :raises ConfigError: something in it cannot be used.
    """
    kept = accounts()
    active = kept.active
    return _credentials(*kept.pair(active), os.environ.get("SCENARIO_PROJECT_ID") or active.project_id, active.base_url)


def _credentials(key: str, secret: str, project_id: str, url: str) -> Credentials | None:
    if not key or not secret:
        return None
    url = os.environ.get("SCENARIO_BASE_URL") or url
    return make_credentials(key, secret, project_id=project_id, url=checked_url(url) if url else base_url())


def _every_account() -> Iterator[tuple[Account, str, Credentials]]:
    """What is saved of every account, for each project that it is known to have been used with."""
    kept = accounts()
    for account in kept.all:
        pair = kept.pair(account)
        for project_id in dict.fromkeys((account.project_id, "", *account.projects)):
            with suppress(ScenarioError):  # whoever has it active is told
                if (found := _credentials(*pair, project_id, account.base_url)) is not None:
                    yield account, project_id, found


def other_credentials() -> dict[str, Credentials]:
    """What is saved, by its scope: for jobs that were ordered with it and are under way. Nothing new is.

    None where the environment has its own, which are used alone.
    """
    found: dict[str, Credentials] = {}
    for _, _, one in _every_account() if not is_from_environment() else ():
        found.setdefault(one.scope, one)
    return found


def account_name(scope: str) -> str:
    """Say what the saved account is called that jobs of a scope are ordered with, and its project; "" for none."""
    kept = accounts()
    return _account_names(kept, kept.changes).get(scope, "")


@lru_cache(maxsize=1)
def _account_names(kept: Accounts, changes: int) -> Mapping[str, str]:
    """Find out anew after each change only: rows of a long list ask for it when they are drawn."""
    names: dict[str, str] = {}
    for account, project_id, one in _every_account():
        project = account.projects.get(project_id) or project_id
        names.setdefault(one.scope, f"{account.name}, project {project}" if project else account.name)
    return names


def account_scopes(account_id: str) -> frozenset[str]:
    """The scopes of the jobs that an account is needed for, and no other will do."""
    own = {one.scope for account, _, one in _every_account() if account.id == account_id}
    return frozenset(own - {one.scope for account, _, one in _every_account() if account.id != account_id})


def network() -> Network:
    """What the preferences say of the way to the service.

    :raises ConfigError: the proxy's address cannot be used.
    """
    saved = _preferences()
    if saved is None:
        return Network()
    if problem := proxy_problem():
        raise ConfigError(problem)
    return Network(
        {"SYSTEM": "", "NONE": None}.get(saved.proxy_mode, saved.proxy_address),
        saved.proxy_user.strip(),
        secret_file().get(PROXY_PASSWORD),
        bpy.path.abspath(saved.certificates.strip()),
        saved.trust_system,
    )


def proxy_problem() -> str | None:
    """Why no proxy can be used that is entered in the preferences; ``None`` where it can be, or is not to be."""
    saved = _preferences()
    if saved is None or saved.proxy_mode != "MANUAL" or proxy_variable():
        return None
    if not saved.proxy_address:
        return "Enter the address of the proxy in the preferences, or choose System there."
    from ...engine.net.address import parse_proxy

    try:
        parse_proxy(saved.proxy_address, where="The proxy's address in the preferences")
    except ConfigError as error:
        return error.user_message
    return None


def proxy_variable() -> str | None:
    """The variable that names a proxy: it wins over what is entered here."""
    return _variable("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")


def certificates_variable() -> str | None:
    """The variable that names what certificates are checked with, likewise."""
    return _variable("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")


def _variable(*names: str) -> str | None:
    return next((name for name in names if os.environ.get(name)), None)


def max_cost_cu() -> Decimal | None:
    """What a job may cost without asking; ``None`` for no limit."""
    saved = _preferences()
    return _limit(saved.max_cost) if saved else None


def day_limit_cu() -> Decimal | None:
    """What all jobs together may cost in a day; ``None`` for no limit. The environment wins.

    :raises ConfigError: the environment holds something that is no amount.
    """
    saved, stated = _preferences(), settings.day_limit_cu()
    return stated if stated is not None or saved is None else _limit(saved.max_cost_per_day)


def _limit(amount: float) -> Decimal | None:
    return Decimal(str(round(amount, 3))) if amount > 0 else None


def favourite_models() -> list[str] | None:
    """The ids of the models with a star, in the order in which they got it; ``None`` where none can be kept."""
    saved = _preferences()
    if saved is None:
        return None
    try:
        kept = json.loads(saved.favourite_models or "[]")
    except (ValueError, RecursionError):
        return []
    return [str(name) for name in kept] if isinstance(kept, list) else []


def keep_favourite_models(model_ids: Sequence[str]) -> None:
    """Keep which models have a star, in Blender's preferences, which it saves when it quits."""
    if (saved := _preferences()) is not None:
        saved.favourite_models = json.dumps(list(model_ids))
        bpy.context.preferences.is_dirty = True


def shows_materials() -> bool:
    """Whether viewports in Solid go to Material Preview once a mesh has come in."""
    saved = _preferences()
    return bool(saved and saved.show_materials)


def brings_into_view() -> bool:
    """Whether viewports look at a mesh that has come in where they would not show it."""
    saved = _preferences()
    return saved is None or saved.bring_into_view


def largest_texture_px() -> int:
    """The longest side of a texture that a window is to show."""
    saved = _preferences()
    return int(saved.largest_texture) if saved else _LARGEST_TEXTURE_PX


def is_online_allowed() -> bool:
    """Whether the user lets this Blender go online. The ``bpy`` module has no user but the one who runs it."""
    return bpy.app.online_access or not bpy.app.binary_path


def _own_meshes_folder() -> Path:
    """Where meshes are kept unless the user wants them elsewhere, and when that cannot be."""
    return folder() / "meshes"


def meshes_folder() -> tuple[Path, str | None]:
    """Where new meshes are kept. Looks at no file: a folder that cannot be written is noticed before a job is paid for.

    :return: also what the user has to know of it, where it is not what was asked for.
    """
    saved, usual = _preferences(), _own_meshes_folder()
    wanted = saved.keep_files.strip() or ("//" if saved.keep_beside else "") if saved else ""
    if not wanted:
        return usual, None
    if wanted.startswith("//") and not bpy.data.filepath:
        return usual, f"This file is not saved yet, so that the mesh is kept in {usual}."
    path = bpy.path.abspath(wanted)
    return Path(os.path.expanduser(path)).absolute(), None  # noqa: PTH111 - which raises for an unknown ~user
