# SPDX-License-Identifier: GPL-3.0-or-later
"""The Scenario tab in a window: from an empty profile to a mesh, what it costs, and what is said when it fails."""

from typing import Any

import pytest

from tests.gui.driver import NARROW, TALL, Window
from tests.profile import Profile
from tests.service import Service

WALKS = "tests.gui.walk_panel"


def _open(
    walk: str,
    profile: Profile,
    service: Service,
    *,
    online: bool = True,
    size: tuple[int, int] = NARROW,
    **arguments: str,
) -> Window:
    """A window of somebody whose key is in the environment."""
    return Window(
        profile, f"{WALKS}:{walk}", environment=service.environment, arguments=arguments, online=online, size=size
    )


def _do(walk: str, profile: Profile, service: Service, **more: Any) -> Any:
    with _open(walk, profile, service, **more) as window:
        return window.result()


def test_first_use_leads_from_an_empty_profile_to_a_mesh_on_the_cursor(
    profile: Profile, service: Service, picture: str
) -> None:
    arguments = {"picture": picture, "key": service.key, "secret": service.secret}
    environment = {"SCENARIO_BASE_URL": service.base_url}
    with Window(profile, f"{WALKS}:first_use", environment=environment, arguments=arguments) as window:
        found = window.result()
    assert "Enter your Scenario API key and secret in the preferences Open Preferences" in " ".join(found["said"])
    assert "Generate" in found["button"] and "10.5 CU" in found["button"]
    assert found["base"] == pytest.approx([1.0, 2.0, 0.5], abs=1e-4)
    assert found["selected"] and found["packed"] and found["collection"] == "robot"
    assert found["left by undo"] == found["lost by undo"] == []
    assert found["back"] == 1
    assert len(service.charges) == 1


def test_the_price_on_the_button_follows_the_settings_and_above_the_limit_only_a_yes_orders(
    profile: Profile, service: Service, picture: str
) -> None:
    found = _do("sees_the_price", profile, service, picture=picture)
    first, changed, asked_again = found["buttons"]
    assert "10.5 CU" in first and "CU" not in changed and "12 CU" in asked_again
    assert set(found["declined"].values()) == {0}, found["declined"]
    assert (found["accepted"], found["repeated"]) == (1, 1)
    assert [charge.cost_cu for charge in service.charges] == [12]
    # One for each price on the button, one of the job itself before it spends anything.
    assert sum("dryRun" in request.query for request in service.requests) == 3


@pytest.mark.one_window
def test_without_permission_to_go_online_the_tab_says_so_and_nothing_is_sent(
    profile: Profile, service: Service, picture: str
) -> None:
    found = _do("stays_offline", profile, service, picture=picture, online=False)
    assert "Blender may not go online" in found["said"]
    assert "Allow Online Access" in found["said"]
    assert found["jobs"] == 0
    assert not service.requests


@pytest.mark.one_window
def test_a_failed_job_says_why_in_full_and_what_to_do_and_that_can_be_copied(
    profile: Profile, service: Service, picture: str
) -> None:
    reason = "The provider could not reconstruct a mesh from this image: no subject was found in front of the ground."
    hint = "Use one subject on a plain background."
    service.fail_job(reason, hint)
    found = _do("reads_of_a_failure", profile, service, size=TALL, picture=picture)
    assert f"{reason} {hint}" in " ".join(found["said"])
    assert found["copied"] == f"{reason} {hint}"
