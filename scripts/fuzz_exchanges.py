# SPDX-License-Identifier: GPL-3.0-or-later
"""What :mod:`fuzz` sends over a real connection, and who takes it in."""

from __future__ import annotations

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from unittest.mock import patch

__all__ = ["exchanges", "wire_answers"]


@contextmanager
def exchanges() -> Iterator[Callable[[bytes], str]]:
    """Gives what has a host send the bytes and the client take them in, as an answer and as a file."""
    from scenario_addon.engine.api import http
    from scenario_addon.engine.errors import ScenarioError
    from scenario_addon.engine.values import Credentials
    from tests.engine.canned import CannedHost

    sent = [b""]

    def read_into(data: bytes) -> str:
        sent[0] = data
        # So that what an answer may hold is little beside what an input of any size may take.
        with patch.object(http, "MOST_ANSWER_BYTES", 1_000_000):
            with suppress(ScenarioError), client.open_file(f"{host.origin}/file") as answer:
                for piece in itertools.islice(answer.iter_content(8_192), 1_000):
                    assert len(piece) <= 8_192
            client.call("GET", "/x", repeat=False)
        return "taken in"

    with CannedHost(lambda request: sent[0]) as host:
        client = http.Http(Credentials("key", "secret", base_url=f"{host.origin}/v1"), user_agent="fuzz")
        yield read_into
        client.close()


def wire_answers() -> list[bytes]:
    """Of every kind, as they go over the wire."""
    from tests.engine.canned import canned

    body = json.dumps({"models": [{"id": "model_x", "name": "Chair"}] * 20}).encode()
    packed, bomb = gzip.compress(body), gzip.compress(b" " * 5_000_000)
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(body[at : at + 90]), body[at : at + 90]) for at in range(0, len(body), 90))
    return [
        canned(body=body),
        canned(body=body, length=-1),
        canned("200 OK", chunks + b"0\r\nX-End: 1\r\n\r\n", "Transfer-Encoding: chunked", length=-1),
        canned("200 OK", packed, "Content-Encoding: gzip"),
        canned("200 OK", packed + packed, "Content-Encoding: gzip"),
        canned("200 OK", zlib.compress(body), "Content-Encoding: deflate"),
        canned("200 OK", bomb, "Content-Encoding: gzip"),
        canned("206 Partial Content", body, "Content-Range: bytes 5-99/100"),
        canned("269 Dry Run", b'{"creativeUnitsCost": 7.25, "job": {}}'),
        canned("302 Found", b"", "Location: /elsewhere"),
        canned("400 Bad Request", b'{"reason": "Not enough creative units", "trace_id": "tr_1"}'),
        canned("429 Too Many Requests", b'{"remainingSeconds": 12}', "Retry-After: Fri, 20 Nov 2026 10:02:00 GMT"),
        canned("502 Bad Gateway", b"<html>502</html>", "Content-Encoding: gzip"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + canned(body=b"{}"),
    ]
