# SPDX-License-Identifier: GPL-3.0-or-later
"""The address of a proxy as people write it. What is wrong with one is said without it: a password may be in it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Final, NoReturn
from urllib.parse import quote, unquote

from ..errors import ConfigError

__all__ = ["ProxyAddress", "parse_proxy", "without_login"]

_LIKE: Final = "write it like proxy.example.com:8080"
_PORTS: Final = {"http": 80, "https": 443}
_NAME: Final = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?", re.IGNORECASE)
_MOST_PORT: Final = 65535


@dataclass(frozen=True, slots=True)
class ProxyAddress:
    """Where a proxy is, and who asks. Never printed: ``repr`` leaves user and password out."""

    scheme: str
    host: str
    """Without the brackets of an IPv6 address."""
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def shown(self) -> str:
        """Host and port, for people."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def url(self) -> str:
        """All of it, user and password included, as ``requests`` takes it. Not for people."""
        login = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@" if self.user else ""
        return f"{self.scheme}://{login}{self.shown}"


def parse_proxy(text: str, *, where: str) -> ProxyAddress:
    """Read an address; without a scheme it is one of http.

    :param where: it was written, as the subject of a sentence.
    :raises ConfigError: it is none that can be used.
    """

    def refuse(what: str) -> NoReturn:
        raise ConfigError(f"{what}.") from None

    scheme, login, place = _parts(text)
    if scheme.startswith("socks"):
        refuse(f"{where} names a SOCKS proxy, which is not supported: enter the address of an HTTP proxy")
    if scheme not in _PORTS:
        refuse(f"{where} is no address of an http or https proxy: {_LIKE}")
    if place.rstrip("/").endswith((".pac", ".dat")):
        refuse(f"{where} is that of a script (PAC), which is not read: enter the address of the proxy that it names")
    place = place.removesuffix("/")
    if place.count(":") > 1 and not place.startswith("["):
        refuse(f"{where} is an IPv6 address without brackets: write it like [2001:db8::1]:8080")
    host, port = _host_and_port(place)
    if host is None:
        refuse(f"{where} is no address of a proxy: {_LIKE}")
    if port is not None and not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= _MOST_PORT):
        refuse(f"{where} has a port that is no number from 1 to {_MOST_PORT}: {_LIKE}")
    user, _, password = login.partition(":")
    return ProxyAddress(scheme, host, int(port) if port else _PORTS[scheme], unquote(user), unquote(password))


def without_login(text: str) -> tuple[str, str, str]:
    """Take user and password out of an address, whatever else is wrong with it: gives the rest of it, and the two."""
    scheme, login, place = _parts(text)
    user, _, password = login.partition(":")
    return f"{scheme}://{place}" if "://" in text else place, unquote(user), unquote(password)


def _parts(text: str) -> tuple[str, str, str]:
    """Scheme, user and password as they are written, and the rest. Passwords may hold what an address may not."""
    scheme, mark, rest = text.strip().partition("://")
    if not mark:
        scheme, rest = "http", scheme
    login, _, place = rest.rpartition("@")
    return scheme.lower(), login, place


def _host_and_port(place: str) -> tuple[str | None, str | None]:
    """The two as far as they are there; no host where it is none."""
    if place.startswith("["):
        host, _, rest = place[1:].partition("]")
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            return None, None
        return (host if not rest or rest.startswith(":") else None), (rest[1:] if rest else None)
    host, colon, port = place.partition(":")
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return None, None
    return (host if _NAME.fullmatch(host) else None), (port if colon else None)
