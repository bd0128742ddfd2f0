# SPDX-License-Identifier: GPL-3.0-or-later
"""From a blockout to a mesh in its place by two clicks, and the pictures of it seen before."""

import pytest

from tests.gui.driver import TALL, Window
from tests.gui.quick_service import QuickService
from tests.profile import Profile

WALK = "tests.gui.walk_objects:"


@pytest.mark.timeout(400)
def test_a_click_on_a_blockout_and_one_on_generate_put_a_mesh_in_its_place(
    profile: Profile, service: QuickService
) -> None:
    walk = f"{WALK}becomes_a_mesh"
    with Window(profile, walk, environment=service.environment, size=TALL) as window:
        result = window.result(timeout_s=300)
    assert "Nothing is selected" in result["nothing"]
    assert result["found"]["is cube hidden"] and result["undone"]
    assert result["found"]["middle"][:2] == pytest.approx([1, 2], abs=0.01)
    print(f"longest tick {result['longest_s']:.2f} s")


@pytest.mark.one_window
@pytest.mark.timeout(400)
def test_the_pictures_are_seen_before_anything_is_ordered_and_esc_ends_them(
    profile: Profile, service: QuickService
) -> None:
    with Window(profile, f"{WALK}is_seen_before", environment=service.environment) as window:
        result = window.result(timeout_s=300)
    assert all(side in result["seen"] for side in ("Front", "Left", "Right", "Back", "In place of Cube"))
    assert result["busy"] and "cancelled" in result["told"]
    assert result["jobs"] == 0


@pytest.mark.one_window
def test_what_a_viewport_and_a_camera_show_is_seen_in_the_tab_without_a_click(
    profile: Profile, service: QuickService
) -> None:
    with Window(profile, f"{WALK}is_shown_as_drawn", environment=service.environment) as window:
        result = window.result()
    assert [problem for problem, _ in result["found"].values()] == [None, None]
    assert result["is still"]
    print(result["found"])
