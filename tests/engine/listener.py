# SPDX-License-Identifier: GPL-3.0-or-later
"""What listens on this machine, with or without TLS, and talks to whoever connects."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Self

__all__ = ["Listener"]


class Listener:
    """Has a thread for each connection; use as a context manager, whose end closes all of them.

    :param tls: speaks TLS where it is given.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._open: list[socket.socket] = []
        self.connections = 0
        """So many have been made."""
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for one in (self._socket, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            thread = threading.Thread(target=self._receive, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _receive(self, connection: socket.socket) -> None:
        self._open.append(connection)
        with connection, contextlib.suppress(OSError):
            talk = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
            self._open.append(talk)
            with talk:
                self._talk(talk)

    def _talk(self, talk: socket.socket) -> None:
        raise NotImplementedError
