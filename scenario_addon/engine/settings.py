# SPDX-License-Identifier: GPL-3.0-or-later
"""What the environment says: credentials, service, folders."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from .errors import ConfigError, CredentialsMissing, OfflineError
from .host import Host
from .service import DEFAULT_BASE_URL
from .values import Credentials, Network

__all__ = [
    "amount_cu",
    "base_url",
    "checked_url",
    "credentials_from_environment",
    "day_limit_cu",
    "found_credentials",
    "make_credentials",
    "network_of",
    "state_folder",
    "usable_credentials",
]

_PAIRS: Final = (
    ("SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET"),
    ("SCENARIO_API_KEY", "SCENARIO_API_SECRET"),
)


def credentials_from_environment(environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """Find the first whole pair; a key of one pair is never used with the secret of the other.

    :return: ``None`` when the environment holds neither key nor secret.
    :raises CredentialsMissing: when it holds half a pair only.
    """
    half: str | None = None
    for key_name, secret_name in _PAIRS:
        key, secret = environment.get(key_name, "").strip(), environment.get(secret_name, "").strip()
        if key and secret:
            return make_credentials(
                key, secret, project_id=environment.get("SCENARIO_PROJECT_ID"), url=base_url(environment)
            )
        if key or secret:
            half = half or (secret_name if key else key_name)
    if half:
        raise CredentialsMissing(f"{half} is not set: a key and its secret belong together, set both.")
    return None


def found_credentials(environment: Mapping[str, str], host: Host | None) -> Credentials | None:
    """Find the environment's credentials, else those entered in Blender; ``None`` for neither.

    :raises ConfigError: they cannot be used.
    """
    found = credentials_from_environment(environment)
    return host.saved_credentials() if found is None and host is not None else found


def network_of(host: Host | None) -> Network:
    """What the user of a Blender says of the way out; the environment, which wins, is asked with each request.

    :raises ConfigError: the proxy's address cannot be used.
    """
    return host.saved_network() if host is not None else Network()


def usable_credentials(found: Credentials | None, host: Host | None) -> Credentials:
    """Give what to go online with.

    :raises CredentialsMissing: there is nothing.
    :raises OfflineError: Blender may not go online.
    """
    if found is None:
        raise CredentialsMissing(
            "There is no API key: create one at app.scenario.com and set SCENARIO_SDK_API_KEY and "
            "SCENARIO_SDK_API_SECRET."
        )
    if host is not None and not host.online_access:
        raise OfflineError(
            "Blender may not go online: start it with --online-mode, or tick Preferences > System > Network > "
            "Allow Online Access."
        )
    return found


def make_credentials(key: str, secret: str, *, project_id: str | None, url: str) -> Credentials:
    """Pasted values carry spaces and line ends: they are cut off.

    :raises CredentialsMissing: for what cannot be a key: empty, not ASCII, a colon in the key.
    """
    key, secret = key.strip(), secret.strip()
    if not key or not secret:
        raise CredentialsMissing("There is no API key and secret: create them at app.scenario.com and set both.")
    if not (key.isascii() and key.isprintable() and secret.isascii() and secret.isprintable()) or ":" in key:
        raise CredentialsMissing("The API key or secret holds characters that cannot be in one: copy it again.")
    return Credentials(key, secret, (project_id or "").strip() or None, url)


def base_url(environment: Mapping[str, str] = os.environ) -> str:
    """Where the service is.

    :raises ConfigError: not an http(s) address.
    """
    return checked_url(environment.get("SCENARIO_BASE_URL", "").strip() or DEFAULT_BASE_URL)


def checked_url(url: str) -> str:
    """Plain http is for this machine only: credentials never cross a network in the clear.

    :raises ConfigError: not an address that credentials may be sent to.
    """
    if not _is_usable(url):
        raise ConfigError(f"{url} is not a usable address of the service: it must start with https://.")
    return url.rstrip("/")


def _is_usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check alone
    except ValueError:
        return False
    is_local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_local)
    return bool(parts.hostname) and is_safe and not (parts.query or parts.fragment)


def day_limit_cu(environment: Mapping[str, str] = os.environ) -> Decimal | None:
    """What may be spent in a day, in Compute Units; ``None`` for no limit.

    :raises ConfigError: not an amount; a limit that cannot be read must not become none.
    """
    text = environment.get("SCENARIO_MAX_COST_PER_DAY", "").strip()
    limit_cu = amount_cu(text)
    if text and limit_cu is None:
        raise ConfigError(
            f"SCENARIO_MAX_COST_PER_DAY is {text}, not a number of Compute Units (CU): write it like 12.5."
        )
    return limit_cu


def amount_cu(text: str) -> Decimal | None:
    """Read a number of Compute Units, as people write it; ``None`` for what is none."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def state_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the ledger and the kept files live outside Blender, unless ``SCENARIO_STATE_DIR`` says otherwise."""
    if chosen := environment.get("SCENARIO_STATE_DIR"):
        return Path(chosen).absolute()
    home = Path.home()
    if sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support"
    else:
        base = Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share")
    return base / "scenario_addon"
