# SPDX-License-Identifier: GPL-3.0-or-later
"""Who gets the credentials: the API's own origin, and nobody else; and which addresses are gone to."""

from __future__ import annotations

import base64
import logging
from pathlib import Path

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import ProtocolError, ServerError
from scenario_addon.engine.values import Credentials
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import KEY, SECRET, MakeHttp

BASIC = base64.b64encode(f"{KEY}:{SECRET}".encode())


def test_the_api_gets_basic_credentials_and_the_project_in_the_query(http_to: MakeHttp) -> None:
    with CannedHost(canned(body=b"{}")) as host:
        http_to(host.origin, project_id="proj_1").call("GET", "/x", query={"a": 1, "unset": None})
    assert host.requests[0].startswith(b"GET /v1/x?a=1&projectId=proj_1 ")
    assert b"Authorization: Basic " + BASIC in host.requests[0]
    assert b"User-Agent: tests/1" in host.requests[0]


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .netrc with a login for this very machine, which requests would use by itself."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login somebody password else\n")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))


@pytest.mark.usefixtures("netrc")
def test_file_hosts_get_no_credentials_of_any_kind(http_to: MakeHttp) -> None:
    with CannedHost(canned(body=b"data")) as host:
        http = http_to(host.origin)
        http.put_file(f"{host.origin}/part?Signature=a-b_c~", b"bytes")
        http.open_file(f"{host.origin}/file").close()
    assert len(host.requests) == 2
    assert all(b"authorization" not in request.lower() for request in host.requests)
    assert host.requests[0].startswith(b"PUT /part?Signature=a-b_c~ ")
    assert host.requests[0].endswith(b"\r\n\r\nbytes")
    assert b"content-type" not in host.requests[0].lower()


@pytest.mark.usefixtures("netrc")
def test_netrc_does_not_replace_the_key(http_to: MakeHttp) -> None:
    with CannedHost(canned(body=b"{}")) as host:
        http_to(host.origin).call("GET", "/x")
    assert b"Authorization: Basic " + BASIC in host.requests[0]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_the_api_is_not_followed_elsewhere(http_to: MakeHttp, status: str) -> None:
    with (
        CannedHost(canned(body=b"{}")) as elsewhere,
        CannedHost(canned(status, b"", f"Location: {elsewhere.origin}/v1/x")) as host,
        pytest.raises(ProtocolError, match="base URL"),
    ):
        http_to(host.origin).call("GET", "/x")
    assert elsewhere.requests == []


def test_an_upload_is_not_sent_elsewhere(http_to: MakeHttp) -> None:
    with (
        CannedHost(canned()) as elsewhere,
        CannedHost(canned("307 Temporary", b"", f"Location: {elsewhere.origin}/")) as host,
        pytest.raises(ProtocolError, match="redirects"),
    ):
        http_to(host.origin).put_file(f"{host.origin}/part", b"bytes")
    assert elsewhere.requests == []


def test_a_download_is_followed_without_credentials(http_to: MakeHttp) -> None:
    with (
        CannedHost(canned(body=b"model")) as elsewhere,
        CannedHost(canned("302 Found", b"", f"Location: {elsewhere.origin}/real?a=1")) as host,
    ):
        download = http_to(host.origin).open_file(f"{host.origin}/file", offset_bytes=7)
        assert download.content == b"model"
    assert elsewhere.requests[0].startswith(b"GET /real?a=1 ")
    assert b"Range: bytes=7-" in elsewhere.requests[0]
    assert b"authorization" not in elsewhere.requests[0].lower()


def test_a_redirect_in_circles_ends(http_to: MakeHttp) -> None:
    with (
        CannedHost(canned("302 Found", b"", "Location: /again")) as host,
        pytest.raises(ProtocolError, match="circles"),
    ):
        http_to(host.origin).open_file(f"{host.origin}/file")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "http://[::1", "ftp://host/x"])
def test_a_redirect_to_nowhere_is_refused(http_to: MakeHttp, location: str) -> None:
    with CannedHost(canned("302 Found", b"", f"Location: {location}")) as host, pytest.raises(ProtocolError):
        http_to(host.origin).open_file(f"{host.origin}/file")


def test_https_is_never_left_for_http() -> None:
    with pytest.raises(ProtocolError, match="unprotected"):
        http_module._redirected("https://files.example/a", "http://files.example/a")
    assert http_module._redirected("https://files.example/a", "/b") == "https://files.example/b"


# -- the first address


@pytest.mark.parametrize("url", ["http://files.example/a", "HTTP://files.example/a", "http://127.0.0.1:9/a"])
def test_an_unprotected_address_is_refused_where_the_api_is_protected(http_to: MakeHttp, url: str) -> None:
    http = http_to("https://api.example")
    with pytest.raises(ProtocolError, match=r"address is unprotected; the download was refused\."):
        http.open_file(url)
    with pytest.raises(ProtocolError, match=r"address is unprotected; the upload was refused\."):
        http.put_file(url, b"bytes")


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9", "https://api.example"])
@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "data:,x", "//x/y", "C:\\x", "", "javascript:x"])
def test_an_address_of_another_kind_is_refused_in_any_case(http_to: MakeHttp, origin: str, url: str) -> None:
    http = http_to(origin)
    with pytest.raises(ProtocolError, match="not valid"):
        http.open_file(url)
    with pytest.raises(ProtocolError, match="not valid"):
        http.put_file(url, b"bytes")


def test_where_the_api_is_not_protected_files_need_not_be(http_to: MakeHttp) -> None:
    with CannedHost(canned(body=b"model")) as host, http_to("http://127.0.0.1:9").open_file(host.origin) as download:
        assert download.content == b"model"


# -- what is said


def test_neither_logs_nor_errors_nor_reprs_hold_the_secret(http_to: MakeHttp, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with CannedHost(canned("500 Oops")) as host:
        http = http_to(host.origin, project_id="proj_1")
        with pytest.raises(ServerError) as caught:
            http.call("POST", "/assets", body={"name": "x"})
    credentials = Credentials(KEY, SECRET, "proj_1")
    shown = " ".join([caplog.text, str(caught.value), repr(caught.value), repr(http), repr(credentials)])
    assert "attempt 1 failed" in shown
    assert not any(word in shown for word in (KEY, SECRET, BASIC.decode()))
