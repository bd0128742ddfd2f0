# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked again, how long is waited, and what each failure is called."""

from __future__ import annotations

import threading

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import (
    ApiError,
    AuthError,
    Forbidden,
    NetworkError,
    NoCredits,
    NotFound,
    ProtocolError,
    RateLimited,
    Rejected,
    ServerError,
    Unanswered,
)
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp

CLOSED_PORT = "http://127.0.0.1:9"  # "discard": nothing listens there


def answer(status: str, body: str, *headers: str) -> bytes:
    return canned(status, body.encode(), *headers)


# -- what a status and a body mean


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, AuthError),
        (402, NoCredits),
        (403, Forbidden),
        (404, NotFound),
        (408, ServerError),
        (409, Rejected),
        (413, Rejected),
        (418, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
        (504, ServerError),
        (599, ServerError),
    ],
)
def test_each_status_has_its_error(http_to: MakeHttp, status: int, kind: type[ApiError]) -> None:
    with (
        CannedHost(answer(f"{status} Whatever", '{"reason": "Because", "trace_id": "tr_1"}')) as host,
        pytest.raises(ApiError) as caught,
    ):
        http_to(host.origin).call("POST", "/x", repeat=False)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert str(caught.value).endswith(f"(HTTP {status}, trace tr_1)")


@pytest.mark.parametrize(
    ("body", "reason", "trace"),
    [
        ('{"reason": "Input image is required", "trace_id": "tr_a"}', "Input image is required", "tr_a"),
        ('{"message": "API Keys cannot", "traceId": "tr_b"}', "API Keys cannot", "tr_b"),
        ('{"status": "error", "code": "X", "message": "The prompt is missing."}', "The prompt is missing.", None),
        ('{"error": "Nope"}', "Nope", None),
        ('{"detail": "Not that way"}', "Not that way", None),
        ('{"reason": " two\\nlines "}', "two lines", None),
        ('{"reason": "first", "message": "second"}', "first", None),
    ],
)
def test_the_services_own_reason_is_shown(http_to: MakeHttp, body: str, reason: str, trace: str | None) -> None:
    with CannedHost(answer("400 Bad Request", body)) as host, pytest.raises(Rejected) as caught:
        http_to(host.origin).call("POST", "/x")
    assert (caught.value.user_message, caught.value.trace_id) == (reason, trace)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html><body><h1>502 Bad Gateway</h1></body></html>",
        "[]",
        "null",
        '"text"',
        '{"reason": 7, "message": null, "error": {"a": 1}}',
        '{"reason": "  "}',
        '{"reason": "cut of',
        "\udcff".encode(errors="surrogateescape").decode("latin-1"),
        "[" * 100_000,
    ],
)
def test_a_body_that_says_nothing_leaves_a_clear_sentence(http_to: MakeHttp, body: str) -> None:
    with CannedHost(answer("400 Bad Request", body)) as host, pytest.raises(Rejected) as caught:
        http_to(host.origin).call("POST", "/x")
    assert caught.value.user_message == "The request was refused (the service answered 400)."


def test_a_reason_of_a_megabyte_is_cut(http_to: MakeHttp) -> None:
    with (
        CannedHost(answer("400 Bad Request", f'{{"reason": "{"no " * 400_000}"}}')) as host,
        pytest.raises(Rejected) as caught,
    ):
        http_to(host.origin).call("POST", "/x")
    assert len(caught.value.user_message) <= 500


def test_a_refused_key_is_told_in_our_own_words(http_to: MakeHttp) -> None:
    with (
        CannedHost(answer("401 Unauthorized", '{"message": "Unauthorized"}')) as host,
        pytest.raises(AuthError, match="API key or secret was refused"),
    ):
        http_to(host.origin).call("GET", "/x")


@pytest.mark.parametrize(
    "body",
    ["", "<html>log in</html>", "{", "NaN", '{"a": Infinity}', "{'a': 1}", "[" * 100_000],
)
def test_an_answer_that_is_not_json_is_called_so(http_to: MakeHttp, body: str) -> None:
    with CannedHost(answer("200 OK", body)) as host, pytest.raises(ProtocolError, match="not JSON"):
        http_to(host.origin).call("GET", "/x")


def test_any_success_status_counts(http_to: MakeHttp) -> None:
    with CannedHost(answer("269 Dry Run", '{"creativeUnitsCost": 7.25}')) as host:
        assert http_to(host.origin).call("POST", "/x") == {"creativeUnitsCost": 7.25}


# -- how long to wait


@pytest.mark.parametrize(
    ("headers", "body", "asked_s"),
    [
        (["Retry-After: 12"], "{}", 12.0),
        (["Retry-After: 0.5"], "{}", 0.5),
        (["Retry-After: -3"], "{}", 0.0),
        (["Date: Fri, 20 Nov 2026 10:00:00 GMT", "Retry-After: Fri, 20 Nov 2026 10:02:00 GMT"], "{}", 120.0),
        (["Date: Fri, 20 Nov 2026 10:00:00 GMT", "Retry-After: Fri, 20 Nov 2026 09:00:00 GMT"], "{}", 0.0),
        ([], '{"reason": "cooldown", "remainingSeconds": 517}', 517.0),
        (["Retry-After: 3"], '{"remainingSeconds": 5.5}', 5.5),
        (["Retry-After: soon"], "{}", None),
        (["Retry-After: nan"], "{}", None),
        (["Retry-After: inf"], "{}", 3600.0),
        (["Retry-After: 99999999999"], "{}", 3600.0),
        ([], '{"remainingSeconds": 1e300}', 3600.0),
        ([], '{"remainingSeconds": -60}', 0.0),
        ([], '{"remainingSeconds": "a while"}', None),
        ([], "", None),
    ],
)
def test_the_wait_that_is_asked_for_is_read(
    http_to: MakeHttp, headers: list[str], body: str, asked_s: float | None
) -> None:
    with CannedHost(answer("429 Too Many", body, *headers)) as host, pytest.raises(RateLimited) as caught:
        http_to(host.origin).call("POST", "/x", repeat=False)
    assert caught.value.retry_after_s == asked_s


# -- what is asked again


@pytest.mark.parametrize("trouble", ["500 Oops", "502 Bad Gateway", "503 Busy", "408 Timeout", "429 Too Many"])
def test_a_passing_trouble_is_asked_again(http_to: MakeHttp, pauses: list[float], trouble: str) -> None:
    with CannedHost(answer(trouble, ""), answer(trouble, ""), answer("200 OK", "{}")) as host:
        assert http_to(host.origin).call("GET", "/x") == {}
    assert len(host.requests) == 3
    assert len(pauses) == 2
    assert 0.375 <= pauses[0] <= 0.5 < pauses[1] <= 1.0


def test_a_lost_connection_is_asked_again(http_to: MakeHttp) -> None:
    with CannedHost(b"", answer("200 OK", "{}")) as host:
        assert http_to(host.origin).call("GET", "/x") == {}
    assert len(host.requests) == 2


def test_three_attempts_are_enough(http_to: MakeHttp) -> None:
    with CannedHost(answer("500 Oops", "")) as host, pytest.raises(ServerError):
        http_to(host.origin).call("GET", "/x")
    assert len(host.requests) == 3


@pytest.mark.parametrize("final", ["400 Bad", "401 No", "402 Pay", "403 No", "404 Gone", "413 Big", "422 Bad"])
def test_a_refusal_is_final(http_to: MakeHttp, final: str) -> None:
    with CannedHost(answer(final, "{}")) as host, pytest.raises(ApiError):
        http_to(host.origin).call("GET", "/x")
    assert len(host.requests) == 1


def test_a_short_wait_is_waited_for(http_to: MakeHttp, pauses: list[float]) -> None:
    with CannedHost(answer("429 Too Many", "{}", "Retry-After: 2"), answer("200 OK", "{}")) as host:
        http_to(host.origin).call("GET", "/x")
    assert pauses == [2.0]


def test_a_long_wait_is_left_to_the_caller(http_to: MakeHttp, pauses: list[float]) -> None:
    with CannedHost(answer("429 Too Many", "{}", "Retry-After: 60")) as host, pytest.raises(RateLimited):
        http_to(host.origin).call("GET", "/x")
    assert (len(host.requests), pauses) == (1, [])


@pytest.mark.parametrize("trouble", [b"", answer("500 Oops", ""), answer("429 Too Many", "", "Retry-After: 0")])
def test_what_must_not_be_repeated_is_sent_once(http_to: MakeHttp, trouble: bytes) -> None:
    with CannedHost(trouble) as host, pytest.raises((Unanswered, ServerError, RateLimited)):
        http_to(host.origin).call("POST", "/generate", repeat=False)
    assert len(host.requests) == 1


# -- what was lost, and whether it may have arrived


@pytest.mark.parametrize(
    "lost", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", canned(body=b'{"a": ', length=50)], ids=["none", "head", "body"]
)
def test_a_cut_answer_may_have_been_heard(http_to: MakeHttp, lost: bytes) -> None:
    with CannedHost(lost) as host, pytest.raises((Unanswered, ProtocolError)):
        http_to(host.origin).call("POST", "/x", repeat=False)


def test_a_silent_service_may_have_heard(http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "READ_TIMEOUT_S", 0.05)
    over = threading.Event()
    with CannedHost(lambda request: b"" if over.wait(10) else b"late") as host:
        with pytest.raises(Unanswered, match="did not answer"):
            http_to(host.origin).call("POST", "/x", repeat=False)
        over.set()


def test_a_refused_connection_never_left_this_machine(http_to: MakeHttp) -> None:
    with pytest.raises(NetworkError, match="cannot be reached") as caught:
        http_to(CLOSED_PORT).call("POST", "/x", repeat=False)
    assert not isinstance(caught.value, Unanswered)


def test_a_proxy_that_is_not_there_never_passed_anything_on(http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", CLOSED_PORT)
    with pytest.raises(NetworkError, match="proxy") as caught:
        http_to("http://service.invalid").call("POST", "/x", repeat=False)
    assert not isinstance(caught.value, Unanswered)


def test_a_proxy_is_used(http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    with CannedHost(answer("200 OK", "{}")) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.origin)
        http_to("http://service.invalid").call("GET", "/x")
    assert proxy.requests[0].startswith(b"GET http://service.invalid/v1/x ")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "relative", "", "http://[::1", "http://", "ftp://x/y"])
def test_an_address_that_is_none_is_refused(http_to: MakeHttp, url: str) -> None:
    with pytest.raises(ProtocolError, match="not valid"):
        http_to(CLOSED_PORT).open_file(url)
