# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads over slow lines: what counts is that something moves, not how long it takes."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Final

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import ProtocolError
from tests.engine.canned import canned
from tests.engine.conftest import MakeHttp

LARGE_BYTES: Final = 6_000_000
"""More than the system takes in one go."""


class SlowHost:
    """Takes what it is sent a little at a time, with a pause after each."""

    def __init__(self, *, pause_s: float) -> None:
        self._pause_s, self._closing = pause_s, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.taken_bytes = 0
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> SlowHost:
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, contextlib.suppress(OSError):
            while self.taken_bytes < LARGE_BYTES:
                self.taken_bytes += len(connection.recv(32_768))
                self._closing.wait(self._pause_s)
            connection.sendall(canned())
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(32_768):  # or the rest would be answered with a reset
                pass


@pytest.mark.parametrize("way", ["put", "call"])
@pytest.mark.parametrize("limit", ["CONNECT_TIMEOUT_S", "ANSWER_TIMEOUT_S"])
def test_an_upload_may_take_longer_than_connecting_and_than_its_answer(
    http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch, way: str, limit: str
) -> None:
    monkeypatch.setattr(http_module, limit, 0.25)
    with SlowHost(pause_s=0.004) as host:
        http = http_to(host.origin)
        started_s = time.monotonic()
        if way == "put":
            http.put_file(f"{host.origin}/part", bytes(LARGE_BYTES))
        else:
            with pytest.raises(ProtocolError, match="not JSON"):
                http.call("POST", "/assets", body={"image": "A" * LARGE_BYTES}, repeat=False)
        assert time.monotonic() - started_s > 0.5
        assert host.taken_bytes >= LARGE_BYTES
