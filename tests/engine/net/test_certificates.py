# SPDX-License-Identifier: GPL-3.0-or-later
"""No protected connection: each cause has its sentence, and nothing was sent."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from scenario_addon.engine.api import http as http_module
from scenario_addon.engine.errors import NetworkError, TlsError, Unanswered
from scenario_addon.engine.net.certificates import tls_error
from scenario_addon.engine.net.trust import trusted
from scenario_addon.engine.values import Network
from tests.engine.authority import Authority
from tests.engine.canned import canned
from tests.engine.conftest import MakeHttp
from tests.engine.streams import StreamHost, head

BODY: Final = b'{"models": []}'


def answer() -> Iterable[bytes]:
    return [head(f"Content-Length: {len(BODY)}"), BODY]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))


def refusal(http_to: MakeHttp, origin: str) -> TlsError:
    with pytest.raises(TlsError) as caught:
        http_to(origin).call("POST", "/x", repeat=False)
    assert caught.value.user_message == f"{caught.value.what}; {caught.value.fix}."
    return caught.value


# -- real connections


@pytest.mark.usefixtures("trust")
def test_a_trusted_certificate_lets_everything_through(http_to: MakeHttp, authority: Authority) -> None:
    with StreamHost(answer, tls=authority.server("IP:127.0.0.1")) as host:
        http = http_to(host.origin)
        assert [http.call("GET", "/x") for _ in range(3)] == [{"models": []}] * 3
        with http.open_file(f"{host.origin}/file") as download:
            assert download.content == BODY
    assert host.connections == 1


@pytest.mark.usefixtures("trust")
@pytest.mark.parametrize("what", ["headers", "body"])
def test_an_answer_that_drips_over_tls_is_given_up_in_time(
    http_to: MakeHttp, authority: Authority, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(http_module, "ANSWER_TIMEOUT_S", 0.3)

    def drip() -> Iterable[bytes]:
        if what == "body":
            yield head("Content-Length: 5000")
        yield from (b"H" for _ in range(5_000))

    with StreamHost(drip, pause_s=0.01, tls=authority.server("IP:127.0.0.1")) as host:
        started_s = time.monotonic()
        with pytest.raises(Unanswered, match="within 0 s"):
            http_to(host.origin).call("POST", "/x", repeat=False)
        assert time.monotonic() - started_s < 5.0


def test_an_authority_that_nobody_knows_is_named(http_to: MakeHttp, authority: Authority) -> None:
    with StreamHost(answer, tls=authority.server("IP:127.0.0.1")) as host:
        error = refusal(http_to, host.origin)
    assert error.user_message == (
        "The certificate of 127.0.0.1 is not trusted (unable to get local issuer certificate); behind a company proxy, "
        "choose its certificate file in the preferences, or point REQUESTS_CA_BUNDLE to it."
    )
    assert host.requests == []


@pytest.mark.usefixtures("trust")
def test_a_certificate_for_another_name_is_told(http_to: MakeHttp, authority: Authority) -> None:
    for name in ("DNS:files.example", "IP:127.0.0.2"):
        with StreamHost(answer, tls=authority.server(name)) as host:
            assert "The certificate that answers for 127.0.0.1 is another name's; check" in str(
                refusal(http_to, host.origin)
            )
        assert host.requests == []


@pytest.mark.usefixtures("trust")
def test_a_certificate_that_has_expired_is_told(http_to: MakeHttp, authority: Authority) -> None:
    with StreamHost(answer, tls=authority.server("IP:127.0.0.1", days=-1)) as host:
        assert "127.0.0.1 has expired; check this computer's date" in str(refusal(http_to, host.origin))


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        (canned("400 Bad Request"), "127.0.0.1 does not speak https; check the address"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "127.0.0.1 does not speak https; check the address"),
        (b"\x15\x03\x01\0\x02\x02\x28", "found no protected connection; check the proxy"),  # a refusal as TLS has it
        (b"\x15\x03\x01\0\x02\x02\x46", "offers outdated protection alone"),
    ],
    ids=["http", "ssh", "handshake", "version"],
)
def test_what_speaks_no_tls_or_another_one_is_told(http_to: MakeHttp, greeting: bytes, said: str) -> None:
    with StreamHost(lambda: [greeting], is_eager=True) as host:
        assert said in str(refusal(http_to, host.origin.replace("http://", "https://")))
    assert host.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("content", [None, b"", b"garbage\0\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_bundle_without_certificates_is_told(
    http_to: MakeHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, content: bytes | None
) -> None:
    bundle = tmp_path / "company.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv(variable, str(bundle))
    with StreamHost(answer) as host:
        error = refusal(http_to, host.origin.replace("http://", "https://"))
    wrong = "is not there" if content is None else "holds no certificates that can be read"
    assert f"{bundle} {wrong}; correct or unset {variable}." in error.user_message


def test_a_missing_bundle_is_told_for_downloads_and_uploads_too(
    http_to: MakeHttp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    http = http_to("https://127.0.0.1:9")
    for ask in (lambda: http.open_file("https://127.0.0.1:9/a"), lambda: http.put_file("https://127.0.0.1:9/a", b"x")):
        with pytest.raises(TlsError, match=r"none\.pem is not there"):
            ask()


def test_the_bundle_that_comes_along_is_sound() -> None:
    assert trusted(Network(), {}).problem() is None


# -- what the libraries may call it


def verification(code: int, text: str = "certificate verify failed") -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, text)
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (verification(9), "is not valid yet; check this computer's date"),
        (verification(10), "has expired; check this computer's date"),
        (verification(18), "is signed by itself alone"),
        (verification(19), "is not trusted"),
        (verification(20), "is not trusted"),
        (verification(23), "was revoked"),
        (verification(62), "is another name's"),
        (verification(64), "is another name's"),
        (verification(0x800B0101), "has expired"),  # as Windows says it, and macOS
        (verification(0x800B010F), "is another name's"),
        (verification(0x80092010), "was revoked"),
        (verification(-67818), "has expired"),
        (verification(-67602), "is another name's"),
        (ssl.CertificateError("hostname 'x' doesn't match 'y'"), "is another name's"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), "does not speak https"),
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_PROTOCOL_VERSION] alert"), "offers outdated protection alone"),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), "found no protected connection"),
    ],
)
def test_each_cause_has_its_own_words(error: Exception, said: str) -> None:
    wrapped = NetworkError("outer")
    wrapped.__cause__ = RuntimeError("inner", error)
    problem = tls_error(wrapped, "api.example")
    assert problem is not None
    assert said in problem.user_message
    assert problem.user_message.endswith(".")


def test_what_is_not_about_protection_is_left_to_others() -> None:
    assert tls_error(OSError("unreachable"), "api.example") is None
