# SPDX-License-Identifier: GPL-3.0-or-later
"""The service and its file host, asked for nothing that costs, and this computer's clock beside theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scenario_addon.engine.errors import ConfigError
from scenario_addon.engine.examination.service import service_checks
from scenario_addon.engine.host import Check
from scenario_addon.engine.settings import credentials_from_environment
from tests.engine.streams import StreamHost
from tests.service import Fault, Service


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    yield


def checked(service: Service, **environment: str) -> Mapping[str, Check]:
    credentials = credentials_from_environment({**service.environment, **environment})
    checks = service_checks(credentials, environment={}, user_agent="test", sleep=lambda seconds: None)
    return {check.name: check for check in checks}


def failing(found: Mapping[str, Check]) -> list[str]:
    return [check.name for check in found.values() if not check.ok]


def test_all_is_asked_and_nothing_is_paid_or_changed(service: Service) -> None:
    found = checked(service)
    assert failing(found) == []
    assert list(found) == ["key", "proxy", "TLS", "connection", "credentials", "clock", "account", "file host"]
    assert found["account"].text == "Team Sandbox, project Sandbox Project, plan cu-pro"
    assert found["account"].reported == "a team, a project, plan cu-pro"
    assert found["clock"].text == "agrees with the service's"
    assert found["file host"].text.startswith("127.0.0.1 answers")
    assert {request.method for request in service.requests} == {"GET"}
    assert service.charges == []


def test_the_project_is_cut_short_in_a_report_only(service: Service) -> None:
    found = checked(service, SCENARIO_PROJECT_ID="project_0123456789")["key"]
    assert found.text.endswith(", project project_0123456789")
    assert found.reported.endswith(", project project_0123…")


@pytest.mark.parametrize(
    ("hours", "told"), [(5, "5 h 0 min slow"), (-0.2, "12 min fast"), (0.05, ""), (-24 * 400, "9600 h 0 min fast")]
)
def test_a_clock_that_is_off_is_told(service: Service, hours: float, told: str) -> None:
    service.fail("GET", r"/models$", Fault.CLOCK_SKEW, times=None, hours=hours)
    found = checked(service)
    assert failing(found) == (["clock"] if told else [])
    assert told in found["clock"].text


def test_a_clock_is_told_beside_a_key_that_is_refused(service: Service) -> None:
    assert failing(checked(service, SCENARIO_SDK_API_SECRET="another")) == ["credentials"]
    assert "clock" in checked(service, SCENARIO_SDK_API_SECRET="another")


def test_without_a_date_nothing_is_said_of_the_clock(service: Service) -> None:
    body = b'{"models": []}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body)
    with StreamHost(lambda: [answer]) as host:
        assert "clock" not in checked(service, SCENARIO_BASE_URL=host.origin)


@pytest.mark.parametrize(
    ("fault", "options", "told"),
    [
        (Fault.RESET, {}, "The connection to 127.0.0.1 was lost"),
        (Fault.STATUS, {"status": 503}, "127.0.0.1 gives no file"),
        (Fault.STATUS, {"status": 407}, "127.0.0.1 gives no file"),
        (Fault.STATUS, {"status": 404}, ""),
        (Fault.REDIRECT, {"to": "ftp://127.0.0.1/x"}, "not valid"),
    ],
)
def test_a_file_host_that_gives_nothing_is_told(
    service: Service, fault: Fault, options: Mapping[str, Any], told: str
) -> None:
    service.fail("GET", "/thumbnails", fault, times=None, **options)
    found = checked(service)
    assert failing(found) == (["file host"] if told else [])
    assert told in found["file host"].text


def test_a_dead_file_host_is_told_with_its_name(service: Service) -> None:
    page = {"models": [{"id": "m", "thumbnail": {"url": "http://127.0.0.1:1/thumbnails/m"}}]}
    service.fail("GET", r"/models$", Fault.STATUS, times=None, status=200, body=page)
    found = checked(service)
    assert failing(found) == ["file host"]
    assert "127.0.0.1 cannot be reached" in found["file host"].text
    assert "Let this computer reach 127.0.0.1" in found["file host"].fix


def test_where_no_file_is_named_none_is_invented(service: Service) -> None:
    service.fail("GET", r"/models$", Fault.STATUS, times=None, status=200, body={"models": [{"id": "m"}]})
    assert checked(service)["file host"] == Check(
        "file host", True, "not asked: the service names no file that could be looked at"
    )


@pytest.mark.parametrize("status", [403, 404])
def test_a_key_that_may_not_say_whose_it_is_is_in_order(service: Service, status: int) -> None:
    service.fail("GET", r"/teams$", Fault.STATUS, times=None, status=status)
    found = checked(service)
    assert (failing(found), found["account"].text) == ([], "not told to this key")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "all_proxy"])
def test_a_proxy_is_named_with_where_it_is_set(
    service: Service, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://ada:pass-phrase@127.0.0.1:1")
    found = checked(service)
    assert failing(found) == ["connection"]
    assert found["proxy"].text == f"through the proxy 127.0.0.1:1 (from {variable.upper()})"


def test_nobody_is_asked_without_leave(service: Service) -> None:
    credentials = credentials_from_environment(service.environment)
    checks = service_checks(credentials, environment={}, user_agent="test", may_ask=False)
    assert [check.name for check in checks] == ["key"]
    assert service.requests == []


def test_in_blender_the_preferences_are_named_as_the_place_to_mend_it() -> None:
    for found, name in ((None, "key"), (ConfigError("No address."), "service address")):
        (check,) = service_checks(found, environment={}, user_agent="test", in_blender=True, may_ask=False)
        assert (check.name, "in the preferences" in check.fix) == (name, True)
