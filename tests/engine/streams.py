# SPDX-License-Identifier: GPL-3.0-or-later
"""A host whose answers come piece by piece and may never end, and the worst of them."""

from __future__ import annotations

import gzip
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from tests.engine.listener import Listener

__all__ = ["HOSTILE", "LIMIT_BYTES", "StreamHost", "chunked", "head"]

LIMIT_BYTES: Final = 16_000_000
"""What an answer may have, unpacked."""


class StreamHost(Listener):
    """Answers whoever connects.

    :param pieces: makes the answer to each request anew.
    :param pause_s: after each piece.
    :param tls: speaks TLS where it is given.
    :param is_eager: does not wait to be asked.
    """

    def __init__(
        self,
        pieces: Callable[[], Iterable[bytes]],
        *,
        pause_s: float = 0.0,
        tls: ssl.SSLContext | None = None,
        is_eager: bool = False,
    ) -> None:
        super().__init__(tls)
        self._pieces, self._pause_s, self._is_eager = pieces, pause_s, is_eager
        self.requests: list[bytes] = []
        """Their heads."""
        self.origin = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def _talk(self, talk: socket.socket) -> None:
        if self._is_eager:
            self._send(talk)
        while (request := _read_request(talk)) and not self._closing.is_set():
            self.requests.append(request)
            self._send(talk)

    def _send(self, talk: socket.socket) -> None:
        for piece in self._pieces():
            talk.sendall(piece)
            if self._closing.wait(self._pause_s) if self._pause_s else self._closing.is_set():
                return


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    request, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", request)
    missing = int(length[1]) - len(body) if length else 0
    while missing > 0 and (chunk := connection.recv(65536)):
        missing -= len(chunk)
    return request


def head(*headers: str, status: str = "200 OK") -> bytes:
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, "")).encode()


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _stated(body: bytes, *headers: str, status: str = "200 OK") -> Callable[[], Iterator[bytes]]:
    return lambda: iter([head(f"Content-Length: {len(body)}", *headers, status=status), body])


def _filled(start: bytes, part: bytes, end: bytes) -> bytes:
    """So much of it as fits into an answer."""
    return start + part * ((LIMIT_BYTES - len(start) - len(end)) // len(part)) + end


def _bomb(times: int) -> bytes:
    return gzip.compress(b" " * 1_000_000, 9) * times


def _endless(start: bytes, piece: bytes) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield start
        while True:
            yield piece

    return pieces


_CHUNKED: Final = head("Transfer-Encoding: chunked")
_RECORD: Final = b'{"id":"m%07d"},'
HOSTILE: Final[dict[str, Callable[[], Iterable[bytes]]]] = {
    "gzip bomb": _stated(_bomb(2_000), "Content-Encoding: gzip"),
    "gzip bomb that refuses": _stated(_bomb(2_000), "Content-Encoding: gzip", status="400 Bad Request"),
    "gzip of nothing": _endless(head("Content-Encoding: gzip"), gzip.compress(b"") * 1_000),
    "millions of objects": _stated(_filled(b'{"models":[', b"{},", b"{}]}")),
    "millions of lists": _stated(_filled(b'{"models":[', b"[],", b"[]]}")),
    "millions of records": _stated(_filled(b'{"models":[', b'{"id":"m"},', b'{"id":"m"}]}')),
    "as many records as are read": _stated(b'{"models":[' + b'{"id":"m"},' * 99_000 + b'{"id":"m"}]}'),
    "as many inputs as are read": _stated(
        b'{"models":[{"id":"m","inputs":[' + b'{"name":"","type":""},' * 66_000 + b"{}]}]}"
    ),
    "wide texts": _stated(_filled(b'{"models":[', '{"id":"m","name":"😀'.encode() + b"x" * 230 + b'"},', b"{}]}")),
    "nested lists": _stated(_filled(b"", b"[", b"")),
    "one long string": _stated(_filled(b'{"models":"', b"x", b'"}')),
    "one long wide string": _stated(_filled('{"models":"😀'.encode(), b"x", b'"}')),
    "one long number": _stated(_filled(b'{"models":', b"1", b"}")),
    "more than is taken": _stated(_filled(b"", b" ", b"") + b"  "),
    "a length of terabytes": lambda: iter([head("Content-Length: 9999999999999"), b"[" * 100]),
    "endless chunks": _endless(_CHUNKED, chunked(b"[" * 65_536)),
    "endless chunk size": _endless(_CHUNKED, b"0" * 65_536),
    "endless chunk": _endless(_CHUNKED + b"-1\r\n", b"[" * 65_536),
    "chunk of less than nothing": _endless(_CHUNKED + b"-5\r\n", b"[" * 65_536),
    "endless trailer": _endless(_CHUNKED + chunked(b"{}") + b"0\r\n", b"X-More: " + b"x" * 60_000 + b"\r\n"),
    "endless body": _endless(head(), b"[" * 65_536),
    "endless headers": _endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 60_000 + b"\r\n"),
    "endless header": _endless(b"HTTP/1.1 200 OK\r\nX-More: ", b"x" * 65_536),
    "endless interim answers": _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
    "endless redirect": _endless(head("Location: /v1/x", status="302 Found"), b"x" * 65_536),
    "endless refusal": _endless(head(status="403 Forbidden"), b"x" * 65_536),
}
"""Makes the pieces of each answer."""
