# SPDX-License-Identifier: GPL-3.0-or-later
"""Which way requests take: directly, or through the proxy of the environment, of the preferences or of the system."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, getproxies_environment

from requests.utils import select_proxy, should_bypass_proxies

from ..errors import ConfigError
from ..values import Network
from .address import ProxyAddress, parse_proxy

__all__ = ["DIRECT", "PREFERENCES", "Way", "way_to"]

PREFERENCES: Final = "the preferences"
_SYSTEM: Final = "the system's settings"
_PLACES: Final = {
    PREFERENCES: "The proxy's address in the preferences",
    _SYSTEM: "The proxy's address in the system's settings",
}
"""What is not a variable, as the subject of a sentence."""


@dataclass(frozen=True, slots=True)
class Way:
    """How requests get to an address.

    :param proxy: ``None``: directly.
    :param source: where the proxy comes from, for people: a variable's name, the preferences, the system's settings.
    """

    proxy: ProxyAddress | None = None
    source: str = ""

    def __str__(self) -> str:
        """For people, without user and password."""
        return f"through the proxy {self.proxy.shown} (from {self.source})" if self.proxy else "direct connection"

    @property
    def by_scheme(self) -> dict[str, str]:
        """As requests wants it."""
        return {"http": self.proxy.url, "https": self.proxy.url} if self.proxy else {}


DIRECT: Final = Way()


def way_to(url: str, network: Network) -> Way:
    """Find the way: the environment wins over the preferences, as everywhere, and those over the system.

    What NO_PROXY names, or the system excepts, is reached directly, whoever names the proxy.

    :raises ConfigError: the proxy's address cannot be used.
    :raises ValueError: ``url`` is none.
    """
    named = getproxies_environment()
    text, source = select_proxy(url, named), _variable(url, named)
    if not text and network.proxy is None:
        return DIRECT
    if not text:
        text, source = (network.proxy, PREFERENCES) if network.proxy else (select_proxy(url, getproxies()), _SYSTEM)
    if not text or should_bypass_proxies(url, no_proxy=None):
        return DIRECT
    found = parse_proxy(text, where=_PLACES.get(source) or f"The address in {source}")
    if source == PREFERENCES and network.proxy_user:
        found = replace(found, user=network.proxy_user, password=network.proxy_password)
    if ":" in found.user:
        raise ConfigError(f"The proxy's user name in {source} holds a colon, which none can: correct it.")
    return Way(found, source)


def _variable(url: str, named: dict[str, str]) -> str:
    """The name of the variable that a proxy comes from."""
    scheme = urlsplit(url).scheme.lower()
    return f"{scheme.upper()}_PROXY" if named.get(scheme) else "ALL_PROXY"
