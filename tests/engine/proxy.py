# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy as companies have it: it wants a password, and knows names that nobody else does. And TLS before a host."""

from __future__ import annotations

import base64
import select
import socket
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.engine.listener import Listener

__all__ = ["Protected", "Proxy", "answer"]


class _Passing(Listener):
    """Talks to somebody else on behalf of whoever connects."""

    def _pass_on(self, talk: socket.socket, address: tuple[str, int], first: bytes = b"") -> None:
        """Let both talk to each other until one hangs up.

        :param first: a request after whose answer the other hangs up. Whoever asked is told so, too, or would send the
            next request on a connection that is about to end.
        """
        with socket.create_connection(address, timeout=20) as other:
            self._open.append(other)
            other.sendall(first)
            while True:
                for one in _readable(talk, other):
                    if not (data := one.recv(65536)):
                        return
                    if first and one is other:
                        data, first = data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1), b""
                    (other if one is talk else talk).sendall(data)


def _readable(*sockets: socket.socket) -> list[socket.socket]:
    held = [one for one in sockets if isinstance(one, ssl.SSLSocket) and one.pending()]
    return held or select.select(sockets, [], [], 20)[0]


class Proxy(_Passing):
    """Takes CONNECT, and requests for addresses of http.

    :param login: user and password that it wants, as they are; ``None``: none.
    :param names: where hosts are that it alone knows: ``host:port``, and the port on this machine.
    :param answers: instead of letting anything through: a whole answer.
    """

    def __init__(
        self,
        *,
        login: tuple[str, str] | None = None,
        names: Mapping[str, int] | None = None,
        answers: bytes | None = None,
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._wanted = base64.b64encode(":".join(login).encode()) if login else None
        self._names, self._answers = names or {}, answers
        self.asked: list[str] = []
        """The first line of each request, in order."""
        self.logins: list[bytes] = []
        """Who asked, each time that somebody said so."""
        self.let_through = 0
        """How many requests."""
        self.address = f"127.0.0.1:{self.port}"

    def _talk(self, talk: socket.socket) -> None:
        head, body = _read_head(talk)
        if not head:
            return
        first, *lines = head.split(b"\r\n")
        self.asked.append(first.decode())
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        said = headers.get(b"proxy-authorization", b"").removeprefix(b"Basic ")
        self.logins += [said] if said else []
        if self._answers is not None:
            talk.sendall(self._answers)
            return
        if self._wanted is not None and said != self._wanted:
            talk.sendall(answer("407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="company"'))
            return
        self.let_through += 1
        method, target, version = first.split(b" ")
        if method == b"CONNECT":
            talk.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._pass_on(talk, self._address(target.decode()))
            return
        parts = urlsplit(target.decode())
        own = [line for line in lines if not line.lower().startswith((b"proxy-", b"connection:"))]
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        rest = [b" ".join((method, path.encode(), version)), *own, b"Connection: close", b"", body]
        self._pass_on(talk, self._address(f"{parts.hostname}:{parts.port or 80}"), b"\r\n".join(rest))

    def _address(self, place: str) -> tuple[str, int]:
        return "127.0.0.1", self._names.get(place) or int(place.rpartition(":")[2])


class Protected(_Passing):
    """TLS before a host that speaks none.

    :param port: of that host, on this machine.
    """

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        super().__init__(tls)
        self._behind = port

    def _talk(self, talk: socket.socket) -> None:
        self._pass_on(talk, ("127.0.0.1", self._behind))


def answer(status: str, *headers: str) -> bytes:
    """An answer of a proxy that lets nothing through."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close", "", ""]).encode()


def _read_head(talk: socket.socket) -> tuple[bytes, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := talk.recv(65536)):
            return b"", b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body
