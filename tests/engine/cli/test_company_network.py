# SPDX-License-Identifier: GPL-3.0-or-later
"""From a picture to a mesh where a company has its say: a proxy that wants a password, and an authority of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from scenario_addon.engine.ledger.job import State
from scenario_addon.engine.values import Network
from tests.engine.authority import Authority
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Shell
from tests.engine.proxy import Protected, Proxy
from tests.service import Service

LOGIN = ("Zoë@office", "p@ss:w/rd% grüße€")
API, FILES = "api.scenario.test", "files.scenario.test"


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(files_url=f"https://{FILES}") as running:
        yield running


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def proxy(service: Service, authority: Authority) -> Iterator[Proxy]:
    """The only one who knows where the two hosts are, which speak https alone."""
    with ExitStack() as stack:
        names: dict[str, int] = {}
        for host, url in ((API, service.base_url), (FILES, service.files_url)):
            front = Protected(urlsplit(url).port or 0, authority.server(f"DNS:{host}"))
            names[f"{host}:443"] = stack.enter_context(front).port
        yield stack.enter_context(Proxy(login=LOGIN, names=names))


@pytest.fixture
def company(shell: Shell) -> Shell:
    shell.environment["SCENARIO_BASE_URL"] = f"https://{API}/v1"
    return shell


@pytest.mark.parametrize("source", ["environment", "preferences"])
def test_a_mesh_is_made_and_nothing_goes_another_way(
    company: Shell, proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    if source == "environment":
        user, password = (quote(text, safe="") for text in LOGIN)
        monkeypatch.setenv("HTTPS_PROXY", f"http://{user}:{password}@{proxy.address}")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    else:
        network = Network(proxy.address, *LOGIN, certificates=str(authority.certificate))
        company.host = FakeBlender(company.folder, network=network)
    answer = company.generate(company.picture())
    assert answer.code == 0, answer.err
    assert answer.paths[0].is_file()
    assert len(company.service.charges) == 1
    assert {line.split()[0] for line in proxy.asked} == {"CONNECT"}
    assert {line.split()[1] for line in proxy.asked} == {f"{API}:443", f"{FILES}:443"}
    assert not any("proxy-authorization" in request.headers for request in company.service.requests)
    said = answer.out + answer.err + "".join(map(repr, company.jobs))
    assert not any(text in said for text in (LOGIN[1], quote(LOGIN[1], safe="")))


def test_without_the_password_nothing_is_ordered_and_with_it_the_same_command_goes_on(
    company: Shell, proxy: Proxy, authority: Authority
) -> None:
    company.host = FakeBlender(company.folder, network=Network(proxy.address, certificates=str(authority.certificate)))
    answer = company.generate(company.picture())
    assert answer.code == 1
    assert f"The proxy {proxy.address} asks for a user name and a password; enter them in the preferences" in answer.err
    assert company.service.requests == []
    company.host = FakeBlender(
        company.folder, network=Network(proxy.address, *LOGIN, certificates=str(authority.certificate))
    )
    assert company.generate(company.picture()).code == 0
    assert len(company.service.charges) == 1
    assert [job.state for job in company.jobs] == [State.READY]
