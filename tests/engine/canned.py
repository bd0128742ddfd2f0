# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that answers whatever it is asked with bytes laid out beforehand: for answers no decent server would give."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable

__all__ = ["CannedHost", "canned"]


def canned(status: str = "200 OK", body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """An answer as it goes over the wire.

    :param length: the Content-Length, when it is not to be the true one; negative: none at all.
    """
    stated = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close"]
    lines += [f"Content-Length: {stated}"] if stated >= 0 else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class CannedHost:
    """Listens on this machine, a connection at a time; use as a context manager.

    :param answers: one for each request; the last one is given again and again. A callable gets the request.
    """

    def __init__(self, *answers: bytes | Callable[[bytes], bytes]) -> None:
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.requests: list[bytes] = []
        """Head and body of each request."""
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> CannedHost:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(ConnectionError):
                request = _read(connection)
                if request:
                    self.requests.append(request)
                    answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                    connection.sendall(answer(request) if callable(answer) else answer)


def _read(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
