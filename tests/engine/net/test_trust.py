# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is trusted: the system and what comes with Blender, a company's own authority besides, never everybody."""

from __future__ import annotations

import ssl
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
import truststore
from requests.exceptions import SSLError
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from scenario_addon.engine.errors import TlsError
from scenario_addon.engine.net import transport
from scenario_addon.engine.net.transport import Session
from scenario_addon.engine.net.trust import Trust, trusted
from scenario_addon.engine.values import Network
from tests.engine.authority import Authority
from tests.engine.canned import CannedHost, canned
from tests.engine.conftest import MakeHttp
from tests.engine.proxy import Protected

BODY = b'{"models": []}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def plain() -> Iterator[int]:
    with CannedHost(canned(body=BODY)) as host:
        yield int(host.origin.rpartition(":")[2])


def get(http_to: MakeHttp, port: int, tls: ssl.SSLContext, network: Network | None = None) -> object:
    with Protected(port, tls) as host:
        return http_to(f"https://127.0.0.1:{host.port}", network=network).call("GET", "/models", repeat=False)


def refusal(http_to: MakeHttp, port: int, tls: ssl.SSLContext, network: Network | None = None) -> str:
    with pytest.raises(TlsError) as caught:
        get(http_to, port, tls, network)
    return caught.value.user_message


# -- a company's own authority


@pytest.mark.parametrize("kind", ["PEM", "DER", "folder", "with notes"])
@pytest.mark.parametrize("trusts_system", [True, False])
def test_a_chosen_file_or_folder_is_trusted_besides(
    http_to: MakeHttp, plain: int, authority: Authority, tmp_path: Path, kind: str, trusts_system: bool
) -> None:
    place, pem = tmp_path / "Firma für alle" / "ca.crt", authority.certificate.read_text(encoding="ascii")
    place.parent.mkdir()
    if kind == "DER":
        place.write_bytes(ssl.PEM_cert_to_DER_cert(pem))
    else:
        place.write_text(("Aussteller: Zoë\n" if kind == "with notes" else "") + pem, encoding="utf-8")
        place.with_name("read me.txt").write_text("not one")
        place = place.parent if kind == "folder" else place
    network, tls = Network(certificates=str(place), trusts_system=trusts_system), authority.server("IP:127.0.0.1")
    assert get(http_to, plain, tls, network) == {"models": []}
    assert "is not trusted" in refusal(http_to, plain, tls)
    assert str(place) in str(trusted(network, {}))


def test_a_folder_that_is_made_for_openssl_is_left_to_it(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "0a1b2c3d.0").write_bytes(authority.certificate.read_bytes())
    (tmp_path / "all.pem").write_bytes(authority.certificate.read_bytes())
    assert Trust(str(tmp_path)).context().get_ca_certs() == [], "it looks for what it needs"
    assert Trust(str(tmp_path)).problem() is None


@pytest.mark.parametrize("content", [None, b"", b"garbage\0\xff", b"-----BEGIN CERTIFICATE-----\nAAAA\n", "folder"])
def test_a_chosen_file_without_certificates_is_told(
    http_to: MakeHttp, plain: int, authority: Authority, tmp_path: Path, content: bytes | str | None
) -> None:
    place = tmp_path / "company.pem"
    if isinstance(content, bytes):
        place.write_bytes(content)
    elif content:
        place.mkdir()
        (place / "notes.txt").write_text("nothing")
    said = refusal(http_to, plain, authority.server("IP:127.0.0.1"), Network(certificates=str(place)))
    assert str(place) in said
    assert said.endswith("; choose another one in the preferences.")


def test_what_the_environment_names_is_trusted_alone(authority: Authority, tmp_path: Path) -> None:
    network = Network(certificates=str(tmp_path / "none.pem"))
    for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):  # the later ones win over the former
        environment = {name: str(authority.certificate), "SSL_CERT_FILE": str(authority.certificate)}
        found = trusted(network, environment)
        assert found == Trust(str(authority.certificate), variable=name)
        assert len(found.context().get_ca_certs()) == 1
        assert name in str(found)


def test_the_file_that_blender_names_itself_does_not_keep_the_system_out() -> None:
    assert trusted(Network(), {"SSL_CERT_FILE": DEFAULT_CA_BUNDLE_PATH}) == trusted(Network(), {})


# -- the system's store


@pytest.mark.skipif(sys.platform != "linux", reason="the store of other systems cannot be another one for a test")
def test_what_the_system_trusts_is_trusted_unless_that_is_not_wanted(
    http_to: MakeHttp, plain: int, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = authority.server("IP:127.0.0.1")
    assert "is not trusted" in refusal(http_to, plain, tls)
    monkeypatch.setattr(transport, "trusted", lambda network: trusted(network, {}))
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))  # which OpenSSL alone is told of: the system's
    assert get(http_to, plain, tls) == {"models": []}
    assert "is not trusted" in refusal(http_to, plain, tls, Network(trusts_system=False))
    assert "another name's" in refusal(http_to, plain, authority.server("DNS:other.example"))


def test_without_truststore_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "truststore", None)
    found = trusted(Network(), {})
    assert not found.uses_system
    assert "of this computer" not in str(found)
    assert len(found.context().get_ca_certs()) > 20


def test_nothing_of_pythons_is_replaced_for_others() -> None:
    before = ssl.SSLContext
    context = trusted(Network(), {}).context()
    assert isinstance(context, truststore.SSLContext)
    assert ssl.SSLContext is before and not issubclass(before, truststore.SSLContext)


@pytest.mark.parametrize("uses_system", [True, False])
def test_names_and_certificates_are_always_checked(uses_system: bool) -> None:
    context = Trust(DEFAULT_CA_BUNDLE_PATH, uses_system=uses_system).context()
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("verify", [False, None, "", "/nowhere"])
def test_no_switch_of_requests_turns_the_check_off(plain: int, authority: Authority, verify: object) -> None:
    with Protected(plain, authority.server("IP:127.0.0.1")) as host, Session(Network()) as session:
        session.verify = verify  # type: ignore[assignment]
        with pytest.raises(SSLError, match="unable to get local issuer"):
            session.get(f"https://127.0.0.1:{host.port}/", verify=verify, timeout=20)


# -- what is not trusted, in its own words


@pytest.mark.parametrize("trusts_system", [True, False])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("expired", "The certificate of 127.0.0.1 has expired; check this computer's date and time; else it has"),
        ("wrong host", "The certificate that answers for 127.0.0.1 is another name's; check the base URL"),
        ("self-signed", "The certificate of 127.0.0.1 is signed by itself alone, so nobody vouches for it; behind a"),
        ("unknown authority", "The certificate of 127.0.0.1 is not trusted (unable to get local issuer certificate);"),
        ("downgraded", "What answers for 127.0.0.1 offers outdated protection alone (older than TLS 1.2); have it"),
    ],
)
def test_each_kind_has_its_words_and_nothing_is_sent(
    http_to: MakeHttp, authority: Authority, tmp_path: Path, trusts_system: bool, kind: str, said: str
) -> None:
    tls = authority.server("IP:127.0.0.1", days=-1 if kind == "expired" else 30)
    if kind == "wrong host":
        tls = authority.server("DNS:other.example")
    elif kind == "self-signed":
        tls = authority.signed_by_itself()
    elif kind == "unknown authority":
        tls = Authority(tmp_path).server("IP:127.0.0.1")
    elif kind == "downgraded":
        tls.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    network = Network(certificates=str(authority.certificate), trusts_system=trusts_system)
    with CannedHost(canned(body=BODY)) as host:
        assert refusal(http_to, int(host.origin.rpartition(":")[2]), tls, network).startswith(said)
    assert host.requests == []
