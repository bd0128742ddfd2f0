# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request leaves and its answer comes in: on time, and with word of whether anything left at all.

``requests`` has a timeout between two packets only: a service that sends a byte now and then would hold a worker for
ever, with its headers as with its body. Here every wait for bytes is as long as what is left of the exchange's time.
Works with requests 2.27 and newer, urllib3 1.26 and 2, plain or protected, directly or through a proxy.
"""

from __future__ import annotations

import http.client
import io
import math
import time
from contextvars import ContextVar, Token
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final

from ..errors import ConfigError

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ModuleNotFoundError as error:  # some distributions' Blender comes without it
    raise ConfigError(
        "This Blender comes without the Python library requests: use the one from blender.org, or install "
        "your distribution's python3-requests."
    ) from error

__all__ = ["LOST", "Exchange", "Response", "Session"]

Response = requests.Response
LOST: Final = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError)
"""What the libraries below raise when an exchange breaks; the errors of requests are among the last."""

_MOST_HEAD_BYTES: Final = 256 * 1024
"""Of a status line and its headers, interim answers included: many times what any decent server sends."""


class Exchange:
    """One request and its answer; a context manager around the sending, for the thread that sends.

    :param limit_s: how long the answer may take, from the request's last byte to its own last one.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.has_left = False
        """Whether a byte of the request may have left this machine for the service."""
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


class _TimedConnection(http.client.HTTPConnection):
    """Goes before a connection class of urllib3."""

    response_class = _TimedResponse
    _is_connecting = False

    def connect(self) -> None:
        self._is_connecting = True
        try:
            super().connect()
        finally:
            self._is_connecting = False

    def send(self, data: Any) -> None:
        if not self._is_connecting:  # or it goes to a proxy, which is asked for a tunnel
            if self.sock is None and self.auto_open:  # pyright: ignore[reportUnnecessaryComparison]
                self.connect()
            if exchange := _current.get():
                exchange.has_left = True
        super().send(data)


class _Adapter(HTTPAdapter):
    """Hands out timed connections, whatever the way to the host."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)
        _make_timed(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        is_known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **more)
        if not is_known:
            _make_timed(manager)
        return manager


def _make_timed(manager: Any) -> None:
    pools = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: _timed_pool(pool) for scheme, pool in pools}


@cache
def _timed_pool(pool: Any) -> Any:
    connection = type("TimedConnection", (_TimedConnection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class Session(requests.Session):
    """A session whose exchanges are timed; it follows no redirects and keeps no cookies."""

    def __init__(self) -> None:
        super().__init__()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter())
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Keep a redirect's whole body from being read, which requests does even where it is not to follow."""
