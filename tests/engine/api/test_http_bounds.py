# SPDX-License-Identifier: GPL-3.0-or-later
"""No answer takes more than its share of memory or time, however it comes."""

from __future__ import annotations

import gzip
import json
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import Forbidden, NetworkError, ProtocolError, Rejected, Unanswered
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.streams import HOSTILE, StreamHost, chunked, head

SOON_S: Final = 0.3
LATE_S: Final = 5.0
"""How long a test may take that has to be over soon."""


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "ANSWER_TIMEOUT_S", SOON_S)


def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MOST_ANSWER_BYTES", 1_000)


# -- too much


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_without_measure_is_an_error_of_ours(
    http_to: MakeHttp, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "ANSWER_TIMEOUT_S", 2.0)
    with StreamHost(HOSTILE[name]) as host:
        http = http_to(host.origin)
        if "refus" in name:
            with pytest.raises((Rejected, Forbidden), match="the service answered 40"):
                http.call("POST", "/x", repeat=False)
        elif name.startswith("as many") or "string" in name or name == "wide texts":
            assert isinstance(http.call("POST", "/x", repeat=False), dict)  # large, but bearable
        else:
            with pytest.raises((Unanswered, ProtocolError)):
                http.call("POST", "/x", repeat=False)
    assert len(host.requests) == 1


@pytest.mark.parametrize("packing", ["identity", "gzip", "deflate"])
@pytest.mark.parametrize("way", ["stated", "chunked", "closed"])
@pytest.mark.parametrize("more_bytes", [0, 1])
def test_the_limit_is_exact(
    http_to: MakeHttp, packing: str, way: str, more_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_limit(monkeypatch)
    body = b"[" + b" " * (998 + more_bytes) + b"]"
    packed = {"identity": bytes, "gzip": gzip.compress, "deflate": zlib.compress}[packing](body)
    coded = f"Content-Encoding: {packing}"
    answer = {
        "stated": [head(f"Content-Length: {len(packed)}", coded), packed],
        "chunked": [head("Transfer-Encoding: chunked", coded), chunked(packed), chunked(b"")],
        "closed": [head("Connection: close", coded), packed],
    }[way]
    with StreamHost(lambda: answer) if way != "closed" else CannedHost(b"".join(answer)) as host:
        if more_bytes:
            with pytest.raises(ProtocolError, match=r"more than 0 MB; try again later\."):
                http_to(host.origin).call("GET", "/x")
        else:
            assert http_to(host.origin).call("GET", "/x") == []
    assert len(host.requests) == 1


def test_a_reason_is_read_from_a_body_that_goes_on(http_to: MakeHttp) -> None:
    with (
        CannedHost(canned("400 Bad Request", b'{"reason": "Too dark"}' + b" " * 60_000)) as host,
        pytest.raises(Rejected) as caught,
    ):
        http_to(host.origin).call("POST", "/x")
    assert caught.value.user_message == "Too dark"


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
def test_a_refusal_whose_reason_drips_is_a_refusal(http_to: MakeHttp) -> None:
    def pieces() -> Iterable[bytes]:
        yield head("Content-Length: 5000", status="400 Bad Request")
        yield from (b"{" for _ in range(5_000))

    with StreamHost(pieces, pause_s=0.01) as host, pytest.raises(Rejected, match="the service answered 400"):
        http_to(host.origin).call("POST", "/x")


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
@pytest.mark.parametrize("what", ["headers", "body"])
def test_an_upload_whose_answer_drips_is_given_up_in_time(http_to: MakeHttp, what: str) -> None:
    with StreamHost(SLOW[what], pause_s=0.01) as host:
        http = http_to(host.origin)
        started_s = time.monotonic()
        if what == "headers":
            with pytest.raises(Unanswered):
                http.put_file(f"{host.origin}/part", b"bytes")
        else:
            http.put_file(f"{host.origin}/part", b"bytes")  # it has arrived: what else is said is nobody's business
        assert time.monotonic() - started_s < LATE_S


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


def test_a_download_that_brings_too_little_at_a_time_is_given_up(
    http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "READ_TIMEOUT_S", SOON_S)
    with StreamHost(SLOW["body"], pause_s=0.01) as host:
        started_s = time.monotonic()
        with (
            http_to(host.origin).open_file(f"{host.origin}/file") as answer,
            pytest.raises(NetworkError, match="was lost"),
        ):
            list(answer.iter_content(1_000))
        assert time.monotonic() - started_s < LATE_S


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


# -- packed


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("packing", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        (" x-gzip ", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:5]) + gzip.compress(data[5:])),
        ("gzip", lambda data: gzip.compress(data) + b"\0" * 40),
        ("deflate", zlib.compress),
        ("deflate", deflated),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_what_was_asked_for_is_unpacked(http_to: MakeHttp, packing: str, pack: Callable[[bytes], bytes]) -> None:
    values = [f"value {n}" for n in range(20_000)]
    with CannedHost(canned("200 OK", pack(json.dumps(values).encode()), f"Content-Encoding: {packing}")) as host:
        assert http_to(host.origin).call("GET", "/x") == values
    assert b"\r\nAccept-Encoding: gzip, deflate\r\n" in host.requests[0]


@pytest.mark.parametrize(
    "packing", ["br", "zstd", "compress", "gzip, gzip", "identity, gzip", "gzip;q=1", "a\x9bb", "x" * 5_000]
)
def test_what_was_not_asked_for_is_refused_in_a_sentence(http_to: MakeHttp, packing: str) -> None:
    with (
        CannedHost(
            head(f"Content-Encoding: {packing}").replace("\x9b".encode(), b"\x9b") + gzip.compress(b"{}")
        ) as host,
        pytest.raises(ProtocolError, match=r"packed in a way that was not asked for .*; try again later\.$") as caught,
    ):
        http_to(host.origin).call("GET", "/x")
    assert len(host.requests) == 1
    assert len(caught.value.user_message) < 200
    assert "\x9b" not in caught.value.user_message


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b"{}")[:-9], b"\x1f\x8b" + b"~" * 50])
def test_what_was_packed_badly_is_an_error_of_ours(http_to: MakeHttp, body: bytes) -> None:
    with (
        CannedHost(canned("200 OK", body, "Content-Encoding: gzip")) as host,
        pytest.raises((Unanswered, ProtocolError)),
    ):
        http_to(host.origin).call("POST", "/x", repeat=False)


def test_a_reason_may_come_packed(http_to: MakeHttp) -> None:
    body = gzip.compress(b'{"reason": "Because of that"}')
    with (
        CannedHost(canned("400 Bad Request", body, "Content-Encoding: gzip")) as host,
        pytest.raises(Rejected, match="Because of that"),
    ):
        http_to(host.origin).call("GET", "/x")


# -- JSON


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"[" * 100 + b"]" * 100, None),
        (b"1" * 4_000, int("1" * 4_000)),
    ],
)
def test_json_is_read_as_the_standard_has_it(http_to: MakeHttp, body: bytes, value: Any) -> None:
    with CannedHost(canned(body=body)) as host:
        found = http_to(host.origin).call("GET", "/x")
    assert value is None or found == value


@pytest.mark.parametrize(
    "body",
    [
        b'"\\ud800"',
        b'{"\\udc00": 1}',
        b'"\xed\xa0\x80"',
        b"\xff",
        "{}".encode("utf-16"),
        b"[" * 300 + b"]" * 300,
        b"1" * 10_000,
        b"[-Infinity]",
        b'{"a": 1,}',
        b"{}{}",
        b"[" + b"0," * 300_000 + b"0]",
    ],
    ids=lambda body: body[:12].decode("ascii", "backslashreplace"),
)
def test_what_json_is_not_or_is_too_much_of_is_refused(http_to: MakeHttp, body: bytes) -> None:
    with CannedHost(canned(body=body)) as host, pytest.raises(ProtocolError, match="not JSON"):
        http_to(host.origin).call("GET", "/x")
