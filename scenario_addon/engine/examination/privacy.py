# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes out of a text what is nobody else's business: secrets, and who uses this computer.

What is known by its value goes wherever it stands, also as addresses spell it; what only looks like a secret or a home
goes, too, since errors quote what others have written. Rather too much is taken out than too little.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies

from ..values import Credentials

__all__ = ["Hidden"]

_HIDDEN: Final = "[hidden]"
_USER: Final = "[user]"
_LEAST: Final = 4
"""Characters of a secret that is looked for by its value, and of a user's name: shorter ones are in every word."""
_LEAST_OF_OTHERS: Final = 8
"""Of what a variable holds whose name sounds like a secret."""
_SOUNDS_SECRET: Final = re.compile(r"KEY|SECRET|TOKEN|PASSW|PASSPHRASE|CREDENTIAL|JWT", re.IGNORECASE)
_COMMON: Final = frozenset(
    (
        "admin",
        "administrator",
        "blender",
        "default",
        "guest",
        "home",
        "local",
        "python",
        "root",
        "scenario",
        "user",
        "users",
    )
)
"""Names of users that are words of a report as well: these go where a path or an address has them, and only there."""

_PATTERNS: Final = (
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s'\"<>]*@"), r"\1"),  # a name and a password before a host
    (re.compile(r"(?i)\b(https?://[^\s?#'\"<>]*)[?#][^\s'\"<>]*"), rf"\1?{_HIDDEN}"),  # what signs an address
    (re.compile(r"(?i)\b(basic|bearer)\s+(?=\S*[\d=])[a-z0-9+/=._~-]{8,}"), rf"\1 {_HIDDEN}"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.?[\w-]*"), _HIDDEN),  # a token of JSON
    (
        re.compile(
            r"(?i)((?:secret|token|passw(?:or)?d|passphrase|api[_-]?key|signature|key-pair-id)[\w-]*[\"']?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|[^\s\"',;&]+)"
        ),
        rf"\1{_HIDDEN}",
    ),
)
_NAME: Final = (
    r"(?:[^\\/\s:*?\"<>|,;()']+(?: [^\\/\s:*?\"<>|,;()']+){0,3}(?=[\\/])|[^\\/\s:*?\"<>|,;()']*[^\\/\s:*?\"<>|,;()'.])"
)
"""Of a folder; one with spaces ends at the next slash, and none with the full stop of a sentence."""
_HOME: Final = re.compile(
    r"(?i)(?:(?:(?<![a-z0-9])|(?<=[\\/]))[a-z]:|(?<![\w:/\\.~-])(?=[\\/])|(?<=file://)(?=/))"
    rf"(?:[\\/]+[\w.?$-]+){{0,3}}?[\\/]+(?:users|home|documents and settings)[\\/]+{_NAME}"
)
"""Anybody's, as Windows, macOS and Linux have them."""


@dataclass(frozen=True)
class Hidden:
    """What is not to be told."""

    secrets: tuple[str, ...]
    home: str
    users: tuple[str, ...]

    @classmethod
    def of(cls, environment: Mapping[str, str], *credentials: object) -> Hidden:
        """Gather what is known here.

        :param credentials: those in use, and other secrets as they are; whatever else there is instead is passed over.
        """
        home = _home(environment)
        names = [environment.get(name, "") for name in ("USER", "USERNAME", "LOGNAME")]
        names.append(re.split(r"[\\/]+", home.rstrip("\\/"))[-1])
        users = dict.fromkeys(name for name in names if name)
        return cls(tuple(_spelt(_secrets(environment, credentials))), home, tuple(users))

    def without_secrets(self, text: str) -> str:
        """Take out what opens something."""
        for secret in self.secrets:
            text = text.replace(secret, _HIDDEN)
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def anonymous(self, text: str) -> str:
        """Take out what says who somebody is as well."""
        text = self.without_secrets(text)
        if self._own_home is not None:
            text = self._own_home.sub("~", text)
        text = _HOME.sub("~", text)
        for pattern in self._own_names:
            text = pattern.sub(_USER, text)
        return text

    @cached_property
    def _own_home(self) -> re.Pattern[str] | None:
        """The home folder, whichever way its slashes and letters are written."""
        parts = re.split(r"[\\/]+", self.home.rstrip("\\/"))
        if len(parts) < 2:  # a service may have no home, or the whole disk
            return None
        path = r"[\\/]+".join(map(re.escape, parts))
        return re.compile(rf"(?i)(?:\\\\\?\\)?(?<![\w.~-]){path}(?![\w-]|\.\w)")

    @cached_property
    def _own_names(self) -> list[re.Pattern[str]]:
        found: list[re.Pattern[str]] = []
        for name in self.users:
            word = re.escape(name)
            if len(name) < _LEAST or name.lower() in _COMMON:
                word = rf"(?<=[\\/]){word}(?=[\\/])|{word}(?=@)"
            found.append(re.compile(rf"(?i)(?<!\w)(?:{word})(?!\w)"))
        return found


def _home(environment: Mapping[str, str]) -> str:
    stated = environment.get("USERPROFILE" if os.name == "nt" else "HOME")
    try:
        return stated or str(Path.home())
    except RuntimeError:
        return ""


def _secrets(environment: Mapping[str, str], credentials: Iterable[object]) -> Iterator[str]:
    for pair in credentials:
        if isinstance(pair, Credentials):
            yield from (pair.key, pair.secret)
            yield base64.b64encode(f"{pair.key}:{pair.secret}".encode()).decode()
        elif isinstance(pair, str):
            yield pair
    for name, value in environment.items():
        if _SOUNDS_SECRET.search(name) and len(value.strip()) >= _LEAST_OF_OTHERS:
            yield value.strip()
    proxies = (value for name, value in environment.items() if name.lower().endswith("_proxy"))
    for proxy in (*proxies, *getproxies().values()):
        yield from _passwords(proxy)


def _passwords(proxy: str) -> Iterator[str]:
    try:
        password = urlsplit(proxy if "://" in proxy else f"//{proxy}").password or ""
    except ValueError:
        return
    yield from (password, unquote(password))


def _spelt(secrets: Iterable[str]) -> list[str]:
    """Give each as it is and as addresses have it, those first that others are a part of."""
    spelt = {
        way for secret in secrets if len(secret) >= _LEAST for way in (secret, quote(secret, safe=""), quote(secret))
    }
    return sorted(spelt, key=lambda way: (-len(way), way))
