# SPDX-License-Identifier: GPL-3.0-or-later
"""Doctor while Blender runs: nothing waits for it, what is there can be seen, and what is copied names nobody."""

from __future__ import annotations

import threading

import bpy
import pytest

from scenario_addon.blender.app.session import session
from scenario_addon.blender.examining import examination
from scenario_addon.blender.examining.examination import begin, latest, report, wait
from scenario_addon.engine.errors import ConfigError, InputError
from scenario_addon.engine.host import Check
from tests.blender.live import Live, preferences

WELL = [Check("second Blender", True, "starts in 1.0 s")]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another Blender that takes no time."""
    monkeypatch.setattr(examination, "second_blender", lambda: lambda: WELL)


@pytest.mark.usefixtures("quick")
def test_all_is_found_in_the_order_in_which_it_would_fail(live: Live) -> None:
    assert latest() is None
    begin()
    wait()
    made = latest()
    assert made is not None
    names = [check.name for check in made.checks]
    assert names == [
        *("Blender", "online access", "graphics card", "versions", "ledger", "jobs", "second Blender"),
        *("key", "proxy", "TLS", "connection", "credentials", "clock", "account", "file host"),
    ]
    assert [check.name for check in made.checks if not check.ok] == []
    assert live.service.charges == []
    assert bpy.app.version_string in report()


def test_nothing_waits_for_what_takes_long(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = threading.Event()

    def slow() -> list[Check]:
        may_end.wait(30)
        return WELL

    monkeypatch.setattr(examination, "second_blender", lambda: slow)
    begin()
    made = latest()
    assert made is not None
    assert "disk" in made.missing, "the answer comes with the timer, not before"
    live.pump_until(lambda: made.missing == ["second Blender"])
    assert session.is_busy, "the timer runs on"
    assert made.checks[-1].name == "file host"
    with pytest.raises(InputError, match="wait until it is done"):
        report()
    may_end.set()
    live.pump_until(lambda: not made.missing)


@pytest.mark.usefixtures("quick")
def test_without_a_key_the_way_to_the_preferences_is_told(keyless: Live) -> None:
    preferences()
    begin()
    wait()
    (bad,) = [check for check in latest().checks if not check.ok]
    assert bad.name == "key"
    assert "in the preferences" in bad.fix


@pytest.mark.usefixtures("quick")
def test_without_leave_nobody_is_asked(live: Live) -> None:
    live.ask_for_permission(allowed=False)
    begin()
    wait()
    assert [check.name for check in latest().checks if not check.ok] == ["online access"]
    assert live.service.requests == []


@pytest.mark.usefixtures("quick")
def test_a_part_that_breaks_is_a_line_of_its_own(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    def lack() -> list[Check]:
        raise ModuleNotFoundError(name="pydantic")

    def refuse() -> list[Check]:
        raise ConfigError("It is not there: put it there.")

    made = examination.Examination()
    for part, work in (("disk", lack), ("service", refuse)):
        made.look_at(part, work)
        session.tasks.wait(f"doctor {part}")
    told = [check.text for check in made.checks if not check.ok]
    assert told[0].startswith("This Blender lacks the Python module pydantic: install")
    assert told[1] == "It is not there: put it there."


@pytest.mark.usefixtures("quick")
def test_what_was_found_goes_with_the_key(live: Live) -> None:
    begin()
    session.reconnect()
    assert latest() is None
    assert not session.tasks.is_running("doctor service")


@pytest.mark.usefixtures("quick")
def test_the_report_holds_no_secret_and_nobodys_name(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:pass-phrase@proxy.example:1")
    monkeypatch.setenv("STUDIO_TOKEN", "tok-12345678")
    secret = live.service.secret
    bad = Check("second Blender", False, f"does not start ({secret}, tok-12345678, pass-phrase, C:\\Users\\Ada L\\x)")
    monkeypatch.setattr(examination, "second_blender", lambda: lambda: [bad])
    begin()
    wait()
    text = report()
    assert "FAIL  second Blender: does not start ([hidden], [hidden], [hidden], ~\\x)" in text
    assert not any(part in text for part in (secret, live.service.key, "Team Sandbox", "pass-phrase", "Ada"))
