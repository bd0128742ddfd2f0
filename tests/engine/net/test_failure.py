# SPDX-License-Identifier: GPL-3.0-or-later
"""Real proxies that want a password, refuse, are not there or are none: each has its words, nothing was ordered."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import NetworkError, TlsError, Unanswered
from scenario_addon.engine.values import Network
from tests.engine.authority import Authority
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.proxy import Protected, Proxy, answer
from tests.engine.streams import StreamHost

LOGIN = ("Zoë@office", "p@ss:w/rd% grüße€")
BODY = b'{"models": []}'
HOST = "api.scenario.test"
SCHEMES = pytest.mark.parametrize("scheme", ["http", "https"])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Where the service is, by a name that only the proxy knows, protected by the company's own authority and not."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with CannedHost(canned(body=BODY)) as host:
        port = int(host.origin.rpartition(":")[2])
        with Protected(port, authority.server(f"DNS:{HOST}")) as protected:
            yield {f"{HOST}:80": port, f"{HOST}:443": protected.port}


def typed(proxy: Proxy, login: tuple[str, str] = ("", ""), *, scheme: str = "http") -> Network:
    return Network(proxy=f"{scheme}://{proxy.address}", proxy_user=login[0], proxy_password=login[1])


def refusal(http_to: MakeHttp, network: Network, scheme: str = "https") -> str:
    """What is said where a request that costs something does not get through a proxy."""
    with pytest.raises(NetworkError) as caught:
        http_to(f"{scheme}://{HOST}", network=network).call("POST", "/generate", body={}, repeat=False)
    assert not isinstance(caught.value, Unanswered), "it never got to the service"
    assert LOGIN[1] not in caught.value.user_message
    return caught.value.user_message


@SCHEMES
@pytest.mark.parametrize("source", ["preferences", "environment"])
def test_a_proxy_gets_its_password_and_lets_everything_through(
    http_to: MakeHttp, names: dict[str, int], monkeypatch: pytest.MonkeyPatch, scheme: str, source: str
) -> None:
    with Proxy(login=LOGIN, names=names) as proxy:
        network = typed(proxy, LOGIN)
        if source == "environment":
            user, password = (quote(text, safe="") for text in LOGIN)
            monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://{user}:{password}@{proxy.address}")
            network = Network(proxy="nobody.invalid:1")
        http = http_to(f"{scheme}://{HOST}", network=network)
        assert http.call("GET", "/models") == {"models": []}
        http.put_file(f"{scheme}://{HOST}/file", b"bytes")
        with http.open_file(f"{scheme}://{HOST}/file") as download:
            assert download.content == BODY
        assert proxy.let_through == 3
        assert len(set(proxy.logins)) == 1


def test_a_proxy_that_speaks_https_itself_is_checked_and_used(
    http_to: MakeHttp, names: dict[str, int], authority: Authority
) -> None:
    with Proxy(login=LOGIN, names=names, tls=authority.server("IP:127.0.0.1")) as proxy:
        network = typed(proxy, LOGIN, scheme="https")
        for scheme in ("https", "http"):
            assert http_to(f"{scheme}://{HOST}", network=network).call("GET", "/models") == {"models": []}
        assert proxy.let_through == 2
    with Proxy(names=names, tls=authority.server("DNS:other.example")) as proxy:
        said = refusal(http_to, typed(proxy, scheme="https"))
        assert f"The certificate that answers for the proxy {proxy.address} is another name's" in said
        assert proxy.asked == []


@SCHEMES
def test_a_proxy_that_asks_for_a_password_says_where_to_enter_it(
    http_to: MakeHttp, names: dict[str, int], monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with Proxy(login=LOGIN, names=names) as proxy:
        asks = f"The proxy {proxy.address} asks for a user name and a password; "
        assert refusal(http_to, typed(proxy), scheme) == f"{asks}enter them in the preferences."
        monkeypatch.setenv(f"{scheme.upper()}_PROXY", proxy.address)
        assert refusal(http_to, Network(), scheme).startswith(
            f"{asks}write them into {scheme.upper()}_PROXY, like http"
        )
        assert proxy.let_through == 0


@SCHEMES
def test_a_password_that_is_refused_is_not_sent_again_for_a_while(
    http_to: MakeHttp, names: dict[str, int], scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Proxy(login=LOGIN, names=names) as proxy:
        http = http_to(f"{scheme}://{HOST}", network=typed(proxy, ("zoe", "wrong-hush")))
        for _ in range(3):
            with pytest.raises(NetworkError) as caught:
                http.call("GET", "/models")
            assert caught.value.user_message == (
                f"The proxy {proxy.address} refuses the user name or the password; correct them in the preferences."
            )
            assert type(caught.value) is NetworkError
        assert len(proxy.asked) == 1, "or the account would be locked"
        monkeypatch.setattr(http_module.time, "monotonic", lambda at=http_module.time.monotonic: at() + 601)
        with pytest.raises(NetworkError):
            http.call("GET", "/models", repeat=False)
        assert len(proxy.asked) == 2


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        (answer("407 Authentication", "Proxy-Authenticate: NTLM", "Proxy-Authenticate: Negotiate"), "not supported"),
        (answer("407 A", "Proxy-Authenticate: NTLM", 'Proxy-Authenticate: Basic realm="x"'), "asks for a user name"),
        (answer("403 Forbidden"), f"does not let requests to {HOST} through (403); ask whoever runs it to allow"),
        (answer("502 Bad Gateway"), f"does not reach {HOST} (502); try again later, or ask whoever runs it."),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "is no proxy, or has hung up; check its address in the preferences: host, port"),
        (b"", "is no proxy, or has hung up"),
    ],
    ids=["NTLM", "NTLM or Basic", "403", "502", "ssh", "nothing"],
)
def test_a_proxy_that_lets_nothing_through_is_told(http_to: MakeHttp, answered: bytes, said: str) -> None:
    with Proxy(answers=answered) as proxy:
        assert said in refusal(http_to, typed(proxy))


@SCHEMES
def test_a_proxy_that_is_not_there_is_told(http_to: MakeHttp, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = refusal(http_to, Network(proxy="127.0.0.1:9"), scheme)
    assert said == ("The proxy 127.0.0.1:9 cannot be reached; check the connection, or its address in the preferences.")
    assert refusal(http_to, Network(proxy="socks5://127.0.0.1"), scheme).startswith("The proxy's address in the pref")

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    said = refusal(http_to, Network(proxy="proxy.test:1"), scheme)
    assert said == "The name of the proxy proxy.test:1 cannot be looked up; check its address in the preferences."
    assert refusal(http_to, Network(), scheme).startswith(f"The name {HOST} cannot be looked up; check the connection")


def test_a_certificate_behind_the_proxy_is_said_to_be_the_hosts(
    http_to: MakeHttp, names: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with Proxy(names=names) as proxy:
        said = refusal(http_to, typed(proxy))
    assert said.startswith(f"The certificate of {HOST} is not trusted")


def test_an_https_proxy_that_speaks_none_is_told(http_to: MakeHttp) -> None:
    with StreamHost(lambda: [answer("400 Bad Request")], is_eager=True) as proxy, pytest.raises(TlsError) as caught:
        network = Network(proxy=f"https://127.0.0.1:{proxy.port}")
        http_to(f"https://{HOST}", network=network).call("GET", "/x", repeat=False)
    assert f"What answers for the proxy 127.0.0.1:{proxy.port} does not speak https" in caught.value.user_message


def test_a_proxy_that_says_nothing_is_told(http_to: MakeHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "CONNECT_TIMEOUT_S", 0.2)
    with Proxy(answers=b"") as proxy:  # which waits for a request that TLS does not send
        said = refusal(http_to, typed(proxy, scheme="https"))
    assert said.startswith(f"The proxy {proxy.address} does not answer; check its address in the preferences: host, po")


def test_the_password_is_in_no_log_and_no_error(
    http_to: MakeHttp, names: dict[str, int], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    with Proxy(login=("zoe", "hush-hush-hush"), names=names) as proxy:
        for password in ("hush-hush-hush", "wrong-hush"):
            http = http_to(f"https://{HOST}", network=typed(proxy, ("zoe", password)))
            try:
                http.call("GET", "/models", repeat=False)
            except NetworkError:
                logging.getLogger(__name__).exception("as a careless caller would")
    assert "Traceback" in caplog.text
    assert "hush" not in caplog.text
