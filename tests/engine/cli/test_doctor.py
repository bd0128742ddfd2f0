# SPDX-License-Identifier: GPL-3.0-or-later
"""``doctor``: each thing that can be wrong, with its fix."""

from __future__ import annotations

import json
import shutil
from typing import Any, NamedTuple

import pytest

from scenario_addon.engine.values import Network
from tests.engine.authority import Authority
from tests.engine.cli.fake_blender import FakeBlender
from tests.engine.cli.shell import Answer, Shell
from tests.engine.proxy import Proxy
from tests.engine.streams import StreamHost
from tests.service import Fault


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def check(answer: Answer, name: str) -> dict[str, Any]:
    (found,) = [entry for entry in json.loads(answer.out)["checks"] if entry["name"] == name]
    return found


def failing(answer: Answer) -> list[str]:
    return [entry["name"] for entry in json.loads(answer.out)["checks"] if not entry["ok"]]


def examined(shell: Shell, **change: str) -> Answer:
    answer = shell("doctor", "--json", environment={**shell.environment, **change})
    assert shell.service.secret not in answer.out + answer.err
    assert json.loads(answer.out)["ok"] is (failing(answer) == [])
    for name in failing(answer):
        assert check(answer, name)["text"]
        assert check(answer, name)["fix"].endswith("."), "each failing check says what to do"
    return answer


def test_when_all_is_well_it_says_so(shell: Shell) -> None:
    answer = shell("doctor")
    assert answer.code == 0
    assert all(line.startswith("ok  ") for line in answer.lines)
    assert "credentials: accepted" in answer.out
    assert json.loads(shell("doctor", "--json").out)["ok"] is True


@pytest.mark.parametrize("missing", ["SCENARIO_SDK_API_KEY", "SCENARIO_SDK_API_SECRET"])
def test_half_a_pair_of_credentials_is_told(shell: Shell, missing: str) -> None:
    answer = examined(shell, **{missing: ""})
    assert (answer.code, failing(answer)) == (3, ["key"])
    assert missing in check(answer, "key")["text"]


def test_no_key_is_told(shell: Shell) -> None:
    answer = examined(shell, SCENARIO_SDK_API_KEY="", SCENARIO_SDK_API_SECRET="")
    assert (answer.code, failing(answer)) == (3, ["key"])
    assert "app.scenario.com" in check(answer, "key")["fix"]
    assert shell.service.requests == []


def test_a_wrong_secret_is_told_and_not_shown(shell: Shell) -> None:
    answer = examined(shell, SCENARIO_SDK_API_SECRET="wrong-and-secret")
    assert (answer.code, failing(answer)) == (3, ["credentials"])
    assert check(answer, "connection")["ok"]
    assert "wrong-and-secret" not in answer.out + answer.err


def test_an_address_that_cannot_be_used_is_told(shell: Shell) -> None:
    answer = examined(shell, SCENARIO_BASE_URL="http://example.com")
    assert (answer.code, failing(answer)) == (1, ["service address"])
    assert "SCENARIO_BASE_URL" in check(answer, "service address")["fix"]


def test_a_service_that_does_not_answer_is_told(shell: Shell) -> None:
    answer = examined(shell, SCENARIO_BASE_URL="http://127.0.0.1:1/v1")
    assert (answer.code, failing(answer)) == (1, ["connection"])
    assert "127.0.0.1" in check(answer, "connection")["text"]


@pytest.mark.parametrize(
    ("fault", "options"),
    [
        (Fault.STATUS, {"status": 503}),
        (Fault.STATUS, {"status": 403, "body": {"reason": "Scope"}}),
        (Fault.STATUS, {"status": 429}),
        (Fault.GARBAGE, {}),
        (Fault.REDIRECT, {}),
        (Fault.RESET, {}),
    ],
    ids=["trouble", "forbidden", "too many", "a login page", "redirect", "reset"],
)
def test_a_service_that_answers_strangely_is_told(shell: Shell, fault: Fault, options: dict[str, Any]) -> None:
    shell.service.fail("GET", "/models", fault, times=None, **options)
    answer = examined(shell)
    assert (answer.code, failing(answer)) == (1, ["connection"])


def test_a_proxy_is_named_without_its_password(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://artist:pass-phrase@127.0.0.1:1")
    answer = examined(shell)
    assert failing(answer) == ["connection"]
    assert "through the proxy 127.0.0.1:1" in check(answer, "proxy")["text"]
    assert "pass-phrase" not in answer.out + answer.err


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_a_proxy_that_is_not_for_this_address_is_not_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv(name, "127.0.0.1")
    answer = examined(shell)
    assert answer.code == 0
    assert check(answer, "proxy")["text"] == "direct connection"


def test_the_proxy_of_the_preferences_is_used_and_one_that_cannot_be_is_told(shell: Shell) -> None:
    with Proxy(login=("zoe", "hush")) as proxy:
        shell.host = FakeBlender(shell.folder, network=Network(proxy.address, "zoe", "hush"))
        answer = examined(shell)
        assert answer.code == 0
        assert f"through the proxy {proxy.address} (from the preferences)" in check(answer, "proxy")["text"]
        assert proxy.let_through > 0
    assert "hush" not in answer.out + answer.err
    shell.host = FakeBlender(shell.folder, network=Network("socks5://zoe:hush@proxy"))
    answer = examined(shell)
    assert (answer.code, failing(answer)) == (1, ["proxy"])
    assert "SOCKS" in check(answer, "proxy")["text"]
    assert "hush" not in answer.out + answer.err


def test_certificates_that_are_not_there_are_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/company.pem")
    change = {"REQUESTS_CA_BUNDLE": "/nowhere/company.pem", "SCENARIO_BASE_URL": "https://127.0.0.1:1/v1"}
    answer = examined(shell, **change)
    assert (answer.code, failing(answer)) == (1, ["proxy"])
    assert "/nowhere/company.pem is not there" in check(answer, "proxy")["text"]
    answer = shell.generate(shell.picture(), environment={**shell.environment, **change})
    assert answer.code == 1
    assert "/nowhere/company.pem" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("content", ["", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_file_without_certificates_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    bundle = shell.folder / "company.pem"
    bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with StreamHost(list) as host:
        change = {"REQUESTS_CA_BUNDLE": str(bundle), "SCENARIO_BASE_URL": host.origin.replace("http://", "https://")}
        answer = examined(shell, **change)
        assert (answer.code, failing(answer)) == (1, ["proxy"])
        assert f"{bundle} holds no certificates that can be read" in check(answer, "proxy")["text"]
        assert check(answer, "proxy")["fix"] == "Correct or unset REQUESTS_CA_BUNDLE."
        answer = shell("generate", shell.picture(), environment={**shell.environment, **change})
    assert answer.code == 1
    assert f"{bundle} holds no certificates that can be read; correct or unset REQUESTS_CA_BUNDLE.\n" in answer.err
    assert "Traceback" not in answer.err


def test_a_certificate_for_another_name_is_told(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    with StreamHost(list, tls=authority.server("DNS:elsewhere.example")) as host:
        answer = examined(shell, SCENARIO_BASE_URL=host.origin, REQUESTS_CA_BUNDLE=str(authority.certificate))
    assert (answer.code, failing(answer)) == (1, ["connection"])
    assert check(answer, "connection")["text"] == "The certificate that answers for 127.0.0.1 is another name's"
    assert check(answer, "connection")["fix"].startswith("Check the base URL and the proxy")


def test_a_folder_that_cannot_be_written_is_told(shell: Shell) -> None:
    (shell.folder / "state").write_text("a file")
    answer = examined(shell)
    assert (answer.code, failing(answer)) == (1, ["ledger"])
    assert "SCENARIO_STATE_DIR" in check(answer, "ledger")["fix"]


def test_a_full_disk_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 10**12 - 10**6, 10**6))
    answer = examined(shell)
    assert (answer.code, failing(answer)) == (1, ["ledger"])
    assert "0.0 GB free" in check(answer, "ledger")["text"]


def test_what_is_printed_can_be_shown_to_anybody(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    service = shell.service
    monkeypatch.setenv("https_proxy", "http://ada:pass-phrase@proxy.example:1")
    own = {"HOME": str(shell.folder), "USERPROFILE": str(shell.folder), "STUDIO_TOKEN": "tok-12345678"}
    own |= {"SCENARIO_PROJECT_ID": "project_0123456789", "https_proxy": "http://ada:pass-phrase@proxy.example:1"}
    reason = f"{service.secret} and tok-12345678 and pass-phrase, says {shell.folder}"
    service.fail("GET", r"/models$", Fault.STATUS, times=None, status=403, body={"reason": reason})
    for options in ((), ("--json",)):
        answer = shell("doctor", *options, environment={**shell.environment, **own})
        assert answer.code == 1
        assert "[hidden] and [hidden] and [hidden], says" in answer.out
        assert not any(part in answer.out for part in (service.secret, service.key, "tok-1234", "pass-phrase"))
        is_text = not options
        assert (str(shell.folder) in answer.out, "0123456789" in answer.out) == (not is_text, not is_text)
    assert "says ~" in shell("doctor", environment={**shell.environment, **own}).out


def test_the_project_is_named(shell: Shell) -> None:
    assert "project project_x" in check(examined(shell, SCENARIO_PROJECT_ID="project_x"), "key")["text"]
