# SPDX-License-Identifier: GPL-3.0-or-later
"""No answer takes more than its share of time, however it comes."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

import pytest

from scenario_addon.engine import http as http_module
from scenario_addon.engine.errors import NetworkError, Unanswered
from tests.engine.conftest import MakeHttp
from tests.engine.streams import StreamHost, chunked, head

SOON_S: Final = 0.3
LATE_S: Final = 5.0
"""How long a test may take that has to be over soon."""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "ANSWER_TIMEOUT_S", SOON_S)


# -- too slow


def drip(data: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: (data[at : at + 1] for at in range(len(data)))


BODY: Final = json.dumps(["slow"] * 1_000).encode()
HEAD: Final = head(f"Content-Length: {len(BODY)}", *(f"X-{n}: {'x' * 100}" for n in range(50)))
SLOW: Final[dict[str, Callable[[], Iterable[bytes]]]] = {
    "headers": drip(HEAD + BODY),
    "body": lambda: (HEAD, *(BODY[at : at + 1] for at in range(len(BODY)))),
    "chunks": lambda: (head("Transfer-Encoding: chunked"), *(chunked(b"[") for _ in range(5_000))),
    "interim answers": lambda: (head(status="100 Continue") for _ in range(5_000)),
    "a chunk's size": lambda: (head("Transfer-Encoding: chunked"), *(b"0" for _ in range(5_000))),
}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("what", SLOW)
def test_an_answer_that_drips_is_given_up_in_time(http_to: MakeHttp, what: str) -> None:
    with StreamHost(SLOW[what], pause_s=0.01) as host:
        started_s = time.monotonic()
        with pytest.raises(Unanswered, match=r"127\.0\.0\.1 did not .* within 0 s\."):
            http_to(host.origin).call("POST", "/x", repeat=False)
        assert SOON_S <= time.monotonic() - started_s < LATE_S
    assert len(host.requests) == 1


@pytest.mark.usefixtures("hasty")
def test_the_time_begins_anew_with_each_request_on_a_connection(http_to: MakeHttp) -> None:
    body = b"[1]"
    answer = [head(f"Content-Length: {len(body)}"), body]
    with StreamHost(lambda: answer) as host:
        http = http_to(host.origin)
        for _ in range(4):
            assert http.call("GET", "/x") == [1]
            threading.Event().wait(SOON_S / 3)
    assert (len(host.requests), host.connections) == (4, 1)


@pytest.mark.usefixtures("hasty")
def test_a_download_has_its_headers_in_time_and_takes_its_own(http_to: MakeHttp) -> None:
    body = bytes(range(200))
    slow = [head(f"Content-Length: {len(body)}"), *(body[at : at + 1] for at in range(len(body)))]
    with StreamHost(lambda: slow, pause_s=0.004) as host:
        with http_to(host.origin).open_file(f"{host.origin}/file") as answer:
            started_s = time.monotonic()
            assert answer.content == body
        assert time.monotonic() - started_s > SOON_S
    with StreamHost(SLOW["headers"], pause_s=0.01) as host, pytest.raises(NetworkError, match="within"):
        http_to(host.origin).open_file(f"{host.origin}/file")


# -- through a proxy


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_drips_is_given_up_in_time(
    http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with StreamHost(SLOW["headers"], pause_s=0.01) as proxy:
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.origin)
        started_s = time.monotonic()
        with pytest.raises(NetworkError) as caught:
            http_to(f"{scheme}://service.invalid").call("POST", "/x", repeat=False)
        assert time.monotonic() - started_s < LATE_S
    # Nothing but the wish for a tunnel has left where there is to be one.
    assert isinstance(caught.value, Unanswered) is (scheme == "http")
