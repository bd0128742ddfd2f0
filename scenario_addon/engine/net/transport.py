# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request leaves and its answer comes in: on time, and with word of whether anything left at all.

``requests`` has a timeout between two packets only: a service that sends a byte now and then would hold a worker for
ever, with its headers as with its body. Here every wait for bytes is as long as what is left of the exchange's time.
Works with requests 2.27 and newer, urllib3 1.26 and 2, plain or protected, directly or through a proxy.
"""

from __future__ import annotations

import base64
import http.client
import io
import math
import time
from contextvars import ContextVar, Token
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

from ..errors import ConfigError
from ..values import Network

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from requests.utils import get_auth_from_url
except ModuleNotFoundError as error:  # some distributions' Blender comes without it
    raise ConfigError(
        "This Blender comes without the Python library requests: use the one from blender.org, or install "
        "your distribution's python3-requests."
    ) from error

from .proxies import Way, way_to
from .trust import Trust, trusted

__all__ = ["LOGIN_HEADER", "LOST", "Exchange", "Response", "Session", "TunnelRefused"]

Response = requests.Response
LOST: Final = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)
"""What the libraries below raise when an exchange breaks; the errors of requests are among the last."""

LOGIN_HEADER: Final = "Proxy-Authenticate"
_MOST_HEAD_BYTES: Final = 256 * 1024
"""Of a status line and its headers, interim answers included: many times what any decent server sends."""


class TunnelRefused(OSError):
    """A proxy answered, and lets nothing through.

    :param login: how it wants to be told who asks, as its headers have it.
    """

    def __init__(self, status: int, login: str) -> None:
        super().__init__(f"the proxy answers {status}")
        self.status, self.login = status, login


class Exchange:
    """One request and its answer; a context manager around the sending, for the thread that sends.

    :param limit_s: how long the answer may take, from the request's last byte to its own last one.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.has_left = False
        """Whether a byte of the request may have left this machine for the service."""
        self.is_at_proxy = False
        """Whether it is only being asked of a proxy to be let through."""
        self._ends_s = math.inf

    def __enter__(self) -> Exchange:
        self._token: Token[Exchange | None] = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)

    def allow(self, limit_s: float) -> None:
        """Let what is still to come take so long from now on."""
        self.limit_s, self._ends_s = limit_s, time.monotonic() + limit_s

    @property
    def is_late(self) -> bool:
        """Whether its time is over."""
        return time.monotonic() >= self._ends_s

    def patience_s(self, stall_s: float | None) -> float:
        """How long to wait for the next bytes.

        :param stall_s: how long they may take at most.
        :raises TimeoutError: the time is over.
        """
        left_s = self._ends_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError("the answer takes too long")
        return left_s if stall_s is None else min(stall_s, left_s)


_current: Final[ContextVar[Exchange | None]] = ContextVar("exchange", default=None)


class _TimedReader(io.RawIOBase):
    """Reads a socket within an exchange's time."""

    def __init__(self, raw: io.RawIOBase, sock: Any, exchange: Exchange) -> None:
        self._raw, self._sock, self._exchange = raw, sock, exchange
        self._stall_s: float | None = sock.gettimeout()
        self.head_bytes_left: float = _MOST_HEAD_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        patience_s = self._exchange.patience_s(self._stall_s)
        if patience_s != math.inf:
            self._sock.settimeout(patience_s)
        count: int | None = self._raw.readinto(buffer)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        self.head_bytes_left -= count or 0
        if self.head_bytes_left < 0:
            raise http.client.HTTPException("the headers have no end")
        return count

    def readall(self) -> bytes:
        """Refuse what nobody asks for but http.client, for a chunk that states a length below zero."""
        raise http.client.HTTPException("a chunk has no length")

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """An answer whose headers and body are read within the exchange's time, which begins here: the request is out."""

    def __init__(self, sock: Any, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        exchange = _current.get() or Exchange(math.inf)
        exchange.allow(exchange.limit_s)
        self._reader = _TimedReader(self.fp.detach(), sock, exchange)  # type: ignore[union-attr]
        self.fp = io.BufferedReader(self._reader)

    def begin(self, *args: Any, **more: Any) -> None:
        super().begin(*args, **more)
        self._reader.head_bytes_left = math.inf


class _TunnelResponse(_TimedResponse):
    """A proxy's answer to being asked for a tunnel. Its headers say how it wants to be asked."""

    def _read_status(self) -> tuple[str, int, str]:
        own: Any = super()
        line: tuple[str, int, str] = own._read_status()
        if line[1] != http.client.OK:
            headers = http.client.parse_headers(self.fp)
            raise TunnelRefused(line[1], ", ".join(headers.get_all(LOGIN_HEADER, [])))
        return line


class _TimedConnection(http.client.HTTPConnection):
    """Goes before a connection class of urllib3."""

    response_class = _TimedResponse
    trust: Trust
    _is_connecting = False

    def connect(self) -> None:
        self._is_connecting, exchange = True, _current.get() or Exchange(math.inf)
        exchange.is_at_proxy = getattr(self, "proxy", None) is not None
        try:
            self._prepare_to_check()
            super().connect()
            exchange.is_at_proxy = False
        finally:
            self._is_connecting = False

    def _prepare_to_check(self) -> None:
        """Have certificates checked as is meant, those of the host and those of a proxy that is asked by https."""
        if hasattr(self, "ssl_context"):
            self.ssl_context = self.trust.context((self._tunnel_host or self.host).strip("[]"))  # type: ignore[attr-defined]
            proxy, config = getattr(self, "proxy", None), getattr(self, "proxy_config", None)
            if proxy is not None and proxy.scheme == "https" and config is not None:
                self.proxy_config = config._replace(ssl_context=self.trust.context(self.host.strip("[]")))

    def _tunnel(self) -> None:
        self.response_class = _TunnelResponse
        try:
            super()._tunnel()  # type: ignore[misc]
        finally:
            self.response_class = _TimedResponse
        if exchange := _current.get():
            exchange.is_at_proxy = False

    def send(self, data: Any) -> None:
        if not self._is_connecting:  # or it goes to a proxy, which is asked for a tunnel
            if self.sock is None and self.auto_open:  # pyright: ignore[reportUnnecessaryComparison]
                self.connect()
            if exchange := _current.get():
                exchange.has_left = True
        super().send(data)


class _Adapter(HTTPAdapter):
    """Hands out timed connections, whatever the way to the host.

    :param trust: what certificates are checked with.
    """

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        _make_timed(self.poolmanager, self._trust)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **more)
        if not is_known:
            _make_timed(manager, self._trust)
        return manager

    def proxy_headers(self, proxy: str) -> dict[str, str]:
        """Say who asks, in UTF-8, as browsers do; requests knows Latin-1 alone."""
        user, password = get_auth_from_url(proxy)
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {login}"} if user else {}

    def cert_verify(self, conn: Any, url: str, verify: object, cert: object) -> None:
        """Have every certificate checked; each connection has its context for that."""
        conn.cert_reqs = "CERT_REQUIRED"


def _make_timed(manager: Any, trust: Trust) -> None:
    pools = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: _timed_pool(pool, trust) for scheme, pool in pools}


@cache
def _timed_pool(pool: Any, trust: Trust) -> Any:
    connection = type("TimedConnection", (_TimedConnection, pool.ConnectionCls), {"trust": trust})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class Session(requests.Session):
    """A session whose exchanges are timed; it follows no redirects and keeps no cookies.

    :param network: what the user says of the way out, for where the environment says nothing.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(trusted(network)))
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def way_to(self, url: str) -> Way:
        """See :func:`.proxies.way_to`."""
        return way_to(url, self._network)

    def merge_environment_settings(
        self, url: str | bytes | None, proxies: object, stream: bool | None, verify: object, cert: object
    ) -> dict[str, Any]:
        """Take the way that the caller has found, and nothing that requests would look up."""
        return {"proxies": proxies, "stream": stream, "verify": True, "cert": None}

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Keep a redirect's whole body from being read, which requests does even where it is not to follow."""
