# SPDX-License-Identifier: GPL-3.0-or-later
"""One listening port: HTTP/1.1, a thread per connection, and a say in how an answer leaves the socket."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from .faults import Delivery, Fault, deliver
from .traffic import Traffic
from .values import NO_STATUS, RefusalError, Reply, Request

__all__ = ["HOST", "Origin"]

HOST: Final = "127.0.0.1"
_DRIPS_PER_S: Final = 20
_REPEATED_BYTES: Final = 64 * 1024
"""How long a chunk of an endless body is, at least."""
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Origin(ThreadingHTTPServer):
    """A server for one origin; ``answer`` does the work of a request.

    :param name: how the log calls it.
    :param port: 0 takes a free one.
    :param max_body_bytes: longer bodies are answered 413 unread.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        name: str,
        *,
        port: int,
        traffic: Traffic,
        answer: Callable[[Request], Reply],
        max_body_bytes: int,
    ) -> None:
        self.name, self.traffic, self.answer, self.max_body_bytes = name, traffic, answer, max_body_bytes
        self._open: set[socket.socket] = set()
        self._is_ending = False
        self._thread = threading.Thread(target=self._accept, daemon=True, name=f"{name} origin")
        super().__init__((HOST, port), _Handler)

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        """Serve on a thread of its own until :meth:`stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection that is still open."""
        self._is_ending = True
        socket.create_connection(self.server_address[:2]).close()  # the last one that is accepted
        self._thread.join()
        self.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        """Take connections as they come. ``serve_forever`` would look now and then whether it is to end."""
        while not self._is_ending:
            with contextlib.suppress(OSError):  # whoever came has left again
                self.process_request(*self.get_request())

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection and remember it for :meth:`stop`."""
        connection, address = super().get_request()
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep what broke in here; clients that hang up are everyday life."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, OSError):
            self.traffic.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: Origin
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    _head_bytes_per_s: float | None = None

    def _serve(self) -> None:
        traffic = self.server.traffic
        request = self._head()
        rule = traffic.strike(method=request.method, path=request.path)
        if rule is None or rule.fault is not Fault.REFUSED:
            length = int(self.headers.get("Content-Length") or 0)
            if length > self.server.max_body_bytes or self.headers.get("Transfer-Encoding"):
                self._decline(request, HTTPStatus.LENGTH_REQUIRED if not length else HTTPStatus(413))
                return
            request = replace(request, body=self.rfile.read(length))
        delivery = deliver(rule, request, answer=self._answer)
        status = delivery.reply.status if delivery.reply else NO_STATUS
        traffic.record(replace(request, status=status))
        if delivery.hold_s:
            traffic.hold(delivery.hold_s)
        if delivery.reset:
            self._reset()
        elif delivery.reply is None:
            self.close_connection = True
        else:
            self._send(delivery, delivery.reply)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = _serve  # noqa: N815

    def _head(self) -> Request:
        parts = urlsplit(self.path)
        return Request(
            origin=self.server.name,
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
        )

    def _answer(self, request: Request) -> Reply:
        try:
            return self.server.answer(request)
        except RefusalError as refusal:
            return refusal.reply
        except Exception as error:  # noqa: BLE001
            # Whatever breaks in the stand-in must not pass for a fault of the service: Service re-raises it.
            self.server.traffic.errors.append(error)
            return Reply.of({"message": "Internal server error"}, status=500)

    def _decline(self, request: Request, status: HTTPStatus) -> None:
        self.server.traffic.record(replace(request, status=status))
        self.close_connection = True
        reply = Reply.of({"message": status.phrase}, status=status)
        self._send(Delivery(reply), reply)
        # The rest of the body is read and dropped, or its sender would see a reset instead of this answer.
        self.connection.settimeout(1.0)
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            while self.connection.recv(1 << 20):
                pass

    def _send(self, delivery: Delivery, reply: Reply) -> None:
        length = {"Transfer-Encoding": "chunked"} if delivery.is_endless else {"Content-Length": str(len(reply.body))}
        headers = {"Date": self.date_time_string(), **reply.headers, **length}
        self._head_bytes_per_s = delivery.head_bytes_per_s
        self.send_response_only(reply.status, "Dry Run" if reply.status == 269 else None)
        for name, value in headers.items():
            self.send_header(name, value)
        body = b"" if self.command == "HEAD" else reply.body
        if delivery.cut_at_bytes is not None:
            body, self.close_connection = body[: delivery.cut_at_bytes], True
        self.end_headers()
        if delivery.is_endless:
            self._repeat(body)
        elif delivery.bytes_per_s:
            self._drip(body, bytes_per_s=delivery.bytes_per_s)
        else:
            self.wfile.write(body)

    def flush_headers(self) -> None:
        """Send the head, a little at a time where that is wanted."""
        head: bytes = b"".join(getattr(self, "_headers_buffer", ()))
        if self._head_bytes_per_s is None:
            super().flush_headers()
            return
        self._headers_buffer: list[bytes] = []
        self._drip(head, bytes_per_s=self._head_bytes_per_s)

    def _drip(self, data: bytes, *, bytes_per_s: float) -> None:
        step = max(1, int(bytes_per_s / _DRIPS_PER_S))
        for start in range(0, len(data), step):
            self.wfile.write(data[start : start + step])
            if self.server.traffic.closing.wait(step / bytes_per_s):
                self.close_connection = True
                return

    def _repeat(self, body: bytes) -> None:
        data = (body or b" ") * (1 + _REPEATED_BYTES // max(1, len(body)))
        chunk = b"%x\r\n%b\r\n" % (len(data), data)
        self.close_connection = True
        while not self.server.traffic.closing.is_set():
            self.wfile.write(chunk)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        # An ordinary close() waits for the buffered files on this socket and says goodbye first.
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: Traffic keeps the log."""
